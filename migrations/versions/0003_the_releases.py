"""The members of releases.

Which question does this change answer? Where it is kept whose data left, so that whoever objected
can be found, whether or not anyone knew then.
"""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / revision

OBJECTS = ("release_members", "privileges")


def upgrade() -> None:
    """Forward only: see migrations/README.md."""
    for name in OBJECTS:
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
