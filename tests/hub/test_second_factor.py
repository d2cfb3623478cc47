"""A password alone opens nothing where a second factor is wanted; and it cannot be guessed or copied."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from hub import access
from hub.core.audit import Action
from hub.store import trail
from hub.store.fences import POOL
from hub.store.tables import recovery_code, second_factor
from hub.vault.people import FILE
from protocol.errors import LocalError
from protocol.values import Role
from tests.fakes.hub_client import FakeDesk
from tests.fakes.hub_program import JumpClock, RunningHub, content, running


async def _half(desk: FakeDesk) -> str:
    """A right password; gives what is still wanted."""
    answer = await desk.http.post("/api/login", json={"name": desk.name, "password": desk.password})
    assert answer.status_code == 202, answer.text
    desk.token = answer.headers["set-cookie"].partition("=")[2].partition(";")[0]
    desk.csrf = answer.json()["csrf"]
    step: str = answer.json()["step"]
    return step


async def _actions(hub: RunningHub, desk: FakeDesk) -> list[Action]:
    async with hub.house.database.read(POOL) as tx:
        entries = await trail.entries(tx)
    return [entry.action for entry, _ in entries if entry.actor == f"user:{desk.user}"]


async def test_a_password_alone_opens_nothing(hub: RunningHub) -> None:
    """No request, no socket, no logout even; nor does setting up a second one in place of the first."""
    desk = await hub.desk("sato", role=Role.ADMIN)
    assert await _half(desk) == "enrol"
    for path in ("/api/me", "/api/desk/municipalities/minami/handbook"):
        assert (await desk.get(path)).status_code == 401
    assert (await desk.post("/api/logout")).status_code == 401
    with pytest.raises(AssertionError, match="4001"):
        await desk.connect()
    await desk.log_in()
    assert (await desk.get("/api/me")).status_code == 200
    assert await _half(desk) == "code"
    assert (await desk.post("/api/login/enrol")).json()["code"] == "enrolled"
    assert (await desk.post("/api/login/enrol/code", {"code": desk.code(30)})).json()["code"] == "wrong_code"


async def test_the_login_after_the_code_is_another_one(hub: RunningHub) -> None:
    """What was known before the second factor is worth nothing after it."""
    desk = await hub.desk("sato", role=Role.SUPERVISOR)
    await desk.log_in()
    hub.clock.jump(60)
    await _half(desk)
    half = desk.cookie
    answer = await desk.prove(desk.code())
    assert answer.status_code == 200
    assert (await hub_get(desk, half)).status_code == 401
    assert (await desk.prove(desk.code(30))).json()["code"] == "no_login"


async def hub_get(desk: FakeDesk, cookie: dict[str, str]) -> object:
    """Who am I, with this cookie."""
    return await desk.http.get("/api/me", headers=cookie)


async def test_a_code_opens_once(hub: RunningHub) -> None:
    """Whoever looked over her shoulder comes too late; so does a recovery code that was used."""
    desk = await hub.desk("sato", role=Role.ADMIN)
    await desk.log_in()
    spent = desk.recovery[0]
    hub.clock.jump(60)
    for code in (desk.code(), spent):
        await _half(desk)
        assert (await desk.prove(code)).status_code == 200
        await _half(desk)
        assert (await desk.prove(code)).json()["code"] == "wrong_code"
    assert {Action.RECOVERY_USED, Action.FACTOR_REFUSED, Action.FACTOR_SET} <= set(await _actions(hub, desk))


async def test_codes_cannot_be_guessed(hub: RunningHub) -> None:
    """After five wrong ones even the right one waits, in a new half login too, for minutes."""
    desk = await hub.desk("sato", role=Role.ADMIN)
    await desk.log_in()
    hub.clock.jump(60)
    await _half(desk)
    codes = [(await desk.prove("000000")).status_code for _ in range(6)]
    assert codes == [401] * 5 + [429]
    await _half(desk)
    refused = await desk.prove(desk.code())
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
    assert "分後" in refused.json()["text"]
    hub.clock.jump_steady(301)
    assert (await desk.prove(desk.code())).status_code == 200


async def test_half_a_login_ends_by_itself(hub: RunningHub) -> None:
    """Ten minutes, then the password again."""
    desk = await hub.desk("sato", role=Role.ADMIN)
    await desk.log_in()
    await _half(desk)
    hub.clock.jump(601)
    assert (await desk.prove(desk.code())).json()["code"] == "no_login"


async def test_neither_secret_nor_recovery_code_stands_in_the_database(hub: RunningHub) -> None:
    """A copied database gives no codes; the key lies beside the municipalities' keys, for the hub alone."""
    desk = await hub.desk("sato", role=Role.ADMIN)
    await desk.log_in()
    async with hub.house.database.read(POOL) as tx:
        sealed = (await tx.execute(select(second_factor.c.sealed))).scalar_one()
        digests = set((await tx.execute(select(recovery_code.c.digest))).scalars())
    assert desk.secret not in sealed
    assert len(digests) == len(set(desk.recovery)) == 8
    assert not digests & set(desk.recovery)
    key = Path(hub.house.settings.keys.directory) / FILE
    assert key.stat().st_mode & 0o777 == 0o600


async def test_who_lost_the_telephone_is_reset_by_command(hub: RunningHub) -> None:
    """The old codes and all logins end; the next login sets up a new one."""
    desk = await hub.desk("sato", role=Role.ADMIN)
    await desk.log_in()
    settings = hub.house.settings
    assert "1" in await access.reset_second_factor(settings, content(), "sato")
    assert (await desk.get("/api/me")).status_code == 401
    assert await _half(desk) == "enrol"
    assert (await desk.prove(desk.recovery[0])).json()["code"] == "wrong_code"
    old = desk.secret
    await desk.log_in()
    assert desk.secret != old
    assert "nothing to reset" in await access.reset_second_factor(
        settings, content(), (await other(hub)).name
    )
    with pytest.raises(LocalError, match="known: "):
        await access.reset_second_factor(settings, content(), "nope")


async def other(hub: RunningHub) -> FakeDesk:
    """An operator without a second factor."""
    return await hub.desk("hana")


async def test_a_lost_key_stops_the_start_until_everybody_sets_up_anew(tmp_path: Path) -> None:
    """Instead of refusing every code without a word; the message says both ways out."""
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as hub:
        desk = await hub.desk("sato", role=Role.ADMIN)
        await desk.log_in()
        settings = hub.house.settings
    key = tmp_path / "keys" / FILE
    for spoil in (key.unlink, lambda: key.write_bytes(b"k" * 32)):
        spoil()
        if key.exists():
            key.chmod(0o600)
        with pytest.raises(LocalError, match="reset-second-factor --everybody"):
            async with running(tmp_path, clock=clock):
                pass
    assert "1" in await access.reset_second_factor(settings, content(), None)
    async with running(tmp_path, clock=clock) as hub:
        again = hub.desk_of("sato")
        await again.log_in()


async def test_a_step_up_is_for_those_who_have_a_second_factor(hub: RunningHub) -> None:
    """With a fresh code; an operator without one has nothing to step up with."""
    desk, hana = await hub.desk("sato", role=Role.ADMIN), await hub.desk("hana")
    await desk.log_in()
    await hana.log_in()
    hub.clock.jump(60)
    assert (await desk.post("/api/login/step-up", {"code": "000000"})).json()["code"] == "wrong_code"
    assert (await desk.post("/api/login/step-up", {"code": desk.code()})).status_code == 204
    assert (await hana.post("/api/login/step-up", {"code": "000000"})).json()["code"] == "wrong_code"
    assert Action.STEPPED_UP in await _actions(hub, desk)
