"""Programs of one run: started with their output in a file, ended together, never more than we started."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from protocol.errors import LocalError

POLL_S = 0.05
END_S = 5.0


class Program:
    """One process and its log. `kill` is for tests of the others' patience."""

    def __init__(self, name: str, command: Sequence[str], log: Path, env: Mapping[str, str]) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self._env = dict(env)
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as output:
            return subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=self._env,
                start_new_session=True,
            )

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL to this process alone, as a crash would."""
        self.process.kill()
        self.process.wait()

    def restart(self) -> None:
        """Starts it again with the same command, as the service manager would."""
        self.process = self._start()

    def end(self) -> None:
        """SIGTERM, then SIGKILL after some seconds; children of its process group as well."""
        group = self.process.pid
        if self.running:
            self.process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(END_S)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
        self.process.wait()

    def tail(self, lines: int = 12) -> str:
        """The last lines of its log."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text("utf-8", "replace").splitlines()[-lines:])
        return ""


class Programs:
    """All programs of a run. As a context manager it ends them in the reverse order of their start."""

    def __init__(self, logs: Path) -> None:
        self._logs = logs
        logs.mkdir(parents=True, exist_ok=True)
        self._all: list[Program] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for program in reversed(self._all):
            program.end()
        self._all.clear()

    def start(self, name: str, command: Sequence[str], env: Mapping[str, str] | None = None) -> Program:
        """Starts a program. LocalError when the machine does not have it."""
        log = self._logs / f"{name}.log"
        log.write_bytes(b"")
        try:
            program = Program(name, command, log, env if env is not None else os.environ)
        except FileNotFoundError:
            raise LocalError("missing", f"{command[0]}: not on this machine; run `make setup`") from None
        self._all.append(program)
        return program

    def wait(self, program: Program, ready: Callable[[], bool], seconds: float, what: str) -> None:
        """Until `ready`. LocalError with the end of its log when it ends or stays silent."""
        wait_for(ready, seconds, what, program)


def wait_for(ready: Callable[[], bool], seconds: float, what: str, program: Program | None = None) -> None:
    """Polls `ready`; LocalError says what was waited for and what the program said last."""
    end = time.monotonic() + seconds
    while not ready():
        said = f"\n{program.tail()}" if program is not None else ""
        if program is not None and not program.running:
            code = program.process.returncode
            raise LocalError("ended", f"{program.name} ended with {code} before {what}{said}")
        if time.monotonic() > end:
            raise LocalError("timeout", f"waited {seconds:.0f} s in vain: {what}{said}")
        time.sleep(POLL_S)


def free_port() -> int:
    """A TCP port of loopback that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    """Somebody listens on this port of loopback."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0
