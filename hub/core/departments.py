"""Decides which specialist of a department is asked, and how present a department is.

The longest idle first, so that work is spread evenly. A department of which nobody is on duty is stood in for
by the one that it names, and so on; somebody who is merely busy is waited for. Never rings anybody itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from hub.core.content import Department
from hub.core.routing import Operator
from protocol.values import DepartmentPresence


def asked(
    departments: Sequence[Department], municipality: str, department: str, staff: Collection[Operator]
) -> str | None:
    """The department whose specialists are rung for `department` now; None while nobody at all is on duty."""
    known = {one.id: one for one in departments}
    seen: set[str] = set()
    following: str | None = department
    while following in known and following not in seen:
        if any((municipality, following) in one.departments for one in staff):
            return following
        seen.add(following)
        following = known[following].substitute
    return None


def choose(
    departments: Sequence[Department], municipality: str, department: str, staff: Collection[Operator],
    *, apart_from: Collection[str] = (),
) -> str | None:  # fmt: skip
    """The longest idle specialist who can be rung; None while nobody is free."""
    who = asked(departments, municipality, department, staff)
    free = [
        (one.since, one.user) for one in staff
        if one.since is not None and (municipality, who) in one.departments and one.user not in apart_from
    ]  # fmt: skip
    return min(free)[1] if free else None


def presence(
    departments: Sequence[Department], municipality: str, staff: Collection[Operator]
) -> tuple[DepartmentPresence, ...]:
    """Each department as an operator sees it before she passes a call on."""
    return tuple(_presence(one, departments, municipality, staff) for one in departments)


def _presence(
    one: Department, departments: Sequence[Department], municipality: str, staff: Collection[Operator]
) -> DepartmentPresence:
    here = [who for who in staff if (municipality, one.id) in who.departments]
    instead = asked(departments, municipality, one.id, staff)
    return DepartmentPresence(
        id=one.id, name=one.name, telephone=one.telephone, free=_free(here), busy=len(here) - _free(here),
        stands_in=instead if instead and instead != one.id else "", procedures=one.procedures,
    )  # fmt: skip


def _free(staff: Iterable[Operator]) -> int:
    return sum(one.since is not None for one in staff)
