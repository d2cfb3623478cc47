"""Supervisors who take part in calls, and the limit of a wrap-up."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.add_column("presence", sa.Column("until", Utc(), nullable=True))
    op.create_table(
        "monitor",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("municipality", sa.String(length=64), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("supervisor", sa.String(length=64), nullable=False),
        sa.Column("operator", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("began_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("ended_why", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["municipality"], ["municipality.id"], name=op.f("fk_monitor_municipality")),
        sa.ForeignKeyConstraint(["call"], ["call.id"], name=op.f("fk_monitor_call")),
        sa.ForeignKeyConstraint(["supervisor"], ["user.id"], name=op.f("fk_monitor_supervisor")),
        sa.ForeignKeyConstraint(["operator"], ["user.id"], name=op.f("fk_monitor_operator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitor")),
    )
    op.create_index(op.f("ix_monitor_call"), "monitor", ["call"])
    for name, column in (
        ("one_open_monitor_per_call", "call"), ("one_open_monitor_per_supervisor", "supervisor"),
    ):  # fmt: skip
        op.create_index(name, "monitor", [column], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
