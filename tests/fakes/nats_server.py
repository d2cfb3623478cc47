"""A real NATS server of the tests' own on a free port of loopback; keeps nothing on a disk.

with NatsServer() as server:
    NatsCarrier([server.url], "hub")
    server.stop(); server.start()       # the same port again
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

import pytest


class NatsServer:
    """Started by the `with` block."""

    def __init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = int(free.getsockname()[1])
        self.url = f"nats://127.0.0.1:{self._port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Until it takes connections; at most 10 s."""
        found = shutil.which("nats-server", path="/usr/sbin:/usr/bin:/usr/local/bin")
        if found is None:
            pytest.fail("nats-server is not installed; run: make setup")
        self._process = subprocess.Popen(
            [Path(found), "-a", "127.0.0.1", "-p", str(self._port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + 10
        while time.monotonic() < until:
            try:
                socket.create_connection(("127.0.0.1", self._port), 1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        pytest.fail("nats-server does not start")

    def stop(self) -> None:
        """At once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    def __enter__(self) -> NatsServer:
        self.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()
