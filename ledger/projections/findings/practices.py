"""The rules about practices: asked of whole practices, once a batch's rows stand.

A batch ends with a delivery, or with a change that a practice made by itself (`cutting.py`), so
everything these rules are told is of the moment at which they are asked.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, false, or_, select, true, update

from ledger.domain import practices
from ledger.domain.events import (
    CollectionReceived,
    DeliveryReceived,
    EntryUnmatched,
)
from ledger.domain.objections import practice_day
from ledger.domain.recording_errors import PRACTICE_RULES
from ledger.domain.rule import (
    NOT_COLLECTED,
    PracticeHistory,
    Rule,
    Sighting,
    UnmatchedEntry,
    seen_of,
)
from ledger.domain.streams import practice_of, practice_stream
from ledger.domain.thresholds import Thresholds
from ledger.projections.findings import collected, identity, left_behind, practice_facts, tables
from ledger.projections.findings.book import Book, Moment, Subject
from ledger.projections.findings.cutting import ends_a_batch, parts
from ledger.projections.findings.thresholds import in_force
from ledger.store import codec
from ledger.store.bulk import among
from ledger.store.projection import Batch, Write, decoded_streams


def settle(connection: Connection, batch: Batch) -> Iterator[Write]:
    """Ask the practice rules again at the end of a delivery: of those it tells of, and those for
    whom a day came; after a collection of every practice the ledger hears from, for who was missing
    from it has no event of their own. A practice that only stands in the register is not judged:
    nothing is known of its settings. Nor of one that is known from collections alone: of those,
    nothing but their part in collections is judged.
    """
    deliveries = parts(batch)
    last = batch.events[-1] if batch.events else None
    if last is None or not ends_a_batch(last):
        yield from _mark_due({code for part in deliveries for code in part.practices})
    elif isinstance(last.event, DeliveryReceived):
        moments = {code: part.moment for part in deliveries for code in part.practices}
        first = deliveries[0].moment
        for code in _heard_from(connection, batch, first):
            moments.setdefault(code, first)
        own = {code for part in deliveries for code in part.delivering}
        heard = heard_from(connection, moments) | own
        judged = {code: moments[code] for code in heard}
        thresholds = in_force(connection)
        yield from judge(connection, judged, thresholds)
        if _collects(batch):
            others = collected.practices(connection) - heard
            told = dict.fromkeys(others, first)
            yield from judge(connection, told, thresholds, rules=collected.RULES)
    else:
        own = {code for code in (practice_of(last.stream),) if code is not None}
        yield from _mark_due({code for part in deliveries for code in part.practices} - own)
        moments = dict.fromkeys(own, deliveries[-1].moment)
        yield from judge(connection, moments, in_force(connection))


def turn_day(connection: Connection, position: int, now: datetime) -> Iterator[Write]:
    """Ask the practice rules again because a day came: some things become true by the day."""
    t = tables.practices.c
    woken = select(t.practice).where(t.wake_on <= practice_day(now), ~t.due)
    codes = set(connection.execute(woken).scalars())
    moments = dict.fromkeys(codes, Moment(position, now))
    yield from judge(connection, moments, in_force(connection))


def heard_from(connection: Connection, codes: Collection[str] | None = None) -> set[str]:
    """The practices that delivered, or told the ledger of a setting; of these codes, or all."""
    t = tables.practices.c
    asked = select(t.practice)
    if codes is not None:
        asked = asked.where(among(t.practice, sorted(codes)))
    return set(connection.execute(asked).scalars())


def _collects(batch: Batch) -> bool:
    return any(isinstance(kept.event, CollectionReceived) for kept in batch.events)


def _heard_from(connection: Connection, batch: Batch, moment: Moment) -> set[str]:
    """Those who have to be judged now though nothing in the batch tells of them."""
    if _collects(batch):
        return heard_from(connection)
    t = tables.practices.c
    today = practice_day(moment.recorded_at)
    asked = select(t.practice).where(or_(t.due, t.wake_on <= today))
    return set(connection.execute(asked).scalars())


def _mark_due(codes: Collection[str]) -> list[Write]:
    """They have to be judged at the end of the delivery under way, or the next."""
    if not codes:
        return []
    t = tables.practices
    return [Write(update(t).where(among(t.c.practice, sorted(codes))).values(due=true()))]


def judge(
    connection: Connection,
    moments: Mapping[str, Moment],
    thresholds: Thresholds,
    *,
    rules: Iterable[Rule[PracticeHistory]] = PRACTICE_RULES,
) -> Iterator[Write]:
    """What the rules say of these practices, each at its moment.

    What else is told of them is as of the end of the batch. So whatever rules are told of a practice
    has to come from events that name it, or from a collection (`cutting.cut`).
    """
    codes = sorted(moments)
    if not codes:
        return
    names = [practice_stream(code) for code in codes]
    upto = max(moment.position for moment in moments.values())
    streams = decoded_streams(connection, names, upto=upto)
    known = connection.execute(
        select(tables.findings).where(among(tables.findings.c.subject, names))
    ).mappings()
    book = Book(known.all(), thresholds.version)
    waiting = _waiting(connection, codes)
    from_collections = collected.load(connection, codes)
    wakes = _wakes(connection, codes)
    t = tables.practices
    yield Write(update(t).where(among(t.c.practice, codes), t.c.due).values(due=false()))
    own = {
        code: [k for k in streams[practice_stream(code)] if k.position <= moments[code].position]
        for code in codes
    }
    folded = {code: practices.fold(stream) for code, stream in own.items()}
    facts = identity.of_practices(connection, folded)
    others = practice_facts.load(connection, folded, moments, thresholds)
    for code, practice in folded.items():
        moment = moments[code]
        history = PracticeHistory(
            code=code,
            practice=practice,
            unmatched=waiting[code],
            today=practice_day(moment.recorded_at),
            thresholds=thresholds,
            collected=from_collections.get(code, NOT_COLLECTED),
            **facts[code]._asdict(),
            **others.of[code]._asdict(),
        )
        recorded = {kept.position: kept.recorded_at for kept in own[code]}
        subject = Subject(practice_stream(code), practice=code)
        book.judge(subject, _asked(rules, history), moment, recorded=recorded)
        wake_on = min(_days(history), default=None)
        if wakes.get(code, wake_on) != wake_on:
            yield Write(update(t).where(t.c.practice == code).values(wake_on=wake_on))
    yield from book.writes()
    yield from left_behind.kept(connection, others.patients)


def _wakes(connection: Connection, codes: Collection[str]) -> dict[str, date | None]:
    t = tables.practices.c
    asked = select(t.practice, t.wake_on).where(among(t.practice, sorted(codes)))
    return {row.practice: row.wake_on for row in connection.execute(asked)}


def _days(history: PracticeHistory) -> Iterator[date]:
    """The days to come on which a rule may see something else, or a change takes effect."""
    for rule in PRACTICE_RULES:
        yield from (day for day in rule.days(history) if day > history.today)
    for change in history.practice.changes:
        if (day := practice_day(change.changed_at)) > history.today:
            yield day


def _asked(
    rules: Iterable[Rule[PracticeHistory]], history: PracticeHistory
) -> Iterator[tuple[Rule[Any], Sighting]]:
    for rule in rules:
        for sighting in seen_of(rule, history):
            yield rule, sighting


def _waiting(
    connection: Connection, codes: Collection[str]
) -> defaultdict[str, list[UnmatchedEntry]]:
    """The entries that wait for a usable NHS number, by practice."""
    t = tables.unmatched.c
    waiting: defaultdict[str, list[UnmatchedEntry]] = defaultdict(list)
    asked = select(tables.unmatched).where(among(t.practice, sorted(codes))).order_by(t.position)
    for row in connection.execute(asked):
        event = codec.from_bytes(EntryUnmatched.TOPIC, row.state)
        assert isinstance(event, EntryUnmatched), "its topic said so"
        waiting[row.practice].append(UnmatchedEntry(row.position, row.recorded_at, event))
    return waiting
