"""The one form in which time reaches a machine."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import NamedTuple

TOKYO = timezone(timedelta(hours=9), "Asia/Tokyo")
"""Japan has no summer time; a fixed offset needs no zone files on the terminal."""

WEEKDAYS = "月火水木金土日"


class Now(NamedTuple):
    """`mono` (seconds, never jumps) is for deadlines, `wall` (UTC) is for what people read."""

    mono: float
    wall: datetime


def clock_text(wall: datetime) -> str:
    """'11月23日(月) 午前10:24' in Tokyo."""
    local = wall.astimezone(TOKYO)
    half = "午前" if local.hour < 12 else "午後"
    day = f"{local.month}月{local.day}日({WEEKDAYS[local.weekday()]})"
    return f"{day} {half}{local.hour % 12}:{local.minute:02d}"


def duration_text(seconds: float) -> str:
    """'2分05秒', '40秒'."""
    whole = max(0, int(seconds))
    return f"{whole // 60}分{whole % 60:02d}秒" if whole >= 60 else f"{whole}秒"
