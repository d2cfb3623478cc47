"""Hubs as processes of their own: started, asked whether they are well, killed without a word.

hub = HubProcess(directory, "a", settings)       # settings: what config/hub.yaml holds, port apart
hub.start(); await hub.well()
hub.kill()                                       # SIGKILL; `start()` again is a restart on the same port
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0

WARNING = re.compile(r"\S+ (?:WARNING|ERROR) +[\w.]+: (.*?)(?: \w+=.*)?$")
"""A line of a hub's log; its text without its figures."""


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class HubProcess:
    """One hub. `killed_at` and `well_at` are of the monotonic clock; `well_at` is None while it is down."""

    def __init__(
        self, directory: Path, name: str, settings: Mapping[str, Any], program: Sequence[str] = ("-m", "hub")
    ) -> None:
        self.name = name
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = directory / f"{name}.log"
        self.killed_at: list[float] = []
        self.well_at: float | None = None
        self._config = directory / f"{name}.yaml"
        listen = {**settings.get("listen", {}), "port": self.port}
        self._config.write_text(yaml.safe_dump({**settings, "listen": listen}))
        self._program = program
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """The process exists; ask `well` before anything is said to it."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._program, "--config", str(self._config)],
                cwd=ROOT, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip

    @property
    def pid(self) -> int:
        """Of the process that runs now."""
        assert self._process is not None
        return self._process.pid

    async def well(self) -> None:
        """It answers. AssertionError with its log when it ends instead, or needs more than START_S."""
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self._process is not None
            assert self._process.poll() is None, f"hub {self.name} ended:\n{self.log.read_text()[-3000:]}"
            if await _answers(self.port):
                self.well_at = time.monotonic()
                return
            await asyncio.sleep(0.03)
        raise AssertionError(f"hub {self.name} does not answer:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """As a power cut of this process: no handler runs, nothing is flushed."""
        self.killed_at.append(time.monotonic())
        self.well_at = None
        self._end(signal.SIGKILL)

    def warnings(self) -> Counter[str]:
        """What it has warned of, over all its starts, and how often."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return Counter(found[1] for line in lines if (found := WARNING.match(line)))

    def stop(self) -> None:
        """Politely, at the end."""
        self.well_at = None
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


async def _answers(port: int) -> bool:
    try:
        async with asyncio.timeout(1):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            line = await reader.readline()
            writer.close()
            return b" 200 " in line
    except (OSError, TimeoutError):
        return False
