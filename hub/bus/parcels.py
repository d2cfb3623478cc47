"""How a parcel crosses from one hub to another: a line that says from whom and where to, then JSON.

Bytes come from other hubs of the same database alone; what cannot be read is a hub of another version.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from hub.bus.port import Parcel
from protocol.desk_link import HUB_SAYS_TO_DESK
from protocol.errors import PeerError
from protocol.guest_link import HUB_SAYS_TO_GUEST
from protocol.kiosk_link import HUB_SAYS_TO_KIOSK

_SAID = HUB_SAYS_TO_DESK | HUB_SAYS_TO_GUEST | HUB_SAYS_TO_KIOSK


class Note(msgspec.Struct, frozen=True):
    """A parcel between two hubs, or, with topic END, the end of a turn's words.

    `number` runs per hub, so that a missing one shows. `turn` runs over all hubs; 0 is of no turn.
    """

    hub: str
    number: int
    turn: int
    topic: str
    body: str


END = "end"
NEWS = "news"
"""Body of an END: other hubs had better look at the tables at once."""


class _Wire(msgspec.Struct, frozen=True, omit_defaults=True):
    body: dict[str, Any]
    call: str | None = None
    epoch: int | None = None
    expires: datetime | None = None


class UnreadableNoteError(PeerError):
    """Another hub said something that this one has no word for."""


def body(parcel: Parcel) -> str:
    """The parcel as text; it is written once, however many hubs read it."""
    wire = _Wire(msgspec.to_builtins(parcel.message), parcel.call, parcel.epoch, parcel.expires)
    return msgspec.json.encode(wire).decode()


def parcel(text: str) -> Parcel:
    """The parcel in a note. UnreadableNoteError."""
    try:
        wire = msgspec.json.decode(text, type=_Wire)
        message = msgspec.convert(wire.body, _SAID[wire.body["type"]])
    except (msgspec.MsgspecError, KeyError) as error:
        raise UnreadableNoteError("bad_note", f"unreadable word of another hub: {error}") from None
    return Parcel(message, wire.call, wire.epoch, wire.expires)


def write(note: Note) -> str:
    """One line of addresses, then the body."""
    return f"{note.hub} {note.number} {note.turn} {note.topic}\n{note.body}"


def read(text: str) -> Note:
    """The note again, its body unread. UnreadableNoteError."""
    head, _, rest = text.partition("\n")
    try:
        hub, number, turn, topic = head.split(" ", 3)
        return Note(hub, int(number), int(turn), topic, rest)
    except ValueError:
        raise UnreadableNoteError("bad_note", "a word of another hub without its addresses") from None
