"""Which way leads to the relay: the best that answers, what served here before, never one that is dead."""

from __future__ import annotations

import pytest

from kiosk.core.relay_ways import (
    FRESH_S,
    GRACE_S,
    LIMIT_S,
    NETWORKS,
    Choice,
    RelayWays,
    Way,
    way_of,
)
from protocol.values import IceServer

STUN, UDP = "stun:relay.example:3478", "turn:relay.example:3478"
TCP, TLS = "turn:relay.example:3478?transport=tcp", "turns:relay.example:443?transport=tcp"
SERVERS = (IceServer(urls=(STUN,)), IceServer(urls=(TLS, TCP, UDP), username="u", credential="c"))
ALL = (STUN, UDP, TCP, TLS)
HOME = "192.0.2.1 02:00:00:00:00:01"
GOT_ALL = frozenset({"host", "srflx", "relay"})


def asked(memory: dict[str, tuple[str, ...]] | None = None, network: str = HOME) -> RelayWays:
    """All servers have been asked at 0 s."""
    ways = RelayWays(memory)
    assert ways.to_try(SERVERS, network, 0.0) == ALL
    return ways


def urls(choice: Choice) -> tuple[str, ...]:
    return tuple(url for server in choice.servers for url in server.urls)


@pytest.mark.parametrize(
    ("url", "way"),
    [
        ("stun:a", Way.STUN), ("turn:a", Way.UDP), ("turn:a:1?transport=udp", Way.UDP), (TCP, Way.TCP),
        ("turns:a", Way.TLS), (TLS, Way.TLS), ("turns:a?transport=udp", None), ("stuns:a", None),
        ("http://a", None), ("", None),
    ],
)  # fmt: skip
def test_an_address_says_how_it_is_reached(url: str, way: Way | None) -> None:
    """What the media library cannot use is no way at all, instead of a wait in the call."""
    assert way_of(url) is way


def test_udp_is_taken_where_everything_is_open() -> None:
    """The quickest way carries the talk; the credentials are those of the server that was chosen."""
    ways = asked()
    for url in ALL:
        ways.answered(url, True, 0.1)
    choice = ways.choose(SERVERS)
    assert urls(choice) == (STUN, UDP)
    assert choice.relay is not None
    assert (choice.relay.username, choice.relay.credential, choice.relay_only) == ("u", "c", False)


@pytest.mark.parametrize(("open_ways", "taken"), [((UDP, TLS), UDP), ((TCP, TLS), TCP), ((TLS,), TLS)])
def test_the_order_is_udp_then_tcp_then_tls(open_ways: tuple[str, ...], taken: str) -> None:
    """What the firewall drops is never given to an epoch, however good it would be."""
    ways = asked()
    for url in open_ways:
        ways.answered(url, True, 0.1)
    assert urls(ways.choose(SERVERS)) == (taken,)


def test_an_unknown_network_gives_better_ways_a_moment() -> None:
    """A first answer over TLS does not win by luck, and does not keep the offer waiting either."""
    ways = asked()
    assert not ways.settled(0.2)
    ways.answered(TLS, True, 0.2)
    assert not ways.settled(0.2)
    assert ways.deadline() == 0.2 + GRACE_S
    assert ways.settled(0.2 + GRACE_S)
    ways.answered(UDP, True, 0.6)
    assert urls(ways.choose(SERVERS)) == (UDP,), "an answer counts late as well"


def test_nobody_waits_longer_than_a_second() -> None:
    """A firewall that swallows everything costs a second of an epoch, not five."""
    ways = asked()
    assert ways.deadline() == LIMIT_S
    assert not ways.settled(LIMIT_S - 0.01)
    assert ways.settled(LIMIT_S)


def test_what_is_remembered_is_not_waited_beyond() -> None:
    """In a network that lets only TLS out, the second call waits for TLS alone."""
    ways = asked()
    ways.answered(TLS, True, 0.1)
    assert ways.gathered(ways.choose(SERVERS), frozenset({"host", "relay"}))
    assert ways.memory == {HOME: (TLS,)}
    again = asked(ways.memory)
    again.answered(TLS, True, 0.05)
    assert again.settled(0.05)
    assert not asked(ways.memory, "198.51.100.1").settled(0.05), "another network is not known by it"


def test_a_start_in_the_middle_of_a_call_uses_what_is_remembered() -> None:
    """An agent that was killed offers with the relay that served, though nothing has answered yet."""
    ways = asked({HOME: (STUN, UDP)})
    assert urls(ways.choose(SERVERS)) == (STUN, UDP)
    ways.answered(UDP, False, 0.1)
    assert urls(ways.choose(SERVERS)) == (STUN, TLS), "but not against better knowledge"


def test_where_nothing_is_known_tls_is_the_best_guess() -> None:
    """It passes wherever the hub was reached; a STUN server that has not answered is left out."""
    assert urls(asked().choose(SERVERS)) == (TLS,)


def test_a_relay_that_is_down_costs_nothing_but_itself() -> None:
    """The offer goes out with our own addresses when it is certain that no relay answers."""
    ways = asked()
    for url in ALL:
        ways.answered(url, False, 0.1)
    assert ways.settled(0.1)
    assert ways.choose(SERVERS) == Choice()
    assert ways.to_try(SERVERS, HOME, FRESH_S) == ALL, "it is asked again for a later epoch"
    assert ways.choose(SERVERS) == Choice(), "and does not delay that one either"


def test_servers_are_asked_once_until_the_answers_are_old() -> None:
    """A renewed connection a moment later asks nobody again."""
    ways = asked()
    assert ways.to_try(SERVERS, HOME, 0.5) == ()
    ways.answered(UDP, True, 0.5)
    assert ways.to_try(SERVERS, HOME, FRESH_S - 1) == ()
    assert ways.to_try(SERVERS, HOME, FRESH_S) == ALL
    assert ways.to_try((), HOME, 2 * FRESH_S) == ()


def test_another_network_or_a_failed_epoch_asks_again() -> None:
    """What was true behind the old router says nothing behind the new one."""
    ways = asked()
    ways.answered(UDP, True, 0.1)
    assert ways.to_try(SERVERS, HOME, 1.2, doubt=True) == ALL
    assert ways.to_try(SERVERS, HOME, 1.3, doubt=True) == (), "those answers are still to come"
    ways.answered(UDP, True, 1.3)
    assert ways.to_try(SERVERS, "198.51.100.1", 1.4) == ALL
    assert urls(ways.choose(SERVERS)) == (TLS,), "nothing is known here yet"


def test_a_way_that_answered_but_gave_no_address_is_doubted() -> None:
    """A relay that is full or refuses our credentials is not chosen twice running."""
    ways = asked()
    ways.answered(UDP, True, 0.1)
    ways.answered(TLS, True, 0.1)
    assert not ways.gathered(ways.choose(SERVERS), frozenset({"host"}))
    assert urls(ways.choose(SERVERS)) == (TLS,)
    assert ways.to_try(SERVERS, HOME, 0.5) == ALL


def test_relay_only_is_tls_and_nothing_else() -> None:
    """After an epoch without media neither our own address nor another way is tried."""
    ways = asked()
    for url in ALL:
        ways.answered(url, True, 0.1)
    choice = ways.choose(SERVERS, relay_only=True)
    assert (urls(choice), choice.way, choice.relay_only) == ((TLS,), Way.TLS, True)


@pytest.mark.parametrize("servers", [SERVERS, SERVERS[:1], ()])
def test_relay_only_without_a_tls_relay_is_everything_again(servers: tuple[IceServer, ...]) -> None:
    """An offer without any address would help nobody."""
    ways = asked()
    ways.answered(TLS, False, 0.1)
    ways.answered(UDP, True, 0.1)
    ways.answered(STUN, True, 0.1)
    choice = ways.choose(servers, relay_only=True)
    assert not choice.relay_only
    assert urls(choice) == tuple(url for url in (STUN, UDP) if any(url in one.urls for one in servers))


def test_what_only_tls_carried_is_kept_for_the_next_call() -> None:
    """Where UDP answers but never carries a picture, the next resident does not wait for that to show."""
    ways = asked()
    for url in ALL:
        ways.answered(url, True, 0.1)
    alone = ways.choose(SERVERS, relay_only=True)
    assert not ways.gathered(alone, frozenset({"relay"})), "an address alone proves no picture"
    assert ways.carried(alone)
    assert not ways.carried(alone), "known by now"
    assert not ways.carried(ways.choose(SERVERS)), "that it was another way says nothing of this one"
    assert urls(ways.choose(SERVERS)) == (STUN, TLS)
    assert ways.memory == {HOME: (TLS,)}


def test_memory_holds_a_few_networks_and_the_newest_last() -> None:
    """A terminal that is carried around does not fill its disk."""
    ways = RelayWays()
    for number in range(NETWORKS + 2):
        ways.to_try(SERVERS, f"net-{number}", 0.0)
        ways.answered(UDP, True, 0.0)
        ways.gathered(ways.choose(SERVERS), GOT_ALL)
    assert list(ways.memory) == [f"net-{number}" for number in range(2, NETWORKS + 2)]
