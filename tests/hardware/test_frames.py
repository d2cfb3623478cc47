"""Pictures between processes: whole or not at all, and nothing left behind."""

from __future__ import annotations

import fcntl
import mmap
import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import numpy as np
import pytest

from hardware.frames import (
    Announcement,
    Buffers,
    FrameReader,
    FramesError,
    FrameWriter,
    frame_socketpair,
    receive_message,
    send_message,
    still_from_fd,
    still_to_fd,
)
from hardware.ports import Frame

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT = 64, 48

PRODUCER = """
import os, socket, sys
import numpy as np
from hardware.frames import FrameWriter, send_message
from hardware.ports import Frame

sock = socket.socket(fileno=int(sys.argv[1]))
writer = FrameWriter(64, 48, buffers=2, stream="face")
send_message(sock, writer.hello(), [writer.fd])
n = 0
while True:
    n += 1
    picture = np.full((72, 64), n % 251, np.uint8)
    said = writer.put(Frame(picture, 64, 48, n / 10, n))
    sock.setblocking(False)
    send_message(sock, said)
"""


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def picture(value: int, width: int = WIDTH, height: int = HEIGHT, sequence: int = 1) -> Frame:
    return Frame(np.full((height * 3 // 2, width), value, np.uint8), width, height, 12.5, sequence)


def reader_of(writer: FrameWriter) -> FrameReader:
    return FrameReader(os.dup(writer.fd))


def test_a_frame_arrives_with_all_it_says_of_itself() -> None:
    """Pixels, size, time of exposure and both numbers cross the border unchanged."""
    writer = FrameWriter(WIDTH, HEIGHT, stream="face")
    reader = reader_of(writer)
    writer.put(picture(1))
    announcement = writer.put(picture(7, sequence=41))
    frame = reader.read(announcement)
    assert announcement == Announcement("face", 2, 2, WIDTH, HEIGHT, 12.5)
    assert frame is not None
    assert (frame.width, frame.height, frame.captured, frame.sequence) == (WIDTH, HEIGHT, 12.5, 41)
    assert frame.meta == {"number": 2}
    assert (frame.data == 7).all()
    assert frame.data.shape == (HEIGHT * 3 // 2, WIDTH)


def test_a_read_frame_is_the_readers_own() -> None:
    """What the reader holds does not change when the writer goes on."""
    writer = FrameWriter(WIDTH, HEIGHT, buffers=2)
    frame = reader_of(writer).read(writer.put(picture(7)))
    for value in range(8, 12):
        writer.put(picture(value))
    assert frame is not None
    assert (frame.data == 7).all()


def test_an_overwritten_frame_is_none() -> None:
    """A reader that is too late gets nothing rather than another frame's pixels."""
    writer = FrameWriter(WIDTH, HEIGHT, buffers=3)
    reader = reader_of(writer)
    first = writer.put(picture(1))
    writer.put(picture(2))
    writer.put(picture(3))
    assert reader.read(first) is not None
    writer.put(picture(4))
    assert reader.read(first) is None


def test_a_frame_overwritten_during_the_copy_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    """The marks are looked at again after copying."""
    writer = FrameWriter(WIDTH, HEIGHT, buffers=2)
    reader = reader_of(writer)
    announcement = writer.put(picture(1))
    copy = np.copyto

    def slow_copy(target: np.ndarray, source: np.ndarray) -> None:
        copy(target, source)
        writer.put(picture(2))
        writer.put(picture(3))

    monkeypatch.setattr(np, "copyto", slow_copy)
    assert reader.read(announcement) is None


def test_two_processes_never_share_half_a_picture() -> None:
    """With a writer at full speed every frame read is of one value, and numbers rise."""
    ours, theirs = frame_socketpair()
    fd = theirs.fileno()
    child = subprocess.Popen([sys.executable, "-c", PRODUCER, str(fd)], pass_fds=[fd], cwd=ROOT)
    theirs.close()
    decoder = msgspec.msgpack.Decoder(Buffers | Announcement)
    reader, numbers, late = None, list[int](), 0
    while len(numbers) < 200:
        received = receive_message(ours, decoder)
        assert received is not None
        message, fds = received
        if isinstance(message, Buffers):
            reader = FrameReader(fds[0])
            continue
        assert reader is not None
        frame = reader.read(message)
        if frame is None:
            late += 1
            continue
        assert frame.data.min() == frame.data.max() == message.number % 251
        numbers.append(frame.meta["number"])
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert numbers == sorted(set(numbers))


def test_the_reader_outlives_the_writer() -> None:
    """A killed camera child takes nothing away from who still looks at its last frame."""
    writer = FrameWriter(WIDTH, HEIGHT)
    reader = reader_of(writer)
    announcement = writer.put(picture(9))
    writer.close()
    frame = reader.read(announcement)
    assert frame is not None
    assert (frame.data == 9).all()


def test_nobody_else_can_write_or_shrink_the_pictures() -> None:
    """A reader that is broken or hostile cannot change what another one sees, nor crash it by shrinking."""
    writer = FrameWriter(WIDTH, HEIGHT)
    with pytest.raises(PermissionError):
        os.ftruncate(writer.fd, 64)
    with pytest.raises(PermissionError):
        os.pwrite(writer.fd, b"x", 0)
    with pytest.raises(PermissionError):
        mmap.mmap(writer.fd, 64)
    writer.put(picture(1))


def test_a_change_of_size_needs_a_new_writer() -> None:
    """The fd's head carries the size, so a frame of another size is refused, with what to do."""
    with pytest.raises(FramesError, match="make a new writer"):
        FrameWriter(WIDTH, HEIGHT).put(picture(1, 32, 24))


@pytest.mark.parametrize("size", [(63, 48), (64, 47), (0, 48), (64, 20000)])
def test_sizes_that_i420_cannot_have_are_refused(size: tuple[int, int]) -> None:
    """Odd and absurd sizes never reach the memory."""
    with pytest.raises(FramesError):
        FrameWriter(*size)


def test_a_wrong_descriptor_is_refused_and_closed() -> None:
    """A peer that passes something else costs nothing but an error, not even a descriptor."""
    before = open_files()
    unsealed = os.memfd_create("other", os.MFD_ALLOW_SEALING)
    os.write(unsealed, b"\0" * 4096)
    with pytest.raises(FramesError, match="not sealed"):
        FrameReader(unsealed)
    sealed = os.memfd_create("other", os.MFD_ALLOW_SEALING)
    os.write(sealed, b"\0" * 4096)
    fcntl.fcntl(sealed, fcntl.F_ADD_SEALS, fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW)
    with pytest.raises(FramesError, match="does not hold"):
        FrameReader(sealed)
    assert open_files() == before


def test_an_announcement_beyond_the_buffers_is_none() -> None:
    """A wrong buffer number reads nothing outside the memory."""
    writer = FrameWriter(WIDTH, HEIGHT, buffers=2)
    writer.put(picture(1))
    assert reader_of(writer).read(Announcement("", 1, 99, WIDTH, HEIGHT, 0.0)) is None
    assert reader_of(writer).read(Announcement("", 0, 0, WIDTH, HEIGHT, 0.0)) is None


def test_a_still_travels_in_its_own_sealed_memory() -> None:
    """Its size has nothing to do with the stream's, and nobody can change it on the way."""
    fd = still_to_fd(picture(200, 192, 108, sequence=5))
    with pytest.raises(PermissionError):
        os.pwrite(fd, b"x", 200)
    still = still_from_fd(fd)
    assert (still.width, still.height, still.captured, still.sequence) == (192, 108, 12.5, 5)
    assert (still.data == 200).all()
    still.data[0, 0] = 1  # the receiver's own copy


def test_nothing_is_left_in_shared_memory() -> None:
    """/dev/shm looks the same after a run as before it, also when the writer is never closed."""
    # what tests beside this one leave for a while; shared memory and semaphores of Python have other names
    others = ("madoguchi-postgres-", "PostgreSQL.", "pulse-shm-", "jack_", "tmp")

    def left() -> set[str]:
        return {one.name for one in Path("/dev/shm").iterdir() if not one.name.startswith(others)}

    before = left()
    code = (
        "import numpy as np; from hardware.frames import *; from hardware.ports import Frame; import os;"
        "w=FrameWriter(64,48); f=Frame(np.zeros((72,64),np.uint8),64,48,0.0,1); w.put(f); still_to_fd(f);"
        "print(*os.listdir('/dev/shm'), flush=True); os.kill(os.getpid(), 9)"
    )
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert {name for name in seen.stdout.decode().split() if not name.startswith(others)} == before
    assert left() == before


def test_a_full_socket_drops_announcements_without_blocking() -> None:
    """A reader that hangs never holds up the camera."""
    ours, theirs = frame_socketpair()
    ours.setblocking(False)
    writer = FrameWriter(WIDTH, HEIGHT)
    sent = [send_message(ours, writer.put(picture(1))) for _ in range(5000)]
    assert sent[0] is True
    assert sent[-1] is False
    theirs.close()


def test_a_message_of_nobodys_closes_what_came_with_it() -> None:
    """Descriptors that arrive with garbage do not pile up."""
    ours, theirs = frame_socketpair()
    fd = still_to_fd(picture(1))
    before = open_files()
    send_message(ours, Buffers("face", 2, 2), [fd])
    with pytest.raises(msgspec.ValidationError):
        receive_message(theirs, msgspec.msgpack.Decoder(Announcement))
    assert open_files() == before
    os.close(fd)
