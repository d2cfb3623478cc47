"""The operator's pointer and pen on their way through the hub: to the other party of her call alone."""

from __future__ import annotations

import contextlib

import pytest
from websockets.exceptions import ConnectionClosed

from hub.core.limits import FLEETING_PER_S, HELD_UP_S, fleeting
from protocol.common import Ink, InkClear, Pointer, Refused
from protocol.desk_link import Caption, DeskCallUpdate, EndCall
from protocol.envelope import Message
from protocol.kiosk_link import Present
from tests.hub.conftest import Cast

POINTER = Pointer(x=0.25, y=0.75, on=True)
INK = Ink(stroke="s1", points=((0.1, 0.2), (0.3, 0.4)), done=True)
BURST = FLEETING_PER_S * HELD_UP_S


@pytest.fixture
async def call(cast: Cast) -> str:
    """A call in which both talk."""
    return await cast.talk()


async def test_pointer_and_ink_reach_the_terminal_of_the_call_alone(cast: Cast, call: str) -> None:
    """Word for word, in order; the second municipality hears nothing."""
    for word in (POINTER, INK, InkClear()):
        await cast.desk.say(word, call=call)
        heard = await cast.kiosk.expect(type(word))
        assert (heard.message, heard.envelope.call) == (word, call)
    await cast.far_kiosk.settled()
    await cast.far_desk.settled()
    for kind in (Pointer, Ink, InkClear):
        assert (cast.far_kiosk.count(kind), cast.far_desk.count(kind)) == (0, 0)


@pytest.mark.parametrize("word", [INK, InkClear()], ids=["ink", "ink_clear"])
async def test_another_operator_cannot_write_into_a_call(cast: Cast, call: str, word: Message) -> None:
    """Knowing the id of a call is no right to write on its paper."""
    await cast.far_desk.say(word, call=call)
    assert (await cast.far_desk.expect(Refused)).message.code == "gone"
    await cast.kiosk.settled()
    assert cast.kiosk.count(type(word)) == 0


async def test_another_operators_pointer_is_dropped(cast: Cast, call: str) -> None:
    """It reaches nobody, and ten refusals a second would help nobody."""
    await cast.far_desk.say(POINTER, call=call)
    await cast.far_desk.settled()
    await cast.kiosk.settled()
    assert (cast.kiosk.count(Pointer), cast.far_desk.count(Refused)) == (0, 0)


async def test_nobody_writes_before_the_accept_or_after_the_end(cast: Cast) -> None:
    """Only while they talk."""
    waiting = await cast.kiosk.touch()
    await cast.desk.rung()
    await cast.desk.say(INK, call=waiting.id)
    await cast.desk.expect(Refused)
    await cast.desk.accept(waiting.id)
    await cast.desk.say(EndCall(), call=waiting.id)
    await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")
    await cast.desk.say(INK, call=waiting.id)
    await cast.desk.expect(Refused)
    await cast.kiosk.settled()
    assert cast.kiosk.count(Ink) == 0


async def test_a_terminal_cannot_say_what_only_an_operator_says(cast: Cast, call: str) -> None:
    """Ink of a terminal has no meaning and reaches no desk."""
    await cast.kiosk.say(INK, call=call)
    await cast.kiosk.settled()
    await cast.desk.settled()
    assert cast.desk.count(Ink) == 0


async def test_ink_outside_of_the_picture_or_too_much_at_once_is_refused(cast: Cast, call: str) -> None:
    """The limits of the messages hold at the hub."""
    await cast.desk.say(Ink(stroke="s", points=((1.5, 0.5),)), call=call)
    await cast.desk.say(Ink(stroke="s", points=((0.5, 0.5),) * 201), call=call)
    for _ in range(2):
        assert (await cast.desk.expect(Refused)).message.code == "bad_body"
    await cast.kiosk.settled()
    assert cast.kiosk.count(Ink) == 0


async def test_a_restless_pointer_starves_no_command(cast: Cast, call: str) -> None:
    """Beyond its budget the pointer is dropped quietly; the link lives and a caption still goes through."""
    for _ in range(BURST + 150):
        await cast.desk.say(POINTER, call=call)
    await cast.desk.say(Caption(text="こちらです"), call=call)
    assert (await cast.kiosk.expect(Present)).message.presentation.caption == "こちらです"
    assert BURST <= cast.kiosk.count(Pointer) < BURST + 150
    assert cast.desk.count(Refused) == 0
    assert cast.desk.closed is None


async def test_a_flood_of_pointers_ends_the_link(cast: Cast, call: str) -> None:
    """Dropping costs time as well: many times what a hand can do is no hand."""
    with contextlib.suppress(ConnectionClosed, OSError):
        for _ in range(4 * BURST):
            await cast.desk.say(POINTER, call=call)
    assert await cast.desk.expect_close() == (4008, "too many messages")


def test_the_budget_is_twice_what_a_desk_says() -> None:
    """Twenty a second for ever; what a link held up for twelve seconds comes at once and is not lost."""
    bucket = fleeting(0.0)
    assert all(bucket.take(0.0) for _ in range(BURST))
    assert not bucket.take(0.0)
    assert all(bucket.take(1.0 + n / FLEETING_PER_S) for n in range(100))
