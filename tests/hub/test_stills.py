"""A still from the operator's wish to the picture on her screen, and everything that is no picture."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path

import pytest
from sqlalchemy import select

from hub import access
from hub.core.audit import Action
from hub.house import build
from hub.store import trail
from hub.store.fences import POOL
from hub.store.tables import capture_key
from protocol.common import Refused
from protocol.desk_link import AbortCapture, CaptureUpdate, DeskCallUpdate, EndCall, RequestCapture, WrapUp
from protocol.errors import LocalError
from protocol.kiosk_link import CancelCapture, CaptureProgress, TakeCapture
from protocol.values import Capture, CaptureKind, CaptureStage
from tests.fakes.hub_program import content, running
from tests.hub.conftest import Cast
from tests.hub.core.test_captures import picture


async def told(cast: Cast, stage: str) -> Capture:
    """What the operator is told of a still at this stage."""
    return (await cast.desk.expect(CaptureUpdate, lambda said: said.capture.stage == stage)).message.capture


async def asked(cast: Cast, call: str) -> TakeCapture:
    """The operator asks for an ID photo; what the terminal is told."""
    await cast.desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
    heard = await cast.kiosk.expect(TakeCapture)
    assert heard.envelope.expires is not None
    seconds = (heard.envelope.expires - cast.hub.clock.now()).total_seconds()
    assert 0 < seconds <= 10, "a replay never photographs somebody who has left"
    return heard.message


async def test_a_still_reaches_the_operator_and_nobody_else(cast: Cast, tmp_path: Path) -> None:
    """Asked, consented, uploaded, sealed, shown; one digest at both ends; nothing readable on the disk."""
    call = await cast.talk()
    take = await asked(cast, call)
    for stage in (CaptureStage.ASKING, CaptureStage.COUNTING, CaptureStage.SENDING):
        await cast.kiosk.say(CaptureProgress(capture=take.capture, stage=stage), call=call)
        await told(cast, stage)
    body = picture(640, 480)
    answer = await cast.kiosk.upload(take.capture, take.upload_token, body)
    sha = hashlib.sha256(body).hexdigest()
    assert answer.status_code == 201
    assert answer.json() == {"sha256": sha, "width": 640, "height": 480, "bytes": len(body)}
    stored = await told(cast, "stored")
    assert (stored.sha256, stored.width, stored.height) == (sha, 640, 480)
    image = await cast.desk.get(f"/api/desk/calls/{call}/captures/{take.capture}/image")
    assert image.content == body
    assert image.headers["content-type"] == "image/jpeg"
    assert image.headers["cache-control"] == "no-store"
    files = [path.read_bytes() for path in (tmp_path / "captures").rglob("*") if path.is_file()]
    assert len(files) == 1
    assert body[200:260] not in files[0]
    for path in ("", "-wal"):
        assert body[200:260] not in (tmp_path / f"hub.db{path}").read_bytes()
    foreign = await cast.far_desk.get(f"/api/desk/calls/{call}/captures/{take.capture}/image")
    assert foreign.status_code == 404
    async with cast.hub.house.database.read(POOL) as tx:
        actions = [(entry.action, entry.subject) for entry, _ in await trail.entries(tx)]
    assert (Action.FOREIGN_REFUSED, take.capture) in actions
    assert (Action.CAPTURE_READ, take.capture) in actions


async def test_the_image_is_closed_with_the_wrap_up(cast: Cast) -> None:
    """During wrap-up she may look; afterwards, and for a colleague at any time, it is 404."""
    call = await cast.talk()
    take = await asked(cast, call)
    await cast.kiosk.upload(take.capture, take.upload_token, picture())
    path = f"/api/desk/calls/{call}/captures/{take.capture}/image"
    colleague = await cast.hub.desk("jiro")
    await colleague.log_in()
    assert (await colleague.get(path)).status_code == 404
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("ended")
    assert (await cast.desk.get(path)).status_code == 200
    await cast.desk.say(WrapUp(procedure="mynumber-card", outcome="completed"), call=call)
    await cast.desk.settled()
    assert (await cast.desk.get(path)).status_code == 404


async def test_what_is_no_picture_is_refused_and_the_right_one_still_passes(cast: Cast) -> None:
    """415, 422, 413, 401 with our own answers; then the same token takes the real picture, once."""
    take = await asked(cast, await cast.talk())
    good = picture()
    right = take.upload_token
    for token, body, status, more in (
        ("-", good, 401, {}),
        (right, b"GIF89a", 415, {}),
        (right, b"", 415, {}),
        (right, good, 415, {"content_type": "text/html"}),
        (right, good[:-2], 415, {}),
        (right, good, 422, {"sha256": "0" * 64}),
        (right, b"\xff\xd8" + b"x" * (12 * 1024 * 1024), 413, {}),
    ):
        answer = await cast.kiosk.upload(take.capture, token, body, **more)
        assert answer.status_code == status, answer.text
        assert answer.json()["text"]
    assert (await cast.kiosk.upload("no-such-capture", right, good)).status_code == 401
    assert (await cast.kiosk.upload(take.capture, right, good)).status_code == 201
    replay = await cast.kiosk.upload(take.capture, right, good)
    assert (replay.status_code, replay.json()["code"]) == (409, "already_stored")
    await cast.desk.settled()


async def test_two_uploads_at_once_store_one(cast: Cast) -> None:
    """The same token twice in the same moment: one 201, one 409, one key."""
    take = await asked(cast, await cast.talk())
    found = await asyncio.gather(
        *(cast.kiosk.upload(take.capture, take.upload_token, picture(200 + n, 200)) for n in range(3))
    )
    assert sorted(one.status_code for one in found) == [201, 409, 409]


async def test_a_token_of_another_capture_opens_nothing(cast: Cast) -> None:
    """Each upload has its own."""
    call = await cast.talk()
    first = await asked(cast, call)
    await cast.kiosk.upload(first.capture, first.upload_token, picture())
    second = await asked(cast, call)
    assert (await cast.kiosk.upload(second.capture, first.upload_token, picture())).status_code == 401


async def test_a_stopped_still_is_cancelled_on_both_sides(cast: Cast) -> None:
    """The terminal hears it, a late upload is refused, the next still can be asked for."""
    call = await cast.talk()
    take = await asked(cast, call)
    await cast.desk.say(RequestCapture(kind=CaptureKind.DOCUMENT_STILL), call=call)
    assert (await cast.desk.expect(Refused)).message.code == "capture_open"
    await cast.desk.say(AbortCapture(capture=take.capture), call=call)
    assert (await cast.kiosk.expect(CancelCapture)).message.capture == take.capture
    await cast.desk.expect(CaptureUpdate, lambda said: said.capture.stage == "cancelled")
    assert (await cast.kiosk.upload(take.capture, take.upload_token, picture())).status_code == 401
    await asked(cast, call)


async def test_a_refusal_of_the_resident_reaches_the_operator(cast: Cast) -> None:
    """Declined, with the terminal's words; nothing can be uploaded any more."""
    call = await cast.talk()
    take = await asked(cast, call)
    said = CaptureProgress(capture=take.capture, stage=CaptureStage.DECLINED, code="no", cause="お断り")
    await cast.kiosk.say(said, call=call)
    refused = await told(cast, "declined")
    assert (refused.code, refused.cause) == ("no", "お断り")
    assert (await cast.kiosk.upload(take.capture, take.upload_token, picture())).status_code == 401


async def test_a_still_that_never_comes_fails_by_itself(cast: Cast) -> None:
    """The operator is not left waiting, and may ask again."""
    call = await cast.talk()
    take = await asked(cast, call)
    await cast.hub.jump(91)
    failed = await told(cast, "failed")
    assert (failed.id, failed.code) == (take.capture, "no_upload")
    await asked(cast, call)


async def test_the_end_of_the_call_ends_an_unfinished_still(cast: Cast) -> None:
    """Nobody is photographed after the end; the desk sees it cancelled."""
    call = await cast.talk()
    take = await asked(cast, call)
    await cast.desk.say(EndCall(), call=call)
    ended = await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    assert [one.stage for one in ended.message.call.captures] == ["cancelled"]
    assert (await cast.kiosk.upload(take.capture, take.upload_token, picture())).status_code == 401


async def test_a_foreign_terminal_cannot_report_a_still(cast: Cast) -> None:
    """Its word about another's capture is refused."""
    take = await asked(cast, await cast.talk())
    said = CaptureProgress(capture=take.capture, stage=CaptureStage.DECLINED)
    await cast.far_kiosk.say(said)
    assert (await cast.far_kiosk.expect(Refused)).message.code == "gone"


async def test_no_still_without_a_talk(cast: Cast) -> None:
    """While it rings nothing can be asked for."""
    call = await cast.kiosk.touch()
    await cast.desk.rung()
    await cast.desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call.id)
    assert (await cast.desk.expect(Refused)).message.code == "gone"


async def test_when_its_time_is_over_the_key_is_destroyed(cast: Cast, tmp_path: Path) -> None:
    """After 24 hours the picture is unreadable for ever, its bytes are gone, and that is recorded."""
    call = await cast.talk()
    take = await asked(cast, call)
    await cast.kiosk.upload(take.capture, take.upload_token, picture())
    await cast.hub.jump(24 * 3600 + 1)
    async with cast.hub.house.database.read(POOL) as tx:
        row = (await tx.execute(select(capture_key))).mappings().one()
        actions = [(entry.action, entry.subject) for entry, _ in await trail.entries(tx)]
    assert row["wrapped"] is None
    assert row["destroyed_at"] is not None
    assert (Action.CAPTURE_KEY_DESTROYED, take.capture) in actions
    assert not list((tmp_path / "captures").rglob("*.sealed"))


async def test_a_full_disk_refuses_the_still_and_keeps_the_call(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """507 in plain words; the same token passes once there is room."""
    take = await asked(cast, await cast.talk())
    shelf = cast.hub.house.stills._shelf

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shelf, "put", full)
        answer = await cast.kiosk.upload(take.capture, take.upload_token, picture())
    assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert (await cast.kiosk.upload(take.capture, take.upload_token, picture())).status_code == 201


async def test_a_hub_whose_key_was_lost_says_so_and_stills_can_be_given_up(tmp_path: Path) -> None:
    """It does not start beside stills that it cannot open; once they are destroyed and recorded it does."""
    async with running(tmp_path) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            await desk.available()
            cast = Cast(hub, kiosk, desk, kiosk, desk)
            take = await asked(cast, await cast.talk())
            assert (await kiosk.upload(take.capture, take.upload_token, picture())).status_code == 201
        settings = hub.house.settings
    (tmp_path / "keys" / "minami.key").unlink()
    with pytest.raises(LocalError, match="destroy-stills minami"):
        await build(settings, content())
    assert await access.destroy_stills(settings, content(), "minami") == "stills of minami destroyed: 1"
    assert not [path for path in (tmp_path / "captures").rglob("*") if path.is_file()]
    async with running(tmp_path) as hub, hub.house.database.read(POOL) as tx:
        entries = [entry for entry, _ in await trail.entries(tx)]
        destroyed = [one.subject for one in entries if one.action is Action.CAPTURE_KEY_DESTROYED]
        assert destroyed == [take.capture]
