"""When a still may be asked for, how it proceeds, which bytes pass."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.core import captures, jpeg
from hub.core.call import NotNow
from hub.core.captures import CaptureRecord, UploadError
from protocol.values import CallState, CaptureKind, CaptureStage
from tests.hub.core.test_call import record as call_record

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def picture(width: int = 320, height: int = 240) -> bytes:
    """A real JPEG."""
    noise = np.random.default_rng(1).integers(0, 255, (height, width, 3), dtype=np.uint8)
    return cv2.imencode(".jpg", noise)[1].tobytes()


def record(stage: CaptureStage = CaptureStage.REQUESTED) -> CaptureRecord:
    """A still that was asked for with the token 'secret'."""
    return CaptureRecord(
        id="p1", municipality="minami", call="c1", kiosk="t1", kind=CaptureKind.ID_PHOTO, stage=stage,
        request_id="r1", token_hash=captures.token_hash("secret"), requested_at=NOW, requested_by="hana",
    )  # fmt: skip


def test_a_still_needs_a_talk_a_terminal_and_no_other_still() -> None:
    """Each missing thing has a code of its own."""
    talking = call_record(CallState.TALKING)
    captures.may_ask(talking, 0, kiosk_here=True)
    for call, under_way, here, code in (
        (call_record(CallState.RINGING), 0, True, "not_talking"),
        (talking, 0, False, "terminal_away"),
        (talking, 1, True, "capture_open"),
    ):
        with pytest.raises(NotNow) as refused:
            captures.may_ask(call, under_way, here)
        assert refused.value.code == code


@pytest.mark.parametrize("stage", CaptureStage)
@pytest.mark.parametrize("told", CaptureStage)
def test_a_terminal_reports_only_what_can_follow(stage: CaptureStage, told: CaptureStage) -> None:
    """It never says 'stored' or 'cancelled', and nothing follows a final stage."""
    allowed = stage not in captures.FINAL and told not in (
        CaptureStage.REQUESTED, CaptureStage.STORED, CaptureStage.CANCELLED,
    )  # fmt: skip
    if stage is CaptureStage.SENDING and told is CaptureStage.ASKING:
        allowed = False
    if allowed:
        assert captures.progress(record(stage), told, "", "", ()).stage is told
    else:
        with pytest.raises(NotNow):
            captures.progress(record(stage), told, "", "", ())


def test_a_cancelled_still_takes_no_bytes() -> None:
    """Its token is void at once."""
    with pytest.raises(UploadError) as refused:
        captures.check_token(captures.cancel(record()), "secret")
    assert refused.value.status == 401


def test_a_token_works_once() -> None:
    """Wrong token 401, right token passes, after storing 409."""
    assert captures.check_token(record(), "secret") == record()
    for capture, token, status in (
        (None, "secret", 401),
        (record(), "other", 401),
        (record(), "", 401),
        (record(CaptureStage.STORED), "secret", 409),
    ):
        with pytest.raises(UploadError) as refused:
            captures.check_token(capture, token)
        assert refused.value.status == status
    with pytest.raises(UploadError):
        captures.check_token(replace(record(), token_hash=""), "")


def test_a_real_picture_passes_with_its_digest_and_size() -> None:
    """The digest is over the plain bytes."""
    body = picture(640, 480)
    digest = hashlib.sha256(body).hexdigest()
    assert captures.check_body(body, digest.upper()) == (digest, jpeg.Size(640, 480))


def test_what_is_no_picture_is_refused_with_a_status() -> None:
    """415 for other bytes, 413 for too many, 422 for changed ones."""
    body = picture()
    sha = hashlib.sha256(body).hexdigest()
    for bad, claimed, status in (
        (b"", "", 415),
        (b"<svg>", "", 415),
        (body[:-2], sha, 415),
        (picture(80, 80), "", 415),
        (b"\xff" * (captures.BODY_LIMIT + 1), "", 413),
        (body[:1000] + b"\x01" + body[1001:], sha, 422),
        (body, "", 422),
    ):
        with pytest.raises(UploadError) as refused:
            captures.check_body(bad, claimed)
        assert refused.value.status == status, refused.value.message


@given(st.binary(max_size=400), st.integers(0, 400))
def test_no_bytes_make_the_reader_fail_otherwise(noise: bytes, cut: int) -> None:
    """Whatever is sent: a size or JpegError, never another error and never an endless walk."""
    head = picture()[: cut + 20]
    for body in (noise, b"\xff\xd8" + noise + b"\xff\xd9", head + noise + b"\xff\xd9"):
        try:
            size = jpeg.measure(body)
        except jpeg.JpegError:
            continue
        assert size.width >= 0
