"""The agent's end of the screen's socket, scripted by a test.

agent = FakeAgent(tmp_path / "ui.sock")
agent.say(view)                       # a View, or any other message
agent.picture(Picture.OPERATOR, frame)  # real frame buffers in a real memfd
agent.heard                           # what the screen has said
"""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path

from hardware.frames import FrameWriter
from hardware.ports import Frame
from kiosk.core.ui_wire import MESSAGE_BYTES, FrameReady, Message, StreamEnded, StreamOpened, decode, encode
from kiosk.core.view import Picture


class FakeAgent:
    """Listens on `path`; never blocks; `pump` accepts and reads what is there."""

    def __init__(self, path: Path) -> None:
        self.heard: list[Message] = []
        self._path = path
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        self._listener.bind(str(path))
        self._listener.listen(1)
        self._peer: socket.socket | None = None
        self._writers: dict[Picture, FrameWriter] = {}

    def pump(self) -> None:
        """Accepts a screen and reads all that it has sent."""
        with contextlib.suppress(BlockingIOError):
            peer, _ = self._listener.accept()
            peer.setblocking(False)
            self._peer = peer
        while self._peer is not None:
            try:
                raw = self._peer.recv(MESSAGE_BYTES)
            except BlockingIOError:
                return
            if not raw:
                self._peer.close()
                self._peer = None
                return
            self.heard.append(decode(raw))

    def say(self, message: Message) -> None:
        """Sends one message to the connected screen."""
        self.raw(encode(message))

    def raw(self, raw: bytes, fds: tuple[int, ...] = ()) -> None:
        """Sends bytes as they are."""
        assert self._peer is not None, "no screen is connected: pump() first"
        socket.send_fds(self._peer, [raw], list(fds))

    def picture(self, stream: Picture, frame: Frame) -> None:
        """Announces a frame; opens the stream when it is new or of another size."""
        writer = self._writers.get(stream)
        if writer is None or (writer.width, writer.height) != (frame.width, frame.height):
            writer = self._writers[stream] = FrameWriter(frame.width, frame.height, stream=str(stream))
            opened = StreamOpened(stream=stream, width=frame.width, height=frame.height)
            self.raw(encode(opened), (writer.fd,))
        told = writer.put(frame)
        self.say(FrameReady(stream=stream, number=told.number, buffer=told.buffer, captured=told.captured))

    def end_picture(self, stream: Picture) -> None:
        """Ends a stream and gives its memory back."""
        self._writers.pop(stream).close()
        self.say(StreamEnded(stream=stream))

    def hang_up(self) -> None:
        """Closes the connection as a dying agent does; it still listens."""
        if self._peer is not None:
            self._peer.close()
            self._peer = None

    def close(self) -> None:
        """Leaves nothing behind."""
        self.hang_up()
        self._listener.close()
        for writer in self._writers.values():
            writer.close()
        self._path.unlink(missing_ok=True)
