"""Decides what somebody may do by the roles that she holds, municipality by municipality.

It never looks anything up: memberships are an argument, and who holds none in a municipality is a stranger
there, whatever she is elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable

from protocol.values import Membership, Role

TITLES = {
    Role.FLEET_ADMIN: "全体管理者",
    Role.ADMIN: "自治体管理者",
    Role.SUPERVISOR: "管理者",
    Role.OPERATOR: "オペレーター",
    Role.SPECIALIST: "本庁担当者",
    Role.BRANCH: "支所職員",
}
"""Each role as people read it, the foremost first."""

NOBODY = "役割なし"
"""Somebody whose every role has been taken away."""


def title(memberships: Iterable[Membership]) -> str:
    """The foremost role of somebody, as people read it."""
    held = {one.role for one in memberships}
    return next((text for role, text in TITLES.items() if role in held), NOBODY)


def spelled(memberships: Iterable[Membership]) -> str:
    """For a command's answer: each role with its municipalities, as in 'operator: kitamidai, minami'."""
    places: dict[str, list[str]] = {}
    for one in memberships:
        role = f"{one.role} of {one.department}" if one.department else str(one.role)
        places.setdefault(role, []).append(one.municipality)
    return "; ".join(f"{role}: {', '.join(where)}" for role, where in sorted(places.items())) or "no role"


def where(memberships: Iterable[Membership], roles: Iterable[Role]) -> tuple[str, ...]:
    """The municipalities in which one of these roles is held, sorted."""
    wanted = frozenset(roles)
    return tuple(sorted({one.municipality for one in memberships if one.role in wanted}))


def department_problem(role: Role, department: str | None) -> str:
    """What is wrong with this department beside this role; '' when they fit."""
    if role is Role.SPECIALIST and not department:
        return "a specialist belongs to a department; give --department"
    if role is not Role.SPECIALIST and department:
        return f"a department is for specialists only, not for the role {role}; leave --department out"
    return ""
