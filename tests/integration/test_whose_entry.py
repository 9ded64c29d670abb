"""Whose entry is it? What is kept of a number's kind, of a birthday, and of who shares an entry."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from ledger.application import Ledger
from ledger.domain.callers import Caller, Role
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Entry, Precision
from ledger.domain.events import (
    Died,
    EntryRecorded,
    Event,
    Mode,
    NumberSuperseded,
    TurnedThirteen,
)
from ledger.domain.purposes import Purpose, Statement
from ledger.store.identities import erase, find_patients
from ledger.store.log import read_events
from ledger.store.projection import decoded
from ledger.store.tables import minors
from tests.files import (
    PRACTICE,
    Row,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    a_systmone_registration,
    an_entries_file,
    an_entry_line,
    the_delivery,
)
from tests.nhs_numbers import nhs_numbers
from tests.projected import assert_the_same, everything
from tests.registers import a_line, a_succession, an_answer, epraccur, ord_file

A, B, C = nhs_numbers(3)
DUMMY = "1111111111"
CONTROLLER = Caller("a controller", Role.CONTROLLER, frozenset({PRACTICE}))


def a_re_enactment(engine: Engine) -> Ledger:
    ledger = Ledger(engine, live=True)
    ledger.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    return ledger


class Practice:
    """A SystmOne practice that delivers on the days it is told, all that changed."""

    def __init__(self, ledger: Ledger, where: Path, code: str = PRACTICE) -> None:
        self.ledger = ledger
        self.where = where / code
        self.code = code
        self.last: datetime | None = None

    def delivers(
        self,
        day: date,
        *entries: Row,
        people: Mapping[int, Row] = {},
        registrations: tuple[Row, ...] = (),
    ) -> None:
        ends = datetime(day.year, day.month, day.day, 22, 45)  # noqa: DTZ001  a practice's clock
        path = a_systmone_delivery(
            self.where,
            begins=self.last,
            ends=ends,
            entries=entries,
            patients=[a_systmone_patient(n, practice=self.code, **p) for n, p in people.items()],
            registrations=registrations,
            practices=[self.code],
        )
        record = self.ledger.ingest(the_delivery(path))
        assert record.state == "accepted", record
        self.last = ends
        self.ledger.catch_up()

    def dissent(self, row: int, *, patient: int, on: date = date(2017, 3, 1)) -> Row:
        return a_systmone_entry(
            row,
            patient=patient,
            practice=self.code,
            effective_on=on,
            entered_at=datetime(on.year, on.month, on.day, 9),  # noqa: DTZ001  a practice's clock
        )


def told(ledger: Ledger, kind: type[Event]) -> list[Event]:
    with ledger.engine.connect() as connection:
        events = decoded(read_events(connection, after=0, limit=1_000))
    return [kept.event for kept in events if isinstance(kept.event, kind)]


def found(ledger: Ledger, rule: str, state: str = "open") -> list[str]:
    """Whom the findings are about: an NHS number, or "" where they are about a practice."""
    return sorted(f.nhs_number or "" for f in ledger.findings(rule=rule, state=state))


def a_child(number: str, born: str = "02 Apr 2004 00:00") -> Row:
    return {"NHSNumber": number, "DateBirth": born}


def waiting_for_thirteen(ledger: Ledger) -> int:
    with ledger.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(minors)).scalar_one()


# --- numbers that can be nobody's


def test_a_dummy_is_found_until_the_practice_has_put_it_right(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    practice.delivers(
        date(2017, 3, 31), practice.dissent(1, patient=1), people={1: {"NHSNumber": DUMMY}}
    )
    assert found(ledger, "ID02") == [""]

    practice.delivers(date(2017, 4, 30), people={1: {"NHSNumber": A}})

    assert (found(ledger, "ID02"), found(ledger, "ID02", "closed")) == ([], [""])
    assert ledger.statuses([A], Purpose.TYPE_1)[0].status == "objecting"


def test_a_number_kept_for_tests_is_expected_in_a_re_enactment(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)

    practice.delivers(
        date(2017, 3, 31), practice.dissent(1, patient=1), people={1: {"NHSNumber": A}}
    )

    (entry,) = told(ledger, EntryRecorded)
    assert isinstance(entry, EntryRecorded)
    assert entry.number_kind is None
    assert found(ledger, "ID02", "all") == []


@pytest.mark.parametrize(("live", "findings"), [(True, [""]), (False, [])])
def test_a_number_kept_for_tests_is_found_where_patients_are_said_to_be_real(
    engine: Engine,
    tmp_path: Path,
    live: bool,
    findings: list[str],
) -> None:
    ledger = Ledger(engine, live=live)
    practice = Practice(ledger, tmp_path)

    practice.delivers(
        date(2017, 3, 31), practice.dissent(1, patient=1), people={1: {"NHSNumber": A}}
    )

    assert found(ledger, "ID02") == findings


# --- turning thirteen


def test_a_child_who_turns_thirteen_is_told_of_once_and_without_the_day(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    practice.delivers(date(2017, 3, 31), practice.dissent(1, patient=1), people={1: a_child(A)})
    assert (found(ledger, "ID07"), found(ledger, "ID08")) == ([A], [])
    assert waiting_for_thirteen(ledger) == 1

    practice.delivers(date(2017, 4, 2))
    practice.delivers(date(2017, 4, 30))

    assert (found(ledger, "ID07"), found(ledger, "ID08")) == ([A], [A])
    assert told(ledger, TurnedThirteen) == [TurnedThirteen(by="the calendar")]
    assert waiting_for_thirteen(ledger) == 0


def test_who_is_thirteen_long_since_is_told_of_with_the_old_entry(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)

    practice.delivers(
        date(2017, 3, 31),
        practice.dissent(1, patient=1, on=date(2014, 3, 1)),
        people={1: a_child(A, "02 Apr 2002 00:00")},
    )

    assert found(ledger, "ID08") == [A]


def test_in_a_live_ledger_the_turn_of_the_day_tells_it(engine: Engine) -> None:
    now = datetime(2026, 3, 31, 12, tzinfo=UTC)
    ledger = Ledger(engine, clock=lambda: now)
    ledger.ensure_open()
    with engine.begin() as connection:
        patient = ledger.record_objection(an_entry_by_hand(), A, by=CONTROLLER)
        assert patient is not None
        connection.execute(
            minors.insert().values(
                patient=find_patients(connection, [A])[A], thirteen_on=date(2026, 4, 1)
            )
        )
    ledger.turn_day()
    assert waiting_for_thirteen(ledger) == 1

    now = datetime(2026, 4, 1, 12, tzinfo=UTC)
    ledger.turn_day()

    # Nobody spoke for this patient, so there is nothing to tell.
    assert (waiting_for_thirteen(ledger), told(ledger, TurnedThirteen)) == (0, [])


def test_what_a_practice_enters_by_hand_is_known_to_be_a_childs(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    practice.delivers(date(2017, 3, 31), people={1: a_child(A)})

    ledger.record_objection(an_entry_by_hand(), A, by=CONTROLLER)
    ledger.catch_up()

    assert found(ledger, "ID07") == [A]


def test_erasing_a_patient_erases_their_birthday(engine: Engine, tmp_path: Path) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    practice.delivers(date(2017, 3, 31), practice.dissent(1, patient=1), people={1: a_child(A)})

    with engine.begin() as connection:
        erase(connection, find_patients(connection, [A])[A])

    assert waiting_for_thirteen(ledger) == 0


# --- one entry, two numbers


def test_a_row_that_names_another_patient_is_found_of_both_and_both_are_upheld(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    people: dict[int, Row] = {1: {"NHSNumber": A}, 2: {"NHSNumber": B}}
    practice.delivers(date(2017, 3, 31), practice.dissent(1, patient=1), people=people)

    practice.delivers(date(2017, 4, 30), practice.dissent(1, patient=2))

    assert found(ledger, "ID09") == [A, B]
    answers = ledger.statuses([A, B], Purpose.TYPE_1)
    assert [answer.status for answer in answers] == ["objecting", "objecting"]
    caught_up = everything(engine)
    ledger.rebuild()
    assert_the_same(caught_up, everything(engine))


def test_it_closes_for_both_when_the_practice_withdraws_it_for_one(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    people: dict[int, Row] = {1: {"NHSNumber": A}, 2: {"NHSNumber": B}}
    practice.delivers(date(2017, 3, 31), practice.dissent(1, patient=1), people=people)
    practice.delivers(date(2017, 4, 30), practice.dissent(1, patient=2))

    withdrawal = {**practice.dissent(2, patient=1, on=date(2017, 5, 2)), "CTV3Code": "XaZ8A"}
    practice.delivers(date(2017, 5, 31), withdrawal)

    assert (found(ledger, "ID09"), found(ledger, "ID09", "closed")) == ([], [A, B])
    assert ledger.statuses([B], Purpose.TYPE_1)[0].status == "objecting"


@pytest.mark.parametrize(
    ("born", "findings", "borne"),
    [("02 Apr 1950 00:00", [], None), ("03 May 1961 00:00", [B], ("X99904",))],
    ids=["the same person's row", "somebody else's"],
)
def test_a_corrected_number_that_is_somebody_elses_joins_two_people(
    engine: Engine,
    tmp_path: Path,
    born: str,
    findings: list[str],
    borne: tuple[str, ...] | None,
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    another = Practice(ledger, tmp_path, "X99904")
    another.delivers(date(2017, 3, 30), people={7: {"NHSNumber": A, "DateBirth": born}})
    practice.delivers(
        date(2017, 3, 31), practice.dissent(1, patient=1), people={1: {"NHSNumber": A}}
    )

    practice.delivers(date(2017, 4, 30), people={1: {"NHSNumber": B}})

    assert found(ledger, "ID09") == findings
    (change,) = told(ledger, NumberSuperseded)
    assert isinstance(change, NumberSuperseded)
    assert (change.practice, change.still_borne) == (PRACTICE, borne)


def lists(ledger: Ledger, where: Path, month: int, number: str, **columns: str) -> None:
    """A practice without exports lists its one entry on the first of a month, for that number."""
    line = an_entry_line(1, number, ClinicalSystem="evolution", **columns)
    record = ledger.ingest(
        the_delivery(an_entries_file(where, dated=date(2017, month, 1), lines=[line]))
    )
    assert record.state == "accepted", record
    ledger.catch_up()


def test_a_listed_entry_that_names_somebody_else_is_found_of_both_and_joins_nobody(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    lists(ledger, tmp_path, 4, A, DateOfBirth="1962-03-04", DiedOn="2017-03-20")

    lists(ledger, tmp_path, 5, B, DateOfBirth="1969-11-30")

    assert found(ledger, "ID09") == [A, B]
    assert told(ledger, NumberSuperseded) == []
    # What was told of the one says nothing of the other.
    assert len(told(ledger, Died)) == 1
    answers = ledger.statuses([A, B], Purpose.TYPE_1)
    assert [answer.status for answer in answers] == ["objecting", "objecting"]
    caught_up = everything(engine)
    ledger.rebuild()
    assert_the_same(caught_up, everything(engine))


def test_a_number_that_could_not_be_read_in_between_joins_nobody_either(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    lists(ledger, tmp_path, 4, A, DateOfBirth="1962-03-04")
    lists(ledger, tmp_path, 5, "9.99E+09", DateOfBirth="1969-11-30")

    lists(ledger, tmp_path, 6, B, DateOfBirth="1969-11-30")

    assert told(ledger, NumberSuperseded) == []
    answers = ledger.statuses([A, B], Purpose.TYPE_1)
    assert [answer.status for answer in answers] == ["objecting", "objecting"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"DateOfBirth": "1962-03-04"}, {"DateOfBirth": "1962-03-04"}),
        ({"DateOfBirth": "1962-03-04"}, {}),
        ({}, {"DateOfBirth": "1962-03-04"}),
        ({}, {}),
    ],
    ids=["born on the same day", "not told after", "not told before", "never told"],
)
def test_a_listed_entry_whose_number_was_corrected_is_one_patients(
    engine: Engine, tmp_path: Path, before: dict[str, str], after: dict[str, str]
) -> None:
    ledger = a_re_enactment(engine)
    lists(ledger, tmp_path, 4, A, **before)

    lists(ledger, tmp_path, 5, B, **after)

    assert found(ledger, "ID09", "all") == []
    assert len(told(ledger, NumberSuperseded)) == 1
    assert ledger.statuses([A], Purpose.TYPE_1)[0].status == "objecting"


# --- registrations and days


def test_a_temporary_resident_is_not_registered_at_two_practices(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    another = Practice(ledger, tmp_path, "X99904")
    practice.delivers(
        date(2017, 3, 31),
        practice.dissent(1, patient=1),
        people={1: {"NHSNumber": A}},
        registrations=(a_systmone_registration(1, date(2001, 2, 3)),),
    )

    def visits(day: date, status: str) -> None:
        row = a_systmone_registration(
            7, date(2017, 4, 3), practice="X99904", RegistrationStatus=status
        )
        another.delivers(day, people={7: {"NHSNumber": A}}, registrations=(row,))

    visits(date(2017, 4, 4), "Temporary Resident < 16 days")
    assert found(ledger, "ID04", "all") == []
    visits(date(2017, 5, 4), "GMS")
    assert found(ledger, "ID04", "all") == []
    # A delivery that says nothing of them, on the fourteenth day.
    practice.delivers(date(2017, 5, 18))
    assert found(ledger, "ID04") == [A]
    visits(date(2017, 6, 4), "Temporary")
    assert (found(ledger, "ID04"), found(ledger, "ID04", "closed")) == ([], [A])


def test_an_objection_left_behind_is_found_once_its_days_have_passed(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    another = Practice(ledger, tmp_path, "X99904")
    left = a_systmone_registration(1, date(2001, 2, 3), DateDeRegistration="20 Apr 2017 00:00:00")
    practice.delivers(
        date(2017, 4, 21),
        practice.dissent(1, patient=1),
        people={1: {"NHSNumber": A}},
        registrations=(left,),
    )
    here = a_systmone_registration(7, date(2017, 4, 20), practice="X99904")
    another.delivers(date(2017, 4, 22), people={7: {"NHSNumber": A}}, registrations=(here,))
    assert found(ledger, "ID05", "all") == []

    # A delivery that says nothing of them, on the fourteenth day.
    practice.delivers(date(2017, 5, 4))

    assert found(ledger, "ID05") == [A]
    caught_up = everything(engine)
    ledger.rebuild()
    assert_the_same(caught_up, everything(engine))


def test_who_is_known_only_at_a_successor_is_judged_again_when_the_register_tells_of_it(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path, "X99904")
    practice.delivers(
        date(2017, 4, 30),
        practice.dissent(1, patient=1, on=date(2017, 3, 1)),
        people={1: {"NHSNumber": A}},
        registrations=(a_systmone_registration(1, date(2017, 4, 3), practice="X99904"),),
    )
    assert found(ledger, "DT04") == [A]

    merger = a_succession("Successor", "X99904", "2017-04-01")
    closed = an_answer(PRACTICE, ended="2017-03-31", successions=[merger])
    ledger.import_practices(ord_file(tmp_path, closed, an_answer("X99904")))
    ledger.catch_up()
    assert (found(ledger, "DT04"), found(ledger, "DT04", "closed")) == ([], [A])

    ledger.import_practices(epraccur(tmp_path, a_line(PRACTICE)))
    ledger.catch_up()
    assert found(ledger, "DT04") == [A]


def test_a_code_is_unknown_once_a_register_is_that_does_not_list_it(
    engine: Engine, tmp_path: Path
) -> None:
    ledger = a_re_enactment(engine)
    practice = Practice(ledger, tmp_path)
    practice.delivers(
        date(2017, 3, 31), practice.dissent(1, patient=1), people={1: {"NHSNumber": A}}
    )
    assert found(ledger, "ID03", "all") == []

    ledger.import_practices(epraccur(tmp_path, a_line("X99904")))
    ledger.catch_up()

    assert found(ledger, "ID03") == [""]


def an_entry_by_hand() -> Entry:
    return Entry(
        practice=PRACTICE,
        clinical_system=ClinicalSystem.SYSTMONE,
        entry_id="by hand",
        source_patient="",
        purpose=Purpose.TYPE_1,
        statement=Statement.DISSENT,
        code_system=CodeSystem.CTV3,
        code="XaZ89",
        effective_on=None,
        effective_precision=Precision.MISSING,
        entered_at=datetime(2017, 3, 31, 9, tzinfo=UTC),
    )
