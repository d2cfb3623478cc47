"""Decides which STUN and TURN addresses a media epoch gets, and when they are tried beforehand.

The media library waits seconds for a server that does not answer, and uses one relay alone. So addresses are
tried first, all at once: UDP is best, then TCP, then TLS, which passes wherever the hub is reached. What an
epoch really got is remembered for each network. Never opens a socket, never reads a clock, never decides that
an epoch is due: that is the terminal's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from msgspec.structs import replace

from protocol.values import IceServer

LIMIT_S = 1.0
"""An epoch never waits longer for answers."""

GRACE_S = 0.3
"""In a network that is not known, so long after a relay's first answer for one over a better way."""

FRESH_S = 60.0
"""Answers of this age are good for the next epoch without asking again."""

NETWORKS = 8
"""How many networks are remembered; a terminal seldom sees a second one."""


class Way(IntEnum):
    """Best first. STUN only finds our own address and carries nothing."""

    STUN = 0
    UDP = 1
    TCP = 2
    TLS = 3


def way_of(url: str) -> Way | None:
    """The way that a server's address leads; None for one that a terminal cannot use, such as DTLS."""
    scheme, _, rest = url.partition(":")
    _, _, transport = rest.partition("?transport=")
    match scheme, transport:
        case "stun", "":
            return Way.STUN
        case "turn", "" | "udp":
            return Way.UDP
        case "turn", "tcp":
            return Way.TCP
        case "turns", "" | "tcp":
            return Way.TLS
    return None


@dataclass(frozen=True, slots=True)
class Choice:
    """For one epoch: at most one STUN and one TURN server, and whether nothing but the relay may be used."""

    stun: IceServer | None = None
    relay: IceServer | None = None
    relay_only: bool = False

    @property
    def servers(self) -> tuple[IceServer, ...]:
        return tuple(server for server in (self.stun, self.relay) if server is not None)

    @property
    def way(self) -> Way | None:
        """How the relay is reached; None without one."""
        return None if self.relay is None else way_of(self.relay.urls[0])


class RelayWays:
    """`to_try` says what to ask now, `answered` takes answers; once `settled`, `choose`; then `gathered`."""

    def __init__(self, memory: Mapping[str, Sequence[str]] | None = None) -> None:
        """`memory` is what `memory` was in an earlier run."""
        self._memory = {network: tuple(urls) for network, urls in (memory or {}).items()}
        self._network = ""
        self._answers: dict[
            str, bool
        ] = {}  # in this network; True is of the newest round, False may be older
        self._asked: frozenset[str] = frozenset()  # of the newest round
        self._heard: set[str] = set()  # of whom it is certain in the newest round
        self._useless: set[str] = set()  # in this network: they answered, but media never came
        self._began: float | None = None  # the newest round; None: nothing is known
        self._first: float | None = None  # first answer of a relay in it

    @property
    def memory(self) -> dict[str, tuple[str, ...]]:
        """Network to the addresses that its last epoch really got, newest network last."""
        return dict(self._memory)

    def to_try(
        self, servers: Sequence[IceServer], network: str, now: float, *, doubt: bool = False
    ) -> tuple[str, ...]:
        """Addresses to ask at once; none while answers are fresh or under way. `doubt`: an epoch has failed,
        so that only answers from now on count."""
        if network != self._network:
            self._network, self._began, self._answers, self._useless = network, None, {}, set()
        urls = frozenset(url for url, _ in _usable(servers))
        fresh = self._began is not None and now < self._began + FRESH_S and urls <= self._asked
        if not urls or (fresh and (not doubt or not self.settled(now))):
            return ()
        self._asked, self._began, self._first, self._heard = urls, now, None, set()
        self._answers = {url: came for url, came in self._answers.items() if not came}
        return tuple(sorted(urls, key=_rank))

    def answered(self, url: str, came: bool, now: float) -> None:
        """The server spoke, or it is certain that it will not. Counts late as well."""
        self._answers[url] = came
        self._heard.add(url)
        if came and self._first is None and way_of(url) is not Way.STUN:
            self._first = now

    def settled(self, now: float) -> bool:
        """Nobody need wait: what served last time answers, everybody has, or it takes too long."""
        if self._began is None or self._asked <= self._heard:
            return True
        served = [url for url in self._memory.get(self._network, ()) if url in self._asked]
        if served and all(self._answers.get(url) for url in served):
            return True
        return now >= self.deadline()

    def deadline(self) -> float:
        """When it has taken too long, monotonic s; only moves closer."""
        assert self._began is not None
        limit = self._began + LIMIT_S
        return limit if self._first is None else min(limit, self._first + GRACE_S)

    def choose(self, servers: Sequence[IceServer], *, relay_only: bool = False) -> Choice:
        """What the next epoch may use. `relay_only` asks for TLS and no other way; where no TLS relay can be
        had, everything is tried again rather than nothing."""
        offered = dict(_usable(servers))
        urls = sorted(offered, key=_rank)
        stun = self._best(url for url in urls if way_of(url) is Way.STUN)
        relays = [url for url in urls if way_of(url) is not Way.STUN]
        if relay_only:
            tls = [url for url in relays if way_of(url) is Way.TLS]
            relay = self._best(tls) or self._hope(tls)
            if relay is not None:
                return Choice(None, offered[relay], relay_only=True)
        relay = self._best(relays) or self._hope(reversed(relays))
        return Choice(offered.get(stun or ""), offered.get(relay or ""))

    def gathered(self, choice: Choice, kinds: frozenset[str]) -> bool:
        """What the epoch really got: `kinds` of its own candidates (host, srflx, relay). A relay that gave
        none is doubted from now on. True when `memory` has changed."""
        got = []
        if choice.stun is not None and "srflx" in kinds:
            got.append(choice.stun.urls[0])
        if choice.relay is not None and "relay" in kinds:
            got.append(choice.relay.urls[0])
        elif choice.relay is not None:
            self._answers[choice.relay.urls[0]] = False
            self._began = None
        before = tuple(self._memory.items())
        if got and not choice.relay_only:
            self._remember(tuple(got))
        return tuple(self._memory.items()) != before

    def carried(self, choice: Choice) -> bool:
        """Media came through the relay alone, after the other ways had failed: from now on it is what serves
        here. True when `memory` has changed."""
        if not choice.relay_only or choice.relay is None:
            return False
        self._useless |= {url for url in self._asked if way_of(url) in (Way.UDP, Way.TCP)}
        before = self._memory.get(self._network)
        self._remember(choice.relay.urls)
        return self._memory[self._network] != before

    def _remember(self, urls: tuple[str, ...]) -> None:
        self._memory.pop(self._network, None)
        self._memory[self._network] = urls
        while len(self._memory) > NETWORKS:
            del self._memory[next(iter(self._memory))]

    def _best(self, urls: Iterable[str]) -> str | None:
        """The best that has answered, else what served last time and has not been refused since."""
        ordered = [url for url in urls if url not in self._useless]
        served = self._memory.get(self._network, ())
        for url in ordered:
            if self._answers.get(url):
                return url
        return next((url for url in ordered if url in served and url not in self._answers), None)

    def _hope(self, urls: Iterable[str]) -> str | None:
        """One of which nothing is known. Whoever is certain not to answer would only cost time."""
        return next((url for url in urls if url not in self._answers), None)


def _usable(servers: Sequence[IceServer]) -> list[tuple[str, IceServer]]:
    """Address by address, each with the name and password that open it."""
    return [
        (url, replace(server, urls=(url,)))
        for server in servers
        for url in server.urls
        if way_of(url) is not None
    ]


def _rank(url: str) -> tuple[int, str]:
    way = way_of(url)
    assert way is not None
    return way, url
