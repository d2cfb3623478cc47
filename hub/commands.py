"""What `python -m hub` does besides serving: add people and terminals, list them."""

from __future__ import annotations

import base64
import getpass
import sys
import uuid
from argparse import Namespace
from collections.abc import Mapping
from datetime import UTC, datetime

from hub.core import names, roles
from hub.core.audit import Action, Entry
from hub.core.content import Content, Place
from hub.passwords import Passwords
from hub.settings import HubSettings
from hub.store import people, places, pool, trail
from hub.store.database import Database, Tx, open_database
from hub.store.fences import NOBODY, POOL, revision
from hub.store.people import User
from hub.store.places import Kiosk
from protocol.errors import LocalError
from protocol.values import Membership, Role


def read_password() -> str:
    """From the keyboard, twice; from a pipe, one line. LocalError when nobody could log in with it."""
    if sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Again: ") != password:
            raise LocalError("password", "the two passwords differ; start again")
    else:
        try:
            password = sys.stdin.readline().rstrip("\r\n")
        except UnicodeDecodeError:
            raise LocalError("password", "the password is not text in UTF-8") from None
    _refuse("password", names.password_problem(password))
    return password


def _refuse(code: str, problem: str, argument: str = "") -> None:
    if problem:
        raise LocalError(code, f"{argument}: {problem}" if argument else problem)


async def open_all(settings: HubSettings, content: Content) -> Database:
    """The database, knowing all municipalities and sites."""
    database = await open_database(settings.store, settings.database.owner_url)
    async with database.write(content.towns) as tx:
        sites = [(id, place.id) for id, town in content.towns.items() for place in town.municipality.sites]
        await places.know(tx, sites)
    return database


async def migrate(settings: HubSettings) -> str:
    """Bring the tables to this version, for hubs whose own role may not. LocalError when it cannot be."""
    database = await open_database(settings.store, settings.database.owner_url)
    try:
        async with database.read(NOBODY) as tx:
            version = await tx.run_sync(revision)
    finally:
        await database.close()
    return f"{settings.store}: tables of version {version}"


def memberships_of(asked: Namespace, content: Content) -> tuple[Membership, ...]:
    """What --role, --municipality and --department say; without --municipality for all of the hub.

    LocalError for a municipality that there is not, or a department without its role.
    """
    chosen = [Role(role) for role in asked.role]
    municipalities = sorted(set(asked.municipality or content.towns))
    for municipality in municipalities:
        content.town(municipality)
    for role in chosen:
        _refuse("department", roles.department_problem(role, asked.department))
    for municipality in municipalities if asked.department else ():
        known = [one.id for one in content.town(municipality).municipality.departments]
        if asked.department not in known:
            problem = f"{municipality} has no department {asked.department}; known: {', '.join(known)}"
            raise LocalError("department", f"--department: {problem}")
    return tuple(
        Membership(municipality=municipality, role=role, department=asked.department)
        for municipality in municipalities
        for role in sorted(set(chosen))
    )


async def add_user(settings: HubSettings, content: Content, asked: Namespace, password: str) -> str:
    """A new person with the roles that were asked for. LocalError when the name is odd or taken."""
    _refuse("login_name", names.login_problem(asked.name), "login name")
    if asked.display is not None:
        _refuse("display", names.display_problem(asked.display), "--display")
    memberships = memberships_of(asked, content)
    database = await open_all(settings, content)
    passwords = Passwords()
    user = User(
        id=uuid.uuid4().hex, login_name=asked.name, name=asked.display or asked.name,
        password_hash=passwords.hash(password), memberships=memberships,
    )  # fmt: skip
    try:
        async with database.write(POOL) as tx:
            known = await people.anyone_named(tx, asked.name)
            if known is not None:
                hint = f" (disabled; enable-user {asked.name})" if known.disabled else ""
                raise LocalError(
                    "name_taken", f"{asked.name}: somebody has this login name{hint}; choose another"
                )
            await people.add_user(tx, user)
            await audit(tx, Action.USER_ADDED, None, user.id)
    finally:
        passwords.close()
        await database.close()
    return f"{asked.name} added: {roles.spelled(memberships)}"


async def add_kiosk(settings: HubSettings, content: Content, asked: Namespace) -> str:
    """Register a terminal's key; said again with another key it replaces the first.

    LocalError names what there is when municipality, site or terminal is unknown.
    """
    _refuse("device", names.device_problem(asked.device), "device")
    terminal = _terminal(content.town(asked.municipality).site(asked.site), asked)
    key = _key(asked.public_key)
    kiosk = Kiosk(
        id=asked.device, municipality=asked.municipality, site=asked.site,
        terminal=terminal, public_key=key,
    )  # fmt: skip
    database = await open_all(settings, content)
    try:
        async with database.write(POOL) as tx:
            known = {one.id: one for one in await places.kiosks(tx)}.get(kiosk.id)
            if known is not None and known.municipality != kiosk.municipality:
                raise LocalError(
                    "device_taken", f"{kiosk.id}: belongs to {known.municipality}; use another id"
                )
            await places.add_kiosk(tx, kiosk)
            await audit(tx, Action.KIOSK_ADDED, kiosk.municipality, kiosk.id)
    finally:
        await database.close()
    return f"terminal {kiosk.id} registered at {kiosk.municipality}/{kiosk.site}"


def _key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:  # no base64, or not even ASCII
        key = b""
    if len(key) != 32:
        raise LocalError(
            "public_key",
            "--public-key: not the base64 of a raw Ed25519 key (32 bytes, 44 characters); "
            "the terminal prints it: python -m kiosk.agent --make-key",
        )
    return key


def _terminal(place: Place, asked: Namespace) -> str:
    """The terminal's word in municipality.yaml; without --terminal the device must be called the same."""
    try:
        return place.terminal(asked.terminal or asked.device).id
    except LocalError as error:
        what = "--terminal" if asked.terminal else "the device id stands for --terminal"
        raise LocalError(
            error.code,
            f"{what}: {error.message}; choose one with --terminal, or add it to "
            f"{asked.municipality}/municipality.yaml",
        ) from None


async def listing(settings: HubSettings, content: Content) -> str:
    """Every user and every terminal, and whom the hub does not let in."""
    database = await open_all(settings, content)
    try:
        async with database.read(POOL) as tx:
            users = await people.users(tx)
            skills = await pool.skills_of(tx, [one.id for one in users])
            centres = await pool.centres_of(tx)
            kiosks = await places.kiosks(tx)
            looked = await trail.newest(tx, (Action.DEVICES_CLOSED, Action.DEVICES_OPEN))
    finally:
        await database.close()
    lines = [
        f"person    {one.login_name:20} {roles.spelled(one.memberships)}{' (disabled)' * one.disabled}"
        f"{_pool(centres.get(one.id, ''), skills.get(one.id, {}))}"
        for one in users
    ]
    lines += [
        f"terminal  {one.id:20} {one.municipality}/{one.site}{' (revoked)' * one.revoked}"
        f"{_devices(looked.get(one.id))}"
        for one in kiosks
    ]
    return "\n".join(lines) or "nobody yet; begin with: python -m hub add-admin NAME"


def _pool(centre: str, skills: Mapping[str, int]) -> str:
    """Where an operator sits and what she can."""
    words = [f"centre {centre}"] if centre else []
    words += [f"{skill} {level}" for skill, level in sorted(skills.items())]
    return f"; {', '.join(words)}" if words else ""


def _devices(looked: Entry | None) -> str:
    """What a terminal said last of its devices while nobody was served; '' when it never did."""
    if looked is None:
        return ""
    moment = f"{looked.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if looked.action is Action.DEVICES_CLOSED:
        return f"; idle: devices closed, {moment}"
    found = ", ".join(f"{count} {what}" for what, count in sorted(looked.detail.items()) if count)
    return f"; IDLE WITH OPEN DEVICES ({found}), {moment}"


async def audit(tx: Tx, action: Action, municipality: str | None, subject: str) -> None:
    """What a command did, in the transaction that did it."""
    entry = Entry(
        at=datetime.now(UTC), municipality=municipality, actor="command", action=action, subject=subject
    )
    await trail.append(tx, entry)
