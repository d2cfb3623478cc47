"""The still of a paper is the whole frame, and what would make it unreadable is named."""

from __future__ import annotations

import hashlib

import cv2
import numpy as np
import pytest

from kiosk.vision.document import document_still
from kiosk.vision.still import Still
from tests.fakes.scenes import MAT, Picture, as_frame, blurred, decode, exposed, lamp, room, sheet


def states(still: Still) -> dict[str, str]:
    return {check.label: check.state for check in still.checks}


def taken(picture: Picture) -> dict[str, str]:
    return states(document_still(as_frame(picture)))


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (2592, 1944)])
def test_a_sharp_sheet_passes_in_full_size(size: tuple[int, int]) -> None:
    """No pixel is cut off, whatever the camera gives."""
    still = document_still(as_frame(sheet(*size)))
    assert states(still) == {"ピント": "good", "反射": "good", "明るさ": "good"}
    back = decode(still.jpeg)
    assert back.shape == (size[1], size[0], 3)
    assert (still.width, still.height) == size
    assert still.sha256 == hashlib.sha256(still.jpeg).hexdigest()


def test_focus_goes_from_good_to_bad_as_the_print_blurs() -> None:
    """The limits lie between print that reads well and print that does not."""
    seen = [taken(blurred(sheet(), sigma))["ピント"] for sigma in (0.5, 1.6, 3.0, 6.0)]
    assert seen == ["good", "caution", "bad", "bad"]


def test_a_blank_stage_claims_no_focus() -> None:
    """Without print nothing is called sharp."""
    assert taken(room(1920, 1080, MAT))["ピント"] == "caution"


def test_grain_is_not_taken_for_print() -> None:
    """A blurred sheet seen by a noisy sensor is still blurred."""
    grain = np.random.default_rng(2).normal(0, 4, (1080, 1920, 1))
    noisy = np.clip(blurred(sheet(), 3.0) + grain, 0, 255).astype(np.uint8)
    assert taken(noisy)["ピント"] == "bad"


def test_a_lamp_on_the_paper_is_a_reflection() -> None:
    """It hides print, so the operator is told."""
    assert taken(lamp(sheet(), 900, 500, 60)) == {"ピント": "good", "反射": "bad", "明るさ": "good"}


def test_a_white_thing_beside_the_paper_is_no_reflection() -> None:
    """Only light on the sheet counts."""
    picture = sheet()
    cv2.rectangle(picture, (40, 700), (300, 1000), (255, 255, 255), -1)
    assert taken(picture)["反射"] == "good"


@pytest.mark.parametrize(("factor", "state"), [(0.25, "bad"), (0.4, "caution"), (0.8, "good"), (1.4, "bad")])
def test_brightness_is_judged_by_the_paper(factor: float, state: str) -> None:
    """From too dark to washed out."""
    assert taken(exposed(sheet(), factor))["明るさ"] == state


def test_a_washed_out_sheet_is_not_called_free_of_reflection() -> None:
    """What cannot be measured is not called good."""
    assert taken(exposed(sheet(), 1.4))["反射"] == "caution"
