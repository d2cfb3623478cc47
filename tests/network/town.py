"""A town hall's counter in a laboratory: hub, relay, proxy and desk on hosts of their own, the real programs.

    with Town(tmp_path) as town:
        town.lab.allow("kiosk", ("tcp", 443))
        town.start_desk()
        async with town.terminal() as resident: ...     # a real agent; the test is its screen
        town.desk_says(lambda said: said["face"] > 10)

Hub and relay have names, a certificate of a local authority, and port 443 each. Names are no matter of a
network namespace: each program has an /etc/hosts of its own, the terminal behind the proxy one without them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Self

from tests.fakes.certificates import certify
from tests.fakes.mounts import private_mounts
from tests.kiosk.agent.agent_rig import Resident
from tests.network.lab import Lab

ROOT = Path(__file__).resolve().parents[2]
PROXY_PORT = 3128
PASSWORD, PROXY_WORD, SECRET = "a good password", "hall-word", "shared-secret-of-a-laboratory-0123456789"
PATIENCE_S = 30.0

IN_ITS_NAMES = ["sh", "-ec", 'mount --bind "$1" /etc/hosts; shift; exec "$@"', "-"]
"""Behind `private_mounts()`: a program that knows the names of a file, and nobody else does."""

HUB = """\
content: {root}/config/municipalities
listen: {{host: 0.0.0.0, port: 443, names: [hub.example], certificate: {chain}, private_key: {key}}}
database: {{path: {here}/hub.db}}
keys: {{directory: {here}/keys}}
captures: {{directory: {here}/captures}}
ice_servers:
  - urls: ["stun:relay.example:3478"]
  - urls: ["turn:relay.example:3478", "turn:relay.example:3478?transport=tcp",
           "turns:relay.example:443?transport=tcp"]
    secret_file: {here}/relay.secret
"""
KIOSK = """\
device: taiken-1
hub: {{url: "wss://hub.example/ws/kiosk", name: madoguchi-hub}}
place: {{municipality_name: みなみ市, telephone: 0000-00-1100}}
cameras:
  face: {{kind: synthetic, width: 320, height: 240, fps: 10}}
  document: {{kind: synthetic, width: 640, height: 360, fps: 5}}
audio: {{kind: silent}}
paths: {{run: {here}/run, data: {here}/data}}
"""
PROXY = """\
network:
  proxy: http://{address}:{port}
  proxy_user: hall
  proxy_password_file: {here}/proxy.password
"""


class Town:
    """Use as a context manager. `log(name)` has what a program said."""

    def __init__(self, here: Path) -> None:
        self.here = here
        self.lab = Lab("kiosk", "desk", "hub", "relay", "proxy")
        self._said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._desk: subprocess.Popen[Any] | None = None

    def __enter__(self) -> Self:
        self.lab.__enter__()
        try:
            self._found()
        except BaseException:
            self.lab.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.lab.close()

    def log(self, name: str) -> str:
        return (self.here / f"{name}.log").read_text("utf-8", "replace")

    # ------------------------------------------------------------------ the desk

    def start_desk(self) -> None:
        """An operator who is available, call after call."""
        command = [sys.executable, "-m", "tests.network.desk_peer", "https://hub.example", "hana", PASSWORD]
        with (self.here / "desk.log").open("ab") as log:
            self._desk = self.lab.popen(
                "desk", self._knowing("all", command), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=log, text=True, env=self._environment(), cwd=ROOT,
            )  # fmt: skip
        threading.Thread(target=self._listen, args=(self._desk,), daemon=True).start()
        self.desk_says(lambda said: said.get("ready"))

    def tell_desk(self, word: str) -> None:
        assert self._desk is not None
        assert self._desk.stdin is not None
        self._desk.stdin.write(word + "\n")
        self._desk.stdin.flush()

    def desk_says(self, fits: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
        """Waits until what the desk has received fits."""
        until, last = time.monotonic() + PATIENCE_S, None
        while time.monotonic() < until:
            with contextlib.suppress(queue.Empty):
                last = self._said.get(timeout=0.2)
                if fits(last):
                    return last
        raise AssertionError(f"the desk said last {last}\n{self.log('desk')[-2000:]}")

    def _listen(self, desk: subprocess.Popen[Any]) -> None:
        assert desk.stdout is not None
        for line in desk.stdout:
            self._said.put(json.loads(line))

    # ------------------------------------------------------------------ the terminal

    @contextlib.asynccontextmanager
    async def terminal(self, *, by_proxy: bool = False) -> AsyncIterator[Resident]:
        """The real agent. By the proxy it knows nobody's name, only the proxy's address."""
        (self.here / "run" / "ui.sock").unlink(missing_ok=True)
        network = PROXY.format(here=self.here, address=self.lab.address("proxy"), port=PROXY_PORT)
        settings = KIOSK.format(here=self.here) + (network if by_proxy else "")
        (self.here / "kiosk.yaml").write_text(settings, "utf-8")
        with (self.here / "agent.log").open("wb") as log:
            agent = self.lab.popen(
                "kiosk", self._knowing("nobody" if by_proxy else "all", self._agent("--log-level", "debug")),
                stdout=log, stderr=log, cwd=ROOT, env=self._environment(),
            )  # fmt: skip
        try:
            await until((self.here / "run" / "ui.sock").exists, "the agent's socket")
            resident = Resident(self.here / "run" / "ui.sock")
            yield resident
            resident.leave()
        finally:
            agent.terminate()
            await asyncio.to_thread(agent.wait, PATIENCE_S)

    def close_relay_udp(self) -> None:
        """The relay loses the terminal over UDP, both ways, as when a firewall forgets what it had let in."""
        kiosk = self.lab.address("kiosk")
        rules = f"""
            table ip closed {{
              chain to {{ type filter hook output priority 0; ip daddr {kiosk} meta l4proto udp drop; }}
              chain from {{ type filter hook input priority 0; ip saddr {kiosk} meta l4proto udp drop; }}
            }}
        """
        self.lab.run("relay", ["nft", "-f", "-"], input=rules, text=True, check=True)

    def heal(self) -> None:
        """Every line as at the beginning."""
        self.lab.heal("kiosk")
        self.lab.run("relay", ["nft", "flush", "ruleset"], check=True)

    def ways(self) -> list[str]:
        """How each epoch so far reached the relay, as the agent's log has it."""
        return re.findall(r"way to the relay chosen way=(\w+)", self.log("agent"))

    # ------------------------------------------------------------------ inside

    def _found(self) -> None:
        made = certify(self.here, "hub.example", "relay.example")
        self._authority = made.authority
        self._names = {f"{host}.example": self.lab.address(host) for host in ("hub", "relay")}
        own = "127.0.0.1 localhost\n"
        (self.here / "nobody.hosts").write_text(own)
        (self.here / "all.hosts").write_text(own + "".join(f"{a} {n}\n" for n, a in self._names.items()))
        for name, word in (("relay.secret", SECRET), ("proxy.password", PROXY_WORD)):
            (self.here / name).write_text(word + "\n")
            (self.here / name).chmod(0o600)
        (self.here / "run").mkdir()
        (self.here / "hub.yaml").write_text(
            HUB.format(root=ROOT, here=self.here, chain=made.chain, key=made.key), "utf-8"
        )
        (self.here / "kiosk.yaml").write_text(KIOSK.format(here=self.here), "utf-8")
        hub = [sys.executable, "-m", "hub", "--config", str(self.here / "hub.yaml")]
        key = self._tool(self._agent("--make-key")).strip()
        at = ["--municipality", "minami"]
        self._tool([*hub, "add-operator", "hana", "--display", "花", *at], said=PASSWORD)
        self._tool([*hub, "add-kiosk", "taiken-1", *at, "--site", "taiken", "--public-key", key])
        self._start("hub", hub)
        self._start(
            "proxy",
            [sys.executable, "-m", "tests.fakes.connect_proxy", str(PROXY_PORT), f"hall:{PROXY_WORD}"],
        )
        relay = self.lab.address("relay")
        self._start(
            "relay",
            ["sh", str(ROOT / "config/coturn/start.sh"), str(self.here / "relay.secret"),
             f"--listening-ip={relay}", f"--relay-ip={relay}", f"--allowed-peer-ip={relay}",
             f"--cert={made.chain}", f"--pkey={made.key}"],
        )  # fmt: skip
        for host, port in (("hub", 443), ("relay", 443), ("proxy", PROXY_PORT)):
            self._listens(host, port)

    def _agent(self, *options: str) -> list[str]:
        return [sys.executable, "-m", "kiosk.agent", "--config", str(self.here / "kiosk.yaml"), *options]

    def _knowing(self, hosts: str, command: list[str]) -> list[str]:
        return [*private_mounts(), *IN_ITS_NAMES, str(self.here / f"{hosts}.hosts"), *command]

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "SSL_CERT_FILE": str(self._authority),
            "RUNTIME_DIRECTORY": str(self.here / "run"),
        }

    def _start(self, host: str, command: list[str]) -> None:
        with (self.here / f"{host}.log").open("wb") as log:
            self.lab.popen(
                host, self._knowing("all", command), stdout=log, stderr=log, env=self._environment(), cwd=ROOT
            )

    def _listens(self, host: str, port: int) -> None:
        until = time.monotonic() + PATIENCE_S
        look = ["ss", "-Hltn", f"sport = :{port}"]
        while not self.lab.run(host, look, capture_output=True, text=True).stdout:
            assert time.monotonic() < until, f"nobody listens at {host}:{port}\n{self.log(host)[-2000:]}"
            time.sleep(0.05)

    def _tool(self, command: list[str], said: str = "") -> str:
        done = subprocess.run(
            command, input=said, capture_output=True, text=True, timeout=PATIENCE_S, cwd=ROOT,
            env=self._environment(),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout


async def until(ready: Callable[[], object], what: str, seconds: float = PATIENCE_S) -> None:
    """Waits for what can be seen."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"not within {seconds:.0f} s: {what}"
        await asyncio.sleep(0.02)
