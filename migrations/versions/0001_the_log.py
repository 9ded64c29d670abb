"""The log and its ways in; the guarded tables; the role of the application.

Which question does this change answer? Where everything is kept, and who may do what to it.
"""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SQL = Path(__file__).parents[1] / "sql" / revision

# In the order in which they need each other.
OBJECTS = (
    "ledger_writer",
    "schemas",
    "events",
    "events_readable",
    "idempotency_keys",
    "projection_positions",
    "refuse_change",
    "leaf_hash",
    "lock_log",
    "time_of_append",
    "append_events",
    "append_requests",
    "begin_import",
    "append_staged",
    "position_at",
    "patients",
    "unmatched",
    "source_patients",
    "source_registrations",
    "source_records",
    "source_references",
    "keys",
    "privileges",
)


def upgrade() -> None:
    """Forward only: see migrations/README.md."""
    for name in OBJECTS:
        # Straight to the driver: in SQL text SQLAlchemy would take a colon for a parameter.
        op.get_bind().exec_driver_sql((SQL / f"{name}.sql").read_text().replace("%", "%%"))
