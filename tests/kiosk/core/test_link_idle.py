"""The link comes back for ever, and nobody is thrown out without a warning."""

from __future__ import annotations

import random
from itertools import islice

from kiosk.core.idle import ANSWER_S, WAITING_S, IdleAction, IdleMachine
from kiosk.core.link import DELAYS, DOUBT_S, LinkAction, LinkEvent, LinkMachine, LinkState, reconnect_delays
from kiosk.core.view import TouchKind
from protocol.kiosk_link import Call, CallLeave
from protocol.values import CallState
from tests.kiosk.core.cast import at, call, new_terminal, said, say, talking, touch


class Even(random.Random):
    """Chance in the middle."""

    def random(self) -> float:
        return 0.5


def test_delays_grow_and_then_stay_for_ever() -> None:
    """A hub that is away for a day is found again within seconds of its return."""
    assert list(islice(reconnect_delays(Even()), 8)) == [*DELAYS, 7.0, 7.0]


def test_delays_are_spread() -> None:
    """A thousand terminals do not come back in the same moment."""
    delays = [list(islice(reconnect_delays(random.Random(seed)), 6))[5] for seed in range(50)]
    assert all(3.5 <= d <= 10.5 for d in delays)
    assert max(delays) - min(delays) > 3


def up(machine: LinkMachine) -> None:
    assert machine.tick(0.0) == (LinkAction.CONNECT,)
    machine.handle(LinkEvent.OPENED, 0.0)
    assert machine.handle(LinkEvent.WELCOMED, 0.0) == (LinkAction.TELL_UP,)


def test_a_silent_hub_is_dropped_and_tried_again() -> None:
    """In a call a dead link is noticed within `dead_s`, also when no error ever comes."""
    machine = LinkMachine(0.0, Even())
    machine.hurry(True, 0.0)
    up(machine)
    assert machine.tick(5.0) == (LinkAction.PING,)
    assert machine.tick(12.0) == (LinkAction.DROP,)
    assert machine.handle(LinkEvent.LOST, 12.0) == (LinkAction.TELL_DOWN,)
    assert machine.tick(machine.deadline()) == (LinkAction.CONNECT,)


def test_an_idle_terminal_asks_less_often() -> None:
    """Thousands of terminals that nobody uses need not be asked every five seconds."""
    machine = LinkMachine(0.0, Even())
    up(machine)
    assert machine.tick(14.9) == ()
    assert machine.tick(15.0) == (LinkAction.PING,)
    assert machine.tick(30.0) == (LinkAction.PING,)
    assert machine.tick(40.0) == (LinkAction.DROP,)


def test_a_touch_makes_a_quiet_link_prove_itself() -> None:
    """Its silence was allowed until then: it is asked at once, and has `dead_s` to answer."""
    machine = LinkMachine(0.0, Even())
    up(machine)
    assert machine.hurry(True, 14.0) == (LinkAction.PING,)
    assert machine.hurry(True, 14.5) == ()
    assert machine.tick(19.0) == (LinkAction.PING,)
    assert machine.tick(25.9) == (LinkAction.PING,)
    assert machine.tick(26.0) == (LinkAction.DROP,)


def test_a_hub_that_answers_is_kept() -> None:
    """Any message at all is a sign of life."""
    machine = LinkMachine(0.0, Even())
    up(machine)
    machine.heard(11.0)
    assert LinkAction.DROP not in machine.tick(12.0)


def test_a_hub_that_opens_but_never_welcomes_is_dropped() -> None:
    """A half-open connection does not hold the terminal."""
    machine = LinkMachine(0.0, Even())
    machine.tick(0.0)
    machine.handle(LinkEvent.OPENED, 1.0)
    assert machine.tick(6.0) == (LinkAction.DROP,)
    assert machine.handle(LinkEvent.LOST, 6.0) == (LinkAction.TELL_DOWN,)
    assert machine.state is LinkState.DOWN


def test_a_planned_restart_is_obeyed() -> None:
    """retry_after of the hub replaces our own delay."""
    machine = LinkMachine(0.0, Even())
    up(machine)
    machine.handle(LinkEvent.LOST, 1.0, retry_after=9.0)
    assert machine.deadline() == 10.0


def test_a_welcome_begins_the_delays_anew() -> None:
    """After a good link the first try is at once again."""
    machine = LinkMachine(0.0, Even())
    machine.tick(0.0)
    machine.handle(LinkEvent.LOST, 0.0)
    machine.tick(10.0)
    machine.handle(LinkEvent.LOST, 10.0)
    assert machine.deadline() > 10.0
    machine.tick(20.0)
    machine.handle(LinkEvent.OPENED, 20.0)
    machine.handle(LinkEvent.WELCOMED, 20.0)
    machine.handle(LinkEvent.LOST, 30.0)
    assert machine.deadline() == 30.0


def test_in_a_call_the_link_is_tried_every_second() -> None:
    """However long an outage lasts, a call waits for the next try for a second at most."""
    machine = LinkMachine(0.0, random.Random(1))
    machine.hurry(True, 0.0)
    waits = []
    for _ in range(50):
        now = machine.deadline()
        assert machine.tick(now) == (LinkAction.CONNECT,)
        machine.handle(LinkEvent.LOST, now)
        waits.append(machine.deadline() - now)
    assert max(waits) <= 1.05
    assert max(waits) - min(waits[5:]) > 0.3  # spread, so that terminals do not come in step


def test_a_doubted_link_must_answer_soon() -> None:
    """When the media fall silent, a dead link is found within two seconds and not after twelve."""
    machine = LinkMachine(0.0, Even())
    up(machine)
    assert machine.check(1.0) == (LinkAction.PING,)
    assert machine.check(1.5) == ()  # asked already
    assert machine.deadline() == 1.0 + DOUBT_S
    assert machine.tick(machine.deadline()) == (LinkAction.DROP,)


def test_a_doubted_link_that_answers_is_kept() -> None:
    """An operator whose browser closed must not cost the terminal its link."""
    machine = LinkMachine(0.0, Even())
    up(machine)
    machine.check(1.0)
    machine.heard(1.2)
    assert machine.tick(1.0 + DOUBT_S) == ()
    assert machine.check(4.0) == (LinkAction.PING,)


def test_a_link_that_is_down_is_tried_when_the_line_seems_back() -> None:
    """Media that flow again are the first sign of a line that is back: no delay is waited out."""
    machine = LinkMachine(0.0, Even())
    for now in (0.0, 10.0, 20.0, 30.0):
        machine.tick(now)
        machine.handle(LinkEvent.LOST, now)
    assert machine.deadline() > 31.0
    assert machine.check(30.5) == ()
    assert machine.tick(30.5) == (LinkAction.CONNECT,)


def test_waiting_without_a_touch_is_asked_and_only_then_ended() -> None:
    """Warn first, 20 s at least to answer."""
    machine = IdleMachine()
    machine.start(0.0)
    assert machine.tick(WAITING_S - 1) is None
    assert machine.tick(WAITING_S) is IdleAction.WARN
    assert ANSWER_S >= 20
    assert machine.tick(WAITING_S + ANSWER_S - 0.1) is None
    assert machine.tick(WAITING_S + ANSWER_S) is IdleAction.EXPIRE


def test_one_touch_extends_as_often_as_one_likes() -> None:
    """Extendable at least ten times."""
    machine = IdleMachine()
    now = 0.0
    machine.start(now)
    for _ in range(12):
        now += WAITING_S
        assert machine.tick(now) is IdleAction.WARN
        machine.touched(now + 5)
        now += 5
        assert not machine.warned


def test_a_waiting_call_without_a_person_is_left() -> None:
    """Nobody is connected to an empty chair."""
    terminal = new_terminal()
    touch(terminal, TouchKind.START)
    say(terminal, Call(call=call(CallState.WAITING)))
    terminal.tick(at(WAITING_S))
    effects = terminal.tick(at(WAITING_S + ANSWER_S))
    assert said(effects, CallLeave) == [CallLeave(reason="idle")]


def test_with_an_operator_no_clock_ends_anything() -> None:
    """Only a person ends a call."""
    terminal = talking()
    for hour in range(5):
        terminal.tick(at(3600 * hour))
    assert terminal.calls.live
