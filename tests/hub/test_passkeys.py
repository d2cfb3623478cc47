"""A passkey instead of the code: good for its person, this address and one question, never without her."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from hub import access
from hub.core.audit import Action
from hub.core.passkey_site import site
from hub.core.passkeys import MOST
from hub.store import trail
from hub.store.fences import POOL
from hub.store.tables import passkey_challenge
from protocol.values import Role
from tests.fakes.authenticator import Authenticator
from tests.fakes.hub_client import FakeDesk
from tests.fakes.hub_program import RunningHub, content

ADDRESS = "https://hub.example.jp"
MINE = "/api/me/passkeys"
LOGIN, STEP_UP = "/api/login/passkey", "/api/login/step-up/passkey"


@pytest.fixture
async def sato(hub: RunningHub) -> FakeDesk:
    """An admin who has just logged in with her code; the hub has an address for passkeys."""
    hub.house.passkeys.site = site(ADDRESS)
    desk = await hub.desk("sato", role=Role.ADMIN)
    await desk.log_in()
    return desk


async def _question(desk: FakeDesk, path: str) -> str:
    answer = await desk.post(f"{path}/question")
    assert answer.status_code == 200, answer.text
    options: str = answer.json()["options"]
    return options


async def _with_passkey(desk: FakeDesk, name: str = "机の鍵") -> Authenticator:
    device = Authenticator(ADDRESS)
    body = {"name": name, "answer": device.make(await _question(desk, MINE))}
    answer = await desk.post(MINE, body)
    assert answer.status_code == 204, answer.text
    return device


async def _half(desk: FakeDesk) -> bool:
    """The password; whether a passkey will do."""
    answer = await desk.http.post("/api/login", json={"name": desk.name, "password": desk.password})
    assert answer.status_code == 202, answer.text
    desk._take_cookie(answer)
    desk.csrf = answer.json()["csrf"]
    found: bool = answer.json()["passkey"]
    return found


async def _code(desk: FakeDesk, path: str, answer: str) -> str:
    """Why this answer is refused."""
    said = await desk.post(path, {"answer": answer})
    assert said.status_code == 401, said.text
    code: str = said.json()["code"]
    return code


async def _actions(hub: RunningHub, desk: FakeDesk) -> list[Action]:
    async with hub.house.database.read(POOL) as tx:
        entries = await trail.entries(tx)
    return [entry.action for entry, _ in entries if entry.actor == f"user:{desk.user}"]


async def test_a_login_with_a_passkey(hub: RunningHub, sato: FakeDesk) -> None:
    """Added after a fresh code, named, asked for at the next login beside the code, good for a step-up."""
    assert (await sato.get(MINE)).json() == {"offered": True, "passkeys": []}
    device = await _with_passkey(sato)
    (shown,) = (await sato.get(MINE)).json()["passkeys"]
    assert (shown["name"], shown["used_at"]) == ("机の鍵", None)
    hub.clock.jump(3600)
    assert await _half(sato)
    assert (await sato.get("/api/me")).status_code == 401
    answer = await sato.post(LOGIN, {"answer": device.use(await _question(sato, LOGIN))})
    assert answer.status_code == 200, answer.text
    sato._take_cookie(answer)
    sato.csrf = answer.json()["csrf"]
    assert (await sato.get("/api/me")).json()["me"]["name"] == "sato さん"
    (shown,) = (await sato.get(MINE)).json()["passkeys"]
    assert shown["used_at"] is not None
    await sato.connect()
    hub.clock.jump(3600)
    assert (await sato.post(f"{MINE}/question")).json()["code"] == "step_up"
    answer = await sato.post(STEP_UP, {"answer": device.use(await _question(sato, STEP_UP))})
    assert answer.status_code == 204, answer.text
    await _with_passkey(sato, "電話")
    assert {Action.PASSKEY_ADDED, Action.STEPPED_UP, Action.LOGIN} <= set(await _actions(hub, sato))


async def test_the_code_serves_as_before(hub: RunningHub, sato: FakeDesk) -> None:
    """Whoever has left the device at home still gets in."""
    await _with_passkey(sato)
    hub.clock.jump(60)
    assert await _half(sato)
    assert (await sato.prove(sato.code())).status_code == 200


async def test_a_question_is_answered_once_and_in_time(hub: RunningHub, sato: FakeDesk) -> None:
    """Of this login and for this purpose; a newer question voids the one before; nothing stays behind."""
    device = await _with_passkey(sato)
    await _half(sato)
    options = await _question(sato, LOGIN)
    answer = device.use(options)
    device.origin = "https://elsewhere.example.jp"
    assert await _code(sato, LOGIN, device.use(options)) == "wrong_passkey"
    device.origin = ADDRESS
    assert await _code(sato, LOGIN, answer) == "late_passkey", "used up by the wrong one"
    options = await _question(sato, LOGIN)
    await _question(sato, LOGIN)
    assert await _code(sato, LOGIN, device.use(options)) == "wrong_passkey"
    options = await _question(sato, LOGIN)
    hub.clock.jump(301)
    assert await _code(sato, LOGIN, device.use(options)) == "late_passkey"
    options = await _question(sato, LOGIN)
    first = sato.cookie
    await _half(sato)
    assert await _code(sato, LOGIN, device.use(options)) == "late_passkey", "asked of another login"
    assert first != sato.cookie
    hub.clock.jump(301)
    await _question(sato, LOGIN)
    async with hub.house.database.read(POOL) as tx:
        assert len((await tx.execute(select(passkey_challenge))).all()) == 1


async def test_a_step_up_question_opens_no_login_and_the_other_way_round(sato: FakeDesk) -> None:
    """A challenge serves what it was given out for."""
    device = await _with_passkey(sato)
    answer = device.use(await _question(sato, STEP_UP))
    assert (await sato.post(MINE, {"name": "x", "answer": answer})).json()["code"] == "late_passkey"
    options = await _question(sato, MINE)
    challenge = json.loads(options)["challenge"]
    assert await _code(sato, STEP_UP, device.sign(challenge, "hub.example.jp")) == "late_passkey"


@pytest.mark.parametrize("spoil", ["origin", "name", "person", "device", "signature", "garbage", "count"])
async def test_what_is_no_answer_is_refused_and_recorded(hub: RunningHub, sato: FakeDesk, spoil: str) -> None:
    """Another address, another name, nobody verified, another's device, a changed bit, no JSON, a copy."""
    device = await _with_passkey(sato)
    await _half(sato)
    challenge = json.loads(await _question(sato, LOGIN))["challenge"]
    name = "hub.example.jp"
    if spoil == "origin":
        device.origin = "https://hub.example.jp.evil.example"
    elif spoil == "person":
        device.verified = False
    elif spoil == "device":
        device = Authenticator(ADDRESS)
    elif spoil == "count":
        device.count = 5
        assert (await sato.post(LOGIN, {"answer": device.sign(challenge, name)})).status_code == 200
        await _half(sato)
        challenge = json.loads(await _question(sato, LOGIN))["challenge"]
        device.count = 3
    answer = device.sign(challenge, "elsewhere" if spoil == "name" else name)
    if spoil == "signature":
        said = json.loads(answer)
        said["response"]["signature"] = said["response"]["signature"][:-6] + "AAAAAA"
        answer = json.dumps(said)
    if spoil == "garbage":
        answer = "[" * 5000
    assert await _code(sato, LOGIN, answer) == ("copied_passkey" if spoil == "count" else "wrong_passkey")
    assert (await sato.get("/api/me")).status_code == 401
    assert Action.FACTOR_REFUSED in await _actions(hub, sato)


async def test_a_new_one_must_be_verified_and_made_here(sato: FakeDesk) -> None:
    """And is not registered twice, nor without end, nor without a name."""
    device = Authenticator(ADDRESS)
    device.verified = False
    answer = device.make(await _question(sato, MINE))
    assert (await sato.post(MINE, {"name": "x", "answer": answer})).json()["code"] == "wrong_passkey"
    device.verified = True
    answer = device.make(await _question(sato, MINE))
    assert (await sato.post(MINE, {"name": " ", "answer": answer})).status_code == 422
    assert (await sato.post(MINE, {"name": "x", "answer": answer})).status_code == 204
    answer = device.make(await _question(sato, MINE))
    assert (await sato.post(MINE, {"name": "y", "answer": answer})).json()["code"] == "known_passkey"
    for number in range(MOST - 1):
        await _with_passkey(sato, f"{number}")
    assert (await sato.post(f"{MINE}/question")).json()["code"] == "too_many"
    assert not (await sato.get(MINE)).json()["offered"]


async def test_a_passkey_that_is_taken_away_opens_nothing(hub: RunningHub, sato: FakeDesk) -> None:
    """By its owner, one; by an admin's reset, all. Nobody takes away another's."""
    device, left = await _with_passkey(sato), await _with_passkey(sato, "電話")
    other = await hub.desk("mori", role=Role.ADMIN)
    await other.log_in()
    (first, _) = (await sato.get(MINE)).json()["passkeys"]
    assert (await other.post(f"{MINE}/remove", {"id": first["id"]})).status_code == 404
    assert (await sato.post(f"{MINE}/remove", {"id": first["id"]})).status_code == 204
    await _half(sato)
    challenge = json.loads(await _question(sato, LOGIN))["challenge"]
    assert await _code(sato, LOGIN, device.sign(challenge, "hub.example.jp")) == "wrong_passkey"
    challenge = json.loads(await _question(sato, LOGIN))["challenge"]
    await access.reset_second_factor(hub.house.settings, content(), "sato")
    assert not await _half(sato)
    assert (await sato.post(f"{LOGIN}/question")).status_code == 200
    assert await _code(sato, LOGIN, left.sign(challenge, "hub.example.jp")) == "wrong_passkey"
    assert Action.PASSKEY_REMOVED in await _actions(hub, sato)


async def test_they_stand_beside_the_app_and_nowhere_without_an_address(hub: RunningHub) -> None:
    """Its recovery codes are the way out of a lost device; a hub without an address offers none."""
    hana, desk = await hub.desk("hana"), await hub.desk("mori", role=Role.ADMIN)
    await desk.log_in()
    assert (await desk.get(MINE)).json() == {"offered": False, "passkeys": []}
    assert (await desk.post(f"{MINE}/question")).status_code == 404
    assert (await desk.post(f"{STEP_UP}/question")).status_code == 404
    hub.house.passkeys.site = site(ADDRESS)
    await hana.log_in()
    assert not (await hana.get(MINE)).json()["offered"]
    assert (await desk.get(MINE)).json()["offered"]
