"""How a batch of events becomes findings: what is kept of it, before whoever it touched is judged.

A subject is judged when everything that came together is known: the entries of a delivery at the
event that closes it, an entry handed in by itself at once. So a dissent and its withdrawal in one
delivery are seen together, wherever batches end.

A collection carries the same patients month after month. Its transmissions are not decoded here:
PostgreSQL notes them from the log, and says of whom they may tell something new.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Connection,
    Table,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY, distinct_on, insert
from sqlalchemy.types import String

from ledger.domain.events import (
    EVENTS,
    ActionTaken,
    AgreementChanged,
    CodeMapDisagreed,
    CodeMapStated,
    CollectionReceived,
    DeliveryReceived,
    EntryRecorded,
    EntryRemoved,
    EntryUnmatched,
    FindingDismissed,
    FindingReopened,
    Kept,
    NeighbourRecorded,
    NumberSuperseded,
    ObjectionTransmitted,
    OrganisationListed,
    OrganisationUnlisted,
    ShareInCreated,
    ShareInEnded,
    SharingSettingChanged,
    SystemChanged,
    ThresholdsAdopted,
)
from ledger.domain.objections import practice_day
from ledger.domain.practices import SystemUse
from ledger.domain.rule import CollectionTaken
from ledger.domain.streams import patient_of, practice_of
from ledger.projections.findings import collected, identity, practice_facts, releases, tables
from ledger.projections.findings.book import CLOSED, DISMISSED, OPEN
from ledger.projections.findings.cutting import closes, is_alone, parts
from ledger.projections.findings.patients import mark_due
from ledger.store import codec
from ledger.store.bulk import among
from ledger.store.carriages import SENT, carry, carry_sent, read_sent
from ledger.store.projection import Batch, Write, topics_of, upsert
from ledger.store.supersessions import survivors
from ledger.store.tables import events as log

# All but the transmissions, of which there are ten times as many.
TOPICS = topics_of(*(event for event in EVENTS if event is not ObjectionTransmitted))

# What a controller says of a finding.
_WORDS = (FindingDismissed, FindingReopened)


@dataclass(slots=True)
class Before:
    """What has to be known to keep what a batch tells."""

    # Those that are told of again, by id.
    collections: dict[str, CollectionTaken]
    # By position, where the batch says that some wait no longer.
    unmatched: dict[int, tuple[str, ...]]
    # Of the transmissions in it (`SENT`): the period ends, and who survives a patient they name.
    period_ends: list[date]
    survived: dict[date, list[UUID]]
    # For whose patients it may matter that practices closed.
    answered_otherwise: set[str]


def load(connection: Connection, batch: Batch) -> Before:
    """Read what this batch touches."""
    told_again = [
        k.event.collection for k in batch.events if isinstance(k.event, CollectionReceived)
    ]
    period_ends: list[date] = []
    survived: dict[date, list[UUID]] = {}
    if batch.holds_others:
        read_sent(connection, batch.after, batch.last)
        ends = select(SENT.c.period_end).distinct().order_by(SENT.c.period_end)
        period_ends = list(connection.execute(ends).scalars())
        survived = _survived(connection)
    return Before(
        collections=_collections(connection, told_again) if told_again else {},
        unmatched=_unmatched(connection) if any(map(_matches, batch.events)) else {},
        period_ends=period_ends,
        survived=survived,
        answered_otherwise=identity.answered_otherwise(connection, batch),
    )


def apply(batch: Batch, before: Before) -> list[Write]:
    """Keep what this batch tells, and mark whom it may make the rules see otherwise."""
    return _Noting(batch, before).writes()


@dataclass(slots=True)
class _Noting:
    """One pass over a batch."""

    batch: Batch
    before: Before
    rows: defaultdict[Table, list[dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    simple: list[Write] = field(default_factory=list)
    delivering: dict[str, date] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    passed_over: list[Write] = field(default_factory=list)

    def writes(self) -> list[Write]:
        for kept in self.batch.events:
            self._note(kept)
        noted = [write for table, rows in self.rows.items() for write in upsert(table, rows)]
        judged = closes(self.batch) or is_alone(self.batch)
        waiting = set() if judged else {p for part in parts(self.batch) for p in part.patients}
        return [
            *noted,
            *self.simple,
            *identity.noted(self.batch, self.before.answered_otherwise),
            *_delivering(self.delivering),
            *_heard_from(self.heard - self.delivering.keys()),
            *(self._transmitted() if self.before.period_ends else ()),
            # Once those whom the collection carries are known to be carried.
            *self.passed_over,
            *releases.noted(self.batch),
            *practice_facts.noted(self.batch),
            *mark_due(waiting),
        ]

    def _note(self, kept: Kept) -> None:
        """Keep what later batches need to know of this event."""
        patient = patient_of(kept.stream)
        match kept.event:
            case EntryRecorded() | NeighbourRecorded() as event:
                self._keep(tables.entries, position=kept.position, patient=patient)
                if isinstance(event, EntryRecorded) and event.was_unmatched is not None:
                    self._matched(event.was_unmatched)
            case EntryRemoved() as event if patient is None:
                self._matched(event.removes)
            case EntryUnmatched() as event:
                row = {
                    "position": kept.position,
                    "practice": event.practice,
                    "recorded_at": kept.recorded_at,
                    "state": codec.to_bytes(event),
                }
                self.simple += upsert(tables.unmatched, [row])
                self.before.unmatched[kept.position] = event.key
            case CollectionReceived() as event:
                self._collect(event, kept.position)
            case DeliveryReceived() as event:
                self._hear(event)
            case FindingDismissed() | FindingReopened() as event:
                self._word(event, kept.position)
            case ActionTaken() as event:
                self._keep(
                    tables.actions_taken,
                    position=kept.position,
                    action=event.action,
                    practice=practice_of(kept.stream),
                    taken_at=kept.recorded_at,
                    taken_by=event.by,
                    note=event.note,
                )
            case (
                SharingSettingChanged()
                | OrganisationListed()
                | OrganisationUnlisted()
                | ShareInCreated()
                | ShareInEnded()
                | AgreementChanged()
            ):
                code = practice_of(kept.stream)
                assert code is not None, "only a practice has settings"
                self.heard.add(code)
            case CodeMapStated() as event:
                disagrees = isinstance(event, CodeMapDisagreed)
                self._keep(
                    tables.code_maps,
                    feed=event.feed,
                    table=event.table,
                    row_id=event.row_id,
                    supplier=event.clinical_system.supplier.value,
                    position=kept.position,
                    since=practice_day(kept.recorded_at),
                    state=codec.to_bytes(event) if disagrees else None,
                )
            case SystemChanged() as event:
                use = SystemUse(event.clinical_system, event.since, kept.position, kept.recorded_at)
                self._keep(tables.systems, practice=practice_of(kept.stream), **asdict(use))
            case ThresholdsAdopted() as event:
                self._keep(tables.thresholds, position=kept.position, state=codec.to_bytes(event))
            case _:
                pass

    def _keep(self, into: Table, /, **row: Any) -> None:
        self.rows[into].append(row)

    def _matched(self, position: int) -> None:
        """The row that waits there is somebody's now, or gone, however often it was sent."""
        key = self.before.unmatched.get(position)
        if key is None:
            return
        sent = [at for at, one in self.before.unmatched.items() if one == key]
        for at in sent:
            del self.before.unmatched[at]
        self.simple.append(
            Write(delete(tables.unmatched).where(tables.unmatched.c.position.in_(sent)))
        )

    def _collect(self, event: CollectionReceived, position: int) -> None:
        earlier = self.before.collections.get(event.collection)
        # A second file of the same collection adds to who took part.
        practices = frozenset(event.practices) | (earlier.practices if earlier else frozenset())
        first = earlier.position if earlier else position
        taken = CollectionTaken(event.collection, event.period_end, practices, first)
        self.before.collections[event.collection] = taken
        in_order = sorted(taken.practices)
        digest = sha256(",".join(in_order).encode()).hexdigest()
        row = {**taken._asdict(), "practices": in_order}
        self._keep(tables.collections, **row, digest=digest)
        # Those whom it passed over have no event of their own in it.
        d = tables.dissents.c
        self.passed_over.append(
            Write(
                update(tables.patients)
                .where(
                    tables.patients.c.patient == d.patient,
                    d.first_carried.is_(None),
                    d.ended_on.is_(None),
                    d.entered_on <= event.period_end,
                    among(d.practice, event.practices),
                )
                .values(due=true())
            )
        )
        self.passed_over.append(_between(event.period_end))

    def _hear(self, event: DeliveryReceived) -> None:
        if event.speaks_for_the_practice:
            day = practice_day(event.dated)
            for code in event.practices:
                self.delivering[code] = max(day, self.delivering.get(code, day))
        elif event.clinical_system is not None:
            # One patient's record: the practice is heard from, but not of its other patients.
            self.heard |= set(event.practices)

    def _word(self, event: FindingDismissed | FindingReopened, position: int) -> None:
        """The controller dismissed a finding, or re-opened it: whose it is is judged anew."""
        f, e, d = tables.findings.c, tables.entries.c, tables.dismissals
        named = update(tables.findings).where(f.id == event.finding)
        turns = func.array_append(f.turns, position)
        if isinstance(event, FindingDismissed):
            for entry in event.entries:
                self._keep(d, entry=entry, rule=event.rule, position=position)
            # It stays dismissed, whatever is seen.
            said = named.where(f.state != DISMISSED).values(state=DISMISSED, turns=turns)
        else:
            gone = delete(d).where(among(d.c.entry, event.entries), d.c.rule == event.rule)
            self.simple.append(Write(gone))
            # It is what it was, until its subject is judged anew.
            was = case((f.closed_position.is_(None), OPEN), else_=CLOSED)
            said = named.where(f.state == DISMISSED).values(state=was, turns=turns)
        self.simple.append(Write(said))
        # A finding need not be about entries.
        about = select(e.patient).where(among(e.position, event.entries))
        found = select(f.patient).where(f.id == event.finding, f.patient.is_not(None))
        whose = tables.patients.c.patient.in_(about.union(found))
        self.passed_over.append(Write(update(tables.patients).where(whose).values(due=true())))

    def _transmitted(self) -> list[Write]:
        """What the transmissions in this stretch of the log tell, and whom they may touch."""
        ends = self.before.period_ends
        alone = len(ends) == 1
        return [
            *(carry_sent(tables.dissents, end, alone=alone) for end in ends),
            *carry(tables.dissents, self.before.survived),
            collected.noted(),
            _debuts(min(ends)),
            _carried_anew(min(ends)),
        ]


def _between(period_end: date) -> Write:
    """A collection older than others gives the next one another period before it (TX08). So whoever
    was carried, and of whom being carried may always tell something new, has to be judged.
    """
    p, newer = tables.patients.c, tables.collections.c
    return Write(
        update(tables.patients)
        .where(
            select(newer.collection).where(newer.period_end > period_end).exists(),
            p.settled_from.is_(None),
            p.patient.in_(select(tables.debuts.c.patient)),
        )
        .values(due=true())
    )


def _delivering(newest: Mapping[str, date]) -> list[Write]:
    if not newest:
        return []
    codes = sorted(newest)
    statement = insert(tables.practices)
    rows = [
        {"practice": code, "delivering": True, "delivered_on": newest[code], "due": False}
        for code in codes
    ]
    day = func.greatest(tables.practices.c.delivered_on, statement.excluded.delivered_on)
    changed = statement.on_conflict_do_update(
        index_elements=["practice"], set_={"delivering": true(), "delivered_on": day}
    )
    # What collections did to these practices' patients could not be judged until now.
    p = tables.patients
    named = p.c.unheard.op("&&")(bindparam(None, codes, ARRAY(String)))
    is_unheard = func.cardinality(p.c.unheard) > 0
    return [Write(changed, rows), Write(update(p).where(is_unheard, named).values(due=true()))]


def _heard_from(codes: Collection[str]) -> list[Write]:
    rows = [{"practice": code, "delivering": False, "due": False} for code in sorted(codes)]
    return [Write(insert(tables.practices).on_conflict_do_nothing(), rows)] if rows else []


def _debuts(earliest: date) -> Write:
    """When each patient was first carried, for whom; nobody is looked at who had been before."""
    d = tables.debuts
    known = d.alias()
    told_earlier = select(literal(1)).where(
        known.c.patient == SENT.c.patient, known.c.first_seen <= earliest
    )
    first = (
        select(SENT.c.patient, SENT.c.supplier, SENT.c.practice, SENT.c.period_end)
        .ext(distinct_on(SENT.c.patient))
        .where(~told_earlier.exists())
        .order_by(SENT.c.patient, SENT.c.period_end, SENT.c.position)
    )
    columns = ("patient", "supplier", "practice", "first_seen")
    statement = insert(d).from_select(columns, first)
    changed = {name: statement.excluded[name] for name in columns[1:]}
    return Write(
        statement.on_conflict_do_update(
            index_elements=["patient"],
            set_=changed,
            where=statement.excluded.first_seen < d.c.first_seen,
        )
    )


def _carried_anew(earliest: date) -> Write:
    """Whom being carried may tell something new of has to be judged."""
    p = tables.patients
    who = (
        select(SENT.c.patient)
        .outerjoin(p, p.c.patient == SENT.c.patient)
        .where(or_(p.c.settled_from.is_(None), p.c.settled_from > earliest))
        .distinct()
        .subquery()
    )
    none_unheard = bindparam(None, [], ARRAY(String))
    statement = insert(p).from_select(
        ("patient", "due", "unheard"), select(who.c.patient, true(), none_unheard)
    )
    return Write(statement.on_conflict_do_update(index_elements=["patient"], set_={"due": true()}))


def _matches(kept: Kept) -> bool:
    """Whether it may say of an entry that waits that it waits no longer."""
    match kept.event:
        case EntryRecorded(was_unmatched=int()):
            return True
        case EntryRemoved():
            return patient_of(kept.stream) is None
        case _:
            return False


def _survived(connection: Connection) -> dict[date, list[UUID]]:
    """Of those whom transmissions name, who survives them, by period end."""
    superseded = select(literal(1)).where(
        log.c.topic == NumberSuperseded.TOPIC,
        log.c.stream == SENT.c.stream,
        log.c.position < SENT.c.position,
    )
    rows = connection.execute(
        select(SENT.c.position, SENT.c.patient, SENT.c.period_end).where(superseded.exists())
    ).all()
    known = survivors(connection, {row.patient for row in rows})
    carried: defaultdict[date, list[UUID]] = defaultdict(list)
    for row in rows:
        theirs = known.upto(row.position).bearing_on(row.patient)
        carried[row.period_end] += sorted(theirs)
    return dict(carried)


def _collections(connection: Connection, ids: Sequence[str]) -> dict[str, CollectionTaken]:
    t = tables.collections.c
    rows = connection.execute(
        select(t.collection, t.period_end, t.practices, t.position).where(among(t.collection, ids))
    )
    return {
        row.collection: CollectionTaken(
            row.collection, row.period_end, frozenset(row.practices), row.position
        )
        for row in rows
    }


def _unmatched(connection: Connection) -> dict[int, tuple[str, ...]]:
    waiting: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(select(tables.unmatched)):
        event = codec.from_bytes(EntryUnmatched.TOPIC, row.state)
        assert isinstance(event, EntryUnmatched), "its topic said so"
        waiting[row.position] = event.key
    return waiting
