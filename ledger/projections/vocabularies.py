"""In which vocabulary do practices enter objections, month by month?

SNOMED CT replaces Read v2 and CTV3, phased from April 2018 (A1), and a practice that goes on in the
old ones has something to do (SA15). Counted is what the record holds now, in the vocabulary it was
entered in (a row with two codes: its first); a row that changed or went no longer counts as it did.
What came by GP2GP was entered elsewhere, and what waits for an NHS number counts once it has one.
Where a system gives no entered time, the effective date stands in for it, if it is the earlier.
"""

from collections import Counter
from collections.abc import Collection, Mapping
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
    Integer,
    String,
    Table,
    delete,
    desc,
    func,
    literal,
    null,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from ledger.domain.codes import CodeSystem, read_code
from ledger.domain.entries import Route
from ledger.domain.events import EntryRecorded, EntryRemoved, Kept
from ledger.domain.vocabularies import SNOMED_CT_FROM, month_entered
from ledger.store.bulk import among
from ledger.store.projection import Batch, Projection, Write, metadata, topics_of, upsert

entries = Table(
    "vocabulary_entries",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("practice", String, nullable=False),
    Column("clinical_system", String, nullable=False),
    Column("purpose", String, nullable=False),
    Column("month", Date, nullable=False),
    Column("vocabulary", String, nullable=False),
    Column("also_snomed_ct", Boolean, nullable=False),
)
counts = Table(
    "vocabulary_counts",
    metadata,
    Column("practice", String, primary_key=True),
    Column("clinical_system", String, primary_key=True),
    Column("purpose", String, primary_key=True),
    Column("month", Date, primary_key=True, index=True),
    Column("vocabulary", String, primary_key=True),
    Column("also_snomed_ct", Boolean, primary_key=True),
    Column("entries", Integer, nullable=False),
)
_COUNTED = tuple(column.name for column in counts.primary_key)

Entered = Mapping[str, Any]


def _load(connection: Connection, batch: Batch) -> dict[int, Entered]:
    """The entries, known before, that this batch changes or removes."""
    gone = [at for kept in batch.events if (at := _ended_by(kept)) is not None]
    if not gone:
        return {}
    rows = connection.execute(select(entries).where(among(entries.c.position, gone))).mappings()
    return {row["position"]: dict(row) for row in rows}


def _apply(batch: Batch, before: dict[int, Entered]) -> list[Write]:
    standing = dict(before)
    changed: Counter[tuple[Any, ...]] = Counter()
    new: dict[int, Entered] = {}
    gone: list[int] = []
    for kept in batch.events:
        ended = _ended_by(kept)
        if ended is not None and (entered := standing.pop(ended, None)) is not None:
            changed[_key(entered)] -= 1
            gone.append(ended)
            new.pop(ended, None)
        if isinstance(kept.event, EntryRecorded) and kept.event.route is not Route.GP2GP:
            standing[kept.position] = new[kept.position] = _entered(kept, kept.event)
            changed[_key(new[kept.position])] += 1
    writes = upsert(entries, list(new.values()))
    if gone:
        writes.append(Write(delete(entries).where(among(entries.c.position, gone))))
    rows = [dict(zip(_COUNTED, key, strict=True), entries=by) for key, by in changed.items() if by]
    if rows:
        statement = insert(counts)
        added = {"entries": counts.c.entries + statement.excluded.entries}
        writes += [
            Write(statement.on_conflict_do_update(index_elements=_COUNTED, set_=added), rows),
            *_emptied({row["practice"] for row in rows if row["entries"] < 0}),
        ]
    return writes


def _emptied(practices: Collection[str]) -> list[Write]:
    """No line stands for no entry."""
    if not practices:
        return []
    of_these = among(counts.c.practice, sorted(practices))
    return [Write(delete(counts).where(of_these, counts.c.entries == 0))]


def _ended_by(kept: Kept) -> int | None:
    """The position of the entry that no longer stands because of this event."""
    match kept.event:
        case EntryRecorded(replaces=int() as replaced):
            return replaced
        case EntryRemoved(removes=removed):
            return removed
        case _:
            return None


def _entered(kept: Kept, event: EntryRecorded) -> Entered:
    twin = read_code(event.also_coded) if event.also_coded else None
    return {
        "position": kept.position,
        "practice": event.practice,
        "clinical_system": event.clinical_system.value,
        "purpose": event.purpose.value,
        "month": month_entered(event, kept.recorded_at),
        "vocabulary": event.code_system.value,
        "also_snomed_ct": twin is not None and twin.code.system is CodeSystem.SNOMED_CT,
    }


def _key(entered: Entered) -> tuple[Any, ...]:
    return tuple(entered[name] for name in _COUNTED)


VOCABULARIES = Projection(
    "vocabularies",
    (entries, counts),
    _load,
    _apply,
    topics=topics_of(EntryRecorded, EntryRemoved),
)


class EnteredIn(NamedTuple):
    """How many entries of one month, system and purpose stand in each vocabulary.

    `practice` is None where those of all practices are counted together; `also_snomed_ct` of the
    entries in Read v2 or CTV3 have a SNOMED CT id in the same row; `share_snomed_ct` is the part
    entered in SNOMED CT, from 0 to 1.
    """

    practice: str | None
    clinical_system: str
    purpose: str
    month: date
    readv2: int
    ctv3: int
    snomed_ct: int
    also_snomed_ct: int
    share_snomed_ct: float


def entered_in(
    connection: Connection,
    *,
    practice: str | None = None,
    clinical_system: str | None = None,
    since: date | None = None,
    limit: int = 10_000,
) -> list[EnteredIn]:
    """By month, the newest first, then by system and purpose: of one practice, or of all."""
    c = counts.c
    whose = c.practice if practice is not None else null()
    total = func.sum(c.entries)

    def of(vocabulary: CodeSystem) -> Any:
        return func.coalesce(total.filter(c.vocabulary == vocabulary.value), 0)

    query = (
        select(
            whose,
            c.clinical_system,
            c.purpose,
            c.month,
            of(CodeSystem.READ_V2),
            of(CodeSystem.CTV3),
            of(CodeSystem.SNOMED_CT).label("snomed_ct"),
            func.coalesce(total.filter(c.also_snomed_ct, _is_old()), 0),
            total.label("entries"),
        )
        .group_by(*([c.practice] if practice else []), c.clinical_system, c.purpose, c.month)
        .order_by(desc(c.month), c.clinical_system, c.purpose)
        .limit(limit)
    )
    query = _narrowed(query, practice, clinical_system, since)
    return [
        EnteredIn._make((*row[:-1], round(row.snomed_ct / row.entries, 4)))
        for row in connection.execute(query)
    ]


def months_of_practices(
    connection: Connection, *, since: date, practice: str | None = None
) -> dict[str, list[tuple[date, str, int, int]]]:
    """Of each practice by month, the oldest first: the month, the purpose, how many entries, and
    how many of them in SNOMED CT.
    """
    c = counts.c
    total = func.sum(c.entries)
    query = (
        select(
            c.practice,
            c.month,
            c.purpose,
            total,
            func.coalesce(total.filter(~_is_old()), 0),
        )
        .group_by(c.practice, c.month, c.purpose)
        .order_by(c.practice, c.month, c.purpose)
    )
    by_practice: dict[str, list[tuple[date, str, int, int]]] = {}
    for row in connection.execute(_narrowed(query, practice, None, since)):
        by_practice.setdefault(row.practice, []).append((row[1], row[2], row[3], row[4]))
    return by_practice


class StillOld(NamedTuple):
    """A practice that has entered Read v2 or CTV3 since SNOMED CT began: in how many months, and
    how many entries, `also_snomed_ct` of them with a SNOMED CT id in the same row.
    """

    practice: str
    clinical_system: str
    first_month: date
    latest_month: date
    months: int
    entries: int
    also_snomed_ct: int


def still_old(
    connection: Connection,
    *,
    practice: str | None = None,
    clinical_system: str | None = None,
    since: date | None = None,
    limit: int = 10_000,
) -> list[StillOld]:
    """Those still entering Read v2 or CTV3 after SNOMED CT began, who did so latest first."""
    c = counts.c
    query = (
        select(
            c.practice,
            c.clinical_system,
            func.min(c.month),
            func.max(c.month),
            func.count(c.month.distinct()),
            func.sum(c.entries),
            func.coalesce(func.sum(c.entries).filter(c.also_snomed_ct), literal(0)),
        )
        .where(_is_old())
        .group_by(c.practice, c.clinical_system)
        .order_by(desc(func.max(c.month)), desc(func.sum(c.entries)), c.practice)
        .limit(limit)
    )
    began = max(since or SNOMED_CT_FROM, SNOMED_CT_FROM)
    query = _narrowed(query, practice, clinical_system, began)
    return [StillOld(*row) for row in connection.execute(query)]


def _is_old() -> Any:
    return counts.c.vocabulary != CodeSystem.SNOMED_CT.value


def _narrowed(
    query: Any, practice: str | None, clinical_system: str | None, since: date | None
) -> Any:
    if practice is not None:
        query = query.where(counts.c.practice == practice)
    if clinical_system is not None:
        query = query.where(counts.c.clinical_system == clinical_system)
    if since is not None:
        # A month counts whole, whatever its day that is asked from.
        query = query.where(counts.c.month >= since.replace(day=1))
    return query
