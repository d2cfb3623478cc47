"""The disaster switch from the desk: what supervisors and admins of a municipality turn on and off."""

from __future__ import annotations

from litestar import get, post
from litestar.params import FromPath, JSONBody

from hub.api.answers import NOT_FOUND, RefusedError
from hub.api.who import Asked, house_of, whoever
from hub.core import disasters as rules
from hub.core.audit import Action, Entry
from hub.core.content import spoken
from hub.house import House
from hub.store import disasters, trail
from protocol.errors import LocalError
from protocol.rest import DisasterSwitch, DisasterWanted

PATH = "/api/admin/municipalities/{municipality:str}/disaster"


@get(PATH)
async def state(request: Asked, municipality: FromPath[str]) -> DisasterSwitch:
    """Which page is shown, and which could be."""
    return await _state(house_of(request), municipality)


@post(PATH, status_code=200)
async def turn(request: Asked, municipality: FromPath[str], data: JSONBody[DisasterWanted]) -> DisasterSwitch:
    """Show this page everywhere, or none again. 422 unknown_page."""
    who, house = await whoever(request), house_of(request)
    if municipality not in house.content.towns:
        raise NOT_FOUND
    try:
        page = rules.prepared(house.content.town(municipality), data.page) if data.page else ""
    except LocalError:
        text = "この案内画面は、災害用に用意されていません。"
        raise RefusedError(422, "unknown_page", text) from None
    now, actor = house.clock.now(), f"user:{who.user.id}"
    async with house.database.write([municipality]) as tx:
        if page:
            await disasters.switch_on(tx, municipality, page, now, actor)
        elif not await disasters.switch_off(tx, municipality):
            return await _state(house, municipality)
        action = Action.DISASTER_ON if page else Action.DISASTER_OFF
        entry = Entry(at=now, municipality=municipality, actor=actor, action=action, subject=page)
        await trail.append(tx, entry)
    await house.counter.look_at_disasters()
    return await _state(house, municipality)


async def _state(house: House, municipality: str) -> DisasterSwitch:
    if municipality not in house.content.towns:
        raise NOT_FOUND
    town = house.content.towns[municipality]
    async with house.database.read([municipality]) as tx:
        shown = (await disasters.load(tx)).get(municipality, "")
    pages = tuple((id, spoken(town.pages[id].title)) for id in town.duties.disaster_pages)
    return DisasterSwitch(page=shown, pages=pages)
