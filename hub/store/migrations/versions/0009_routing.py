"""Who can what and sits where; when a call was wholly over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Utc

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.add_column("user", sa.Column("centre", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("call", sa.Column("wrapped_at", Utc(), nullable=True))
    op.create_table(
        "user_skill",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("skill", sa.String(length=64), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_user_skill_user")),
        sa.PrimaryKeyConstraint("user", "skill", name=op.f("pk_user_skill")),
    )
