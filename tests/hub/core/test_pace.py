"""When a link is asked and when it is dead: soon in a call, rarely else, and at once when a call begins."""

from __future__ import annotations

from datetime import UTC, datetime

from hub.core.pace import Beat, Due, Pace, in_call
from protocol.common import Ping
from protocol.desk_link import MonitorUpdate, Ring, RingEnded
from protocol.values import CallState, Monitoring, MonitorState, RingCard

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
CARD = RingCard(
    call="c1", municipality="minami", municipality_name="みなみ市", brand="#006365", site_name="北支所",
    terminal_name="1番の端末", queued_at=NOW, expires_at=NOW, topic="", topic_title="", greeting="",
    simulated=True,
)  # fmt: skip


def idle() -> Pace:
    """Nobody is in a call, since 0."""
    pace = Pace(busy=Beat(5, 12), idle=Beat(15, 40), now=0.0)
    pace.told(RingEnded(why="left"), 0.0)
    return pace


def test_an_idle_link_is_asked_rarely() -> None:
    """Every 15 s; dead after 40 s of silence."""
    pace = idle()
    assert [pace.tick(14.9), pace.tick(15.0), pace.tick(20.0), pace.tick(30.0)] == [
        None, Due.PING, None, Due.PING,
    ]  # fmt: skip
    assert pace.deadline() == 40.0
    assert pace.tick(40.0) is Due.DEAD
    pace.heard(41.0)
    assert pace.tick(41.0) is not Due.DEAD


def test_a_ring_makes_a_link_prove_itself_at_once() -> None:
    """Its silence was allowed until then, so it has its 12 s from there, less than a ring takes."""
    pace = idle()
    assert pace.told(Ring(card=CARD), 14.0)
    assert pace.deadline() == 14.0
    assert pace.tick(14.0) is Due.PING
    assert not pace.told(Ring(card=CARD), 15.0), "it is in a hurry already"
    assert [pace.tick(19.0), pace.tick(24.0), pace.tick(25.9), pace.tick(26.0)] == [
        Due.PING, Due.PING, None, Due.DEAD,
    ]  # fmt: skip


def test_what_says_nothing_of_a_call_changes_nothing() -> None:
    """A ping is no call, and ends none."""
    assert in_call(Ping()) is None
    pace = idle()
    assert not pace.told(Ping(), 1.0)
    assert pace.deadline() == 15.0


def test_a_supervisor_in_a_call_is_in_a_call() -> None:
    """Her screen must not show a talk that is long over."""
    monitoring = Monitoring(
        id="m1", state=MonitorState.LISTENING, call="c1", call_state=CallState.TALKING,
        municipality_name="みなみ市", brand="#006365", site_name="北支所", terminal_name="1番の端末",
        operator_name="佐藤", accepted_at=NOW, since=NOW,
    )  # fmt: skip
    assert in_call(MonitorUpdate(monitoring=monitoring)) is True
    assert in_call(MonitorUpdate(why="leave")) is False
