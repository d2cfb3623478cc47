"""Decides whom somebody may look after: add, disable, reset, give and take roles.

A pool's people serve many municipalities, so one municipality's admin never closes the door of somebody who
works for others too; she only gives and takes roles in her own. It never looks anybody up.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from hub.core.permissions import KEEPERS
from hub.core.roles import where
from protocol.values import Membership, Role


class Problem(StrEnum):
    """Why not."""

    SELF = "self"  # nobody locks herself out
    ELSEWHERE = "elsewhere"  # works for municipalities that are not looked after by this admin
    FLEET = "fleet"  # only a fleet admin makes, changes or resets one
    DEPARTMENT = "department"  # does not fit the role, or the municipality has none of that id


TEXTS = {
    Problem.SELF: "自分自身の管理者の役割や利用は、止められません。ほかの管理者に頼んでください。",
    Problem.ELSEWHERE: "この人はほかの自治体も受け持っています。全体管理者に頼んでください。",
    Problem.FLEET: "全体管理者の役割は、全体管理者だけが扱えます。",
    Problem.DEPARTMENT: "本庁担当者には、この自治体の部署を選んでください。ほかの役割に部署は付きません。",
}


def of_person(
    actor: str, held: Collection[Membership], target: str, theirs: Collection[Membership]
) -> Problem | None:
    """Whether `actor` may disable `target` or reset what she logs in with."""
    if actor == target:
        return Problem.SELF
    if not {one.municipality for one in theirs} <= set(where(held, KEEPERS)):
        return Problem.ELSEWHERE
    fleet = where(theirs, {Role.FLEET_ADMIN})
    return None if set(fleet) <= set(where(held, {Role.FLEET_ADMIN})) else Problem.FLEET


def of_roles(
    actor: str, held: Collection[Membership], municipality: str, target: str,
    before: Collection[Membership], after: Collection[Membership], departments: Collection[str],
) -> Problem | None:  # fmt: skip
    """Whether `actor` may make `target`'s roles in a municipality what `after` says."""
    changed = {one.role for one in set(before) ^ set(after)}
    if actor == target and changed & KEEPERS:
        return Problem.SELF
    if Role.FLEET_ADMIN in changed and municipality not in where(held, {Role.FLEET_ADMIN}):
        return Problem.FLEET
    for one in after:
        wanted = one.role is Role.SPECIALIST
        if wanted != bool(one.department) or (wanted and one.department not in departments):
            return Problem.DEPARTMENT
    return None
