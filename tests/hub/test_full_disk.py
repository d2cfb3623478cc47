"""A disk that takes nothing more: what cannot be written is refused, the rest goes on, nothing is half done.

Here the commit itself is refused; `tests/system/test_full_disk.py` fills a real disk.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from hub.store.database import NotWrittenError, Tx
from hub.store.fences import Towns
from protocol.common import Candidate, Refused
from protocol.desk_link import Caption, EndCall, RequestCapture
from protocol.kiosk_link import Snapshot, TakeCapture
from protocol.values import CaptureKind
from tests.fakes.hub_program import PASSWORD, RunningHub
from tests.hub.conftest import Cast
from tests.hub.core.test_captures import picture


@contextlib.contextmanager
def full_disk(hub: RunningHub) -> Iterator[None]:
    """Every transaction that has written something is refused at its commit, as a full disk does."""
    database = hub.house.database
    write = database.write

    async def changes(tx: Tx) -> int:
        return int((await tx.exec_driver_sql("SELECT total_changes()")).scalar_one())

    @contextlib.asynccontextmanager
    async def refused(towns: Towns) -> AsyncIterator[Tx]:
        async with write(towns) as tx:
            before = await changes(tx)
            yield tx
            if await changes(tx) != before:
                raise NotWrittenError("not_written", "database or disk is full")

    database.write = refused  # type: ignore[method-assign]
    try:
        yield
    finally:
        database.write = write  # type: ignore[method-assign]


async def test_a_command_that_cannot_be_written_is_refused_and_the_links_stay(cast: Cast) -> None:
    """The operator reads why, what needs no disk goes on, and the same command works once there is room."""
    call = await cast.talk()
    with full_disk(cast.hub):
        said = await cast.desk.say(Caption(text="お待ちください"), call=call)
        refused = (await cast.desk.expect(Refused)).message
        assert (refused.about, refused.code) == (said, "not_written")
        assert "記録を保存できない" in refused.text
        await cast.desk.say(EndCall(), call=call, id="the end")
        assert (await cast.desk.expect(Refused)).message.about == "the end"
        await cast.kiosk.say(Candidate(candidate="candidate:1", mid="0"), call=call, epoch=1)
        await cast.desk.expect(Candidate)
        assert cast.hub.house.counter.board.live[call].presentation.caption == ""
    await cast.desk.say(EndCall(), call=call, id="the end")
    await cast.kiosk.expect_call("ended")


async def test_both_sides_come_back_into_their_call_on_a_full_disk(cast: Cast) -> None:
    """A reload needs no disk: each gets its snapshot, with a waiting call and a free operator beside it."""
    call = await cast.talk()
    await cast.far_kiosk.drop()
    with full_disk(cast.hub):
        await cast.desk.drop()
        await cast.kiosk.drop()
        snapshot = await cast.kiosk.connect()
        assert snapshot.call is not None
        assert (snapshot.call.id, snapshot.call.state) == (call, "talking")
        back = await cast.desk.connect()
        assert back.call is not None
        assert back.call.card.call == call


async def test_a_pair_that_could_not_be_rung_is_rung_once_there_is_room(cast: Cast) -> None:
    """An arrival on a full disk is none the worse, and nobody waits for the next event."""
    await cast.hub.lost(cast.desk)
    await cast.kiosk.touch()
    with full_disk(cast.hub):
        await cast.desk.connect()
        await cast.desk.settled()
        assert cast.hub.house.counter.board.next_chance is not None
    await cast.desk.rung()


async def test_a_still_is_refused_clearly_and_leaves_nothing_behind(cast: Cast, tmp_path: Path) -> None:
    """507 with a sentence, no sealed body without its row; the same token takes the picture afterwards."""
    call = await cast.talk()
    await cast.desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
    take = (await cast.kiosk.expect(TakeCapture)).message
    with full_disk(cast.hub):
        await cast.desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
        answer = await cast.kiosk.upload(take.capture, take.upload_token, picture())
        assert (answer.status_code, answer.json()["code"]) == (507, "no_space")
    assert not [path for path in (tmp_path / "captures").rglob("*") if path.is_file()]
    assert (await cast.kiosk.upload(take.capture, take.upload_token, picture())).status_code == 201


async def test_a_login_that_cannot_be_written_is_none(hub: RunningHub) -> None:
    """507 with a sentence for the person, no cookie."""
    desk = await hub.desk("hana")
    with full_disk(hub):
        answer = await desk.http.post("/api/login", json={"name": "hana", "password": PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (507, "not_written")
    assert "set-cookie" not in answer.headers
    await desk.log_in()


async def test_what_time_brings_is_done_once_there_is_room(cast: Cast) -> None:
    """An operator who left while nothing could be written is not taken for available for ever."""
    hub = cast.hub
    board = hub.house.counter.board
    await hub.lost(cast.desk)
    with full_disk(hub), pytest.raises(NotWrittenError):
        await hub.jump(35)
    assert (board.on_duty["minami"], board.desks[cast.desk.user].vanished) == (1, False)
    assert hub.house.counter.deadline() is not None
    await hub.jump(0)
    assert (board.on_duty.get("minami", 0), board.desks[cast.desk.user].vanished) == (0, True)
    await cast.kiosk.expect(Snapshot, lambda said: not said.site.operators_on_duty)
