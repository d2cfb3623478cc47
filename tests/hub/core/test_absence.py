"""Who counts as gone, and when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from hub.core.absence import Gone, Links, Patience, deadline, gone

START = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
PATIENCE = Patience(desk_s=20, kiosk_s=60, start_grace_s=30)


def at(seconds: float) -> datetime:
    """Seconds after the hub's start."""
    return START + timedelta(seconds=seconds)


def links(**known: Any) -> Links:
    """A talk with both sides here and media flowing, unless said otherwise."""
    usual: dict[str, Any] = {
        "hub_started": START, "connected": True, "desk_away_since": None, "kiosk_away_since": None,
        "kiosk_here_since": START, "reported_at": at(100), "reported_live": True,
    }  # fmt: skip
    return Links(**(usual | known))


def test_with_both_sides_here_nothing_is_due() -> None:
    """No deadline, no verdict, however long."""
    assert gone(links(), PATIENCE, at(9999)) is None
    assert deadline(links(), PATIENCE) is None


@pytest.mark.parametrize(
    ("known", "due"),
    [
        ({"desk_away_since": at(100), "reported_live": False}, 120),
        ({"desk_away_since": at(100), "reported_at": at(118), "reported_live": False}, 120),
        ({"desk_away_since": at(100), "reported_at": at(150), "reported_live": False}, 150),
        ({"desk_away_since": at(100), "reported_at": at(112)}, 132),
        ({"desk_away_since": at(100), "reported_at": None, "kiosk_here_since": at(95)}, 120),
    ],
    ids=["no media", "no media later", "media lost much later", "kiosk silent", "kiosk never reported"],
)
def test_the_operator_is_gone_only_without_desk_and_without_media(known: dict[str, Any], due: float) -> None:
    """Both must be missing for as long as the patience says."""
    assert gone(links(**known), PATIENCE, at(due - 0.1)) is None
    assert gone(links(**known), PATIENCE, at(due)) is Gone.OPERATOR
    assert deadline(links(**known), PATIENCE) == at(due)


def test_flowing_media_keep_the_operator() -> None:
    """A desk whose link is away for an hour talks on as long as the terminal hears it."""
    for second in range(120, 3600, 60):
        report = links(desk_away_since=at(100), reported_at=at(second - 2))
        assert gone(report, PATIENCE, at(second)) is None


def test_a_terminal_that_is_away_cannot_accuse_the_operator() -> None:
    """Without the terminal's word nobody knows of the media: only the terminal's own patience runs."""
    both = links(desk_away_since=at(100), kiosk_away_since=at(100), reported_live=False)
    assert gone(both, PATIENCE, at(159)) is None
    assert gone(both, PATIENCE, at(160)) is Gone.KIOSK


def test_a_call_that_still_waits_has_no_operator_to_lose() -> None:
    """Before the accept only the terminal can be gone."""
    early = links(connected=False, desk_away_since=at(0), reported_at=None)
    assert gone(early, PATIENCE, at(9999)) is None


def test_after_a_start_of_the_hub_everybody_has_time_to_come_back() -> None:
    """The grace holds for both sides."""
    desk = links(desk_away_since=START, reported_at=START, reported_live=False)
    assert gone(desk, PATIENCE, at(29.9)) is None
    assert gone(desk, PATIENCE, at(30)) is Gone.OPERATOR
    kiosk = links(kiosk_away_since=START)
    assert gone(kiosk, PATIENCE, at(59.9)) is None
    assert gone(kiosk, PATIENCE, at(60)) is Gone.KIOSK
