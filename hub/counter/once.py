"""Lets a word have its effect once, however often it is said and whatever was killed in between.

The word's id is written in the transaction of its effect, with the answers of that turn. A refused word has
had no effect and leaves nothing behind: said again, it is judged anew.
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from hub.bus.port import Parcel
from hub.counter.turn import Turn
from hub.store import done
from protocol.desk_link import HUB_SAYS_TO_DESK
from protocol.guest_link import HUB_SAYS_TO_GUEST
from protocol.kiosk_link import HUB_SAYS_TO_KIOSK

KEPT = timedelta(hours=24)
"""So long nobody repeats a word; a link that was away gives its words up after two minutes."""

_MAY_SAY = HUB_SAYS_TO_DESK | HUB_SAYS_TO_GUEST | HUB_SAYS_TO_KIOSK


async def again(turn: Turn, sender: str, id: str) -> bool:
    """Whether the word was done before: then its sender, a topic of the bus, hears the same answers."""
    kept = await done.answers(turn.tx, sender, id)
    if kept is None:
        return False
    for answer in kept:
        message = msgspec.convert({**answer["body"], "type": answer["type"]}, _MAY_SAY[answer["type"]])
        turn.outbox.append((sender, Parcel(message, answer["call"])))
    return True


async def keep(turn: Turn, sender: str, id: str) -> None:
    """The word has had its effect in this turn."""
    answers = []
    for parcel in turn.answers:
        body = msgspec.to_builtins(parcel.message)
        answers.append({"type": body.pop("type"), "body": body, "call": parcel.call})
    await done.keep(turn.tx, sender, id, turn.now, answers)
