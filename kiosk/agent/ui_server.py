"""The agent's end of the screen: one Unix socket, Views and pictures down, touches up.

The newest screen process wins; it gets the last View, every open picture and all ink at once, so that a
screen that was killed in a call shows the same call again. Never blocks: a View or pointer that cannot be
sent yet is replaced by a newer one, a frame that cannot be sent is dropped, ink waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Callable
from pathlib import Path

from hardware.frames import FrameWriter
from hardware.ports import Frame
from kiosk.core import ui_wire
from kiosk.core.strokes import Strokes
from kiosk.core.ui_wire import Drawn, FrameReady, Hello, StreamEnded, StreamOpened, WireError
from kiosk.core.view import Ink, InkCleared, Picture, Pointer, Touch, View

log = logging.getLogger(__name__)

SEND_BUFFER = 1024 * 1024
INK_WAITING = 1000
"""Ink that may wait for a screen that does not read; then it is let go, and told anew when it is back."""


class UiServer:
    """`start`, then `show` and `picture` at any time. Callbacks run on the loop's thread."""

    def __init__(
        self, path: Path, on_touch: Callable[[Touch], None], on_drawn: Callable[[int], None],

    ) -> None:  # fmt: skip
        self._path = path
        self._on_touch = on_touch
        self._on_drawn = on_drawn

        self._listener: socket.socket | None = None
        self._peer: socket.socket | None = None
        self._view: View | None = None
        self._view_due = False  # the newest View has not been sent yet
        self._ink = Strokes()
        self._ink_due: list[bytes] = []  # parts of strokes and clearings not sent yet, in order
        self._pointer: Pointer | None = None
        self._pointer_due = False
        self._streams: dict[Picture, FrameWriter] = {}
        self._control: list[tuple[bytes, int | None]] = []  # openings and endings not sent yet, in order
        self._news = asyncio.Event()  # something was drawn, or the screen went
        self.drawn = 0  # newest revision that the screen has drawn
        self.size = (0, 0)

    @property
    def connected(self) -> bool:
        return self._peer is not None

    @property
    def open_streams(self) -> int:
        """Pictures that the screen may hold."""
        return len(self._streams)

    @property
    def strokes(self) -> int:
        """Strokes of ink that are kept, and that the screen may show."""
        return len(self._ink)

    def start(self) -> None:
        """Listens. OSError when the directory cannot hold the socket."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        listener.bind(str(self._path))
        self._path.chmod(0o600)
        listener.listen(4)
        self._listener = listener
        asyncio.get_running_loop().add_reader(listener, self._accept)

    def close(self) -> None:
        """Closes everything and forgets all pictures."""
        loop = asyncio.get_running_loop()
        self._drop_peer()
        if self._listener is not None:
            loop.remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        self.wipe_hand()
        for picture in list(self._streams):
            self.end_picture(picture)
        with contextlib.suppress(FileNotFoundError):
            self._path.unlink()

    # ------------------------------------------------------------------ downwards

    def show(self, view: View) -> None:
        """The newest View replaces one that has not left yet."""
        self._view, self._view_due = view, True
        self._flush()

    def picture(self, picture: Picture, frame: Frame) -> None:
        """A new frame of a picture; a new size makes new frame buffers."""
        if self._peer is None:
            return
        writer = self._streams.get(picture)
        if writer is None or (writer.width, writer.height) != (frame.width, frame.height):
            if writer is not None:
                writer.close()
            writer = self._streams[picture] = FrameWriter(frame.width, frame.height, stream=picture.value)
            self._open_stream(picture, writer)
        put = writer.put(frame)
        ready = FrameReady(stream=picture, number=put.number, buffer=put.buffer, captured=put.captured)
        if not self._control:
            self._send(ui_wire.encode(ready), None)

    def end_picture(self, picture: Picture) -> None:
        """The screen wipes the picture; the memory is given back."""
        writer = self._streams.pop(picture, None)
        if writer is None:
            return
        writer.close()
        self._control.append((ui_wire.encode(StreamEnded(stream=picture)), None))
        self._flush()

    def point(self, pointer: Pointer) -> None:
        """The newest pointer replaces one that has not left yet."""
        self._pointer, self._pointer_due = pointer, True
        self._flush()

    def ink(self, ink: Ink) -> None:
        """Kept until it is wiped, and drawn after all ink before it."""
        self._ink.add(ink)
        self._tell_ink(ink)

    def wipe_ink(self) -> int:
        """Every stroke goes, here and on the screen; how many there were."""
        count = self._ink.clear()
        self._ink_due.clear()  # what has not left needs no wiping on the screen
        self._tell_ink(InkCleared())
        return count

    def wipe_hand(self) -> int:
        """The end of a call: pointer and ink go; how many strokes there were."""
        self._pointer, self._pointer_due = None, False
        return self.wipe_ink()

    def _tell_ink(self, message: Ink | InkCleared) -> None:
        if self._peer is None:
            return
        self._ink_due.append(ui_wire.encode(message))
        self._flush()
        if len(self._ink_due) > INK_WAITING:
            log.warning("the screen does not read; it is let go")
            self._gone()

    async def has_drawn(self, revision: int, timeout: float) -> bool:
        """Whether the screen shows this View within `timeout` s; a screen that is gone shows nothing."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while self._peer is not None and self.drawn < revision:
                    self._news.clear()
                    await self._news.wait()
        return self._peer is None or self.drawn >= revision

    # ------------------------------------------------------------------ the socket

    def _accept(self) -> None:
        assert self._listener is not None
        try:
            peer, _ = self._listener.accept()
        except OSError:
            return
        peer.setblocking(False)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        self._drop_peer()
        self._peer = peer
        self.drawn = 0
        asyncio.get_running_loop().add_reader(peer, self._read)
        log.info("screen connected")
        for picture, writer in self._streams.items():
            self._open_stream(picture, writer)
        self._view_due = self._view is not None
        self._ink_due = [ui_wire.encode(part) for part in self._ink.parts()]
        self._pointer_due = self._pointer is not None
        self._flush()

    def _drop_peer(self) -> None:
        peer, self._peer = self._peer, None
        if peer is None:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(peer)
        loop.remove_writer(peer)
        peer.close()
        self._forget_control()

    def _forget_control(self) -> None:
        for _, descriptor in self._control:
            if descriptor is not None:
                os.close(descriptor)
        self._control.clear()
        self._ink_due.clear()

    def _gone(self) -> None:
        self._news.set()
        log.info("screen gone")
        self._drop_peer()

    def _read(self) -> None:
        peer = self._peer
        if peer is None:
            return
        try:
            data = peer.recv(ui_wire.MESSAGE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._gone()
            return
        try:
            message = ui_wire.decode(data)
        except WireError as error:
            log.warning("screen said nonsense: %s", error)
            return
        match message:
            case Touch():
                self._on_touch(message)
            case Drawn(revision=revision) if self._view is not None and revision <= self._view.revision:
                self.drawn = max(self.drawn, revision)
                self._news.set()
                self._on_drawn(revision)
            case Hello(width=width, height=height):
                self.size = (width, height)
                log.info("screen is %sx%s", width, height)
            case _:
                log.warning("screen may not say %s", type(message).__name__)

    def _open_stream(self, picture: Picture, writer: FrameWriter) -> None:
        opened = StreamOpened(stream=picture, width=writer.width, height=writer.height)
        self._control.append((ui_wire.encode(opened), os.dup(writer.fd)))
        self._flush()

    def _flush(self) -> None:
        """Sends what must not be lost, in order: openings and endings, the newest View, ink, the pointer."""
        peer = self._peer
        if peer is None:
            self._forget_control()  # a new screen is told everything anew
            return
        while self._control:
            data, descriptor = self._control[0]
            if not self._send(data, descriptor):
                return
            self._control.pop(0)
            if descriptor is not None:
                os.close(descriptor)
        if self._view_due and self._view is not None:
            if not self._send(ui_wire.encode(self._view), None):
                return
            self._view_due = False
        while self._ink_due:
            if not self._send(self._ink_due[0], None):
                return
            self._ink_due.pop(0)
        if self._pointer_due and self._pointer is not None:
            if not self._send(ui_wire.encode(self._pointer), None):
                return
            self._pointer_due = False
        if self._peer is peer:
            asyncio.get_running_loop().remove_writer(peer)

    def _send(self, data: bytes, descriptor: int | None) -> bool:
        """False when the socket is full (the rest leaves when it is not) or gone."""
        peer = self._peer
        if peer is None:
            return False
        try:
            if descriptor is None:
                peer.send(data, socket.MSG_NOSIGNAL)
            else:
                socket.send_fds(peer, [data], [descriptor], socket.MSG_NOSIGNAL)
        except BlockingIOError:
            asyncio.get_running_loop().add_writer(peer, self._flush)
            return False
        except OSError:
            self._gone()
            return False
        return True
