"""Where guests' pages come in: whom a code or a page's secret stands for, and every word as a turn."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from hub.bus.port import guest_topic
from hub.core import guest_code
from hub.core.call import NotNow
from hub.core.guest import GuestRecord
from hub.core.permissions import GUEST_WORDS
from hub.counter import guests, once, relay
from hub.counter.counter import Counter
from hub.store import guests as store
from hub.store.fences import POOL
from protocol import common, desk_link, guest_link
from protocol.envelope import Envelope, Message

log = logging.getLogger(__name__)

ALONE = "alone"
"""In place of a hub's id where there is one hub only."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A page that was let as far as the door: whose it is, and what it brought."""

    guest: str
    secret_digest: str


class GuestDoor:
    """Uses the counter's turns; knows no socket."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    @property
    def _node(self) -> str:
        return self._counter.node.id if self._counter.node is not None else ALONE

    def open(self, visit: Visit) -> bool:
        """Whether the guest may still lead anywhere; one who has not arrived yet may be unknown here."""
        board = self._counter.board
        return visit.guest in board.guests or visit.guest not in board.guest_links

    async def find(self, code: str, secret: str) -> Visit:
        """Whose page this is: by its secret, else by a code that nobody has used. NotNow says why none's."""
        counter, digest = self._counter, guest_code.digest(secret)
        typed = guest_code.meant(code)
        async with counter.database.read(POOL) as tx:
            known = await store.of_secret(tx, digest, counter.content.towns)
            invited = (
                await store.of_code(tx, guest_code.digest(typed), counter.content.towns) if typed else None
            )
        found = known if known is not None and (known.open or invited is None) else invited
        if found is None:
            raise guest_code.UNKNOWN
        if refused := self._refusal(found, digest):
            raise refused
        return Visit(found.id, digest)

    def _refusal(self, found: GuestRecord, digest: str) -> NotNow | None:
        if found.secret_digest == digest:
            return guest_code.goodbye(found)
        return guest_code.refusal(found, self._counter.clock.now())

    async def arrived(self, visit: Visit, token: object, *, resumed: bool) -> None:
        """The link `token` speaks for this guest from now on. A snapshot comes first, unless it goes on."""
        async with self._counter.turn() as turn:
            self._counter.board.guest_links[visit.guest] = token
            await guests.arrived(turn, visit.guest, self._node, resumed=resumed)

    async def left(self, visit: Visit, token: object) -> None:
        """The link is gone; nothing happens when a newer one has taken its place."""
        links = self._counter.board.guest_links
        if links.get(visit.guest) is not token:
            return
        del links[visit.guest]
        async with self._counter.turn() as turn:
            await guests.page_lost(turn, visit.guest, self._node)

    async def says(self, visit: Visit, envelope: Envelope, message: Message) -> None:
        """One word of a guest. NotNow when it has no effect and the guest should know."""
        counter = self._counter
        match message:
            case desk_link.SideAnswer() | desk_link.SideCandidate() | desk_link.SideRenew():
                await counter.abreast()
                _check(counter.board.guests.get(visit.guest), envelope, fits=message.transfer == visit.guest)
                await relay.between_sides(counter.board, counter.bus, guest_topic(visit.guest), message)
                return
            case common.Refused() | common.Unsupported():
                log.info("guest refused a message", extra={"guest": visit.guest, "about": message.about})
                return
        async with counter.turn() as turn:
            if await once.again(turn, guest_topic(visit.guest), envelope.id):
                return
            _check(turn.guest(visit.guest), envelope)
            match message:
                case guest_link.GuestAsk():
                    await guests.ask(turn, visit.guest, message.name, visit.secret_digest, self._node)
                case guest_link.GuestLeave():
                    await guests.leave(turn, visit.guest)
            await once.keep(turn, guest_topic(visit.guest), envelope.id)


def _check(guest: GuestRecord | None, envelope: Envelope, *, fits: bool = True) -> None:
    """NotNow unless the table lets a guest who stands here say this."""
    if guest is None or not fits or guest.state not in GUEST_WORDS.get(envelope.type, ()):
        raise NotNow("gone", "いまは、この操作はできません。")
