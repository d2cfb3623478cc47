"""Decides when a still may be asked for, how it proceeds, and which bytes pass as one.

Never sees a picture's content: only its frame of bytes (`jpeg`), size and digest. `stored` is said by the hub
alone; from a final stage nothing leads on, so a late word of a terminal changes nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from hub.core import jpeg
from hub.core.call import CallRecord, NotNow
from protocol.errors import PeerError
from protocol.values import CallState, Capture, CaptureKind, CaptureStage

BODY_LIMIT = 12 * 1024 * 1024
"""Bytes of the largest still."""

SIDE = range(160, 12_001)
"""Pixels that a side of a still may have."""

Checks = tuple[tuple[str, str, str], ...]
"""(label, good|caution|bad, word)."""

_S = CaptureStage
FINAL = frozenset({_S.STORED, _S.DECLINED, _S.FAILED, _S.CANCELLED})

KIOSK_MAY: Mapping[CaptureStage, frozenset[CaptureStage]] = {
    _S.REQUESTED: frozenset({_S.ASKING, _S.COUNTING, _S.SENDING, _S.DECLINED, _S.FAILED}),
    _S.ASKING: frozenset({_S.ASKING, _S.COUNTING, _S.SENDING, _S.DECLINED, _S.FAILED}),
    _S.COUNTING: frozenset({_S.ASKING, _S.COUNTING, _S.SENDING, _S.DECLINED, _S.FAILED}),
    _S.SENDING: frozenset({_S.COUNTING, _S.SENDING, _S.DECLINED, _S.FAILED}),
}
"""Stage to the stages that a terminal may report next; a retake leads back to counting."""


class UploadError(PeerError):
    """Bytes that are not taken; `status` is the HTTP answer."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(code, message)
        self.status = status


@dataclass(frozen=True, slots=True, kw_only=True)
class CaptureRecord:
    """A still that was asked for. The token's hash is void once something is stored."""

    id: str
    municipality: str
    call: str
    kiosk: str
    kind: CaptureKind
    stage: CaptureStage
    request_id: str
    token_hash: str
    requested_at: datetime
    requested_by: str
    width: int = 0
    height: int = 0
    bytes: int = 0
    sha256: str = ""
    code: str = ""
    cause: str = ""
    checks: Checks = ()
    stored_at: datetime | None = None
    delete_after: datetime | None = None
    version: int = 1

    def shown(self) -> Capture:
        """The capture as its operator sees it."""
        return Capture(
            id=self.id, kind=self.kind, stage=self.stage, width=self.width, height=self.height,
            bytes=self.bytes, sha256=self.sha256, code=self.code, cause=self.cause, checks=self.checks,
            at=self.stored_at or self.requested_at,
        )  # fmt: skip


def may_ask(call: CallRecord, open_captures: int, kiosk_here: bool) -> None:
    """NotNow unless both talk, the terminal is here and no other still is under way."""
    if not call.connected:
        raise NotNow("not_talking", "応対中ではないため、撮影できません。")
    if call.state is not CallState.TALKING:
        raise NotNow("on_hold", "保留中は撮影できません。保留を解除してから、もう一度押してください。")
    if not kiosk_here:
        raise NotNow("terminal_away", "窓口端末との接続が切れています。戻ってからもう一度お試しください。")
    if open_captures:
        raise NotNow("capture_open", "ほかの撮影が終わっていません。終わるのを待つか、中止してください。")


def progress(
    record: CaptureRecord, stage: CaptureStage, code: str, cause: str, checks: Checks
) -> CaptureRecord:
    """What a terminal reports. NotNow when that stage cannot follow."""
    if stage not in KIOSK_MAY.get(record.stage, frozenset()):
        raise NotNow("capture_over", "この撮影はもう終わっています。")
    return replace(record, stage=stage, code=code, cause=cause, checks=checks or record.checks)


def cancel(record: CaptureRecord) -> CaptureRecord:
    """Stop asking. NotNow when it is already over."""
    if record.stage in FINAL:
        raise NotNow("capture_over", "この撮影はもう終わっています。")
    return replace(record, stage=CaptureStage.CANCELLED, token_hash="")


def expire(record: CaptureRecord) -> CaptureRecord:
    """A terminal that went silent in the middle."""
    cause = "窓口端末から写真が届きませんでした。もう一度お試しください。"
    return replace(record, stage=CaptureStage.FAILED, code="no_upload", cause=cause, token_hash="")


def token_hash(token: str) -> str:
    """What the store keeps of an upload token."""
    return hashlib.sha256(token.encode()).hexdigest()


def check_token(record: CaptureRecord | None, token: str) -> CaptureRecord:
    """The capture that this token may fill. UploadError 401 or 409."""
    if record is None:
        raise UploadError(401, "bad_token", "この撮影の受付はありません。")
    if record.stage is CaptureStage.STORED:
        raise UploadError(409, "already_stored", "この撮影はすでに保存されています。")
    if not record.token_hash or not hmac.compare_digest(record.token_hash, token_hash(token)):
        raise UploadError(401, "bad_token", "この撮影の受付はありません。")
    return record


def check_body(body: bytes, claimed_sha256: str) -> tuple[str, jpeg.Size]:
    """Digest and size of a plausible JPEG. UploadError 413, 415 or 422."""
    if len(body) > BODY_LIMIT:
        raise UploadError(413, "too_large", f"写真が大きすぎます({BODY_LIMIT // 1024 // 1024}MBまで)。")
    try:
        size = jpeg.measure(body)
    except jpeg.JpegError as error:
        raise UploadError(415, "not_jpeg", f"JPEGの写真ではありません({error})。") from None
    if size.width not in SIDE or size.height not in SIDE:
        raise UploadError(415, "bad_size", f"写真の大きさが範囲外です({size.width}x{size.height})。")
    digest = hashlib.sha256(body).hexdigest()
    if not hmac.compare_digest(digest, claimed_sha256.lower()):
        raise UploadError(422, "digest_differs", "写真が途中で壊れました。もう一度送ってください。")
    return digest, size


def store(
    record: CaptureRecord, digest: str, size: jpeg.Size, length: int, now: datetime, delete_after: datetime
) -> CaptureRecord:
    """The capture with its picture; its token is used up."""
    return replace(
        record, stage=CaptureStage.STORED, sha256=digest, width=size.width, height=size.height, bytes=length,
        stored_at=now, delete_after=delete_after, code="", cause="",
    )  # fmt: skip
