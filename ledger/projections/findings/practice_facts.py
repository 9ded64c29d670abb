"""What do the rules about practices need to know besides the practices' own streams?

Kept of a batch here is how much of whom it was a bulk; what else is kept says `organisations`,
`edits`, `left_behind` and, of when a practice was heard from, `releases`. All of it comes from
events that name the practice, or has the practice judged again (`cutting.cut`).
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Integer,
    String,
    Table,
    func,
    select,
)

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.objections import Objections
from ledger.domain.policies import Dismissals
from ledger.domain.practice_facts import Bulk, Edit, InRegister, bulks_told_by
from ledger.domain.practices import Practice
from ledger.domain.recording_errors import PRACTICE_RULES
from ledger.domain.streams import practice_stream
from ledger.domain.thresholds import Thresholds
from ledger.projections.findings import edits, left_behind, organisations, releases, tables
from ledger.projections.findings.book import Moment
from ledger.projections.findings.left_behind import LeftBehind
from ledger.store.bulk import among
from ledger.store.projection import Batch, Write, metadata, upsert

bulks = Table(
    "finding_bulks",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("practice", String, primary_key=True),
    Column("dated", DateTime(timezone=True), nullable=False),
    Column("clinical_system", String, nullable=False),
    Column("entries", Boolean, nullable=False),
    Column("patients", Integer),
)
TABLES = (bulks, *organisations.TABLES, *edits.TABLES, *left_behind.TABLES)


class Facts(NamedTuple):
    """What `PracticeHistory` has under the same names."""

    register: Mapping[str, InRegister]
    edits: Sequence[Edit]
    bulks: Sequence[Bulk]
    last_heard: Mapping[ClinicalSystem, datetime]
    objectors: Sequence[Objections]
    dismissals: Dismissals
    reviewed: Mapping[tuple[str, str], int]


class Loaded(NamedTuple):
    """The facts about some practices, and by which patients each is judged besides."""

    of: Mapping[str, Facts]
    patients: Mapping[str, frozenset[UUID]]


def noted(batch: Batch) -> Iterator[Write]:
    """Keep what these events tell, and mark the practices that it may make the rules see otherwise."""
    told = [(code, bulk) for kept in batch.events for code, bulk in bulks_told_by(kept)]
    yield from upsert(bulks, [{"practice": code, **bulk._asdict()} for code, bulk in told])
    yield from organisations.noted(batch)
    yield from edits.noted(batch)
    yield from left_behind.noted(batch)


def load(
    connection: Connection,
    practices: Mapping[str, Practice],
    moments: Mapping[str, Moment],
    thresholds: Thresholds,
) -> Loaded:
    """The facts about these practices, each at its moment, once the batch's rows stand."""
    register = organisations.load(connection, practices)
    changed = edits.load(connection, practices, thresholds)
    had = _bulks(connection, practices)
    left = left_behind.load(connection, practices, had, moments)
    # Asked of a move alone, and hardly any practice has moved.
    moved = [code for code, practice in practices.items() if len(practice.systems) > 1]
    last_heard = _last_heard(connection, moved)
    reviewed = _reviewed(connection, practices)
    facts = {
        code: Facts(
            register[code],
            changed.get(code, ()),
            had[code],
            last_heard[code],
            left.get(code, _NOBODY).objectors,
            left.get(code, _NOBODY).dismissals,
            reviewed[code],
        )
        for code in practices
    }
    return Loaded(facts, {code: left.get(code, _NOBODY).patients for code in practices})


_NOBODY = LeftBehind()


def _bulks(connection: Connection, codes: Collection[str]) -> defaultdict[str, list[Bulk]]:
    b = bulks.c
    found: defaultdict[str, list[Bulk]] = defaultdict(list)
    query = select(bulks).where(among(b.practice, codes)).order_by(b.position)
    for row in connection.execute(query):
        system = ClinicalSystem(row.clinical_system)
        told = Bulk(row.position, row.dated, system, row.entries, row.patients)
        found[row.practice].append(told)
    return found


def _last_heard(
    connection: Connection, codes: Collection[str]
) -> defaultdict[str, dict[ClinicalSystem, datetime]]:
    found: defaultdict[str, dict[ClinicalSystem, datetime]] = defaultdict(dict)
    h = releases.heard.c
    whose = (h.practice, h.clinical_system)
    newest = select(*whose, func.max(h.dated).label("dated")).group_by(*whose)
    for row in connection.execute(newest.where(among(h.practice, codes))) if codes else ():
        found[row.practice][ClinicalSystem(row.clinical_system)] = row.dated
    return found


def _reviewed(
    connection: Connection, codes: Collection[str]
) -> defaultdict[str, dict[tuple[str, str], int]]:
    """When the action that a finding of these practices asks for was taken last."""
    f, a, taken = tables.findings.c, tables.actions.c, tables.actions_taken.c
    by_subject = {practice_stream(code): code for code in codes}
    rules = [rule.code for rule in PRACTICE_RULES if rule.until_reviewed]
    rows: Any = connection.execute(
        select(f.subject, f.rule, f.key, func.max(taken.position))
        .join(tables.actions, a.finding == f.id)
        .join(tables.actions_taken, taken.action == a.id)
        .where(f.rule.in_(rules), among(f.subject, list(by_subject)))
        .group_by(f.subject, f.rule, f.key)
    )
    found: defaultdict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for subject, rule, key, at in rows:
        found[by_subject[subject]][rule, key] = at
    return found
