"""Guests of calls: family members and interpreters who join by a code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Utc

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.create_table(
        "guest",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("municipality", sa.String(length=64), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("code_digest", sa.String(length=64), nullable=False),
        sa.Column("invited_by", sa.String(length=64), nullable=False),
        sa.Column("invited_at", Utc(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("secret_digest", sa.String(length=64), nullable=False),
        sa.Column("node", sa.String(length=16), nullable=True),
        sa.Column("admitted_by", sa.String(length=64), nullable=True),
        sa.Column("admitted_at", Utc(), nullable=True),
        sa.Column("muted", sa.Boolean(), nullable=False),
        sa.Column("sees", sa.Boolean(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["municipality"], ["municipality.id"], name=op.f("fk_guest_municipality")),
        sa.ForeignKeyConstraint(["call"], ["call.id"], name=op.f("fk_guest_call")),
        sa.ForeignKeyConstraint(["invited_by"], ["user.id"], name=op.f("fk_guest_invited_by")),
        sa.ForeignKeyConstraint(["admitted_by"], ["user.id"], name=op.f("fk_guest_admitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guest")),
    )
    op.create_index(
        "one_open_guest_per_code", "guest", ["code_digest"], unique=True, sqlite_where=_OPEN,
        postgresql_where=_OPEN,
    )  # fmt: skip
    op.create_index(op.f("ix_guest_call"), "guest", ["call"])
    op.create_index(op.f("ix_guest_code_digest"), "guest", ["code_digest"])
    op.create_index(op.f("ix_guest_secret_digest"), "guest", ["secret_digest"])
