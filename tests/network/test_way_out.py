"""A town hall that lets nothing out but TCP 443, with and without a proxy: real hub, agent and coturn.

Nothing but the firewall decides what passes; that pictures arrive at both sides is the proof that they went
the only way that is open.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator

import pytest

from kiosk.core.view import Picture, Screen, TouchKind
from tests.kiosk.agent.agent_rig import Resident
from tests.network.town import PROXY_PORT, PROXY_WORD, Town, until

pytestmark = [pytest.mark.system, pytest.mark.timeout(150)]
TLS = "turns:relay.example:443?transport=tcp"


@pytest.fixture(scope="module")
def hall(namespaces: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    with Town(tmp_path_factory.mktemp("hall")) as town:
        town.start_desk()
        yield town


@pytest.fixture
def town(hall: Town) -> Iterator[Town]:
    """The line is open and nothing is remembered."""
    hall.heal()
    (hall.here / "data" / "relay-ways.json").unlink(missing_ok=True)
    yield hall
    hall.heal()


def screen(resident: Resident) -> Screen | None:
    return resident.view.screen if resident.view else None


async def talk(town: Town, resident: Resident) -> None:
    """One touch to one face: pictures and sound both ways, beyond a first packet."""
    await until(lambda: screen(resident) is Screen.IDLE, "the idle screen")
    resident.touch(TouchKind.START)
    await until(lambda: screen(resident) is Screen.TALKING, "the talk")
    await until(lambda: resident.frames.get(Picture.OPERATOR, 0) > 15, "the operator's pictures")
    await asyncio.to_thread(
        town.desk_says, lambda said: min(said.get(k, 0) for k in ("face", "document", "audio")) > 10
    )


async def leave(resident: Resident) -> None:
    resident.touch(TouchKind.LEAVE)
    resident.touch(TouchKind.LEAVE_YES)
    await until(lambda: screen(resident) is Screen.ENDED, "the end")


def remembered(town: Town) -> list[list[str]]:
    return list(json.loads((town.here / "data" / "relay-ways.json").read_bytes()).values())


async def test_tcp_443_alone_carries_link_pictures_and_sound(town: Town) -> None:
    """A touch brings a face where every other port is closed, and the way is remembered."""
    town.lab.allow("kiosk", ("tcp", 443))
    async with town.terminal() as resident:
        await talk(town, resident)
        assert town.ways() == ["tls"]
        assert remembered(town) == [[TLS]]
        await leave(resident)


async def test_everything_goes_through_the_proxy_where_only_that_is_reached(town: Town) -> None:
    """Link, pictures, sound and a still; hub and relay by names that only the proxy can resolve."""
    town.lab.allow("kiosk", ("tcp", PROXY_PORT))
    async with town.terminal(by_proxy=True) as resident:
        await talk(town, resident)
        assert town.ways() == ["tls"]
        town.tell_desk("still")
        await until(lambda: screen(resident) is Screen.PHOTO, "the question before a still")
        resident.touch(TouchKind.CONSENT_YES)
        await asyncio.to_thread(town.desk_says, lambda said: "stored" in said["captures"])
        await leave(resident)
    assert set(town.log("proxy").split()) == {"up", "hub.example:443", "relay.example:443"}
    assert PROXY_WORD not in town.log("agent"), "not even with --log-level debug"


async def test_a_way_that_closes_in_the_talk_is_left_for_one_that_is_open(town: Town) -> None:
    """UDP to the relay dies under the call: the next epoch goes over TLS, and both are heard again.

    When the terminal's own pictures follow is the ladder's matter, after such a moment.
    """
    town.lab.allow("kiosk", ("tcp", 443), ("udp", 3478))
    async with town.terminal() as resident:
        await talk(town, resident)
        assert town.ways() == ["udp"]
        town.close_relay_udp()
        await asyncio.to_thread(town.desk_says, lambda said: said["epoch"] == 2 and said["audio"] > 20)
        seen = resident.frames[Picture.OPERATOR]
        await until(lambda: resident.frames[Picture.OPERATOR] > seen + 10, "the operator's pictures again")
        assert town.ways()[-1] == "tls"
        await leave(resident)
