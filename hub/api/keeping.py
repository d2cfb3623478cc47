"""What admins do with the people of a municipality; the guard has looked at role and second factor."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from litestar import get, post
from litestar.params import FromPath, JSONBody

from hub.api.answers import RefusedError
from hub.api.who import Asked, foreign, house_of, whoever
from hub.core import keeping as rules
from hub.core import names, roles
from hub.core.audit import Action, Entry
from hub.core.content import Town
from hub.core.roles import where
from hub.house import House
from hub.logins import Whoever
from hub.passwords import generated
from hub.store import factors, keeping, people, trail
from hub.store.database import Tx
from hub.store.people import User
from protocol.rest import Disabled, KeptPeople, KeptPerson, NewPassword, PersonWanted, RolesWanted
from protocol.values import Membership, Role

PATH = "/api/admin/municipalities/{municipality:str}/people"
TAKEN = RefusedError(409, "name_taken", "このログイン名は使えません。別の名前にしてください。")


@get(PATH)
async def people_of(request: Asked, municipality: FromPath[str]) -> KeptPeople:
    """Everybody with a role in this municipality."""
    who, house = await whoever(request), house_of(request)
    town = await _town(request, municipality)
    async with house.database.read([municipality]) as tx:
        found = await keeping.members(tx, municipality)
        proved = await keeping.with_factor(tx, [one.id for one in found])
    held = who.user.memberships
    giving = [role for role in roles.TITLES if role is not Role.FLEET_ADMIN or _is_fleet(held, municipality)]
    return KeptPeople(
        people=tuple(
            KeptPerson(
                user=one.id, login_name=one.login_name, name=one.name, disabled=one.disabled,
                roles=tuple(held for held in one.memberships if held.municipality == municipality),
                elsewhere=len(one.municipalities) > 1, second_factor=one.id in proved,
                mine=rules.of_person(who.user.id, held, one.id, one.memberships) is None,
            )
            for one in found
        ),
        departments=tuple((one.id, one.name) for one in town.municipality.departments),
        roles=tuple((role, roles.TITLES[role]) for role in giving),
    )  # fmt: skip


def _is_fleet(held: Iterable[Membership], municipality: str) -> bool:
    return municipality in where(held, {Role.FLEET_ADMIN})


@post(PATH, status_code=201)
async def add(request: Asked, municipality: FromPath[str], data: JSONBody[PersonWanted]) -> NewPassword:
    """Somebody new, with a password that is told once. 409 name_taken, 422 odd_name."""
    who, house = await whoever(request), house_of(request)
    if names.login_problem(data.login_name) or names.display_problem(data.name):
        text = "ログイン名は空白のない64文字まで、名前は前後に空白のない80文字までにしてください。"
        raise RefusedError(422, "odd_name", text)
    wanted = _memberships(municipality, data.roles)
    await _check_roles(request, who, municipality, "", (), wanted)
    password = generated()
    new = User(
        id=uuid.uuid4().hex, login_name=data.login_name, name=data.name, memberships=wanted,
        password_hash=await house.passwords.make(password),
    )  # fmt: skip
    async with house.database.write([municipality]) as tx:
        if await people.anyone_named(tx, new.login_name) is not None:
            raise TAKEN
        await people.add_user(tx, new)
        await _note(tx, house, who, municipality, Action.USER_ADDED, new.id)
    return NewPassword(password=password)


@post(PATH + "/{user:str}/roles", status_code=204)
async def set_roles(
    request: Asked, municipality: FromPath[str], user: FromPath[str], data: JSONBody[RolesWanted]
) -> None:
    """These roles in this municipality and no others; her logins end, so that nothing old is left."""
    who, house = await whoever(request), house_of(request)
    wanted = _memberships(municipality, data.roles)
    target = await _member(request, who, municipality, user)
    before = [one for one in target.memberships if one.municipality == municipality]
    await _check_roles(request, who, municipality, user, before, wanted)
    async with house.database.write([municipality]) as tx:
        await keeping.set_roles(tx, user, municipality, wanted)
        if user != who.user.id:
            await people.end_logins_of(tx, user, house.clock.now())
        await _note(tx, house, who, municipality, Action.ROLES_SET, user)


@post(PATH + "/{user:str}/disabled", status_code=204)
async def set_disabled(
    request: Asked, municipality: FromPath[str], user: FromPath[str], data: JSONBody[Disabled]
) -> None:
    """No login any more, or logins again."""
    who, house = await whoever(request), house_of(request)
    await _mine(request, who, municipality, user)
    now = house.clock.now()
    async with house.database.write([municipality]) as tx:
        await people.set_disabled(tx, user, now if data.disabled else None)
        if data.disabled:
            await people.end_logins_of(tx, user, now)
        action = Action.USER_DISABLED if data.disabled else Action.USER_ENABLED
        await _note(tx, house, who, municipality, action, user)


@post(PATH + "/{user:str}/password", status_code=201)
async def reset_password(request: Asked, municipality: FromPath[str], user: FromPath[str]) -> NewPassword:
    """A new password, told once; her logins end."""
    who, house = await whoever(request), house_of(request)
    await _mine(request, who, municipality, user)
    password = generated()
    hashed = await house.passwords.make(password)
    async with house.database.write([municipality]) as tx:
        await people.set_password(tx, user, hashed)
        await people.end_logins_of(tx, user, house.clock.now())
        await _note(tx, house, who, municipality, Action.PASSWORD_SET, user)
    return NewPassword(password=password)


@post(PATH + "/{user:str}/second-factor", status_code=204)
async def reset_factor(request: Asked, municipality: FromPath[str], user: FromPath[str]) -> None:
    """A lost telephone: her next login sets up a new second factor."""
    who, house = await whoever(request), house_of(request)
    await _mine(request, who, municipality, user)
    async with house.database.write([municipality]) as tx:
        if await factors.forget(tx, user):
            await people.end_logins_of(tx, user, house.clock.now())
            await _note(tx, house, who, municipality, Action.FACTOR_RESET, user)


def _memberships(municipality: str, wanted: Iterable[tuple[Role, str | None]]) -> tuple[Membership, ...]:
    found = {role: Membership(municipality=municipality, role=role, department=at) for role, at in wanted}
    return tuple(found[role] for role in sorted(found))


async def _town(request: Asked, municipality: str) -> Town:
    """RefusedError 404 for one that is no longer configured."""
    found = house_of(request).content.towns.get(municipality)
    if found is None:
        raise await foreign(request, await whoever(request), municipality)
    return found


async def _check_roles(
    request: Asked, who: Whoever, municipality: str, user: str, before: Iterable[Membership],
    after: Iterable[Membership],
) -> None:  # fmt: skip
    town = await _town(request, municipality)
    departments = [one.id for one in town.municipality.departments]
    _refuse(
        rules.of_roles(
            who.user.id, who.user.memberships, municipality, user, list(before), list(after), departments
        )
    )


async def _member(request: Asked, who: Whoever, municipality: str, user: str) -> User:
    async with house_of(request).database.read([municipality]) as tx:
        found = await keeping.member(tx, municipality, user)
    if found is None:
        raise await foreign(request, who, user)
    return found


async def _mine(request: Asked, who: Whoever, municipality: str, user: str) -> None:
    target = await _member(request, who, municipality, user)
    _refuse(rules.of_person(who.user.id, who.user.memberships, user, target.memberships))


def _refuse(problem: rules.Problem | None) -> None:
    if problem is not None:
        raise RefusedError(409, problem, rules.TEXTS[problem])


async def _note(tx: Tx, house: House, who: Whoever, municipality: str, action: Action, subject: str) -> None:
    entry = Entry(
        at=house.clock.now(), municipality=municipality, actor=f"user:{who.user.id}", action=action,
        subject=subject,
    )  # fmt: skip
    await trail.append(tx, entry)


HANDLERS = [people_of, add, set_roles, set_disabled, reset_password, reset_factor]
