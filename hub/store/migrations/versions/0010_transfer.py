"""Transfers to departments, and legs of more than one role."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Json, Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.add_column(
        "call_leg", sa.Column("role", sa.String(length=16), nullable=False, server_default="primary")
    )
    op.drop_index("one_open_leg_per_call", "call_leg")
    op.create_index(
        "one_open_leg_per_call", "call_leg", ["call", "role"], unique=True, sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )  # fmt: skip
    op.create_table(
        "transfer",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("municipality", sa.String(length=64), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("asked_at", Utc(), nullable=False),
        sa.Column("wait_until", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("specialist", sa.String(length=64), nullable=True),
        sa.Column("tried", Json(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False, server_default=""),
        sa.Column("outcome_procedure", sa.String(length=64), nullable=False, server_default=""),
        sa.Column("outcome_reason", sa.String(length=40), nullable=False, server_default=""),
        sa.Column("outcome_note", sa.Text(), nullable=False, server_default=""),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["municipality"], ["municipality.id"], name=op.f("fk_transfer_municipality")),
        sa.ForeignKeyConstraint(["call"], ["call.id"], name=op.f("fk_transfer_call")),
        sa.ForeignKeyConstraint(["origin"], ["user.id"], name=op.f("fk_transfer_origin")),
        sa.ForeignKeyConstraint(["specialist"], ["user.id"], name=op.f("fk_transfer_specialist")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transfer")),
    )
    for name, column in (
        ("one_open_transfer_per_call", "call"), ("one_open_transfer_per_specialist", "specialist"),
    ):  # fmt: skip
        op.create_index(name, "transfer", [column], unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index("ix_transfer_call", "transfer", ["call"])
