"""Decides whether a password may be tried: guessing is slow, and nobody is locked out by somebody else.

Only wrong passwords count. A browser in which this user has logged in before has a budget of its own; all
others share three: a name from an address, an address, and a name from everywhere. One address alone empties
neither of the last two for the others: it comes to the end of its own first.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from hub.core.limits import Tries
from hub.core.networks import network

SHARED = 4
"""The budgets of an address and of a name are so many times that of a name from an address."""


@dataclass(frozen=True, slots=True)
class Try:
    """Who tries. `browser` is empty unless it has proved that this user has logged in there before."""

    name: str
    address: str
    browser: str = ""


class LoginRate:
    """`wait_s` first; a try that it lets pass counts as wrong until `right` or `not_looked_at` is said."""

    def __init__(self, *, tries: int, per_minute: float) -> None:
        self._own = Tries(burst=tries, per_minute=per_minute)
        self._address = Tries(burst=tries * SHARED, per_minute=per_minute * SHARED)
        self._name = Tries(burst=tries * SHARED, per_minute=per_minute * SHARED)

    def wait_s(self, one: Try, now: float) -> float:
        """0 when it may be tried (and counts), else the seconds to wait."""
        wait = max(tries.wait_s(key, now) for tries, key in self._budgets(one))
        if wait == 0:
            for tries, key in self._budgets(one):
                tries.take(key, now)
        return wait

    def not_looked_at(self, one: Try) -> None:
        """The password was not compared with anything."""
        for tries, key in self._budgets(one):
            tries.give_back(key)

    def right(self, one: Try) -> None:
        """It was right: the mistakes before it are forgiven too."""
        self.not_looked_at(one)
        self._own.forgive(_own(one))

    def _budgets(self, one: Try) -> Iterator[tuple[Tries, str]]:
        yield self._own, _own(one)
        if not one.browser:
            yield self._address, network(one.address)
            yield self._name, one.name


def _own(one: Try) -> str:
    return f"{one.browser or network(one.address)} {one.name}"
