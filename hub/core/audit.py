"""Decides what is recorded about who did what, and links each entry to the one before.

Names of actions, ids and figures only: never a name, a caption, a note or a picture. An entry's digest covers
the digest before it, so that a removed or altered entry shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

GENESIS = "0" * 64
"""Digest before the first entry."""


class Action(StrEnum):
    """Everything that leaves an entry."""

    LOGIN = "login"
    LOGIN_REFUSED = "login_refused"
    LOGOUT = "logout"
    USER_ADDED = "user_added"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    PASSWORD_SET = "password_set"  # noqa: S105 - the name of a deed
    ROLES_SET = "roles_set"
    FACTOR_SET = "factor_set"
    FACTOR_RESET = "factor_reset"
    FACTOR_REFUSED = "factor_refused"
    RECOVERY_USED = "recovery_used"
    STEPPED_UP = "stepped_up"
    SKILL_SET = "skill_set"
    CENTRE_SET = "centre_set"
    KIOSK_ADDED = "kiosk_added"
    KIOSK_REVOKED = "kiosk_revoked"
    KIOSK_REFUSED = "kiosk_refused"
    CALL_REQUESTED = "call_requested"
    CALL_ACCEPTED = "call_accepted"
    CALL_ENDED = "call_ended"
    CALL_REQUEUED = "call_requeued"
    CAPTURE_REQUESTED = "capture_requested"
    CAPTURE_STORED = "capture_stored"
    CAPTURE_READ = "capture_read"
    CAPTURE_KEY_DESTROYED = "capture_key_destroyed"
    DISASTER_ON = "disaster_on"  # all terminals of a municipality show one page
    DISASTER_OFF = "disaster_off"
    DEVICES_CLOSED = "devices_closed"  # a terminal looked: no camera, no sound is open
    DEVICES_OPEN = "devices_open"  # it looked while idle, and something was
    FOREIGN_REFUSED = "foreign_refused"  # something of a municipality that is not the login's
    ROLE_REFUSED = "role_refused"  # of an own municipality, but not for this role
    WRAPPED_UP = "wrapped_up"
    STAFF_CALLED = "staff_called"  # somebody of the branch is wanted beside a terminal
    STAFF_COMING = "staff_coming"
    STAFF_UNANSWERED = "staff_unanswered"
    STAFF_DONE = "staff_done"
    STAFF_WITHDRAWN = "staff_withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`actor` is 'user:ID', 'kiosk:ID', 'hub' or 'command'; `subject` an id; `detail` words and figures."""

    at: datetime
    municipality: str | None
    actor: str
    action: Action
    subject: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)


def digest(before: str, entry: Entry) -> str:
    """Hex digest of an entry that follows the one with digest `before`."""
    text = json.dumps(
        [
            before, entry.at.astimezone(UTC).isoformat(timespec="microseconds"), entry.municipality,
            entry.actor, entry.action, entry.subject, dict(sorted(entry.detail.items())),
        ],
        ensure_ascii=False, separators=(",", ":"),
    )  # fmt: skip
    return hashlib.sha256(text.encode()).hexdigest()


def first_break(entries: Iterable[tuple[Entry, str]]) -> int | None:
    """Index of the first entry whose digest does not follow, None when the chain holds."""
    before = GENESIS
    for index, (entry, stated) in enumerate(entries):
        if digest(before, entry) != stated:
            return index
        before = stated
    return None
