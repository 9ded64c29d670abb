"""Who is judged again, though nothing in the delivery tells of them, and at which moment?"""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from uuid import uuid4

import pytest
from sqlalchemy import Engine, select

from bench.region_log import RegionLog
from ledger import projector
from ledger.application import Ledger
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Setting
from ledger.domain.events import DeliveryReceived, Event, LedgerOpened, Mode
from ledger.domain.purposes import Purpose
from ledger.domain.streams import (
    LEDGER,
    collection_stream,
    delivery_stream,
    patient_stream,
    practice_stream,
)
from ledger.domain.threshold_versions import adopt
from ledger.domain.thresholds import THRESHOLDS_1
from ledger.projections.findings import FINDINGS
from ledger.projections.findings.book import CLOSED, OPEN
from ledger.projections.findings.questions import FoundFinding, found
from ledger.projections.findings.tables import findings
from ledger.store import codec
from ledger.store.append import NewEvent, append, import_events
from ledger.store.log import stream_version
from tests.builders import (
    BY,
    PATIENT,
    PRACTICE,
    a_bulk,
    a_change_of_a_list,
    a_closing,
    a_collection,
    a_death,
    a_delivery,
    a_deregistration,
    a_dissent,
    a_line_of_the_register,
    a_register,
    a_registration,
    a_setting,
    a_system,
    a_transmission,
    at_ten,
)
from tests.databases import Databases
from tests.property.kept import a_ledger

ANOTHER, THIRD = "X99902", "X99903"
SERVICE = "X99C1"
DAY = date(2018, 9, 3)
MOVED = date(2018, 10, 1)


class Told:
    """A re-enacted log that is told event by event, and followed at once."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._deliveries = count(1)
        opened = LedgerOpened(name="tried", mode=Mode.RE_ENACTMENT, as_of=date(2014, 1, 1), by=BY)
        self._append(LEDGER, opened, date(2014, 1, 1))

    def deliver(
        self,
        day: date,
        practice: str,
        *events: tuple[str, Event],
        closing: DeliveryReceived | None = None,
    ) -> None:
        delivery = f"{next(self._deliveries):064}"
        for stream, event in events:
            self._append(stream, event.model_copy(update={"delivery": delivery}), day)
        told = closing or a_delivery(day, practice=practice)
        closed = told.model_copy(update={"delivery": delivery})
        self._append(delivery_stream(delivery), closed, day)
        projector.catch_up(self._engine, [FINDINGS])

    def register(self, day: date, practice: str, event: Event) -> None:
        """As the register tells it: no delivery is closed with it."""
        told = event.model_copy(update={"delivery": "r" * 64})
        self._append(practice_stream(practice), told, day)
        projector.catch_up(self._engine, [FINDINGS])

    def adopt(self, day: date, **changed: float) -> None:
        wanted = THRESHOLDS_1.model_copy(update={"version": "tried", **changed})
        [adopted] = adopt((), wanted, reason="tried", by=BY)
        self._append(LEDGER, adopted, day)
        projector.catch_up(self._engine, [FINDINGS])

    def of(self, rule: str, *, state: str = OPEN) -> list[FoundFinding]:
        with self._engine.connect() as connection:
            caught_up = found(connection, rule=rule, state=state)
        projector.rebuild(self._engine, FINDINGS)
        with self._engine.connect() as connection:
            assert found(connection, rule=rule, state=state) == caught_up
        return caught_up

    def _append(self, stream: str, event: Event, day: date) -> None:
        with self._engine.begin() as connection:
            version = stream_version(connection, stream) + 1
            new = NewEvent(stream, version, event.TOPIC, codec.to_bytes(event))
            append(connection, [new], recorded_at=at_ten(day))


@pytest.fixture
def told(engine: Engine) -> Told:
    return Told(engine)


def a_wrongly_coded_dissent(effective_on: date, entered_at: datetime) -> tuple[str, Event]:
    """In Read v2, which SystmOne never had: rule CO06."""
    dissent = a_dissent(
        code_system=CodeSystem.READ_V2, effective_on=effective_on, entered_at=entered_at
    )
    return patient_stream(PATIENT), dissent


def test_an_objection_counts_from_its_day_on_whoever_delivers_then(told: Told) -> None:
    tomorrow = DAY + timedelta(days=1)
    told.deliver(DAY, PRACTICE, a_wrongly_coded_dissent(tomorrow, at_ten(DAY)))
    [before] = told.of("CO06")

    told.deliver(tomorrow, ANOTHER)

    [after] = told.of("CO06")
    assert (before.upheld_meanwhile, after.upheld_meanwhile) == (False, True)


def test_in_a_live_ledger_it_counts_when_the_day_turns(engine: Engine) -> None:
    now = datetime.now(UTC)
    tomorrow = now + timedelta(days=1)
    ledger = Ledger(engine, clock=lambda: now)
    ledger.open("live")
    stream, dissent = a_wrongly_coded_dissent(tomorrow.date(), now)
    with engine.begin() as connection:
        append(connection, [NewEvent(stream, 1, dissent.TOPIC, codec.to_bytes(dissent))])
    ledger.catch_up()
    [before] = ledger.findings(rule="CO06")

    Ledger(engine, clock=lambda: tomorrow + timedelta(hours=1)).turn_day()

    [after] = ledger.findings(rule="CO06")
    assert (before.upheld_meanwhile, after.upheld_meanwhile) == (False, True)


def test_a_setting_told_in_advance_is_wrong_from_the_day_it_takes_effect(told: Told) -> None:
    in_a_week = DAY + timedelta(days=7)
    setting = a_setting(Setting.AUTO_SHARE_OUT, "on", at_ten(in_a_week))
    told.deliver(DAY, PRACTICE, (practice_stream(PRACTICE), setting))
    assert told.of("SH01") == []

    told.deliver(in_a_week, ANOTHER)

    [sighted] = told.of("SH01")
    assert (sighted.practice, sighted.since) == (PRACTICE, in_a_week)


def test_what_the_register_tells_of_a_practice_is_judged_at_the_next_delivery(told: Told) -> None:
    setting = a_setting(Setting.AUTO_SHARE_IN, "off", at_ten(DAY))
    told.deliver(DAY, PRACTICE, (practice_stream(PRACTICE), setting))
    told.deliver(DAY, ANOTHER)
    told.register(DAY, PRACTICE, a_system(ClinicalSystem.SYSTMONE, since=date(2012, 1, 1)))
    assert told.of("SH03") == []

    told.deliver(DAY, ANOTHER)

    # Its screen reads "No Organisations Require Verification" where nobody has touched it.
    [sighted] = told.of("SH03")
    assert sighted.practice == PRACTICE


def test_a_list_is_looked_at_when_the_register_closes_who_stands_on_it(told: Told) -> None:
    listing = a_change_of_a_list(Setting.ALLOWED, "add", SERVICE, at_ten(DAY))
    told.deliver(DAY, PRACTICE, (practice_stream(PRACTICE), listing))
    told.deliver(DAY, ANOTHER)
    told.register(DAY, SERVICE, a_closing(DAY))
    assert told.of("SH06") == []

    told.deliver(DAY, ANOTHER)

    [sighted] = told.of("SH06")
    assert (sighted.practice, sighted.since) == (PRACTICE, DAY)


def test_a_list_is_looked_at_when_a_register_lists_everybody_but_them(told: Told) -> None:
    listing = a_change_of_a_list(Setting.ALLOWED, "add", SERVICE, at_ten(DAY))
    told.deliver(DAY, PRACTICE, (practice_stream(PRACTICE), listing))
    assert told.of("SH06") == []

    of_the_same_look = (practice_stream("X99C8"), a_line_of_the_register())
    told.deliver(DAY, ANOTHER, of_the_same_look, closing=a_register(DAY))

    [sighted] = told.of("SH06")
    assert sighted.practice == PRACTICE


def moved_to_vision(told: Told) -> None:
    """Without the one dissent that it had in SystmOne, of a patient who has not left."""
    registered = a_registration(date(2001, 5, 1), practice=PRACTICE)
    dissent = a_dissent(entered_at=at_ten(DAY))
    before = a_system(ClinicalSystem.SYSTMONE, since=date(2012, 1, 1))
    told.deliver(DAY, ANOTHER)
    told.deliver(DAY, THIRD)
    told.register(DAY, PRACTICE, before)
    told.deliver(
        DAY, PRACTICE, (patient_stream(PATIENT), registered), (patient_stream(PATIENT), dissent)
    )
    told.register(DAY, PRACTICE, a_system(ClinicalSystem.VISION, since=MOVED))
    bulk = a_bulk(MOVED, clinical_system=ClinicalSystem.VISION, patients=1)
    told.deliver(MOVED, PRACTICE, closing=bulk)


def test_an_objection_is_no_longer_missed_when_another_practice_tells_of_a_death(
    told: Told,
) -> None:
    moved_to_vision(told)
    [missed] = told.of("LC05")
    assert missed.practice == PRACTICE

    told.deliver(MOVED, THIRD)
    told.deliver(MOVED, ANOTHER, (patient_stream(PATIENT), a_death(MOVED, practice=ANOTHER)))
    told.deliver(MOVED, THIRD)

    assert told.of("LC05") == []
    [closed] = told.of("LC05", state=CLOSED)
    assert closed.id == missed.id


def test_an_objection_is_no_longer_missed_from_the_day_the_patient_leaves(told: Told) -> None:
    moved_to_vision(told)
    leaves = MOVED + timedelta(days=3)
    leaving = a_deregistration(leaves, practice=PRACTICE)
    told.deliver(MOVED, PRACTICE, (patient_stream(PATIENT), leaving))
    assert len(told.of("LC05")) == 1

    told.deliver(leaves, ANOTHER)

    assert told.of("LC05") == []


@pytest.mark.parametrize(
    ("changed", "many"), [({}, 0), ({"bulk_change_entries": 3, "bulk_change_minutes": 5}, 1)]
)
def test_what_is_a_bulk_change_is_judged_by_the_thresholds_in_force(
    told: Told, changed: dict[str, int], many: int
) -> None:
    entered = [
        a_dissent(
            entry_id=str(row),
            entered_by="user 7",
            entered_at=at_ten(DAY) + row * timedelta(minutes=2),
        )
        for row in range(3)
    ]
    told.deliver(DAY, PRACTICE, *((patient_stream(uuid4()), entry) for entry in entered))
    assert told.of("LC04") == []

    told.adopt(DAY, **{"bulk_change_entries": 21, **changed})

    assert len(told.of("LC04")) == many


def test_whom_a_practice_lets_wait_is_judged_at_the_end_of_its_delivery(
    told: Told, engine: Engine
) -> None:
    april, may = date(2016, 4, 30), date(2016, 5, 3)
    for practice in (PRACTICE, ANOTHER, THIRD):
        told.deliver(date(2016, 4, 1), practice)
    told.deliver(
        may,
        PRACTICE,
        (patient_stream(PATIENT), a_transmission(april)),
        (collection_stream(april.isoformat()), a_collection(april, practices=[PRACTICE, ANOTHER])),
        closing=a_delivery(may).model_copy(
            update={"format": "collection", "clinical_system": None}
        ),
    )
    assert told.of("TX07") == []

    for practice in (THIRD, PRACTICE, ANOTHER):
        told.deliver(may, practice)
    one_by_one = everything_found(engine)
    # A rebuild takes deliveries of one day together, where nobody waits for one of them.
    projector.rebuild(engine, FINDINGS)

    assert everything_found(engine) == one_by_one
    [missing] = told.of("TX07")
    assert missing.practice == PRACTICE


def test_deliveries_of_one_day_say_together_what_each_says_by_itself(databases: Databases) -> None:
    ways = []
    for batch in (1, projector.BATCH):
        with a_ledger(databases) as ledger:
            region = RegionLog(ledger.engine, practices=7, objectors=30, months=4)
            region.open()
            for _ in range(4):
                region.grow()
            projector.catch_up(ledger.engine, [FINDINGS], batch=batch)
            ways.append(everything_found(ledger.engine))
            projector.rebuild(ledger.engine, FINDINGS)
            ways.append(everything_found(ledger.engine))

    assert any(table == "findings" for table, *_ in ways[0])
    assert ways == [ways[0]] * 4


def test_many_objections_handed_in_one_by_one_are_each_found_at_their_own_position(
    engine: Engine,
) -> None:
    Told(engine)
    entries = [
        a_dissent(code_system=CodeSystem.READ_V2, entry_id=str(row), purpose=Purpose.TYPE_1)
        for row in range(5)
    ]
    with engine.begin() as connection:
        positions = import_events(
            connection,
            [
                NewEvent(patient_stream(uuid4()), 1, entry.TOPIC, codec.to_bytes(entry))
                for entry in entries
            ],
            recorded_at=at_ten(DAY),
        )
    assert positions is not None

    projector.catch_up(engine, [FINDINGS])

    with engine.connect() as connection:
        f = findings.c
        asked = select(f.found_position).where(f.rule == "CO06").order_by(f.found_position)
        at = list(connection.execute(asked).scalars())
    assert at == list(range(positions.first, positions.last + 1))


def everything_found(engine: Engine) -> list[tuple]:
    """Every row of what is kept of findings."""
    with engine.connect() as connection:
        return [
            (table.name, *map(str, row))
            for table in FINDINGS.tables
            for row in sorted(connection.execute(select(table)).all(), key=repr)
        ]
