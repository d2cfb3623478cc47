"""The built desk in a real browser: keys, words, the policy of the page, accessibility, and real WebRTC."""

from __future__ import annotations

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from protocol import desk_link as say
from protocol.common import Answer, Ink, InkClear, MediaReport, Pointer, Reply
from protocol.values import (
    CallState,
    CameraRole,
    Capture,
    CaptureKind,
    CaptureStage,
    PresenceState,
    Presentation,
    ReplyWord,
    Rung,
    RungCause,
)
from tests.system.desk_stage import ATTACHED, DEVICES, DIST, PAGE, DeskStage, card, talking, waiting

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(
        not (DIST / "index.html").exists(), reason="the desk is not built: run hub/desk/desk.py build"
    ),
]
AXE = DIST.parent / "node_modules" / "axe-core" / "axe.min.js"


def in_call(stage: DeskStage) -> None:
    """Rung and accepted, without media."""
    stage.sign_in()
    ring = card()
    stage.hub.on[say.Accept] = lambda _envelope, _message: stage.hub.accept(ring)
    stage.hub.ring(ring)
    stage.page.get_by_test_id("ring-card").wait_for()
    stage.page.keyboard.press("F2")
    stage.page.get_by_test_id("stage").wait_for()


def see(stage: DeskStage, testid: str, words: str) -> None:
    """Waits until `testid` shows `words`."""
    stage.page.get_by_test_id(testid).filter(has_text=words).first.wait_for()


def violations(page: Page) -> list[str]:
    """What axe finds against WCAG 2.2 AA."""
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "() => axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })"
        ".then((r) => r.violations.flatMap((v) =>"
        " v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary}`)))"
    )
    return list(found)


def test_login_failures_say_what_is_wrong_and_what_to_do(stage: DeskStage) -> None:
    """A wrong password, too many tries and an expired login are told apart, each with a way out."""
    stage.open()
    page = stage.page
    page.get_by_test_id("login-submit").click()
    see(stage, "login-error", "入力してください")
    page.get_by_test_id("login-name").fill("midori")
    for password, words in (("wrong", "大文字と小文字"), ("often", "14:05")):
        page.get_by_test_id("login-password").fill(password)
        page.get_by_test_id("login-submit").click()
        see(stage, "login-error", words)
    page.get_by_test_id("login-password").fill("right")
    page.keyboard.press("Enter")
    page.get_by_test_id("device-test").wait_for()
    stage.wait(lambda: bool(stage.hub.of(say.DeskHello)))
    stage.hub.close(4001)
    see(stage, "login-why", "期限が切れました")


def test_a_login_that_ended_while_the_link_was_down_is_told_from_an_absent_hub(stage: DeskStage) -> None:
    """A refused handshake says nothing; the desk asks, and shows the login instead of retrying for ever."""
    stage.sign_in()
    stage.hub.refuse_with = (1011, "")
    stage.hub.close(1012)
    see(stage, "link-bar", "再接続中")
    stage.logged_in = False
    see(stage, "login-why", "期限が切れました")
    stage.hub.refuse_with = None
    stage.page.get_by_test_id("login-name").fill("midori")
    stage.page.get_by_test_id("login-password").fill("right")
    stage.page.keyboard.press("Enter")
    stage.page.get_by_test_id("idle-stage").wait_for()


def test_a_ring_is_never_hidden_behind_the_device_test(stage: DeskStage) -> None:
    """Whoever tests her devices between two calls still sees and answers the next ring."""
    stage.sign_in()
    stage.page.get_by_test_id("open-test").click()
    stage.page.get_by_test_id("device-test").wait_for()
    stage.hub.ring(card())
    stage.page.get_by_test_id("ring-card").wait_for()


def test_a_refused_camera_is_explained_and_needs_a_word_before_going_without(browser: Browser) -> None:
    """Nobody starts a shift unseen by accident, and nobody is locked out for a missing camera."""
    with DeskStage(browser, permissions=("microphone",)) as stage:
        stage.open()
        page = stage.page
        page.get_by_test_id("login-name").fill("midori")
        page.get_by_test_id("login-password").fill("right")
        page.get_by_test_id("login-submit").click()
        see(stage, "verdict-camera", "許可されていません")
        assert page.get_by_test_id("start-shift").is_disabled()
        page.get_by_test_id("without-camera").click()
        page.get_by_test_id("start-shift").click()
        page.get_by_test_id("desk").wait_for()


def test_a_whole_call_with_the_keyboard_alone(stage: DeskStage) -> None:
    """From available to the stored outcome no mouse is needed."""
    stage.sign_in()
    page, hub, ring = stage.page, stage.hub, card()
    page.keyboard.press("a")
    see(stage, "presence-word", "受付可")
    assert hub.of(say.SetPresence)[-1].state == "available"
    hub.on[say.Accept] = lambda _envelope, _message: hub.accept(ring)
    hub.on[say.EndCall] = lambda _envelope, _message: hub.end(ring, "operator")
    hub.ring(ring)
    see(stage, "ring-municipality", "美祢市")
    assert "呼出中" in page.title()
    page.keyboard.press("F2")
    page.get_by_test_id("stage").wait_for()
    see(stage, "handbook", "まず本人か家族か")
    page.keyboard.press("3")
    assert page.get_by_test_id("stage").get_attribute("data-layout") == "paper"
    page.keyboard.press("s")
    page.keyboard.press("z")
    page.keyboard.press("F9")
    page.get_by_test_id("end-dialog").wait_for()
    page.keyboard.press("Enter")
    page.get_by_test_id("wrap-up").wait_for()
    page.keyboard.press("2")
    page.keyboard.press("F2")
    see(stage, "wrap-up-missing", "理由")
    page.keyboard.press("1")
    page.keyboard.press("F2")
    stage.wait(lambda: bool(hub.of(say.WrapUp)))
    stored = hub.of(say.WrapUp)[0]
    assert (stored.outcome, stored.procedure, stored.reason) == ("completed", "care", "")
    assert hub.of(say.RequestCapture)[0].kind is CaptureKind.DOCUMENT_STILL
    assert hub.of(say.Freeze)[0] == say.Freeze(camera=CameraRole.DOCUMENT, on=True)
    hub.snapshot = {"presence": PresenceState.AVAILABLE}
    hub.say(say.WrappedUp(), call=ring.call)
    hub.say(say.Presence(state=PresenceState.AVAILABLE, since=ring.queued_at))
    page.get_by_test_id("idle-stage").wait_for()


def test_typing_a_caption_triggers_no_shortcut_and_composing_sends_nothing(stage: DeskStage) -> None:
    """Enter that settles a conversion does not send, and letters in a field are letters."""
    in_call(stage)
    page = stage.page
    page.keyboard.press("c")
    field = page.get_by_test_id("caption-input")
    page.keyboard.type("m3s")
    assert field.input_value() == "m3s"
    assert page.get_by_test_id("mute").get_attribute("aria-pressed") == "false"
    settles = "{ key: 'Enter', isComposing: true, bubbles: true }"
    field.evaluate(f"f => f.dispatchEvent(new KeyboardEvent('keydown', {settles}))")
    page.keyboard.press("Alt+m")
    assert page.get_by_test_id("mute").get_attribute("aria-pressed") == "true"
    assert stage.hub.of(say.Caption) == []
    page.keyboard.press("Enter")
    stage.wait(lambda: len(stage.hub.of(say.Caption)) == 1)
    assert stage.hub.of(say.Caption)[0].text == "m3s"
    assert stage.hub.of(say.RequestCapture) == []


def test_a_page_counts_as_seen_only_when_the_terminal_has_drawn_it(stage: DeskStage) -> None:
    """The desk says 'on the resident's screen' on the terminal's word, not on the operator's click."""
    in_call(stage)
    page, hub, ring = stage.page, stage.hub, card()
    page.get_by_test_id("tab-pages").click()
    page.get_by_test_id("page-flow").click()
    page.get_by_test_id("page-show").click()
    stage.wait(lambda: bool(hub.of(say.ShowPage)))
    shown = Presentation(revision=3, page=PAGE)
    hub.say(say.DeskCallUpdate(call=talking(ring, presentation=shown, presented=2)), call="c1")
    see(stage, "page-state", "送っています")
    hub.say(say.DeskCallUpdate(call=talking(ring, presentation=shown, presented=3)), call="c1")
    page.locator('[data-testid="page-state"][data-state="shown"]').wait_for()
    page.keyboard.press("n")
    stage.wait(lambda: len(hub.of(say.ShowPage)) == 2)
    assert hub.of(say.ShowPage)[1] == say.ShowPage(page="flow", sheet=1)
    page.keyboard.press("x")
    stage.wait(lambda: bool(hub.of(say.HidePage)))


def test_a_stored_still_can_be_read_large_and_left_again(stage: DeskStage) -> None:
    """The still takes its camera's place in the middle, by one key, and gives it back by the same key."""
    in_call(stage)
    page = stage.page
    still = Capture(
        id="k1", kind=CaptureKind.DOCUMENT_STILL, stage=CaptureStage.STORED, width=400, height=300
    )
    stage.hub.say(say.CaptureUpdate(capture=still), call="c1")
    page.get_by_test_id("tab-captures").click()
    page.get_by_test_id("capture-image").wait_for()
    page.keyboard.press("v")
    page.get_by_test_id("still-document").wait_for()
    assert page.get_by_test_id("stage").get_attribute("data-layout") == "paper"
    assert page.evaluate("document.querySelector('[data-testid=still-document]').naturalWidth") == 400
    page.keyboard.press("v")
    page.get_by_test_id("still-document").wait_for(state="detached")


def test_pictures_flow_and_a_new_epoch_replaces_the_old_without_a_gap(stage: DeskStage) -> None:
    """Both pictures come, our own go back, and a new epoch takes over only when it runs."""
    in_call(stage)
    page = stage.page
    stage.offer("c1", 1, "#264")
    shape = "role => { const v = document.querySelector(`[data-testid=video-${role}]`);"
    shape += " return Math.round(90 * v.videoWidth / v.videoHeight); }"
    stage.wait(lambda: page.evaluate(shape, "face") == 120, 20)
    stage.wait(lambda: page.evaluate(shape, "document") == 160, 20)
    stage.wait(lambda: stage.terminal().evaluate("frames(1)")["video"] > 10)
    assert stage.terminal().evaluate("frames(1)")["audio"] > 10
    voices = (
        "[...document.querySelectorAll('video')].flatMap((v) => v.srcObject?.getAudioTracks() ?? []).length"
    )
    assert page.evaluate(voices) == 0, "voice and picture in one stream would make the face wait"
    see(stage, "quality-terminal", "良好")
    old = page.evaluate("document.querySelector('[data-testid=video-face]').srcObject.id")
    stage.offer("c1", 2, "#624")
    assert page.evaluate("document.querySelector('[data-testid=video-face]').srcObject.id") == old
    changed = f"document.querySelector('[data-testid=video-face]').srcObject.id !== '{old}'"
    stage.wait(lambda: bool(page.evaluate(changed)))
    stage.wait(lambda: stage.terminal().evaluate("frames(2)")["video"] > 5)
    assert {e.epoch for e, m in stage.hub.heard if isinstance(m, Answer)} == {1, 2}
    assert stage.renews() == []


def test_a_reload_leads_back_into_the_call_and_asks_for_a_new_epoch(stage: DeskStage) -> None:
    """An operator who reloads is in her call again, without login, test or accept."""
    in_call(stage)
    stage.hub.snapshot = {"presence": PresenceState.TALKING, "call": talking(card(), epoch=3)}
    stage.page.reload()
    stage.page.get_by_test_id("stage").wait_for()
    stage.wait(lambda: stage.renews() == ["reload"])
    stage.offer("c1", 3)
    stage.offer("c1", 4)
    stage.wait(lambda: stage.terminal().evaluate("frames(4)")["video"] > 0)
    assert [e.epoch for e, m in stage.hub.heard if isinstance(m, Answer)] == [4]


PAPER = "video-document"


def paper_spot(stage: DeskStage, x: float, y: float) -> tuple[float, float]:
    """Where a place of the paper's picture (960 x 540) is on the page."""
    box = stage.page.get_by_test_id(PAPER).bounding_box()
    assert box is not None
    fit = min(box["width"] / 960, box["height"] / 540)
    left, top = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    return left + (x - 0.5) * 960 * fit, top + (y - 0.5) * 540 * fit


def with_paper(stage: DeskStage) -> None:
    """In a call, with the paper before the operator."""
    in_call(stage)
    stage.offer("c1", 1)
    stage.wait(
        lambda: stage.page.evaluate(f"document.querySelector('[data-testid={PAPER}]').videoWidth") == 960, 20
    )


def test_the_pointer_follows_the_mouse_on_the_paper_and_leaves_with_it(stage: DeskStage) -> None:
    """Chosen by key; said where the mouse is in the picture, ten times a second, and taken away outside."""
    with_paper(stage)
    page, hub = stage.page, stage.hub
    page.keyboard.press("t")
    assert page.get_by_test_id("tool-pointer").get_attribute("aria-pressed") == "true"
    page.mouse.move(*paper_spot(stage, 0.2, 0.2))
    page.mouse.move(*paper_spot(stage, 0.75, 0.5), steps=8)
    stage.wait(lambda: bool(hub.of(Pointer)) and abs(hub.of(Pointer)[-1].x - 0.75) < 0.01)
    assert abs(hub.of(Pointer)[-1].y - 0.5) < 0.01
    assert hub.of(Pointer)[-1].on
    page.mouse.move(5, 5)
    stage.wait(lambda: not hub.of(Pointer)[-1].on)
    said = len(hub.of(Pointer))
    page.mouse.move(30, 30)
    page.wait_for_timeout(300)
    assert len(hub.of(Pointer)) == said


def test_the_pen_writes_at_once_and_every_point_is_said(stage: DeskStage) -> None:
    """What stands on the operator's screen is what the hub heard, in one stroke; clearing wipes both."""
    with_paper(stage)
    page, hub = stage.page, stage.hub
    cleared = len(hub.of(InkClear))
    page.get_by_test_id("tool-pen").click()
    page.mouse.move(*paper_spot(stage, 0.2, 0.3))
    page.mouse.down()
    page.mouse.move(*paper_spot(stage, 0.8, 0.6), steps=10)
    page.get_by_test_id("ink").wait_for()
    page.mouse.up()
    stage.wait(lambda: bool(hub.of(Ink)) and hub.of(Ink)[-1].done)
    points = [point for part in hub.of(Ink) for point in part.points]
    assert len({part.stroke for part in hub.of(Ink)}) == 1
    assert points[0] == pytest.approx((0.2, 0.3), abs=0.01)
    assert points[-1] == pytest.approx((0.8, 0.6), abs=0.01)
    ink = page.locator("[data-testid=ink] .ink")
    drawn = (ink.get_attribute("points") or "").split()
    assert drawn[-1] == f"{points[-1][0] * 960:.1f},{points[-1][1] * 540:.1f}"
    page.keyboard.press("l")
    stage.wait(lambda: len(hub.of(InkClear)) == cleared + 1)
    page.get_by_test_id("ink").wait_for(state="detached")
    assert [one for one in stage.complaints if "401" not in one] == []


def test_ink_lies_under_the_pen_on_a_moved_and_zoomed_paper(stage: DeskStage) -> None:
    """The line is drawn where the pen is, whatever the operator did with her view."""
    with_paper(stage)
    page = stage.page
    for key in ("+", "+", "ArrowLeft", "ArrowUp"):
        page.keyboard.press(key)
    page.keyboard.press("w")
    box = page.get_by_test_id("picture-document").locator(".frame").bounding_box()
    assert box is not None
    at = (box["x"] + box["width"] * 0.5 + 20, box["y"] + box["height"] * 0.5 - 30)
    page.mouse.move(*at)
    page.mouse.down()
    page.mouse.up()
    dot = page.locator("[data-testid=ink] .ink").bounding_box()
    assert dot is not None
    assert (dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2) == pytest.approx(at, abs=2)


def test_ink_that_was_drawn_while_the_link_was_away_is_said_again(stage: DeskStage) -> None:
    """After a restart of the hub the terminal is told all strokes anew, on clean paper."""
    with_paper(stage)
    page, hub = stage.page, stage.hub
    page.keyboard.press("w")
    page.mouse.move(*paper_spot(stage, 0.4, 0.4))
    page.mouse.down()
    page.mouse.move(*paper_spot(stage, 0.5, 0.5), steps=3)
    page.mouse.up()
    stage.wait(lambda: bool(hub.of(Ink)) and hub.of(Ink)[-1].done)
    hub.snapshot = {"presence": PresenceState.TALKING, "call": talking(card(), epoch=1)}
    before = len(hub.heard)
    hub.close(1012)

    def again() -> list[object]:
        return [m for _, m in hub.heard[before:] if isinstance(m, Ink | InkClear)]

    stage.wait(lambda: len(again()) >= 2)
    first, *rest = again()
    assert isinstance(first, InkClear)
    told = [part for part in rest if isinstance(part, Ink)]
    assert next(p for part in told for p in part.points) == pytest.approx((0.4, 0.4), abs=0.01)


def test_a_hub_restart_leaves_picture_and_sound_alone(stage: DeskStage) -> None:
    """The link comes back by itself; the connection of the call is neither closed nor renewed."""
    in_call(stage)
    stage.offer("c1", 1)
    stage.wait(lambda: stage.terminal().evaluate("frames(1)")["video"] > 0)
    old = stage.page.evaluate("document.querySelector('[data-testid=video-face]').srcObject.id")
    hellos = len(stage.hub.of(say.DeskHello))
    stage.hub.snapshot = {"presence": PresenceState.TALKING, "call": talking(card(), epoch=1)}
    stage.hub.close(1012)
    stage.wait(lambda: len(stage.hub.of(say.DeskHello)) > hellos)
    stage.page.wait_for_timeout(1500)
    assert stage.page.evaluate("document.querySelector('[data-testid=video-face]').srcObject.id") == old
    assert stage.renews() == []
    assert stage.terminal().evaluate("peers[1].connectionState") == "connected"


def test_a_silent_line_is_told_and_a_new_epoch_asked_for(stage: DeskStage) -> None:
    """After five seconds without a frame or a packet the terminal is asked to offer again."""
    in_call(stage)
    stage.offer("c1", 1)
    stage.wait(lambda: stage.terminal().evaluate("frames(1)")["video"] > 0)
    see(stage, "quality-terminal", "良好")
    stage.terminal().evaluate("peers[1].close()")
    see(stage, "over-face", "つなぎ直しています")
    stage.wait(lambda: stage.renews() != [], 12)
    assert stage.renews()[0] in ("no_media", "failed")


def test_what_carries_the_call_and_why_is_shown_in_words(stage: DeskStage) -> None:
    """Each rung has its name beside the light, its cause says whose line it is, and pictures say so too."""
    in_call(stage)
    stage.offer("c1", 1)
    stage.wait(lambda: stage.terminal().evaluate("frames(1)")["video"] > 0)
    see(stage, "quality-terminal", "良好")
    page, hub = stage.page, stage.hub
    assert page.get_by_test_id("quality-terminal-carried").count() == 0
    steps = (
        (Rung.FEWER_FRAMES, RungCause.LOSSY, "caution", "枚数減", "途切れがち"),
        (Rung.AUDIO_STILLS, RungCause.NARROW, "bad", "声と静止画", "回線が細い"),
        (Rung.TEXT, RungCause.NO_MEDIA, "bad", "文字", "文字でつないでいます"),
    )
    for rung, cause, light, carried, words in steps:
        hub.say(MediaReport(live=rung is not Rung.TEXT, rung=rung, cause=cause), call="c1")
        see(stage, "quality-terminal-carried", carried)
        see(stage, "quality-terminal", words)
        side = page.get_by_test_id("quality-terminal")
        assert (side.get_attribute("data-light"), side.get_attribute("data-of")) == (light, "line_in")
    see(stage, "over-face", "字幕で応対してください")
    see(stage, "reply", "キーで答えた言葉がここに出ます")
    hub.say(MediaReport(live=True), call="c1")
    see(stage, "quality-terminal", "良好")
    page.get_by_test_id("over-face").wait_for(state="detached")
    assert page.get_by_test_id("quality-terminal-carried").count() == 0


def test_a_call_without_any_connection_goes_on_by_captions_and_answers(stage: DeskStage) -> None:
    """No offer ever came: the operator reads why, writes, and sees which words were answered how."""
    in_call(stage)
    page, hub, ring = stage.page, stage.hub, card()
    hub.say(MediaReport(live=False, rung=Rung.TEXT, cause=RungCause.NO_MEDIA), call="c1")
    see(stage, "quality-terminal", "映像も声もつながりません")
    page.keyboard.press("c")
    assert page.get_by_test_id("caption-input").get_attribute("maxlength") == "90"
    page.keyboard.type("書けましたか")
    page.keyboard.press("Enter")
    stage.wait(lambda: bool(hub.of(say.Caption)))
    shown = Presentation(revision=1, caption="書けましたか")
    hub.say(say.DeskCallUpdate(call=talking(ring, presentation=shown, presented=1)), call="c1")
    for _ in range(2):  # the hub may tell it again after a reload
        hub.say(Reply(id="reply-1", word=ReplyWord.YES, revision=1), call="c1")
    see(stage, "reply-word", "はい")
    see(stage, "reply", "「書けましたか」へ")
    hub.say(Reply(id="reply-2", word=ReplyWord.UNHEARD, revision=1), call="c1")
    see(stage, "reply-word", "聞こえません")
    assert violations(page) == []


def test_a_camera_a_microphone_and_a_slow_machine_are_told_from_the_line(stage: DeskStage) -> None:
    """The operator knows what to ask for: a cable, a device, patience."""
    in_call(stage)
    stage.offer("c1", 1)
    stage.wait(lambda: stage.terminal().evaluate("frames(1)")["video"] > 0)
    see(stage, "quality-terminal", "良好")
    for report, of, words in (
        (MediaReport(live=True, microphone_age_ms=4000), "sound", "マイクから音が来ていません"),
        (MediaReport(live=True, late_ms=900), "machine", "窓口端末の処理が遅れています"),
        (MediaReport(live=True, downlink_loss=0.25), "line_out", "こちらの声が、窓口で途切れています"),
    ):
        stage.hub.say(report, call="c1")
        see(stage, "quality-terminal", words)
        assert stage.page.get_by_test_id("quality-terminal").get_attribute("data-of") == of


def test_a_second_desk_of_the_same_person_stops_this_one_with_a_way_back(stage: DeskStage) -> None:
    """4009 is explained, and only the operator's own click takes the desk back."""
    stage.sign_in()
    hellos = len(stage.hub.of(say.DeskHello))
    stage.hub.close(4009)
    stage.page.get_by_test_id("stopped").wait_for()
    stage.page.get_by_test_id("take-over").click()
    stage.wait(lambda: len(stage.hub.of(say.DeskHello)) > hellos)
    stage.page.get_by_test_id("desk").wait_for()


def test_an_outcome_that_the_link_lost_is_sent_again_under_the_same_id(stage: DeskStage) -> None:
    """A break between saving and the hub's word neither loses nor doubles a wrap-up."""
    in_call(stage)
    page, hub = stage.page, stage.hub
    hub.end(card(), "resident")
    page.get_by_test_id("wrap-up").wait_for()
    page.get_by_test_id("outcome-completed").click()
    hub.on[say.WrapUp] = lambda _envelope, _message: None
    page.get_by_test_id("wrap-up-save").click()
    stage.wait(lambda: len(hub.of(say.WrapUp)) == 1)
    hub.close(1012)
    stage.wait(lambda: len(hub.of(say.WrapUp)) >= 2)
    assert len({e.id for e, m in hub.heard if isinstance(m, say.WrapUp)}) == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_scene_meets_wcag_and_the_policy_of_the_page(stage: DeskStage, theme: str) -> None:
    """axe finds nothing against WCAG 2.2 AA, and nothing is loaded, run or styled against the policy."""
    page, hub = stage.page, stage.hub
    page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
    stage.open()
    page.get_by_test_id("login").wait_for()
    found = {"login": violations(page)}
    stage.sign_in()
    hub.say(say.Queue(waiting=(waiting(),)))
    page.get_by_test_id("queue-row").wait_for()
    found["idle"] = violations(page)
    page.keyboard.press("F4")
    found["settings"] = violations(page)
    page.keyboard.press("?")
    found["keys"] = violations(page)
    page.keyboard.press("h")
    hub.on[say.Accept] = lambda _envelope, _message: hub.accept(card())
    hub.ring(card())
    page.get_by_test_id("ring-card").wait_for()
    found["ring"] = violations(page)
    page.keyboard.press("F2")
    page.get_by_test_id("stage").wait_for()
    asked = Capture(id="k1", kind=CaptureKind.ID_PHOTO, stage=CaptureStage.ASKING)
    hub.say(say.CaptureUpdate(capture=asked), call="c1")
    hub.say(
        say.DeskCallUpdate(
            call=msgspec.structs.replace(
                talking(card()),
                state=CallState.TALKING,
                presentation=Presentation(revision=1, page=PAGE, caption="お待ちください。"),
                presented=1,
                devices=DEVICES,
                attached=ATTACHED,
                volume=3,
            )
        ),
        call="c1",
    )
    for key in ("h", "g", "k", "j", "2", "3"):
        page.keyboard.press(key)
        page.wait_for_timeout(100)
        found[f"call {key}"] = violations(page)
    hub.end(card(), "resident")
    page.get_by_test_id("wrap-up").wait_for()
    found["wrap-up"] = violations(page)
    assert {scene: problems for scene, problems in found.items() if problems} == {}
    refused = [c for c in stage.complaints if "401" not in c and "404" not in c]
    assert refused == []
