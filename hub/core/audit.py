"""Decides what is recorded about who did what, and links each entry to the one before.

Names of actions, ids and figures only: never a name, a caption, a note or a picture. An entry's digest covers
the digest before it, so that a removed or altered entry shows.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

JAPAN = ZoneInfo("Asia/Tokyo")

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
    PASSKEY_ADDED = "passkey_added"
    PASSKEY_REMOVED = "passkey_removed"
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
    CALL_TRANSFER = "call_transfer"
    CALL_GUEST = "call_guest"  # a family member or interpreter is invited, let in, gone
    GUEST_REFUSED = "guest_refused"  # somebody tried a code that is none
    CALLBACK_PROMISED = "callback_promised"
    CALLBACK_SETTLED = "callback_settled"
    CALLBACK_EXPIRED = "callback_expired"  # nobody kept it in time: telephone and name are gone
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
    CONDUCT = "conduct"  # a step against harassment of an operator
    MONITORED = "monitored"  # a step of a supervisor who takes part in a call
    TOWN_EXPORTED = "town_exported"  # everything of a municipality that leaves was written out
    TOWN_CLOSED = "town_closed"  # its terminals and people are out, its records are about to go
    TOWN_DESTROYED = "town_destroyed"  # they are gone; the detail says how many


WORDS = {
    Action.LOGIN: "ログイン",
    Action.LOGIN_REFUSED: "ログインを断った",
    Action.LOGOUT: "ログアウト",
    Action.USER_ADDED: "人を登録",
    Action.USER_DISABLED: "人を利用停止",
    Action.USER_ENABLED: "利用停止を解除",
    Action.PASSWORD_SET: "パスワードを付け直し",
    Action.ROLES_SET: "役割を変更",
    Action.SKILL_SET: "対応分野を変更",
    Action.CENTRE_SET: "所属センターを変更",
    Action.FACTOR_SET: "二段階の確認を設定",
    Action.FACTOR_RESET: "二段階の確認を付け直し",
    Action.FACTOR_REFUSED: "二段階の確認が違った",
    Action.RECOVERY_USED: "予備のコードを使用",
    Action.PASSKEY_ADDED: "パスキーを追加",
    Action.PASSKEY_REMOVED: "パスキーを削除",
    Action.STEPPED_UP: "二段階の確認をし直し",
    Action.KIOSK_ADDED: "端末を登録",
    Action.KIOSK_REVOKED: "端末の登録を取消",
    Action.KIOSK_REFUSED: "端末の接続を断った",
    Action.CALL_REQUESTED: "呼び出し",
    Action.CALL_ACCEPTED: "応対を開始",
    Action.CALL_ENDED: "通話が終了",
    Action.CALL_REQUEUED: "受付待ちに戻した",
    Action.CALL_TRANSFER: "課への相談・転送が進んだ",
    Action.CALL_GUEST: "家族・通訳の参加が進んだ",
    Action.GUEST_REFUSED: "参加コードが違った",
    Action.CALLBACK_PROMISED: "折り返しを約束した",
    Action.CALLBACK_SETTLED: "折り返しを記録した",
    Action.CALLBACK_EXPIRED: "期限を過ぎた折り返しを消した",
    Action.CAPTURE_REQUESTED: "撮影を依頼",
    Action.CAPTURE_STORED: "写真を保存",
    Action.CAPTURE_READ: "写真を閲覧",
    Action.CAPTURE_KEY_DESTROYED: "写真の鍵を破棄",
    Action.DISASTER_ON: "災害時の画面に切替",
    Action.DISASTER_OFF: "災害時の画面を解除",
    Action.DEVICES_CLOSED: "端末の機器がすべて閉じている",
    Action.DEVICES_OPEN: "待機中に端末の機器が開いていた",
    Action.FOREIGN_REFUSED: "ほかの自治体の情報を断った",
    Action.ROLE_REFUSED: "権限がなく断った",
    Action.WRAPPED_UP: "応対結果を保存",
    Action.STAFF_CALLED: "職員を呼び出し",
    Action.STAFF_COMING: "職員が向かう",
    Action.STAFF_UNANSWERED: "職員の応答なし",
    Action.STAFF_DONE: "職員の対応が終了",
    Action.STAFF_WITHDRAWN: "職員の呼び出しを取消",
    Action.CONDUCT: "迷惑行為への対応",
    Action.MONITORED: "管理者が通話をモニタリング",
    Action.TOWN_EXPORTED: "自治体の記録を書き出し",
    Action.TOWN_CLOSED: "自治体の利用を終了",
    Action.TOWN_DESTROYED: "自治体の記録を消去",
}
"""Each action as admins read it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`actor` is 'user:ID', 'kiosk:ID', 'guest:ID', 'hub' or 'command'; `subject` an id.

    `detail` holds words and figures.
    """

    at: datetime
    municipality: str | None
    actor: str
    action: Action
    subject: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)


def day(text: str) -> tuple[datetime, datetime]:
    """First moment of a day in Japan ('2026-11-24') and of the next, UTC. ValueError for anything else."""
    start = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=JAPAN)
    return start.astimezone(UTC), (start + timedelta(days=1)).astimezone(UTC)


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
