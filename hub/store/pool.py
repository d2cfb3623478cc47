"""Statements about operators as the pool sees them: what they do, what they can, where they sit."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from sqlalchemy import delete, insert, select, update

from hub.core.presence import PresenceRecord
from hub.core.routing import Operator
from hub.store.database import Tx
from hub.store.people import presences
from hub.store.tables import membership, presence, user, user_skill
from protocol.values import PresenceState, Role

_RUNG = (Role.OPERATOR, Role.SPECIALIST)


async def in_states(tx: Tx, states: Collection[PresenceState]) -> list[PresenceRecord]:
    """Everybody who does one of these, longest idle first."""
    return await presences.all(tx, presence.c.state.in_(sorted(states)), order_by=presence.c.idle_since)


async def operator(tx: Tx, who: str) -> Operator:
    """One of them as the tables say now."""
    return (await operators(tx, [who]))[who]


async def operators(tx: Tx, who: Collection[str]) -> Mapping[str, Operator]:
    """What these users may and can. `Operator.since` is for the caller to set."""
    towns: dict[str, set[str]] = {}
    departments: dict[str, set[tuple[str, str]]] = {}
    columns = membership.c.user, membership.c.municipality, membership.c.role, membership.c.department
    for one, town, role, department in await tx.execute(
        select(*columns).where(membership.c.user.in_(who), membership.c.role.in_(_RUNG))
    ):
        if role == Role.OPERATOR:
            towns.setdefault(one, set()).add(town)
        elif department:
            departments.setdefault(one, set()).add((town, department))
    skills = await skills_of(tx, who)
    centres = await tx.execute(select(user.c.id, user.c.centre).where(user.c.id.in_(who)))
    return {
        one: Operator(
            user=one,
            municipalities=frozenset(towns.get(one, ())),
            departments=frozenset(departments.get(one, ())),
            skills=skills.get(one, {}),
            centre=centre,
        )
        for one, centre in centres
    }


async def skills_of(tx: Tx, who: Collection[str]) -> dict[str, dict[str, int]]:
    """For each of these users skill and level; who has none does not stand in it."""
    found: dict[str, dict[str, int]] = {}
    query = select(user_skill.c.user, user_skill.c.skill, user_skill.c.level)
    for one, skill, level in await tx.execute(query.where(user_skill.c.user.in_(who))):
        found.setdefault(one, {})[skill] = level
    return found


async def centres_of(tx: Tx) -> dict[str, str]:
    """Where everybody sits who sits somewhere."""
    result = await tx.execute(select(user.c.id, user.c.centre).where(user.c.centre != ""))
    return {row[0]: row[1] for row in result}


async def set_skill(tx: Tx, who: str, skill: str, level: int) -> None:
    """From now on this level; 0 takes the skill away."""
    await tx.execute(delete(user_skill).where(user_skill.c.user == who, user_skill.c.skill == skill))
    if level:
        await tx.execute(insert(user_skill).values(user=who, skill=skill, level=level))


async def set_centre(tx: Tx, who: str, centre: str) -> None:
    """From now on there; empty for no centre."""
    await tx.execute(update(user).where(user.c.id == who).values(centre=centre))
