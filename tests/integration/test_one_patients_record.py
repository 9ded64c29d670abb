"""What does the ledger keep of one patient's record: a reply of GP Connect, a GP2GP message, a refusal?"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from ledger.application import Ledger
from ledger.application.records import DeliveryRecord, StatusRecord
from ledger.domain.callers import Caller, Role
from ledger.domain.events import EntryRecorded, EntryRemoved, Event, Mode, RecordAnswered
from ledger.domain.policies import Answer
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAllowed
from ledger.projections.standing_objections import standing_objections, withheld
from ledger.store.log import read_events
from ledger.store.projection import decoded
from ledger.store.tables import patients
from tests.files import (
    EMIS_PRACTICE,
    GP_CONNECT_PRACTICE,
    Json,
    a_coding,
    a_fhir_observation,
    a_gp2gp_file,
    a_gp2gp_statement,
    a_gp_connect_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_withheld_file,
    an_emis_delivery,
    an_emis_observation,
    found_in,
    the_delivery,
    write_csv,
)
from tests.nhs_numbers import nhs_number
from tests.projected import assert_the_same, everything

NUMBER, ANOTHER = nhs_number(0), nhs_number(1)
UNUSABLE = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
JUNE = datetime(2018, 6, 1, 9, 30, tzinfo=UTC)
JULY = datetime(2018, 7, 1, 9, 30, tzinfo=UTC)
AUGUST = datetime(2018, 8, 1, 9, 30, tzinfo=UTC)


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path) -> Iterator[Ledger]:
    """A re-enactment that was told which system the practice uses."""
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    rows = [{"ODSCode": GP_CONNECT_PRACTICE, "Supplier": "MICROTEST"}]
    systems = write_csv(tmp_path / "systems.csv", ["ODSCode", "Supplier"], rows)
    opened.import_practices(None, systems=systems)
    return opened


def ingest(ledger: Ledger, path: Path) -> DeliveryRecord:
    return ledger.ingest(the_delivery(path))


def a_reply(where: Path, dated: datetime, *observations: Json, **told: Any) -> Path:
    return a_gp_connect_file(where, dated=dated, observations=observations, **told)


def a_refusal(where: Path, asked_at: datetime, *, number: str = NUMBER, **told: Any) -> Path:
    return a_withheld_file(
        where,
        dated=asked_at.date(),
        numbers=[number],
        asked_at=asked_at.isoformat(),
        **told,
    )


def answer(ledger: Ledger, number: str = NUMBER, **asked: Any) -> StatusRecord:
    ledger.catch_up()
    (record,) = ledger.statuses([number], asked.pop("purpose", Purpose.TYPE_1), **asked)
    return record


def status(ledger: Ledger, number: str = NUMBER, **asked: Any) -> str:
    return answer(ledger, number, **asked).status


def rules(ledger: Ledger, **asked: Any) -> set[str]:
    ledger.catch_up()
    return {finding.rule for finding in ledger.findings(**asked)} - {"SH03"}


def events(ledger: Ledger, kind: type[Event]) -> list[Event]:
    with ledger.engine.connect() as connection:
        log = decoded(read_events(connection, after=0, limit=1_000))
    return [kept.event for kept in log if isinstance(kept.event, kind)]


# --- GP Connect


def test_a_dissent_in_a_reply_is_an_objection(ledger: Ledger, tmp_path: Path) -> None:
    spelt = [a_coding("readv2", "9Nu0.00", chosen=True), a_coding("snomed", "827241000000103")]

    record = ingest(ledger, a_reply(tmp_path, JUNE, a_fhir_observation(codings=spelt)))

    assert (record.state, record.format) == ("accepted", "gp-connect-structured")
    assert (record.rows_read, record.entries_kept, record.practices) == (1, 1, ["X99904"])
    decided = answer(ledger)
    assert (decided.status, decided.rule) == ("objecting", "latest-effective")
    assert decided.because is not None
    assert decided.because.code == "9Nu0."
    assert rules(ledger) == set()


def test_the_same_reply_of_a_later_day_adds_nothing(ledger: Ledger, tmp_path: Path) -> None:
    ingest(ledger, a_reply(tmp_path, JUNE, a_fhir_observation()))

    again = ingest(ledger, a_reply(tmp_path, JULY, a_fhir_observation()))

    assert (again.entries_kept, again.unchanged, again.removed) == (0, 1, 0)
    assert len(events(ledger, EntryRecorded)) == 1


def test_an_entry_that_a_later_whole_reply_lacks_was_removed(
    ledger: Ledger, tmp_path: Path
) -> None:
    ingest(ledger, a_reply(tmp_path, JUNE, a_fhir_observation()))

    later = ingest(ledger, a_reply(tmp_path, JULY))

    assert later.removed == 1
    assert status(ledger) == "objecting"
    assert "LC01" in rules(ledger)


def test_a_reply_tells_nothing_of_other_patients(ledger: Ledger, tmp_path: Path) -> None:
    ingest(ledger, a_reply(tmp_path, JUNE, a_fhir_observation()))

    other = ingest(ledger, a_reply(tmp_path, JULY, number=ANOTHER, id="patient-2"))

    assert other.removed == 0
    asked = {"practice": GP_CONNECT_PRACTICE}
    assert status(ledger, ANOTHER) == "not-objecting"
    # Nor is it evidence of the practice's record: nobody knows what the others there have said.
    unseen = answer(ledger, ANOTHER, **asked)
    assert (unseen.status, unseen.rule) == ("cannot-tell", "evidence-unseen")


def test_a_bulk_of_the_same_practice_removes_nothing_that_came_in_a_reply(
    ledger: Ledger, tmp_path: Path
) -> None:
    identifiers = [{"system": "https://EMISWeb/X99902", "value": "1"}]
    reply = a_reply(
        tmp_path,
        datetime(2018, 6, 2, 9, tzinfo=UTC),
        a_fhir_observation(identifier=identifiers),
        practice=EMIS_PRACTICE,
    )
    observation = an_emis_observation(1)
    first = an_emis_delivery(tmp_path, dated=_clock(1), bulk=True, observations=[observation])
    second = an_emis_delivery(tmp_path, dated=_clock(3), bulk=True, observations=[observation])

    records = [ingest(ledger, path) for path in (first, reply, second)]

    assert [record.removed for record in records] == [0, 0, 0]
    assert [record.entries_kept for record in records] == [1, 1, 0]
    assert events(ledger, EntryRemoved) == []


def _clock(day: int) -> datetime:
    return datetime(2018, 6, day, 22, 45)  # noqa: DTZ001  a clinical system's clock


def test_a_reply_without_a_usable_number_waits(ledger: Ledger, tmp_path: Path) -> None:
    record = ingest(ledger, a_reply(tmp_path, JUNE, a_fhir_observation(), number=UNUSABLE))

    assert (record.unmatched, record.entries_kept) == (1, 0)
    assert rules(ledger) == {"ID01"}
    matched = ingest(ledger, a_reply(tmp_path, JULY, a_fhir_observation()))
    assert matched.entries_kept == 1
    assert rules(ledger) == set()


def test_a_reply_older_than_the_last_one_is_refused_and_says_so(
    ledger: Ledger, tmp_path: Path
) -> None:
    ingest(ledger, a_reply(tmp_path, JULY, a_fhir_observation()))

    record = ingest(ledger, a_reply(tmp_path, JUNE))

    assert record.state == "refused"
    assert "2018-07-01T09:30:00+00:00" in str(record.reason)


def test_a_reply_of_a_practice_whose_system_is_not_known_is_refused(
    ledger: Ledger, tmp_path: Path
) -> None:
    record = ingest(ledger, a_reply(tmp_path, JUNE, a_fhir_observation(), practice="X99905"))

    assert record.state == "refused"
    assert "ledger practices import --systems" in str(record.reason)


def test_a_refused_reply_leaves_nothing_of_what_stood_in_it(ledger: Ledger, tmp_path: Path) -> None:
    broken = a_fhir_observation(issued=f"Jane Doe, {NUMBER}")

    record = ingest(ledger, a_reply(tmp_path, JUNE, broken))

    assert record.state == "refused"
    with ledger.engine.connect() as connection:
        log = connection.execute(text("select convert_from(state, 'UTF8') from log.events"))
        assert not [state for (state,) in log if NUMBER in state or "Jane" in state]


# --- GP2GP


def test_an_old_type_2_that_came_by_gp2gp_is_noted_and_does_not_count(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = a_gp2gp_file(
        tmp_path,
        dated=datetime(2019, 2, 4, tzinfo=UTC),
        statements=[a_gp2gp_statement(effective="20170301")],
        entered="20190201100000",
    )

    record = ingest(ledger, path)

    assert (record.state, record.format, record.entries_kept) == ("accepted", "gp2gp", 1)
    assert status(ledger, purpose=Purpose.TYPE_2) == "not-objecting"
    assert rules(ledger) == {"CO05"}


def test_a_dissent_that_came_by_gp2gp_is_an_objection(ledger: Ledger, tmp_path: Path) -> None:
    statement = a_gp2gp_statement(code="9Nu0.00")

    ingest(ledger, a_gp2gp_file(tmp_path, dated=JUNE, statements=[statement]))

    assert status(ledger) == "objecting"


# --- a record that is withheld


def test_of_a_patient_whose_record_is_withheld_nobody_can_tell(
    ledger: Ledger, tmp_path: Path
) -> None:
    assert status(ledger) == "not-objecting"

    record = ingest(ledger, a_refusal(tmp_path, JUNE))

    assert (record.state, record.format, record.entries_kept) == ("accepted", "withheld", 1)
    for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
        decided = answer(ledger, purpose=purpose)
        assert (decided.status, decided.because) == ("cannot-tell", None)
        assert (decided.rule, decided.withheld_by) == ("record-withheld", ["X99904"])
    assert status(ledger, ANOTHER) == "not-objecting"
    # What was known before stays as it was known.
    assert status(ledger, known_at=(record.position or 0) - 2) == "not-objecting"


def test_the_same_refusal_twice_is_one(ledger: Ledger, tmp_path: Path) -> None:
    ingest(ledger, a_refusal(tmp_path / "one", JUNE))
    path = a_withheld_file(
        tmp_path / "two",
        dated=date(2018, 6, 2),
        numbers=[NUMBER, NUMBER],
        asked_at=JUNE.isoformat(),
    )

    again = ingest(ledger, path)

    assert (again.rows_read, again.entries_kept, again.unchanged) == (2, 0, 2)


def test_a_dissent_that_is_known_goes_on_counting_when_the_record_is_withheld(
    ledger: Ledger, tmp_path: Path
) -> None:
    ingest(ledger, a_reply(tmp_path, JUNE, a_fhir_observation()))
    ingest(ledger, a_refusal(tmp_path, JULY))

    decided = answer(ledger)

    assert (decided.status, decided.withheld_by) == ("objecting", [])


def test_a_withdrawal_that_is_known_no_longer_tells_when_the_record_is_withheld(
    ledger: Ledger, tmp_path: Path
) -> None:
    withdrawal = a_systmone_entry(code="XaZ8A")
    ingest(ledger, a_systmone_delivery(tmp_path, ends=_clock(1), entries=[withdrawal]))
    assert status(ledger) == "not-objecting"

    ingest(ledger, a_refusal(tmp_path, JULY))

    decided = answer(ledger)
    assert (decided.status, decided.because) == ("cannot-tell", None)


def test_a_record_sent_after_all_ends_the_doubt(ledger: Ledger, tmp_path: Path) -> None:
    refused = ingest(ledger, a_refusal(tmp_path, JUNE))

    ingest(ledger, a_reply(tmp_path, JULY))

    assert status(ledger) == "not-objecting"
    assert status(ledger, known_at=refused.position) == "cannot-tell"
    (answered,) = events(ledger, RecordAnswered)
    assert answered.model_dump(include={"practice", "answered_at"}) == {
        "practice": GP_CONNECT_PRACTICE,
        "answered_at": JULY,
    }


@pytest.mark.parametrize(
    ("dated", "told"),
    [
        # Of before the refusal, though it came later.
        (datetime(2018, 5, 1, tzinfo=UTC), {}),
        # In part: an objection may be in what is not shown.
        (JULY, {"listed": False}),
        (JULY, {"warning": "confidential-items"}),
        # Of another practice, or somebody else.
        (JULY, {"practice": EMIS_PRACTICE}),
        (JULY, {"number": ANOTHER}),
    ],
)
def test_what_leaves_the_doubt_as_it_was(
    ledger: Ledger, tmp_path: Path, dated: datetime, told: Json
) -> None:
    systems = [{"ODSCode": EMIS_PRACTICE, "Supplier": "EMIS"}]
    path = write_csv(tmp_path / "more.csv", ["ODSCode", "Supplier"], systems)
    ledger.import_practices(None, systems=path)
    ingest(ledger, a_refusal(tmp_path, JUNE))

    record = ingest(ledger, a_reply(tmp_path, dated, **told))

    assert record.state == "accepted"
    assert status(ledger) == "cannot-tell"


def test_a_record_refused_again_is_in_doubt_again(ledger: Ledger, tmp_path: Path) -> None:
    ingest(ledger, a_refusal(tmp_path, JUNE))
    ingest(ledger, a_reply(tmp_path, JULY))
    ingest(ledger, a_refusal(tmp_path, AUGUST))

    assert status(ledger) == "cannot-tell"
    ingest(ledger, a_reply(tmp_path, datetime(2018, 9, 1, tzinfo=UTC)))
    assert status(ledger) == "not-objecting"


def test_the_standing_objections_say_what_the_status_says(ledger: Ledger, tmp_path: Path) -> None:
    withdrawal = a_systmone_entry(code="XaZ8A")
    ingest(ledger, a_systmone_delivery(tmp_path, ends=_clock(1), entries=[withdrawal]))
    ingest(ledger, a_refusal(tmp_path, JULY))
    ingest(ledger, a_refusal(tmp_path / "another", JULY, number=ANOTHER))
    theirs = a_fhir_observation(subject={"reference": "Patient/patient-2"})
    ingest(ledger, a_reply(tmp_path, AUGUST, theirs, number=ANOTHER, id="patient-2"))

    assert stands(ledger) == {NUMBER: "cannot-tell", ANOTHER: "objecting"}
    caught_up = everything(ledger.engine)
    ledger.rebuild()
    assert_the_same(caught_up, everything(ledger.engine))
    ingest(ledger, a_reply(tmp_path, AUGUST))
    assert stands(ledger) == {NUMBER: "not-objecting", ANOTHER: "objecting"}


def stands(ledger: Ledger) -> dict[str, str]:
    """What the read model says of each patient's type 1; and the status has to say the same."""
    ledger.catch_up()
    told = {}
    with ledger.engine.connect() as connection:
        for patient, number in connection.execute(
            select(patients.c.patient, patients.c.nhs_number)
        ):
            objecting = connection.execute(
                select(standing_objections.c.objecting).where(
                    standing_objections.c.patient == patient,
                    standing_objections.c.purpose == Purpose.TYPE_1,
                )
            ).scalar()
            doubt = connection.execute(
                select(withheld.c.practice).where(withheld.c.patient == patient)
            ).scalar()
            unknown = Answer.CANNOT_TELL if doubt and not objecting else Answer.NOT_OBJECTING
            told[number] = (Answer.OBJECTING if objecting else unknown).value
    assert told == {number: status(ledger, number) for number in told}
    return told


def test_a_finding_is_upheld_while_nobody_can_tell(ledger: Ledger, tmp_path: Path) -> None:
    withdrawal = a_systmone_entry(code="XaZ8A")
    ingest(ledger, a_systmone_delivery(tmp_path, ends=_clock(1), entries=[withdrawal]))
    ledger.catch_up()
    (before,) = ledger.findings(rule="CO02")

    ingest(ledger, a_refusal(tmp_path, JULY))

    ledger.catch_up()
    (after,) = ledger.findings(rule="CO02")
    assert (before.upheld_meanwhile, after.upheld_meanwhile) == (False, True)


def test_a_controller_may_ask_about_a_patient_whose_record_their_practice_withheld(
    ledger: Ledger, tmp_path: Path
) -> None:
    ingest(ledger, a_refusal(tmp_path, JUNE))
    theirs = Caller("theirs", Role.CONTROLLER, frozenset({GP_CONNECT_PRACTICE}))
    others = Caller("another's", Role.CONTROLLER, frozenset({EMIS_PRACTICE}))

    assert status(ledger, by=theirs) == "cannot-tell"
    with pytest.raises(NotAllowed):
        status(ledger, by=others)


def test_of_one_day_all_are_taken_in_the_order_of_their_moments(
    ledger: Ledger, tmp_path: Path
) -> None:
    morning, evening = JUNE, datetime(2018, 6, 1, 17, tzinfo=UTC)
    found = found_in(
        a_reply(tmp_path, evening), a_reply(tmp_path, morning), a_refusal(tmp_path, morning)
    )

    assert [each.dated for each in found] == [datetime(2018, 6, 1, tzinfo=UTC), morning, evening]
    for each in found:
        ledger.ingest(each)
    assert status(ledger) == "not-objecting"
