"""What `python -m hub` takes away or gives back: passwords, users, terminals, stills.

The running hub notices by itself (`hub.sockets.inspection`); nothing here talks to it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from hub.commands import audit, open_all
from hub.core.audit import Action
from hub.core.content import Content
from hub.passwords import Passwords
from hub.settings import HubSettings
from hub.store import captures, factors, people, places
from hub.store.database import Tx
from hub.store.fences import POOL
from hub.store.people import User
from hub.vault.shelf import DirectoryShelf
from protocol.errors import LocalError


async def set_password(settings: HubSettings, content: Content, name: str, password: str) -> str:
    """A new password; every login made with the old one ends. LocalError when nobody has this name."""
    passwords = Passwords()
    hashed = passwords.hash(password)
    passwords.close()
    database = await open_all(settings, content)
    try:
        async with database.write(POOL) as tx:
            user = await _user(tx, name)
            await people.set_password(tx, user.id, hashed)
            ended = await people.end_logins_of(tx, user.id, datetime.now(UTC))
            await audit(tx, Action.PASSWORD_SET, None, user.id)
    finally:
        await database.close()
    still = f"; {name} is still disabled (enable-user {name})" if user.disabled else ""
    return f"password of {name} set; logins ended: {ended}{still}"


async def reset_second_factor(settings: HubSettings, content: Content, name: str | None) -> str:
    """The next login sets up a new one, and those that exist end; None is everybody. LocalError as above."""
    database = await open_all(settings, content)
    done = 0
    try:
        async with database.write(POOL) as tx:
            for user in [await _user(tx, name)] if name is not None else await people.users(tx):
                if await factors.forget(tx, user.id):
                    done += 1
                    await people.end_logins_of(tx, user.id, datetime.now(UTC))
                    await audit(tx, Action.FACTOR_RESET, None, user.id)
    finally:
        await database.close()
    if not done:
        return "nothing to reset: no second factor is set up"
    return f"second factors reset: {done}; the next login of each sets up a new one"


async def disable_user(settings: HubSettings, content: Content, name: str) -> str:
    """No login from now on, and those that exist end. LocalError when nobody has this name."""
    database = await open_all(settings, content)
    try:
        async with database.write(POOL) as tx:
            user = await _user(tx, name)
            if user.disabled:
                return f"{name} is disabled already"
            now = datetime.now(UTC)
            await people.set_disabled(tx, user.id, now)
            ended = await people.end_logins_of(tx, user.id, now)
            await audit(tx, Action.USER_DISABLED, None, user.id)
    finally:
        await database.close()
    return f"{name} disabled; logins ended: {ended}"


async def enable_user(settings: HubSettings, content: Content, name: str) -> str:
    """May log in again with the password as it is. LocalError when nobody has this name."""
    database = await open_all(settings, content)
    try:
        async with database.write(POOL) as tx:
            user = await _user(tx, name)
            if not user.disabled:
                return f"{name} is not disabled"
            await people.set_disabled(tx, user.id, None)
            await audit(tx, Action.USER_ENABLED, None, user.id)
    finally:
        await database.close()
    return f"{name} enabled"


async def revoke_kiosk(settings: HubSettings, content: Content, device: str) -> str:
    """It may not connect until add-kiosk registers it again. LocalError when there is no such terminal."""
    database = await open_all(settings, content)
    try:
        async with database.write(POOL) as tx:
            known = {one.id: one for one in await places.kiosks(tx)}
            if device not in known:
                raise LocalError("unknown_device", f"no terminal {device}; known: {_names(known)}")
            if known[device].revoked:
                return f"terminal {device} is revoked already"
            await places.revoke(tx, known[device], datetime.now(UTC))
            await audit(tx, Action.KIOSK_REVOKED, known[device].municipality, device)
    finally:
        await database.close()
    return f"terminal {device} revoked; add-kiosk registers it again"


async def destroy_stills(settings: HubSettings, content: Content, municipality: str) -> str:
    """Every stored still of a municipality becomes unreadable for ever, and each destruction is recorded."""
    content.town(municipality)
    shelf = DirectoryShelf(Path(settings.captures.directory))
    database = await open_all(settings, content)
    try:
        async with database.write([municipality]) as tx:
            stills = await captures.readable(tx, [municipality])
            for still in stills:
                await captures.destroy_key(tx, still, datetime.now(UTC))
                await audit(tx, Action.CAPTURE_KEY_DESTROYED, municipality, still.id)
    finally:
        await database.close()
    for still in stills:
        shelf.drop(municipality, still.id)
    return f"stills of {municipality} destroyed: {len(stills)}"


async def _user(tx: Tx, name: str) -> User:
    user = await people.anyone_named(tx, name)
    if user is None:
        names = _names(one.login_name for one in await people.users(tx))
        raise LocalError("unknown_user", f"nobody has the login name {name}; known: {names}")
    return user


def _names(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "nobody yet"
