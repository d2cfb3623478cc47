"""The screen's end of the Unix socket to the agent. Polled by the drawing loop; never blocks, has no thread.

The agent may come later, go and come again: `poll` connects every 0.3 s for ever. Frames are looked at
only when
the screen asks, newest first, so a slow screen skips frames instead of falling behind.
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
from collections import deque
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from hardware.frames import Announcement, FrameReader, FramesError
from kiosk.core.ui_wire import (
    MESSAGE_BYTES,
    Drawn,
    FrameReady,
    Hello,
    Message,
    StreamEnded,
    StreamOpened,
    WireError,
    decode,
    encode,
)
from kiosk.core.view import Ink, InkCleared, Picture, Pointer, Touch, View

log = logging.getLogger(__name__)

RETRY_SECONDS: Final = 0.3
_AT_ONCE: Final = 200  # messages read in one poll, so that a flood cannot stop the drawing
_OUTBOX: Final = 64


class Listener(Protocol):
    """Who is told. All calls come from `poll`."""

    def connected(self) -> None: ...
    def lost(self) -> None: ...
    def heard(self, view: View) -> None: ...
    def pointed(self, pointer: Pointer) -> None: ...
    def inked(self, ink: Ink) -> None: ...
    def ink_cleared(self) -> None: ...
    def ended(self, picture: Picture) -> None: ...


@dataclass(slots=True)
class _Stream:
    reader: FrameReader
    newest: FrameReady | None = None
    shape: tuple[int, int] = field(default=(0, 0))


class Channel:
    """`poll(now)` at every tick; `frame(picture)` just before drawing; `send` at any time."""

    def __init__(self, path: str, size: tuple[int, int], listener: Listener) -> None:
        self._path, self._size, self._listener = path, size, listener
        self._socket: socket.socket | None = None
        self._next_try = 0.0
        self._outbox: deque[bytes] = deque(maxlen=_OUTBOX)
        self._streams: dict[Picture, _Stream] = {}

    @property
    def up(self) -> bool:
        """Whether the agent is there."""
        return self._socket is not None

    def poll(self, now: float) -> None:
        """Connects if need be, sends what is waiting, hands on what has come."""
        if self._socket is None and now >= self._next_try:
            self._next_try = now + RETRY_SECONDS
            self._connect()
        if self._socket is not None:
            try:
                self._flush()
                self._receive()
            except OSError as error:
                self._lose(str(error))

    def _connect(self) -> None:
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        try:
            sock.connect(self._path)
        except OSError:
            sock.close()
            return
        self._socket = sock
        self._outbox.clear()
        self._outbox.append(encode(Hello(width=self._size[0], height=self._size[1])))
        log.info("agent connected")
        self._listener.connected()

    def send(self, message: Touch | Drawn) -> None:
        """Sends as soon as the socket takes it. Without an agent a touch is dropped."""
        if self._socket is not None:
            self._outbox.append(encode(message))

    def _flush(self) -> None:
        while self._outbox and self._socket is not None:
            try:
                self._socket.send(self._outbox[0], socket.MSG_NOSIGNAL)
            except BlockingIOError:
                return
            self._outbox.popleft()

    def _receive(self) -> None:
        for _ in range(_AT_ONCE):
            if self._socket is None:
                return
            try:
                raw, fds, flags, _ = socket.recv_fds(
                    self._socket, MESSAGE_BYTES + 1, 4, socket.MSG_CMSG_CLOEXEC | socket.MSG_DONTWAIT
                )
            except BlockingIOError:
                return
            if not raw and not fds:
                self._lose("closed by the agent")
                return
            self._take(raw, list(fds), flags)

    def _take(self, raw: bytes, fds: list[int], flags: int) -> None:
        try:
            if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
                raise WireError("message or descriptors cut off")
            self._dispatch(decode(raw), fds)
        except (WireError, FramesError) as error:
            log.warning("message from the agent dropped: %s", error)
        finally:
            for fd in fds:
                with contextlib.suppress(OSError):
                    os.close(fd)

    def _dispatch(self, message: Message, fds: list[int]) -> None:
        match message:
            case View():
                self._listener.heard(message)
            case StreamOpened():
                self._open(message, fds)
            case FrameReady():
                stream = self._streams.get(message.stream)
                if stream is not None:
                    stream.newest = message
            case StreamEnded():
                self._forget(message.stream)
                self._listener.ended(message.stream)
            case Pointer():
                self._listener.pointed(message)
            case Ink():
                self._listener.inked(message)
            case InkCleared():
                self._listener.ink_cleared()
            case _:
                pass  # spoken prompts are the agent's own; the rest only travels the other way

    def _open(self, message: StreamOpened, fds: list[int]) -> None:
        if len(fds) != 1:
            raise WireError(f"frame buffers come with one descriptor, not {len(fds)}")
        reader = FrameReader(fds.pop())
        if (reader.width, reader.height) != (message.width, message.height):
            reader.close()
            raise WireError("the frame buffers have another size than announced")
        self._forget(message.stream)
        self._streams[message.stream] = _Stream(reader)

    def _forget(self, picture: Picture) -> None:
        stream = self._streams.pop(picture, None)
        if stream is not None:
            stream.reader.close()

    def frame(self, picture: Picture) -> tuple[Any, int, int] | None:
        """(I420 array, width, height) of a frame that has not been asked for yet, else None."""
        stream = self._streams.get(picture)
        if stream is None or stream.newest is None:
            return None
        ready, stream.newest = stream.newest, None
        announcement = Announcement(
            str(picture),
            ready.number,
            ready.buffer,
            stream.reader.width,
            stream.reader.height,
            ready.captured,
        )
        frame = stream.reader.read(announcement)
        return None if frame is None else (frame.data, frame.width, frame.height)

    def _lose(self, cause: str) -> None:
        log.warning("agent lost: %s", cause)
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        for picture in list(self._streams):
            self._forget(picture)
        self._listener.lost()

    def close(self) -> None:
        """Lets the socket and all frame memory go."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        for picture in list(self._streams):
            self._forget(picture)
