"""The Merkle tree over the log, and the checkpoints that were signed.

Which question does this change answer? Where the proof is kept that history was not altered.
"""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / revision

OBJECTS = ("tiles", "checkpoints", "seal_keys", "tile_grows", "privileges")


def upgrade() -> None:
    """Forward only: see migrations/README.md."""
    for name in OBJECTS:
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
