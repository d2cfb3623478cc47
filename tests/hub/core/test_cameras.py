"""What an operator may do with a terminal's cameras."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hub.core.call import NotNow
from hub.core.cameras import FOCUS_STEPS, HALF_STOPS, after, source
from protocol.desk_link import AdjustCamera, ChooseCamera
from protocol.values import CameraChange, CameraRole, Cameras, CameraSetting, Region

FACE, PAPER = CameraRole.FACE, CameraRole.DOCUMENT
ATTACHED = ("face", "document", "spare-1")


BOTH = ("focus", "exposure")


def adjust(
    cameras: Cameras, *changes: CameraChange, region: Region | None = None, can: tuple[str, ...] = BOTH
) -> Cameras:
    for change in changes:
        word = AdjustCamera(camera=PAPER, change=change, region=region or Region())
        cameras = after(cameras, word, can=can, attached=ATTACHED)
    return cameras


def choose(cameras: Cameras, role: CameraRole, wanted: str) -> Cameras:
    return after(cameras, ChooseCamera(camera=role, source=wanted), can=(), attached=ATTACHED)


def test_four_turns_are_none() -> None:
    """A quarter each, and the other camera is left alone."""
    turned = [adjust(Cameras(), *[CameraChange.TURN] * n).document.turned for n in range(5)]
    assert turned == [0, 90, 180, 270, 0]
    assert adjust(Cameras(), CameraChange.TURN).face == CameraSetting()


def test_a_region_keeps_to_its_paper_when_the_picture_is_turned() -> None:
    """The same words are in sight, only turned; after four quarters it is where it was."""
    region = Region(left=0.5, top=0.25, side=0.25)
    cameras = adjust(Cameras(), CameraChange.REGION, region=region)
    turned = adjust(cameras, CameraChange.TURN)
    assert turned.document.region == Region(left=0.5, top=0.5, side=0.25)
    assert adjust(turned, *[CameraChange.TURN] * 3).document.region == region


@pytest.mark.parametrize(
    ("wanted", "kept"),
    [
        (Region(left=0.9, top=0.9, side=0.5), Region(left=0.5, top=0.5, side=0.5)),
        (Region(left=0.3, top=0.3, side=1.0), Region()),
    ],
)
def test_a_region_never_reaches_beyond_the_picture(wanted: Region, kept: Region) -> None:
    """It is pushed back in, in its own size."""
    assert adjust(Cameras(), CameraChange.REGION, region=wanted).document.region == kept


def test_focus_steps_hold_the_focus_and_automatic_lets_it_go() -> None:
    """One key is enough: a step alone leaves automatic focus."""
    stepped = adjust(Cameras(), CameraChange.NEARER, CameraChange.NEARER, CameraChange.FARTHER)
    assert (stepped.document.focus_held, stepped.document.focus_step) == (True, 1)
    free = adjust(stepped, CameraChange.AUTO_FOCUS).document
    assert (free.focus_held, free.focus_step) == (False, 0)


@pytest.mark.parametrize(
    ("change", "most"),
    [
        (CameraChange.NEARER, FOCUS_STEPS),
        (CameraChange.FARTHER, FOCUS_STEPS),
        (CameraChange.LIGHTER, HALF_STOPS),
        (CameraChange.DARKER, HALF_STOPS),
    ],
)
def test_steps_end_with_a_word(change: CameraChange, most: int) -> None:
    """An operator who presses on is told that there is no more."""
    at_the_end = adjust(Cameras(), *[change] * most)
    with pytest.raises(NotNow, match="これ以上") as refused:
        adjust(at_the_end, change)
    assert refused.value.code == "at_end"


def test_what_a_camera_cannot_do_is_refused_with_words() -> None:
    """A fixed lens, a fixed exposure; turning and cutting need nothing of the camera."""
    for change in (CameraChange.HOLD_FOCUS, CameraChange.AUTO_FOCUS, CameraChange.NEARER):
        with pytest.raises(NotNow, match="ピント"):
            adjust(Cameras(), change, can=("exposure",))
    with pytest.raises(NotNow, match="明るさ"):
        adjust(Cameras(), CameraChange.LIGHTER, can=("focus",))
    assert adjust(Cameras(), CameraChange.TURN, can=()).document.turned == 90


def test_a_reset_keeps_the_chosen_camera() -> None:
    """It takes back what was done to the picture, not which device gives it."""
    cameras = adjust(choose(Cameras(), PAPER, "spare-1"), CameraChange.TURN, CameraChange.LIGHTER)
    assert adjust(cameras, CameraChange.RESET).document == CameraSetting(source="spare-1")


def test_two_cameras_change_places() -> None:
    """Plugged into the wrong sockets: one word mends it, and the same word again takes it back."""
    swapped = choose(Cameras(), FACE, "document")
    assert (source(swapped, FACE), source(swapped, PAPER)) == ("document", "face")
    assert choose(swapped, FACE, "face") == Cameras()


def test_another_camera_starts_as_it_is() -> None:
    """What was set for one lens means nothing to another; the role that keeps its camera keeps all."""
    cameras = replace(adjust(Cameras(), CameraChange.NEARER), face=CameraSetting(exposure=1))
    chosen = choose(cameras, PAPER, "spare-1")
    assert chosen.document == CameraSetting(source="spare-1")
    assert chosen.face == CameraSetting(exposure=1)
    assert choose(chosen, PAPER, "document").document == CameraSetting()


def test_a_camera_that_is_not_there_is_refused() -> None:
    """The terminal says which ones it has."""
    with pytest.raises(NotNow, match="ありません"):
        choose(Cameras(), FACE, "spare-2")
