"""No table changes: behind this migration the fences are put up for the first time (hub/store/fences.py).

They follow the tables as they are, so they are put up anew behind every migration, and none can forget them.
"""

from __future__ import annotations

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward only: a fall-back restores the copy made before the update."""
