"""Decides what becomes of a promise to call a resident back.

A promise holds what is needed to keep it (telephone, name, when, why) only until it is kept, dropped or too
old to be worth anything; then those words are gone and only what became of it remains. Never telephones,
never knows who is on duty.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from hub.core.call import NotNow
from protocol.values import CallbackOutcome

EXPIRED = "expired"
"""The outcome of a promise that nobody kept in time; no specialist can say it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRecord:
    """One promise. The four texts are empty once it is settled. `version` counts its writes."""

    id: str
    municipality: str
    call: str  # in which it was given
    department: str  # whose specialists keep it
    telephone: str
    name: str
    wanted: str  # when it suits the resident, in her words
    reason: str
    created_at: datetime
    created_by: str
    tries: int = 0  # nobody answered so often
    settled_at: datetime | None = None
    settled_by: str | None = None
    outcome: str = ""  # of CallbackOutcome or EXPIRED, once it is settled
    version: int = 1


def after(record: CallbackRecord, outcome: CallbackOutcome, user: str, now: datetime) -> CallbackRecord:
    """The promise after a specialist's word. NotNow('gone') when it is settled already."""
    if record.settled_at is not None:
        raise NotNow("gone", "この折り返しは、もう済んでいます。")
    if outcome is CallbackOutcome.UNREACHED:
        return replace(record, tries=record.tries + 1)
    return _settled(record, str(outcome), user, now)


def expired(record: CallbackRecord, now: datetime) -> CallbackRecord:
    """An open promise whose time is over: nobody settled it."""
    return _settled(record, EXPIRED, None, now)


def _settled(record: CallbackRecord, outcome: str, user: str | None, now: datetime) -> CallbackRecord:
    return replace(
        record, telephone="", name="", wanted="", reason="", settled_at=now, settled_by=user, outcome=outcome
    )
