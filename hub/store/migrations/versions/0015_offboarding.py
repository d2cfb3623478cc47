"""A municipality may leave: until all of it is gone a row says so, and its history may be taken out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.dialect import append_only_until_leaving
from hub.store.types import Json, Utc

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.create_table(
        "offboarding",
        sa.Column("municipality", sa.String(length=64), nullable=False),
        sa.Column("manifest", sa.String(length=64), nullable=False),
        sa.Column("begun_at", Utc(), nullable=False),
        sa.Column("begun_by", sa.String(length=64), nullable=False),
        sa.Column("counts", Json(), nullable=False),
        sa.Column("leaving", Json(), nullable=False),
        sa.ForeignKeyConstraint(
            ["municipality"], ["municipality.id"], name=op.f("fk_offboarding_municipality")
        ),
        sa.ForeignKeyConstraint(["begun_by"], ["user.id"], name=op.f("fk_offboarding_begun_by")),
        sa.PrimaryKeyConstraint("municipality", name=op.f("pk_offboarding")),
    )
    append_only_until_leaving(op.get_bind(), "call_event")
