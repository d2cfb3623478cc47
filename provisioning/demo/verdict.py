"""What a scripted run must show, held against its report. Pure, so that a test can falsify each line."""

from __future__ import annotations

from typing import Any

FRAMES = 50
HEARD, NOT_HEARD = 0.5, 0.2


def shortfalls(report: dict[str, Any]) -> list[str]:
    """What is missing or too small, a line each; empty when everything was shown."""
    found: list[str] = []
    for path in (
        "touch_to_ring_ms", "accept_to_picture_ms.desk", "accept_to_picture_ms.kiosk", "page_shown.page",
    ):  # fmt: skip
        if _at(report, path) in (None, ""):
            found.append(f"{path} is missing")
    for path in ("desk.face_frames", "desk.document_frames", "kiosk.remote_frames"):
        frames = _at(report, path) or 0
        if frames < FRAMES:
            found.append(f"{path}: {frames} different rising counters, {FRAMES} wanted")
    for path in ("desk_heard_kiosk", "kiosk_heard_desk"):
        found += _sound(report, path)
    if _at(report, "ended.state") != "ended":
        found.append(f"ended.state: {_at(report, 'ended.state')}, ended wanted")
    wiped = report.get("wiped") or {}
    if wiped.get("left") != 0 or not wiped.get("ui"):
        found.append(f"wiped: something was left on the kiosk: {wiped}")
    for path in ("id_photo", "document_still"):
        digests = _at(report, f"{path}.sha256") or {}
        if not (digests.get("kiosk") and digests.get("hub")) or len(set(digests.values())) != 1:
            found.append(f"{path}: kiosk and hub do not have the same picture")
    return found + [f"second_call.{line}" for line in _second_call(report.get("second_call") or {})]


def _second_call(call: dict[str, Any]) -> list[str]:
    """The same of the call that is consulted on and handed over."""
    found = [] if _at(call, "consulted.reason") else ["consulted.reason is missing"]
    if _at(call, "handed_over.same_call") is not True:
        found.append("handed_over.same_call: not the call that was accepted")
    for path in ("handed_over.specialist_face_frames", "handed_over.kiosk_specialist_frames"):
        frames = _at(call, path) or 0
        if frames < FRAMES:
            found.append(f"{path}: {frames} different rising counters, {FRAMES} wanted")
    if _at(call, "ended.state") != "ended":
        found.append(f"ended.state: {_at(call, 'ended.state')}, ended wanted")
    wiped = call.get("wiped") or {}
    if wiped.get("left") != 0 or not wiped.get("ui"):
        found.append(f"wiped: something was left on the second terminal: {wiped}")
    return found


def _sound(report: dict[str, Any], name: str) -> list[str]:
    muted = name.replace("heard_", "heard_muted_")
    heard = _at(report, f"audio.{name}.correlation") or 0.0
    found = [] if heard >= HEARD else [f"audio.{name}: {heard}, {HEARD} wanted"]
    for control in (f"audio.{name}.other_seed", f"audio.{muted}.correlation"):
        value = _at(report, control)
        if value is None or value >= NOT_HEARD:
            found.append(f"{control}: {value}, below {NOT_HEARD} wanted")
    return found


def _at(report: dict[str, Any], path: str) -> Any:
    value: Any = report
    for key in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value
