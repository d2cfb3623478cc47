"""The links that are open: the newest of each terminal and desk counts, and all hear of a restart."""

from __future__ import annotations

import random
from collections import Counter as Tally
from collections.abc import Iterator
from contextlib import contextmanager

from hub.core.networks import network
from hub.counter.guest_door import Visit
from hub.sockets.link import GOING_AWAY, NO_LOGIN, REPLACED, TRY_LATER, Link
from hub.store.people import Login
from hub.store.places import Kiosk
from protocol.common import GoingAway

SPREAD_S = 10.0
"""After a restart everybody comes back within this time, not at once."""

Proof = Login | Kiosk | Visit
"""With what a link was let in."""


class Registry:
    """Knows every proven link by topic, and counts those of an address that have proved nothing yet."""

    def __init__(self, per_address: int) -> None:
        self._per_address = per_address
        self._links: dict[str, Link] = {}
        self._proofs: dict[Link, Proof] = {}
        self._unproven: Tally[str] = Tally()

    def room(self, address: str) -> bool:
        """Whether one more link of this address may try."""
        return self._unproven[network(address)] < self._per_address

    @contextmanager
    def unproven(self, address: str) -> Iterator[None]:
        """While a link has yet to prove who it is."""
        where = network(address)
        self._unproven[where] += 1
        try:
            yield
        finally:
            self._unproven[where] -= 1
            if not self._unproven[where]:
                del self._unproven[where]

    async def enter(self, topic: str, link: Link, proof: Proof) -> None:
        """This link takes the place of an older one, which is closed with 4009; `leave` follows in any case.

        Returns once the older one's last word has had its effect: what it took is then known.
        """
        older = self._links.get(topic)
        self._links[topic] = link
        self._proofs[link] = proof
        if older is not None:
            older.end(REPLACED, "replaced by a newer link")
            await older.quiet()

    def leave(self, topic: str, link: Link) -> None:
        """This link is gone; a newer one stays."""
        self._proofs.pop(link, None)
        if self._links.get(topic) is link:
            del self._links[topic]

    def replaced(self, topic: str) -> None:
        """The newer link of this topic is at another hub."""
        if topic in self._links:
            self._links[topic].end(REPLACED, "replaced by a newer link")

    def put_out(self) -> None:
        """This hub was given up by the others: whoever comes back finds the whole truth."""
        for link in tuple(self._links.values()):
            link.end(TRY_LATER, "this hub was away")

    def log_out(self, login: Login) -> None:
        """A login has ended, and its link with it; the same person's other browser has a login of its own."""
        for link, proof in self.proven():
            if isinstance(proof, Login) and proof.token_hash == login.token_hash:
                link.end(NO_LOGIN, "logged out")

    def proven(self) -> list[tuple[Link, Proof]]:
        """Every link that was let in, with what it proved."""
        return list(self._proofs.items())

    def going_away(self) -> None:
        """A planned restart: tell everybody when to come back, then close."""
        for link in tuple(self._links.values()):
            link.say(GoingAway(retry_after_s=round(random.uniform(0.0, SPREAD_S), 2)))
            link.end(GOING_AWAY, "restart")

    def __len__(self) -> int:
        return len(self._links)
