"""How the demonstration reads back what was seen and heard: it can be wrong in no one's favour."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hardware.cameras.counter import encode_counter, qr_picture
from hardware.simulated import speech_like
from provisioning.demo import sound
from provisioning.demo.counters import Seen, look
from provisioning.demo.display import Picture, free_display, largest_area

RUN, OTHER = "0123ABCD", "89ABCDEF"
RATE = sound.RATE


def seen(numbers: list[int], lap: int = 0) -> Seen:
    found = Seen(RUN, "O", lap)
    for number in numbers:
        found.take([(RUN, "O", number)], 5.0)
    return found


@pytest.mark.parametrize(
    ("numbers", "rising"),
    [
        ([], 0),
        ([7], 1),
        ([7, 7, 7, 7], 1),
        ([1, 2, 3], 3),
        ([1, 3, 2, 4], 3),
        ([9, 8, 7], 1),
        ([0, 1], 2),
    ],
)
def test_only_rising_counters_count(numbers: list[int], rising: int) -> None:
    """A frozen, repeated or backward picture is no new one."""
    assert seen(numbers).rising == rising


@pytest.mark.parametrize(
    ("numbers", "rising"),
    [
        ([198, 199, 200, 1, 2], 5),
        ([100, 199, 1, 90, 180, 10], 6),
        ([150, 149, 148], 1),
        ([10, 5, 11], 2),
        ([199, 1, 200, 2], 3),
    ],
)
def test_a_clip_that_begins_anew_counts_on(numbers: list[int], rising: int) -> None:
    """After its last picture comes its first; a picture that is merely late is no new lap."""
    assert seen(numbers, lap=200).rising == rising


def test_codes_of_another_run_or_scene_never_count() -> None:
    """A picture of yesterday, or of another camera, proves nothing; the foreign ones are told."""
    found = Seen(RUN, "F")
    found.take([(OTHER, "F", 1), (RUN, "D", 2)], 10.0)
    assert (found.rising, found.foreign, found.first_at) == (0, 1, 0.0)
    found.take([(RUN, "F", 3)], 20.0)
    found.take([(RUN, "F", 4)], 30.0)
    assert (found.rising, found.foreign, found.first_at) == (2, 1, 20.0)


def test_every_counter_of_a_screenshot_is_read() -> None:
    """The operator's, the resident's own and the paper's picture are on the screen together."""
    picture: Picture = np.full((300, 600, 3), 200, np.uint8)
    for scene, left in (("O", 20), ("D", 320)):
        code = qr_picture(encode_counter(RUN, scene, 42), 6)
        picture[40 : 40 + code.shape[0], left : left + code.shape[1]] = code[..., None]
    assert sorted(look(picture)) == [(RUN, "D", 42), (RUN, "O", 42)]
    assert look(np.full((300, 600, 3), 200, np.uint8)) == []


# ---------------------------------------------------------------------- sound

SAID = speech_like(1, 6.0)


@pytest.mark.parametrize("lag_ms", [-400, -20, 0, 130, 480])
def test_a_shifted_voice_is_recognised_with_its_lag(lag_ms: int) -> None:
    """Within half a second either way; the lag is heard minus said."""
    silence = np.zeros(RATE // 2, np.int16)
    shift = round(lag_ms / 1000 * RATE)
    heard = np.concatenate([silence, SAID, silence])
    # the recording began half a second before the voice, and the voice is heard `lag` late
    found = sound.compare(heard, 100.0 - 0.5 + shift / RATE, SAID, 100.0, other_seed=2)
    assert found.correlation > 0.9
    assert found.lag_s * 1000 == pytest.approx(lag_ms, abs=5)
    assert found.other_seed < 0.2


def test_a_voice_that_comes_too_late_is_not_recognised() -> None:
    """Beyond half a second it is another moment."""
    assert sound.compare(SAID, 100.8, SAID, 100.0, other_seed=2).correlation < 0.3


def test_another_voice_or_silence_is_not_recognised() -> None:
    """The controls are low for what they control."""
    other = sound.compare(speech_like(3, 6.0), 0.0, SAID, 0.0, other_seed=3)
    assert other.correlation < 0.2
    assert other.other_seed > 0.9, "with the right seed it is recognised"
    nothing = sound.compare(np.zeros_like(SAID), 0.0, SAID, 0.0, other_seed=3)
    assert (nothing.correlation, nothing.level) == (0.0, 0.0)


@pytest.mark.parametrize("heard_at", [3.5, -3.5, 50.0])
def test_too_little_in_common_is_no_proof(heard_at: float) -> None:
    """Less than three seconds that both cover is not recognised, however alike they are."""
    assert sound.compare(SAID, heard_at, SAID, 0.0, other_seed=2).correlation == 0.0


def test_an_empty_recording_is_silence() -> None:
    """A recorder that got nothing does not bring the run down."""
    empty = np.zeros(0, np.int16)
    assert sound.compare(empty, 0.0, SAID, 0.0, other_seed=2).as_row() == {
        "correlation": 0.0,
        "lag_ms": 0,
        "other_seed": 0.0,
        "level": 0.0,
    }


@pytest.mark.parametrize("at_s", [0.0, 0.7, 3.25, 5.5])
def test_where_a_loop_stands_is_found_from_a_piece_of_it(at_s: float) -> None:
    """Also when the piece goes over the loop's end."""
    begin = round(at_s * RATE)
    piece = np.take(SAID, range(begin, begin + 2 * RATE), mode="wrap")
    assert sound.phase_of(piece, SAID) == begin


# ---------------------------------------------------------------------- the next touch

BRAND = "#006365"
BRAND_BGR = (0x65, 0x63, 0x00)


def screen() -> Picture:
    return np.full((480, 800, 3), 240, np.uint8)


def test_the_largest_area_of_the_colour_is_the_next_touch() -> None:
    """Its middle, where a finger would go; smaller areas of the colour do not matter."""
    picture = screen()
    picture[100:200, 100:400] = BRAND_BGR
    picture[300:340, 500:560] = BRAND_BGR
    assert largest_area(picture, BRAND) == (250, 150, 100 * 300)


def test_nearly_the_colour_is_the_colour_and_another_is_not() -> None:
    """Blending moves a colour by a little; red is not green."""
    picture = screen()
    picture[100:200, 100:400] = tuple(value + 10 for value in BRAND_BGR)
    assert largest_area(picture, BRAND) is not None
    picture[100:200, 100:400] = tuple(value + 14 for value in BRAND_BGR)
    assert largest_area(picture, BRAND) is None


def test_a_line_of_the_colour_is_no_key() -> None:
    """The rule under a title can not be touched."""
    picture = screen()
    picture[100:101, :] = BRAND_BGR
    assert largest_area(picture, BRAND) is None
    assert largest_area(screen(), BRAND) is None


def test_a_display_of_another_root_directory_is_never_taken(tmp_path: Path) -> None:
    """Two runs in two containers of one machine do not draw on each other's display."""
    listing = tmp_path / "unix"
    listing.write_text(
        "0: 2 0 1 0001 01 7 @/tmp/.X11-unix/X60\n0: 2 0 1 0001 01 8 /tmp/.X11-unix/X61\n", "utf-8"
    )
    assert free_display(listing) == 62
    assert free_display(tmp_path / "none") == 60
