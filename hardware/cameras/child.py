"""A camera's own process: `python -m hardware.cameras.child FD PARENT`, started by `childprocess`.

It opens one source, streams its frames, takes stills, and ends on Stop, on a fault, or with its parent.
Blocking is allowed here: whoever waits for frames kills this process when they stop coming.
"""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import sys
from typing import Final

from hardware.cameras import open_source
from hardware.cameras.messages import (
    Control,
    Failed,
    Open,
    Opened,
    StillFailed,
    StillTaken,
    Stop,
    TakeStill,
    to_child,
)
from hardware.errors import DeviceError
from hardware.frames import FrameWriter, close_all, receive_message, send_message, still_to_fd
from hardware.ports import CameraInfo, CameraSource, Frame, Profile

EXIT_FAILED: Final = 3
_READ_S: Final = 0.5
_PR_SET_PDEATHSIG: Final = 1


def die_with_parent(parent: int) -> None:
    """The kernel kills us when `parent` dies, so that no orphan holds a camera."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        sys.exit(EXIT_FAILED)  # it died before we asked


class Child:
    """Serves one source over one socket until Stop or the end of the stream."""

    def __init__(self, sock: socket.socket, opening: Open) -> None:
        self._sock = sock
        self._opening = opening
        self._writer: FrameWriter | None = None
        self._source: CameraSource = open_source(opening.description)

    def run(self) -> None:
        """Returns on Stop. DeviceError when the device fails, OSError when the parent is gone."""
        opening = self._opening
        try:
            self._source.start(Profile(opening.width, opening.height, opening.fps))
            self._say(_opened(self._source.info()))
            for name, value in opening.controls.items():
                self._source.control(name, value)
            while self._obey():
                frame = self._source.read(_READ_S)
                if frame is not None:
                    self._stream(frame)
        finally:
            self._source.stop()

    def _stream(self, frame: Frame) -> None:
        writer = self._writer
        if writer is None or (writer.width, writer.height) != (frame.width, frame.height):
            writer = self._renew(frame.width, frame.height)
        self._sock.setblocking(False)  # a late reader loses an announcement, the camera loses nothing
        send_message(self._sock, writer.put(frame))

    def _renew(self, width: int, height: int) -> FrameWriter:
        old, self._writer = self._writer, FrameWriter(width, height)
        if old is not None:
            self._writer.number = old.number  # numbers rise over a change of size
            old.close()
        self._say(self._writer.hello(), [self._writer.fd])
        return self._writer

    def _say(self, message: Opened | StillTaken | StillFailed | object, fds: list[int] | None = None) -> None:
        self._sock.setblocking(True)
        send_message(self._sock, message, fds or ())  # type: ignore[arg-type]

    def _obey(self) -> bool:
        """Does what has been asked since the last frame; False when it is time to go."""
        while True:
            self._sock.setblocking(False)
            try:
                received = receive_message(self._sock, to_child)
            except BlockingIOError:
                return True
            if received is None:
                return False
            message, fds = received
            close_all(fds)
            match message:
                case TakeStill(id):
                    self._still(id)
                case Control(name, value):
                    self._source.control(name, value)
                case Stop() | Open():
                    return False

    def _still(self, id: int) -> None:
        try:
            fd = still_to_fd(self._source.still())
        except DeviceError as error:
            self._say(StillFailed(id, error.code, str(error)))
            return
        self._say(StillTaken(id), [fd])
        os.close(fd)


def _opened(info: CameraInfo) -> Opened:
    return Opened(
        info.path, info.name, info.kind, info.simulated, info.still_width, info.still_height, info.can
    )


def main(argv: list[str]) -> int:
    """Exit codes: 0 stopped as asked, 3 the device failed (its words went over the socket)."""
    die_with_parent(int(argv[1]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the agent, which then stops us
    sock = socket.socket(fileno=int(argv[0]))
    received = receive_message(sock, to_child)
    if received is None or not isinstance(received[0], Open):
        return 0
    try:
        Child(sock, received[0]).run()
    except DeviceError as error:
        sock.setblocking(True)
        send_message(sock, Failed(error.code, str(error)))
        return EXIT_FAILED
    except OSError:
        return 0  # the agent is gone: nothing to report, nobody to report to
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
