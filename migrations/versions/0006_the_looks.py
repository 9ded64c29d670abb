"""Who looked at which patient: a log of its own, with a tree of its own.

Which question does this change answer? Who was shown what of a patient (docs/adr/0035)?
"""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / revision

OBJECTS = (
    "looks",
    "look_tiles",
    "look_checkpoints",
    "look_hash",
    "append_looks",
    "privileges",
)


def upgrade() -> None:
    """Forward only: see migrations/README.md."""
    for name in OBJECTS:
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
