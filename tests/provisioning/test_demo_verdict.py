"""The demonstration may only say 'shown' when everything was shown: each line of its verdict can fail."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from provisioning.demo.verdict import FRAMES, HEARD, NOT_HEARD, shortfalls

DIGESTS = {"kiosk": "a" * 64, "hub": "a" * 64, "downloaded": "a" * 64}
HEARD_ROW = {"correlation": 0.9, "lag_ms": 120, "other_seed": 0.05, "level": 0.1}
MUTED_ROW = {"correlation": 0.01, "lag_ms": 0, "other_seed": 0.02, "level": 0.0}
WHOLE: dict[str, Any] = {
    "touch_to_ring_ms": 90,
    "accept_to_picture_ms": {"desk": 700, "kiosk": 800},
    "desk": {"face_frames": FRAMES, "document_frames": FRAMES},
    "kiosk": {"remote_frames": FRAMES},
    "audio": {
        "desk_heard_kiosk": dict(HEARD_ROW),
        "desk_heard_muted_kiosk": dict(MUTED_ROW),
        "kiosk_heard_desk": dict(HEARD_ROW),
        "kiosk_heard_muted_desk": dict(MUTED_ROW),
    },
    "page_shown": {"page": "card-flow", "confirmed_ms": 100, "display_changed": 0.3},
    "document_still": {"path": "document_still.jpg", "pixels": [1920, 1080], "sha256": dict(DIGESTS)},
    "id_photo": {"path": "id_photo.jpg", "pixels": [827, 1063], "sha256": dict(DIGESTS)},
    "ended": {"call": "c", "state": "ended", "by": "operator"},
    "wiped": {"left": 0, "ui": True, "buffers": 3, "files": 0},
    "second_call": {
        "consulted": {"reason": "工事の順番"},
        "handed_over": {
            "same_call": True, "specialist_face_frames": FRAMES, "kiosk_specialist_frames": FRAMES,
        },
        "ended": {"state": "ended", "by": "operator"},
        "wiped": {"left": 0, "ui": True, "buffers": 3, "files": 0},
    },
}  # fmt: skip


def without(path: str) -> dict[str, Any]:
    """The whole report but for one value."""
    report = copy.deepcopy(WHOLE)
    *groups, last = path.split(".")
    place = report
    for key in groups:
        place = place[key]
    del place[last]
    return report


def with_value(path: str, value: object) -> dict[str, Any]:
    """The whole report with one value of another kind."""
    report = copy.deepcopy(WHOLE)
    *groups, last = path.split(".")
    place = report
    for key in groups:
        place = place[key]
    place[last] = value
    return report


def test_a_whole_report_falls_short_of_nothing() -> None:
    """What just suffices is enough."""
    assert shortfalls(WHOLE) == []


REQUIRED = [
    "touch_to_ring_ms",
    "accept_to_picture_ms.desk",
    "accept_to_picture_ms.kiosk",
    "desk.face_frames",
    "desk.document_frames",
    "kiosk.remote_frames",
    "audio.desk_heard_kiosk.correlation",
    "audio.desk_heard_kiosk.other_seed",
    "audio.desk_heard_muted_kiosk.correlation",
    "audio.kiosk_heard_desk.correlation",
    "audio.kiosk_heard_desk.other_seed",
    "audio.kiosk_heard_muted_desk.correlation",
    "page_shown.page",
    "document_still.sha256",
    "id_photo.sha256",
    "ended.state",
    "wiped",
    "second_call.consulted.reason",
    "second_call.handed_over.same_call",
    "second_call.handed_over.specialist_face_frames",
    "second_call.handed_over.kiosk_specialist_frames",
    "second_call.ended.state",
    "second_call.wiped",
]


@pytest.mark.parametrize("path", REQUIRED)
def test_what_is_missing_is_named(path: str) -> None:
    """Nothing that was never measured passes, and the line says what it was."""
    (line,) = shortfalls(without(path))
    assert line.startswith(path.removesuffix(".sha256").removesuffix(".correlation"))


def test_an_empty_report_falls_short_of_everything() -> None:
    """A run that ended early is never taken for a shown one."""
    assert len(shortfalls({})) == len(REQUIRED)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("desk.face_frames", FRAMES - 1),
        ("desk.document_frames", FRAMES - 1),
        ("kiosk.remote_frames", 0),
        ("audio.desk_heard_kiosk.correlation", HEARD - 0.01),
        ("audio.kiosk_heard_desk.correlation", HEARD - 0.01),
        ("audio.desk_heard_kiosk.other_seed", NOT_HEARD),
        ("audio.kiosk_heard_desk.other_seed", NOT_HEARD),
        ("audio.desk_heard_muted_kiosk.correlation", NOT_HEARD),
        ("audio.kiosk_heard_muted_desk.correlation", NOT_HEARD),
        ("document_still.sha256.hub", "b" * 64),
        ("id_photo.sha256.kiosk", "b" * 64),
        ("id_photo.sha256.downloaded", "b" * 64),
        ("page_shown.page", ""),
        ("ended.state", None),
        ("wiped", {}),
        ("second_call.handed_over.same_call", False),
        ("second_call.handed_over.specialist_face_frames", FRAMES - 1),
        ("second_call.handed_over.kiosk_specialist_frames", FRAMES - 1),
        ("second_call.ended.state", "abandoned"),
        ("second_call.wiped", {"left": 1, "ui": True}),
    ],
)
def test_what_is_too_little_or_too_much_is_named(path: str, value: object) -> None:
    """One figure beyond its bound is one line."""
    (line,) = shortfalls(with_value(path, value))
    assert line.startswith(path.split(".")[0])


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("wiped", {"left": 1, "ui": True, "buffers": 3, "files": 0}),
        ("wiped", {"left": 0, "ui": False, "buffers": 3, "files": 0}),
        ("ended.state", "abandoned"),
        ("document_still.sha256", {"kiosk": "", "hub": ""}),
        ("id_photo.sha256", {"kiosk": "a" * 64}),
    ],
)
def test_a_proof_that_proves_nothing_is_none(path: str, value: object) -> None:
    """Something left, a screen nobody saw clean, a call that ended otherwise, a digest without the other."""
    (line,) = shortfalls(with_value(path, value))
    assert line.startswith(path.split(".")[0])
