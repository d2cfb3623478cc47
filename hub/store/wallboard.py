"""What the wallboard asks of a day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, func, select

from hub.core.wallboard import Offered
from hub.store.calls import PRIMARY
from hub.store.database import Tx
from hub.store.tables import call, call_leg


async def offered(tx: Tx, municipalities: Collection[str], since: datetime) -> list[Offered]:
    """Every call that came since then, with its first answer."""
    answers = and_(
        call_leg.c.call == call.c.id, call_leg.c.municipality == call.c.municipality,
        call_leg.c.role == PRIMARY,
    )  # fmt: skip
    result = await tx.execute(
        select(
            call.c.municipality, call.c.queued_at, func.min(call_leg.c.accepted_at).label("answered_at"),
            call.c.ended_at,
        )
        .select_from(call.outerjoin(call_leg, answers))
        .where(call.c.municipality.in_(municipalities), call.c.queued_at >= since)
        .group_by(call.c.id)
        .order_by(call.c.queued_at)
    )  # fmt: skip
    return [Offered(*row) for row in result]
