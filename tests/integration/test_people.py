"""What does the log tell of people: whose numbers changed, where they registered, and of whom nothing?"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.domain import objections
from ledger.domain.callers import Caller, Role
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Entry, Precision
from ledger.domain.events import (
    DeathRemoved,
    Deregistered,
    Died,
    Event,
    Mode,
    NumberSuperseded,
    Registered,
    RegistrationRemoved,
)
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.streams import patient_stream
from ledger.store.identities import erase, find_patients
from ledger.store.log import read_events, read_streams
from ledger.store.projection import decoded
from tests.files import (
    EMIS_PRACTICE,
    PRACTICE,
    VISION_PRACTICE,
    Carried,
    Row,
    a_collection_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    a_systmone_registration,
    a_vision_delivery,
    a_vision_entry,
    a_vision_patient,
    an_emis_delivery,
    an_emis_observation,
    an_emis_patient,
    the_delivery,
)
from tests.nhs_numbers import nhs_numbers
from tests.projected import assert_the_same, everything

A, B, C = nhs_numbers(3)
UNUSABLE = A[:-1] + str((int(A[-1]) + 1) % 10)
ABOUT_PEOPLE = (Registered, Deregistered, RegistrationRemoved, Died, DeathRemoved)
BORN = date(2001, 2, 3)


def evening(day: int) -> datetime:
    return datetime(2017, 3, day, 22, 45)  # noqa: DTZ001  a practice's clock


@pytest.fixture
def ledger(engine: Engine) -> Iterator[Ledger]:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    return opened


class Practice:
    """A SystmOne practice that delivers what changed, a day at a time."""

    def __init__(self, ledger: Ledger, where: Path, code: str = PRACTICE) -> None:
        self.ledger = ledger
        self.where = where / code
        self.code = code
        self.day = 1

    def delivers(
        self,
        *entries: Row,
        people: Mapping[int, str | Row] = {},
        registrations: tuple[Row, ...] = (),
    ) -> None:
        """`people` by their row: a number, or a row's columns."""
        self.day += 1
        rows = [
            a_systmone_patient(row, said, practice=self.code)
            if isinstance(said, str)
            else a_systmone_patient(row, practice=self.code, **said)
            for row, said in people.items()
        ]
        path = a_systmone_delivery(
            self.where,
            begins=None if self.day == 2 else evening(self.day - 1),
            ends=evening(self.day),
            entries=entries,
            patients=rows,
            registrations=registrations,
            practices=[self.code],
        )
        record = self.ledger.ingest(the_delivery(path))
        assert record.state == "accepted", record
        self.ledger.catch_up()

    def dissent(self, row: int = 1, *, code: str = "XaZ89", patient: int = 1) -> Row:
        return a_systmone_entry(row, code=code, patient=patient, practice=self.code)

    def withdrawal(self, row: int, *, patient: int = 1) -> Row:
        return a_systmone_entry(
            row,
            code="XaZ8A",
            patient=patient,
            practice=self.code,
            effective_on=date(2017, 3, self.day),
            entered_at=evening(self.day),
        )


@pytest.fixture
def practice(ledger: Ledger, tmp_path: Path) -> Practice:
    return Practice(ledger, tmp_path)


@pytest.fixture
def another(ledger: Ledger, tmp_path: Path) -> Practice:
    return Practice(ledger, tmp_path, "X99904")


def asked(ledger: Ledger, *numbers: str, **more: Any) -> list[str]:
    answers = ledger.statuses(numbers, Purpose.TYPE_1, **more)
    return [answer.status for answer in answers]


def told(ledger: Ledger, *kinds: type[Event]) -> list[Event]:
    with ledger.engine.connect() as connection:
        events = decoded(read_events(connection, after=0, limit=1_000))
    return [kept.event for kept in events if isinstance(kept.event, kinds)]


def spans(ledger: Ledger, number: str = A) -> list[tuple[str, date, date | None]]:
    return [
        (span.practice, span.registered_on, span.deregistered_on)
        for span in history(ledger, number).registrations
    ]


def history(ledger: Ledger, number: str = A) -> objections.Objections:
    with ledger.engine.connect() as connection:
        stream = patient_stream(find_patients(connection, [number])[number])
        return objections.fold(decoded(read_streams(connection, [stream])[stream]))


def rules(ledger: Ledger, state: str = "open") -> dict[str, int]:
    found = [f.rule for f in ledger.findings(state=state) if f.scope == "patient"]
    return {rule: found.count(rule) for rule in found}


# --- numbers that change


def test_an_objection_under_the_old_number_is_upheld_under_both(
    ledger: Ledger, practice: Practice
) -> None:
    practice.delivers(practice.dissent(), people={1: A})
    before = ledger.known().position

    practice.delivers(people={1: B})

    assert asked(ledger, A, B, C) == ["objecting", "objecting", "not-objecting"]
    assert asked(ledger, A, B, known_at=before) == ["objecting", "not-objecting"]
    assert len(told(ledger, NumberSuperseded)) == 1


def test_an_objection_under_the_new_number_is_upheld_for_who_asks_by_the_old(
    ledger: Ledger, practice: Practice
) -> None:
    practice.delivers(practice.dissent(code="XaaVL"), people={1: A})

    practice.delivers(practice.dissent(2), people={1: B})

    assert asked(ledger, A, B) == ["objecting", "objecting"]


def test_a_withdrawal_under_the_new_number_ends_the_objection_under_both(
    ledger: Ledger, practice: Practice
) -> None:
    practice.delivers(practice.dissent(), people={1: A})
    practice.delivers(people={1: B})

    practice.delivers(practice.withdrawal(2))

    assert asked(ledger, A, B) == ["not-objecting", "not-objecting"]


@pytest.mark.parametrize(
    ("numbers", "superseded"),
    [
        ([A, B, C], 2),
        ([A, B, A], 2),
        ([A, B, A, B], 3),
        ([A, B, C, A], 3),
        ([A, UNUSABLE, B], 1),
        ([A, "", A], 0),
        ([A, B, B], 1),
    ],
    ids=[
        "a chain",
        "given back",
        "and again",
        "a circle",
        "unusable",
        "lost and found",
        "repeated",
    ],
)
def test_however_a_number_changes_each_answers_for_all(
    ledger: Ledger, practice: Practice, numbers: list[str], superseded: int
) -> None:
    practice.delivers(practice.dissent(), people={1: numbers[0]})
    for number in numbers[1:]:
        practice.delivers(people={1: number})

    borne = [number for number in dict.fromkeys(numbers) if number in (A, B, C)]
    assert set(asked(ledger, *borne)) == {"objecting"}
    assert len(told(ledger, NumberSuperseded)) == superseded
    assert ledger.objecting(PRACTICE) == {Purpose.TYPE_1: 1}
    caught_up = everything(ledger.engine)
    ledger.rebuild()
    assert_the_same(caught_up, everything(ledger.engine))


def test_two_sources_that_disagree_leave_both_their_patients_protected(
    ledger: Ledger, practice: Practice, another: Practice
) -> None:
    practice.delivers(practice.dissent(), people={1: A})
    another.delivers(people={7: A})
    practice.delivers(people={1: B})
    another.delivers(people={7: C})

    assert asked(ledger, A, B, C) == ["objecting"] * 3
    # One of them withdraws: for the other, and for who asks by the old number, it stands.
    practice.delivers(practice.withdrawal(2))
    assert asked(ledger, A, B, C) == ["objecting", "not-objecting", "objecting"]


def test_a_number_of_whom_the_log_tells_nothing_passes_nothing_on(
    ledger: Ledger, practice: Practice
) -> None:
    practice.delivers(practice.dissent(), people={1: A, 2: B})

    practice.delivers(people={2: C})

    assert told(ledger, NumberSuperseded) == []


def test_a_test_patients_number_passes_nothing_on(ledger: Ledger, practice: Practice) -> None:
    practice.delivers(
        practice.dissent(patient=2), people={1: {"NHSNumber": A, "TestPatient": "1"}, 2: A}
    )

    practice.delivers(people={1: B})

    assert (told(ledger, NumberSuperseded), asked(ledger, B)) == ([], ["not-objecting"])


def test_of_an_erased_survivor_nothing_is_left_to_break(ledger: Ledger, practice: Practice) -> None:
    practice.delivers(practice.dissent(code="XaaVL"), practice.dissent(2), people={1: A})
    practice.delivers(people={1: B})
    with ledger.engine.begin() as connection:
        erase(connection, find_patients(connection, [B])[B])

    practice.delivers(practice.dissent(3), people={1: C})

    assert asked(ledger, A, B, C) == ["objecting", "not-objecting", "objecting"]
    ledger.rebuild()
    assert ledger.findings(state="all") is not None


@pytest.mark.parametrize("carried", [A, B], ids=["the old number", "the new number"])
def test_a_collection_that_carries_either_number_carries_the_patient(
    ledger: Ledger, practice: Practice, tmp_path: Path, carried: str
) -> None:
    practice.delivers(practice.dissent(code="XaaVL"), people={1: A})
    practice.delivers(people={1: B})
    for day in (6, 13):
        path = a_collection_file(
            tmp_path,
            period_end=date(2017, 3, day),
            members=[Carried(carried), Carried()],
            collection=str(day),
        )
        ledger.ingest(the_delivery(path))

    ledger.catch_up()

    assert rules(ledger, "all") == {}
    assert [(line.entered, line.transmitted, line.backlog) for line in ledger.transmission()] == [
        (1, 1, 0),
        (0, 0, 0),
    ]


def test_whoever_is_never_transmitted_is_found_once_and_as_who_they_are_now(
    ledger: Ledger, practice: Practice, tmp_path: Path
) -> None:
    practice.delivers(practice.dissent(code="XaaVL"), people={1: A})
    for day in (6, 13):
        path = a_collection_file(
            tmp_path, period_end=date(2017, 3, day), members=[Carried()], collection=str(day)
        )
        ledger.ingest(the_delivery(path))
    ledger.catch_up()
    assert rules(ledger) == {"TX01": 1}
    practice.day = 20

    ledger.ingest(
        the_delivery(
            a_systmone_delivery(
                tmp_path, ends=evening(20), entries=[practice.dissent(code="XaaVL")],
                patients=[a_systmone_patient(1, B)],
            )
        )
    )  # fmt: skip

    ledger.catch_up()
    assert (rules(ledger), rules(ledger, "closed")) == ({"TX01": 1}, {"TX01": 1})
    (finding,) = ledger.findings(rule="TX01")
    assert finding.nhs_number == B


# --- registrations and deaths


def systmone(where: Path, day: int, people: Mapping[int, str], objecting: list[int]) -> Path:
    return a_systmone_delivery(
        where,
        begins=None if day == 2 else evening(day - 1),
        ends=evening(day),
        entries=[a_systmone_entry(row, patient=row) for row in objecting],
        patients=[a_systmone_patient(row, number) for row, number in people.items()],
        registrations=[a_systmone_registration(row, BORN) for row in people],
    )


def emis(where: Path, day: int, people: Mapping[int, str], objecting: list[int]) -> Path:
    return an_emis_delivery(
        where,
        dated=evening(day),
        bulk=day == 2,
        observations=[an_emis_observation(row, patient=row) for row in objecting],
        patients=[an_emis_patient(row, number) for row, number in people.items()],
    )


def vision(where: Path, day: int, people: Mapping[int, str], objecting: list[int]) -> Path:
    return a_vision_delivery(
        where,
        dated=evening(day),
        entries=[a_vision_entry(row, patient=row) for row in objecting],
        patients=[a_vision_patient(row, number) for row, number in people.items()],
    )


Writer = Callable[[Path, int, Mapping[int, str], list[int]], Path]
WRITERS = {PRACTICE: systmone, EMIS_PRACTICE: emis, VISION_PRACTICE: vision}
by_system = pytest.mark.parametrize(
    ("code", "write"), WRITERS.items(), ids=[w.__name__ for w in WRITERS.values()]
)


@by_system
def test_nobodys_registration_is_in_the_log_but_of_whoever_objects(
    ledger: Ledger, tmp_path: Path, code: str, write: Writer
) -> None:
    people = {1: A, 2: B, 3: C}

    ledger.ingest(the_delivery(write(tmp_path, 2, people, [2])))
    # All three are told again, changed or not.
    ledger.ingest(the_delivery(write(tmp_path, 3, people, [])))

    assert [(e.practice, e.registered_on) for e in told(ledger, Registered)] == [(code, BORN)]
    assert spans(ledger, B) == [(code, BORN, None)]
    assert len(told(ledger, *ABOUT_PEOPLE)) == 1


@by_system
def test_whoever_first_objects_long_after_they_registered_is_told_to_have_registered(
    ledger: Ledger, tmp_path: Path, code: str, write: Writer
) -> None:
    ledger.ingest(the_delivery(write(tmp_path, 2, {1: A}, [])))
    assert told(ledger, *ABOUT_PEOPLE) == []

    ledger.ingest(the_delivery(write(tmp_path, 3, {}, [1])))

    assert spans(ledger) == [(code, BORN, None)]


def test_where_else_somebody_is_registered_is_told_when_they_first_object(
    ledger: Ledger, practice: Practice, another: Practice
) -> None:
    there = a_systmone_registration(7, BORN, practice=another.code)
    another.delivers(
        people={7: {"NHSNumber": A, "DateDeath": "01 Mar 2017"}}, registrations=(there,)
    )

    practice.delivers(practice.dissent(), people={1: A})

    assert spans(ledger) == [(another.code, BORN, None)]
    assert history(ledger).died_on == date(2017, 3, 1)


def test_several_registrations_at_one_practice_are_all_kept_and_corrected_by_their_rows(
    ledger: Ledger, practice: Practice
) -> None:
    def row(number: int, begins: date, ends: str = "") -> Row:
        return a_systmone_registration(
            1, begins, RowIdentifier=str(number), DateDeRegistration=ends
        )

    first = row(11, date(2001, 1, 1), "01 Jun 2010")
    again = row(12, date(2015, 1, 1))
    practice.delivers(practice.dissent(), people={1: A}, registrations=(first, again))
    here = practice.code
    assert spans(ledger) == [
        (here, date(2001, 1, 1), date(2010, 6, 1)),
        (here, date(2015, 1, 1), None),
    ]

    # The first was typed wrongly, the patient leaves, and comes back after all.
    practice.delivers(registrations=(row(11, date(2002, 1, 1), "01 Jun 2010"),))
    practice.delivers(registrations=(row(12, date(2015, 1, 1), "02 Mar 2017"),))
    assert set(spans(ledger)) == {
        (here, date(2015, 1, 1), date(2017, 3, 2)),
        (here, date(2002, 1, 1), date(2010, 6, 1)),
    }
    practice.delivers(registrations=(again,))
    practice.delivers(
        registrations=(
            {"RowIdentifier": "11", "IDOrganisationVisibleTo": here, "RemovedData": "1"},
        )
    )

    assert spans(ledger) == [(here, date(2015, 1, 1), None)]
    assert len(told(ledger, RegistrationRemoved)) == 1


@pytest.mark.parametrize("system", ["emis", "vision"])
def test_the_one_row_of_a_patient_is_corrected_and_used_anew_when_they_come_back(
    ledger: Ledger, tmp_path: Path, system: str
) -> None:
    def deliver(day: int, begins: str, ends: str = "", entries: int = 0) -> None:
        if system == "emis":
            dates = {"DateOfRegistration": begins, "DateOfDeactivation": ends}
            path = an_emis_delivery(
                tmp_path,
                dated=evening(day),
                bulk=day == 2,
                observations=[an_emis_observation()][:entries],
                patients=[an_emis_patient(1, A, **dates)],
            )
        else:
            dates = {"REGISTERED_DATE": begins, "REMOVED_DATE": ends}
            plain = {name: text.replace("-", "") for name, text in dates.items()}
            path = a_vision_delivery(
                tmp_path,
                dated=evening(day),
                entries=[a_vision_entry()][:entries],
                patients=[a_vision_patient(1, A, **plain)],
            )
        ledger.ingest(the_delivery(path))

    def known() -> list[tuple[date, date | None]]:
        return [(begins, ends) for _, begins, ends in spans(ledger)]

    deliver(2, "2001-02-03", entries=1)
    deliver(3, "2001-03-03")
    assert known() == [(date(2001, 3, 3), None)]
    deliver(4, "2001-03-03", "2010-06-01")
    deliver(5, "2001-03-03", "2010-07-01")
    assert known() == [(date(2001, 3, 3), date(2010, 7, 1))]
    deliver(6, "2015-01-01")
    assert known() == [(date(2001, 3, 3), date(2010, 7, 1)), (date(2015, 1, 1), None)]
    deliver(7, "gibberish", "2016-01-01")
    # An end that some systems leave standing is that of the time before.
    deliver(8, "2015-01-01", "2010-07-01")
    assert known() == [(date(2001, 3, 3), date(2010, 7, 1)), (date(2015, 1, 1), None)]
    deliver(9, "")
    assert known() == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (["01 Mar 2017"], date(2017, 3, 1)),
        (["01 Mar 2017", "02 Mar 2017"], date(2017, 3, 2)),
        (["01 Mar 2017", ""], None),
        (["01 Mar 2017", "31 Feb 2017"], date(2017, 3, 1)),
        (["01 Mar 2017", "", "03 Mar 2017"], date(2017, 3, 3)),
    ],
    ids=["told", "corrected", "taken back", "unreadable", "told again"],
)
def test_a_death_is_what_was_last_said_of_it(
    ledger: Ledger, practice: Practice, said: list[str], expected: date | None
) -> None:
    practice.delivers(practice.dissent(), people={1: A})

    for text in said:
        practice.delivers(people={1: {"NHSNumber": A, "DateDeath": text}})

    assert history(ledger).died_on == expected


def test_practices_that_disagree_about_a_death_say_so_once_each(
    ledger: Ledger, practice: Practice, another: Practice
) -> None:
    practice.delivers(practice.dissent(), people={1: {"NHSNumber": A, "DateDeath": "01 Mar 2017"}})
    another.delivers(people={7: {"NHSNumber": A, "DateDeath": "02 Mar 2017"}})
    practice.delivers(practice.dissent(2), people={1: {"NHSNumber": A, "DateDeath": "01 Mar 2017"}})

    assert [(e.practice, e.died_on) for e in told(ledger, Died)] == [
        (practice.code, date(2017, 3, 1)),
        (another.code, date(2017, 3, 2)),
    ]


def test_a_registration_told_under_the_old_number_is_corrected_under_the_new(
    ledger: Ledger, practice: Practice
) -> None:
    practice.delivers(
        practice.dissent(), people={1: A}, registrations=(a_systmone_registration(1, BORN),)
    )
    practice.delivers(people={1: B})

    practice.delivers(registrations=(a_systmone_registration(1, date(2002, 1, 1)),))

    assert spans(ledger, B)[-1] == (practice.code, date(2002, 1, 1), None)


def test_an_entry_that_waited_brings_the_registration_that_came_before_it(
    ledger: Ledger, practice: Practice
) -> None:
    practice.delivers(
        practice.dissent(), people={1: UNUSABLE}, registrations=(a_systmone_registration(1, BORN),)
    )
    assert told(ledger, *ABOUT_PEOPLE) == []

    practice.delivers(people={1: A})

    assert asked(ledger, A) == ["objecting"]
    assert spans(ledger) == [(practice.code, BORN, None)]


def test_whose_row_of_an_id_never_heard_of_comes_later_is_matched_then(
    ledger: Ledger, practice: Practice
) -> None:
    practice.delivers(practice.dissent(patient=5), people={1: A})

    practice.delivers(people={5: B})

    assert asked(ledger, B) == ["objecting"]


def test_whoever_first_objects_by_a_paired_system_is_told_to_have_registered(
    ledger: Ledger, practice: Practice
) -> None:
    practice.delivers(people={1: A}, registrations=(a_systmone_registration(1, BORN),))
    entry = Entry(
        practice=practice.code,
        clinical_system=ClinicalSystem.SYSTMONE,
        entry_id="by hand",
        source_patient="",
        purpose=Purpose.TYPE_1,
        statement=Statement.DISSENT,
        code_system=CodeSystem.CTV3,
        code="XaZ89",
        effective_on=None,
        effective_precision=Precision.MISSING,
        entered_at=None,
    )

    ledger.record_objection(
        entry, A, by=Caller("theirs", Role.CONTROLLER, frozenset({practice.code}))
    )

    assert asked(ledger, A) == ["objecting"]
    assert spans(ledger) == [(practice.code, BORN, None)]
