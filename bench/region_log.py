"""A region's log, month by month: what practices deliver, and a collection of all who object.

Practice by practice as deliveries come, in the bytes the ledger itself would keep, and into the log
by its ordinary import. A transmission is told of so many, that its bytes are made from a pattern.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Engine

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
    SystemChanged,
)
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.streams import (
    LEDGER,
    collection_stream,
    delivery_stream,
    patient_stream,
    practice_stream,
)
from ledger.store import codec
from ledger.store.append import NewEvent, import_events

BEGIN = date(2014, 1, 31)
TYPE_2 = 0.75
WITHDRAWS = 0.02
# So many dissents that no collection ever carries: what the rules are there to find.
LOST = 0.01
_SYSTEMS = (ClinicalSystem.SYSTMONE, ClinicalSystem.EMIS_WEB)
_BY = "operator"
_CODES = {
    (ClinicalSystem.SYSTMONE, Purpose.TYPE_1): (CodeSystem.CTV3, "XaZ89", "XaZ8A"),
    (ClinicalSystem.SYSTMONE, Purpose.TYPE_2): (CodeSystem.CTV3, "XaaVL", "XaaVM"),
    (ClinicalSystem.EMIS_WEB, Purpose.TYPE_1): (CodeSystem.READ_V2, "9Nu0.", "9Nu1."),
    (ClinicalSystem.EMIS_WEB, Purpose.TYPE_2): (CodeSystem.READ_V2, "9Nu4.", "9Nu5."),
}


class RegionLog:
    """Grows a log by a month at a time: `practices` with, in the end, so many `objectors` each."""

    def __init__(self, engine: Engine, *, practices: int, objectors: int, months: int) -> None:
        self._engine = engine
        self._dice = random.Random(2018)
        self._versions: defaultdict[str, int] = defaultdict(int)
        self._practices = tuple(f"X9{number:04}" for number in range(practices))
        self._objectors, self._months = objectors, months
        # By practice, the streams of whom its supplier tells NHS Digital, with their dates.
        self._carried: defaultdict[str, list[tuple[str, date]]] = defaultdict(list)
        self._month = 0
        self.events = 0

    def open(self) -> None:
        """Position 1, and which system each practice uses."""
        opened = LedgerOpened(name="bench", mode=Mode.RE_ENACTMENT, as_of=BEGIN, by=_BY)
        self._import([self._new(LEDGER, opened)], BEGIN)
        uses = [
            self._new(
                practice_stream(practice),
                SystemChanged(clinical_system=_system_of(practice), by=_BY),
            )
            for practice in self._practices
        ]
        self._import(uses, BEGIN)

    def grow(self) -> None:
        """One more month: a delivery a practice, then a collection of everybody who objects."""
        end = _month_end(self._month)
        per_month = self._objectors / self._months
        begin_at, end_at = (round(per_month * (self._month + i)) for i in (0, 1))
        for practice in self._practices:
            self._import(list(self._delivery(practice, end, end_at - begin_at)), end)
        self._import(self._collection(end), end)
        self._month += 1

    def _delivery(self, practice: str, end: date, entries: int) -> Iterator[NewEvent]:
        delivery, system = f"{self._dice.getrandbits(256):064x}", _system_of(practice)
        leaving = [p for p in self._carried[practice] if self._dice.random() < WITHDRAWS]
        self._carried[practice] = [p for p in self._carried[practice] if p not in leaving]
        for stream, _ in leaving:
            yield self._new(
                stream, self._entry(practice, Purpose.TYPE_2, end, delivery, withdraws=True)
            )
        for _ in range(entries):
            stream = patient_stream(UUID(int=self._dice.getrandbits(128), version=4))
            is_type_2 = self._dice.random() < TYPE_2
            purpose = Purpose.TYPE_2 if is_type_2 else Purpose.TYPE_1
            event = self._entry(practice, purpose, end, delivery)
            yield self._new(stream, event)
            registered = Registered(
                practice=practice,
                clinical_system=system,
                registered_on=end - timedelta(days=400),
                by=_BY,
                delivery=delivery,
            )
            yield self._new(stream, registered)
            if is_type_2 and self._dice.random() >= LOST:
                assert event.effective_on is not None, "it has one"
                self._carried[practice].append((stream, event.effective_on))
        yield self._new(
            delivery_stream(delivery),
            _received(delivery, "systmone-sre", (practice,), end, system, entries + len(leaving)),
        )

    def _collection(self, end: date) -> Iterator[NewEvent]:
        collection, delivery = f"GPES {end:%Y-%m}", f"{end:%Y%m%d}".ljust(64, "c")
        members = 0
        for practice in self._practices:
            system = _system_of(practice)
            vocabulary, code, _ = _CODES[system, Purpose.TYPE_2]
            sent = ObjectionTransmitted(
                collection=collection,
                period_end=end,
                supplier=system.supplier,
                practice=practice,
                code_system=vocabulary,
                code=code,
                effective_on=BEGIN,
                by=_BY,
                delivery=delivery,
            )
            head, tail = codec.to_bytes(sent).split(f'"effective_on":"{BEGIN}"'.encode())
            for stream, effective_on in self._carried[practice]:
                self._versions[stream] += 1
                state = head + f'"effective_on":"{effective_on}"'.encode() + tail
                yield NewEvent(stream, self._versions[stream], sent.TOPIC, state)
                members += 1
        suppliers = tuple(sorted({system.supplier.value for system in _SYSTEMS}))
        received = CollectionReceived(
            collection=collection,
            period_end=end,
            practices=self._practices,
            suppliers=suppliers,
            members=members,
            by=_BY,
            delivery=delivery,
        )
        yield self._new(collection_stream(collection), received)
        yield self._new(
            delivery_stream(delivery),
            _received(delivery, "collection", self._practices, end, None, members),
        )

    def _entry(
        self,
        practice: str,
        purpose: Purpose,
        end: date,
        delivery: str,
        *,
        withdraws: bool = False,
    ) -> EntryRecorded:
        day = end - timedelta(days=self._dice.randrange(1, 28))
        system = _system_of(practice)
        vocabulary, dissent, withdrawal = _CODES[system, purpose]
        return EntryRecorded(
            practice=practice,
            clinical_system=system,
            entry_id=str(self._dice.randrange(10**12)),
            purpose=purpose,
            statement=Statement.WITHDRAWAL if withdraws else Statement.DISSENT,
            code_system=vocabulary,
            code=withdrawal if withdraws else dissent,
            effective_on=day,
            effective_precision=Precision.DAY,
            entered_at=_noon(day),
            entered_by=str(self._dice.randrange(10**6)),
            route=Route.DELIVERY,
            source=f"SRCode.csv row {self._dice.randrange(10**6)}",
            content_hash=f"{self._dice.getrandbits(256):064x}",
            by=_BY,
            delivery=delivery,
        )

    def _new(self, stream: str, event: Event) -> NewEvent:
        self._versions[stream] += 1
        return NewEvent(stream, self._versions[stream], event.TOPIC, codec.to_bytes(event))

    def _import(self, events: Sequence[NewEvent] | Iterator[NewEvent], day: date) -> None:
        with self._engine.begin() as connection:
            positions = import_events(connection, events, recorded_at=_noon(day))
        assert positions is not None, "there was something to keep"
        self.events = positions.last


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


def _system_of(practice: str) -> ClinicalSystem:
    return _SYSTEMS[int(practice[-1]) % len(_SYSTEMS)]


def _month_end(month: int) -> date:
    months = BEGIN.month + month
    return date(BEGIN.year + months // 12, months % 12 + 1, 1) - timedelta(days=1)


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
