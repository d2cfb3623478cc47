"""VP8 and Opus with our settings: what goes in comes out, at the rate that was granted."""

from __future__ import annotations

import av
import numpy as np
import pytest

from hardware.ports import Frame
from hardware.simulated import speech_like
from kiosk.media.opus import OpusDecoder, OpusEncoder
from kiosk.media.outbound import PAYLOAD, Vp8Split
from kiosk.media.vp8 import EncodedFrame, Vp8Decoder, Vp8Encoder, planes
from tests.kiosk.media.desk import marked, read_mark, tone_level


def busy(number: int, width: int = 320, height: int = 240) -> Frame:
    """Moving texture that always has more detail than the rate allows."""
    ground = np.random.default_rng(1).integers(0, 255, (height // 8, width // 8), np.uint8)
    luma = np.roll(np.kron(ground, np.ones((8, 8), np.uint8)), (number * 3, number * 5), (0, 1))
    data = np.full((height * 3 // 2, width), 128, np.uint8)
    data[:height] = luma // 2 + np.random.default_rng(number).integers(40, 90, (height, width), np.uint8)
    return Frame(data, width, height, 1000 + number / 20, number)


def run(encoder: Vp8Encoder, frames: range, bps: int) -> list[EncodedFrame]:
    out = [encoder.encode(busy(number), bps, 1, False) for number in frames]
    return [frame for frame in out if frame is not None]


def kbps(frames: list[EncodedFrame], seconds: float) -> float:
    return sum(len(frame.data) for frame in frames) * 8 / seconds / 1000


def test_the_rate_follows_the_grant_without_a_key_frame() -> None:
    """When the line gets narrow the picture goes on at the new rate, without a freeze for a restart."""
    encoder = Vp8Encoder(600_000, 20)
    wide = run(encoder, range(120), 600_000)[40:]
    narrow = run(encoder, range(120, 240), 150_000)[40:]
    again = run(encoder, range(240, 400), 400_000)[80:]
    assert kbps(narrow, 4) == pytest.approx(150, rel=0.2)
    assert kbps(again, 4) == pytest.approx(400, rel=0.25)
    assert kbps(wide, 4) == pytest.approx(600, rel=0.2)
    assert not any(frame.key for frame in wide + narrow + again)


def test_a_slower_camera_keeps_the_rate() -> None:
    """Half the frames at the same grant still fill it: a slow document camera stays sharp."""
    encoder = Vp8Encoder(600_000, 20)
    slow = [encoder.encode(busy(number), 200_000, 1, False) for number in range(0, 400, 2)]
    later = [frame for frame in slow if frame is not None][80:]
    assert kbps(later, 12) == pytest.approx(200, rel=0.25)


def test_pictures_survive_the_codec() -> None:
    """What the camera saw is what the decoder shows, in size and content, and time stamps rise."""
    encoder, decoder = Vp8Encoder(700_000, 20), Vp8Decoder()
    stamps = []
    for number in range(20):
        encoded = encoder.encode(marked(number, captured=5.0 + number * 0.05), 700_000, 1, False)
        assert encoded is not None
        assert encoded.key is (number == 0)
        stamps.append(encoded.timestamp)
        picture = decoder.decode(encoded.data)
        assert picture is not None
        data, width, height = planes(picture)
        assert (width, height) == (320, 240)
        assert data.flags.owndata or data.base is not None
        assert read_mark(data[:height]) == number
    assert np.diff(stamps) == pytest.approx([4500] * 19, abs=1)


def test_a_camera_clock_that_steps_back_never_repeats_a_time_stamp() -> None:
    """A restarted camera does not confuse the desk's player."""
    encoder = Vp8Encoder(700_000, 20)
    stamps = []
    for captured in (10.0, 10.05, 9.0, 9.0, 10.1):
        encoded = encoder.encode(marked(1, captured=captured), 700_000, 1, False)
        assert encoded is not None
        stamps.append(encoded.timestamp)
    assert stamps == sorted(set(stamps))


def test_key_frames_come_on_request_and_with_a_new_size() -> None:
    """A desk can start at any time, and a changed picture size needs no new call."""
    encoder = Vp8Encoder(700_000, 20)
    keys = []
    for number, divide, force in ((1, 1, False), (2, 1, False), (3, 1, True), (4, 2, False), (5, 2, False)):
        encoded = encoder.encode(marked(number), 700_000, divide, force)
        assert encoded is not None
        keys.append(encoded.key)
    assert keys == [True, False, True, True, False]


@pytest.mark.parametrize(("width", "height"), [(322, 182), (641, 361), (100, 100)])
def test_row_padding_of_the_decoder_is_cropped(width: int, height: int) -> None:
    """Pictures of any size arrive as plain I420 without the decoder's padding."""
    picture = av.VideoFrame(width, height, "yuv420p")
    for plane, value in zip(picture.planes, (50, 100, 150), strict=True):
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = value
        plane.update(rows.tobytes())
    data, w, h = planes(picture)
    assert (w, h) == (width & ~1, height & ~1)
    assert data.shape == (h * 3 // 2, w)
    flat = data.reshape(-1)
    assert set(flat[: w * h]) == {50}
    assert set(flat[w * h : w * h * 5 // 4]) == {100}
    assert set(flat[w * h * 5 // 4 :]) == {150}


def test_broken_data_is_an_error_and_not_a_crash() -> None:
    """Garbage from the line is refused, and the next good frame decodes."""
    decoder, opus = Vp8Decoder(), OpusDecoder()
    with pytest.raises(ValueError, match="VP8"):
        decoder.decode(b"\xff" * 40)
    encoded = Vp8Encoder(700_000, 20).encode(marked(9), 700_000, 1, True)
    assert encoded is not None
    assert decoder.decode(encoded.data) is not None
    with pytest.raises(ValueError, match="Opus"):
        opus.decode(b"\xff\xff\xff")


def test_payloads_fit_a_packet_and_only_the_first_begins_a_frame() -> None:
    """A large picture is split so that every piece passes a relay, and can be put together again."""
    data = bytes(range(256)) * 20
    payloads = Vp8Split()(data)
    assert b"".join(payload[4:] for payload in payloads) == data
    assert all(len(payload) <= PAYLOAD + 4 for payload in payloads)
    assert [payload[0] for payload in payloads] == [0x90] + [0x80] * (len(payloads) - 1)
    assert len({payload[2:4] for payload in payloads}) == 1


def test_a_voice_survives_at_its_rate() -> None:
    """Sound passes the codec as mono at 28 kbit/s or less."""
    encoder, decoder = OpusEncoder(28_000), OpusDecoder()
    at = np.arange(960 * 100)
    voice = (8000 * np.sin(2 * np.pi * 440 * at / 48_000)).astype(np.int16)
    packets = [encoder.encode(voice[start : start + 960]) for start in range(0, len(voice), 960)]
    assert sum(map(len, packets)) * 8 / 2 <= 34_000
    heard = np.concatenate([decoder.decode(packet) for packet in packets])
    assert len(heard) == len(voice)
    assert tone_level(heard[9600:], 440) > 0.95


def carries_the_one_before(packet: bytes) -> bool:
    """Whether an Opus packet of one mono frame of 20 ms holds a correction (RFC 6716, 3.1 and 4.2.4)."""
    configuration = packet[0] >> 3
    return configuration < 16 and packet[1] >> 6 & 1 == 1  # in the music modes there is none


def test_speech_carries_its_own_correction() -> None:
    """A lost packet of speech is found once more in the next one, at the rate that was granted."""
    encoder, voice = OpusEncoder(28_000), speech_like(3, 6.0)
    blocks = range(0, len(voice) - 960, 960)
    packets = [packet for at in blocks if (packet := encoder.encode(voice[at : at + 960]))]
    assert sum(map(carries_the_one_before, packets)) > 0.6 * len(packets)
    assert sum(map(len, packets)) * 8 / (len(packets) * 0.02) < 28_000
