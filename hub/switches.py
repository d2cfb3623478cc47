"""`python -m hub disaster`: all terminals of a municipality to one page and one queue, and back.

The running hub notices within seconds (`hub.sockets.inspection`); nothing here talks to it.
"""

from __future__ import annotations

from datetime import UTC, datetime

from hub.commands import audit, open_all
from hub.core import disasters as rules
from hub.core.audit import Action
from hub.core.content import Content
from hub.settings import HubSettings
from hub.store import disasters


async def disaster_on(settings: HubSettings, content: Content, municipality: str, page: str) -> str:
    """Switch on. LocalError when there is no such municipality, or the page is not prepared for this."""
    rules.prepared(content.town(municipality), page)
    database = await open_all(settings, content)
    try:
        async with database.write([municipality]) as tx:
            await disasters.switch_on(tx, municipality, page, datetime.now(UTC), "command")
            await audit(tx, Action.DISASTER_ON, municipality, page)
    finally:
        await database.close()
    return (
        f"{municipality}: every terminal shows '{page}' with one key, whatever the hour; its calls come "
        f"first. Back: python -m hub disaster off {municipality}"
    )


async def disaster_off(settings: HubSettings, content: Content, municipality: str) -> str:
    """Switch off; calls that wait keep their place."""
    content.town(municipality)
    database = await open_all(settings, content)
    try:
        async with database.write([municipality]) as tx:
            if not await disasters.switch_off(tx, municipality):
                return f"{municipality}: was not switched on"
            await audit(tx, Action.DISASTER_OFF, municipality, "")
    finally:
        await database.close()
    return f"{municipality}: terminals are as on any other day"
