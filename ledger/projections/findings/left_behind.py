"""Who may have objections that a practice's move to another clinical system left behind (LC05)?

Found by their entries: the system before told a dissent of a purpose of which the new one has told
nothing. There are few, unless much was lost; the rule says of which the objection still stands.

It may end elsewhere: another practice tells that the patient died, or registers them. So whom each
practice was judged by is kept, and whatever tells of one of them has the practice judged again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import (
    Column,
    Connection,
    Index,
    String,
    Table,
    Uuid,
    column,
    delete,
    select,
    true,
    tuple_,
    update,
    values,
)
from sqlalchemy.orm import aliased

from ledger.domain import objections
from ledger.domain.events import Kept, NumberSuperseded
from ledger.domain.moves import Move, last_move
from ledger.domain.objections import Objections, practice_day
from ledger.domain.policies import Dismissals
from ledger.domain.practice_facts import Bulk
from ledger.domain.practices import Practice
from ledger.domain.streams import patient_of, patient_stream
from ledger.domain.survivors import merged
from ledger.projections.findings import tables
from ledger.projections.findings.book import Moment
from ledger.projections.findings.identity import records
from ledger.store.bulk import among
from ledger.store.projection import Batch, Write, decoded_streams, metadata, upsert
from ledger.store.supersessions import survivors

left_behind = Table(
    "finding_left_behind",
    metadata,
    Column("practice", String, primary_key=True),
    Column("patient", Uuid, primary_key=True),
    Index("finding_left_behind_patient", "patient"),
)
TABLES = (left_behind,)


class LeftBehind(NamedTuple):
    """The histories of those of a practice, what was dismissed of them, and whose they are."""

    objectors: Sequence[Objections] = ()
    dismissals: Dismissals = MappingProxyType({})
    patients: frozenset[UUID] = frozenset()


def noted(batch: Batch) -> list[Write]:
    """Mark the practices that were judged by any of those of whom this batch tells."""
    told_of = _told_of(batch.events)
    if not told_of:
        return []
    p, whose = tables.practices, select(left_behind.c.practice)
    judged_by = p.c.practice.in_(whose.where(among(left_behind.c.patient, told_of)))
    return [Write(update(p).where(judged_by).values(due=true()))]


def judged_by(connection: Connection) -> dict[UUID, set[str]]:
    """Everybody by whom practices were judged, and which practices. They are few: naming all those
    of whom the events ahead tell would take far longer.
    """
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    for row in connection.execute(select(left_behind)):
        found[row.patient].add(row.practice)
    return found


def matters_elsewhere(
    events: Iterable[Kept], known: Mapping[UUID, set[str]], *, here: Collection[str]
) -> bool:
    """Whether other practices than these are judged by those of whom the events tell."""
    if not known:
        return False
    return any(not known[patient] <= set(here) for patient in _told_of(events) & known.keys())


def load(
    connection: Connection,
    practices: Mapping[str, Practice],
    bulks: Mapping[str, Sequence[Bulk]],
    moments: Mapping[str, Moment],
) -> dict[str, LeftBehind]:
    """Those of these practices as known at their moments; nobody before the first bulk."""
    moves: dict[str, Move] = {}
    for code, practice in practices.items():
        move = last_move(practice, practice_day(moments[code].recorded_at))
        if move is not None and _told_all(bulks.get(code, ()), move):
            moves[code] = move
    candidates = _candidates(connection, moves)
    upto = max((moments[code].position for code in candidates), default=0)
    everybody = {patient for patients in candidates.values() for patient in patients}
    known = survivors(connection, everybody, upto=upto)
    judged: dict[str, list[frozenset[UUID]]] = {}
    for code, patients in candidates.items():
        # Whose entries came along under another number survives them.
        then = known.upto(moments[code].position)
        whole = {then.survivor(patient): None for patient in sorted(patients)}
        judged[code] = [then.borne_by(patient) for patient in whole]
    names = {patient_stream(p) for whole in judged.values() for borne in whole for p in borne}
    streams = decoded_streams(connection, names, upto=upto)
    histories = {
        code: [
            objections.fold(
                kept
                for kept in merged(streams[patient_stream(p)] for p in borne)
                if kept.position <= moments[code].position
            )
            for borne in whole
        ]
        for code, whole in judged.items()
    }
    dismissals = _dismissals(connection, histories)
    return {
        code: LeftBehind(histories[code], dismissals, frozenset().union(*judged[code]))
        for code in judged
    }


def kept(connection: Connection, told: Mapping[str, Collection[UUID]]) -> Iterator[Write]:
    """Keep by whom each of these practices was judged."""
    t = left_behind.c
    asked = select(t.practice, t.patient).where(among(t.practice, sorted(told)))
    before = {(row.practice, row.patient) for row in connection.execute(asked)}
    now = {(code, patient) for code, patients in told.items() for patient in patients}
    if gone := sorted(before - now):
        yield Write(delete(left_behind).where(tuple_(t.practice, t.patient).in_(gone)))
    rows = [{"practice": code, "patient": patient} for code, patient in sorted(now - before)]
    yield from upsert(left_behind, rows)


def _told_of(events: Iterable[Kept]) -> set[UUID]:
    told = {patient for kept in events if (patient := patient_of(kept.stream)) is not None}
    renumbered = (kept.event for kept in events if isinstance(kept.event, NumberSuperseded))
    return told | {UUID(event.superseded_by) for event in renumbered}


def _told_all(bulks: Iterable[Bulk], move: Move) -> bool:
    return any(
        bulk.entries and bulk.clinical_system is move.to and bulk.position > move.position
        for bulk in bulks
    )


def _candidates(connection: Connection, moves: Mapping[str, Move]) -> dict[str, set[UUID]]:
    if not moves:
        return {}
    moved = values(column("practice", String), column("system", String), name="moved").data(
        [(code, move.to.value) for code, move in sorted(moves.items())]
    )
    old, new = records.c, aliased(records).c
    came_along = select(new.position).where(
        new.practice == old.practice,
        new.patient == old.patient,
        new.purpose == old.purpose,
        new.clinical_system == moved.c.system,
    )
    query = (
        select(old.practice, old.patient)
        .join(moved, moved.c.practice == old.practice)
        .where(old.clinical_system != moved.c.system, old.dissent, ~came_along.exists())
        .distinct()
    )
    found: defaultdict[str, set[UUID]] = defaultdict(set)
    for row in connection.execute(query):
        found[row.practice].add(row.patient)
    return found


def _dismissals(
    connection: Connection, histories: Mapping[str, Sequence[Objections]]
) -> Dismissals:
    positions = [
        entry.position
        for theirs in histories.values()
        for history in theirs
        for entry in history.entries
    ]
    told: dict[int, set[str]] = {}
    d = tables.dismissals.c
    query = select(d.entry, d.rule).where(among(d.entry, positions))
    for row in connection.execute(query) if positions else ():
        told.setdefault(row.entry, set()).add(row.rule)
    return told
