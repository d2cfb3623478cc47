"""What a guest's page and the hub may say to each other: the smallest of the three links.

guest: guest_hello -> hub: guest_welcome, guest_snapshot. A guest is somebody of the resident's family, or an
interpreter, who joins one call by a code that its operator has given out, and has no login. Municipality and
call come from the code, never from a message; a guest is told nothing of the call but the place it has in it.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from protocol.common import GoingAway, Ping, Pong, Refused, Unsupported
from protocol.desk_link import SideAnswer, SideCandidate, SideOffer, SideRenew
from protocol.envelope import Message, vocabulary
from protocol.values import Count, GuestName, GuestPlace, Moment


class GuestHello(Message, frozen=True, tag="guest_hello"):
    """First word of a guest's page; refused with the reason, and closed with 4001, where neither fits.

    `code` is the invitation's, as it was typed or came with the link. `secret` is the page's own, made at
    random when it was first loaded: whoever asks to be let in is known by it from then on, and the code is
    worth nothing any more. `resume_token` and `received` as in a terminal's `hello`.
    """

    versions: tuple[int, ...]
    secret: Annotated[str, msgspec.Meta(pattern="^[A-Za-z0-9_-]{22,64}$")]
    code: Annotated[str, msgspec.Meta(max_length=32)] = ""
    resume_token: Annotated[str, msgspec.Meta(max_length=64)] = ""
    received: Count | None = None


class GuestWelcome(Message, frozen=True, tag="guest_welcome"):
    """The link stands, as in `welcome`; a newer page of the same guest closes this one with 4009."""

    version: int
    server_time: Moment
    heartbeat_s: float
    dead_s: float
    resume_token: str = ""
    idle_heartbeat_s: float = 0.0
    idle_dead_s: float = 0.0
    resumed: bool = False
    received: Count = 0


class GuestSnapshot(Message, frozen=True, tag="guest_snapshot"):
    """The whole truth for this guest, again at every change."""

    place: GuestPlace


class GuestAsk(Message, frozen=True, tag="guest_ask"):
    """Asks to be let in, under this name. It uses the code up."""

    name: GuestName


class GuestLeave(Message, frozen=True, tag="guest_leave"):
    """The guest leaves for good."""


GUEST_SAYS = vocabulary(
    GuestHello, GuestAsk, GuestLeave, SideAnswer, SideCandidate, SideRenew, Ping, Pong, Refused, Unsupported
)
HUB_SAYS_TO_GUEST = vocabulary(
    GuestWelcome, GuestSnapshot, SideOffer, SideCandidate, Ping, Pong, Refused, Unsupported, GoingAway
)
