"""The ID photo has the right size and place, and every flaw is named; nothing is ever refused or enlarged."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest

from hardware.ports import Frame
from kiosk.vision.faces import Face, FaceFinder
from kiosk.vision.id_photo import id_photo
from kiosk.vision.still import Still
from tests.fakes.scenes import (
    WALL,
    Drawn,
    Picture,
    as_frame,
    blurred,
    decode,
    draw_head,
    exposed,
    moved,
    portrait,
    room,
    turned,
)


class Told:
    """A finder that knows where heads were drawn: the rules are tested apart from finding."""

    def __init__(self, *heads: Drawn, reliable: bool = True) -> None:
        self.reliable = reliable
        self._heads = heads

    def find(self, frame: Frame) -> tuple[Face, ...]:
        return tuple(
            Face(
                head.centre_x - 0.32 * head.height,
                head.crown_y + 0.25 * head.height,
                0.64 * head.height,
                0.75 * head.height,
                head.centre_x,
                head.eye_y,
                head.chin_y,
                0.28 * head.height,
            )
            for head in self._heads
        )


def states(still: Still) -> dict[str, str]:
    return {check.label: check.state for check in still.checks}


def words(still: Still) -> dict[str, str]:
    return {check.label: check.word for check in still.checks}


def flaws(still: Still) -> set[str]:
    """Labels that are bad, without the summary."""
    return {check.label for check in still.checks if check.state == "bad"} - {"総合"}


def decoded(still: Still) -> Picture:
    return decode(still.jpeg)


def dark_rows(picture: Picture) -> np.ndarray:
    """Rows whose middle column is hair."""
    return np.flatnonzero(picture[:, picture.shape[1] // 2].max(axis=1) < 90)


def test_a_good_portrait_passes_every_check() -> None:
    """Nobody is sent back for nothing."""
    picture, head = portrait()
    still = id_photo(as_frame(picture), Told(head))
    assert set(states(still).values()) == {"good"}, still.checks


def test_the_head_fills_34_of_45_mm_with_4_mm_above() -> None:
    """Measured on the decoded photo: the crown where it belongs, the head in the middle (within 1 mm)."""
    picture, head = portrait()
    still = id_photo(as_frame(picture), Told(head))
    photo = decoded(still)
    millimetre = still.height / 45
    assert abs(dark_rows(photo)[0] / millimetre - 4) < 1
    assert abs(head.height / (still.height / 45) - 34) < 1
    hair = np.flatnonzero(photo[round(10 * millimetre)].max(axis=1) < 90)
    assert abs((hair[0] + hair[-1]) / 2 - still.width / 2) < millimetre
    assert still.width / still.height == pytest.approx(7 / 9, abs=0.003)


def test_the_crown_is_seen_whatever_the_face_box_says() -> None:
    """High hair gets its margin too: the crown is looked for, not computed."""
    picture, head = portrait()
    cv2.ellipse(picture, (960, round(head.crown_y + 60)), (150, 130), 0, 0, 360, (42, 44, 52), -1)
    still = id_photo(as_frame(picture), Told(head))
    assert abs(dark_rows(decoded(still))[0] / (still.height / 45) - 4) < 1


def test_a_crown_that_cannot_be_seen_is_left_to_the_operator() -> None:
    """Dark hair before a dark wall: the margin is a guess and says so."""
    picture, head = portrait(wall=(44, 46, 54))
    still = id_photo(as_frame(picture), Told(head))
    assert states(still)["余白"] == "caution"


def test_a_large_still_is_reduced_to_the_print() -> None:
    """35 x 45 mm at 600 dots an inch is all that is sent, with its digest and size."""
    picture, head = portrait(3840, 2160)
    still = id_photo(as_frame(picture), Told(head))
    assert (still.width, still.height) == (827, 1063)
    assert decoded(still).shape == (1063, 827, 3)
    assert still.sha256 == hashlib.sha256(still.jpeg).hexdigest()
    assert 20 * 1024 <= len(still.jpeg) <= 7_000_000


def test_a_small_frame_is_never_enlarged() -> None:
    """640 x 480 cannot give the pixels that the form asks for, and it says so."""
    picture, head = portrait(640, 480)
    still = id_photo(as_frame(picture), Told(head))
    assert still.width <= 640
    assert still.height <= 480
    assert "画像" in flaws(still)


def test_a_far_face_keeps_the_least_size_and_is_called_small() -> None:
    """The file is acceptable, the head in it is not."""
    picture = room(1920, 1080)
    head = Drawn(960, 300, 250)
    draw_head(picture, head)
    still = id_photo(as_frame(picture), Told(head))
    assert still.width >= 480
    assert still.height >= 617
    assert flaws(still) == {"顔の大きさ"}
    assert "近づいて" in words(still)["顔の大きさ"]


def test_a_face_too_near_is_called_large_and_its_missing_margin_is_named() -> None:
    """The crop cannot leave the frame."""
    picture = room(1920, 1080)
    head = Drawn(960, 10, 960)
    draw_head(picture, head)
    still = id_photo(as_frame(picture), Told(head))
    assert {"顔の大きさ", "余白"} <= flaws(still)
    assert "離れて" in words(still)["顔の大きさ"]


def test_a_face_at_the_edge_is_off_centre() -> None:
    """The crop stops at the frame and the photo is called crooked."""
    picture = room(1920, 1080)
    head = Drawn(200, 170, 620)
    draw_head(picture, head)
    still = id_photo(as_frame(picture), Told(head))
    assert "余白" in flaws(still)
    assert "中心" in words(still)["余白"]


@pytest.mark.parametrize(
    ("factor", "word"), [(0.3, "暗すぎます"), (1.8, "明るすぎます")], ids=["dark", "over-exposed"]
)
def test_wrong_exposure_is_named(factor: float, word: str) -> None:
    """Too dark and too light are told apart."""
    picture, head = portrait()
    assert words(id_photo(as_frame(exposed(picture, factor)), Told(head)))["明るさ"] == word


def test_half_shadow_is_named() -> None:
    """Light from one side only."""
    picture, head = portrait()
    picture[:, :960] = exposed(picture[:, :960], 0.5)
    assert words(id_photo(as_frame(picture), Told(head)))["明るさ"] == "左右の明るさが違います"


def test_blur_and_motion_are_named() -> None:
    """Out of focus in both directions, or smeared in one."""
    picture, head = portrait()
    for spoilt in (blurred(picture, 7), moved(picture, 45)):
        assert "ピント" in flaws(id_photo(as_frame(spoilt), Told(head)))


@pytest.mark.parametrize("degrees", [-12, -7, 7, 12])
def test_a_tilted_head_is_named(degrees: int) -> None:
    """To either side."""
    picture, head = portrait()
    still = id_photo(as_frame(turned(picture, degrees, head)), Told(head))
    assert states(still)["顔の傾き"] == "bad"


@pytest.mark.parametrize("degrees", [-3, 3])
def test_a_little_tilt_is_human(degrees: int) -> None:
    """Up to 4 degrees pass."""
    picture, head = portrait()
    still = id_photo(as_frame(turned(picture, degrees, head)), Told(head))
    assert states(still)["顔の傾き"] == "good"


def striped(picture: Picture) -> None:
    picture[:, ::60] = picture[:, 1::60] = picture[:, 2::60] = picture[:, 3::60] = (90, 90, 90)


def graded(picture: Picture) -> None:
    fall = np.interp(np.arange(1920), [640, 1280], [1.0, 0.45])[None, :, None]
    picture[:] = (picture * fall).astype(np.uint8)


def coloured(picture: Picture) -> None:
    picture[:] = (210, 160, 110)


def shaded(picture: Picture) -> None:
    cv2.circle(picture, (1290, 260), 110, (150, 152, 154), -1)


@pytest.mark.parametrize("spoil", [striped, graded, coloured, shaded])
def test_a_background_that_is_not_plain_is_named(spoil: object) -> None:
    """Stripes, a fall of light, a colour, a shadow beside the head."""
    assert callable(spoil)
    picture = room(1920, 1080, WALL)
    spoil(picture)
    head = Drawn(960, 173, 626)
    draw_head(picture, head)
    assert flaws(id_photo(as_frame(picture), Told(head))) == {"背景"}


def test_two_people_are_counted() -> None:
    """Two of like size are bad; somebody small far behind is left out."""
    picture, head = portrait()
    beside, behind = Drawn(1500, 250, 500), Drawn(1500, 250, 150)
    assert words(id_photo(as_frame(picture), Told(head, beside)))["顔"] == "2人写っています"
    assert states(id_photo(as_frame(picture), Told(head, behind)))["顔"] == "good"


def test_without_a_face_the_middle_is_kept_and_nothing_is_claimed() -> None:
    """The operator still gets a picture; no check pretends to have measured a face."""
    picture = room(1920, 1080)
    still = id_photo(as_frame(picture), Told())
    assert (still.width, still.height) == (827, 1063)
    assert words(still)["顔"] == "顔が見つかりません"
    measured = {label for label, state in states(still).items() if state == "good"}
    assert measured <= {"画像"}


def test_without_a_model_the_operator_decides() -> None:
    """Faultless in every check, a photo from an unreliable finder is still only 'caution' as a whole."""
    picture, head = portrait()
    still = id_photo(as_frame(picture), Told(head, reliable=False))
    assert {check.state for check in still.checks[:-1]} == {"good"}
    assert still.checks[-1] == ("総合", "caution", "オペレーターが確認します")


def test_the_cascade_alone_makes_an_acceptable_photo() -> None:
    """A terminal without a face model takes ID photos: no flaw is found in a good portrait."""
    picture, _ = portrait()
    assert flaws(id_photo(as_frame(picture), FaceFinder(None, None))) == set()


def test_the_picture_for_the_screen_shows_the_same() -> None:
    """I420 with even sides, within a pixel of the photo's size, and as bright."""
    picture, head = portrait(3840, 2160)
    still = id_photo(as_frame(picture, 42), Told(head))
    shown = still.picture
    assert (shown.width % 2, shown.height % 2, shown.sequence) == (0, 0, 42)
    assert abs(shown.width - still.width) <= 1
    assert abs(shown.height - still.height) <= 1
    bgr = cv2.cvtColor(shown.data, cv2.COLOR_YUV2BGR_I420)
    photo = decoded(still)[: shown.height, : shown.width]
    assert np.abs(bgr.astype(int) - photo).mean() < 3
