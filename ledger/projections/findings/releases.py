"""What the rules about releases need to know: which release held whose data, who of them may have
objected, and how new the evidence was that it relied on.

Only who ever dissented to the purpose can have been released while objecting, so of a release of
millions no more than those are judged. A release ends its batch (`cutting.py`), so what is asked
here is known as of its moment.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Select,
    String,
    Table,
    Uuid,
    bindparam,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert

from ledger.domain.events import (
    EntryRecorded,
    ExtractReleased,
    FindingReopened,
    Kept,
    NumberSuperseded,
)
from ledger.domain.practice_facts import heard_by
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.recording_errors import RELEASE_RULES
from ledger.domain.releases import Release, evolve
from ledger.domain.rule import ReleaseHistory, Reliance
from ledger.domain.streams import patient_of, release_of, release_stream
from ledger.projections.findings import tables
from ledger.projections.findings.book import Book, Moment, Subject
from ledger.projections.findings.thresholds import in_force
from ledger.store.bulk import among
from ledger.store.cohorts import members_among, releases_of
from ledger.store.log import read_streams
from ledger.store.projection import Batch, Write, decoded, metadata
from ledger.store.tables import release_members

# Who ever dissented to a purpose; and, because another's dissents may be theirs, whoever's NHS
# number became another's, and that other.
dissenters = Table(
    "finding_dissenters",
    metadata,
    Column("patient", Uuid, primary_key=True),
    Column("purpose", String, primary_key=True),
)
# When each practice was heard from, by which clinical system: what a release could rely on, and what
# was still told before a move to another.
heard = Table(
    "finding_heard",
    metadata,
    Column("practice", String, primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("dated", DateTime(timezone=True), nullable=False),
    Column("clinical_system", String, nullable=False),
)
TABLES = (dissenters, heard)


def noted(batch: Batch) -> list[Write]:
    """Keep what this batch tells, and mark the members of its releases who may have objected."""
    kept_heard = [
        {"position": kept.position, "recorded_at": kept.recorded_at, **told._asdict()}
        for kept in batch.events
        for told in heard_by(kept)
    ]
    kept_dissenters = [
        {"patient": patient, "purpose": purpose.value}
        for patient, purpose in dict.fromkeys(_dissenting(batch))
    ]
    told = [
        Write(insert(table).on_conflict_do_nothing(), rows)
        for table, rows in ((heard, kept_heard), (dissenters, kept_dissenters))
        if rows
    ]
    # Once those who dissent in this very batch are known to.
    due = [
        _members_due(release_of(kept.stream), kept.event.purpose)
        for kept in batch.events
        if isinstance(kept.event, ExtractReleased)
    ]
    return [*told, *due]


def load(
    connection: Connection, patients: Collection[UUID], *, upto: int
) -> dict[UUID, list[Release]]:
    """The releases, known up to a position, that each of these patients is in."""
    of = releases_of(connection, patients)
    known = _known(connection, {id_ for ids in of.values() for id_ in ids}, upto=upto)
    return {
        # A release that is still to be told of has its members already.
        patient: [known[id_] for id_ in ids if id_ in known]
        for patient, ids in of.items()
    }


def holding(
    releases: Mapping[UUID, Iterable[Release]], patients: Collection[UUID]
) -> tuple[Release, ...]:
    """The releases that any of these patients is in, in the order of the log."""
    held = {release for patient in patients for release in releases.get(patient, ())}
    return tuple(sorted(held, key=lambda release: release.position))


def settle(connection: Connection, batch: Batch) -> Iterator[Write]:
    """Ask the rules about releases, if the batch ended with one or with a word about one's finding."""
    last = batch.events[-1] if batch.events else None
    if last is None:
        return
    match last.event:
        case ExtractReleased():
            told = {release_of(last.stream)}
        case FindingReopened(finding=finding):
            told = _about(connection, finding)
        case _:
            return
    moment = Moment(last.position, last.recorded_at)
    for release in _known(connection, told, upto=last.position).values():
        yield from _judge(connection, release, moment)


def _judge(connection: Connection, release: Release, moment: Moment) -> Iterator[Write]:
    subject = Subject(release_stream(release.id))
    f = tables.findings
    known = connection.execute(select(f).where(f.c.subject == subject.name)).mappings()
    # No rule about releases compares with a threshold; its findings say which stood then.
    book = Book(known.all(), in_force(connection).version)
    history = ReleaseHistory(release, _relied_on(connection, release))
    seen = [(rule, sighting) for rule in RELEASE_RULES for sighting in rule.find(history)]
    book.judge(subject, seen, moment)
    yield from book.writes()


def dissenters_in(connection: Connection, release: UUID, purpose: Purpose) -> list[UUID]:
    """The members of a release who ever dissented to a purpose: nobody else can be exposed."""
    return members_among(connection, release, _who_dissented(purpose))


def folded(events: Iterable[Kept]) -> dict[UUID, Release]:
    """The releases these events tell of."""
    told: dict[UUID, Release] = {}
    for kept in events:
        id_ = release_of(kept.stream)
        told[id_] = evolve(told.get(id_), kept)
    return told


def _known(connection: Connection, ids: Collection[UUID], *, upto: int) -> dict[UUID, Release]:
    """These releases, as far as they were told of up to a position."""
    names = [release_stream(id_) for id_ in ids]
    topics = [ExtractReleased.TOPIC]
    read = read_streams(connection, names, upto=upto, topics=topics) if names else {}
    return folded(kept for events in read.values() for kept in decoded(events))


def _about(connection: Connection, finding: str) -> set[UUID]:
    """The release that a finding is about, if it is about one."""
    f = tables.findings.c
    codes = [rule.code for rule in RELEASE_RULES]
    asked = select(f.subject).where(f.id == finding, f.rule.in_(codes))
    return {release_of(subject) for subject in connection.execute(asked).scalars()}


def _members_due(release: UUID, purpose: Purpose) -> Write:
    """Its members who ever dissented to its purpose have to be judged."""
    p, m = tables.patients, release_members.c
    none_unheard = bindparam(None, [], ARRAY(String))
    members = select(m.patient, true(), none_unheard).where(
        m.release == release, m.patient.in_(_who_dissented(purpose))
    )
    statement = insert(p).from_select(("patient", "due", "unheard"), members)
    return Write(statement.on_conflict_do_update(index_elements=["patient"], set_={"due": true()}))


def _dissenting(batch: Batch) -> Iterator[tuple[UUID, Purpose]]:
    for kept in batch.events:
        patient = patient_of(kept.stream)
        if patient is None:
            continue
        match kept.event:
            case EntryRecorded(statement=Statement.DISSENT, purpose=purpose):
                yield patient, purpose
            case NumberSuperseded(superseded_by=by):
                for purpose in Purpose:
                    yield patient, purpose
                    yield UUID(by), purpose
            case _:
                pass


def _relied_on(connection: Connection, release: Release) -> list[Reliance]:
    """The newest delivery of each practice that the release relied on, as known when it left."""
    newest = (
        select(heard.c.practice, heard.c.dated, heard.c.position)
        .where(
            among(heard.c.practice, release.relied_on),
            heard.c.position < release.position,
            heard.c.recorded_at <= release.released_at,
        )
        .order_by(heard.c.practice, heard.c.dated.desc(), heard.c.position.desc())
        .ext(distinct_on(heard.c.practice))
    )
    found = {row.practice: row for row in connection.execute(newest)}
    return [
        Reliance(code, row.dated, row.position)
        if (row := found.get(code))
        else Reliance(code, None, None)
        for code in release.relied_on
    ]


def _who_dissented(purpose: Purpose) -> Select[UUID]:
    return select(dissenters.c.patient).where(dissenters.c.purpose == purpose.value)
