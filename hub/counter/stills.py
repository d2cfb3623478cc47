"""Asking for a still, its progress, its bytes: rules from `core.captures`, rows and seal around them."""

from __future__ import annotations

import asyncio
import logging
import secrets
import uuid
from dataclasses import replace
from datetime import timedelta

from hub.core import captures as rules
from hub.core.audit import Action
from hub.core.call import CallRecord, NotNow
from hub.core.captures import CaptureRecord
from hub.counter.desk_words import actor, talking
from hub.counter.turn import Turn
from hub.store import calls, captures
from hub.vault.keys import KeyDirectory
from hub.vault.seal import Sealed, seal, unseal
from hub.vault.shelf import Shelf
from protocol.desk_link import CaptureUpdate
from protocol.kiosk_link import CancelCapture, CaptureProgress, TakeCapture
from protocol.values import CaptureKind, CaptureStage

log = logging.getLogger(__name__)


async def request(turn: Turn, user: str, call: str | None, request_id: str, kind: CaptureKind) -> None:
    """Ask the resident for a still; said again it is still one still."""
    record = await talking(turn, user, call)
    if await captures.of_request(turn.tx, record.id, record.municipality, request_id) is not None:
        return
    stills = await captures.of_call(turn.tx, record.id, record.municipality)
    under_way = sum(one.stage not in rules.FINAL for one in stills)
    rules.may_ask(record, under_way, turn.board.kiosk_here(record.kiosk))
    token = secrets.token_urlsafe(32)
    capture = CaptureRecord(
        id=uuid.uuid4().hex, municipality=record.municipality, call=record.id, kiosk=record.kiosk, kind=kind,
        stage=CaptureStage.REQUESTED, request_id=request_id, token_hash=rules.token_hash(token),
        requested_at=turn.now, requested_by=user,
    )  # fmt: skip
    await captures.rows.insert(turn.tx, capture)
    await calls.add_event(turn.tx, record, "CaptureRequested", turn.now, {"capture": capture.id})
    await turn.note(Action.CAPTURE_REQUESTED, record, actor(user), capture=capture.id, kind=str(kind))
    expires = turn.now + timedelta(seconds=turn.settings.captures.take_s)
    order = TakeCapture(capture=capture.id, kind=kind, upload_token=token)
    turn.to_kiosk(record.kiosk, order, record.id, epoch=record.epoch, expires=expires)
    _tell(turn, capture)


def _tell(turn: Turn, capture: CaptureRecord) -> None:
    """The operator sees where it stands; the board knows until when it may stay silent."""
    turn.to_desk(capture.requested_by, CaptureUpdate(capture=capture.shown()), capture.call)
    if capture.stage in rules.FINAL:
        turn.after_commit.append(lambda: turn.board.capture_due.pop(capture.id, None))
    else:
        due = turn.now + timedelta(seconds=turn.settings.captures.upload_s)
        turn.after_commit.append(lambda: turn.board.capture_due.update({capture.id: due}))


async def progress(turn: Turn, device: str, said: CaptureProgress) -> None:
    """Where the terminal stands with it."""
    kiosk = turn.board.kiosks[device].kiosk
    capture = await captures.get(turn.tx, said.capture, [kiosk.municipality])
    if capture is None or capture.kiosk != device:
        raise NotNow("gone", "この撮影は見つかりません。")
    if said.stage is CaptureStage.STORED and capture.stage is CaptureStage.STORED:
        return
    moved = rules.progress(capture, said.stage, said.code, said.cause, said.checks)
    if moved.stage in rules.FINAL:
        moved = replace(moved, token_hash="")
    _tell(turn, await captures.rows.save(turn.tx, moved))


async def abort(turn: Turn, user: str, call: str | None, id: str) -> None:
    """The operator changed her mind."""
    record = await talking(turn, user, call)
    capture = await captures.get(turn.tx, id, [record.municipality])
    if capture is None or capture.call != record.id:
        raise NotNow("gone", "この撮影は見つかりません。")
    saved = await captures.rows.save(turn.tx, rules.cancel(capture))
    turn.to_kiosk(record.kiosk, CancelCapture(capture=id), record.id)
    _tell(turn, saved)


async def expire(turn: Turn, id: str) -> None:
    """No word of the terminal for too long."""
    capture = await captures.get(turn.tx, id, turn.municipalities)
    if capture is None or capture.stage in rules.FINAL:
        turn.after_commit.append(lambda: turn.board.capture_due.pop(id, None))
        return
    saved = await captures.rows.save(turn.tx, rules.expire(capture))
    turn.to_kiosk(capture.kiosk, CancelCapture(capture=id), capture.call)
    _tell(turn, saved)


class Stills:
    """Bytes in and out: sealed before they touch the disk, opened for one operator only."""

    def __init__(self, keys: KeyDirectory, shelf: Shelf) -> None:
        self._keys = keys
        self._shelf = shelf

    async def put(self, capture: CaptureRecord, plain: bytes) -> bytes:
        """Seal and lay down; gives the wrapped key for the table. OSError when the disk refuses."""
        return await asyncio.to_thread(self._put, capture, plain)

    def _put(self, capture: CaptureRecord, plain: bytes) -> bytes:
        key = self._keys.of(capture.municipality)
        sealed = seal(plain, municipality_key=key, municipality=capture.municipality, capture=capture.id)
        self._shelf.put(capture.municipality, capture.id, sealed.body)
        return sealed.wrapped_key

    async def open(self, capture: CaptureRecord, wrapped: bytes) -> bytes:
        """The plain bytes. FileNotFoundError or UnreadableError when they are gone."""
        return await asyncio.to_thread(self._open, capture, wrapped)

    def _open(self, capture: CaptureRecord, wrapped: bytes) -> bytes:
        body = self._shelf.get(capture.municipality, capture.id)
        key = self._keys.of(capture.municipality)
        return unseal(
            Sealed(body, wrapped), municipality_key=key, municipality=capture.municipality, capture=capture.id
        )

    async def drop(self, capture: CaptureRecord) -> None:
        """Take the sealed bytes away once their key is destroyed."""
        await asyncio.to_thread(self._shelf.drop, capture.municipality, capture.id)


async def keep(turn: Turn, capture: CaptureRecord, stored: CaptureRecord, wrapped: bytes) -> None:
    """The picture lies sealed: write key and capture together, then tell the operator."""
    await captures.add_key(turn.tx, capture, wrapped)
    saved = await captures.rows.save(turn.tx, stored)
    record: CallRecord = await turn.call(capture.call)
    await calls.add_event(turn.tx, record, "CaptureStored", turn.now, {"capture": capture.id})
    await turn.note(
        Action.CAPTURE_STORED, record, f"kiosk:{capture.kiosk}", capture=capture.id, bytes=stored.bytes
    )
    _tell(turn, saved)
