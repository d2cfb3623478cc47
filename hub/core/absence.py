"""Decides when a side of a call counts as gone.

Absence of a link alone ends nothing: media flow without the hub. The operator is gone only when the desk has
been away for `desk_s`, the kiosk is here and says that no media arrives (or says nothing for as long). The
kiosk is gone when its link has been away for `kiosk_s`. After a start of the hub everybody gets a grace.
Never looks at faces: that a chair is empty is for the operator to judge.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Gone(StrEnum):
    """Who is gone."""

    OPERATOR = "operator"
    KIOSK = "kiosk"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long is waited; all in seconds."""

    desk_s: float
    kiosk_s: float
    start_grace_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """What is known of a call's two links. None for `*_away_since` means: connected."""

    hub_started: datetime
    connected: bool  # the call has an operator who accepted
    desk_away_since: datetime | None
    kiosk_away_since: datetime | None
    kiosk_here_since: datetime | None
    reported_at: datetime | None  # the kiosk's newest media report
    reported_live: bool


def gone(links: Links, patience: Patience, now: datetime) -> Gone | None:
    """The verdict now; asking again later costs nothing."""
    for who, moment in _verdicts(links, patience):
        if now >= moment:
            return who
    return None


def deadline(links: Links, patience: Patience) -> datetime | None:
    """When to ask again if nothing else happens."""
    return min((moment for _, moment in _verdicts(links, patience)), default=None)


def _verdicts(links: Links, patience: Patience) -> list[tuple[Gone, datetime]]:
    grace = links.hub_started + timedelta(seconds=patience.start_grace_s)
    found: list[tuple[Gone, datetime]] = []
    if links.kiosk_away_since is not None:
        # the terminal cannot ring up again before it is heard: no grace shorter than its own patience
        found.append((Gone.KIOSK, max(grace, links.kiosk_away_since + timedelta(seconds=patience.kiosk_s))))
    elif links.connected and links.desk_away_since is not None:
        desk = timedelta(seconds=patience.desk_s)
        silent = _silent_since(links, desk)
        if silent is not None:
            found.append((Gone.OPERATOR, max(grace, links.desk_away_since + desk, silent)))
    return found


def _silent_since(links: Links, patience: timedelta) -> datetime | None:
    """From when on the kiosk counts as without media."""
    heard = links.reported_at or links.kiosk_here_since or links.hub_started
    if links.reported_at is not None and not links.reported_live:
        return links.reported_at
    return heard + patience


def vanishes(hub_started: datetime, away_since: datetime | None, patience: Patience) -> datetime | None:
    """When a desk that is away no longer counts as reloading; None while it is here."""
    if away_since is None:
        return None
    grace = hub_started + timedelta(seconds=patience.start_grace_s)
    return max(grace, away_since + timedelta(seconds=patience.desk_s))
