"""Whom an admin may look after: those who are hers alone; and never so that she locks herself out."""

from __future__ import annotations

import pytest

from hub.core.audit import WORDS, Action, day
from hub.core.keeping import TEXTS, Problem, of_person, of_roles
from protocol.values import Membership, Role

A, B = "minami", "kitamidai"


def held(*roles: tuple[Role, str]) -> tuple[Membership, ...]:
    """Roles with their municipalities."""
    return tuple(Membership(municipality=where, role=role) for role, where in roles)


ADMIN = held((Role.ADMIN, A))
FLEET = held((Role.FLEET_ADMIN, A), (Role.FLEET_ADMIN, B))


@pytest.mark.parametrize(
    ("mine", "theirs", "problem"),
    [
        (ADMIN, held((Role.OPERATOR, A)), None),
        (ADMIN, held((Role.ADMIN, A)), None),
        (ADMIN, held((Role.OPERATOR, A), (Role.OPERATOR, B)), Problem.ELSEWHERE),
        (FLEET, held((Role.OPERATOR, A), (Role.OPERATOR, B)), None),
        (ADMIN, held((Role.FLEET_ADMIN, A)), Problem.FLEET),
        (FLEET, held((Role.FLEET_ADMIN, A)), None),
        (held((Role.SUPERVISOR, A)), held((Role.OPERATOR, A)), Problem.ELSEWHERE),
    ],
)
def test_who_may_be_disabled_or_reset(
    mine: tuple[Membership, ...], theirs: tuple[Membership, ...], problem: Problem | None
) -> None:
    """Only who works for nobody else; a fleet admin only by one."""
    assert of_person("me", mine, "you", theirs) is problem
    assert of_person("me", mine, "me", theirs) is Problem.SELF


def test_who_may_be_given_which_role() -> None:
    """In her own municipality all but fleet admin; not her own way out; departments as they are."""

    def ask(mine: tuple[Membership, ...], after: tuple[Membership, ...], target: str = "you",
            before: tuple[Membership, ...] = ()) -> Problem | None:  # fmt: skip
        return of_roles("me", mine, A, target, before, after, ["kaigo"])

    assert ask(ADMIN, held((Role.SUPERVISOR, A), (Role.ADMIN, A))) is None
    assert ask(ADMIN, held((Role.FLEET_ADMIN, A))) is Problem.FLEET
    assert ask(ADMIN, (), before=held((Role.FLEET_ADMIN, A))) is Problem.FLEET
    assert ask(FLEET, held((Role.FLEET_ADMIN, A))) is None
    assert ask(ADMIN, (), "me", ADMIN) is Problem.SELF
    assert ask(ADMIN, (*ADMIN, *held((Role.OPERATOR, A))), "me", ADMIN) is None
    for department, problem in (("kaigo", None), ("zeimu", Problem.DEPARTMENT), (None, Problem.DEPARTMENT)):
        one = Membership(municipality=A, role=Role.SPECIALIST, department=department)
        assert ask(ADMIN, (one,)) is problem
    odd = Membership(municipality=A, role=Role.OPERATOR, department="kaigo")
    assert ask(ADMIN, (odd,)) is Problem.DEPARTMENT


def test_every_refusal_and_every_action_has_its_words() -> None:
    """An admin reads no codes."""
    assert set(TEXTS) == set(Problem)
    assert set(WORDS) == set(Action)


def test_a_day_is_one_in_japan() -> None:
    """It begins at 15:00 UTC of the day before."""
    since, until = day("2026-11-24")
    assert (since.isoformat(), (until - since).days) == ("2026-11-23T15:00:00+00:00", 1)
    for odd in ("", "24.11.2026", "2026-02-30", "x"):
        with pytest.raises(ValueError, match=r".*"):
            day(odd)
