"""Whom to tell of in the log on the day they turn thirteen.

Which question does this change answer? Who is now old enough to choose alone (docs/adr/0028).
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / revision

OBJECTS = ("minors",)


def upgrade() -> None:
    """Forward only: see migrations/README.md."""
    for name in OBJECTS:
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
