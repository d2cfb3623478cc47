"""Second factors: a sealed secret and recovery codes for each user; logins that still want theirs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.store.types import Utc

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    op.create_table(
        "second_factor",
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", Utc(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_second_factor_user")),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_second_factor")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user", sa.String(length=64), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["user.id"], name=op.f("fk_recovery_code_user")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_code")),
    )
    op.create_index(op.f("ix_recovery_code_user"), "recovery_code", ["user"], unique=False)
    op.add_column("login", sa.Column("pending", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("login", sa.Column("proved_at", Utc(), nullable=True))
