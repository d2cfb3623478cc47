"""Says which days are national holidays of Japan, substitute holidays and days between two holidays included.

The law is kept by a library (docs/adr); this file only asks it, a year at a time, and never decides what is
closed on such a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache


def name(day: date) -> str:
    """What the day is called in Japanese; empty when it is no national holiday."""
    return _of_year(day.year).get(day, "")


@lru_cache(maxsize=64)
def _of_year(year: int) -> Mapping[date, str]:
    from holidays.countries.japan import (
        Japan,  # 0.2 s for all countries: a command that needs none is quicker
    )

    return dict(Japan(years=year, language="ja"))
