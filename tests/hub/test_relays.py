"""Relay credentials on their way: made when they are needed, fresh in every call, never a secret outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import TypeVar

import msgspec
import pytest

from hub.__main__ import main
from hub.relays import Relays
from hub.settings import Ice
from protocol.desk_link import DeskCallUpdate, DeskSnapshot, EndCall, Ring
from protocol.envelope import Message
from protocol.errors import LocalError
from protocol.kiosk_link import Call, Snapshot
from protocol.values import IceServer
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import RunningHub, running

M = TypeVar("M", bound=Message)
URL = "turns:relay.example.jp:443?transport=tcp"
STUN = Ice(urls=("stun:relay.example.jp:3478",))
SECRET = "k" * 40
KEPT_S = 300
"""Nobody holds a credential longer than this; it lives for twice as long."""


def secret_in(directory: Path, text: str = SECRET, mode: int = 0o600) -> Ice:
    path = directory / "relay.secret"
    path.write_text(text)
    path.chmod(mode)
    return Ice(urls=(URL,), secret_file=str(path))


def newest(side: FakeKiosk | FakeDesk, kind: type[M]) -> M:
    """The last message of a kind that a side has heard."""
    return next(one.message for one in reversed(side.heard) if isinstance(one.message, kind))


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub that shares a secret with a relay."""
    async with running(tmp_path, ice_servers=(STUN, secret_in(tmp_path))) as hub:
        yield hub


def ends_in(hub: RunningHub, servers: tuple[IceServer, ...]) -> float:
    """Seconds until the relay's credential expires, as the hub's clock has it."""
    stun, relay = servers
    assert (stun.urls, stun.username, stun.credential) == (STUN.urls, "", "")
    assert relay.urls == (URL,)
    assert relay.credential
    return int(relay.username.partition(":")[0]) - hub.clock.now().timestamp()


async def test_a_call_long_after_the_links_has_fresh_credentials(hub: RunningHub) -> None:
    """A terminal and a desk that linked hours ago get credentials with the call, each its own."""
    kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
    async with kiosk, desk:
        await desk.available()
        await hub.jump(3 * 3600)
        call = await kiosk.touch()
        assert 590 < ends_in(hub, call.ice_servers) <= 600
        await desk.rung()
        told = await desk.accept(call.id)
        assert 590 < ends_in(hub, told.ice_servers) <= 600
        assert told.ice_servers[1].username != call.ice_servers[1].username


async def test_both_sides_of_a_long_call_keep_good_credentials(hub: RunningHub) -> None:
    """A new media epoch an hour into a call, on either side, meets no expired credential."""
    kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
    async with kiosk, desk:
        await desk.available()
        call = await kiosk.touch()
        await desk.rung()
        await desk.accept(call.id)
        await kiosk.expect_call("talking")
        for _ in range(3):
            await hub.jump(KEPT_S)
            renewed = await kiosk.expect_call("talking")
            assert ends_in(hub, renewed.ice_servers) > KEPT_S
            update = await desk.expect(DeskCallUpdate)
            assert ends_in(hub, update.message.call.ice_servers) > KEPT_S


async def test_fresh_credentials_are_no_reason_to_tell(hub: RunningHub) -> None:
    """A resident who waits hears of the call when something changed, or when the credentials are due."""
    first, second = await hub.kiosk("t1"), await hub.kiosk("t2", "kitamidai")
    desk, far = await hub.desk("hana"), await hub.desk("taro", ["kitamidai"])
    async with first, second, desk, far:
        await desk.available()
        await far.available()
        await second.touch()
        await far.rung()
        before = second.count(Call)
        await first.touch()
        await desk.rung()
        await second.settled()
        assert second.count(Call) == before
        await hub.jump(1)
        await second.settled()
        assert second.count(Call) == before


async def test_credentials_end_with_the_call_and_reach_nobody_before(hub: RunningHub) -> None:
    """A ring card carries none, and what is said of an ended call neither."""
    kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
    async with kiosk, desk:
        await desk.available()
        call = await kiosk.touch()
        await desk.rung()
        assert URL.encode() not in msgspec.json.encode(newest(desk, Ring))
        await desk.accept(call.id)
        await desk.say(EndCall(), call=call.id)
        assert (await kiosk.expect_call("ended")).ice_servers == ()
        update = await desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
        assert update.message.call.ice_servers == ()
        assert SECRET not in repr([one.message for one in (*desk.heard, *kiosk.heard)])


async def test_a_desk_and_a_terminal_that_come_back_get_new_ones(hub: RunningHub) -> None:
    """The snapshot of a live call carries credentials as well."""
    kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
    async with desk:
        await desk.available()
        async with kiosk:
            call = await kiosk.touch()
            await desk.rung()
            await desk.accept(call.id)
            await hub.lost(kiosk)
        hub.clock.jump(30)
        async with kiosk:
            shown = newest(kiosk, Snapshot).call
            assert shown is not None
            assert ends_in(hub, shown.ice_servers) > 590
        await hub.lost(desk)
    again = hub.desk_of("hana")
    async with again:
        seen = newest(again, DeskSnapshot).call
        assert seen is not None
        assert ends_in(hub, seen.ice_servers) > 590


@pytest.mark.parametrize(
    ("text", "mode", "says"),
    [
        (SECRET, 0o640, "chmod 600"),
        ("short", 0o600, "at least 32"),
        ("two words that are long enough in all", 0o600, "one line"),
        ("", 0o600, "at least 32"),
    ],
)
def test_a_bad_secret_is_named_with_what_to_do(tmp_path: Path, text: str, mode: int, says: str) -> None:
    """The hub does not start with a secret that others can read or guess."""
    with pytest.raises(LocalError, match=says) as caught:
        Relays([secret_in(tmp_path, text, mode)])
    assert "relay.secret" in caught.value.message
    assert not text or text not in caught.value.message


def test_a_missing_secret_says_how_to_make_one(tmp_path: Path) -> None:
    """The command stands in the message."""
    with pytest.raises(LocalError, match="openssl rand"):
        Relays([Ice(urls=(URL,), secret_file=str(tmp_path / "none"))])


def test_a_secret_beside_a_password_is_refused(tmp_path: Path) -> None:
    """Which of the two would count is no guess."""
    both = msgspec.structs.replace(secret_in(tmp_path), username="somebody")
    with pytest.raises(LocalError, match="not both"):
        Relays([both])


def test_the_check_looks_at_the_secret(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--check` finds what would keep the hub from starting."""
    settings = tmp_path / "hub.yaml"
    settings.write_text(f"ice_servers:\n  - urls: ['{URL}']\n    secret_file: {tmp_path}/none\n")
    assert main(["--config", str(settings), "--check"]) == 1
    assert f"{tmp_path}/none" in capsys.readouterr().err
