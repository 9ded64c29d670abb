"""Does anything that identifies a patient leave the guarded tables?

Deliveries that are full of it, in every column that can hold it and in rows and files that are
refused, are taken in with every log at its loudest. What names a patient may then stand in
`guarded`, which can be erased, and nowhere else.
"""

import logging
import os
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from ledger.application import Ledger
from ledger.application.records import DeliveryRecord
from ledger.application.statistics import FIRST_MONTH, Level
from ledger.domain.callers import Caller, Role
from ledger.domain.events import Mode
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact
from tests.files import (
    EMIS_PRACTICE,
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
    a_systmone_registration,
    an_emis_delivery,
    an_emis_observation,
    an_emis_patient,
    an_entries_file,
    an_entry_line,
    found_in,
    the_delivery,
)
from tests.nhs_numbers import nhs_numbers

NIGHT = datetime(2017, 3, 2, 22, 45)  # noqa: DTZ001
CONTROLLER = Caller("the controller", Role.CONTROLLER, frozenset({PRACTICE}))
NUMBERS = nhs_numbers(8)
UNUSABLE = NUMBERS[7][:-1] + str((int(NUMBERS[7][-1]) + 1) % 10)
SECRETS = (
    *NUMBERS,
    UNUSABLE,
    "Zebedee",
    "Quillfeather",
    "Larkspur",
    "XQ9 9ZZ",
    "zebedee@quill.example",
    "moved in with her sister",
    "19 Jul 1931",
    "1931-07-19",
)
FREE_TEXT = (
    f"Zebedee Quillfeather, 7 Larkspur Lane, XQ9 9ZZ, {NUMBERS[6]}: moved in with her sister"
)


# --- deliveries that say too much


def a_named_patient(row: int, number: str, **columns: str) -> Row:
    return a_systmone_patient(
        row,
        number,
        **{
            "Title": "Mrs",
            "FirstName": "Zebedee",
            "MiddleNames": "Larkspur",
            "Surname": "Quillfeather",
            "EmailAddress": "zebedee@quill.example",
            "BirthPlace": "Larkspur",
            "DateBirth": "19 Jul 1931 00:00",
            **columns,
        },
    )


def a_wordy_entry(row: int, *, patient: int | str, **columns: str) -> Row:
    told = {"TextualEventDoneBy": FREE_TEXT, "CTV3Text": FREE_TEXT, "SNOMEDText": FREE_TEXT}
    return a_systmone_entry(row, patient=patient, **{**told, **columns})


def a_systmone_bulk(where: Path) -> Path:
    folder = a_systmone_delivery(
        where,
        ends=NIGHT,
        entries=[
            a_wordy_entry(1, patient=1),
            a_wordy_entry(2, patient=2, code="xaz89"),
            a_wordy_entry(3, patient=3, code="XaaVL"),
            a_wordy_entry(4, patient=4, code="XaaVM"),
            # A name for a number, a number for a code, and both where dates belong.
            a_wordy_entry(5, patient=5),
            a_wordy_entry(6, patient=1, code=NUMBERS[0]),
            a_wordy_entry(7, patient=1, DateEvent=FREE_TEXT, DateEventRecorded=FREE_TEXT),
            a_wordy_entry(8, patient=1, IDOrganisationVisibleTo=FREE_TEXT),
            a_wordy_entry(9, patient=1, RemovedData=FREE_TEXT),
            a_wordy_entry(10, patient=""),
            a_wordy_entry(11, patient=1, IDProfileEnteredBy=FREE_TEXT),
            a_wordy_entry(12, patient=1, RowIdentifier=FREE_TEXT),
            a_wordy_entry(13, patient=1, SNOMEDCode=FREE_TEXT),
        ],
        patients=[
            a_named_patient(1, NUMBERS[0]),
            a_named_patient(2, f"{NUMBERS[1][:3]} {NUMBERS[1][3:6]} {NUMBERS[1][6:]}"),
            a_named_patient(3, UNUSABLE),
            a_named_patient(4, NUMBERS[3], DateDeath="19 Jul 2016"),
            a_named_patient(5, FREE_TEXT),
            a_named_patient(6, NUMBERS[5], IDOrganisationVisibleTo=FREE_TEXT),
        ],
        registrations=[
            a_systmone_registration(1, date(2001, 2, 3), RegistrationStatus=FREE_TEXT),
            a_systmone_registration(2, date(2001, 2, 3), DateDeRegistration=FREE_TEXT),
        ],
    )
    add_an_odd_column(folder / "SRPatient.csv", "NotesForTheNurse", FREE_TEXT)
    append(folder / "SRCode.csv", f'"{FREE_TEXT}"\n')
    append(
        folder / "SRPatient.csv", f'"99","{PRACTICE}","Zebedee" said "Quillfeather","{NUMBERS[4]}\n'
    )
    return folder


def an_emis_bulk(where: Path) -> Path:
    patient = an_emis_patient(
        1,
        NUMBERS[2],
        GivenName="Zebedee",
        Surname="Quillfeather",
        NumberAndStreet="7 Larkspur Lane",
        Postcode="XQ9 9ZZ",
        EmailAddress="zebedee@quill.example",
        DateOfBirth="1931-07-19",
        CarerName="Quillfeather",
    )
    folder = an_emis_delivery(
        where,
        dated=NIGHT,
        bulk=True,
        observations=[
            an_emis_observation(1, AssociatedText=FREE_TEXT),
            an_emis_observation(2, AssociatedText=FREE_TEXT, EffectiveDatePrecision=FREE_TEXT),
            an_emis_observation(3, patient=2, Deleted=FREE_TEXT),
            an_emis_observation(4, patient=3, EnteredByUserInRoleGuid=FREE_TEXT),
            an_emis_observation(5, OrganisationGuid=FREE_TEXT),
        ],
        patients=[patient, an_emis_patient(2, UNUSABLE), an_emis_patient(3, FREE_TEXT)],
        agreements=[{"OrganisationGuid": a_guid(1), "IsActivated": FREE_TEXT, "Disabled": "false"}],
    )
    (observations,) = folder.glob("*_CareRecord_Observation_*")
    append(observations, f'"{FREE_TEXT}","{NUMBERS[4]}"\r\n')
    return folder


def ours(where: Path) -> list[Path]:
    collection = a_collection_file(
        where / "c",
        period_end=date(2017, 3, 31),
        members=[
            Carried(NUMBERS[0]),
            Carried(UNUSABLE),
            Carried(FREE_TEXT),
            Carried(NUMBERS[1], code=FREE_TEXT),
            Carried(NUMBERS[1], code_system=FREE_TEXT),
            Carried(NUMBERS[1], practice=FREE_TEXT),
            Carried(NUMBERS[1], supplier=FREE_TEXT),
        ],
    )
    append(collection, f'"{FREE_TEXT}"\n')
    conversion = a_conversion_file(
        where / "v", converted_on=date(2018, 5, 25), numbers=[NUMBERS[0], UNUSABLE, FREE_TEXT]
    )
    sharing = a_sharing_file(
        where / "s",
        dated=date(2018, 5, 26),
        changes=[
            a_setting_change(),
            a_setting_change(FREE_TEXT),
            a_setting_change(value=FREE_TEXT),
            a_setting_change(changed_at=FREE_TEXT),
            a_setting_change("allowed", "add", Organisation=FREE_TEXT),
            a_setting_change(ChangedBy=FREE_TEXT * 3),
        ],
    )
    entries = an_entries_file(
        where / "e",
        dated=date(2017, 3, 2),
        lines=[
            an_entry_line(1, NUMBERS[0], ClinicalSystem="evolution", Why=FREE_TEXT),
            an_entry_line(2, UNUSABLE, EnteredBy=FREE_TEXT, DateOfBirth=FREE_TEXT),
            an_entry_line(3, FREE_TEXT, EnteredBy=NUMBERS[1]),
            an_entry_line(NUMBERS[1], NUMBERS[1]),
            an_entry_line(FREE_TEXT, NUMBERS[1]),
            an_entry_line(4, NUMBERS[1], EffectiveDate=FREE_TEXT),
            an_entry_line(5, NUMBERS[1], EnteredAt=FREE_TEXT),
            an_entry_line(6, NUMBERS[1], Action=FREE_TEXT),
            an_entry_line(7, NUMBERS[1], CodeSystem=FREE_TEXT),
            an_entry_line(8, NUMBERS[1], practice=FREE_TEXT),
            an_entry_line(9, NUMBERS[1], code=FREE_TEXT),
        ],
    )
    of_no_system = an_entries_file(
        where / "n",
        dated=date(2017, 3, 2),
        practice="X99905",
        lines=[an_entry_line(1, NUMBERS[0], practice="X99905", ClinicalSystem=FREE_TEXT)],
    )
    return [collection, conversion, sharing, entries, of_no_system]


def a_refused_delta(where: Path) -> Path:
    """It begins a week after the bulk ended."""
    return a_systmone_delivery(
        where,
        begins=NIGHT + timedelta(days=7),
        ends=NIGHT + timedelta(days=8),
        entries=[a_wordy_entry(1, patient=1)],
        patients=[a_named_patient(1, NUMBERS[0])],
    )


def a_file_without_header(where: Path) -> Path:
    """Its first row stands where the names of the columns should."""
    folder = a_systmone_delivery(where, ends=NIGHT + timedelta(days=9))
    patients = folder / "SRPatient.csv"
    patients.write_text(f'"1","{PRACTICE}","{FREE_TEXT}","{NUMBERS[0]}"\n', encoding="cp1252")
    return folder


def a_file_cut_off(where: Path) -> Path:
    """It ends within a patient's row."""
    folder = a_systmone_delivery(where, ends=NIGHT + timedelta(days=10))
    append(folder / "SRPatient.csv", f'"1","{PRACTICE}","{FREE_TEXT}","{NUMBERS[0]}')
    return folder


def append(path: Path, row: str) -> None:
    with path.open("a", encoding="cp1252", newline="") as file:
        file.write(row)


def add_an_odd_column(path: Path, name: str, said: str) -> None:
    header, *rows = path.read_text(encoding="cp1252").splitlines()
    lines = [f'{header},"{name}"', *(f'{row},"{said}"' for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="cp1252")


# --- where it must not be


def assert_nobody_is_named(*texts: str) -> None:
    for said in texts:
        for secret in SECRETS:
            assert secret.casefold() not in said.casefold(), f"{secret} is in: {said[:300]}"
        # Nor in threes and fours, as people write it.
        closed_up = re.sub(r"(?<=\d)[ -](?=\d)", "", said)
        for number in (*NUMBERS, UNUSABLE):
            assert number not in closed_up, f"{number} is in: {said[:300]}"


def written(engine: Engine, *schemas: str) -> Iterator[str]:
    """Every row of every table and view of these schemas, all columns as text."""
    with engine.connect() as connection:
        tables = connection.execute(
            text(
                "select table_schema, table_name from information_schema.tables "
                "where table_schema = any(:schemas) order by 1, 2"
            ),
            {"schemas": list(schemas)},
        ).all()
        assert tables
        for schema, table in tables:
            for row in connection.execute(text(f'select * from {schema}."{table}"')):
                yield f"{schema}.{table}: " + " | ".join(map(as_text, row))


def as_text(value: object) -> str:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("latin-1")
    return str(value)


@pytest.fixture
def loud(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.DEBUG)
    # Beyond that it writes down every row it reads: it is for whoever debugs SQLAlchemy itself.
    caplog.set_level(logging.INFO, "sqlalchemy")
    return caplog


@pytest.fixture
def ledger(loud: pytest.LogCaptureFixture, engine: Engine) -> Ledger:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    return opened


@pytest.fixture
def owner(database_url: str) -> Iterator[Engine]:
    """Who may read everything."""
    engine = create_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def deliveries(tmp_path: Path) -> list[Path]:
    return [
        a_systmone_bulk(tmp_path / "systmone"),
        an_emis_bulk(tmp_path / "emis"),
        *ours(tmp_path),
        a_refused_delta(tmp_path / "systmone"),
        a_file_without_header(tmp_path / "systmone"),
        a_file_cut_off(tmp_path / "systmone"),
    ]


def test_nothing_that_names_a_patient_leaves_the_guarded_tables(
    ledger: Ledger,
    owner: Engine,
    deliveries: list[Path],
    loud: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    records = [ledger.ingest(delivery) for delivery in found_in(*deliveries)]
    ledger.catch_up()
    for finding in ledger.findings(practice=PRACTICE, rule="CO07"):
        ledger.dismiss_finding(PRACTICE, finding.id, reason="a slip", by=CONTROLLER)
    ledger.statuses(NUMBERS, Purpose.TYPE_1)
    ledger.actions(state="all")
    ledger.transmission()
    ledger.practices_transmission()
    ledger.statistics(level=Level.PRACTICE, since=FIRST_MONTH)
    ledger.rebuild()

    assert_something_of_everything_was_there(records)
    assert_nobody_is_named(*(str(record) for record in records))
    assert_nobody_is_named(*written(owner, "log", "projection", "projection_fresh"))
    assert_nobody_is_named(*map(everything_of, loud.records))
    assert_nobody_is_named(*capfd.readouterr())
    # Or else nothing would have been looked for.
    guarded = " ".join(written(owner, "guarded"))
    assert all(number in guarded for number in (NUMBERS[0], NUMBERS[1], UNUSABLE))
    assert "Zebedee" in guarded


def assert_something_of_everything_was_there(records: list[DeliveryRecord]) -> None:
    assert [record.state for record in records].count("refused") == 4
    assert sum(record.entries_kept for record in records) >= 9
    assert sum(record.unmatched for record in records) >= 5
    assert sum(len(record.refused) for record in records) >= 22
    assert any(record.notes for record in records)


def everything_of(record: logging.LogRecord) -> str:
    return f"{record.getMessage()} {vars(record)} {record.exc_text}"


def test_a_failure_within_the_database_names_nobody(
    ledger: Ledger, owner: Engine, tmp_path: Path, loud: pytest.LogCaptureFixture
) -> None:
    delivery = the_delivery(a_systmone_bulk(tmp_path))
    for table, column in (
        ("source_patients", "nhs_number"),
        ("patients", "nhs_number"),
        ("unmatched", "number_as_sent"),
    ):
        with owner.begin() as connection:
            connection.execute(
                text(
                    f"alter table guarded.{table} add constraint broken "
                    f"check ({column} is null or {column} = '') not valid"
                )
            )

        with pytest.raises(DBAPIError) as failure:
            ledger.ingest(delivery)

        logging.getLogger("ledger").error("it failed", exc_info=failure.value)
        assert_nobody_is_named("".join(traceback.format_exception(failure.value)))
        assert_nobody_is_named(*map(everything_of, loud.records))
        with owner.begin() as connection:
            connection.execute(text(f"alter table guarded.{table} drop constraint broken"))


def test_a_number_that_cannot_be_one_is_not_repeated_to_who_typed_it(ledger: Ledger) -> None:
    ledger.catch_up()

    with pytest.raises(NotAFact) as refusal:
        ledger.statuses([UNUSABLE], Purpose.TYPE_1)

    assert_nobody_is_named("".join(traceback.format_exception(refusal.value)[-1:]))


def test_what_was_removed_or_moved_names_nobody_either(
    ledger: Ledger, owner: Engine, tmp_path: Path, loud: pytest.LogCaptureFixture
) -> None:
    ledger.ingest(the_delivery(a_systmone_bulk(tmp_path)))
    delta = a_systmone_delivery(
        tmp_path,
        begins=NIGHT,
        ends=NIGHT + timedelta(days=1),
        entries=[
            a_deleted_systmone_entry(1) | {"CTV3Text": FREE_TEXT, "IDPatient": NUMBERS[0]},
            a_wordy_entry(2, patient=4),
            a_wordy_entry(4, patient=1, code="2469."),
        ],
        patients=[a_named_patient(3, NUMBERS[2]), a_named_patient(4, NUMBERS[3])],
    )

    record = ledger.ingest(the_delivery(delta))
    ledger.catch_up()

    assert record.removed >= 2
    assert_nobody_is_named(*written(owner, "log", "projection"))
    assert_nobody_is_named(*map(everything_of, loud.records))


@pytest.mark.parametrize("format_", ["table", "json"])
def test_the_command_line_names_nobody_when_it_takes_in_deliveries(
    database_url: str, deliveries: list[Path], tmp_path: Path, format_: str
) -> None:
    taken = run_the_ledger(
        "ingest", "--format", format_, *map(str, deliveries), url=database_url, home=tmp_path
    )

    assert taken.returncode == 2, taken.stderr
    assert "Traceback" not in taken.stderr
    assert EMIS_PRACTICE in taken.stdout or format_ == "table"
    assert_nobody_is_named(taken.stdout, taken.stderr)


def test_the_command_line_does_not_repeat_a_number_that_cannot_be_one(
    database_url: str, tmp_path: Path
) -> None:
    asked = run_the_ledger(
        "status", UNUSABLE, "--purpose", "type-1", url=database_url, home=tmp_path
    )

    assert asked.returncode == 2
    assert_nobody_is_named(asked.stdout, asked.stderr)


def run_the_ledger(*words: str, url: str, home: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "ledger", *words],
        env=os.environ | {"LEDGER_DATABASE_URL": url, "LEDGER_HOME": str(home / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
