"""Logins: wrong, too often, expired, forged; cookie, CSRF value, Origin; and what a foreign login finds."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from sqlalchemy import select

from hub.core.audit import Action, first_break
from hub.logins import BROWSER_COOKIE
from hub.passwords import STRANGERS, WAITING, Passwords, TooBusyError
from hub.store import people, trail
from hub.store.fences import POOL
from hub.store.tables import login as login_table
from tests.fakes.hub_program import PASSWORD, QUICK, RunningHub
from tests.hub.conftest import Cast


async def _actions(hub: RunningHub) -> list[tuple[Action, str | None, str]]:
    async with hub.house.database.read(POOL) as tx:
        entries = await trail.entries(tx)
    assert first_break(entries) is None
    return [(entry.action, entry.municipality, entry.subject) for entry, _ in entries]


async def test_a_login_gives_a_cookie_that_scripts_cannot_read(hub: RunningHub) -> None:
    """__Host-, Secure, HttpOnly, SameSite=Strict, Path=/; and who one is."""
    desk = await hub.desk("hana")
    answer = await desk.http.post("/api/login", json={"name": "hana", "password": PASSWORD})
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("__Host-madoguchi=")
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    me = answer.json()["me"]
    assert (me["name"], me["municipalities"]) == ("hana さん", [["minami", "みなみ市"]])
    assert "password" not in answer.text


async def test_a_token_is_nowhere_in_the_database(hub: RunningHub) -> None:
    """Only its hash: a copied database opens no desk."""
    desk = await hub.desk("hana")
    await desk.log_in()
    async with hub.house.database.read(POOL) as tx:
        row = (await tx.execute(select(login_table))).mappings().one()
    assert desk.token not in map(str, row.values())


@pytest.mark.parametrize("name", ["hana", "nobody"])
async def test_a_wrong_login_says_the_same_for_everybody(hub: RunningHub, name: str) -> None:
    """Whether a name exists cannot be learnt; the password never shows up anywhere."""
    desk = await hub.desk("hana")
    answer = await desk.http.post("/api/login", json={"name": name, "password": "a wrong password"})
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_login")
    assert "set-cookie" not in answer.headers
    assert Action.LOGIN_REFUSED in [action for action, _, _ in await _actions(hub)]


async def test_too_many_tries_have_to_wait_and_the_text_says_how_long(hub: RunningHub) -> None:
    """In a strange browser even the right password waits then; somebody else's login does not."""
    desk, other = await hub.desk("hana"), await hub.desk("jiro")
    await _guess(hub, "hana")
    refused = await desk.http.post("/api/login", json={"name": "hana", "password": PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_tries")
    assert "分後" in refused.json()["text"]
    assert "ログインしたことのあるブラウザー" in refused.json()["text"]
    await other.log_in()
    hub.clock.jump_steady(61)
    await desk.log_in()


async def _guess(hub: RunningHub, name: str, times: int = 5) -> None:
    """Wrong passwords from a strange browser."""
    async with httpx.AsyncClient(base_url=hub.url, headers={"Origin": hub.url}) as http:
        found = [
            (await http.post("/api/login", json={"name": name, "password": "no"})).status_code
            for _ in range(times)
        ]
    assert found[:5] == [401] * min(5, times)


async def test_an_office_behind_one_address_logs_in_as_often_as_it_likes(hub: RunningHub) -> None:
    """Right passwords use up nothing: forty logins from one address in a row."""
    desks = [await hub.desk(f"operator-{number}") for number in range(4)]
    for _ in range(10):
        for desk in desks:
            await desk.log_in()


async def test_nobody_is_locked_out_of_the_browser_that_she_uses(hub: RunningHub) -> None:
    """While her name and her address are being guessed; a new password makes every browser strange again."""
    desk = await hub.desk("hana")
    first = await desk.http.post("/api/login", json={"name": "hana", "password": PASSWORD})
    set_browser = next(one for one in first.headers.get_list("set-cookie") if BROWSER_COOKIE in one)
    assert {"Secure", "HttpOnly", "SameSite=strict", "Path=/"} <= {
        one.strip() for one in set_browser.split(";")
    }
    browser = {"Cookie": set_browser.partition(";")[0]}
    await _guess(hub, "hana", 20)
    for number in range(15):
        await _guess(hub, f"name-{number}", 1)
    body = {"name": "hana", "password": PASSWORD}
    assert (await desk.http.post("/api/login", json=body)).status_code == 429
    assert (await desk.http.post("/api/login", json=body, headers=browser)).status_code == 200
    wrong = body | {"password": "no"}
    for _ in range(5):
        assert (await desk.http.post("/api/login", json=wrong, headers=browser)).status_code == 401
    assert (await desk.http.post("/api/login", json=wrong, headers=browser)).status_code == 429
    async with hub.house.database.write(POOL) as tx:
        user = await people.user_named(tx, "hana")
        assert user is not None
        await people.set_password(tx, user.id, QUICK.hash(PASSWORD))
    assert (await desk.http.post("/api/login", json=body, headers=browser)).status_code == 429


async def test_an_expired_login_opens_nothing(hub: RunningHub) -> None:
    """After 12 hours: 401 with no_login, and 4001 on the socket."""
    desk = await hub.desk("hana")
    await desk.log_in()
    assert (await desk.get("/api/me")).status_code == 200
    hub.clock.jump(12 * 3600 + 1)
    answer = await desk.get("/api/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "no_login")
    with pytest.raises(AssertionError, match="4001"):
        await desk.connect()


async def test_without_a_login_nothing_opens(hub: RunningHub) -> None:
    """No cookie, an invented one, a broken one."""
    desk = await hub.desk("hana")
    for token in ("", "invented", 'x"; Path=/'):
        desk.token = token
        for path in ("/api/me", "/api/desk/municipalities/minami/handbook"):
            assert (await desk.get(path)).status_code == 401
        with pytest.raises(AssertionError, match="4001"):
            await desk.connect()


async def test_logout_ends_login_and_link(hub: RunningHub) -> None:
    """The old cookie is worth nothing, and the open socket closes with 4001."""
    desk = await hub.desk("hana")
    async with desk:
        assert (await desk.post("/api/logout")).status_code == 204
        assert (await desk.expect_close())[0] == 4001
        assert (await desk.get("/api/me")).status_code == 401


async def test_a_logout_leaves_the_other_browser_of_the_same_person_alone(hub: RunningHub) -> None:
    """She works on where she is, although the page that she left open at home logs out."""
    at_home, at_work = await hub.desk("hana"), hub.desk_of("hana")
    async with at_home, at_work:
        assert await at_home.expect_close() == (4009, "replaced by a newer link")
        assert (await at_home.post("/api/logout")).status_code == 204
        await at_work.settled()
        assert (await at_work.get("/api/me")).status_code == 200


async def test_a_change_needs_its_csrf_value_and_our_own_origin(hub: RunningHub) -> None:
    """Without either: 403, and the login lives on."""
    desk = await hub.desk("hana")
    await desk.log_in()
    assert (await desk.post("/api/logout", csrf="")).json()["code"] == "csrf"
    assert (await desk.post("/api/logout", csrf="invented ü".encode().hex())).status_code == 403
    desk.http.headers["Origin"] = "http://evil.example"
    assert (await desk.post("/api/logout")).json()["code"] == "foreign_origin"
    login = await desk.http.post("/api/login", json={"name": "hana", "password": PASSWORD})
    assert login.json()["code"] == "foreign_origin"
    assert (await desk.get("/api/me")).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"name": 5}', b'{"name": "x"}', b"[" * 5000, b"\xff"])
async def test_a_login_body_that_is_none_gets_400(hub: RunningHub, body: bytes) -> None:
    """With our own answer, not a framework's."""
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False, verify=False) as http:
        headers = {"Origin": hub.url, "Content-Type": "application/json"}
        answer = await http.post("/api/login", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_a_body_that_is_too_large_gets_413(hub: RunningHub) -> None:
    """A request has 64 KiB; nothing of it is parsed."""
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False, verify=False) as http:
        headers = {"Origin": hub.url, "Content-Type": "application/json"}
        answer = await http.post("/api/login", content=b" " * 70_000, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


async def test_the_handbook_is_for_members_only(cast: Cast) -> None:
    """Own municipality: procedures and pages. A foreign or invented one: the same 404, and an audit entry."""
    own = await cast.desk.get("/api/desk/municipalities/minami/handbook")
    assert own.status_code == 200
    assert {one["id"] for one in own.json()["procedures"]} >= {"mynumber-card"}
    for foreign in ("kitamidai", "atlantis"):
        answer = await cast.desk.get(f"/api/desk/municipalities/{foreign}/handbook")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    refused = [subject for action, _, subject in await _actions(cast.hub) if action is Action.FOREIGN_REFUSED]
    assert refused == ["kitamidai", "atlantis"]


async def test_password_checks_do_not_pile_up() -> None:
    """Two run, a few wait, the next is told to come back; strangers leave room for known browsers."""
    passwords = Passwords(QUICK)
    stored = passwords.hash(PASSWORD)
    strangers = [passwords.fits(stored, PASSWORD) for _ in range(STRANGERS + 4)]
    others = [passwords.fits(stored, PASSWORD, stranger=False) for _ in range(WAITING)]
    found = await asyncio.gather(*strangers, *others, return_exceptions=True)
    assert found[: STRANGERS + 4].count(True) == STRANGERS
    assert found.count(True) == WAITING
    assert sum(isinstance(one, TooBusyError) for one in found) == len(found) - WAITING
    assert not await passwords.fits(stored, "other")
    assert not await passwords.fits(None, "nobody has this password")
    passwords.close()
