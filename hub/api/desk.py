"""What a desk reads beside its link: a municipality's handbook and the stills of its call."""

from __future__ import annotations

from litestar import Response, get
from litestar.params import FromPath

from hub.api.answers import NOT_FOUND
from hub.api.who import Asked, foreign, house_of, permit, whoever
from hub.core import handbook as books
from hub.core.audit import Action
from hub.core.captures import CaptureRecord
from hub.core.presence import WRAPPING
from hub.house import House
from hub.logins import Whoever
from hub.store import calls, captures, people, transfers
from hub.vault.seal import UnreadableError
from protocol.rest import Handbook
from protocol.values import PresenceState


@get("/api/desk/municipalities/{municipality:str}/handbook")
async def handbook(request: Asked, municipality: FromPath[str]) -> Handbook:
    """Procedures and pages of a municipality of this login."""
    content = house_of(request).content
    if municipality not in content.towns:
        raise await foreign(request, await whoever(request), municipality)
    return books.handbook(content, municipality)


@get("/api/desk/calls/{call:str}/captures/{capture:str}/image", media_type="image/jpeg")
async def image(request: Asked, call: FromPath[str], capture: FromPath[str]) -> Response[bytes]:
    """A still: for whoever talks in its call or wraps it up, and for a specialist who is rung with it."""
    who = await whoever(request)
    house = house_of(request)
    async with house.database.read(permit(request).municipalities) as tx:
        record = await captures.get(tx, capture, permit(request).municipalities)
        talk = await calls.get(tx, call, permit(request).municipalities)
        presence = await people.presence_of(tx, who.user.id)
        pending = await transfers.open_of(tx, call, who.user.municipalities)
        wrapped = await captures.key(tx, record) if record else None
    if record is None or talk is None:
        raise await foreign(request, who, capture)
    shown = {PresenceState.TALKING, *WRAPPING} | ({PresenceState.RINGING} if pending else set())
    with_call = presence is not None and presence.call == call and presence.state in shown
    if record.call != call or not with_call or wrapped is None:
        raise NOT_FOUND
    return Response(await _open(house, who, record, wrapped), media_type="image/jpeg")


async def _open(house: House, who: Whoever, record: CaptureRecord, wrapped: bytes) -> bytes:
    if record.delete_after is None or house.clock.now() >= record.delete_after:
        raise NOT_FOUND
    try:
        plain = await house.stills.open(record, wrapped)
    except (FileNotFoundError, UnreadableError):
        raise NOT_FOUND from None
    await house.trail.add(Action.CAPTURE_READ, f"user:{who.user.id}", record.municipality, record.id)
    return plain
