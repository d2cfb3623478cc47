"""Moves a guest of a call: one event, one turn, and whoever it concerns is told: operator, terminal, guest.

`core.guest` decides. What happens to the call by itself (it ends, another operator has it) reaches its guests
at the end of the turn, through `follow`.
"""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

import msgspec

from hub.core import guest as rules
from hub.core import guest_code
from hub.core.audit import Action
from hub.core.call import CallRecord, NotNow
from hub.core.guest import (
    Admitted,
    Allowed,
    Asked,
    Away,
    Back,
    CallOver,
    Event,
    GuestRecord,
    HeldOut,
    Left,
    Patience,
    Removed,
    TimeIsUp,
)
from hub.counter.board import Board
from hub.counter.turn import Turn
from hub.settings import HubSettings
from hub.store import calls, guests
from protocol.desk_link import GuestInvited, InviteGuest
from protocol.guest_link import GuestSnapshot
from protocol.values import CallState, GuestPlace, GuestState, GuestStep

log = logging.getLogger(__name__)


def patience(settings: HubSettings) -> Patience:
    """The settings as the rules want them."""
    said = settings.guests
    return Patience(code=timedelta(minutes=said.code_min), page=timedelta(seconds=said.return_s))


# ---------------------------------------------------------------------- the operator


async def invite(turn: Turn, user: str, record: CallRecord, said: InviteGuest) -> None:
    """A code for one more guest of a call that `user` is connected in. NotNow when there are enough."""
    if len(turn.guests_of(record.id)) >= rules.MOST:
        raise NotNow(
            "too_many_guests",
            f"この通話に招けるのは{rules.MOST}人までです。使わない招待を取り消してから、もう一度押してください。",
        )
    code = guest_code.written(secrets.randbelow(guest_code.SPACE))
    until = turn.now + patience(turn.settings).code
    guest = GuestRecord(
        id=uuid.uuid4().hex, municipality=record.municipality, call=record.id, kind=said.kind,
        name=said.name or "", state=GuestState.INVITED, code_digest=guest_code.digest(code), invited_by=user,
        invited_at=turn.now, until=until,
    )  # fmt: skip
    await guests.rows.insert(turn.tx, guest)
    _keep(turn, guest)
    await _note(turn, record, guest, "GuestInvited", f"user:{user}")
    turn.tell_desks_of[record.id] = user
    address = turn.settings.guests.address
    told = GuestInvited(guest=guest.id, code=code, until=until, address=f"{address}/join" if address else "")
    turn.to_desk_last(user, told, record.id)


_STEPS: dict[GuestStep, Event] = {
    GuestStep.HOLD_OUT: HeldOut(),
    GuestStep.MUTE: Allowed(muted=True),
    GuestStep.UNMUTE: Allowed(muted=False),
    GuestStep.SHOW_FACE: Allowed(sees=True),
    GuestStep.HIDE_FACE: Allowed(sees=False),
    GuestStep.REMOVE: Removed(),
}


async def take_step(turn: Turn, user: str, record: CallRecord, id: str, wanted: GuestStep) -> None:
    """What the operator of the call decides. NotNow when it is no guest of this call, or not now."""
    guest = turn.guest(id)
    if guest is None or guest.call != record.id:
        raise NotNow("gone", "この参加者は、もう退出しています。")
    if wanted is GuestStep.ADMIT and not guest.here:
        raise NotNow("guest_away", "相手の画面がつながっていません。戻ってから、もう一度押してください。")
    event = Admitted(user) if wanted is GuestStep.ADMIT else _STEPS[wanted]
    await move(turn, guest, event, f"user:{user}")


# ---------------------------------------------------------------------- the guest


async def arrived(turn: Turn, id: str, node: str, *, resumed: bool) -> None:
    """The page is linked; whoever has used the code is back. NotNow when the guest is gone by now."""
    guest = await _known(turn, id)
    if guest.state in rules.KNOWN:
        guest = await move(turn, guest, Back(node), f"guest:{id}")
    if not resumed:
        _tell_guest(turn, await turn.call(guest.call), guest, always=True)


async def ask(turn: Turn, id: str, name: str, secret_digest: str, node: str) -> None:
    """The guest asks to be let in. NotNow when somebody else has used the code meanwhile."""
    guest = await _known(turn, id)
    if refusal := guest_code.refusal(guest, turn.now):
        raise refusal
    name = name.strip() or guest.name
    if not name:
        raise NotNow("no_name", "お名前を入れてください。")
    await move(turn, guest, Asked(name, secret_digest, node), f"guest:{id}")


async def leave(turn: Turn, id: str) -> None:
    """The guest goes for good."""
    await move(turn, await _known(turn, id), Left(), f"guest:{id}")


async def page_lost(turn: Turn, id: str, node: str) -> None:
    """The link of the page at this hub is gone; nothing happens when it is at another one by now."""
    guest = turn.guest(id)
    if guest is not None and guest.state in rules.KNOWN and guest.node == node:
        await move(turn, guest, Away(turn.now + patience(turn.settings).page), f"guest:{id}")


async def _known(turn: Turn, id: str) -> GuestRecord:
    guest = turn.guest(id) or await guests.get(turn.tx, id, turn.municipalities)
    if guest is None:
        raise guest_code.UNKNOWN
    return guest


# ---------------------------------------------------------------------- what follows


async def move(turn: Turn, before: GuestRecord, event: Event, actor: str) -> GuestRecord:
    """Let an event happen to a guest: write it, then tell whom it concerns."""
    after = await guests.rows.save(turn.tx, rules.after(before, event, turn.now))
    _keep(turn, after)
    record = await turn.call(after.call)
    kind = type(event).__name__
    if not isinstance(event, Away | Back):
        await _note(turn, record, after, f"Guest{kind}", actor)
    log.info("guest moved", extra={"guest": after.id, "event": kind, "now": after.state})
    if record.connected and record.operator:
        turn.tell_desks_of[record.id] = record.operator
    if GuestState.INSIDE in (before.state, after.state):
        turn.written.setdefault(record.id, record)
        turn.tell_kiosks_of.add(record.id)  # the resident reads who is in the call
    _tell_guest(turn, record, after)
    return after


def _keep(turn: Turn, guest: GuestRecord) -> None:
    turn.visits[guest.id] = guest
    turn.after_commit.append(partial(turn.board.visited, guest))


async def _note(turn: Turn, record: CallRecord, guest: GuestRecord, kind: str, actor: str) -> None:
    """History and audit: which guest, of which kind, where it stands; never the name."""
    detail: dict[str, str | int] = {
        "guest": guest.id, "kind": str(guest.kind), "state": str(guest.state),
        "muted": int(guest.muted), "sees": int(guest.sees),
    }  # fmt: skip
    await calls.add_event(turn.tx, record, kind, turn.now, {"by": actor} | detail)
    await turn.note(Action.CALL_GUEST, record, actor, event=kind, **detail)


async def follow(turn: Turn) -> None:
    """What has happened to calls in this turn happens to their guests."""
    for record in list(turn.written.values()):
        for guest in turn.guests_of(record.id):
            if not record.live:
                await move(turn, guest, CallOver(), "hub")
            elif guest.admitted_by is not None and guest.admitted_by != record.operator:
                await move(turn, guest, HeldOut(), "hub")  # who is here now has not let anybody in
            else:
                _tell_guest(turn, record, guest)


def moments(board: Board) -> Iterator[datetime | None]:
    """When a guest wants to be looked at."""
    for guest in board.guests.values():
        yield guest.until


async def run(turn: Turn) -> None:
    """Do what is due: codes that nobody used, pages that did not come back."""
    for guest in turn.guests():
        if guest.until is not None and turn.now >= guest.until:
            await move(turn, guest, TimeIsUp(), "hub")


async def lost_hub(turn: Turn, node: str | None) -> None:
    """The pages that were linked at a hub which is gone have time to come back; None: at any hub."""
    for guest in turn.guests():
        if guest.node is not None and node in (None, guest.node):
            await move(turn, guest, Away(turn.now + patience(turn.settings).page), "hub")


# ---------------------------------------------------------------------- how it reads


def place(turn: Turn, record: CallRecord, guest: GuestRecord) -> GuestPlace:
    """As the guest's own page is told."""
    inside = guest.state is GuestState.INSIDE
    side = turn.board.desks.get(record.operator or "") if inside else None
    return GuestPlace(
        guest=guest.id, kind=guest.kind, state=guest.state, name=guest.name, until=guest.until,
        municipality_name=turn.content.town(guest.municipality).municipality.name,
        operator_name=side.user.name if side else "", muted=guest.muted, sees=guest.sees,
        paused=inside and record.state is not CallState.TALKING,
    )  # fmt: skip


def _tell_guest(turn: Turn, record: CallRecord, guest: GuestRecord, *, always: bool = False) -> None:
    """When something is new to the page. Relay credentials go along; they are no reason to tell."""
    told = place(turn, record, guest)
    if not always and turn.board.told_guests.get(guest.id) == told:
        return
    if guest.open:
        turn.board.told_guests[guest.id] = told
    servers = turn.ice_servers(record) if guest.state is GuestState.INSIDE else ()
    turn.to_guest(guest.id, GuestSnapshot(place=msgspec.structs.replace(told, ice_servers=servers)))


async def tell_again(turn: Turn) -> None:
    """Words between hubs were lost: every page that is linked here is told where it stands."""
    for id in turn.board.guest_links:
        guest = turn.guest(id)
        if guest is not None:
            _tell_guest(turn, await turn.call(guest.call), guest, always=True)


def renew_relays(turn: Turn, record: CallRecord) -> None:
    """Guests of a long call hear of it again, and so get relay credentials that are still good."""
    for guest in turn.guests_of(record.id):
        if guest.state is GuestState.INSIDE:
            _tell_guest(turn, record, guest, always=True)
