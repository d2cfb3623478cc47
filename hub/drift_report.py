"""`python -m hub drift`: what is passed on so often that it could become first-contact, out of wrap-ups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from hub.commands import open_all
from hub.core import drift
from hub.core.content import Content, Town, spoken
from hub.core.drift import Count, Line
from hub.core.opening import JAPAN
from hub.settings import HubSettings
from hub.store import calls

OTHER = "その他の用件"
NOTHING = "後処理まで終わった通話は、まだありません。"


async def report(settings: HubSettings, content: Content, municipality: str, days: int) -> str:
    """The last `days` days of a municipality. LocalError when there is none of that id."""
    town = content.town(municipality)
    now = datetime.now(UTC)
    since = now - timedelta(days=days)
    database = await open_all(settings, content)
    try:
        async with database.read([municipality]) as tx:
            found = await calls.outcomes(tx, municipality, since)
    finally:
        await database.close()
    first, last = (moment.astimezone(JAPAN).date() for moment in (since, now))
    lines = drift.lines(Count(*row) for row in found)
    head = f"{town.municipality.name} 引き継ぎの見直し {first}〜{last}"
    return "\n".join([head, *(_body(town, lines) if lines else [NOTHING])])


def _body(town: Town, lines: list[Line]) -> Iterator[str]:
    for line in lines:
        share = f"{100 * line.completed // line.calls}%"
        yield ""
        yield (
            f"■ {_title(town, line.procedure)} 応対 {line.calls}件、その場で完了 {line.completed}件({share})"
        )
        for reason, count in line.reasons:
            mark = " ← 見直しの候補" if (reason, count) in line.candidates else ""
            yield f"  本庁へ引き継ぎ: {reason or 'わけの記入なし'} {count}件{mark}"
    if any(line.candidates for line in lines):
        yield ""
        yield (
            f"見直しの候補は、同じわけの引き継ぎが{drift.FEWEST}件以上、その手続きの"
            f"{round(100 * drift.SHARE)}%以上のものです。手引きか業務分担表(duties.yaml)を見直すと、"
            "その場で完了できるかもしれません。"
        )


def _title(town: Town, procedure: str) -> str:
    found = town.procedures.get(procedure)
    return spoken(found.title) if found else OTHER
