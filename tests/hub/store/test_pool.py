"""What the tables say of operators: memberships by role, skills, centres, and how long calls took."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hub.core.presence import PresenceRecord
from hub.core.routing import Operator
from hub.store import calls, people, pool
from hub.store.database import Database
from hub.store.fences import POOL
from hub.store.people import User
from protocol.values import CallState, Membership, PresenceState, Role
from tests.hub.store.cast import NOW, a_call


async def test_an_operator_is_what_memberships_skills_and_centre_say(database: Database) -> None:
    """Towns from the role operator, departments from specialist; an admin is rung for nothing."""
    roles = (
        Membership(municipality="minami", role=Role.ADMIN),
        Membership(municipality="kitamidai", role=Role.OPERATOR),
        Membership(municipality="minami", role=Role.SPECIALIST, department="kaigo"),
    )
    async with database.write(POOL) as tx:
        await people.add_user(
            tx, User(id="jiro", login_name="jiro", name="次郎", password_hash="x", memberships=roles)
        )
        await pool.set_skill(tx, "jiro", "care", 2)
        await pool.set_skill(tx, "jiro", "english", 1)
        await pool.set_skill(tx, "jiro", "care", 4)
        await pool.set_skill(tx, "jiro", "english", 0)
        await pool.set_centre(tx, "jiro", "minato")
    async with database.read(POOL) as tx:
        assert await pool.operator(tx, "jiro") == Operator(
            user="jiro", municipalities=frozenset(["kitamidai"]), skills={"care": 4}, centre="minato",
            departments=frozenset([("minami", "kaigo")]),
        )  # fmt: skip
        assert (await pool.operator(tx, "hana")).municipalities == {"minami"}
        assert await pool.skills_of(tx, ["hana", "jiro"]) == {"jiro": {"care": 4}}
        assert await pool.centres_of(tx) == {"jiro": "minato"}
    async with database.write(POOL) as tx:
        await pool.set_centre(tx, "jiro", "")
        assert await pool.centres_of(tx) == {}


async def test_who_does_one_of_these_comes_longest_idle_first(database: Database) -> None:
    """Others do not come at all."""
    async with database.write(POOL) as tx:
        for number, state in enumerate((PresenceState.AVAILABLE, PresenceState.TALKING, PresenceState.AWAY)):
            id = f"u{number}"
            await people.add_user(tx, User(id=id, login_name=id, name=id, password_hash="x", memberships=()))
            since = NOW - timedelta(seconds=number)
            record = PresenceRecord(user=id, state=state, since=NOW, idle_since=since)
            await people.presences.insert(tx, record)
        found = await pool.in_states(tx, [PresenceState.AVAILABLE, PresenceState.TALKING])
    assert [one.user for one in found] == ["u1", "u0"]


async def test_handling_times_are_those_of_wrapped_up_calls(database: Database) -> None:
    """From accept to the end of the wrap-up, of the newest; each outcome once; of one municipality."""
    async with database.write(POOL) as tx:
        for number in range(4):
            ended = replace(
                a_call(f"c{number}", state=CallState.ENDED, topic=f"p{number}"), operator="hana",
                accepted_at=NOW, ended_at=NOW + timedelta(seconds=60), ended_by="operator",
            )  # fmt: skip
            await calls.rows.insert(tx, ended)
            if number < 3:
                over = NOW + timedelta(seconds=100 + number)
                word = {"outcome": "completed", "procedure": "other", "reason": "", "note": ""}
                assert await calls.write_outcome(tx, ended, at=over, **word)
                assert not await calls.write_outcome(tx, ended, at=over + timedelta(seconds=9), **word)
    async with database.read(POOL) as tx:
        assert await calls.handling_times(tx, "minami", 2) == [("p1", 101.0), ("p2", 102.0)]
        assert await calls.handling_times(tx, "kitamidai", 2) == []
