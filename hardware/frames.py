"""Pictures between processes of one machine: frame buffers in a sealed memfd, passed once over a socket.

The writer owns a few frame buffers and overwrites the oldest; what crosses the socket for every frame is only
an `Announcement`. The reader copies the buffer out and looks at its marks again after copying, so it gets
either a whole picture or None, never half of two. A still travels in its own memfd, sealed against writing.

What it never does: put a name into /dev/shm, wait, or know what a camera is.

Layout (little endian): a file head, then for every buffer a buffer head and I420 bytes, aligned to 64 bytes.
"""

from __future__ import annotations

import contextlib
import fcntl
import mmap
import os
import socket
import struct
import threading
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np

from hardware.ports import Bytes, Frame

_MAGIC: Final = b"MDG1"
_FILE_HEAD: Final = struct.Struct(
    "<4sIIII"
)  # magic, width, height, buffers, bytes from one buffer to the next
_BUFFER_HEAD: Final = struct.Struct("<QQdQ")  # begun number, finished number, captured, sequence
_HEAD_BYTES: Final = 64
_MAX_SIDE: Final = 16384
_MAX_BUFFERS: Final = 64
_SEAL_FUTURE_WRITE: Final = 0x0010  # Linux 5.1; named in the fcntl module only from Python 3.13
_SIZE_SEALS: Final = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW
MESSAGE_BYTES: Final = 16 * 1024
_MAX_FDS: Final = 4


class FramesError(ValueError):
    """A memfd or a frame that is not what its head says: the peer's mistake, drop it and ask for another."""


class Buffers(msgspec.Struct, frozen=True, tag="buffers"):
    """Sent with the memfd of a new `FrameWriter`; announcements of `stream` refer to it from then on."""

    stream: str
    width: int
    height: int


class Announcement(msgspec.Struct, frozen=True, tag="frame"):
    """Frame `number` of `stream` stands in `buffer` now; `captured` is CLOCK_MONOTONIC in seconds."""

    stream: str
    number: int
    buffer: int
    width: int
    height: int
    captured: float


class _Fence:
    """A full memory barrier: releasing and taking a lock orders stores and loads on ARM as on x86."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lock.acquire()

    def __call__(self) -> None:
        self._lock.release()
        self._lock.acquire()


def i420_bytes(width: int, height: int) -> int:
    """Bytes of an I420 picture. FramesError for odd or absurd sides."""
    if not (2 <= width <= _MAX_SIDE and 2 <= height <= _MAX_SIDE) or width % 2 or height % 2:
        raise FramesError(f"I420 needs even sides of 2 to {_MAX_SIDE}, not {width}x{height}")
    return width * height * 3 // 2


def _stride(width: int, height: int) -> int:
    size = _HEAD_BYTES + i420_bytes(width, height)
    return (size + 63) // 64 * 64


def _check_shape(frame: Frame, width: int, height: int) -> None:
    if (frame.width, frame.height) != (width, height):
        raise FramesError(
            f"a frame of {frame.width}x{frame.height} does not fit {width}x{height}: make a new writer"
        )
    if frame.data.shape != (height * 3 // 2, width) or frame.data.dtype != np.uint8:
        raise FramesError(f"not I420 of {width}x{height}: shape {frame.data.shape}, {frame.data.dtype}")


class FrameWriter:
    """One stream's frame buffers. Send `fd` once with `Buffers`, then each result of `put`.

    Never blocks: a reader that is more than `buffers - 1` frames late finds its frame overwritten.
    """

    def __init__(self, width: int, height: int, buffers: int = 4, stream: str = "") -> None:
        if not 2 <= buffers <= _MAX_BUFFERS:
            raise FramesError(f"2 to {_MAX_BUFFERS} frame buffers, not {buffers}")
        self.width, self.height, self.buffers, self.stream = width, height, buffers, stream
        self.number = 0  # of the newest finished frame
        self._stride = _stride(width, height)
        size = _HEAD_BYTES + self._stride * buffers
        self.fd = os.memfd_create("madoguchi-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, size)
        self._map = mmap.mmap(self.fd, size)
        _FILE_HEAD.pack_into(self._map, 0, _MAGIC, width, height, buffers, self._stride)
        # our mapping stays writable; nobody who gets the fd can write, grow or shrink it
        fcntl.fcntl(self.fd, fcntl.F_ADD_SEALS, _SIZE_SEALS | _SEAL_FUTURE_WRITE | fcntl.F_SEAL_SEAL)
        self._fence = _Fence()
        shape = (height * 3 // 2, width)
        self._pictures = [
            np.frombuffer(
                self._map, np.uint8, i420_bytes(width, height), self._head_at(n) + _HEAD_BYTES
            ).reshape(shape)
            for n in range(buffers)
        ]

    def _head_at(self, buffer: int) -> int:
        return _HEAD_BYTES + self._stride * buffer

    def put(self, frame: Frame) -> Announcement:
        """Copies `frame` into the oldest buffer. FramesError for another size: make a new writer then."""
        _check_shape(frame, self.width, self.height)
        number = self.number + 1
        buffer = number % self.buffers
        at, finished = self._head_at(buffer), number - self.buffers
        _BUFFER_HEAD.pack_into(self._map, at, number, max(0, finished), frame.captured, frame.sequence)
        self._fence()
        self._pictures[buffer][...] = frame.data
        self._fence()
        _BUFFER_HEAD.pack_into(self._map, at, number, number, frame.captured, frame.sequence)
        self.number = number
        return Announcement(self.stream, number, buffer, self.width, self.height, frame.captured)

    def hello(self) -> Buffers:
        """What to send together with `fd`."""
        return Buffers(self.stream, self.width, self.height)

    def close(self) -> None:
        """Gives the memory back; readers keep what they have mapped."""
        self._pictures.clear()
        with contextlib.suppress(BufferError):
            self._map.close()
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class FrameReader:
    """The other side of a `FrameWriter`. Takes `fd` over. FramesError when it holds no frames."""

    def __init__(self, fd: int) -> None:
        try:
            self._map, self.width, self.height, self.buffers, self._stride = _map_frames(fd)
        finally:
            os.close(fd)
        self._fence = _Fence()
        self._bytes = i420_bytes(self.width, self.height)

    def read(self, announcement: Announcement, out: Bytes | None = None) -> Frame | None:
        """A copy of the announced frame, or None when it has been overwritten meanwhile.

        `out`, an I420 array of the right shape, spares the allocation. `meta['number']` is its number.
        """
        number, buffer = announcement.number, announcement.buffer
        if not 0 <= buffer < self.buffers or number < 1:
            return None
        at = _HEAD_BYTES + self._stride * buffer
        begun, finished, captured, sequence = _BUFFER_HEAD.unpack_from(self._map, at)
        if begun != number or finished != number:
            return None
        self._fence()
        shape = (self.height * 3 // 2, self.width)
        source = np.frombuffer(self._map, np.uint8, self._bytes, at + _HEAD_BYTES).reshape(shape)
        data = np.empty(shape, np.uint8) if out is None else out
        np.copyto(data, source)
        self._fence()
        if _BUFFER_HEAD.unpack_from(self._map, at)[0] != number:
            return None
        return Frame(data, self.width, self.height, captured, sequence, {"number": number})

    def close(self) -> None:
        """Gives the mapping back."""
        with contextlib.suppress(BufferError):
            self._map.close()


def _map_frames(fd: int) -> tuple[mmap.mmap, int, int, int, int]:
    """Maps read-only and checks the head against the size, so that a wrong peer cannot crash the reader."""
    size = os.fstat(fd).st_size
    if size < _HEAD_BYTES:
        raise FramesError(f"a memfd of {size} bytes holds no frames")
    if fcntl.fcntl(fd, fcntl.F_GET_SEALS) & _SIZE_SEALS != _SIZE_SEALS:
        raise FramesError("the memfd's size is not sealed: it could shrink under the reader")
    mapped = mmap.mmap(fd, size, mmap.MAP_SHARED, mmap.PROT_READ)
    magic, width, height, buffers, stride = _FILE_HEAD.unpack_from(mapped, 0)
    if magic != _MAGIC or not 1 <= buffers <= _MAX_BUFFERS:
        raise FramesError("the memfd does not hold frame buffers")
    if stride != _stride(width, height) or size != _HEAD_BYTES + stride * buffers:
        raise FramesError(f"the memfd's head says {buffers} x {width}x{height}, its size is {size} bytes")
    return mapped, width, height, buffers, stride


def still_to_fd(frame: Frame) -> int:
    """A memfd of its own for one picture, sealed against every change. The caller sends and closes it."""
    _check_shape(frame, frame.width, frame.height)
    stride = _stride(frame.width, frame.height)
    head = _FILE_HEAD.pack(_MAGIC, frame.width, frame.height, 1, stride).ljust(_HEAD_BYTES, b"\0")
    own = _BUFFER_HEAD.pack(1, 1, frame.captured, frame.sequence).ljust(_HEAD_BYTES, b"\0")
    fd = os.memfd_create("madoguchi-still", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        os.ftruncate(fd, _HEAD_BYTES + stride)
        with open(fd, "r+b", buffering=0, closefd=False) as file:
            file.write(head + own)
            pixels = np.ascontiguousarray(frame.data).data.cast("B")
            while pixels:
                pixels = pixels[file.write(pixels) :]
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SIZE_SEALS | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL)
    except BaseException:
        os.close(fd)
        raise
    return fd


def still_from_fd(fd: int) -> Frame:
    """The picture of `still_to_fd`, copied. Takes over `fd`. FramesError if it is not a still."""
    reader = FrameReader(fd)
    try:
        frame = reader.read(Announcement("", 1, 0, reader.width, reader.height, 0.0))
    finally:
        reader.close()
    if frame is None:
        raise FramesError("the memfd holds no finished still")
    return frame


def frame_socketpair() -> tuple[socket.socket, socket.socket]:
    """Two ends that keep message borders and carry descriptors."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def send_message(sock: socket.socket, message: msgspec.Struct, fds: Sequence[int] = ()) -> bool:
    """Sends one message. False when a non-blocking socket is full: drop an announcement, retry anything else.

    The receiver gets its own copies of `fds`; ours stay open. OSError when the peer is gone.
    """
    raw = msgspec.msgpack.encode(message)
    try:
        if fds:
            socket.send_fds(sock, [raw], list(fds), socket.MSG_NOSIGNAL)
        else:
            sock.send(raw, socket.MSG_NOSIGNAL)
    except BlockingIOError:
        return False
    return True


def receive_message(
    sock: socket.socket, decoder: msgspec.msgpack.Decoder[Any]
) -> tuple[Any, list[int]] | None:
    """The next message and its descriptors (now ours to close); None at the end of the stream.

    BlockingIOError when a non-blocking socket has none; msgspec.MsgspecError (descriptors closed) for a
    message that is not one of the decoder's.
    """
    raw, fds, flags, _ = socket.recv_fds(sock, MESSAGE_BYTES, _MAX_FDS, socket.MSG_CMSG_CLOEXEC)
    if not raw:
        close_all(fds)
        return None
    try:
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise msgspec.DecodeError("message or descriptors cut off")
        return decoder.decode(raw), list(fds)
    except msgspec.MsgspecError:
        close_all(fds)
        raise


def close_all(fds: Sequence[int]) -> None:
    """Closes descriptors that came with a message and are not wanted."""
    for fd in fds:
        os.close(fd)
