"""Decides what a guest's code looks like, what was meant by a typed one, and which words say no to it.

Twelve digits, because they are read aloud over the telephone and typed by whoever happens to be family: in
four-digit groups they survive both. They are good for minutes and for one use, each address has few tries,
and behind them is a lobby with a person at its door; so 40 bits are enough. Never draws a random number.
"""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime

from hub.core.call import NotNow
from hub.core.guest import GuestRecord
from protocol.values import GuestState

DIGITS = 12
SPACE = 10**DIGITS
"""How many codes there are: draw a number below it."""


def written(number: int) -> str:
    """The code of a number below SPACE."""
    return f"{number:0{DIGITS}}"


def meant(typed: str) -> str:
    """The code in what somebody typed or a link brought: full-width digits, spaces and hyphens are all right.

    Empty when it is none.
    """
    digits = "".join(one for one in unicodedata.normalize("NFKC", typed) if one.isdigit())
    return digits if len(digits) == DIGITS and digits.isascii() else ""


def digest(secret: str) -> str:
    """What is stored of a code or of a page's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


UNKNOWN = NotNow("unknown_code", "この参加コードは使えません。もう一度、数字を確かめてください。")
SLOW_DOWN = NotNow("slow_down", "続けて違うコードが入りました。1分ほど待ってから、もう一度お試しください。")

_REFUSALS = {
    GuestState.LOBBY: ("used_code", "この参加コードは、もう使われています。新しいコードを頼んでください。"),
    GuestState.INSIDE: ("used_code", "この参加コードは、もう使われています。新しいコードを頼んでください。"),
    GuestState.EXPIRED: ("expired_code", "この参加コードは期限が切れました。新しいコードを頼んでください。"),
    GuestState.REMOVED: ("withdrawn_code", "この参加コードは取り消されました。"),
    GuestState.LEFT: ("used_code", "この参加コードは、もう使われています。新しいコードを頼んでください。"),
    GuestState.OVER: ("call_over", "この通話は終わりました。"),
}


def refusal(record: GuestRecord, now: datetime) -> NotNow | None:
    """Why the invitation of a code cannot be used; None when it can."""
    if record.state is GuestState.INVITED:
        late = record.until is not None and now >= record.until
        return NotNow(*_REFUSALS[GuestState.EXPIRED]) if late else None
    return NotNow(*_REFUSALS[record.state])


def goodbye(record: GuestRecord) -> NotNow | None:
    """Why a page that has used its code may not come back; None when it may."""
    return None if record.open else NotNow(*_GOODBYES[record.state])


_GOODBYES = {
    GuestState.LEFT: ("left", "通話から退出しました。"),
    GuestState.REMOVED: ("removed", "オペレーターが参加を終了しました。"),
    GuestState.OVER: ("call_over", "この通話は終わりました。"),
    GuestState.EXPIRED: ("expired_code", "この参加コードは期限が切れました。新しいコードを頼んでください。"),
}
