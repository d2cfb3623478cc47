"""Why a resident is on hold."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.add_column("call", sa.Column("held_reason", sa.String(length=80), nullable=False, server_default=""))
