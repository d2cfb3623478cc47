"""A promise to call back: the absent department finds it; telephone and name go once it is kept."""

from __future__ import annotations

from hub.core.audit import Action
from hub.store import callbacks as store
from hub.store import trail
from hub.store.fences import POOL
from protocol.common import Refused
from protocol.desk_link import Callbacks, EndCall, PromiseCallback, SettleCallback, WrappedUp, WrapUp
from protocol.values import CallbackOutcome, Role
from tests.hub.conftest import Cast

PROMISE = PromiseCallback(
    department="zeimu", telephone="090-0000-0000", reason="納税証明の件", name="見本", wanted="午後"
)


async def test_an_absent_department_finds_the_promise_when_it_comes(cast: Cast) -> None:
    """C6: nobody of the department is there; whoever comes first sees whom to telephone, when and why."""
    call = await cast.talk()
    await cast.desk.say(PROMISE, call=call)
    await cast.desk.settled()
    mari = await cast.hub.desk("mari", ["minami"], Role.SPECIALIST, "zeimu")
    async with mari:
        (task,) = (await mari.reload()).callbacks
        assert (task.telephone, task.name, task.wanted) == ("090-0000-0000", "見本", "午後")
        assert (task.department_name, task.by) == ("税務課", "hana さん")
        await mari.say(SettleCallback(callback=task.id, outcome=CallbackOutcome.UNREACHED))
        assert (await mari.expect(Callbacks)).message.tasks[0].tries == 1
        await mari.say(SettleCallback(callback=task.id, outcome=CallbackOutcome.REACHED))
        assert (await mari.expect(Callbacks)).message.tasks == ()
        async with cast.hub.house.database.read(POOL) as tx:
            kept = await store.get(tx, task.id, ["minami"])
        assert kept is not None
        assert (kept.telephone, kept.name, kept.wanted, kept.reason) == ("", "", "", "")
        assert (kept.outcome, kept.settled_by) == ("reached", mari.user)
        await mari.say(SettleCallback(callback=task.id, outcome=CallbackOutcome.REACHED))
        assert (await mari.expect(Refused)).message.code == "gone"


async def test_a_promise_is_told_to_the_desks_that_are_there_and_to_no_others(cast: Cast) -> None:
    """Of the department, at once, also out of the wrap-up; nobody else sees anything."""
    mari = await cast.hub.desk("mari", ["minami"], Role.SPECIALIST, "zeimu")
    ken = await cast.hub.desk("ken", ["minami"], Role.SPECIALIST, "kaigo")
    far = await cast.hub.desk("aki", ["kitamidai"], Role.SPECIALIST, "fukushi")
    async with mari, ken, far:
        call = await cast.talk()
        await cast.desk.say(EndCall(), call=call)
        await cast.kiosk.expect_call("ended")
        await cast.desk.say(PROMISE, call=call)
        (task,) = (await mari.expect(Callbacks)).message.tasks
        for other in (ken, far):
            await other.say(SettleCallback(callback=task.id, outcome=CallbackOutcome.DROPPED))
            assert (await other.expect(Refused)).message.code == "gone"
            assert other.count(Callbacks) == 0


async def test_a_call_that_ends_on_a_promise_says_so_at_the_terminal(cast: Cast) -> None:
    """Its record and the terminal's call end as a call-back, and she wraps up as ever; one without, or whose
    promise was kept meanwhile, just ends."""
    call = await cast.talk()
    await cast.desk.say(PROMISE, call=call)
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("callback")
    await cast.desk.say(WrapUp(procedure="other", outcome="transferred"), call=call)
    await cast.desk.expect(WrappedUp)
    again = await cast.talk()
    await cast.desk.say(EndCall(), call=again)
    await cast.kiosk.expect_call("ended")


async def test_only_the_operator_of_the_call_promises(cast: Cast) -> None:
    """A colleague cannot, nor for a department that does not exist."""
    call = await cast.talk()
    other = await cast.hub.desk("jiro")
    async with other:
        await other.say(PROMISE, call=call)
        assert (await other.expect(Refused)).message.code == "gone"
    unknown = PromiseCallback(department="nowhere", telephone="090-0000-0000", reason="x")
    await cast.desk.say(unknown, call=call)
    assert (await cast.desk.expect(Refused)).message.code == "unknown_department"


async def test_a_promise_that_nobody_keeps_is_given_up(cast: Cast) -> None:
    """After 30 days no desk finds it, its telephone and name are gone, and that is recorded; a day before,
    it still stands."""
    call = await cast.talk()
    await cast.desk.say(PROMISE, call=call)
    await cast.desk.say(EndCall(), call=call)
    await cast.kiosk.expect_call("callback")
    await cast.hub.jump(29 * 86400)
    async with cast.hub.house.database.read(POOL) as tx:
        (open_one,) = await store.open_ones(tx, ["minami"])
    assert open_one.telephone == "090-0000-0000"
    await cast.hub.jump(86400 + 1)
    async with cast.hub.house.database.read(POOL) as tx:
        kept = await store.get(tx, open_one.id, ["minami"])
        said = [(entry.action, entry.actor) for entry, _ in await trail.entries(tx)]
    assert kept is not None
    assert (kept.telephone, kept.name, kept.wanted, kept.reason) == ("", "", "", "")
    assert (kept.outcome, kept.settled_by) == ("expired", None)
    assert (Action.CALLBACK_EXPIRED, "hub") in said
