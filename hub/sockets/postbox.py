"""What a terminal or a desk is told, across its sockets: numbered, kept until taken, then said again.

    box, again = boxes.take_up(topic, link, token, received)
    box.token                                   # for the welcome: who brings it may go on here
    box.go_on(again)                            # None: a new box, to be filled by a snapshot

A box hears its topic of the bus from its first snapshot on. Two minutes after its last socket it is gone.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hub.bus.port import Bus, Parcel, Subscription
from hub.clock import Clock
from protocol import versions
from protocol.delivery import OUTSIDE, WINDOW_S, Delivery, Kept
from protocol.desk_link import DeskSnapshot
from protocol.envelope import write
from protocol.guest_link import GuestSnapshot
from protocol.kiosk_link import Snapshot

if TYPE_CHECKING:
    from hub.sockets.link import Link

log = logging.getLogger(__name__)

_WHOLE = (Snapshot, DeskSnapshot, GuestSnapshot)


class Postbox:
    """`deliver` takes what the bus brings. `link` is the socket of the moment, None without one."""

    __slots__ = ("_told", "delivery", "forgetting", "link", "listening", "token", "version")

    def __init__(self, version: int) -> None:
        self.version = version
        self.delivery: Delivery[str] = Delivery()
        self.token = ""  # 128 bits, new at every socket
        self.link: Link | None = None
        self.forgetting: asyncio.TimerHandle | None = None  # without a socket
        self.listening: Subscription | None = None  # closed with the box
        self._told = False  # a snapshot: what comes before it would be out of order

    def deliver(self, parcel: Parcel) -> None:
        """From the bus."""
        if isinstance(parcel.message, _WHOLE):
            self._told = True
        if self._told:
            self.say(parcel)

    def say(self, parcel: Parcel) -> None:
        """In the peer's version; what that has no word for is left out, without a gap in the numbers."""
        kind = str(parcel.message.__struct_config__.tag)
        outside = kind in OUTSIDE
        if outside and self.link is None:
            return  # the next of its kind will do
        text = encode(
            parcel, self.version, seq=0 if outside else self.delivery.next_seq, ack=self.delivery.taken
        )
        if text is None:
            return
        if not outside:
            self.delivery.say(text, len(text) if text.isascii() else len(text.encode()))
        if self.link is not None:
            self.link.put(text, parcel.message)

    def go_on(self, again: Sequence[Kept[str]]) -> None:
        """Over the new socket: first what the peer lacks."""
        assert self.link is not None
        for one in again:
            self.link.put(one.item)


def encode(parcel: Parcel, version: int, *, seq: int, ack: int) -> str | None:
    """The text of a message; None when this version has no word for it, or it is larger than a peer reads."""
    kind = str(parcel.message.__struct_config__.tag)
    if not versions.speaks(kind, version, steps=versions.STEPS):
        return None
    try:
        return write(
            parcel.message, version=version, id=secrets.token_hex(16), seq=seq, ack=ack, call=parcel.call,
            epoch=parcel.epoch, expires=parcel.expires, steps=versions.STEPS,
        )  # fmt: skip
    except ValueError:
        log.exception("message not sent", extra={"type": kind})
        return None


class Postboxes:
    """The boxes of this hub by topic. All methods are called on the loop's thread."""

    def __init__(self, bus: Bus, clock: Clock) -> None:
        self._bus = bus
        self._clock = clock
        self._boxes: dict[str, Postbox] = {}

    def take_up(
        self, topic: str, link: Link, token: str, received: int | None
    ) -> tuple[Postbox, list[Kept[str]] | None]:
        """The box behind a link that has proved who it is, and what to say again.

        None instead: nothing is in common, the box is new. `received` None is a peer that cannot go on.
        """
        now = self._clock.steady()
        box = self._boxes.get(topic)
        again = None
        if box is not None:
            box.delivery.lost(now)  # the newest socket wins
            known = received is not None and secrets.compare_digest(box.token.encode(), token.encode())
            if known and box.version == link.version and received is not None:
                again = box.delivery.resume(received, now)
        if box is None or again is None:
            self.drop(topic)
            box = self._boxes[topic] = Postbox(link.version)
            box.delivery.begin(now, heard=link.greeted)
            box.listening = self._bus.subscribe(topic, box.deliver)
        if box.forgetting is not None:
            box.forgetting.cancel()
            box.forgetting = None
        box.token = secrets.token_hex(16)
        box.link = link
        link.box = box
        return box, again

    def lost(self, topic: str, link: Link) -> None:
        """A link has ended. Its box waits for the next one, if it is still this link's."""
        box = self._boxes.get(topic)
        if box is None or box.link is not link:
            return
        box.link = None
        box.delivery.lost(self._clock.steady())
        if not box.delivery.may_resume(self._clock.steady()):
            self.drop(topic)
            return
        box.forgetting = asyncio.get_running_loop().call_later(WINDOW_S, self.drop, topic)

    def drop(self, topic: str) -> None:
        """Whoever comes next begins anew."""
        box = self._boxes.pop(topic, None)
        if box is not None:
            if box.listening is not None:
                box.listening.close()
            box.link = None
            if box.forgetting is not None:
                box.forgetting.cancel()

    def forget_away(self) -> None:
        """Words were missed: whoever has no link now comes back to the whole truth, not to where it was."""
        for topic in [topic for topic, box in self._boxes.items() if box.link is None]:
            self.drop(topic)

    def close(self) -> None:
        """The hub ends."""
        for topic in tuple(self._boxes):
            self.drop(topic)
