"""A pool of operators in simulated time: the hub's own routing, calls and presence; chance for the people.

    day = Day([Topic("a", "", 15, exponential(1200))], operators(8, "a"), seed=1)
    waits = day.run(calls=4000)          # seconds from each touch to its accept, in order of the touches

Nothing of the queue is simulated apart from who comes when and how long it takes: `routing.pairs` chooses,
and `CallMachine` and `PresenceMachine` make every step, or the simulation stops.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hub.core import call, routing
from hub.core.call import CallMachine, CallRecord
from hub.core.expected_wait import Handling, OnDuty, Queued, expected_waits
from hub.core.presence import Event, PresenceMachine, PresenceRecord
from hub.core.routing import Operator, Rules, Waiting
from protocol.values import CallState, PresenceState, Wait

START = datetime(2026, 11, 24, tzinfo=UTC)
RULES = Rules(pause=timedelta(seconds=15), step=timedelta(seconds=60))
WRAP_UP = 0.25
"""Share of the handling time that the operator spends after the call."""

Draw = Callable[[random.Random], float]
"""A handling time in seconds."""


def exponential(mean_s: float) -> Draw:
    """As Erlang C assumes."""
    return lambda chance: chance.expovariate(1 / mean_s)


def lognormal(mean_s: float, sigma: float) -> Draw:
    """As calls at a counter are: most near the middle, some very long."""
    middle = -sigma * sigma / 2
    return lambda chance: mean_s * chance.lognormvariate(middle, sigma)


@dataclass(frozen=True, slots=True)
class Topic:
    """A kind of call: how many come an hour, how long they take, what they want of the pool."""

    municipality: str
    name: str
    per_hour: float
    handling: Draw
    priority: int = 0


@dataclass(slots=True)
class Told:
    """What a resident who had to wait was told at the touch, what a simpler rule knew, and what came true."""

    wait: Wait | None
    ahead: int
    usual_s: float  # the median of what was known by then; 0: nothing
    operators: int
    true_s: float | None = None


@dataclass
class Day:
    """`told` fills while it runs, when `asks`."""

    topics: Sequence[Topic]
    operators: Iterable[Operator]
    seed: int
    asks: bool = False
    told: dict[str, Told] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._chance = random.Random(self.seed)
        self._now = START
        self._due: list[tuple[datetime, int, Callable[[], None]]] = []
        self._count = self._wanted = 0
        self._staff = {one.user: one for one in self.operators}
        self._presences = {user: self._available(user) for user in self._staff}
        self._waiting: dict[str, Waiting] = {}
        self._calls: dict[str, CallMachine] = {}
        self._topics: dict[str, Topic] = {}
        self._handling = Handling()
        self._waits: dict[str, float] = {}

    def _available(self, user: str) -> PresenceMachine:
        record = PresenceRecord(user=user, state=PresenceState.OFFLINE, since=START, idle_since=START)
        machine = PresenceMachine(record)
        machine.handle(Event.ARRIVED, START)
        machine.handle(Event.GO_AVAILABLE, START)
        return machine

    def run(self, calls: int) -> list[float]:
        """So many touches, until all are accepted; their waits in the order of the touches."""
        self._wanted = calls
        for topic in self.topics:
            self._later(self._chance.expovariate(topic.per_hour / 3600), self._comer(topic))
        while self._count < calls or self._waiting:
            self._now, _, done = heapq.heappop(self._due)
            done()
            self._route()
        return [self._waits[f"c{number}"] for number in range(1, calls + 1)]

    def _later(self, seconds: float, done: Callable[[], None]) -> None:
        heapq.heappush(
            self._due, (self._now + timedelta(seconds=seconds), self._chance.getrandbits(62), done)
        )

    def _comer(self, topic: Topic) -> Callable[[], None]:
        def come() -> None:
            if self._count == self._wanted:
                return
            self._touch(topic)
            self._later(self._chance.expovariate(topic.per_hour / 3600), come)

        return come

    def _touch(self, topic: Topic) -> None:
        self._count += 1
        id = f"c{self._count}"
        self._calls[id] = CallMachine(
            CallRecord(
                id=id, municipality=topic.municipality, site="taiken", kiosk=id, request_id=id,
                topic=topic.name, language="ja", simulated=True, state=CallState.WAITING,
                queued_at=self._now,
            )
        )  # fmt: skip
        self._topics[id] = topic
        self._waiting[id] = Waiting(
            call=id, municipality=topic.municipality, queued_at=self._now, priority=topic.priority
        )
        free = any(one.record.state is PresenceState.AVAILABLE for one in self._presences.values())
        if self.asks and not free:
            self.told[id] = self._ask(id)

    def _route(self) -> None:
        """Ring, and let whoever is rung answer at once: the formula knows no ringing."""
        staff = [self._as_routed(user) for user in self._staff] if self._waiting else []
        for pair in routing.pairs(self._waiting.values(), staff, self._now, RULES):
            machine, operator = self._calls[pair.call], self._presences[pair.user]
            machine.handle(call.Rung(pair.user, self._now + timedelta(seconds=20)), self._now)
            operator.handle(Event.RING_STARTED, self._now, call=pair.call)
            machine.handle(call.Accepted(pair.user), self._now)
            operator.handle(Event.ACCEPTED, self._now)
            del self._waiting[pair.call]
            self._waits[pair.call] = (self._now - machine.record.queued_at).total_seconds()
            if pair.call in self.told:
                self.told[pair.call].true_s = self._waits[pair.call]
            handling = self._topics[pair.call].handling(self._chance)
            self._later(handling * (1 - WRAP_UP), self._ender(pair.call, pair.user, handling))

    def _as_routed(self, user: str) -> Operator:
        record = self._presences[user].record
        return replace(
            self._staff[user], since=record.idle_since if record.state is PresenceState.AVAILABLE else None
        )

    def _ender(self, id: str, user: str, handling: float) -> Callable[[], None]:
        def wrap_up() -> None:
            self._presences[user].handle(Event.WRAPPED_UP, self._now)
            topic = self._topics[id]
            self._handling.add(topic.municipality, topic.name, handling)
            del self._calls[id]

        def end() -> None:
            self._calls[id].handle(call.EndPressed(user), self._now)
            self._presences[user].handle(Event.CALL_ENDED, self._now)
            self._later(handling * WRAP_UP, wrap_up)

        return end

    def _ask(self, id: str) -> Told:
        """As the counter asks."""
        line = routing.in_order(self._waiting.values(), RULES.step)
        found = expected_waits(
            [Queued(one, self._times(one.call)) for one in line],
            [self._on_duty(user) for user in self._staff],
            self._now,
        )
        known = sorted(self._handling.known())
        ahead = [one.call for one in line].index(id)
        usual = known[len(known) // 2] if known else 0.0
        return Told(found.get(id), ahead, usual, len(self._staff))

    def _times(self, id: str) -> tuple[float, ...]:
        topic = self._topics[id]
        return self._handling.times(topic.municipality, topic.name)

    def _on_duty(self, user: str) -> OnDuty:
        id = self._presences[user].record.call
        if id is None:
            return OnDuty(self._staff[user])
        accepted = self._calls[id].record.accepted_at
        assert accepted is not None
        return OnDuty(self._staff[user], (self._now - accepted).total_seconds(), self._times(id))


def operators(count: int, towns: Iterable[str]) -> list[Operator]:
    """So many who serve all these."""
    everywhere = frozenset(towns)
    return [Operator(user=f"u{number}", municipalities=everywhere) for number in range(count)]
