"""Several hubs on one database: who is running, who is linked where, and texts that pass between them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.dialect import not_logged
from hub.store.types import Json, Utc

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.create_table(
        "node",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("turns", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_node")),
    )
    op.create_table(
        "endpoint",
        sa.Column("topic", sa.String(length=80), nullable=False),
        sa.Column("node", sa.String(length=16), nullable=True),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("here_since", Utc(), nullable=True),
        sa.Column("away_since", Utc(), nullable=True),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.PrimaryKeyConstraint("topic", name=op.f("pk_endpoint")),
    )
    op.create_index(op.f("ix_endpoint_node"), "endpoint", ["node"], unique=False)
    op.create_index(op.f("ix_endpoint_changed"), "endpoint", ["changed"], unique=False)
    op.create_table(
        "relay",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relay")),
    )
    not_logged(op.get_bind(), "relay")
