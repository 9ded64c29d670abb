"""Is what was released kept whole, and does whoever objected to it come to light?"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine, select, text
from sqlalchemy.exc import DBAPIError

from ledger.application import Ledger, Seal
from ledger.application.releasing import Told
from ledger.domain.callers import Caller, Role
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Entry, Precision, Route
from ledger.domain.events import NumberSuperseded
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import Conflict, NotAFact, NotAllowed
from ledger.domain.streams import patient_stream
from ledger.readers.cohort import CohortList
from ledger.region.nhs_numbers import check_digit
from ledger.store import codec
from ledger.store.append import NewEvent, append
from ledger.store.checkpoint import Signer
from ledger.store.cohorts import members_among, releases_of
from ledger.store.identities import erase, find_patients
from ledger.store.log import read_events
from ledger.store.tables import patients
from tests.builders import PRACTICE, a_code, at_ten
from tests.nhs_numbers import nhs_numbers
from tests.projected import assert_the_same, everything

ANNA, BEN, STRANGER = nhs_numbers(3)
WRONG = "9990000000"
APRIL = datetime(2016, 4, 20, 9, tzinfo=UTC)
MANAGER = Caller("the manager", Role.CONTROLLER, frozenset({PRACTICE}))
SERVICE = Caller("a service", Role.EXTRACT)
TYPE_1 = Told(recipient="Harbour Institute", purpose=Purpose.TYPE_1, released_at=APRIL)


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """A live ledger."""
    return Ledger(engine)


@pytest.fixture
def owner(database_url: str) -> Iterator[Engine]:
    """Connections as whoever owns the database has them."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


def a_list(*numbers: str) -> CohortList:
    return CohortList("cohort.csv", [f"{number}\n" for number in numbers])


def objects(
    ledger: Ledger, number: str, on: date, statement: Statement = Statement.DISSENT
) -> int | None:
    entry = Entry(
        practice=PRACTICE,
        clinical_system=ClinicalSystem.SYSTMONE,
        source_patient="",
        entry_id=f"{statement} {number[4:]} {on}",
        purpose=Purpose.TYPE_1,
        statement=statement,
        code_system=CodeSystem.CTV3,
        code=a_code(Purpose.TYPE_1, statement),
        effective_on=on,
        effective_precision=Precision.DAY,
        entered_at=at_ten(on),
        route=Route.API,
    )
    return ledger.record_objection(entry, number, by=MANAGER)


def exposed(ledger: Ledger, release: str) -> list[tuple[str | None, str, bool]]:
    ledger.catch_up()
    [record] = [one for one in ledger.releases() if one.id == release]
    found = ledger.exposure(UUID(release))
    assert found.release == record
    return [(one.nhs_number, one.failure, one.known) for one in found.patients or []]


def test_an_objection_that_becomes_known_later_is_found_in_the_release(ledger: Ledger) -> None:
    record, _ = ledger.release(TYPE_1, a_list(ANNA, STRANGER))
    assert exposed(ledger, record.id) == []

    objects(ledger, STRANGER, date(2016, 4, 1))

    assert exposed(ledger, record.id) == [(STRANGER, "practice", False)]
    [finding] = ledger.findings(rule="DS01")
    assert (finding.nhs_number, finding.practice) == (STRANGER, PRACTICE)


def test_nobody_but_the_members_is_found(ledger: Ledger) -> None:
    objects(ledger, ANNA, date(2016, 4, 1))
    objects(ledger, BEN, date(2016, 4, 1))

    record, _ = ledger.release(TYPE_1, a_list(ANNA))

    assert [number for number, *_ in exposed(ledger, record.id)] == [ANNA]


def test_what_the_ledger_knew_when_the_data_left_is_told(ledger: Ledger) -> None:
    objects(ledger, ANNA, date(2016, 4, 1))
    now = datetime.now(UTC)

    asked = Told(recipient="R", purpose=Purpose.TYPE_1, released_at=now, receipt="c1")
    unasked = Told(recipient="S", purpose=Purpose.TYPE_1, released_at=now)
    with_receipt, _ = ledger.release(asked, a_list(ANNA))
    without, _ = ledger.release(unasked, a_list(ANNA))

    assert exposed(ledger, with_receipt.id) == [(ANNA, "us", True)]
    assert exposed(ledger, without.id) == [(ANNA, "extract service", True)]


def test_a_number_that_came_to_be_anothers_is_found_under_both(
    ledger: Ledger, engine: Engine
) -> None:
    objects(ledger, ANNA, date(2016, 4, 1))
    record, _ = ledger.release(TYPE_1, a_list(BEN))
    with engine.begin() as connection:
        ids = find_patients(connection, [ANNA, BEN])
        event = NumberSuperseded(superseded_by=str(ids[BEN]), by="a test")
        stream = patient_stream(ids[ANNA])
        append(connection, [NewEvent(stream, 2, event.TOPIC, codec.to_bytes(event))])

    assert [number for number, *_ in exposed(ledger, record.id)] == [BEN]
    assert [finding.nhs_number for finding in ledger.findings(rule="DS01")] == [BEN]


def test_bad_rows_are_told_and_the_release_is_kept(ledger: Ledger, engine: Engine) -> None:
    record, position = ledger.release(TYPE_1, a_list(ANNA, WRONG, BEN, ANNA))

    assert position is not None
    assert (record.members, record.rows_refused) == (2, 1)
    [row] = record.refused
    assert (row.file, row.row, row.column) == ("cohort.csv", 2, "NHSNumber")
    with engine.connect() as connection:
        log = b"".join(event.state for event in read_events(connection, after=0, limit=100))
    assert not any(number.encode() in log for number in (ANNA, BEN, WRONG))


def test_the_same_release_again_adds_nothing(ledger: Ledger) -> None:
    first, _ = ledger.release(TYPE_1, a_list(ANNA, BEN))
    head = ledger.known().position

    again, position = ledger.release(TYPE_1, a_list(BEN, ANNA, BEN))

    assert (again.id, position) == (first.id, None)
    assert ledger.known().position == head


def test_told_without_its_time_it_is_that_of_the_day(engine: Engine) -> None:
    clock = [datetime(2018, 6, 1, 9, tzinfo=UTC)]
    ledger = Ledger(engine, clock=lambda: clock[0])
    told = Told(recipient="R", purpose=Purpose.TYPE_1)
    first, _ = ledger.release(told, a_list(ANNA))

    clock[0] += timedelta(hours=2)
    same_day, _ = ledger.release(told, a_list(ANNA))
    clock[0] += timedelta(days=1)
    next_day, _ = ledger.release(told, a_list(ANNA))

    assert same_day.id == first.id != next_day.id


def test_a_dismissed_finding_that_is_taken_up_again_knows_of_the_receipt(ledger: Ledger) -> None:
    told = Told("R", Purpose.TYPE_1, released_at=APRIL, relied_on=frozenset({PRACTICE}))
    ledger.release(told, a_list(ANNA))
    ledger.catch_up()
    [finding] = ledger.findings(rule="DS03")
    ledger.dismiss_finding(PRACTICE, finding.id, reason="it was told by post", by=MANAGER)
    ledger.release(replace(told, receipt="c1"), a_list(ANNA))
    ledger.catch_up()
    assert ledger.finding(finding.id).state == "dismissed"

    ledger.reopen_finding(PRACTICE, finding.id, reason="it was not", by=MANAGER)

    assert ledger.finding(finding.id).state == "closed"


def test_a_receipt_is_attached_once(ledger: Ledger) -> None:
    ledger.release(TYPE_1, a_list(ANNA))
    ledger.catch_up()
    assert len(ledger.findings(rule="DS03")) == 1

    with_receipt = Told("Harbour Institute", Purpose.TYPE_1, released_at=APRIL, receipt="c1")
    record, position = ledger.release(with_receipt, a_list(ANNA))
    ledger.catch_up()

    assert (record.receipt, position is None) == ("c1", False)
    assert ledger.findings(rule="DS03") == []
    another = Told("Harbour Institute", Purpose.TYPE_1, released_at=APRIL, receipt="c2")
    with pytest.raises(Conflict, match="another receipt"):
        ledger.release(another, a_list(ANNA))


@pytest.mark.parametrize(
    ("told", "numbers", "why"),
    [
        (TYPE_1, [WRONG], "none of its 1 rows"),
        (TYPE_1, [], "found none"),
        (Told("R", Purpose.TYPE_1, released_at=datetime(2999, 1, 1, tzinfo=UTC)), [ANNA], "future"),
    ],
)
def test_what_cannot_have_happened_is_refused_and_leaves_nothing(
    ledger: Ledger, told: Told, numbers: list[str], why: str
) -> None:
    ledger.ensure_open()
    with pytest.raises(NotAFact, match=why) as refused:
        ledger.release(told, a_list(*numbers))

    assert WRONG not in str(refused.value)
    assert ledger.known().position == 1


@pytest.mark.parametrize(
    "told", [{"recipient": f"for {ANNA}"}, {"recipient": "R", "receipt": ANNA}]
)
def test_no_number_is_kept_in_the_name_of_anything(told: dict[str, str]) -> None:
    with pytest.raises(NotAFact, match="holds an NHS number"):
        Told(purpose=Purpose.TYPE_1, **told)


def test_who_may_not_tell_is_refused(ledger: Ledger) -> None:
    for caller in (MANAGER, Caller("an auditor", Role.AUDITOR)):
        with pytest.raises(NotAllowed):
            ledger.release(TYPE_1, a_list(ANNA), by=caller)


def test_a_service_sees_its_own_releases_and_no_patient(ledger: Ledger) -> None:
    objects(ledger, ANNA, date(2016, 4, 1))
    record, _ = ledger.release(TYPE_1, a_list(ANNA), by=SERVICE)
    ledger.catch_up()

    found = ledger.exposure(UUID(record.id), by=SERVICE)

    assert (found.exposed, found.patients) == (1, None)
    assert [one.id for one in ledger.releases(by=SERVICE)] == [record.id]
    another = Caller("another", Role.EXTRACT)
    assert ledger.releases(by=another) == []
    with pytest.raises(NotAllowed):
        ledger.exposure(UUID(record.id), by=another)
    with pytest.raises(NotAllowed):
        ledger.releases(by=MANAGER)


def test_who_is_erased_stays_in_the_release_and_has_no_number(
    ledger: Ledger, engine: Engine
) -> None:
    objects(ledger, ANNA, date(2016, 4, 1))
    record, _ = ledger.release(TYPE_1, a_list(ANNA))
    with engine.begin() as connection:
        erase(connection, find_patients(connection, [ANNA])[ANNA])

    ledger.catch_up()
    found = ledger.exposure(UUID(record.id))

    assert found.cohort_holds
    assert [one.nhs_number for one in found.patients or []] == [None]


def test_a_changed_table_of_members_is_noticed(ledger: Ledger, owner: Engine) -> None:
    seal = Seal(ledger.engine, Signer("ledger.example", Ed25519PrivateKey.generate()))
    record, position = ledger.release(TYPE_1, a_list(ANNA, BEN))
    ledger.catch_up()
    seal.follow()
    assert seal.verify().holds

    with owner.begin() as connection:
        connection.execute(text("ALTER TABLE guarded.release_members DISABLE TRIGGER ALL"))
        connection.execute(
            text(
                "DELETE FROM guarded.release_members"
                " WHERE ctid = (SELECT min(ctid) FROM guarded.release_members)"
            )
        )

    verified = seal.verify()
    assert (verified.holds, verified.position) == (False, position)
    assert "members" in (verified.reason or "")
    assert not ledger.exposure(UUID(record.id)).cohort_holds


@pytest.mark.parametrize("how", ["UPDATE guarded.release_members SET patient = patient",
                                 "DELETE FROM guarded.release_members",
                                 "TRUNCATE guarded.release_members"])  # fmt: skip
def test_nobody_changes_whose_data_left(
    ledger: Ledger, engine: Engine, owner: Engine, how: str
) -> None:
    ledger.release(TYPE_1, a_list(ANNA))

    for connections in (engine, owner):
        with connections.connect() as connection, pytest.raises(DBAPIError):
            connection.execute(text(how))


def test_a_rebuild_says_the_same(ledger: Ledger) -> None:
    objects(ledger, ANNA, date(2016, 4, 1))
    told = Told(
        "R", Purpose.TYPE_1, released_at=APRIL, relied_on=frozenset({PRACTICE}), max_age_days=30
    )
    ledger.release(told, a_list(ANNA, BEN))
    objects(ledger, BEN, date(2016, 4, 2))
    objects(ledger, ANNA, date(2016, 5, 2), Statement.WITHDRAWAL)
    ledger.release(TYPE_1, a_list(BEN))
    ledger.catch_up()
    before = everything(ledger.engine)

    ledger.rebuild()

    assert_the_same(before, everything(ledger.engine))
    assert len(ledger.findings(rule="DS01")) == 3


@pytest.mark.slow
def test_two_hundred_thousand_are_kept_and_looked_through(ledger: Ledger, engine: Engine) -> None:
    nines = (f"{n:09d}" for n in range(900_000_000, 900_230_000))
    numbers = [nine + digit for nine in nines if (digit := check_digit(nine)) is not None]
    numbers = numbers[:200_000]
    for number in numbers[:50]:
        objects(ledger, number, date(2016, 4, 1))

    began = perf_counter()
    record, _ = ledger.release(TYPE_1, a_list(*numbers))
    told = perf_counter() - began
    ledger.catch_up()
    found = ledger.exposure(UUID(record.id))
    looked = perf_counter() - began - told

    assert (record.members, found.exposed, found.cohort_holds) == (200_000, 50, True)
    # Some seconds each on a machine that does nothing else; a minute where it does much.
    assert max(told, looked) < 60, (told, looked)
    with engine.connect() as connection:
        some = list(connection.execute(select(patients.c.patient).limit(1_000)).scalars())
        assert len(releases_of(connection, some)) == 1_000
        assert len(members_among(connection, UUID(record.id), some)) == 1_000
