"""Every request and every word, by every role, at home and in a foreign municipality: made from the tables.

Whoever adds a request or a word finds it tried here without a line of test. What its line in
`hub.core.permissions` does not allow is refused, and every refusal stands in the audit trail.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from litestar import Litestar
from litestar.routes import ASGIRoute, HTTPRoute

from hub.api.app import application
from hub.api.door import Door
from hub.core.audit import Action, Entry
from hub.core.captures import CaptureRecord
from hub.core.permissions import LINK, REQUESTS, WORDS, Proof
from hub.store import captures, trail
from hub.store.fences import POOL
from protocol.common import Refused
from protocol.desk_link import DESK_SAYS
from protocol.envelope import Message, read_body, read_envelope
from protocol.values import CaptureKind, CaptureStage, Role
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import RunningHub

OWN, FOREIGN = "minami", "kitamidai"
GOLDEN = Path(__file__).parents[1] / "protocol" / "golden" / "v1"
GUARDED = sorted(name for name, rule in REQUESTS.items() if rule.proof is not Proof.NONE)


def _said_by_desks() -> Iterator[Message]:
    """One message of every word, as the golden talks have them."""
    found: dict[str, Message] = {}
    for talk in sorted(GOLDEN.glob("desk-*.jsonl")):
        for line in talk.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["side"] == "desk" and row["message"]["type"] not in LINK:
                body = read_body(read_envelope(json.dumps(row["message"])), DESK_SAYS)
                assert body is not None
                found[row["message"]["type"]] = body
    assert set(found) == set(WORDS) - set(LINK)
    yield from found.values()


@dataclass
class Towns:
    """Somebody of みなみ市, and a live call with a still in each municipality; an operator talks in both."""

    hub: RunningHub
    desk: FakeDesk
    calls: dict[str, str]
    stills: dict[str, str]
    operators: dict[str, str]

    async def refusals(self, since: int) -> list[Entry]:
        """What the trail says of this person's refusals, from that many entries on."""
        found = [entry for entry in await self._trail() if entry.action in REFUSED]
        return found[since:]

    async def _trail(self) -> list[Entry]:
        async with self.hub.house.database.read(POOL) as tx:
            entries = await trail.entries(tx)
        return [entry for entry, _ in entries if entry.actor == f"user:{self.desk.user}"]


REFUSED = (Action.FOREIGN_REFUSED, Action.ROLE_REFUSED)


@pytest.fixture(params=[*Role, None], ids=lambda role: str(role or "nobody"))
def role(request: pytest.FixtureRequest) -> Role | None:
    """Each role, and somebody whose roles have all been taken away."""
    found: Role | None = request.param
    return found


@pytest.fixture
async def towns(hub: RunningHub, role: Role | None) -> AsyncIterator[Towns]:
    """Two talks, and the person."""
    calls: dict[str, str] = {}
    stills: dict[str, str] = {}
    operators: dict[str, str] = {}
    links: list[FakeKiosk | FakeDesk] = []
    for town in (OWN, FOREIGN):
        kiosk, operator = await hub.kiosk(f"t-{town}", town), await hub.desk(f"operator-{town}", [town])
        links += [kiosk, operator]
        await kiosk.connect()
        await operator.log_in()
        operators[town] = operator.user
        await operator.connect()
        await operator.available()
        calls[town] = (await kiosk.touch()).id
        await operator.rung()
        await operator.accept(calls[town])
        stills[town] = f"still-{town}"
        await _store_still(hub, town, calls[town], kiosk, operator)
    department = "kaigo" if role is Role.SPECIALIST else None
    who = [OWN] if role else []
    desk = await hub.desk("somebody", who, role=role or Role.OPERATOR, department=department)
    await desk.log_in()
    yield Towns(hub, desk, calls, stills, operators)
    for link in links:
        await link.leave()


async def _store_still(hub: RunningHub, town: str, call: str, kiosk: FakeKiosk, desk: FakeDesk) -> None:
    now = hub.clock.now()
    record = CaptureRecord(
        id=f"still-{town}", municipality=town, call=call, kiosk=kiosk.device, kind=CaptureKind.ID_PHOTO,
        stage=CaptureStage.STORED, request_id="r", token_hash="t", requested_at=now, requested_by=desk.user,
        stored_at=now, delete_after=now + timedelta(hours=1),
    )  # fmt: skip
    async with hub.house.database.write(POOL) as tx:
        await captures.rows.insert(tx, record)
        await captures.add_key(tx, record, b"wrapped")


async def _ask(towns: Towns, name: str, town: str) -> tuple[int, str]:
    """Status and code of a request for something of this town."""
    method, _, template = name.partition(" ")
    values = {"municipality": town, "call": towns.calls[town], "capture": towns.stills[town],
              "user": towns.operators[town]}  # fmt: skip
    path = re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], "x"), template)
    headers = towns.desk.cookie | {"X-Madoguchi-CSRF": towns.desk.csrf}
    body = {"json": {}} if method != "GET" else {}
    answer = await towns.desk.http.request(method, path, headers=headers, **cast(Any, body))
    kind = answer.headers.get("content-type", "")
    return answer.status_code, answer.json().get("code", "") if "json" in kind and answer.content else ""


async def test_every_request_of_the_program_has_a_line(hub: RunningHub) -> None:
    """And every line its request. The sockets are two, with a table of their own."""
    door = cast(Door, application(hub.house))
    app = cast(Litestar, door._app)
    found = set()
    for route in app.routes:
        assert not isinstance(route, ASGIRoute), "nothing passes the guard"
        if isinstance(route, HTTPRoute):
            found |= {f"{method} {route.path_format}" for method in route.methods if method != "OPTIONS"}
    assert set(door._links) == {"/ws/kiosk", "/ws/desk", "/ws/guest"}
    found.add("GET /{file_path}")  # only where the desk is built
    assert {name.replace("HEAD ", "GET ") for name in found} == set(REQUESTS)


async def test_every_request_by_role(towns: Towns, role: Role | None) -> None:
    """At home it opens for the roles of its line and for no other; abroad it is as if nothing were there."""
    assert len(GUARDED) >= 4
    for name in GUARDED:
        rule = REQUESTS[name]
        allowed = not rule.roles or role in rule.roles
        member = role is not None
        for town in (OWN, FOREIGN) if "{" in name else (OWN,):
            before = len(await towns.refusals(0))
            status, code = await _ask(towns, name, town)
            refusals = [one.action for one in await towns.refusals(before)]
            what = f"{name} of {town} by {role}: {status} {code} {refusals}"
            if rule.proof is Proof.HALF:
                assert (status, code) == (401, "no_login"), what
                continue
            if status == 204:
                await towns.desk.log_in()  # that was the logout
            in_path = "{municipality}" in name
            if (town == FOREIGN or not member) and in_path:
                assert (status, code, refusals) == (404, "not_found", [Action.FOREIGN_REFUSED]), what
            elif not allowed:
                assert (status, code, refusals) == (403, "not_allowed", [Action.ROLE_REFUSED]), what
            elif town == FOREIGN:
                assert (status, code, refusals) == (404, "not_found", [Action.FOREIGN_REFUSED]), what
            else:
                assert status not in (401, 403) or code == "step_up", what
                assert refusals == [], what


async def test_every_word_by_role(towns: Towns, role: Role | None) -> None:
    """At home only the roles of its line may say it; abroad the call is not found; all of it is recorded."""
    await towns.desk.connect()
    for message in _said_by_desks():
        word = str(message.__struct_config__.tag)
        allowed = role in WORDS[word]
        for town in (OWN, FOREIGN):
            before = len(await towns.refusals(0))
            id = await towns.desk.say(message, call=towns.calls[town])
            await towns.desk.settled()
            codes = [
                one.message.code for one in towns.desk.heard
                if isinstance(one.message, Refused) and one.message.about == id
            ]  # fmt: skip
            refusals = [one.action for one in await towns.refusals(before)]
            what = f"{word} of {town} by {role}: {codes} {refusals}"
            told = [] if word == "pointer" else ["gone"]  # said ten times a second: not worth a word
            if town == FOREIGN or role is None:
                assert (codes, refusals) == (told, [Action.FOREIGN_REFUSED]), what
            elif not allowed:
                assert (codes, refusals) == (told and ["not_allowed"], [Action.ROLE_REFUSED]), what
            else:
                assert "not_allowed" not in codes, what
                assert refusals == [], what


async def test_a_call_that_is_over_is_foreign_too(towns: Towns) -> None:
    """A wrap-up of a foreign municipality: the call is looked up in the store, and not found for her."""
    await towns.hub.house.counter.put_kiosk_out(towns.calls[FOREIGN])
    await towns.desk.connect()
    message = next(one for one in _said_by_desks() if one.__struct_config__.tag == "wrap_up")
    await towns.desk.say(message, call=towns.calls[FOREIGN])
    assert (await towns.desk.expect(Refused)).message.code == "gone"
    assert [one.action for one in await towns.refusals(0)] == [Action.FOREIGN_REFUSED]
