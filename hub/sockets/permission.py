"""Whether a desk may say a word: the one place at which the table of roles is asked for sockets.

The municipality is the call's, never the sender's word for it. A refusal leaves an audit entry; what is
foreign is answered as if the call did not exist.
"""

from __future__ import annotations

from hub.core.audit import Action
from hub.core.call import NotNow
from hub.core.permissions import LINK, WORDS, Verdict, judge
from hub.house import House
from hub.store import calls
from hub.store.fences import POOL
from hub.store.people import User
from protocol.common import FLEETING
from protocol.envelope import Envelope

GONE = NotNow("gone", "この通話は見つかりません。もう終わっている可能性があります。")
NOT_ALLOWED = NotNow("not_allowed", "この操作をする権限がありません。")


async def check(house: House, user: User, envelope: Envelope) -> bool:
    """NotNow when this word of this user has no effect; False for a pointer, which is not worth a word."""
    try:
        await _check(house, user, envelope)
    except NotNow:
        if envelope.type == "pointer":
            return False  # ten refusals a second would help nobody
        raise
    return True


async def _check(house: House, user: User, envelope: Envelope) -> None:
    if envelope.type in LINK:
        return
    municipality = None
    if envelope.call:
        municipality = await _municipality(house, envelope)
        if municipality is None:
            raise await _foreign(house, user, envelope)
    match judge(user.memberships, WORDS.get(envelope.type, ()), municipality):
        case Verdict.FOREIGN:
            raise await _foreign(house, user, envelope)
        case Verdict.ROLE:
            await house.trail.add(Action.ROLE_REFUSED, f"user:{user.id}", municipality, envelope.type)
            raise NOT_ALLOWED


async def _municipality(house: House, envelope: Envelope) -> str | None:
    """Of the word's call; one that is over is looked up, unless nobody would miss the word."""
    live = house.counter.board.live.get(envelope.call or "")
    if live is not None:
        return live.municipality
    if envelope.type in FLEETING:
        raise GONE
    async with house.database.read(POOL) as tx:
        return await calls.municipality_of(tx, envelope.call or "")


async def _foreign(house: House, user: User, envelope: Envelope) -> NotNow:
    await house.trail.add(Action.FOREIGN_REFUSED, f"user:{user.id}", subject=(envelope.call or "")[:64])
    return GONE
