"""The rules about practices: asked of whole practices, once a batch's rows stand.

A batch ends with a delivery, or with a change that a practice made by itself (`ends_a_batch`), so
everything these rules are told is of the moment at which they are asked.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from ledger.domain import practices
from ledger.domain.events import (
    ActionTaken,
    AgreementChanged,
    DeliveryReceived,
    EntryUnmatched,
    FindingDismissed,
    FindingReopened,
    Kept,
    OrganisationListed,
    OrganisationUnlisted,
    ShareInCreated,
    ShareInEnded,
    SharingSettingChanged,
)
from ledger.domain.objections import practice_day
from ledger.domain.recording_errors import PRACTICE_RULES
from ledger.domain.rule import PracticeHistory, Rule, Sighting, UnmatchedEntry
from ledger.domain.streams import practice_of, practice_stream
from ledger.projections.findings import tables
from ledger.projections.findings.book import Book, Moment, Subject
from ledger.store import codec
from ledger.store.projection import Batch, Write, decoded_streams

# What a practice does by itself, and its rules learn from.
ITS_OWN_DOING = (
    SharingSettingChanged,
    OrganisationListed,
    OrganisationUnlisted,
    ShareInCreated,
    ShareInEnded,
    AgreementChanged,
    ActionTaken,
    FindingDismissed,
    FindingReopened,
)


def ends_a_batch(kept: Kept) -> bool:
    """Whether practices are judged at this event: the end of a delivery, or their own doing."""
    if isinstance(kept.event, DeliveryReceived):
        return True
    return kept.event.delivery is None and isinstance(kept.event, ITS_OWN_DOING)


def settle(connection: Connection, batch: Batch) -> list[Write]:
    """Ask the practice rules again: at the end of a delivery of every practice the ledger hears
    from, for what is true of a setting may become so because a day came. A practice that only
    stands in the register is not judged: nothing is known of its settings.
    """
    last = batch.events[-1]
    if not ends_a_batch(last):
        return []
    if isinstance(last.event, DeliveryReceived):
        codes = _heard_from(connection)
        if last.event.clinical_system is not None:
            codes |= set(last.event.practices)
    else:
        codes = {code for code in (practice_of(last.stream),) if code is not None}
    return _judge(connection, codes, Moment(last.position, last.recorded_at))


def turn_day(connection: Connection, position: int, now: datetime) -> list[Write]:
    """Ask the practice rules again because a day came: some things become true by the day."""
    return _judge(connection, _heard_from(connection), Moment(position, now))


def _heard_from(connection: Connection) -> set[str]:
    return set(connection.execute(select(tables.practices.c.practice)).scalars())


def _judge(connection: Connection, codes: Collection[str], moment: Moment) -> list[Write]:
    """What the rules say of these practices, of which everything up to the moment is known."""
    names = [practice_stream(code) for code in sorted(codes)]
    streams = decoded_streams(connection, names, upto=moment.position)
    known = connection.execute(
        select(tables.findings).where(tables.findings.c.subject.in_(names))
    ).mappings()
    book = Book(known.all())
    waiting = _waiting(connection)
    for code in sorted(codes):
        stream = streams[practice_stream(code)]
        history = PracticeHistory(
            code=code,
            practice=practices.fold(stream),
            unmatched=waiting[code],
            today=practice_day(moment.recorded_at),
        )
        recorded = {kept.position: kept.recorded_at for kept in stream}
        subject = Subject(practice_stream(code), practice=code)
        book.judge(subject, _asked(history), moment, recorded=recorded)
    return book.writes()


def _asked(history: PracticeHistory) -> Iterator[tuple[Rule[Any], Sighting]]:
    for rule in PRACTICE_RULES:
        for sighting in rule.find(history):
            yield rule, sighting


def _waiting(connection: Connection) -> defaultdict[str, list[UnmatchedEntry]]:
    """The entries that wait for a usable NHS number, by practice."""
    waiting: defaultdict[str, list[UnmatchedEntry]] = defaultdict(list)
    for row in connection.execute(select(tables.unmatched).order_by(tables.unmatched.c.position)):
        event = codec.from_bytes(EntryUnmatched.TOPIC, row.state)
        assert isinstance(event, EntryUnmatched), "its topic said so"
        waiting[row.practice].append(UnmatchedEntry(row.position, row.recorded_at, event))
    return waiting
