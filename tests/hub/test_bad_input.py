"""Garbage on either socket: a clear answer, and nobody else is affected."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import update
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from hub.settings import Links
from hub.store.fences import POOL
from hub.store.tables import kiosk as kiosk_table
from protocol.common import Ping, Refused, Unsupported
from protocol.desk_link import DeskHello, SetPresence
from protocol.kiosk_link import CallRequest, Challenge
from tests.fakes.hub_client import FakeDesk, FakeKiosk
from tests.fakes.hub_program import RunningHub, running
from tests.hub.conftest import Cast


def envelope(**fields: object) -> str:
    """An envelope as JSON, whatever stands in it."""
    return json.dumps({"v": 1, "type": "ping", "id": "x", "seq": 0, "body": {}} | fields)


BAD = {
    "garbage": ("\x00\xff not json", "", "not_json"),
    "no object": ("[1,2]", "", "not_object"),
    "deep": ("[" * 30000 + "]" * 30000, "", "too_deep"),
    "deep body": ('{"v":1,"type":"ping","id":"x","body":' + '{"a":' * 200 + "1" + "}" * 201, "", "too_deep"),
    "twice": ('{"v":1,"v":1,"type":"ping","id":"x"}', "", "duplicate_key"),
    "nan": ('{"v":1,"type":"ping","id":"x","seq":NaN}', "", "not_finite"),
    "no id": (envelope(id=""), "", "bad_envelope"),
    "other version": (envelope(v=77), "x", "version"),
    "bad body": (envelope(type="candidate", body={"candidate": 5}), "x", "bad_body"),
    "half a character": (r'{"v":1,"type":"ping","id":"\ud800"}', "", "not_utf8"),
}


@pytest.fixture(params=["kiosk", "desk"])
def side(request: pytest.FixtureRequest, cast: Cast) -> FakeKiosk | FakeDesk:
    """Either socket."""
    found: FakeKiosk | FakeDesk = cast.kiosk if request.param == "kiosk" else cast.desk
    return found


async def _still_serves(cast: Cast) -> None:
    """The other municipality's people work on as if nothing had happened."""
    await cast.far_desk.available()
    call = await cast.far_kiosk.touch()
    await cast.far_desk.rung()
    await cast.far_desk.accept(call.id)


async def test_bad_messages_are_answered_and_the_link_goes_on(cast: Cast, side: FakeKiosk | FakeDesk) -> None:
    """Each with its code, naming the message where it has a readable id."""
    for text, about, code in BAD.values():
        await side.socket.send(text)
        refused = (await side.expect(Refused)).message
        assert (refused.about, refused.code) == (about, code)
        assert refused.text
    await side.settled()
    await _still_serves(cast)


async def test_a_binary_frame_is_refused(side: FakeKiosk | FakeDesk) -> None:
    """Frames are text."""
    await side.socket.send(b"\x00\x01")
    assert (await side.expect(Refused)).message.code == "not_text"


async def test_an_unknown_type_is_answered_and_unknown_fields_are_ignored(side: FakeKiosk | FakeDesk) -> None:
    """A newer peer can talk to us."""
    await side.socket.send(envelope(type="from_the_future", id="f1", body={"a": 1}))
    answer = (await side.expect(Unsupported)).message
    assert (answer.about, answer.unknown) == ("f1", "from_the_future")
    await side.socket.send(envelope(id="f2", body={"new_field": True}, also_new=1))
    await side.settled()


async def test_a_message_of_the_other_link_is_unsupported(cast: Cast) -> None:
    """A terminal cannot accept, a desk cannot touch."""
    await cast.kiosk.say(SetPresence(state="available"))
    assert (await cast.kiosk.expect(Unsupported)).message.unknown == "set_presence"
    await cast.desk.say(CallRequest())
    assert (await cast.desk.expect(Unsupported)).message.unknown == "call_request"


async def test_too_many_bad_messages_close_the_link(cast: Cast, side: FakeKiosk | FakeDesk) -> None:
    """Ten in a minute are borne, the eleventh closes with 4000; the others notice nothing."""
    for _ in range(11):
        await side.socket.send("garbage")
    assert await side.expect_close() == (4000, "too many bad messages")
    assert side.count(Refused) == 11
    await _still_serves(cast)


async def test_an_oversized_frame_closes_that_link_only(cast: Cast, side: FakeKiosk | FakeDesk) -> None:
    """1009 before anything is parsed."""
    await side.socket.send("x" * (64 * 1024 + 1))
    assert (await side.expect_close())[0] == 1009
    await _still_serves(cast)


async def test_the_largest_message_passes(side: FakeKiosk | FakeDesk) -> None:
    """64 KiB are allowed; only its content is refused."""
    text = envelope(type="unheard_of", body={"pad": ""})
    await side.socket.send(text.replace('"pad": ""', '"pad": "' + "x" * (64 * 1024 - len(text)) + '"'))
    await side.expect(Unsupported)


async def test_a_flood_closes_that_link_only(tmp_path: Path) -> None:
    """Beyond the burst: 4008."""
    async with running(tmp_path, links=Links(messages_per_minute=60)) as hub:
        kiosk, other = await hub.kiosk("t1"), await hub.kiosk("t2")
        async with kiosk, other:
            for _ in range(150):
                await kiosk.say(Ping())
            assert await kiosk.expect_close() == (4008, "too many messages")
            await other.settled()


async def test_a_silent_link_is_closed(tmp_path: Path) -> None:
    """Neither word nor pong for too long: the hub does not wait for a dead socket."""
    async with running(tmp_path, links=Links(idle_heartbeat_s=0.05, idle_dead_s=0.1)) as hub:
        kiosk = await hub.kiosk("t1")
        async with kiosk:

            async def nothing(*_: object, **__: object) -> str:
                return ""

            kiosk.say = nothing  # type: ignore[method-assign]
            assert await kiosk.expect_close() == (4008, "silent")


@pytest.fixture
async def quick(tmp_path: Path) -> AsyncIterator[RunningHub]:
    """A hub that waits a tenth of a second for the first word."""
    async with running(tmp_path, links=Links(hello_s=0.1)) as hub:
        yield hub


async def test_whoever_says_nothing_is_sent_away(quick: RunningHub) -> None:
    """No hello in time: 4000, on both sockets."""
    kiosk = await quick.kiosk("t1")
    await kiosk._open(f"{quick.url}/ws/kiosk", {})
    assert await kiosk.expect_close() == (4000, "no hello in time")
    await kiosk.leave()
    desk = await quick.desk("hana")
    await desk.log_in()
    await desk._open(f"{quick.url}/ws/desk", desk.cookie | {"Origin": quick.url})
    assert await desk.expect_close() == (4000, "no hello in time")


async def test_before_the_hello_nothing_else_counts(hub: RunningHub) -> None:
    """A call request of somebody unknown is refused and makes no call."""
    kiosk = await hub.kiosk("t1")
    await kiosk._open(f"{hub.url}/ws/kiosk", {})
    await kiosk.expect(Challenge)
    await kiosk.say(CallRequest())
    assert (await kiosk.expect(Refused)).message.code == "hello_first"
    await kiosk.leave()


async def test_a_version_that_nobody_speaks_closes(hub: RunningHub) -> None:
    """4000 with a reason that says who speaks what."""
    desk = await hub.desk("hana")
    await desk.log_in()
    await desk._open(f"{hub.url}/ws/desk", desk.cookie | {"Origin": hub.url})
    await desk.say(DeskHello(versions=(99,)))
    code, reason = await desk.expect_close()
    assert code == 4000
    assert "we speak [1], the other side [99]" in reason


@pytest.mark.parametrize("wrong", ["unknown device", "other key"])
async def test_a_terminal_must_prove_who_it_is(hub: RunningHub, wrong: str) -> None:
    """4003 for a device that nobody registered and for a name with another key; the real one stays."""
    real = await hub.kiosk("t1")
    async with real:
        if wrong == "unknown device":
            liar = FakeKiosk(hub.url, "t9")
        else:
            liar = FakeKiosk(hub.url, "t1", key=Ed25519PrivateKey.generate())
        with pytest.raises(AssertionError, match="4003"):
            await liar.connect()
        await real.settled()


async def test_a_revoked_terminal_is_refused(hub: RunningHub) -> None:
    """Its key is right, and counts no more."""
    kiosk = await hub.kiosk("t1")
    async with hub.house.database.write(POOL) as tx:
        await tx.execute(update(kiosk_table).values(revoked_at=datetime.now(UTC)))
    with pytest.raises(AssertionError, match="4003"):
        await kiosk.connect()


async def test_a_page_of_another_origin_gets_no_socket(hub: RunningHub) -> None:
    """403 at the handshake, with a valid cookie or without."""
    desk = await hub.desk("hana")
    await desk.log_in()
    for origin in ("http://evil.example", hub.url.replace("127.0.0.1", "localhost"), "null"):
        with pytest.raises(InvalidStatus, match="403"):
            async with connect(
                hub.url.replace("http", "ws") + "/ws/desk",
                additional_headers=desk.cookie | {"Origin": origin},
                proxy=None,
            ):
                pass


async def test_an_unknown_host_name_is_refused(hub: RunningHub) -> None:
    """A name that somebody has pointed at us does not open the desk."""
    async with httpx.AsyncClient(trust_env=False, verify=False) as http:
        answer = await http.get(f"{hub.url}/api/health", headers={"Host": "evil.example"})
    assert answer.status_code == 421


async def test_every_answer_carries_the_security_headers(hub: RunningHub) -> None:
    """Pages, answers, errors; the API is never cached."""
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False, verify=False) as http:
        for path in ("/", "/api/health", "/api/me", "/api/no-such", "/no/such/file", "/../../etc/passwd"):
            answer = await http.get(path)
            assert re.search(r"default-src 'self'.*frame-ancestors 'none'",
                             answer.headers["content-security-policy"]), path  # fmt: skip
            assert answer.headers["x-content-type-options"] == "nosniff"
            if path.startswith("/api/"):
                assert answer.headers["cache-control"] == "no-store"
            if answer.status_code >= 400 and path.startswith("/api/"):
                assert set(answer.json()) == {"code", "text"}


async def test_a_desk_that_is_not_built_says_how(hub: RunningHub) -> None:
    """A page that names the command, not a blank one."""
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False, verify=False) as http:
        answer = await http.get("/")
    assert answer.status_code == 503
    assert "make desk" in answer.text


async def test_the_built_desk_is_served(tmp_path: Path) -> None:
    """index.html at /, assets under their names, nothing outside of it."""
    built = tmp_path / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>desk</title>")
    (built / "assets" / "app-1a2b.js").write_text("export {}")
    (tmp_path / "secret").write_text("secret")
    async with running(tmp_path, desk=built) as hub, httpx.AsyncClient(
        base_url=hub.url, trust_env=False, verify=False
    ) as http:  # fmt: skip
        page = await http.get("/")
        assert (page.status_code, "desk" in page.text) == (200, True)
        assert page.headers["cache-control"] == "no-cache"
        script = await http.get("/assets/app-1a2b.js")
        assert script.headers["content-type"].startswith("text/javascript")
        assert "immutable" in script.headers["cache-control"]
        for path in ("/../secret", "/%2e%2e/secret", "/assets/..%2f..%2fsecret"):
            assert (await http.get(path)).status_code == 404


async def test_the_schema_of_the_api_is_published(hub: RunningHub) -> None:
    """OpenAPI, without any page that loads from outside."""
    async with httpx.AsyncClient(base_url=hub.url, trust_env=False, verify=False) as http:
        schema = msgspec.json.decode((await http.get("/api/schema/openapi.json")).content)
    assert {"/api/login", "/api/kiosk/captures/{capture}"} <= set(schema["paths"])
