"""Rings for a branch's own staff, and who listens for them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Utc

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_WANTED = sa.text("state IN ('calling', 'coming')")


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.create_table(
        "staff_ring",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("municipality", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("kiosk", sa.String(length=64), nullable=False),
        sa.Column("call", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("rung_by", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("rung_at", Utc(), nullable=False),
        sa.Column("listening", sa.Integer(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.Column("coming", sa.String(length=64), nullable=True),
        sa.Column("coming_at", Utc(), nullable=True),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality"], ["municipality.id"], name=op.f("fk_staff_ring_municipality")
        ),
        sa.ForeignKeyConstraint(["kiosk"], ["kiosk.id"], name=op.f("fk_staff_ring_kiosk")),
        sa.ForeignKeyConstraint(["call"], ["call.id"], name=op.f("fk_staff_ring_call")),
        sa.ForeignKeyConstraint(["coming"], ["user.id"], name=op.f("fk_staff_ring_coming")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_ring")),
    )
    op.create_index(
        "one_open_ring_per_kiosk", "staff_ring", ["kiosk"], unique=True, sqlite_where=_WANTED,
        postgresql_where=_WANTED,
    )  # fmt: skip
    op.create_index(
        "ix_staff_ring_municipality_site_state", "staff_ring", ["municipality", "site", "state"], unique=False
    )
    op.create_table(
        "bell",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("municipality", sa.String(length=64), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_bell_user")),
        sa.ForeignKeyConstraint(["municipality"], ["municipality.id"], name=op.f("fk_bell_municipality")),
        sa.PrimaryKeyConstraint("user", "municipality", "site", name=op.f("pk_bell")),
    )
