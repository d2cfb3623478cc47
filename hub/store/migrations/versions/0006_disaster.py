"""The disaster switch of a municipality."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Utc

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.create_table(
        "disaster",
        sa.Column("municipality", sa.String(length=64), nullable=False),
        sa.Column("page", sa.String(length=64), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.Column("switched_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["municipality"], ["municipality.id"], name=op.f("fk_disaster_municipality")),
        sa.PrimaryKeyConstraint("municipality", name=op.f("pk_disaster")),
    )
