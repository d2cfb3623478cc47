"""Roles per municipality: a membership says what somebody is there; the one role of a user goes.

Whoever was admin took calls as well and keeps both roles.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("role", sa.String(length=16), nullable=False, server_default="operator"))
        batch.add_column(sa.Column("department", sa.String(length=64), nullable=True))
        batch.drop_constraint("pk_membership", type_="primary")
        batch.create_primary_key("pk_membership", ["user", "municipality", "role"])
    op.execute(
        'INSERT INTO membership ("user", municipality, role) SELECT m."user", m.municipality, \'admin\' '
        'FROM membership m JOIN "user" u ON u.id = m."user" WHERE u.role = \'admin\''
    )
    with op.batch_alter_table("membership") as batch:
        batch.alter_column("role", server_default=None)
    op.drop_column("user", "role")  # outside a batch: a table that others refer to is not made anew
