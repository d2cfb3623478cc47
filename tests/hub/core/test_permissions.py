"""The tables of roles: nothing without a line, and a role counts only where it is held."""

from __future__ import annotations

import itertools

import pytest

from hub.core.permissions import EVERYBODY, REQUESTS, TAKERS, VIEWS, WORDS, Proof, Verdict, judge, seen, views
from hub.core.roles import NOBODY, TITLES, department_problem, spelled, title, where
from protocol.desk_link import DESK_SAYS
from protocol.values import Membership, Role


def member(role: Role, municipality: str = "minami", department: str | None = None) -> Membership:
    """One role in one municipality."""
    return Membership(municipality=municipality, role=role, department=department)


def test_every_word_of_a_desk_has_a_line() -> None:
    """Who adds a word says who may say it; nothing stands in the table that no desk says."""
    assert set(WORDS) == set(DESK_SAYS)
    assert all(WORDS.values())


def test_every_role_has_a_name_that_people_read() -> None:
    """And the name is its own."""
    assert set(TITLES) == set(Role)
    assert len(set(TITLES.values())) == len(Role)
    assert title([]) == NOBODY
    assert title([member(Role.OPERATOR), member(Role.ADMIN)]) == TITLES[Role.ADMIN]


@pytest.mark.parametrize(("role", "other"), list(itertools.product(Role, Role)))
def test_a_role_counts_where_it_is_held_and_nowhere_else(role: Role, other: Role) -> None:
    """Another role there is refused as such; in another municipality one is a stranger."""
    held = [member(role)]
    here = Verdict.ALLOWED if role is other else Verdict.ROLE
    assert judge(held, {other}, "minami") is here
    assert judge(held, {other}, "kitamidai") is Verdict.FOREIGN
    assert judge(held, {other}, None) is here
    assert judge([], EVERYBODY, "minami") is Verdict.FOREIGN
    assert judge(held, (), "minami") is Verdict.ROLE, "without a line nobody may"


def test_whoever_is_something_else_elsewhere_may_there_what_she_is_there() -> None:
    """A supervisor of one town who is operator of another sees the queues of both, and takes calls of one."""
    held = [member(Role.SUPERVISOR), member(Role.OPERATOR, "kitamidai")]
    assert seen(held, "queue") == ("kitamidai", "minami")
    assert where(held, TAKERS) == ("kitamidai",)
    assert judge(held, WORDS["accept"], "minami") is Verdict.ROLE
    assert set(views(held)) == {"counter", "queue", "wallboard", "disaster"}
    assert set(views([member(Role.FLEET_ADMIN)])) == {"people", "audit", "disaster"}
    assert set(views([])) == set()
    assert set(VIEWS) >= set(views([member(role) for role in Role]))


def test_only_what_proves_itself_otherwise_is_open() -> None:
    """A request that is open to everybody is one of these, and a new one is a decision."""
    open_ones = {name for name, rule in REQUESTS.items() if rule.proof is Proof.NONE}
    assert open_ones == {
        "GET /", "GET /{file_path}",
        "GET /api/schema", "GET /api/schema/openapi.json", "GET /api/schema/{path}",
        "GET /api/health", "PUT /api/kiosk/captures/{capture}", "POST /api/login",
    }  # fmt: skip


def test_a_department_goes_with_a_specialist_alone() -> None:
    """Both ways."""
    assert department_problem(Role.SPECIALIST, "kaigo") == department_problem(Role.OPERATOR, None) == ""
    assert "--department" in department_problem(Role.SPECIALIST, None)
    assert "operator" in department_problem(Role.OPERATOR, "kaigo")
    listed = [member(Role.OPERATOR), member(Role.OPERATOR, "z"), member(Role.SPECIALIST, "minami", "kaigo")]
    assert spelled(listed) == "operator: minami, z; specialist of kaigo: minami"
    assert spelled([]) == "no role"
