"""Decides which reasons for being away there are: a closed list, as data. Never knows who is away.

A reason is stored with the presence, so that figures can tell breaks from paperwork. Its minutes are when the
desk reminds; the hub never calls anybody back.
"""

from __future__ import annotations

from collections.abc import Collection

from hub.core.call import NotNow
from protocol.values import AwayReason

DEFAULTS = (
    AwayReason(id="break", name="休憩", minutes=15),
    AwayReason(id="lunch", name="昼休み", minutes=60),
    AwayReason(id="paperwork", name="事務処理"),
    AwayReason(id="training", name="研修"),
    AwayReason(id="meeting", name="打ち合わせ"),
    AwayReason(id="away", name="離席"),
)
"""Where the settings name none."""


def checked(reason: str, known: Collection[AwayReason]) -> str:
    """The reason as it is stored; it may be left out. NotNow('unknown_reason') where the list lacks it."""
    if reason and reason not in {one.id for one in known}:
        raise NotNow("unknown_reason", "この離席の理由はありません。画面を再読み込みしてください。")
    return reason


_OF_THE_HUB = {"ring_timeout": "応答なし", "wrap_up_limit": "後処理の時間切れ", "monitoring": "モニタリング"}
"""Why the hub itself has made somebody away."""


def words(reason: str, known: Collection[AwayReason]) -> str:
    """A stored reason as people read it; empty for none, and for one that the settings no longer name."""
    return next((one.name for one in known if one.id == reason), _OF_THE_HUB.get(reason, ""))
