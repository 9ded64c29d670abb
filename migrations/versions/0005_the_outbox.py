"""What is to be told to others, and how far that has come.

Which question does this change answer? Whom have we told of which breach (docs/adr/0030)?
"""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / revision

OBJECTS = ("outbox", "notices", "sendings", "noticed_up_to", "privileges")


def upgrade() -> None:
    """Forward only: see migrations/README.md."""
    for name in OBJECTS:
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
