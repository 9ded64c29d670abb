"""What is put into the log to be measured? What the ledger itself would put there.

Entries as a supplier's delivery brings them, of some 500 bytes each, and a log of several years in
which practices deliver month by month and a collection carries everybody who objects.
"""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import Connection

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Precision, Route
from ledger.domain.events import (
    CollectionReceived,
    DeliveryReceived,
    EntryRecorded,
    Event,
    LedgerOpened,
    Mode,
    ObjectionTransmitted,
    Registered,
)
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.streams import LEDGER, collection_stream, delivery_stream, patient_stream
from ledger.store import codec
from ledger.store.append import NewEvent, import_events

BEGIN = date(2014, 1, 31)
PRACTICES = tuple(f"X99{number:03}" for number in range(1, 9))
_SYSTMONE, _EMIS = ClinicalSystem.SYSTMONE, ClinicalSystem.EMIS_WEB
_BY = "operator"


def entry_events(count: int, *, seed: int = 2018) -> list[NewEvent]:
    """The entries of one large delivery: a patient has one or two, each in a stream of its own."""
    dice = random.Random(seed)
    versions: dict[str, int] = defaultdict(int)
    events: list[NewEvent] = []
    while len(events) < count:
        stream = patient_stream(_uuid(dice))
        for _ in range(dice.choice((1, 1, 1, 2))):
            event = _entry(dice, dice.choice(PRACTICES), BEGIN, delivery="a" * 64)
            versions[stream] += 1
            events.append(NewEvent(stream, versions[stream], event.TOPIC, codec.to_bytes(event)))
    return events[:count]


def a_million(scale: float = 1.0) -> dict[str, int]:
    """The months and entries of a log of a million events, or of a part of it."""
    part = scale**0.5
    return {"months": max(2, round(54 * part)), "entries": max(2, round(104 * part))}


def import_years(connection: Connection, *, months: int, entries: int) -> int:
    """Import a re-enacted log of so many months, with `entries` new entries a practice in each.

    Returns how many events there are. Everybody carried once is carried every month from then on,
    which is what makes a log long.
    """
    count = 0
    log = _Log()
    for recorded_at, events in _years(log, months=months, entries=entries):
        import_events(connection, events, recorded_at=recorded_at)
        count += len(events)
    return count


class _Log:
    """Gives each event the next version of its stream."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = defaultdict(int)

    def new(self, stream: str, event: Event) -> NewEvent:
        self._versions[stream] += 1
        return NewEvent(stream, self._versions[stream], event.TOPIC, codec.to_bytes(event))


def _years(log: _Log, *, months: int, entries: int) -> Iterator[tuple[datetime, list[NewEvent]]]:
    dice = random.Random(2018)
    opened = LedgerOpened(name="bench", mode=Mode.RE_ENACTMENT, as_of=BEGIN, by=_BY)
    yield _noon(BEGIN), [log.new(LEDGER, opened)]
    objecting: dict[str, EntryRecorded] = {}
    for end in islice(_month_ends(), months):
        for practice in PRACTICES:
            kept = [(patient_stream(_uuid(dice)), practice) for _ in range(entries)]
            yield _noon(end), list(_delivery(log, dice, objecting, kept, practice, end))
        yield _noon(end), list(_collection(log, objecting, end))


def _delivery(
    log: _Log,
    dice: random.Random,
    objecting: dict[str, EntryRecorded],
    kept: list[tuple[str, str]],
    practice: str,
    end: date,
) -> Iterator[NewEvent]:
    delivery = f"{dice.getrandbits(256):064x}"
    for stream, _ in kept:
        event = _entry(dice, practice, end, delivery=delivery)
        yield log.new(stream, event)
        yield log.new(
            stream,
            Registered(
                practice=practice,
                clinical_system=event.clinical_system,
                registered_on=end - timedelta(days=400),
                by=_BY,
                delivery=delivery,
            ),
        )
        if event.purpose is Purpose.TYPE_2:
            objecting[stream] = event
    yield log.new(
        delivery_stream(delivery),
        _received(delivery, "systmone-sre", (practice,), end, _system_of(practice), len(kept)),
    )


def _collection(log: _Log, objecting: dict[str, EntryRecorded], end: date) -> Iterator[NewEvent]:
    collection, delivery = f"GPES {end:%Y-%m}", f"{end:%Y%m%d}".ljust(64, "c")
    for stream, entry in objecting.items():
        yield log.new(
            stream,
            ObjectionTransmitted(
                collection=collection,
                period_end=end,
                supplier=entry.clinical_system.supplier,
                practice=entry.practice,
                code_system=entry.code_system,
                code=entry.code,
                effective_on=entry.effective_on,
                by=_BY,
                delivery=delivery,
            ),
        )
    yield log.new(
        collection_stream(collection),
        CollectionReceived(
            collection=collection,
            period_end=end,
            practices=PRACTICES,
            suppliers=("EMIS", "TPP"),
            members=len(objecting),
            by=_BY,
            delivery=delivery,
        ),
    )
    yield log.new(
        delivery_stream(delivery),
        _received(delivery, "collection", PRACTICES, end, None, len(objecting)),
    )


def _received(
    delivery: str,
    form: str,
    practices: tuple[str, ...],
    end: date,
    system: ClinicalSystem | None,
    kept: int,
) -> DeliveryReceived:
    return DeliveryReceived(
        format=form,
        path=f"deliveries/{end:%Y%m%d}",
        dated=_noon(end),
        practices=practices,
        clinical_system=system,
        period_end=_noon(end),
        rows_read=10 * kept,
        entries_kept=kept,
        unchanged=0,
        removed=0,
        unmatched=0,
        left_out=0,
        refused=0,
        by=_BY,
        delivery=delivery,
    )


def _entry(dice: random.Random, practice: str, end: date, *, delivery: str) -> EntryRecorded:
    day = end - timedelta(days=dice.randrange(1, 28))
    type_2 = dice.random() < 0.75  # noqa: PLR2004  as the demo's region has them
    return EntryRecorded(
        practice=practice,
        clinical_system=_system_of(practice),
        entry_id=str(dice.randrange(10**12)),
        purpose=Purpose.TYPE_2 if type_2 else Purpose.TYPE_1,
        statement=Statement.DISSENT,
        code_system=CodeSystem.CTV3,
        code="XaaVL" if type_2 else "XaZ89",
        effective_on=day,
        effective_precision=Precision.DAY,
        entered_at=_noon(day),
        entered_by=str(dice.randrange(10**6)),
        route=Route.DELIVERY,
        source=f"SRCode.csv row {dice.randrange(10**6)}",
        content_hash=f"{dice.getrandbits(256):064x}",
        by=_BY,
        delivery=delivery,
    )


def _system_of(practice: str) -> ClinicalSystem:
    return _SYSTMONE if PRACTICES.index(practice) % 2 == 0 else _EMIS


def _month_ends() -> Iterator[date]:
    first = BEGIN + timedelta(days=1)
    while True:
        yield first - timedelta(days=1)
        first = (first + timedelta(days=32)).replace(day=1)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


def _uuid(dice: random.Random) -> UUID:
    return UUID(int=dice.getrandbits(128), version=4)
