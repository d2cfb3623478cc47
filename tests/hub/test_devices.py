"""An operator's words to the devices of her call's terminal, and the terminal's proof that all are closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hub import commands
from hub.core.audit import Action
from hub.store import trail
from hub.store.fences import POOL
from protocol.common import Refused, RestartDevice, SetVolume
from protocol.desk_link import AdjustCamera, ChooseCamera, DeskCallUpdate, EndCall
from protocol.envelope import Message
from protocol.kiosk_link import DeviceReport, DevicesClosed, Present
from protocol.values import AttachedCamera, CameraChange, CameraRole, Cameras, DeviceState, Region
from tests.hub.conftest import Cast

PAPER = CameraRole.DOCUMENT
TURN = AdjustCamera(camera=PAPER, change=CameraChange.TURN)
WORDS: tuple[Message, ...] = (
    TURN, ChooseCamera(camera=PAPER, source="face"), SetVolume(level=5), RestartDevice(device="audio")
)  # fmt: skip
CLOSED = DevicesClosed(cameras=0, sounds=0, files=0)


@pytest.fixture
async def call(cast: Cast) -> str:
    """A call in which both talk."""
    return await cast.talk()


async def test_a_camera_is_set_for_both_sides_and_for_a_reloaded_desk(cast: Cast, call: str) -> None:
    """The terminal hears how it is to be, the desk that it is so, and a reload loses nothing of it."""
    await cast.desk.say(TURN, call=call)
    region = Region(left=0.2, top=0.2, side=0.5)
    await cast.desk.say(AdjustCamera(camera=PAPER, change=CameraChange.REGION, region=region), call=call)
    told = await cast.kiosk.expect(Present, lambda said: said.presentation.cameras.document.region.side < 1)
    assert told.message.presentation.cameras.document.turned == 90
    await cast.desk.expect(DeskCallUpdate, lambda said: said.call.presentation == told.message.presentation)
    snapshot = await cast.desk.reload()
    assert snapshot.call is not None
    assert snapshot.call.presentation == told.message.presentation


async def test_the_end_of_the_call_sets_the_cameras_back(cast: Cast, call: str) -> None:
    """The next resident finds the terminal as it was set up."""
    await cast.desk.say(TURN, call=call)
    await cast.kiosk.expect(Present)
    await cast.desk.say(EndCall(), call=call)
    assert (await cast.kiosk.expect_call("ended")).presentation.cameras == Cameras()


async def test_what_a_camera_cannot_do_is_refused_at_the_hub(cast: Cast, call: str) -> None:
    """Whatever a desk offers: the terminal's own report decides."""
    word = AdjustCamera(camera=PAPER, change=CameraChange.NEARER)
    await cast.desk.say(word, call=call)
    assert (await cast.desk.expect(Refused)).message.code == "cannot"
    paper = DeviceState(name="document", state="live", can=("focus",))
    await cast.kiosk.say(DeviceReport(devices=(paper,)))
    await cast.kiosk.settled()
    await cast.desk.say(word, call=call)
    told = await cast.kiosk.expect(Present)
    assert told.message.presentation.cameras.document.focus_step == 1


async def test_only_an_attached_camera_can_be_chosen(cast: Cast, call: str) -> None:
    """The desk reads which ones there are; another one is refused."""
    attached = tuple(AttachedCamera(id=id, name=id) for id in ("face", "document", "spare-1"))
    await cast.kiosk.say(DeviceReport(devices=(), attached=attached, volume=2))
    shown = await cast.desk.expect(DeskCallUpdate, lambda said: bool(said.call.attached))
    assert (shown.message.call.attached, shown.message.call.volume) == (attached, 2)
    await cast.desk.say(ChooseCamera(camera=PAPER, source="spare-2"), call=call)
    assert (await cast.desk.expect(Refused)).message.code == "no_camera"
    await cast.desk.say(ChooseCamera(camera=PAPER, source="spare-1"), call=call)
    told = await cast.kiosk.expect(Present)
    assert told.message.presentation.cameras.document.source == "spare-1"


@pytest.mark.parametrize("word", WORDS[2:], ids=["volume", "restart"])
async def test_a_command_expires_on_its_way(cast: Cast, call: str, word: Message) -> None:
    """A terminal that hears it late must not act on it."""
    before = datetime.now(UTC)
    await cast.desk.say(word, call=call)
    heard = await cast.kiosk.expect(type(word))
    assert (heard.message, heard.envelope.call) == (word, call)
    assert heard.envelope.expires is not None
    assert heard.envelope.expires - before < timedelta(seconds=15)


@pytest.mark.parametrize("word", WORDS, ids=lambda word: type(word).__name__)
async def test_nobody_else_reaches_the_devices(cast: Cast, call: str, word: Message) -> None:
    """Another municipality's operator is refused, and so is a word that came too late or after the end."""
    await cast.far_desk.say(word, call=call)
    assert (await cast.far_desk.expect(Refused)).message.code == "gone"
    await cast.desk.say(word, call=call, expires=datetime.now(UTC) - timedelta(seconds=1))
    assert (await cast.desk.expect(Refused)).message.code == "expired"
    await cast.desk.say(EndCall(), call=call)
    await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    await cast.desk.say(word, call=call)
    assert (await cast.desk.expect(Refused)).message.code == "gone"
    await cast.kiosk.settled()
    assert [cast.kiosk.count(kind) for kind in (Present, SetVolume, RestartDevice)] == [0, 0, 0]


async def test_a_restart_of_a_terminal_that_is_away_is_refused(cast: Cast, call: str) -> None:
    """It is not kept for later: by then nobody expects it."""
    await cast.kiosk.drop()
    await cast.desk.expect(DeskCallUpdate, lambda said: not said.call.terminal_connected)
    await cast.desk.say(RestartDevice(device="face"), call=call)
    assert (await cast.desk.expect(Refused)).message.code == "terminal_away"


async def looked(cast: Cast, device: str = "t1") -> list[tuple[Action, dict[str, object]]]:
    async with cast.hub.house.database.read(POOL) as tx:
        entries = [entry for entry, _ in await trail.entries(tx)]
    wanted = (Action.DEVICES_CLOSED, Action.DEVICES_OPEN)
    return [
        (one.action, dict(one.detail)) for one in entries if one.action in wanted and one.subject == device
    ]


async def test_the_operator_reads_that_nothing_is_open_and_the_hub_keeps_it(cast: Cast, call: str) -> None:
    """The terminal's statement after the call stands in the audit trail and on the desk that wraps it up."""
    await cast.desk.say(EndCall(), call=call)
    over = await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    assert over.message.call.devices_closed_at is None
    await cast.kiosk.say(CLOSED, call=call)
    shown = await cast.desk.expect(DeskCallUpdate, lambda said: said.call.devices_closed_at is not None)
    assert shown.message.call.card.call == call
    assert await looked(cast) == [(Action.DEVICES_CLOSED, {"cameras": 0, "sounds": 0, "files": 0})]


async def test_a_statement_is_recorded_once_until_something_was_opened(cast: Cast) -> None:
    """A terminal that reconnects all night fills no trail; the next call opens the devices anew."""
    for _ in range(3):
        await cast.kiosk.say(CLOSED)
    await cast.kiosk.settled()
    assert len(await looked(cast)) == 1
    call = await cast.talk()
    await cast.kiosk.say(CLOSED, call=call)
    await cast.kiosk.settled()
    assert len(await looked(cast)) == 1, "while somebody is served nothing can be closed"
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("ended")
    await cast.kiosk.say(CLOSED, call=call)
    await cast.kiosk.settled()
    assert len(await looked(cast)) == 2


async def test_an_open_device_of_an_idle_terminal_is_recorded_as_such(cast: Cast) -> None:
    """The one thing that must never be: it stands in the trail with what was open."""
    await cast.kiosk.say(DevicesClosed(cameras=1, sounds=0, files=2))
    await cast.kiosk.settled()
    assert await looked(cast) == [(Action.DEVICES_OPEN, {"cameras": 1, "sounds": 0, "files": 2})]


async def test_an_administrator_reads_it_for_every_terminal(cast: Cast) -> None:
    """The list shows the newest statement, also while the hub runs, and shouts when something is open."""
    house = cast.hub.house
    assert "devices" not in await commands.listing(house.settings, house.content)
    await cast.kiosk.say(DevicesClosed(cameras=1, sounds=0, files=2))
    await cast.far_kiosk.say(CLOSED)
    await cast.kiosk.settled()
    await cast.far_kiosk.settled()
    listed = await commands.listing(house.settings, house.content)
    near, far = (line for line in listed.splitlines() if line.startswith("terminal"))
    assert "IDLE WITH OPEN DEVICES (1 cameras, 2 files)" in near
    assert "; idle: devices closed, 20" in far
    await cast.kiosk.say(CLOSED)
    await cast.kiosk.settled()
    assert "IDLE" not in await commands.listing(house.settings, house.content)
