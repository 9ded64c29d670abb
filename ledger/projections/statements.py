"""Every entry with all its times: what was known of a patient's objections at any position.

Answers a status at any point in two times, from one indexed query and the domain's own fold.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    Uuid,
    bindparam,
    or_,
    select,
    union,
    update,
)

from ledger.domain.events import (
    DeathRemoved,
    Deregistered,
    Died,
    EntryRecorded,
    EntryRemoved,
    Event,
    FindingDismissed,
    FindingReopened,
    Kept,
    NeighbourRecorded,
    NumberSuperseded,
    RecordAnswered,
    RecordWithheld,
    Registered,
    RegistrationRemoved,
)
from ledger.domain.known import KnownPatient
from ledger.domain.objections import Asked, Death, KeptEntry, Objections, Removed, fold
from ledger.domain.policies import DISMISSIBLE, Policy
from ledger.domain.streams import patient_of, patient_stream
from ledger.domain.survivors import Survivors
from ledger.domain.survivors import merged as one_history
from ledger.store import codec
from ledger.store.bulk import among, chunks
from ledger.store.log import read_events, read_streams
from ledger.store.projection import (
    Batch,
    Projection,
    Write,
    decoded,
    metadata,
    nothing,
    topics_of,
    upsert,
)
from ledger.store.supersessions import survivors

statements = Table(
    "statements",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("patient", Uuid, nullable=False),
    Column("practice", String, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("state", LargeBinary, nullable=False),
    Column("replaced_by", BigInteger),
    Column("removed_position", BigInteger),
    Column("removed_at", DateTime(timezone=True)),
    Column("removed_delivery", Text),
    # With the position: what was known of few at a point is asked for at every status.
    Index("statements_of_patient", "patient", "position"),
    Index("statements_of_practice", "practice"),
)
deaths = Table(
    "statement_deaths",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("patient", Uuid, nullable=False),
    Column("practice", String, nullable=False),
    # None where the practice says it no more.
    Column("died_on", Date),
    Index("statement_deaths_of_patient", "patient", "position"),
)
dismissed = Table(
    "statement_dismissals",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("entry", BigInteger, primary_key=True),
    Column("rule", String, nullable=False),
    # False where a dismissal is taken back.
    Column("stands", Boolean, nullable=False),
    Index("statement_dismissals_of_entry", "entry", "position"),
)
# Each time a practice refused a patient's record, or sent it after all.
asked = Table(
    "statement_asked",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("patient", Uuid, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("practice", String, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("withheld", Boolean, nullable=False),
    Index("statement_asked_of_patient", "patient", "position"),
)


def _apply(batch: Batch, _before: None) -> list[Write]:
    entries: dict[int, dict[str, object]] = {}
    died = []
    dismissals = []
    answers = []
    # Entries of earlier batches that this one replaced or removed.
    replaced = []
    removed = []
    for kept in batch.events:
        match kept.event:
            case EntryRecorded() as event:
                if event.replaces is not None:
                    if event.replaces in entries:
                        entries[event.replaces]["replaced_by"] = kept.position
                    else:
                        replaced.append({"entry": event.replaces, "by": kept.position})
                entries[kept.position] = _row(kept.position, kept.stream, kept.recorded_at, event)
            case EntryRemoved() as event:
                told = {
                    "removed_position": kept.position,
                    "removed_at": kept.recorded_at,
                    "removed_delivery": event.delivery,
                }
                if event.removes in entries:
                    entries[event.removes].update(told)
                else:
                    removed.append(
                        {"entry": event.removes, **{f"{k}_": v for k, v in told.items()}}
                    )
            case Died() | DeathRemoved() as event:
                died.append(
                    {
                        "position": kept.position,
                        "patient": patient_of(kept.stream),
                        "practice": event.practice,
                        "died_on": event.died_on if isinstance(event, Died) else None,
                    }
                )
            case RecordWithheld() as event:
                answers.append(_answer(kept, event.practice, event.asked_at, withheld=True))
            case RecordAnswered() as event:
                answers.append(_answer(kept, event.practice, event.answered_at, withheld=False))
            case FindingDismissed() | FindingReopened() as event if event.rule in DISMISSIBLE:
                stands = isinstance(event, FindingDismissed)
                told_of = {"position": kept.position, "rule": event.rule, "stands": stands}
                dismissals += [{**told_of, "entry": entry} for entry in event.entries]
            case _:
                pass
    writes = [
        *upsert(statements, list(entries.values())),
        *upsert(deaths, died),
        *upsert(dismissed, dismissals),
        *upsert(asked, answers),
    ]
    if replaced:
        writes.append(
            Write(
                update(statements)
                .where(statements.c.position == bindparam("entry"))
                .values(replaced_by=bindparam("by")),
                replaced,
            )
        )
    if removed:
        writes.append(
            Write(
                update(statements)
                .where(statements.c.position == bindparam("entry"))
                .values(
                    removed_position=bindparam("removed_position_"),
                    removed_at=bindparam("removed_at_"),
                    removed_delivery=bindparam("removed_delivery_"),
                ),
                removed,
            )
        )
    return writes


def _row(
    position: int, stream: str, recorded_at: datetime, event: EntryRecorded
) -> dict[str, object]:
    return {
        "position": position,
        "patient": patient_of(stream),
        "practice": event.practice,
        "recorded_at": recorded_at,
        "state": codec.to_bytes(event),
        "replaced_by": None,
        "removed_position": None,
        "removed_at": None,
        "removed_delivery": None,
    }


def _answer(kept: Kept, practice: str, at: datetime, *, withheld: bool) -> dict[str, object]:
    return {
        "position": kept.position,
        "patient": patient_of(kept.stream),
        "recorded_at": kept.recorded_at,
        "practice": practice,
        "at": at,
        "withheld": withheld,
    }


STATEMENTS = Projection(
    "statements",
    (statements, deaths, dismissed, asked),
    nothing,
    _apply,
    topics=topics_of(
        EntryRecorded,
        EntryRemoved,
        Died,
        DeathRemoved,
        FindingDismissed,
        FindingReopened,
        RecordWithheld,
        RecordAnswered,
    ),
)


# What tables of entries do not hold, and only few policies ask about.
_NOTHING = Objections()
_MORE = topics_of(Registered, Deregistered, RegistrationRemoved, NeighbourRecorded, EntryRemoved)
# Patients whose histories are held in memory at a time.
_AT_A_TIME = 2_000
_EVENTS_AT_A_TIME = 5_000


def topics_bearing_on(policy: Policy) -> frozenset[str]:
    """The topics of the events that bear on what a policy answers of a patient."""
    told = (STATEMENTS.topics or frozenset()) | topics_of(NumberSuperseded)
    return told | _MORE if policy.needs_more_than_entries else told


def patients_touched(connection: Connection, *, after: int, upto: int, policy: Policy) -> set[UUID]:
    """Of whom something became known behind one position up to another that the policy's answer
    rests on; but for who survives whom.
    """
    of = statements.c
    within = [of.position, of.removed_position, of.replaced_by]
    touched = select(of.patient).where(or_(*(column.between(after + 1, upto) for column in within)))
    others = [
        select(table.c.patient).where(table.c.position.between(after + 1, upto))
        for table in (deaths, asked)
    ]
    words = (
        select(of.patient)
        .join(dismissed, dismissed.c.entry == of.position)
        .where(dismissed.c.position.between(after + 1, upto))
    )
    found = set(connection.execute(union(touched, *others, words)).scalars())
    while policy.needs_more_than_entries and (
        events := read_events(
            connection, after=after, limit=_EVENTS_AT_A_TIME, topics=_MORE, upto=upto
        )
    ):
        streams = (patient_of(kept.stream) for kept in events)
        found.update(patient for patient in streams if patient is not None)
        after = events[-1].position
    return found


def words_about(
    connection: Connection, patients: Collection[UUID], *, upto: int
) -> dict[int, set[UUID]]:
    """Where controllers said of these patients' entries that they are errors, or none after all:
    by position, of whose entries.
    """
    of = statements.c
    query = (
        select(dismissed.c.position, of.patient)
        .join(statements, of.position == dismissed.c.entry)
        .where(among(of.patient, patients), dismissed.c.position <= upto)
    )
    about: defaultdict[int, set[UUID]] = defaultdict(set)
    for position, patient in connection.execute(query):
        about[position].add(patient)
    return dict(about)


def practices_known(connection: Connection, *, known_at: int) -> list[str]:
    """The practices that had recorded an entry by the position `known_at`, by code."""
    of = statements.c
    query = select(of.practice).where(of.position <= known_at).distinct().order_by(of.practice)
    return list(connection.execute(query).scalars())


def entries_standing(
    connection: Connection, *, known_at: int, practice: str | None = None
) -> Iterator[KeptEntry]:
    """The entries that stood in practices' records at the position `known_at`: neither removed nor
    replaced.
    """
    of = statements.c
    query = (
        select(of.position, of.recorded_at, of.state)
        .where(
            of.position <= known_at,
            or_(of.removed_position.is_(None), of.removed_position > known_at),
            or_(of.replaced_by.is_(None), of.replaced_by > known_at),
        )
        .order_by(of.position)
    )
    if practice is not None:
        query = query.where(of.practice == practice)
    for row in connection.execute(query):
        event: Event = codec.from_bytes(EntryRecorded.TOPIC, row.state)
        yield KeptEntry(row.position, row.recorded_at, cast(EntryRecorded, event))


def everybody(
    connection: Connection, *, known_at: int, practices: Collection[str] | None = None
) -> Iterator[list[UUID]]:
    """Everybody of whom an entry was known, or that their record was withheld, at a position (by one
    of these practices, if named): in lists of a size that suits `known_patients`, in the order of their ids.
    """
    after = UUID(int=0)
    while True:
        of = [
            select(table.c.patient).where(
                table.c.patient > after,
                table.c.position <= known_at,
                *([] if practices is None else [among(table.c.practice, practices)]),
            )
            for table in (statements, asked)
        ]
        query = union(
            *(one.distinct().order_by(one.selected_columns.patient).limit(_AT_A_TIME) for one in of)
        )
        found = list(connection.execute(query.order_by("patient").limit(_AT_A_TIME)).scalars())
        if not found:
            return
        yield found
        after = found[-1]


def practices_that_told(connection: Connection, patients: Collection[UUID]) -> dict[UUID, set[str]]:
    """The practices that ever told of an entry of these patients."""
    found: dict[UUID, set[str]] = defaultdict(set)
    for chunk in chunks(patients):
        query = select(statements.c.patient, statements.c.practice).distinct()
        for patient, practice in connection.execute(
            query.where(among(statements.c.patient, chunk))
        ):
            found[patient].add(practice)
    return found


def known_patients(
    connection: Connection,
    patients: Collection[UUID],
    *,
    known_at: int,
    whole: bool = False,
    among_them: Survivors | None = None,
) -> dict[UUID, tuple[KnownPatient, ...]]:
    """What the ledger knew of these patients' entries at the position `known_at`; and where `whole`,
    of their registrations and of what else they refused.

    Once for each who survives a patient: where the NHS number was superseded, the entries under the
    other numbers count too. `among_them`: who survives whom, where that has been asked already.
    """
    known = among_them or survivors(connection, patients, upto=known_at)
    answering = {patient: known.answering_for(patient) for patient in patients}
    wanted = list({p for sets in answering.values() for merged in sets for p in merged})
    rows = connection.execute(
        select(statements)
        .where(among(statements.c.patient, wanted), statements.c.position <= known_at)
        .order_by(statements.c.position)
    ).all()
    entries: defaultdict[UUID, list[KeptEntry]] = defaultdict(list)
    for row in rows:
        event: Event = codec.from_bytes(EntryRecorded.TOPIC, row.state)
        removed = row.removed_position is not None and row.removed_position <= known_at
        replaced = row.replaced_by is not None and row.replaced_by <= known_at
        entries[row.patient].append(
            KeptEntry(
                row.position,
                row.recorded_at,
                cast(EntryRecorded, event),
                removed=Removed(row.removed_position, row.removed_at, row.removed_delivery)
                if removed
                else None,
                replaced_by=row.replaced_by if replaced else None,
            )
        )
    said: defaultdict[UUID, list[tuple[int, str, date | None]]] = defaultdict(list)
    for row in connection.execute(
        select(deaths).where(among(deaths.c.patient, wanted), deaths.c.position <= known_at)
    ):
        said[row.patient].append((row.position, row.practice, row.died_on))
    answers = _asked(connection, wanted, known_at=known_at)
    rules = _dismissals(connection, [row.position for row in rows], known_at=known_at)
    streams = [patient_stream(patient) for patient in wanted] if whole else []
    more = read_streams(connection, streams, upto=known_at, topics=_MORE) if whole else {}

    def merged(of: Collection[UUID]) -> KnownPatient:
        told: dict[str, Death] = {}
        besides = _NOTHING
        if whole:
            besides = fold(one_history(decoded(more[patient_stream(p)]) for p in of))
        for _, practice, died_on in sorted(s for p in of for s in said[p]):
            told.pop(practice, None)
            if died_on is not None:
                told[practice] = Death(practice, died_on)
        return KnownPatient(
            Objections(
                entries=tuple(sorted((e for p in of for e in entries[p]), key=_position)),
                deaths=tuple(told.values()),
                asked=tuple(sorted((a for p in of for a in answers[p]), key=_position)),
                neighbours=besides.neighbours,
                registrations=besides.registrations,
            ),
            rules,
        )

    return {patient: tuple(map(merged, sets)) for patient, sets in answering.items()}


def _position(told: KeptEntry | Asked) -> int:
    return told.position


def _asked(
    connection: Connection, patients: Sequence[UUID], *, known_at: int
) -> defaultdict[UUID, list[Asked]]:
    answers: defaultdict[UUID, list[Asked]] = defaultdict(list)
    for row in connection.execute(
        select(asked)
        .where(among(asked.c.patient, patients), asked.c.position <= known_at)
        .order_by(asked.c.position)
    ):
        answers[row.patient].append(
            Asked(row.position, row.recorded_at, row.practice, row.at, row.withheld)
        )
    return answers


def _dismissals(
    connection: Connection, entries: Sequence[int], *, known_at: int
) -> dict[int, set[str]]:
    rules: defaultdict[int, set[str]] = defaultdict(set)
    if entries:
        for row in connection.execute(
            select(dismissed)
            .where(among(dismissed.c.entry, entries), dismissed.c.position <= known_at)
            .order_by(dismissed.c.position)
        ):
            if row.stands:
                rules[row.entry].add(row.rule)
            else:
                rules[row.entry].discard(row.rule)
    return dict(rules)
