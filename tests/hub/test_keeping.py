"""An admin and the people of her municipality, over real requests; and what the trail tells her."""

from __future__ import annotations

from typing import Any

import pytest

from hub.core.audit import Action
from protocol.values import Role
from tests.fakes.hub_client import FakeDesk
from tests.fakes.hub_program import RunningHub

PEOPLE = "/api/admin/municipalities/minami/people"
AUDIT = "/api/admin/municipalities/minami/audit"


@pytest.fixture
async def admin(hub: RunningHub) -> FakeDesk:
    """Of みなみ市, logged in with her second factor."""
    desk = await hub.desk("sato", role=Role.ADMIN)
    await desk.log_in()
    return desk


async def _people(admin: FakeDesk) -> dict[str, Any]:
    answer = await admin.get(PEOPLE)
    assert answer.status_code == 200, answer.text
    return {one["login_name"]: one for one in answer.json()["people"]}


async def test_somebody_new_logs_in_with_what_the_admin_was_told(hub: RunningHub, admin: FakeDesk) -> None:
    """The password is told once and is nowhere else; a name that is taken is refused."""
    body = {"login_name": "mori", "name": "森 みのり", "roles": [["specialist", "kaigo"], ["branch", None]]}
    added = await admin.post(PEOPLE, body)
    assert added.status_code == 201, added.text
    desk = hub.desk_of("mori")
    desk.password = added.json()["password"]
    me = (await desk.log_in()).me
    assert [(one.role, one.department) for one in me.memberships] == [
        ("branch", None),
        ("specialist", "kaigo"),
    ]
    assert (await _people(admin))["mori"]["mine"]
    assert (await admin.post(PEOPLE, body)).json()["code"] == "name_taken"
    for odd in ({"login_name": "mo ri"}, {"name": " "}):
        assert (await admin.post(PEOPLE, body | odd)).json()["code"] == "odd_name"
    for roles in ([], [["king", None]], [["specialist", None]], [["specialist", "nope"]]):
        refused = await admin.post(PEOPLE, body | {"login_name": "x", "roles": roles})
        assert refused.status_code in (400, 409), refused.text


async def test_roles_that_are_taken_are_gone_at_once(hub: RunningHub, admin: FakeDesk) -> None:
    """Her link closes, her call goes to somebody else, and the next login has what is left."""
    hana, other, kiosk = await hub.desk("hana"), await hub.desk("jiro"), await hub.kiosk("t1")
    async with hana, kiosk, other:
        await hana.available()
        call = (await kiosk.touch()).id
        await hana.rung()
        await hana.accept(call)
        await other.available()
        answer = await admin.post(f"{PEOPLE}/{hana.user}/roles", {"roles": []})
        assert answer.status_code == 204, answer.text
        await hub.house.inspection.look()
        assert (await hana.expect_close())[0] == 4001
        assert (await other.rung()).call == call
    assert "hana" not in await _people(admin)
    assert (await admin.post(f"{PEOPLE}/{hana.user}/roles", {"roles": []})).status_code == 404


async def test_disable_and_reset(hub: RunningHub, admin: FakeDesk) -> None:
    """Out until enabled; a new password and a new second factor in place of the old ones."""
    boss = await hub.desk("boss", role=Role.SUPERVISOR)
    await boss.log_in()
    place = f"{PEOPLE}/{boss.user}"
    assert (await _people(admin))["boss"]["second_factor"]
    assert (await admin.post(f"{place}/disabled", {"disabled": True})).status_code == 204
    assert (await boss.get("/api/me")).status_code == 401
    assert (await _people(admin))["boss"]["disabled"]
    assert (await admin.post(f"{place}/disabled", {"disabled": False})).status_code == 204
    boss.password = (await admin.post(f"{place}/password")).json()["password"]
    assert (await admin.post(f"{place}/second-factor")).status_code == 204
    old = boss.secret
    await boss.log_in()
    assert boss.secret != old


async def test_who_works_for_others_too_is_not_closed_out(hub: RunningHub, admin: FakeDesk) -> None:
    """Nor does an admin lock herself out, or make a fleet admin; each with the reason in Japanese."""
    pool = await hub.desk("pool", ["minami", "kitamidai"])
    await pool.log_in()
    for job, body in (("disabled", {"disabled": True}), ("password", None), ("second-factor", None)):
        refused = await admin.post(f"{PEOPLE}/{pool.user}/{job}", body)
        assert (refused.status_code, refused.json()["code"]) == (409, "elsewhere")
        assert (await admin.post(f"{PEOPLE}/{admin.user}/{job}", body)).json()["code"] == "self"
    assert not (await _people(admin))["pool"]["mine"]
    own = await admin.post(f"{PEOPLE}/{admin.user}/roles", {"roles": [["operator", None]]})
    assert own.json()["code"] == "self"
    fleet = await admin.post(f"{PEOPLE}/{pool.user}/roles", {"roles": [["fleet_admin", None]]})
    assert fleet.json()["code"] == "fleet"
    assert (await pool.get("/api/me")).status_code == 200


async def test_changes_want_a_fresh_second_factor(hub: RunningHub, admin: FakeDesk) -> None:
    """A quarter of an hour after the code a change is refused until another code; reading goes on."""
    hana = await hub.desk("hana")
    await hana.log_in()
    hub.clock.jump(901)
    refused = await admin.post(f"{PEOPLE}/{hana.user}/disabled", {"disabled": True})
    assert (refused.status_code, refused.json()["code"]) == (403, "step_up")
    assert not (await _people(admin))["hana"]["disabled"]
    assert (await admin.post("/api/login/step-up", {"code": admin.code()})).status_code == 204
    assert (await admin.post(f"{PEOPLE}/{hana.user}/disabled", {"disabled": True})).status_code == 204


async def test_the_trail_reads_in_japanese_by_day_and_person(hub: RunningHub, admin: FakeDesk) -> None:
    """Who did what, with names; what happened in another municipality stays there."""
    hana, far = await hub.desk("hana"), await hub.desk("taro", ["kitamidai"])
    await hana.log_in()
    await far.log_in()
    await far.get("/api/desk/municipalities/minami/handbook")
    await admin.post(f"{PEOPLE}/{hana.user}/disabled", {"disabled": True})
    lines = (await admin.get(AUDIT)).json()["lines"]
    newest = lines[0]
    assert (newest["actor"], newest["words"], newest["subject"]) == ("sato さん", "人を利用停止", "hana さん")
    assert {one["words"] for one in lines} >= {"ログイン", "ほかの自治体の情報を断った"}
    logins = [one["actor"] for one in lines if one["action"] == Action.LOGIN]
    assert sorted(logins) == ["hana さん", "sato さん"], "taro's login is no matter of this municipality"
    hers = (await admin.get(f"{AUDIT}?actor={hana.user}")).json()["lines"]
    assert {one["actor"] for one in hers} == {"hana さん"}
    assert (await admin.get(f"{AUDIT}?day=2001-01-01")).json()["lines"] == []
    assert (await admin.get(f"{AUDIT}?day=yesterday")).json()["code"] == "bad_day"
    older = (await admin.get(f"{AUDIT}?before={lines[-1]['id']}")).json()
    assert (older["lines"], older["before"]) == ([], None)
