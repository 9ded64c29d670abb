"""Which tables does the ledger keep itself, rather than make again from the log?

Alembic makes them (`migrations/`) and a test holds the two together. Four schemas:

    log         what was recorded, and who looked: append-only, and nothing in it identifies a patient
    guarded     what identifies patients, or joins what identifies them: erasable
    outbox      what is told to others and how far that has come; nobody can be found in it
    projection  not here: the projector makes those tables, and makes them again
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    false,
    func,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

events = Table(
    "events",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    # Compared byte by byte: names of streams have no language, and this is the quickest.
    Column("stream", Text(collation="C"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("topic", Text(collation="C"), nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("leaf_hash", LargeBinary, nullable=False),
    UniqueConstraint("stream", "version"),
    Index("ix_events_superseded", "stream", postgresql_where=text("topic = 'number-superseded'")),
    Index(
        "ix_events_superseded_by",
        text("""substring(encode(state, 'escape'), '"superseded_by":"([^"]+)"')"""),
        postgresql_where=text("topic = 'number-superseded'"),
    ),
    CheckConstraint("position >= 1", name="position"),
    CheckConstraint("version >= 0", name="version"),
    # The leaf's fields end with a newline each: none may hold one.
    CheckConstraint("stream <> '' AND strpos(stream, chr(10)) = 0", name="stream"),
    CheckConstraint("topic <> '' AND strpos(topic, chr(10)) = 0", name="topic"),
    CheckConstraint("octet_length(leaf_hash) = 32", name="leaf_hash"),
    schema="log",
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text(collation="C"), primary_key=True),
    Column("first_position", BigInteger, nullable=False),
    Column("last_position", BigInteger, nullable=False),
    schema="log",
)

projection_positions = Table(
    "projection_positions",
    metadata,
    Column("name", Text, primary_key=True),
    Column("position", BigInteger, nullable=False),
    # Of the projection's code and tables: another one means it has to be rebuilt.
    Column("fingerprint", Text, nullable=False),
    Column("updated_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    schema="log",
)


def _tree(tiles_name: str, checkpoints_name: str) -> tuple[Table, Table]:
    """Where a Merkle tree is kept, and what was signed over it: of the events, and of the looks."""
    tiles = Table(
        tiles_name,
        metadata,
        Column("level", SmallInteger, primary_key=True, autoincrement=False),
        Column("index", BigInteger, primary_key=True, autoincrement=False),
        # Up to 256 hashes of 32 bytes, one after another.
        Column("hashes", LargeBinary, nullable=False),
        CheckConstraint("level BETWEEN 0 AND 7", name="level"),
        CheckConstraint(
            "octet_length(hashes) BETWEEN 32 AND 8192 AND octet_length(hashes) % 32 = 0",
            name="hashes",
        ),
        schema="log",
    )
    checkpoints = Table(
        checkpoints_name,
        metadata,
        Column("size", BigInteger, primary_key=True, autoincrement=False),
        Column("note", Text, nullable=False),
        Column(
            "sealed_at",
            DateTime(timezone=True),
            nullable=False,
            server_default=func.clock_timestamp(),
        ),
        schema="log",
    )
    return tiles, checkpoints


tiles, checkpoints = _tree("tiles", "checkpoints")

seal_keys = Table(
    "seal_keys",
    metadata,
    Column("key", Text(collation="C"), primary_key=True),
    # The first checkpoint it signed.
    Column("first_size", BigInteger, nullable=False),
    schema="log",
)

# Of a look: whether it is found by each patient, or gone through to see who is in it.
FEW_PATIENTS = "cardinality(patients) BETWEEN 1 AND 100"
NOT_FEW_PATIENTS = "cardinality(patients) NOT BETWEEN 1 AND 100"

looks = Table(
    "looks",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("looked_at", DateTime(timezone=True), nullable=False),
    Column("request", Text(collation="C"), nullable=False),
    Column("way", Text(collation="C"), nullable=False),
    Column("who", Text, nullable=False),
    Column("role", Text(collation="C"), nullable=False),
    Column("acting_for", ARRAY(Text(collation="C")), nullable=False),
    Column("shown", Text(collation="C"), nullable=False),
    Column("spoke_of", BigInteger, nullable=False),
    Column("practices", ARRAY(Text(collation="C")), nullable=False),
    # Random ids; a UUID of version 8 is the keyed hash of a number that nobody had told of. None:
    # all that the practices have; no practice either: everybody.
    Column("patients", ARRAY(Uuid), nullable=False),
    Column("reason", Text, nullable=True),
    Column("leaf_hash", LargeBinary, nullable=False),
    # To index every patient of a long list would take longer than all else that keeps it.
    Index(
        "ix_looks_patients",
        "patients",
        postgresql_using="gin",
        postgresql_where=text(FEW_PATIENTS),
    ),
    Index("ix_looks_practices", "practices", postgresql_using="gin"),
    Index("ix_looks_who", "who", "position"),
    Index("ix_looks_gone_through", "position", postgresql_where=text(NOT_FEW_PATIENTS)),
    CheckConstraint("position >= 1", name="position"),
    CheckConstraint("octet_length(leaf_hash) = 32", name="leaf_hash"),
    schema="log",
)

look_tiles, look_checkpoints = _tree("look_tiles", "look_checkpoints")

patients = Table(
    "patients",
    metadata,
    Column("patient", Uuid, primary_key=True),
    # None once erased: the log keeps its proof and loses its subject.
    Column("nhs_number", Text(collation="C"), nullable=True, unique=True),
    Column("created_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    schema="guarded",
)

unmatched = Table(
    "unmatched",
    metadata,
    Column("practice", Text(collation="C"), primary_key=True),
    Column("clinical_system", Text(collation="C"), primary_key=True),
    Column("entry_id", Text(collation="C"), primary_key=True),
    Column("number_as_sent", Text, nullable=True),
    Column("source_patient", Text(collation="C"), nullable=True),
    Column("stream", Text(collation="C"), nullable=False),
    Column("position", BigInteger, nullable=False),
    # None for as long as it is not known whose entry this is.
    Column("resolved_position", BigInteger, nullable=True),
    schema="guarded",
)

source_patients = Table(
    "source_patients",
    metadata,
    Column("practice", Text(collation="C"), primary_key=True),
    Column("clinical_system", Text(collation="C"), primary_key=True),
    Column("source_patient", Text(collation="C"), primary_key=True),
    Column("nhs_number", Text(collation="C"), nullable=True, index=True),
    Column("number_as_sent", Text, nullable=True),
    # Test and dummy patients, whose entries are nobody's.
    Column("left_out", Boolean, nullable=False, server_default=false()),
    Column("died_on", Date, nullable=True),
    Column("born_on", Date, nullable=True),
    # The usable number that was sent last, where what is sent now is none.
    Column("last_number", Text(collation="C"), nullable=True),
    schema="guarded",
)

minors = Table(
    "minors",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("thirteen_on", Date, nullable=False, index=True),
    schema="guarded",
)

source_registrations = Table(
    "source_registrations",
    metadata,
    Column("practice", Text(collation="C"), primary_key=True),
    Column("clinical_system", Text(collation="C"), primary_key=True),
    Column("registration", Text(collation="C"), primary_key=True),
    Column("source_patient", Text(collation="C"), nullable=False),
    # None where the row tells of no registration any more.
    Column("registered_on", Date, nullable=True),
    Column("deregistered_on", Date, nullable=True),
    Index(
        "ix_source_registrations_source_patient", "practice", "clinical_system", "source_patient"
    ),
    schema="guarded",
)

source_records = Table(
    "source_records",
    metadata,
    Column("practice", Text(collation="C"), primary_key=True),
    Column("clinical_system", Text(collation="C"), primary_key=True),
    Column("entry_id", Text(collation="C"), primary_key=True),
    # Keyed with the ledger's own secret: a plain hash over an NHS number can be searched.
    Column("content_hash", LargeBinary, nullable=False),
    Column("patient", Uuid, nullable=True),
    Column("position", BigInteger, nullable=False),
    Column("removed", Boolean, nullable=False, server_default=false()),
    schema="guarded",
)

# Whose data left with which release; its cohort's digest stands in the log.
release_members = Table(
    "release_members",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("release", Uuid, primary_key=True, index=True),
    schema="guarded",
)

source_references = Table(
    "source_references",
    metadata,
    Column("clinical_system", Text(collation="C"), primary_key=True),
    Column("scope", Text(collation="C"), primary_key=True),
    Column("kind", Text(collation="C"), primary_key=True),
    Column("key", Text(collation="C"), primary_key=True),
    Column("value", Text, nullable=False),
    schema="guarded",
)

keys = Table(
    "keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("secret", LargeBinary, nullable=False),
    schema="guarded",
)

# A breach as it was first seen open (docs/adr/0030).
notices = Table(
    "notices",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("finding", Text(collation="C"), nullable=False),
    # From 1; what closed and came back is another.
    Column("turn", Integer, nullable=False),
    Column("practice", Text(collation="C"), nullable=False),
    Column("rule", Text(collation="C"), nullable=False),
    Column("severity", Text(collation="C"), nullable=False),
    Column("since", Date, nullable=False),
    Column("found_at", DateTime(timezone=True), nullable=False),
    Column("noticed_at", DateTime(timezone=True), nullable=False),
    # None for as long as it is a breach of that practice.
    Column("ended_at", DateTime(timezone=True), nullable=True),
    UniqueConstraint("finding", "turn"),
    Index("ix_notices_standing", "finding", unique=True, postgresql_where=text("ended_at IS NULL")),
    Index("ix_notices_practice", "practice", "number"),
    schema="outbox",
)

# A notice on its way to one webhook.
sendings = Table(
    "sendings",
    metadata,
    Column("notice", BigInteger, ForeignKey(notices.c.number), primary_key=True),
    Column("webhook", Text(collation="C"), primary_key=True),
    Column("state", Text(collation="C"), nullable=False),
    Column("attempts", Integer, nullable=False),
    # When it was first to be sent, or was asked to be sent again.
    Column("began_at", DateTime(timezone=True), nullable=False),
    Column("next_try", DateTime(timezone=True), nullable=False),
    Column("tried_at", DateTime(timezone=True), nullable=True),
    # A word of `ledger/webhooks/client.py`: never what the other side said.
    Column("last_error", Text(collation="C"), nullable=True),
    CheckConstraint("state IN ('waiting', 'delivered', 'dead', 'dropped')", name="state"),
    Index("ix_sendings_waiting", "webhook", "next_try", postgresql_where=text("state = 'waiting'")),
    Index("ix_sendings_dead", "webhook", "notice", postgresql_where=text("state = 'dead'")),
    schema="outbox",
)

noticed_up_to = Table(
    "noticed_up_to",
    metadata,
    Column("only_row", Boolean, primary_key=True, server_default=true()),
    Column("position", BigInteger, nullable=False),
    CheckConstraint("only_row", name="only_row"),
    schema="outbox",
)
