"""What the tests of the store begin with."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from hub.core.call import CallRecord
from protocol.values import CallState, Focus, Presentation

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def a_call(id: str = "c1", kiosk: str = "t1", **changes: object) -> CallRecord:
    """A waiting call."""
    record = CallRecord(
        id=id, municipality="minami", site="honcho", kiosk=kiosk, request_id=f"r-{id}", topic="",
        language="ja", simulated=False, state=CallState.WAITING, queued_at=NOW,
        presentation=Presentation(revision=3, focus=Focus.PAPER, caption="はい"),
    )  # fmt: skip
    return replace(record, **changes)  # type: ignore[arg-type]
