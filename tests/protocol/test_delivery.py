"""Whatever a line does, each word arrives exactly once and in order, or a snapshot takes its place."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol import delivery, desk_link, guest_link, kiosk_link
from protocol.delivery import Delivery, Heard, Kept, State

SHARED = json.loads((Path(__file__).parent / "delivery.json").read_text())


def _step(link: Delivery[str], step: dict[str, Any]) -> Any:
    match step["do"]:
        case "begin":
            return link.begin(step["now"], step["heard"])
        case "say":
            assert link.next_seq == step["gives"]
            return link.say(step["item"], step["size"])
        case "say_many":
            for number in range(1, step["count"] + 1):
                link.say(f"w{number}", step["size"])
            return None
        case "hear":
            return link.hear(step["seq"], step["ack"])
        case "took":
            return link.took(step["seq"])
        case "lost":
            return link.lost(step["now"])
        case "resume":
            again = link.resume(step["received"], step["now"])
            return None if again is None else [[one.seq, one.item] for one in again]
        case "broken":
            return link.broken()
        case "keeps":
            return link.keeps(step["now"])
        case "may_resume":
            return link.may_resume(step["now"])
        case "look":
            assert link.state == step["state"]
            assert link.taken == step.get("taken", link.taken)
            return None
    raise AssertionError(step)


@pytest.mark.parametrize("case", SHARED["cases"], ids=lambda case: case["name"])
def test_both_languages_decide_alike(case: dict[str, Any]) -> None:
    """The cases that the desk's twin is held to as well."""
    link: Delivery[str] = Delivery()
    for number, step in enumerate(case["steps"]):
        assert _step(link, step) == step.get("gives"), f"step {number}: {step}"


def test_both_languages_keep_alike() -> None:
    """The limits, and which types stand outside of the numbers: all of them exist."""
    limits = (delivery.WORDS, delivery.BYTES, delivery.WINDOW_S)
    assert (SHARED["words"], SHARED["bytes"], SHARED["window_s"]) == limits
    assert set(SHARED["outside"]) == delivery.OUTSIDE
    assert set(SHARED["passed_on"]) == delivery.PASSED_ON
    known = {
        *kiosk_link.KIOSK_SAYS,
        *kiosk_link.HUB_SAYS_TO_KIOSK,
        *desk_link.DESK_SAYS,
        *desk_link.HUB_SAYS_TO_DESK,
        *guest_link.GUEST_SAYS,
        *guest_link.HUB_SAYS_TO_GUEST,
    }
    assert known >= delivery.OUTSIDE | delivery.PASSED_ON


# ---------------------------------------------------------------------- any line


@dataclass
class Line:
    """A hub's end and a client's, and a line between them that does what a list of deeds says.

    The hub says its words to the client: each is heard once and in order, or a snapshot is. The client's are
    done at the hub once each (their ids are remembered, as its store does), in order.
    """

    hub: Delivery[int] = field(default_factory=Delivery)
    client: Delivery[int] = field(default_factory=Delivery)
    now: float = 0.0
    up: bool = False
    token: int = 0
    client_token: int = 0
    to_client: list[tuple[int, int, int]] = field(default_factory=list)  # seq, ack, word
    to_hub: list[tuple[int, int, int]] = field(default_factory=list)
    said: dict[str, int] = field(default_factory=lambda: {"hub": 0, "client": 0})
    heard: list[int] = field(default_factory=list)  # by the client; a snapshot counts as all before it
    done: list[int] = field(default_factory=list)  # at the hub

    def say(self, who: str) -> None:
        if who == "client" and not self.up and not self.client.keeps(self.now):
            return  # nobody to say it to: the resident reads that the link is down
        if who == "hub" and self.hub.state is State.NEW:
            self.said["hub"] += 1
            return  # the snapshot will say it
        self.said[who] += 1
        word = self.said[who]
        end, wire = (self.hub, self.to_client) if who == "hub" else (self.client, self.to_hub)
        seq = end.say(word, 1)
        if self.up:
            wire.append((seq, end.taken, word))

    def carry(self, to: str) -> None:
        """One word over the line."""
        wire = self.to_client if to == "client" else self.to_hub
        if not self.up or not wire:
            return
        seq, ack, word = wire.pop(0)
        end = self.client if to == "client" else self.hub
        match end.hear(seq, ack):
            case Heard.NEW:
                if to == "client":
                    self.heard.append(word)
                elif word not in self.done:
                    self.done.append(word)
                end.took(seq)
            case Heard.GAP:
                self.cut()

    def cut(self) -> None:
        self.up = False
        self.to_client, self.to_hub = [], []
        self.hub.lost(self.now)
        self.client.lost(self.now)

    def connect(self) -> None:
        if self.up:
            self.cut()  # the newest socket wins
        self.up = True
        asks = self.client.may_resume(self.now) and self.client_token == self.token
        again = self.hub.resume(self.client.taken, self.now) if asks else None
        self.token += 1
        received = self.hub.taken
        if again is not None:
            mine = self.client.resume(received, self.now)
            if mine is None:
                self.cut()
                return
            self.client_token = self.token
            self._send_again(again, mine)
            return
        self.hub.begin(self.now)
        self.heard.append(-self.said["hub"])  # the snapshot: the truth up to here
        self.client_token = self.token
        for word in self.client.begin(self.now):
            self.to_hub.append((self.client.say(word, 1), self.client.taken, word))

    def _send_again(self, again: list[Kept[int]], mine: list[Kept[int]]) -> None:
        self.to_client += [(one.seq, self.hub.taken, one.item) for one in again]
        self.to_hub += [(one.seq, self.client.taken, one.item) for one in mine]

    def damage(self, what: str, at: int) -> None:
        """What TCP never does within one socket, and a broken proxy might."""
        for wire in (self.to_client, self.to_hub):
            if not wire:
                continue
            place = at % len(wire)
            if what == "drop":
                del wire[place]
            elif what == "double":
                wire.insert(place, wire[place])
            elif what == "reorder":
                wire.insert(0, wire.pop(place))

    def restart_hub(self) -> None:
        """kill -9: what it remembered of links is gone; what was done is in its store."""
        self.cut()
        self.hub = Delivery()


DEEDS = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(["hub", "client"])),
        st.tuples(st.just("carry"), st.sampled_from(["hub", "client"])),
        st.tuples(st.just("carry"), st.sampled_from(["hub", "client"])),
        st.tuples(st.sampled_from(["cut", "connect", "connect", "restart"]), st.just("")),
        st.tuples(st.sampled_from(["drop", "double", "reorder"]), st.integers(0, 9)),
        st.tuples(st.just("wait"), st.sampled_from([1, 30, 119, 200])),
    ),
    max_size=80,
)


@settings(max_examples=400, deadline=None)
@given(DEEDS)
def test_every_word_arrives_once_and_in_order_or_a_snapshot_does(deeds: list[tuple[str, Any]]) -> None:
    """Drops, doubles, reordering, cuts, long outages and a killed hub, in any order."""
    line = Line()
    line.connect()
    for deed, what in deeds:
        match deed:
            case "say":
                line.say(what)
            case "carry":
                line.carry(what)
            case "cut":
                line.cut()
            case "connect":
                line.connect()
            case "restart":
                line.restart_hub()
            case "wait":
                line.now += what if not line.up else 0
            case _:
                line.damage(deed, what)
    late = not line.up and not line.client.keeps(line.now)
    for _ in range(3):  # a gap that still lies on the line costs one more connection
        line.connect()
        for _ in range(700):
            line.carry("client")
            line.carry("hub")
        line.say("hub")
        line.say("client")
        line.carry("client")
        line.carry("hub")
    _heard_in_order(line)
    wanted = list(range(1, line.said["client"] + 1))
    assert line.done == sorted(set(line.done)), "doubled or reordered at the hub"
    if not late and not _waited_long(deeds):
        assert line.done == wanted, "lost on the way to the hub"


def _waited_long(deeds: list[tuple[str, Any]]) -> bool:
    """Only then may words of a client be given up: its screen has said for two minutes that it is cut off."""
    return sum(what for deed, what in deeds if deed == "wait") > delivery.WINDOW_S


def _heard_in_order(line: Line) -> None:
    expected = 1
    for word in line.heard:
        if word <= 0:  # a snapshot
            assert -word >= expected - 1
            expected = -word + 1
        else:
            assert word == expected, f"heard {word}, due was {expected}: {line.heard}"
            expected += 1
    assert expected == line.said["hub"] + 1, "lost on the way to the client"


def test_every_transition_leads_somewhere_known() -> None:
    """No state without a way out."""
    assert {state for state, _ in delivery.TRANSITIONS} == set(State)
