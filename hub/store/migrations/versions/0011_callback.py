"""Promises to call residents back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Utc

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.create_table(
        "callback",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("municipality", sa.String(length=64), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("department", sa.String(length=64), nullable=False),
        sa.Column("telephone", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("wanted", sa.String(length=60), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("created_by", sa.String(length=64), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.Column("settled_by", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["municipality"], ["municipality.id"], name=op.f("fk_callback_municipality")),
        sa.ForeignKeyConstraint(["call"], ["call.id"], name=op.f("fk_callback_call")),
        sa.ForeignKeyConstraint(["created_by"], ["user.id"], name=op.f("fk_callback_created_by")),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_callback_settled_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_callback")),
    )
    op.create_index("ix_callback_municipality_settled_at", "callback", ["municipality", "settled_at"])
