"""What does the ledger keep of a delivery, and what of the one after it?"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from ledger.application import Ledger, commands
from ledger.application.records import DeliveryRecord
from ledger.application.standpoint import When
from ledger.domain.callers import Caller, Role
from ledger.domain.entries import PatientLink
from ledger.domain.events import EntryRecorded, EntryRemoved, Event, Mode
from ledger.domain.purposes import Purpose
from ledger.store.log import read_events
from ledger.store.projection import decoded
from tests.files import (
    A_DAY,
    EMIS_PRACTICE,
    EVOLUTION_PRACTICE,
    PRACTICE,
    Carried,
    Row,
    a_collection_file,
    a_conversion_file,
    a_deleted_systmone_entry,
    a_guid,
    a_setting_change,
    a_sharing_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    an_emis_agreement,
    an_emis_delivery,
    an_emis_observation,
    an_entries_file,
    an_entry_line,
    found_in,
    the_delivery,
)
from tests.nhs_numbers import nhs_number

NUMBER, ANOTHER = nhs_number(0), nhs_number(1)
NEIGHBOUR = "X99907"
UNUSABLE = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
CONTROLLER = Caller("the controller", Role.CONTROLLER, frozenset({PRACTICE}))


def evening(day: int, month: int = 3) -> datetime:
    """When an extract of 2017 ends, on the practice's clock."""
    return datetime(2017, month, day, 22, 45)  # noqa: DTZ001


@pytest.fixture
def ledger(engine: Engine) -> Iterator[Ledger]:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    return opened


@pytest.fixture
def bulk(ledger: Ledger, tmp_path: Path) -> DeliveryRecord:
    """One type 1 dissent of one patient, delivered whole on 2 March."""
    path = a_systmone_delivery(tmp_path, ends=evening(2), entries=[a_systmone_entry()])
    return ledger.ingest(the_delivery(path))


def a_delta(where: Path, day: int, **told: Any) -> Path:
    """What changed since the evening before."""
    return a_systmone_delivery(where, begins=evening(day - 1), ends=evening(day), **told)


def a_withdrawal_of_3_march(row: int) -> Row:
    return a_systmone_entry(
        row,
        code="XaZ8A",
        effective_on=date(2017, 3, 3),
        entered_at=datetime(2017, 3, 3, 10),  # noqa: DTZ001
    )


def the_log(ledger: Ledger) -> list[tuple[int, Event]]:
    with ledger.engine.connect() as connection:
        events = decoded(read_events(connection, after=0, limit=1_000))
    return [(kept.position, kept.event) for kept in events]


def the_guarded(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    with ledger.engine.connect() as connection:
        return {
            table: sorted(
                map(tuple, connection.execute(text(f"select * from guarded.{table}"))), key=repr
            )
            for table in (
                "patients",
                "source_patients",
                "source_records",
                "source_references",
                "unmatched",
            )
        }


def status(ledger: Ledger, number: str = NUMBER, **asked: Any) -> str:
    ledger.catch_up()
    (answer,) = ledger.statuses([number], Purpose.TYPE_1, **asked)
    return answer.status


def rules(ledger: Ledger, state: str = "open", **asked: Any) -> set[str]:
    ledger.catch_up()
    return {finding.rule for finding in ledger.findings(state=state, **asked)} - {"SH03"}


# --- a row and what becomes of it


def test_a_dissent_that_was_delivered_is_an_objection(ledger: Ledger, bulk: DeliveryRecord) -> None:
    assert (bulk.state, bulk.entries_kept, bulk.refused) == ("accepted", 1, [])
    assert status(ledger) == "objecting"
    assert status(ledger, at=date(2017, 2, 28)) == "not-objecting"


def test_the_same_files_again_add_nothing_and_say_so(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    before = the_log(ledger), the_guarded(ledger)

    again = ledger.ingest(the_delivery(tmp_path / "20170302_2245"))

    assert again.already_taken
    assert (again.position, again.unchanged) == (bulk.position, 1)
    assert (the_log(ledger), the_guarded(ledger)) == before


def test_a_row_that_says_the_same_in_another_delivery_adds_no_entry(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    again = ledger.ingest(the_delivery(a_delta(tmp_path, 3, entries=[a_systmone_entry()])))

    assert (again.entries_kept, again.unchanged) == (0, 1)
    assert sum(isinstance(event, EntryRecorded) for _, event in the_log(ledger)) == 1


def test_a_changed_row_names_the_one_it_replaces_and_its_new_values_count(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    later = a_systmone_entry(effective_on=date(2017, 3, 2))

    ledger.ingest(the_delivery(a_delta(tmp_path, 3, entries=[later])))

    first, second = (
        (position, event) for position, event in the_log(ledger) if isinstance(event, EntryRecorded)
    )
    assert second[1].replaces == first[0]
    assert status(ledger, at=date(2017, 3, 1)) == "not-objecting"
    assert status(ledger, at=date(2017, 3, 1), known_at=bulk.position) == "objecting"


def test_a_deleted_dissent_is_removed_and_goes_on_counting(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    gone = ledger.ingest(the_delivery(a_delta(tmp_path, 3, entries=[a_deleted_systmone_entry()])))

    assert gone.removed == 1
    assert status(ledger) == "objecting"
    assert rules(ledger) == {"LC01"}


def test_a_row_recoded_into_something_else_is_removed(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    recoded = a_systmone_entry(code="2469.")

    record = ledger.ingest(the_delivery(a_delta(tmp_path, 3, entries=[recoded])))

    assert record.removed == 1
    assert rules(ledger) == {"LC01"}


def test_a_row_that_was_recoded_and_is_ours_again_is_kept_anew(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    ledger.ingest(the_delivery(a_delta(tmp_path, 3, entries=[a_systmone_entry(code="2469.")])))

    record = ledger.ingest(the_delivery(a_delta(tmp_path, 4, entries=[a_systmone_entry()])))

    assert (record.entries_kept, record.unchanged) == (1, 0)
    assert status(ledger) == "objecting"


def test_what_a_bulk_no_longer_has_was_removed(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    record = ledger.ingest(the_delivery(a_systmone_delivery(tmp_path, ends=evening(9))))

    assert record.removed == 1
    assert [type(event) for _, event in the_log(ledger)].count(EntryRemoved) == 1
    assert status(ledger) == "objecting"


def test_what_a_bulk_with_a_row_that_cannot_be_read_no_longer_has_was_not_removed(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    nobodys = a_systmone_entry(2, patient="")

    record = ledger.ingest(
        the_delivery(a_systmone_delivery(tmp_path, ends=evening(9), entries=[nobodys]))
    )

    assert (record.state, record.removed, len(record.refused)) == ("accepted-in-part", 0, 1)


def test_a_row_that_moves_to_another_patient_protects_both(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    moved = a_delta(
        tmp_path,
        3,
        entries=[a_systmone_entry(patient=2)],
        patients=[a_systmone_patient(2, ANOTHER)],
    )

    record = ledger.ingest(the_delivery(moved))

    assert record.entries_kept == 1
    assert (status(ledger), status(ledger, ANOTHER)) == ("objecting", "objecting")
    assert rules(ledger) == {"ID09", "LC01"}


def test_a_row_that_moved_and_is_then_deleted_is_removed_from_whom_it_moved_to(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    someone = [a_systmone_patient(2, ANOTHER)]
    moved = a_delta(tmp_path, 3, entries=[a_systmone_entry(patient=2)], patients=someone)
    ledger.ingest(the_delivery(moved))

    record = ledger.ingest(the_delivery(a_delta(tmp_path, 4, entries=[a_deleted_systmone_entry()])))

    assert record.removed == 1
    removals = [event for _, event in the_log(ledger) if isinstance(event, EntryRemoved)]
    assert len(removals) == 2
    ledger.catch_up()
    assert len(ledger.findings(rule="LC01")) == 2


def test_a_patient_whose_number_is_corrected_takes_the_entries_along(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    corrected = a_delta(
        tmp_path, 3, entries=[a_systmone_entry()], patients=[a_systmone_patient(1, ANOTHER)]
    )

    ledger.ingest(the_delivery(corrected))

    assert status(ledger, ANOTHER) == "objecting"


def test_an_entry_of_a_test_patient_is_left_out(ledger: Ledger, tmp_path: Path) -> None:
    path = a_systmone_delivery(
        tmp_path,
        ends=evening(2),
        entries=[a_systmone_entry()],
        patients=[a_systmone_patient(TestPatient="1")],
    )

    record = ledger.ingest(the_delivery(path))

    assert (record.left_out, record.entries_kept) == (1, 0)
    assert status(ledger) == "not-objecting"


# --- what cannot be matched


@pytest.fixture
def waiting(ledger: Ledger, tmp_path: Path) -> DeliveryRecord:
    """The same dissent, of a patient whose number fails its check digit."""
    path = a_systmone_delivery(
        tmp_path,
        ends=evening(2),
        entries=[a_systmone_entry()],
        patients=[a_systmone_patient(1, UNUSABLE)],
    )
    return ledger.ingest(the_delivery(path))


def test_an_entry_without_a_usable_number_waits_and_is_found(
    ledger: Ledger, waiting: DeliveryRecord
) -> None:
    assert (waiting.unmatched, waiting.entries_kept) == (1, 0)
    assert rules(ledger) == {"ID01"}


def test_a_corrected_patient_row_matches_what_waited(
    ledger: Ledger, waiting: DeliveryRecord, tmp_path: Path
) -> None:
    ledger.catch_up()

    record = ledger.ingest(the_delivery(a_delta(tmp_path, 3, patients=[a_systmone_patient()])))

    assert record.entries_kept == 1
    assert status(ledger) == "objecting"
    assert (rules(ledger), rules(ledger, "closed")) == (set(), {"ID01"})


def test_an_entry_sent_again_with_a_known_patient_matches_what_waited(
    ledger: Ledger, waiting: DeliveryRecord, tmp_path: Path
) -> None:
    path = a_delta(
        tmp_path, 3, entries=[a_systmone_entry(patient=2)], patients=[a_systmone_patient(2)]
    )

    record = ledger.ingest(the_delivery(path))

    assert record.entries_kept == 1
    assert status(ledger) == "objecting"
    assert rules(ledger) == set()
    # Nor is it anybody else's when the first row's number is corrected too.
    again = a_delta(tmp_path, 4, patients=[a_systmone_patient(1, ANOTHER)])
    assert ledger.ingest(the_delivery(again)).entries_kept == 0


def test_what_waited_and_was_deleted_waits_no_longer(
    ledger: Ledger, waiting: DeliveryRecord, tmp_path: Path
) -> None:
    path = a_delta(
        tmp_path,
        3,
        entries=[a_deleted_systmone_entry()],
        patients=[a_systmone_patient(1, UNUSABLE)],
    )

    record = ledger.ingest(the_delivery(path))

    assert record.removed == 1
    assert rules(ledger) == set()
    # Nor does it come back when the number is corrected after all.
    record = ledger.ingest(the_delivery(a_delta(tmp_path, 4, patients=[a_systmone_patient()])))
    assert record.entries_kept == 0


def test_what_waits_is_found_once_however_often_it_is_sent(
    ledger: Ledger, waiting: DeliveryRecord, tmp_path: Path
) -> None:
    unusable = [a_systmone_patient(1, UNUSABLE)]
    for day, on in ((3, date(2017, 3, 1)), (4, date(2017, 2, 28)), (5, date(2017, 2, 27))):
        path = a_delta(
            tmp_path, day, entries=[a_systmone_entry(effective_on=on)], patients=unusable
        )
        ledger.ingest(the_delivery(path))

    ledger.catch_up()

    assert len(ledger.findings(rule="ID01")) == 1
    ledger.ingest(the_delivery(a_delta(tmp_path, 6, patients=[a_systmone_patient()])))
    assert status(ledger, at=date(2017, 2, 27)) == "objecting"
    assert rules(ledger) == set()


def test_an_entry_whose_number_becomes_unusable_goes_on_protecting_whom_it_did(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    path = a_delta(
        tmp_path, 3, entries=[a_systmone_entry()], patients=[a_systmone_patient(1, UNUSABLE)]
    )

    ledger.ingest(the_delivery(path))

    assert status(ledger) == "objecting"
    assert "ID01" in rules(ledger)
    # And the finding closes when the number is what it was.
    ledger.ingest(the_delivery(a_delta(tmp_path, 4, patients=[a_systmone_patient()])))
    assert status(ledger) == "objecting"
    assert rules(ledger) == set()


# --- what is refused


def test_a_delivery_after_a_gap_is_refused_once_and_taken_when_the_gap_is_filled(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    dissent = a_systmone_entry(2, code="XaaVL", entered_at=None)
    late = the_delivery(a_delta(tmp_path, 4, entries=[dissent]))

    refused = [ledger.ingest(late) for _ in range(3)]

    assert {record.state for record in refused} == {"refused"}
    assert "20170302_2245" in str(refused[0].reason)
    assert [event.TOPIC for _, event in the_log(ledger)].count("delivery-refused") == 1
    ledger.ingest(the_delivery(a_delta(tmp_path, 3)))
    assert ledger.ingest(late).entries_kept == 1
    assert ledger.ingest(late).already_taken


def test_a_practice_closed_on_a_sunday_goes_on_with_its_extract_on_monday(
    ledger: Ledger, tmp_path: Path
) -> None:
    both = [PRACTICE, NEIGHBOUR]
    ledger.ingest(the_delivery(a_systmone_delivery(tmp_path, ends=evening(4), practices=both)))
    dissent = a_systmone_entry(7, practice=NEIGHBOUR, entered_at=None)

    sunday = ledger.ingest(the_delivery(a_delta(tmp_path, 5)))
    monday = ledger.ingest(the_delivery(a_delta(tmp_path, 6, entries=[dissent], practices=both)))

    assert sunday.practices == [PRACTICE]
    assert any(NEIGHBOUR in note for note in sunday.notes)
    assert (monday.state, monday.unmatched) == ("accepted", 1)


def test_a_missing_delta_of_an_extract_is_found_by_whoever_comes_next(
    ledger: Ledger, tmp_path: Path
) -> None:
    both = [PRACTICE, NEIGHBOUR]
    ledger.ingest(the_delivery(a_systmone_delivery(tmp_path, ends=evening(4), practices=both)))

    record = ledger.ingest(the_delivery(a_delta(tmp_path, 6, practices=both)))

    assert record.state == "refused"
    told = [f"{practice} was delivered up to 20170304_2245" for practice in both]
    assert all(reason in str(record.reason) for reason in told)


def test_a_delivery_older_than_what_was_taken_is_refused(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    record = ledger.ingest(the_delivery(a_systmone_delivery(tmp_path, ends=evening(1))))

    assert record.state == "refused"


def test_deletes_of_a_practice_whose_agreement_is_disabled_change_nothing(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = an_emis_delivery(
        tmp_path, dated=evening(2), bulk=True, observations=[an_emis_observation()]
    )
    frozen = an_emis_delivery(
        tmp_path,
        dated=evening(3),
        agreements=[an_emis_agreement(disabled=True)],
        observations=[
            {"ObservationGuid": a_guid(1), "OrganisationGuid": a_guid(1), "Deleted": "true"}
        ],
    )
    ledger.ingest(the_delivery(first))

    record = ledger.ingest(the_delivery(frozen))

    assert (record.removed, [row.column for row in record.refused]) == (0, ["Deleted"])
    assert status(ledger) == "objecting"
    assert "SH11" in rules(ledger, practice=EMIS_PRACTICE)


@pytest.mark.parametrize("fails", ["keep_source_records", "keep_unmatched", "import_events"])
def test_of_a_delivery_that_fails_in_the_middle_nothing_is_kept(
    ledger: Ledger,
    bulk: DeliveryRecord,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    fails: str,
) -> None:
    path = a_delta(
        tmp_path,
        3,
        entries=[a_systmone_entry(2), a_systmone_entry(3, patient=3)],
        patients=[a_systmone_patient(), a_systmone_patient(3, UNUSABLE)],
    )
    before = the_log(ledger), the_guarded(ledger)

    with monkeypatch.context() as patched:
        patched.setattr(f"ledger.application.taking.{fails}", after_its_work(fails))
        with pytest.raises(PowerCutError):
            ledger.ingest(the_delivery(path))

    assert (the_log(ledger), the_guarded(ledger)) == before
    record = ledger.ingest(the_delivery(path))
    assert (record.entries_kept, record.unmatched) == (1, 1)


class PowerCutError(Exception):
    """What nobody reckons with."""


def after_its_work(name: str) -> Callable[..., Any]:
    """The same function, but that everything ends when it has done its work."""
    from ledger.application import taking

    does = getattr(taking, name)

    def fail(*told: Any, **more: Any) -> Any:
        does(*told, **more)
        raise PowerCutError

    return fail


def test_a_file_that_fails_while_it_is_read_leaves_nothing_behind(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = a_delta(tmp_path, 3, entries=[a_systmone_entry(2)])
    before = the_log(ledger), the_guarded(ledger)

    with monkeypatch.context() as patched:
        patched.setattr(commands, "take_in", break_a_promise)
        with pytest.raises(PowerCutError):
            ledger.ingest(the_delivery(path))

    assert (the_log(ledger), the_guarded(ledger)) == before


def break_a_promise(connection: Any, found: Any, contents: Any, **told: Any) -> Any:
    """Read the patients, of whom there may be millions, and fail at the last."""
    from ledger.application.taking_in import take_in

    def failing(links: Iterable[PatientLink]) -> Iterator[PatientLink]:
        yield from links
        raise PowerCutError

    broken = replace(contents, links=failing(contents.links))
    return take_in(connection, found, broken, **told)


# --- the two times


def test_in_a_re_enactment_each_event_bears_the_date_of_its_delivery(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    ledger.ingest(
        the_delivery(
            a_collection_file(
                tmp_path / "c", period_end=date(2017, 2, 28), members=[Carried(NUMBER)]
            )
        )
    )
    ledger.ingest(the_delivery(a_delta(tmp_path, 9)))

    with ledger.engine.connect() as connection:
        times = {
            kept.event.TOPIC: kept.recorded_at
            for kept in decoded(read_events(connection, after=0, limit=100))
        }

    assert times["ledger-opened"] == datetime(2017, 1, 1, tzinfo=UTC)
    assert times["entry-recorded"] == datetime(2017, 3, 2, 22, 45, tzinfo=UTC)
    # Never back, where a collection of an earlier day comes late.
    assert times["collection-received"] == datetime(2017, 3, 2, 22, 45, tzinfo=UTC)
    assert ledger.today() == date(2017, 3, 9)


def test_a_status_can_be_asked_as_known_at_a_position_or_a_time(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    withdrawal = a_systmone_entry(2, code="XaZ8A", effective_on=date(2017, 3, 1))
    corrected = a_withdrawal_of_3_march(2)
    second = ledger.ingest(the_delivery(a_delta(tmp_path, 3, entries=[withdrawal])))
    third = ledger.ingest(the_delivery(a_delta(tmp_path, 4, entries=[corrected])))

    asked = {
        known_at: status(ledger, at=date(2017, 3, 31), known_at=known_at)
        for known_at in (
            1,
            bulk.position,
            second.position,
            third.position,
            datetime(2017, 3, 2, 22, 44, tzinfo=UTC),
            datetime(2017, 3, 3, 12, tzinfo=UTC),
            datetime(2017, 3, 4, 23, tzinfo=UTC),
        )
    }

    assert list(asked.values()) == [
        "not-objecting",
        "objecting",
        # On one day the dissent wins.
        "objecting",
        "not-objecting",
        "not-objecting",
        "objecting",
        "not-objecting",
    ]


def test_findings_can_be_asked_as_they_stood_at_a_position(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    removed = ledger.ingest(
        the_delivery(a_delta(tmp_path, 3, entries=[a_deleted_systmone_entry()]))
    )
    withdrawal = a_withdrawal_of_3_march(2)
    ended = ledger.ingest(the_delivery(a_delta(tmp_path, 4, entries=[withdrawal])))

    assert rules(ledger, when=When(known_at=bulk.position)) == set()
    assert rules(ledger, when=When(known_at=removed.position)) == {"LC01"}
    assert rules(ledger, when=When(known_at=ended.position)) == set()
    assert rules(ledger, "closed", when=When(known_at=removed.position)) == set()
    assert rules(ledger, "closed", when=When(known_at=ended.position)) == {"LC01"}


def test_a_finding_dismissed_since_was_open_before(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    removed = ledger.ingest(
        the_delivery(a_delta(tmp_path, 3, entries=[a_deleted_systmone_entry()]))
    )
    ledger.catch_up()
    (finding,) = ledger.findings(rule="LC01")

    ledger.dismiss_finding(PRACTICE, finding.id, reason="entered in error", by=CONTROLLER)

    assert rules(ledger) == set()
    assert rules(ledger, when=When(known_at=ledger.known().position)) == set()
    assert rules(ledger, when=When(known_at=removed.position)) == {"LC01"}
    (before,) = ledger.findings(rule="LC01", when=When(known_at=removed.position))
    assert before.state == "open"


# --- what the controller says


def test_a_removed_dissent_no_longer_counts_once_its_finding_is_dismissed(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    ledger.ingest(the_delivery(a_delta(tmp_path, 3, entries=[a_deleted_systmone_entry()])))
    ledger.catch_up()
    (finding,) = ledger.findings(rule="LC01")
    known_before = ledger.known().position

    dismissed = ledger.dismiss_finding(PRACTICE, finding.id, reason="a slip", by=CONTROLLER)

    assert dismissed.state == "dismissed"
    assert status(ledger) == "not-objecting"
    assert status(ledger, known_at=known_before) == "objecting"


def test_a_mistyped_dissent_no_longer_counts_once_its_finding_is_dismissed(
    ledger: Ledger, tmp_path: Path
) -> None:
    mistyped = a_systmone_entry(code="xaz89")
    path = a_systmone_delivery(tmp_path, ends=evening(2), entries=[mistyped])
    ledger.ingest(the_delivery(path))
    assert status(ledger) == "objecting"
    (finding,) = ledger.findings(rule="CO07")

    ledger.dismiss_finding(PRACTICE, finding.id, reason="a research code", by=CONTROLLER)

    assert status(ledger) == "not-objecting"
    ledger.rebuild()
    assert status(ledger) == "not-objecting"


# --- the rest of the formats


def test_collections_conversions_and_settings_are_taken_in_the_order_of_their_dates(
    ledger: Ledger, tmp_path: Path
) -> None:
    entry = a_systmone_entry(code="XaaVL")
    found = found_in(
        a_sharing_file(tmp_path / "s", dated=date(2018, 5, 25), changes=[a_setting_change()]),
        a_conversion_file(tmp_path / "v", converted_on=date(2018, 5, 26), numbers=[NUMBER]),
        a_collection_file(tmp_path / "c", period_end=date(2017, 3, 31), members=[Carried(NUMBER)]),
        a_systmone_delivery(tmp_path / "d", ends=evening(2), entries=[entry]),
    )

    records = [ledger.ingest(delivery) for delivery in found]

    assert [record.format for record in records] == [
        "systmone-sre",
        "collection",
        "sharing",
        "conversion",
    ]
    assert {record.state for record in records} == {"accepted"}
    assert rules(ledger) == {"SH01"}


# --- entries listed by hand


def test_entries_listed_by_hand_are_kept_and_the_practice_is_known_by_its_system(
    ledger: Ledger, tmp_path: Path
) -> None:
    lines = [
        an_entry_line(1, NUMBER, ClinicalSystem="Microtest Evolution"),
        an_entry_line(2, "9.99E+09", ClinicalSystem="Microtest Evolution"),
        an_entry_line(3, ANOTHER, ClinicalSystem="Microtest Evolution", EffectiveDate="=A1"),
    ]

    told = ledger.ingest(
        the_delivery(an_entries_file(tmp_path, dated=date(2017, 3, 2), lines=lines))
    )

    assert (told.format, told.state) == ("entries", "accepted-in-part")
    assert (told.rows_read, told.entries_kept, told.unmatched) == (3, 1, 1)
    assert [(row.row, row.column) for row in told.refused] == [(3, "EffectiveDate")]
    [kept] = [event for _, event in the_log(ledger) if isinstance(event, EntryRecorded)]
    assert (kept.practice, kept.entry_id, kept.effective_on) == (EVOLUTION_PRACTICE, "1", A_DAY)


def test_a_later_file_of_entries_needs_not_name_the_system(ledger: Ledger, tmp_path: Path) -> None:
    first = [an_entry_line(1, NUMBER, ClinicalSystem="evolution"), an_entry_line(2, ANOTHER)]
    later = [an_entry_line(1, Action="remove"), an_entry_line(2, ANOTHER, code="2469.")]
    ledger.ingest(the_delivery(an_entries_file(tmp_path, dated=date(2017, 3, 2), lines=first)))

    told = ledger.ingest(
        the_delivery(an_entries_file(tmp_path, dated=date(2017, 3, 3), lines=later))
    )

    assert (told.state, told.removed, told.entries_kept) == ("accepted", 2, 0)
    assert sum(isinstance(event, EntryRemoved) for _, event in the_log(ledger)) == 2


def test_entries_of_a_practice_of_no_known_system_are_refused_whole(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = an_entries_file(tmp_path, dated=date(2017, 3, 2), lines=[an_entry_line(1, NUMBER)])

    told = ledger.ingest(the_delivery(path))

    assert told.state == "refused"
    assert "column ClinicalSystem" in (told.reason or "")


def test_an_entry_corrected_by_hand_replaces_what_the_system_sent(
    ledger: Ledger, bulk: DeliveryRecord, tmp_path: Path
) -> None:
    assert bulk.entries_kept == 1
    correction = an_entry_line(
        1,
        nhs_number(),
        practice=PRACTICE,
        code="XaZ89",
        CodeSystem="ctv3",
        EffectiveDate="2017-02-28",
    )

    told = ledger.ingest(
        the_delivery(
            an_entries_file(tmp_path, dated=date(2017, 3, 3), lines=[correction], practice=PRACTICE)
        )
    )

    assert (told.entries_kept, told.unmatched, told.refused) == (1, 0, [])
    first, second = [
        (position, event) for position, event in the_log(ledger) if isinstance(event, EntryRecorded)
    ]
    assert second[1].replaces == first[0]
    assert second[1].effective_on == date(2017, 2, 28)
