"""One camera child from the agent's side: its start, its socket on the event loop, its end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from hardware.cameras.messages import FromChild, Stop, from_child
from hardware.frames import FramesError, frame_socketpair, receive_message, send_message

_POLITE_S: Final = 1.0
_ROOT: Final = Path(__file__).resolve().parents[2]  # where `hardware` is importable from


def _environment() -> dict[str, str]:
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    # one thread each: cameras must not take the cores that the encoders need
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


class ChildProcess:
    """Starts at once and calls back on the loop: `on_message` for each message, then once `on_end`."""

    def __init__(
        self,
        on_message: Callable[[ChildProcess, FromChild, list[int]], None],
        on_end: Callable[[ChildProcess, str], None],
    ) -> None:
        self._on_message = on_message
        self._on_end: Callable[[ChildProcess, str], None] | None = on_end
        self._loop = asyncio.get_running_loop()
        self._sock, theirs = frame_socketpair()
        with theirs:
            command = [sys.executable, "-m", "hardware.cameras.child", str(theirs.fileno()), str(os.getpid())]
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, env=_environment()
            )
        self._sock.setblocking(False)
        self._pidfd = os.pidfd_open(self._process.pid)
        self._gone = asyncio.Event()
        self._loop.add_reader(self._sock, self._readable)
        self._loop.add_reader(self._pidfd, self._exited)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, message: msgspec.Struct) -> None:
        """Silently lost when the child is gone: its end is reported anyway."""
        with contextlib.suppress(OSError):
            send_message(self._sock, message)

    async def end(self, polite: bool) -> None:
        """Returns when the process is gone and reaped; no callback comes after this call began."""
        self._on_end = None
        self._forget_socket(polite)
        if polite:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_POLITE_S):
                    await self._gone.wait()
        if not self._gone.is_set():
            self._process.kill()
        await self._gone.wait()

    def _forget_socket(self, polite: bool) -> None:
        if self._sock.fileno() < 0:
            return
        self._loop.remove_reader(self._sock)
        if polite:
            self.send(Stop())
        self._sock.close()

    def _readable(self) -> None:
        while self._sock.fileno() >= 0:
            try:
                received = receive_message(self._sock, from_child)
            except BlockingIOError:
                return
            except (OSError, msgspec.MsgspecError) as error:
                self._report_end(f"its socket failed: {error}")
                return
            if received is None:
                self._loop.remove_reader(self._sock)  # its exit follows and says why
                return
            self._deliver(*received)

    def _deliver(self, message: Any, fds: list[int]) -> None:
        try:
            self._on_message(self, message, fds)
        except FramesError as error:
            self._report_end(str(error))

    def _exited(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pidfd)
        code = self._process.wait()
        if self._sock.fileno() >= 0:
            self._readable()  # its last words
        self._gone.set()
        self._report_end(f"its process ended with {code}")

    def _report_end(self, why: str) -> None:
        on_end, self._on_end = self._on_end, None
        if on_end is not None:
            on_end(self, why)
