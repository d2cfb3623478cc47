"""The terminal's cameras and sound from the desk: by key and by button, to the call's terminal alone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from protocol import desk_link as say
from protocol.common import RestartDevice, SetVolume
from protocol.envelope import Envelope, Message
from protocol.values import (
    CallState,
    CameraChange,
    CameraRole,
    Cameras,
    CameraSetting,
    Capture,
    CaptureKind,
    CaptureStage,
    Presentation,
    Region,
)
from tests.system.desk_stage import ATTACHED, DEVICES, DIST, DeskStage, card, talking
from tests.system.test_desk import in_call, see, with_paper

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        not (DIST / "index.html").exists(), reason="the desk is not built: run hub/desk/desk.py build"
    ),
]
PAPER, FACE = CameraRole.DOCUMENT, CameraRole.FACE


def tell(stage: DeskStage, cameras: Cameras | None = None, *, revision: int = 1, **more: Any) -> None:
    """The hub says how the call is; the terminal has drawn all of it unless told otherwise."""
    shown = Presentation(revision=revision, cameras=cameras or Cameras())
    values = {"devices": DEVICES, "attached": ATTACHED, "volume": 3, "presented": revision, **more}
    stage.hub.say(say.DeskCallUpdate(call=talking(card(), presentation=shown, **values)), call="c1")
    stage.settle()


def adjusted(stage: DeskStage) -> list[tuple[CameraRole, CameraChange]]:
    return [(word.camera, word.change) for word in stage.hub.of(say.AdjustCamera)]


def envelopes(stage: DeskStage, kind: type[Message]) -> list[Envelope]:
    return [envelope for envelope, message in stage.hub.heard if isinstance(message, kind)]


def test_every_camera_word_has_a_key_and_a_button_that_say_the_same(stage: DeskStage) -> None:
    """The keyboard alone suffices, and each key stands on its button."""
    in_call(stage)
    tell(stage)
    page = stage.page
    keys = {
        "rotate": ("r", CameraChange.TURN),
        "focus-hold": ("y", CameraChange.HOLD_FOCUS),
        "farther": ("[", CameraChange.FARTHER),
        "nearer": ("]", CameraChange.NEARER),
        "darker": (",", CameraChange.DARKER),
        "lighter": (".", CameraChange.LIGHTER),
    }
    for button, (key, change) in keys.items():
        before = len(adjusted(stage))
        found = page.locator(f"[data-testid={button}-document]").first
        assert key.upper() in found.inner_text()
        page.keyboard.press(key)
        found.click()
        stage.wait(lambda: len(adjusted(stage)) == before + 2)  # noqa: B023
        assert adjusted(stage)[before:] == [(PAPER, change)] * 2


def test_a_word_to_a_device_is_void_within_seconds(stage: DeskStage) -> None:
    """What was held up on its way turns nothing long after it was meant."""
    in_call(stage)
    tell(stage)
    stage.page.keyboard.press("r")
    stage.page.keyboard.press(">")
    stage.wait(lambda: bool(stage.hub.of(SetVolume)))
    for envelope in (*envelopes(stage, say.AdjustCamera), *envelopes(stage, SetVolume)):
        assert envelope.expires is not None
        assert 0 < (envelope.expires - datetime.now(UTC)).total_seconds() < 15


def test_what_a_camera_cannot_do_has_no_key(stage: DeskStage) -> None:
    """A fixed lens shows no focus, and so on; turning needs nothing of the camera."""
    in_call(stage)
    tell(stage, devices=(replace(DEVICES[1], can=("exposure",)),))
    page = stage.page
    page.locator("[data-testid=darker-document]").first.wait_for()
    assert page.locator("[data-testid=focus-hold-document]").count() == 0
    tell(stage, devices=(replace(DEVICES[1], can=()),), revision=2)
    page.locator("[data-testid=darker-document]").first.wait_for(state="detached")
    assert page.get_by_test_id("rotate-document").is_enabled()


def test_what_is_in_sight_becomes_what_is_sent(stage: DeskStage) -> None:
    """Zoomed and moved by keys, one key sends the part; the zoom here goes when the terminal shows it."""
    with_paper(stage)
    tell(stage)
    page = stage.page
    for key in ("+", "+", "+", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowLeft"):
        page.keyboard.press(key)
    page.keyboard.press("q")
    stage.wait(lambda: bool(stage.hub.of(say.AdjustCamera)))
    word = stage.hub.of(say.AdjustCamera)[0]
    assert (word.camera, word.change) == (PAPER, CameraChange.REGION)
    assert word.region.side == pytest.approx(1 / 1.25**3, abs=0.001)
    assert word.region.left == pytest.approx(0, abs=0.02), "moved to the left edge"
    assert word.region.top == pytest.approx((1 - word.region.side) / 2, abs=0.01)
    page.get_by_test_id("straighten-document").wait_for()
    cut = Cameras(document=CameraSetting(region=word.region))
    tell(stage, cut, revision=2, presented=1)
    see(stage, "picture-document", "一部を表示中")
    assert page.get_by_test_id("straighten-document").is_visible(), "the terminal has not shown it yet"
    tell(stage, cut, revision=2)
    page.get_by_test_id("straighten-document").wait_for(state="detached")
    page.keyboard.press("q")
    stage.wait(lambda: len(stage.hub.of(say.AdjustCamera)) == 2)
    assert stage.hub.of(say.AdjustCamera)[1].region == Region()


def test_a_part_is_asked_for_only_once_something_is_in_sight(stage: DeskStage) -> None:
    """The key says what to do first, instead of doing nothing."""
    in_call(stage)
    tell(stage)
    stage.page.keyboard.press("q")
    see(stage, "notice", "先に拡大")
    assert stage.hub.of(say.AdjustCamera) == []


def test_ink_goes_when_the_paper_is_turned(stage: DeskStage) -> None:
    """The terminal wipes it in the same moment: nobody looks at a line that the other does not see."""
    with_paper(stage)
    tell(stage)
    page = stage.page
    page.keyboard.press("w")
    box = page.get_by_test_id("video-document").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()
    page.get_by_test_id("ink").wait_for()
    tell(stage, Cameras(document=CameraSetting(exposure=1)), revision=2)
    see(stage, "picture-document", "調整を戻す")
    assert page.get_by_test_id("ink").count() == 1
    tell(stage, Cameras(document=CameraSetting(turned=90)), revision=3)
    page.get_by_test_id("ink").wait_for(state="detached")


def test_a_stored_still_is_turned_here_alone(stage: DeskStage) -> None:
    """It is a picture on the operator's screen: the resident's paper stays as it lies."""
    in_call(stage)
    tell(stage)
    page = stage.page
    still = Capture(
        id="k1", kind=CaptureKind.DOCUMENT_STILL, stage=CaptureStage.STORED, width=400, height=300
    )
    stage.hub.say(say.CaptureUpdate(capture=still), call="c1")
    page.get_by_test_id("tab-captures").filter(has_text="1").wait_for()
    page.keyboard.press("v")
    page.get_by_test_id("still-document").wait_for()
    page.keyboard.press("r")
    turned = "document.querySelector('[data-testid=picture-document] .inside').style.transform"
    stage.wait(lambda: "rotate(90deg)" in page.evaluate(turned))
    assert stage.hub.of(say.AdjustCamera) == []


def test_volume_choice_and_restart_are_in_the_terminals_tab(stage: DeskStage) -> None:
    """Reached and used by keyboard; what the resident's own keys did to the volume shows."""
    in_call(stage)
    tell(stage)
    page, hub = stage.page, stage.hub
    page.keyboard.press("j")
    see(stage, "volume", "3 / 5")
    page.keyboard.press(">")
    stage.wait(lambda: hub.of(SetVolume) == [SetVolume(level=4)])
    tell(stage, volume=5, revision=2)
    see(stage, "volume", "5 / 5")
    assert page.get_by_test_id("volume-up").is_disabled()
    page.get_by_test_id("choose-source-document").select_option("spare-1")
    stage.wait(lambda: bool(hub.of(say.ChooseCamera)))
    assert page.get_by_test_id("choose-source-document").input_value() == "document", "not so yet"
    page.get_by_test_id("swap-cameras").press("Enter")
    stage.wait(lambda: len(hub.of(say.ChooseCamera)) == 2)
    chosen = [(word.camera, word.source) for word in hub.of(say.ChooseCamera)]
    assert chosen == [(PAPER, "spare-1"), (FACE, "document")]
    for device in ("face", "document", "audio"):
        page.get_by_test_id(f"restart-{device}").press("Enter")
    stage.wait(lambda: len(hub.of(RestartDevice)) == 3)
    assert [word.device for word in hub.of(RestartDevice)] == ["face", "document", "audio"]


def test_a_lost_camera_is_named_with_its_cause_where_it_can_be_opened_again(stage: DeskStage) -> None:
    """Trouble and its remedy stand side by side; without the terminal nothing can be pressed."""
    in_call(stage)
    lost = replace(DEVICES[1], state="lost", cause="機器が見つかりません。ケーブルを確かめてください")
    tell(stage, devices=(DEVICES[0], lost))
    page = stage.page
    page.keyboard.press("j")
    see(stage, "device-document", "ケーブル")
    assert page.get_by_test_id("device-document").get_attribute("data-state") == "lost"
    tell(stage, terminal_connected=False, revision=2)
    see(stage, "panel-terminal", "接続が切れています")
    assert page.get_by_test_id("restart-document").is_disabled()


def test_after_the_call_the_operator_reads_that_the_devices_are_closed(stage: DeskStage) -> None:
    """Not before the terminal has looked, and with the time at which it did."""
    in_call(stage)
    stage.hub.end(card(), "resident")
    page = stage.page
    page.get_by_test_id("wrap-up").wait_for()
    see(stage, "devices-closed", "確認を待っています")
    over = talking(
        card(), state=CallState.ENDED, devices_closed_at=datetime(2026, 11, 24, 1, 24, 5, tzinfo=UTC)
    )
    stage.hub.say(say.DeskCallUpdate(call=over), call="c1")
    see(stage, "devices-closed", "閉じています(10:24")
