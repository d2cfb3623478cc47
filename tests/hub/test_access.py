"""Rights taken away by command while the hub runs: links close, logins end, and all of it is recorded."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from hub import access, commands
from hub.core.audit import Action, first_break
from hub.store import trail
from hub.store.fences import POOL
from protocol.desk_link import DeskCallUpdate, RequestCapture
from protocol.kiosk_link import TakeCapture
from protocol.values import CallState, CaptureKind
from tests.fakes.hub_program import JumpClock, RunningHub, content, running
from tests.hub.conftest import Cast

NEW = "another good password"


async def _recorded(hub: RunningHub) -> list[tuple[Action, str | None, str]]:
    """What commands have left in the trail, whose chain holds."""
    async with hub.house.database.read(POOL) as tx:
        entries = await trail.entries(tx)
    assert first_break(entries) is None
    return [(one.action, one.municipality, one.subject) for one, _ in entries if one.actor == "command"]


async def test_a_new_password_logs_out_by_itself(cast: Cast) -> None:
    """The running hub closes the desk within five seconds; only the new password opens one; others stay."""
    settings = cast.hub.house.settings
    said = await access.set_password(settings, content(), "hana", NEW)
    assert "logins ended: 1" in said
    assert (await cast.desk.get("/api/me")).status_code == 401
    assert (await cast.desk.expect_close(within=5.0))[0] == 4001
    old = await cast.desk.http.post("/api/login", json={"name": "hana", "password": cast.desk.password})
    assert old.json()["code"] == "wrong_login"
    cast.desk.password = NEW
    await cast.desk.log_in()
    await cast.desk.connect()
    await cast.far_desk.settled()
    assert (Action.PASSWORD_SET, None, cast.desk.user) in await _recorded(cast.hub)


async def test_a_disabled_user_is_out_until_enabled(cast: Cast) -> None:
    """No login, no link; enabling brings neither old login nor link back, but the password works again."""
    settings = cast.hub.house.settings
    await access.disable_user(settings, content(), "hana")
    await cast.hub.house.inspection.look()
    assert (await cast.desk.expect_close())[0] == 4001
    with pytest.raises(AssertionError, match="4001"):
        await cast.desk.connect()
    refused = await cast.desk.http.post("/api/login", json={"name": "hana", "password": cast.desk.password})
    assert refused.json()["code"] == "wrong_login", "nobody learns that the name exists"
    assert "already" in await access.disable_user(settings, content(), "hana")
    await access.enable_user(settings, content(), "hana")
    assert (await cast.desk.get("/api/me")).status_code == 401
    await cast.desk.log_in()
    await cast.desk.connect()
    user = cast.desk.user
    assert await _recorded(cast.hub) == [
        (Action.USER_DISABLED, None, user),
        (Action.USER_ENABLED, None, user),
    ]


async def test_a_revoked_terminal_is_out_until_registered_again(cast: Cast) -> None:
    """A new link is refused at once, the open one closes with 4003; the other terminal stays."""
    settings = cast.hub.house.settings
    await access.revoke_kiosk(settings, content(), "t1")
    second = await cast.hub.kiosk("t3")
    second.device, second.key = "t1", cast.kiosk.key
    with pytest.raises(AssertionError, match="4003"):
        await second.connect()
    await cast.hub.house.inspection.look()
    assert (await cast.kiosk.expect_close())[0] == 4003
    await cast.far_kiosk.settled()
    asked = Namespace(
        device="t1", municipality="minami", site="taiken", terminal="taiken-1", public_key=second.public_key
    )
    await commands.add_kiosk(settings, content(), asked)
    await second.connect()
    await second.leave()
    assert await _recorded(cast.hub) == [
        (Action.KIOSK_REVOKED, "minami", "t1"),
        (Action.KIOSK_ADDED, "minami", "t1"),
    ]


async def test_a_terminal_with_a_replaced_key_is_out(cast: Cast) -> None:
    """Registered again with another key: the link that the old key opened closes with 4003."""
    await cast.hub.kiosk("t1")  # another key under the same name
    await cast.hub.house.inspection.look()
    assert (await cast.kiosk.expect_close())[0] == 4003
    await cast.far_kiosk.settled()


async def test_a_look_leaves_everybody_else_alone(cast: Cast) -> None:
    """Good links go on however often they are looked at."""
    for _ in range(3):
        await cast.hub.house.inspection.look()
    for link in (cast.kiosk, cast.far_kiosk, cast.desk, cast.far_desk):
        await link.settled()


async def test_a_still_of_a_revoked_terminal_is_refused(cast: Cast) -> None:
    """Even with its token, asked for while it was still let in."""
    call = await cast.talk()
    await cast.desk.say(RequestCapture(kind=CaptureKind.ID_PHOTO), call=call)
    asked = (await cast.kiosk.expect(TakeCapture)).message
    await access.revoke_kiosk(cast.hub.house.settings, content(), "t1")
    answer = await cast.kiosk.upload(asked.capture, asked.upload_token, b"\xff\xd8\xff")
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")


async def test_a_disabled_operator_loses_her_call(cast: Cast) -> None:
    """Her browser could talk on without the hub: the call waits again, so that its terminal hangs up."""
    call = await cast.talk()
    await access.disable_user(cast.hub.house.settings, content(), "hana")
    await cast.hub.house.inspection.look()
    assert (await cast.kiosk.expect_call("waiting")).id == call
    other = await cast.hub.desk("jiro")
    async with other:
        await other.available()
        assert (await other.rung()).call == call


async def test_a_ring_at_a_disabled_operator_is_over(cast: Cast) -> None:
    """It goes on to somebody else without waiting for its end."""
    other = await cast.hub.desk("jiro")
    async with other:
        await cast.kiosk.touch()
        call = (await cast.desk.rung()).call
        await other.available()
        await access.disable_user(cast.hub.house.settings, content(), "hana")
        await cast.hub.house.inspection.look()
        assert (await other.rung()).call == call


async def test_a_revoked_terminal_loses_its_call(cast: Cast) -> None:
    """The operator's browser hears the end, and hangs up."""
    call = await cast.talk()
    await access.revoke_kiosk(cast.hub.house.settings, content(), "t1")
    await cast.hub.house.inspection.look()
    ended = (await cast.desk.expect(DeskCallUpdate, lambda said: said.call.state == "ended")).message.call
    assert (ended.card.call, ended.ended_by) == (call, "hub")


async def test_the_call_of_a_disabled_operator_survives_a_restart(tmp_path: Path) -> None:
    """The hub starts with her call on its books, and gives it to somebody else."""
    clock = JumpClock()
    async with running(tmp_path, clock=clock) as hub:
        kiosk, desk = await hub.kiosk("t1"), await hub.desk("hana")
        async with kiosk, desk:
            await desk.available()
            call = (await kiosk.touch()).id
            await desk.rung()
            await desk.accept(call)
        await access.disable_user(hub.house.settings, content(), "hana")
    async with running(tmp_path, clock=clock) as hub:
        kiosk.url, other = hub.url, await hub.desk("jiro")
        snapshot = await kiosk.connect()
        assert snapshot.call is not None
        assert (snapshot.call.id, snapshot.call.state) == (call, CallState.TALKING)
        async with other:
            await other.available()
            await hub.house.inspection.look()
            assert (await other.rung()).call == call
        await kiosk.leave()
