"""What a ring for a branch's staff does: resident or operator rings, a page sounds, all read the same."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from hub.core import staff as rules
from hub.core.audit import Action, Entry
from hub.core.call import CallRecord, NotNow
from hub.core.staff import Acknowledged, Arrived, Expired, Patience, StaffRecord, Withdrawn
from hub.counter.turn import Turn
from hub.settings import HubSettings
from hub.store import people, trail
from hub.store import staff as store
from hub.store.people import User
from protocol.desk_link import SetBells, StaffUpdate
from protocol.kiosk_link import Staff
from protocol.values import BellPlace, Role, StaffCall, StaffReason, StaffState

NO_STAFF = NotNow("no_staff", "この窓口には、呼び出せる職員がいません。")


def patience(settings: HubSettings) -> Patience:
    """The settings as the rules want them."""
    said = settings.staff
    return Patience(
        answer=timedelta(seconds=said.answer_s), nobody=timedelta(seconds=said.nobody_s),
        coming=timedelta(seconds=said.coming_s),
    )  # fmt: skip


async def ring(turn: Turn, device: str, reason: StaffReason, by: str, call: str | None) -> None:
    """Ring the staff of the terminal's site. NotNow where the municipality has named none."""
    kiosk = turn.board.kiosks[device].kiosk
    town = turn.content.town(kiosk.municipality)
    if not rules.offered(town, kiosk.site, kiosk.terminal, turn.now):
        raise NO_STAFF
    known = await store.open_of(turn.tx, device, kiosk.municipality)
    if known is not None:
        await _tell(turn, known)
        return
    listening = await _pages(turn, kiosk.municipality, kiosk.site)
    record = StaffRecord(
        id=uuid.uuid4().hex, municipality=kiosk.municipality, site=kiosk.site, kiosk=device, call=call,
        reason=reason, rung_by=by, state=StaffState.CALLING, rung_at=turn.now, listening=len(listening),
        until=rules.until(turn.now, len(listening), patience(turn.settings)),
    )  # fmt: skip
    await store.rows.insert(turn.tx, record)
    await _note(turn, record, Action.STAFF_CALLED, by)
    await _keep(turn, record)


async def withdraw(turn: Turn, device: str, by: str) -> None:
    """Nobody is needed any more; nothing happens where nobody was rung."""
    known = await store.open_of(turn.tx, device, turn.board.kiosks[device].kiosk.municipality)
    if known is not None:
        await _move(turn, known, Withdrawn(), by)


async def coming(turn: Turn, user: str, id: str) -> None:
    """A member of the branch goes there. NotNow('gone') when another does, or it is over."""
    record = await _of_branch(turn, user, id)
    newer = await store.open_of(turn.tx, record.kiosk, record.municipality)
    if newer is not None and newer.id != record.id:
        raise NotNow("gone", "この端末からは、新しい呼び出しが来ています。そちらに応えてください。")
    await _move(turn, record, Acknowledged(user), f"user:{user}")


async def arrived(turn: Turn, user: str, id: str) -> None:
    """She is there."""
    await _move(turn, await _of_branch(turn, user, id), Arrived(), f"user:{user}")


async def expire(turn: Turn, id: str) -> None:
    """Its time is over."""
    known = await store.get(turn.tx, id, turn.municipalities)
    if known is None or known.until is None or turn.now < known.until:
        turn.after_commit.append(lambda: turn.board.staff.pop(id, None))
        return
    await _move(turn, known, Expired(), "hub")


async def set_bells(turn: Turn, user: str, said: SetBells) -> None:
    """Where this page listens from now on."""
    if said.municipality not in _branches(turn.board.desks[user].user):
        raise NotNow("no_branch", "この自治体の職員として登録されていません。")
    known = {place.id for place in turn.content.town(said.municipality).municipality.sites if place.staff}
    await store.set_bells(turn.tx, user, said.municipality, known & set(said.sites))
    turn.snapshots_for.add(user)


async def bells(turn: Turn, user: User) -> tuple[BellPlace, ...]:
    """Every site whose staff this user may be, with those for which her page listens."""
    on = await store.bells_of(turn.tx, user.id)
    towns = [turn.content.towns[id].municipality for id in _branches(user) if id in turn.content.towns]
    return tuple(
        BellPlace(
            municipality=town.id, municipality_name=town.name, site=place.id, site_name=place.name,
            on=(town.id, place.id) in on,
        )
        for town in towns for place in town.sites if place.staff
    )  # fmt: skip


async def rings(turn: Turn, listened: Iterable[BellPlace]) -> tuple[StaffCall, ...]:
    """What a branch page shows."""
    on = {(place.municipality, place.site) for place in listened if place.on}
    return tuple([await shown(turn, one) for one in await store.of_sites(turn.tx, on)])


async def beside(turn: Turn, record: CallRecord | None) -> tuple[StaffCall, ...]:
    """The newest ring of the operator's own call."""
    if record is None or not record.connected:
        return ()
    found = await store.newest_of_call(turn.tx, record.id, record.municipality)
    return () if found is None else (await shown(turn, found),)


async def tell_operator(turn: Turn, record: CallRecord) -> None:
    """Who takes a call hears of the ring that the resident has already made."""
    for one in await beside(turn, record):
        assert record.operator is not None
        turn.to_desk_last(record.operator, StaffUpdate(staff=one), record.id)


async def shown(turn: Turn, record: StaffRecord) -> StaffCall:
    """A ring as people read it."""
    town = turn.content.town(record.municipality)
    place = town.site(record.site)
    kiosk = turn.board.kiosks[record.kiosk].kiosk
    names = {one.id: one.name for one in place.terminals}
    who = await people.anyone_with(turn.tx, record.coming) if record.coming else None
    return StaffCall(
        id=record.id, state=record.state, reason=record.reason,
        by_resident=record.rung_by.startswith("kiosk:"),
        municipality=record.municipality, municipality_name=town.municipality.name, site=record.site,
        site_name=place.name, terminal_name=names.get(kiosk.terminal, kiosk.terminal),
        telephone=place.telephone, rung_at=record.rung_at, until=record.until, coming=who.name if who else "",
        listening=record.listening, call=record.call or "",
    )  # fmt: skip


def _branches(user: User) -> list[str]:
    return sorted({one.municipality for one in user.memberships if one.role is Role.BRANCH})


async def _of_branch(turn: Turn, user: str, id: str) -> StaffRecord:
    record = await store.get(turn.tx, id, _branches(turn.board.desks[user].user))
    if record is None:
        raise NotNow("gone", "この呼び出しは見つかりません。")
    return record


async def _pages(turn: Turn, municipality: str, site: str) -> list[str]:
    """Open pages of staff who listen there and still may."""
    found = await store.listeners(turn.tx, municipality, site)
    desks = turn.board.desks
    return [
        user for user in found
        if turn.board.desk_here(user) and municipality in _branches(desks[user].user)
    ]  # fmt: skip


async def _move(turn: Turn, record: StaffRecord, event: rules.Event, by: str) -> None:
    moved = rules.after(record, event, turn.now, patience(turn.settings))
    saved = await store.rows.save(turn.tx, moved)
    await _note(turn, saved, _ACTIONS[saved.state], by)
    await _keep(turn, saved)


_ACTIONS = {
    StaffState.COMING: Action.STAFF_COMING,
    StaffState.UNANSWERED: Action.STAFF_UNANSWERED,
    StaffState.DONE: Action.STAFF_DONE,
    StaffState.WITHDRAWN: Action.STAFF_WITHDRAWN,
}


async def _keep(turn: Turn, record: StaffRecord) -> None:
    """The board knows until when; everybody reads it."""
    turn.staff[record.id] = record
    if record.open:
        turn.after_commit.append(partial(turn.board.staff.__setitem__, record.id, record))
    else:
        turn.after_commit.append(lambda: turn.board.staff.pop(record.id, None))
    await _tell(turn, record)


async def _tell(turn: Turn, record: StaffRecord) -> None:
    said = StaffUpdate(staff=await shown(turn, record))
    for user in await _pages(turn, record.municipality, record.site):
        turn.to_desk(user, said)
    call = turn.board.call_of_kiosk(record.kiosk)
    if call is not None and call.connected and call.operator:
        turn.to_desk(call.operator, said, call.id)
    turn.to_kiosk(record.kiosk, Staff(state=record.state, by_resident=said.staff.by_resident))


async def _note(turn: Turn, record: StaffRecord, action: Action, by: str) -> None:
    entry = Entry(
        at=turn.now, municipality=record.municipality, actor=by, action=action, subject=record.id,
        detail={"kiosk": record.kiosk, "reason": str(record.reason), "listening": record.listening},
    )  # fmt: skip
    await trail.append(turn.tx, entry)
