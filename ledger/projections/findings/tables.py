"""What the findings projection keeps: findings, the actions they ask for, and what it needs to know
to judge the next batch without reading everybody's history again.
"""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from ledger.store.carriages import carriage_table
from ledger.store.projection import metadata

findings = Table(
    "findings",
    metadata,
    Column("id", String, primary_key=True),
    Column("rule", String, nullable=False, index=True),
    Column("severity", String, nullable=False),
    Column("scope", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("key", Text, nullable=False),
    Column("practice", String),
    Column("supplier", String),
    Column("patient", Uuid),
    Column("purpose", String),
    Column("state", String, nullable=False),
    Column("since", Date, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("found_position", BigInteger, nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("closed_position", BigInteger),
    # The positions at which it was found, closed and found again, by turns.
    Column("moves", ARRAY(BigInteger), nullable=False),
    # The positions at which it was dismissed and re-opened, by turns.
    Column("turns", ARRAY(BigInteger), nullable=False),
    Column("positions", ARRAY(BigInteger), nullable=False),
    Column("summary", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("upheld_meanwhile", Boolean),
    # The version of the thresholds that judged it last.
    Column("thresholds", String, nullable=False),
    Index("findings_of_subject", "subject", "rule"),
    Index("findings_of_practice", "practice", "state"),
)
actions = Table(
    "actions",
    metadata,
    Column("id", String, primary_key=True),
    Column("finding", String, nullable=False, index=True),
    Column("practice", String, index=True),
    Column("owner", String, nullable=False),
    Column("due", Date),
    Column("rule", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("advice", JSONB, nullable=False),
    Column("position", BigInteger, nullable=False),
)
actions_taken = Table(
    "actions_taken",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("action", String, nullable=False, index=True),
    # None: asked because of a supplier.
    Column("practice", String, index=True),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("taken_by", String, nullable=False),
    Column("note", Text, nullable=False),
)
# Who was judged, and when they have to be judged again: at the end of the delivery under way (`due`);
# on a day to come (`wake_on`); when a collection carries them whose period ended before `settled_from`
# (none: whenever one does); when one of the `unheard` practices that their history names delivers:
# those that never have, and those that should have since a collection (TX07).
patients = Table(
    "finding_patients",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("settled_from", Date),
    Column("due", Boolean, nullable=False),
    Column("wake_on", Date),
    Column("unheard", ARRAY(String), nullable=False),
    Index("finding_patients_due", "patient", postgresql_where=text("due")),
    Index("finding_patients_wake", "wake_on", postgresql_where=text("wake_on is not null")),
    Index(
        "finding_patients_unheard",
        "unheard",
        postgresql_using="gin",
        postgresql_where=text("cardinality(unheard) > 0"),
    ),
)
entries = Table(
    "finding_entries",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("patient", Uuid, nullable=False),
)
dismissals = Table(
    "finding_dismissals",
    metadata,
    Column("entry", BigInteger, primary_key=True),
    Column("rule", String, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
dissents = carriage_table("finding_dissents", metadata)
debuts = Table(
    "finding_debuts",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("supplier", String, nullable=False),
    Column("practice", String, nullable=False),
    Column("first_seen", Date, nullable=False, index=True),
)
collections = Table(
    "finding_collections",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("period_end", Date, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("practices", ARRAY(String), nullable=False),
    # Says the same of the same practices, so that they need not be read again.
    Column("digest", String, nullable=False),
)
# What each collection brought, by supplier, as it was counted last (suppliers.py).
cohorts = Table(
    "finding_cohorts",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("supplier", String, primary_key=True),
    Column("code_system", String, primary_key=True),
    Column("entered", BigInteger, nullable=False),
    Column("transmitted", BigInteger, nullable=False),
    Column("settled", BigInteger, nullable=False),
)
debut_counts = Table(
    "finding_debut_counts",
    metadata,
    Column("collection", Text, primary_key=True),
    Column("supplier", String, primary_key=True),
    Column("appeared", BigInteger, nullable=False),
    Column("overdue", BigInteger, nullable=False),
)
# The practices the ledger hears from; `due` and `wake_on` as of patients.
practices = Table(
    "finding_practices",
    metadata,
    Column("practice", String, primary_key=True),
    Column("delivering", Boolean, nullable=False),
    # The newest day that a delivery of its own bears.
    Column("delivered_on", Date),
    Column("due", Boolean, nullable=False),
    Column("wake_on", Date),
)
systems = Table(
    "finding_systems",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("practice", String, nullable=False, index=True),
    Column("clinical_system", String, nullable=False),
    Column("since", Date),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
)
# The lines of suppliers' code maps that ever disagreed with our table of codes; `position` is that
# of the newest event about each.
code_maps = Table(
    "finding_code_maps",
    metadata,
    Column("feed", String, primary_key=True),
    Column("table", String, primary_key=True),
    Column("row_id", String, primary_key=True),
    Column("supplier", String, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("since", Date, nullable=False),
    Column("state", LargeBinary),
)
thresholds = Table(
    "finding_thresholds",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("state", LargeBinary, nullable=False),
)
unmatched = Table(
    "finding_unmatched",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("practice", String, nullable=False, index=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("state", LargeBinary, nullable=False),
)

TABLES = (
    findings,
    actions,
    actions_taken,
    patients,
    entries,
    dismissals,
    dissents,
    debuts,
    collections,
    cohorts,
    debut_counts,
    practices,
    systems,
    code_maps,
    thresholds,
    unmatched,
)
