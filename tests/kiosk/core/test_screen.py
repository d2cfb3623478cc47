"""What the resident reads is true, whole and in plain words."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from kiosk.core import screen
from kiosk.core.clock import clock_text, duration_text
from kiosk.core.effects import DevicesChanged, LinkDown, MediaChanged, WipeDone
from kiosk.core.idle import WAITING_S
from kiosk.core.terminal import Terminal
from kiosk.core.texts import BREAK, JA, text
from kiosk.core.view import Layout, PhotoStage, Screen, TouchKind, View
from protocol.common import Refused
from protocol.kiosk_link import Call, Present, Snapshot, TakeCapture
from protocol.values import (
    CallState,
    CameraRole,
    Cameras,
    CameraSetting,
    CaptureKind,
    DeviceState,
    Focus,
    Presentation,
    Region,
    Topic,
    Wait,
)
from tests.kiosk.core.cast import FALLBACK, PAGE, SITE, START, at, call, new_terminal, say, talking, touch


def look(terminal: Terminal, after: float = 0.0) -> View:
    return screen.view(terminal, at(after), 1, FALLBACK)


def plain(sentence: str) -> str:
    """Without ruby and break signs."""
    return re.sub(r"\{([^|{}]+)\|[^|{}]*\}", r"\1", sentence).replace("\u200b", "")


def test_the_invitation_has_one_thing_to_touch() -> None:
    """One question on a screen, one obvious next touch."""
    view = look(new_terminal())
    assert view.screen is Screen.IDLE
    assert view.idle is not None
    assert view.idle.start is not None
    assert view.idle.start.kind is TouchKind.START
    assert view.idle.tiles == ()
    assert view.footer.leave is None
    assert view.footer.live == ()


def test_tiles_start_the_call_and_end_with_i_do_not_know() -> None:
    """At most six topics and 「わからない」, each of them the touch itself."""
    topics = tuple(Topic(id=f"t{n}", title=f"用件{n}") for n in range(9))
    terminal = new_terminal()
    say(terminal, Snapshot(site=replace(SITE, tiles=True, topics=topics)))
    idle = look(terminal).idle
    assert idle is not None
    assert len(idle.tiles) == 7
    assert idle.tiles[-1].value == ""
    assert all(tile.kind is TouchKind.START for tile in idle.tiles)


def test_before_the_hub_has_spoken_the_telephone_comes_from_the_settings() -> None:
    """A terminal that never reached its hub still helps."""
    terminal = new_terminal(linked=False)
    view = look(terminal, after=10)
    assert view.screen is Screen.OFFLINE
    assert view.notice is not None
    assert view.notice.telephone == FALLBACK.telephone


def test_a_short_loss_of_the_link_is_not_shown() -> None:
    """A link that comes back at once is nobody's business; a longer loss shows the telephone."""
    terminal = new_terminal()
    terminal.handle(LinkDown("link_down"), at(10))
    assert look(terminal, after=11).screen is Screen.IDLE
    view = look(terminal, after=13)
    assert view.screen is Screen.OFFLINE
    assert view.notice is not None
    assert (view.notice.telephone, view.notice.code) == (SITE.telephone, "link_down")
    due = screen.deadline(terminal, at(10.5))
    assert due is not None
    assert due <= at(12).mono


def test_closed_busy_and_trouble_say_so_with_the_telephone() -> None:
    """Whoever cannot be served reads why and whom to call."""
    closed = new_terminal()
    say(closed, Snapshot(site=replace(SITE, open=False, closed_text="祝日です")))
    busy = new_terminal()
    say(busy, Snapshot(site=replace(SITE, operators_on_duty=False)))
    trouble = new_terminal()
    trouble.handle(DevicesChanged((DeviceState(name="audio", state="lost", code="device_missing"),)), at())
    for terminal, expected in ((closed, Screen.CLOSED), (busy, Screen.BUSY), (trouble, Screen.TROUBLE)):
        view = look(terminal)
        assert view.screen is expected
        assert view.notice is not None
        assert view.notice.telephone == SITE.telephone
    assert look(trouble).notice.code == "device_missing: audio"  # type: ignore[union-attr]


def test_a_refusal_because_nobody_is_there_shows_busy() -> None:
    """The touch that nobody could take is answered."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    say(terminal, Refused(about=terminal._request_id, code="nobody_on_duty", text=""))
    assert look(terminal).screen is Screen.BUSY


def test_waiting_counts_up_and_tells_the_place_and_the_range() -> None:
    """An honest wait: how long so far, how many before, how long still."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START, "mynumber-card")
    waiting = call(CallState.WAITING, position=2, wait=Wait(low_s=120, high_s=290), topic="mynumber-card")
    say(terminal, Call(call=waiting))
    body = look(terminal, after=65).waiting
    assert body is not None
    assert body.waited == "1分05秒"
    assert plain(body.status) == "前に2人お待ちです"
    assert plain(body.expected) == "およそ2〜5分"
    assert body.ready == ("通知書",)


def test_waiting_changes_every_second_and_idle_only_with_the_minute() -> None:
    """An idle screen draws nothing."""
    terminal = new_terminal()
    due = screen.deadline(terminal, at(12.0))
    assert due == pytest.approx(at(60).mono)
    touch(terminal, TouchKind.START)
    due = screen.deadline(terminal, at(12.4))
    assert due == at(13).mono


def test_the_call_shows_who_is_there_and_who_is_watching() -> None:
    """Name, role and municipality; live cameras and watcher are always said."""
    terminal = talking()
    cameras = (DeviceState(name="face", state="live"), DeviceState(name="document", state="live"))
    terminal.handle(DevicesChanged(cameras), at())
    view = look(terminal)
    assert view.screen is Screen.TALKING
    assert view.talking is not None
    assert (view.talking.person.name, view.talking.person.municipality) == ("佐藤", "みなみ市")
    assert [plain(name) for name in view.footer.live] == ["顔カメラ", "手元カメラ"]
    assert [plain(one) for one in view.footer.watching] == ["みなみ市のオペレーター 佐藤が見ています"]
    assert view.footer.leave is not None


def test_waiting_says_that_nobody_watches_yet() -> None:
    """Cameras that are on for a quick start are not hidden."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    terminal.handle(DevicesChanged((DeviceState(name="face", state="live"),)), at())
    footer = look(terminal).footer
    assert footer.live
    assert [plain(one) for one in footer.watching] == ["まだだれも見ていません"]


def test_a_page_is_shown_with_its_number_and_goes_away() -> None:
    """The resident sees the sheet that the operator chose."""
    terminal = talking()
    say(terminal, Present(presentation=Presentation(revision=1, focus=Focus.PAGE, page=PAGE, sheet=1)))
    talk = look(terminal).talking
    assert talk is not None
    assert talk.page is not None
    assert (talk.layout, talk.page.number, talk.page.blocks[0].text) == (Layout.PAGE, "2 / 2", "二枚目")
    say(terminal, Present(presentation=Presentation(revision=2, focus=Focus.PAGE)))
    talk = look(terminal).talking
    assert talk is not None
    assert (talk.layout, talk.page) == (Layout.OPERATOR, None)


def test_a_part_of_the_paper_is_said_to_be_one() -> None:
    """Whoever sees half of her letter on the screen reads why."""
    terminal = talking()
    part = Cameras(document=CameraSetting(region=Region(side=0.5)))
    say(terminal, Present(presentation=Presentation(revision=1, cameras=part)))
    talk = look(terminal).talking
    assert talk is not None
    assert plain(talk.paper_note) == "一部を大きく映しています"


def test_a_frozen_paper_and_silent_media_are_said_in_words() -> None:
    """Nothing that looks wrong is left without a word."""
    terminal = talking()
    say(terminal, Present(presentation=Presentation(revision=1, frozen=(CameraRole.DOCUMENT,))))
    terminal.handle(MediaChanged(1, "silent"), at())
    talk = look(terminal).talking
    assert talk is not None
    assert plain(talk.paper_note) == "画面を止めています"
    assert "つなぎ直して" in plain(talk.notice)
    terminal.handle(MediaChanged(1, "live"), at())
    assert look(terminal).talking.notice == ""  # type: ignore[union-attr]


def test_the_photo_asks_first_and_the_call_comes_back() -> None:
    """Consent stands alone on the screen with yes and no."""
    terminal = talking()
    say(terminal, TakeCapture(capture="c", kind=CaptureKind.ID_PHOTO, upload_token="t" * 32))
    view = look(terminal)
    assert view.screen is Screen.PHOTO
    assert view.photo is not None
    assert view.photo.stage is PhotoStage.CONSENT
    assert [c.kind for c in view.photo.choices] == [TouchKind.CONSENT_NO, TouchKind.CONSENT_YES]
    touch(terminal, TouchKind.CONSENT_NO)
    assert look(terminal).screen is Screen.TALKING


def test_wiped_is_only_said_when_it_is_true() -> None:
    """'Nothing is left' stands on the screen after the proof, not before, and never with something left."""
    terminal = talking()
    say(terminal, Call(call=call(CallState.ENDED)))
    assert "消して" in plain(look(terminal).ended.wiped)  # type: ignore[union-attr]
    terminal.handle(WipeDone("call-1", buffers=1, files=0, left=1, ui=True), at())
    assert "消して" in plain(look(terminal).ended.wiped)  # type: ignore[union-attr]
    terminal.handle(WipeDone("call-1", buffers=1, files=0, left=0, ui=True), at())
    assert "残っていません" in plain(look(terminal).ended.wiped)  # type: ignore[union-attr]


def test_leave_and_the_idle_warning_are_dialogs() -> None:
    """Both can be answered with one touch."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    say(terminal, Call(call=call(CallState.WAITING)))
    touch(terminal, TouchKind.LEAVE)
    dialog = look(terminal).dialog
    assert dialog is not None
    assert [c.kind for c in dialog.choices] == [TouchKind.LEAVE_NO, TouchKind.LEAVE_YES]
    touch(terminal, TouchKind.LEAVE_NO)
    assert look(terminal).dialog is None
    terminal.tick(at(WAITING_S))
    dialog = look(terminal, after=WAITING_S + 5).dialog
    assert dialog is not None
    assert dialog.seconds == 25


def test_simulated_devices_are_named() -> None:
    """The demo never pretends."""
    terminal = new_terminal()
    assert look(terminal).simulated == ""
    terminal.handle(DevicesChanged((DeviceState(name="face", state="closed", simulated=True),)), at())
    assert "模擬" in plain(look(terminal).simulated)


@pytest.mark.parametrize("key", sorted(JA))
def test_sentences_are_well_formed(key: str) -> None:
    """Ruby braces close, breaks stand between phrases, kanji stay within 13 a sentence."""
    sentence = JA[key]
    shown = plain(text("ja", key))
    assert not sentence.startswith(BREAK)
    assert not sentence.endswith(BREAK)
    assert len(re.findall(r"[\u4e00-\u9fff]", shown)) <= 13
    assert not re.search(r"\{[^|}]*\|[^}]*$", sentence)


def test_times_are_read_in_tokyo() -> None:
    """Stored in UTC, shown in Asia/Tokyo."""
    assert clock_text(START) == "11月24日(火) 午前10:24"
    assert clock_text(datetime(2026, 11, 24, 15, 5, tzinfo=UTC)) == "11月25日(水) 午前0:05"
    assert duration_text(timedelta(minutes=12, seconds=3).total_seconds()) == "12分03秒"
    assert duration_text(-5) == "0秒"
