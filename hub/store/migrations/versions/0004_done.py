"""Words that have had their effect, with what they were answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Json, Utc

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.create_table(
        "done",
        sa.Column("sender", sa.String(length=80), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("answers", Json(), nullable=False),
        sa.PrimaryKeyConstraint("sender", "id", name=op.f("pk_done")),
    )
    op.create_index(op.f("ix_done_at"), "done", ["at"], unique=False)
