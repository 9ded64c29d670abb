"""Does a SystmOne delivery say what TPP meant, in each of the ways TPP has said it?"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import PatientLink, Precision, RefusedRow, Registration, SourceKey
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Contents, Format, Found, Memory, Reference
from ledger.readers.systmone import read
from tests.nhs_numbers import nhs_number
from tests.unit.memory import KnownMemory, NoMemory

SAMPLE = Path(__file__).parents[1] / "data" / "systmone" / "20260105_2200"
SYSTMONE = ClinicalSystem.SYSTMONE

# docs/formats.md 1.3, newest column sets.
CODE = """
    RowIdentifier IDOrganisationVisibleTo DateEventRecorded DateEvent IDProfileEnteredBy IDDoneBy
    TextualEventDoneBy IDOrganisationDoneAt CTV3Code CTV3Text SNOMEDCode SNOMEDText
    NumericComparator IsNumeric NumericValue NumericUnit EpisodeType IDTemplate IDQuestionnaire
    IDEvent IDPatient IDReferralIn IDAppointment IDVisit IDOrganisation IDOrganisationRegisteredAt
    RemovedData
"""
PATIENT = """
    RowIdentifier IDOrganisationVisibleTo Title FirstName MiddleNames Surname PreviousSurname
    NHSNumber DateBirth DateDeath BirthPlace Gender SpeaksEnglish EmailAddress TestPatient SSRef
    SpineMatched RemovedData
"""
REGISTRATION = """
    RowIdentifier IDOrganisationVisibleTo DateEventRecorded IDProfileEnteredBy DateRegistration
    DateDeRegistration RegistrationStatus PreferredPharmacy IDPatient IDOrganisation
    IDOrganisationRegisteredAt RemovedData
"""
TABLES = {
    table: columns.split()
    for table, columns in (
        ("SRCode", CODE),
        ("SRPatient", PATIENT),
        ("SRPatientRegistration", REGISTRATION),
    )
}

# The column sets by the columns they lack.
COLUMN_SETS = {
    "93": "",
    "92": "RemovedData",
    "91": "IDQuestionnaire RemovedData",
    "90": "IDQuestionnaire",
    "89": "SNOMEDCode SNOMEDText IDQuestionnaire",
    "88": "SNOMEDCode SNOMEDText IDQuestionnaire RemovedData",
    "87": "SNOMEDCode SNOMEDText IDQuestionnaire RemovedData",
    "test packs": "SNOMEDCode SNOMEDText IsNumeric IDQuestionnaire IDOrganisationRegisteredAt "
    "RemovedData",
}
DISSENT = {"CTV3Code": "XaZ89", "SNOMEDCode": "827241000000103"}
WITHDRAWAL = {"CTV3Code": "XaZ8A", "SNOMEDCode": "827261000000102"}
TYPE_2 = {"CTV3Code": "XaaVL", "SNOMEDCode": "881561000000100"}
OTHER = {"CTV3Code": "2469.", "SNOMEDCode": "75367002"}

Cells = Mapping[str, str]


def a_code(row_id: str = "9001", **cells: str) -> Cells:
    return {
        "RowIdentifier": row_id,
        "IDOrganisationVisibleTo": "X99901",
        "DateEventRecorded": "05 Jul 2025 14:53:28",
        "DateEvent": "04 Jul 2025 00:00:00",
        "IDProfileEnteredBy": "77",
        "IDPatient": "5001",
        "RemovedData": "0",
        **DISSENT,
        **cells,
    }


def a_deleted_code(row_id: str = "9001", **cells: str) -> Cells:
    return {"RowIdentifier": row_id, "RemovedData": "1", **cells}


def a_patient(row_id: str = "5001", **cells: str) -> Cells:
    return {
        "RowIdentifier": row_id,
        "IDOrganisationVisibleTo": "X99901",
        "FirstName": "Zoë",
        "NHSNumber": nhs_number(),
        "DateBirth": "29 Sep 1961 00:00",
        "TestPatient": "0",
        "RemovedData": "0",
        **cells,
    }


def a_registration(row_id: str = "6001", **cells: str) -> Cells:
    return {
        "RowIdentifier": row_id,
        "IDOrganisationVisibleTo": "X99901",
        "DateRegistration": "03 Mar 2015 00:00:00",
        "RegistrationStatus": "GMS,Contraception",
        "IDPatient": "5001",
        "IDOrganisation": "X99901",
        "RemovedData": "0",
        **cells,
    }


def text_of(columns: Sequence[str], rows: Sequence[Cells]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(
        out,
        columns,
        restval="",
        extrasaction="ignore",
        quoting=csv.QUOTE_ALL,
        lineterminator="\r\n",
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode("cp1252")


class Delivery:
    """A folder in the making: each table with rows is listed in the manifest as a delta."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.begins, self.ends = "20250704_2200", "20250705_2200"
        self.bulk: set[str] = set()
        self.manifest: list[str] = []

    def write(self, table: str, *rows: Cells, columns: Sequence[str] | None = None) -> None:
        self.write_bytes(table, text_of(columns or TABLES[table], rows))

    def write_bytes(self, table: str, content: bytes) -> None:
        (self.folder / f"{table}.csv").write_bytes(content)
        self.manifest.append(table)

    def write_manifest(self, text: str | None = None) -> None:
        lines = [
            f'"{table}","N","N","","{self.ends}"'
            if table in self.bulk
            else f'"{table}","Y","N","{self.begins}","{self.ends}"'
            for table in self.manifest
        ]
        header = '"FileName","IsDelta","IsReference","DateExtractFrom","DateExtractTo"'
        written = "\r\n".join([header, *lines, ""]) if text is None else text
        (self.folder / "SRManifest.csv").write_text(written)

    def read(self, memory: Memory | None = None) -> Contents:
        if not (self.folder / "SRManifest.csv").exists():
            self.write_manifest()
        files = tuple(sorted(self.folder.iterdir()))
        found = Found(Format.SYSTMONE, self.folder, files, datetime(2025, 7, 5, tzinfo=UTC))
        return read(found, memory or NoMemory())


@pytest.fixture
def delivery(tmp_path: Path) -> Delivery:
    return Delivery(tmp_path)


def taken_up_to(end: str, *practices: str) -> list[Reference]:
    return [
        Reference(SYSTMONE, practice, "extract-to", "last", end)
        for practice in practices or ["X99901"]
    ]


def key(entry_id: str, practice: str = "X99901") -> SourceKey:
    return SourceKey(practice, SYSTMONE, entry_id)


# --- the sample


def test_the_sample_says_what_its_makers_meant() -> None:
    found = Found(
        Format.SYSTMONE,
        SAMPLE,
        tuple(sorted(SAMPLE.iterdir())),
        datetime(2026, 1, 5, 22, tzinfo=UTC),
    )

    contents = read(found, KnownMemory(entries={"X99901": ["8899"]}))

    (entry,) = contents.entries
    assert entry.key == key("9001")
    assert (entry.purpose, entry.statement) == (Purpose.TYPE_1, Statement.DISSENT)
    assert (entry.code_system, entry.code) == (CodeSystem.CTV3, "XaZ89")
    assert entry.also_coded == "827241000000103"
    assert entry.source_patient == "5001"
    assert entry.effective_on == date(2026, 1, 5)
    assert entry.entered_at == datetime(2026, 1, 5, 14, 53, 28, tzinfo=UTC)
    assert entry.entered_by == "77"
    assert entry.source == "SRCode.csv:1"
    assert [tuple(removal) for removal in contents.removals] == [(key("8899"), "SRCode.csv:2")]
    assert list(contents.links) == [
        PatientLink(
            "X99901", SYSTMONE, "5001", "9516505600", True, date(1961, 9, 29), None,
            "SRPatient.csv:1",
        ),
        PatientLink(
            "X99901", SYSTMONE, "5002", "9437140103", True, date(1950, 1, 1), None,
            "SRPatient.csv:2",
        ),
    ]  # fmt: skip
    assert list(contents.registrations) == [
        Registration("X99901", SYSTMONE, "5001", date(2015, 3, 3), None, "6001"),
        Registration("X99901", SYSTMONE, "5002", date(2015, 3, 3), None, "6002"),
    ]
    assert contents.practices == ("X99901",)
    assert contents.period_start == datetime(2026, 1, 4, 22, tzinfo=UTC)
    assert contents.period_end == datetime(2026, 1, 5, 22, tzinfo=UTC)
    assert contents.rows_read == 1 + 2 + 3 + 2
    assert set(contents.references) >= set(taken_up_to("20260105_2200"))
    assert (contents.whole, contents.refused) == (frozenset(), ())


# --- SRCode


@pytest.mark.parametrize("lacking", COLUMN_SETS.values(), ids=COLUMN_SETS.keys())
def test_every_known_column_set_is_read(delivery: Delivery, lacking: str) -> None:
    columns = [column for column in TABLES["SRCode"] if column not in lacking.split()]
    delivery.write("SRCode", a_code(), columns=columns)

    contents = delivery.read()

    (entry,) = contents.entries
    assert (entry.code, entry.effective_on) == ("XaZ89", date(2025, 7, 4))
    assert entry.entered_at == datetime(2025, 7, 5, 13, 53, 28, tzinfo=UTC)
    assert entry.also_coded == (None if "SNOMEDCode" in lacking else "827241000000103")
    assert not any("columns that are not known" in note for note in contents.notes)


def test_columns_are_found_by_name_and_unknown_ones_are_said_once(delivery: Delivery) -> None:
    delivery.write("SRCode", a_code(), columns=["IDLeaflet", *reversed(TABLES["SRCode"])])

    contents = delivery.read()

    assert [entry.entry_id for entry in contents.entries] == ["9001"]
    assert "SRCode.csv has columns that are not known: IDLeaflet" in contents.notes


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("SRCode", "CTV3Code"),
        ("SRCode", "IDPatient"),
        ("SRPatient", "NHSNumber"),
        ("SRPatient", "TestPatient"),
        ("SRPatientRegistration", "IDOrganisation"),
    ],
)
def test_without_a_mandatory_column_the_delivery_is_refused(
    delivery: Delivery, table: str, column: str
) -> None:
    delivery.write(table, columns=[name for name in TABLES[table] if name != column])

    with pytest.raises(DeliveryRefused, match=f"expected the column {column}") as refused:
        delivery.read()

    assert refused.value.file == f"{table}.csv"


def test_a_code_that_is_nearly_ours_is_kept_as_it_was_written(delivery: Delivery) -> None:
    delivery.write(
        "SRCode",
        a_code("1", CTV3Code="xaz89", SNOMEDCode=""),
        a_code("2", CTV3Code="XaZ8a", SNOMEDCode=""),
        a_code("3", CTV3Code=" XaZ89", SNOMEDCode=""),
        a_code("4", CTV3Code="", SNOMEDCode="827241000000000"),
        a_code("5", **OTHER),
        a_code("6", CTV3Code="XaXbZ", SNOMEDCode="417370002"),
    )

    entries = delivery.read().entries

    assert [(entry.entry_id, entry.code, entry.near, entry.statement) for entry in entries] == [
        ("1", "xaz89", True, Statement.DISSENT),
        ("2", "XaZ8a", True, Statement.WITHDRAWAL),
        ("3", " XaZ89", True, Statement.DISSENT),
        ("4", "827241000000000", True, Statement.DISSENT),
    ]


def test_a_row_that_states_two_purposes_is_two_entries(delivery: Delivery) -> None:
    delivery.write("SRCode", a_code(CTV3Code="XaZ89", SNOMEDCode="881561000000100"))

    entries = delivery.read().entries

    assert [(entry.entry_id, entry.purpose) for entry in entries] == [
        ("9001", Purpose.TYPE_1),
        ("9001#type-2", Purpose.TYPE_2),
    ]


@pytest.mark.parametrize(
    ("text", "precision"),
    [("", Precision.MISSING), ("31 Feb 2020 00:00:00", Precision.UNREADABLE)],
)
def test_an_undated_entry_is_kept(delivery: Delivery, text: str, precision: Precision) -> None:
    delivery.write("SRCode", a_code(DateEvent=text, DateEventRecorded=text))

    (entry,) = delivery.read().entries

    assert (entry.effective_on, entry.effective_precision) == (None, precision)
    assert entry.entered_at is None


def test_a_row_made_elsewhere_is_kept(delivery: Delivery) -> None:
    delivery.write("SRCode", a_code(IDOrganisation="X99902", IDOrganisationDoneAt="X99902"))

    (entry,) = delivery.read().entries

    assert entry.practice == "X99901"


def test_a_deleted_row_is_matched_by_its_identifier_alone(delivery: Delivery) -> None:
    memory = KnownMemory(entries={"X99901": ["1", "1#type-2", "2"], "X99902": ["7"]})
    delivery.write(
        "SRCode",
        a_deleted_code("1"),
        a_deleted_code("2", IDOrganisationVisibleTo="X99901", RemovedData="TRUE", **DISSENT),
        a_deleted_code("3", IDOrganisationVisibleTo="X99901", **DISSENT),
        a_code("4", IDOrganisationVisibleTo="X99902"),
    )

    contents = delivery.read(memory)

    assert [(removal.key, removal.source) for removal in contents.removals] == [
        (key("1"), "SRCode.csv:1"),
        (key("1#type-2"), "SRCode.csv:1"),
        (key("2"), "SRCode.csv:2"),
    ]
    assert [entry.entry_id for entry in contents.entries] == ["4"]
    assert contents.refused == ()


def test_a_delete_that_may_be_of_two_practices_is_refused(delivery: Delivery) -> None:
    memory = KnownMemory(entries={"X99901": ["1"], "X99902": ["1"]})
    delivery.write(
        "SRCode",
        a_deleted_code("1"),
        a_code("2", **OTHER),
        a_code("3", IDOrganisationVisibleTo="X99902", **OTHER),
    )

    contents = delivery.read(memory)

    assert contents.removals == ()
    assert [(row.row, row.column) for row in contents.refused] == [(1, "IDOrganisationVisibleTo")]


def test_the_same_identifier_at_another_practice_is_another_entry(delivery: Delivery) -> None:
    memory = KnownMemory(entries={"X99902": ["1"]})
    delivery.write(
        "SRCode",
        a_deleted_code("1", IDOrganisationVisibleTo="X99901"),
        a_code("1", IDOrganisationVisibleTo="X99902"),
    )

    contents = delivery.read(memory)

    assert contents.removals == ()
    assert [entry.practice for entry in contents.entries] == ["X99902"]


def test_a_row_recoded_to_something_else_is_a_removal(delivery: Delivery) -> None:
    memory = KnownMemory(entries={"X99901": ["1", "1#type-2", "2", "2#type-2"]})
    delivery.write("SRCode", a_code("1", **OTHER), a_code("2"), a_code("3", **OTHER))

    contents = delivery.read(memory)

    assert [removal.key.entry_id for removal in contents.removals] == ["1", "1#type-2", "2#type-2"]
    assert [entry.entry_id for entry in contents.entries] == ["2"]


@pytest.mark.parametrize("profile", ["Dr Z Quillfeather", "7" * 101, "7 Larkspur Lane"])
def test_a_profile_that_is_no_identifier_is_left_out_and_the_entry_is_kept(
    delivery: Delivery, profile: str
) -> None:
    delivery.write("SRCode", {**a_code("1"), "IDProfileEnteredBy": profile})

    (entry,) = delivery.read().entries

    assert entry.entered_by is None


def test_the_last_row_of_one_identifier_wins(delivery: Delivery) -> None:
    delivery.write(
        "SRCode",
        a_code("1"),
        a_code("1", **WITHDRAWAL),
        a_code("2"),
        a_deleted_code("2"),
    )

    contents = delivery.read()

    assert [(each.statement, each.source) for each in contents.entries] == [
        (Statement.WITHDRAWAL, "SRCode.csv:2")
    ]
    assert "SRCode.csv repeats the RowIdentifier of 2 rows: the last of each was taken" in (
        contents.notes
    )


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"RowIdentifier": ""}, "RowIdentifier"),
        ({"RowIdentifier": "9" * 201}, "RowIdentifier"),
        ({"IDOrganisationVisibleTo": ""}, "IDOrganisationVisibleTo"),
        ({"IDOrganisationVisibleTo": "X 99?"}, "IDOrganisationVisibleTo"),
        ({"IDPatient": ""}, "IDPatient"),
        ({"IDPatient": "5" * 201}, "IDPatient"),
        ({"RemovedData": "perhaps"}, "RemovedData"),
    ],
)
def test_a_row_that_cannot_be_a_fact_is_refused_and_the_rest_is_kept(
    delivery: Delivery, cells: Mapping[str, str], column: str
) -> None:
    delivery.write("SRCode", {**a_code("1"), **cells}, a_code("2"))

    contents = delivery.read()

    assert [entry.entry_id for entry in contents.entries] == ["2"]
    ((file, row, named, reason),) = contents.refused
    assert (file, row, named) == ("SRCode.csv", 1, column)
    assert reason.startswith("expected")


def test_a_row_of_no_concern_is_not_refused_whatever_is_wrong_with_it(delivery: Delivery) -> None:
    delivery.write("SRCode", a_code("1", IDPatient="", RemovedData="perhaps", **OTHER), a_code("2"))

    contents = delivery.read()

    assert contents.refused == ()


def test_rows_that_cannot_be_read_are_refused_one_by_one(delivery: Delivery) -> None:
    good = text_of(TABLES["SRCode"], [a_code("1"), a_code("5")]).split(b"\r\n")
    header, first, last = good[:3]
    content = b"\r\n".join([header, first, b'"2","X99901"', b'"3","5 feet 10"', last, b""])
    delivery.write_bytes("SRCode", b"\xef\xbb\xbf" + content)

    contents = delivery.read()

    assert [(entry.entry_id, entry.source) for entry in contents.entries] == [
        ("1", "SRCode.csv:1"),
        ("5", "SRCode.csv:4"),
    ]
    assert [row.row for row in contents.refused] == [2, 3]
    assert contents.rows_read == 4


# --- a bulk


def test_a_bulk_carries_every_entry_of_its_practices(delivery: Delivery) -> None:
    delivery.bulk = {"SRCode"}
    delivery.write("SRCode", a_code("1"), a_code("2", IDOrganisationVisibleTo="X99902", **OTHER))
    delivery.write("SRPatient", a_patient(IDOrganisationVisibleTo="X99903"))

    contents = delivery.read()

    # X99903 has no row in SRCode at all, which says nothing about its entries.
    assert contents.practices == ("X99901", "X99902", "X99903")
    assert contents.whole == contents.bulk == {"X99901", "X99902"}


def test_a_bulk_of_patients_says_how_many_a_practice_has(delivery: Delivery) -> None:
    delivery.bulk = {"SRPatient"}
    delivery.write("SRCode", a_code())
    delivery.write(
        "SRPatient",
        a_patient("1"),
        a_patient("2"),
        a_patient("3", RemovedData="1"),
        a_patient("4", IDOrganisationVisibleTo="X99902"),
    )

    contents = delivery.read()

    assert contents.patients == {"X99901": 2, "X99902": 1}
    assert contents.bulk == frozenset()


def test_a_delta_says_nothing_of_how_many_there_are(delivery: Delivery) -> None:
    delivery.write("SRCode", a_code())
    delivery.write("SRPatient", a_patient())

    contents = delivery.read()

    assert (contents.bulk, contents.patients) == (frozenset(), {})


def test_a_bulk_with_a_row_that_was_refused_is_a_bulk_all_the_same(delivery: Delivery) -> None:
    delivery.bulk = {"SRCode"}
    delivery.write("SRCode", a_code("1"), a_code("2", IDPatient=""))

    contents = delivery.read()

    assert (contents.whole, contents.bulk) == (frozenset(), {"X99901"})


def test_a_delta_of_patients_beside_a_bulk_of_codes_is_usual(delivery: Delivery) -> None:
    delivery.bulk = {"SRCode"}
    delivery.write("SRCode", a_code())
    delivery.write("SRPatient", a_patient())

    contents = delivery.read(KnownMemory(taken_up_to("20250704_2200")))

    assert contents.whole == {"X99901"}
    assert contents.period_start == datetime(2025, 7, 4, 21, tzinfo=UTC)


def test_a_refused_row_of_a_bulk_ends_no_objection(delivery: Delivery) -> None:
    delivery.bulk = {"SRCode"}
    delivery.write(
        "SRCode", a_code("1", IDPatient=""), a_code("2", IDOrganisationVisibleTo="X99902")
    )

    contents = delivery.read(KnownMemory(entries={"X99901": ["1"]}))

    assert contents.whole == {"X99902"}
    assert contents.removals == ()
    assert any("nothing is taken as removed for X99901" in note for note in contents.notes)


def test_an_unreadable_row_of_a_bulk_makes_every_practice_doubtful(delivery: Delivery) -> None:
    delivery.bulk = {"SRCode"}
    rows = [a_code("1"), a_code("2", IDOrganisationVisibleTo="X99902")]
    delivery.write_bytes("SRCode", text_of(TABLES["SRCode"], rows) + b'"3"\r\n')

    contents = delivery.read()

    assert len(contents.entries) == 2
    assert contents.whole == frozenset()


def test_a_bulk_that_was_cut_off_is_refused_whole(delivery: Delivery) -> None:
    delivery.bulk = {"SRCode"}
    delivery.write_bytes("SRCode", text_of(TABLES["SRCode"], [a_code("1"), a_code("2")])[:-100])

    with pytest.raises(DeliveryRefused, match=r"SRCode\.csv: the file ends in the middle of row 2"):
        delivery.read()


def test_a_delta_without_removed_data_says_so(delivery: Delivery) -> None:
    columns = [column for column in TABLES["SRCode"] if column != "RemovedData"]
    delivery.write("SRCode", a_code(), columns=columns)

    contents = delivery.read()

    assert any("it cannot say which entries were deleted" in note for note in contents.notes)


# --- SRPatient and SRPatientRegistration


def test_a_patient_is_linked_to_the_number_as_it_was_sent(delivery: Delivery) -> None:
    delivery.write(
        "SRPatient",
        a_patient("1", DateDeath="02 Feb 2024 00:00:00"),
        a_patient("2", NHSNumber="no number", TestPatient="TRUE", DateBirth=""),
        a_patient("3", RemovedData="1"),
        a_patient("4", TestPatient=""),
    )

    links = list(delivery.read().links)

    assert [
        (link.source_patient, link.number_as_sent, link.left_out, link.died_on, link.source)
        for link in links
    ] == [
        ("1", nhs_number(), False, date(2024, 2, 2), "SRPatient.csv:1"),
        ("2", "no number", True, None, "SRPatient.csv:2"),
        ("4", nhs_number(), False, None, "SRPatient.csv:4"),
    ]


def test_older_patient_tables_are_read(delivery: Delivery) -> None:
    columns = [name for name in TABLES["SRPatient"] if name not in {"RemovedData", "SpineMatched"}]
    delivery.write("SRPatient", a_patient(), columns=columns)

    (link,) = delivery.read().links

    assert link.born_on == date(1961, 9, 29)


def test_a_patient_row_of_nobody_or_nowhere_is_refused(delivery: Delivery) -> None:
    delivery.write(
        "SRPatient",
        a_patient(""),
        a_patient("2", IDOrganisationVisibleTo="?"),
        a_patient("3", IDOrganisationVisibleTo=""),
        a_patient("4", IDOrganisationVisibleTo="", RemovedData="1"),
        a_patient("5", IDOrganisationVisibleTo="x99901 "),
    )

    contents = delivery.read()

    assert [(row.row, row.column) for row in contents.refused] == [
        (1, "RowIdentifier"),
        (2, "IDOrganisationVisibleTo"),
        (3, "IDOrganisationVisibleTo"),
    ]
    assert [(link.source_patient, link.practice) for link in contents.links] == [("5", "X99901")]


def test_only_registrations_here_are_taken(delivery: Delivery) -> None:
    delivery.write(
        "SRPatientRegistration",
        a_registration("1"),
        a_registration("2", IDPatient="5002", IDOrganisation=""),
        a_registration("3", IDPatient="5003", IDOrganisation="X99902"),
        a_registration("4", IDPatient="5004", DateDeRegistration="01 Jun 2025 00:00:00"),
        a_registration("5", IDPatient="5005", RemovedData="1"),
        a_registration("6", IDPatient=""),
    )

    contents = delivery.read()

    assert [(each.source_patient, each.deregistered_on) for each in contents.registrations] == [
        ("5001", None),
        ("5002", None),
        ("5004", date(2025, 6, 1)),
        # Deleted: whose it was is known from before.
        ("", None),
    ]
    assert contents.refused == (
        RefusedRow("SRPatientRegistration.csv", 6, "IDPatient", "expected an identifier"),
    )


# --- the chain of deliveries


def test_a_delta_that_leaves_a_gap_is_refused_whole(delivery: Delivery) -> None:
    memory = KnownMemory(
        [*taken_up_to("20250704_2200", "X99901"), *taken_up_to("20250703_2200", "X99902")]
    )
    delivery.write("SRCode", a_code("1"), a_code("2", IDOrganisationVisibleTo="X99902", **OTHER))

    with pytest.raises(
        DeliveryRefused,
        match="X99902 was delivered up to 20250703_2200, and this delta begins at 20250704_2200",
    ):
        delivery.read(memory)


def test_an_older_delivery_than_the_last_is_refused_whole(delivery: Delivery) -> None:
    delivery.write("SRCode", a_code())

    with pytest.raises(DeliveryRefused, match="it is older than what has been taken"):
        delivery.read(KnownMemory(taken_up_to("20250706_2200")))


@pytest.mark.parametrize("last", ["20250704_2200", "20250704_2330", "20250705_2200"])
def test_a_delta_that_follows_or_overlaps_is_taken(delivery: Delivery, last: str) -> None:
    delivery.write("SRCode", a_code())

    contents = delivery.read(KnownMemory(taken_up_to(last)))

    assert set(contents.references) >= set(taken_up_to("20250705_2200"))
    assert contents.notes == ()


def test_a_bulk_needs_no_delivery_before_it(delivery: Delivery) -> None:
    delivery.bulk = {"SRCode"}
    delivery.write("SRCode", a_code())

    contents = delivery.read(KnownMemory(taken_up_to("20240101_2200")))

    assert contents.period_start is None
    assert contents.notes == ()


def test_a_first_delivery_that_is_a_delta_is_taken_with_a_note(delivery: Delivery) -> None:
    delivery.write("SRCode", a_code())

    contents = delivery.read()

    (note,) = contents.notes
    assert note.startswith("the first delivery of X99901 is a delta from 20250704_2200")


# --- the manifest


def test_a_delivery_need_not_have_every_table(delivery: Delivery) -> None:
    delivery.write("SRPatient", a_patient())

    contents = delivery.read()

    assert (contents.entries, contents.registrations) == ((), ())
    assert contents.practices == ("X99901",)


HEADER = "FileName,IsDelta,IsReference,DateExtractFrom,DateExtractTo\n"


@pytest.mark.parametrize(
    ("manifest", "why"),
    [
        ("", "expected a header line"),
        ("FileName,IsDelta\nSRCode,Y\n", "expected the column DateExtractFrom, DateExtractTo"),
        (HEADER, "is in the folder, but it is not listed"),
        (HEADER + "SRPatient,N,N,,20250705_2200\n", "SRPatient is listed, but the folder has no"),
        (HEADER + "SRCode,N,N,,20250705_2200\n" * 2, "expected each file once"),
        (HEADER + "SRCode,perhaps,N,,20250705_2200\n", "expected Y or N in IsDelta"),
        (HEADER + "SRCode,N,N,,\n", "expected yyyyMMdd_HHmm in DateExtractTo"),
        (HEADER + "SRCode,N,N,,20250231_2200\n", "expected yyyyMMdd_HHmm in DateExtractTo"),
        (HEADER + "SRCode,Y,N,,20250705_2200\n", "expected yyyyMMdd_HHmm in DateExtractFrom"),
        (HEADER + "SRCode,Y,N,20250706_2200,20250705_2200\n", "expected DateExtractFrom before"),
        (
            HEADER + "SRCode,N,N,,20250705_2200\nSROther,N,N,,20250704_2200\n",
            "expected one DateExtractTo, found 20250704_2200, 20250705_2200",
        ),
        (
            HEADER
            + "SRCode,Y,N,20250704_2200,20250705_2200\nSROther,Y,N,20250703_2200,20250705_2200\n",
            "expected one DateExtractFrom, found 20250703_2200, 20250704_2200",
        ),
        (HEADER + "SRCode,N,N,,20250705_2200\nSROther,N\n", "row 2 cannot be read"),
        (HEADER + "SRCode,N,N,,20250705_2200\nSROther,N", "cut off"),
    ],
)
def test_a_manifest_at_odds_with_itself_or_the_folder_is_refused(
    delivery: Delivery, manifest: str, why: str
) -> None:
    delivery.write("SRCode", a_code())
    delivery.write_bytes("SROther", b"RowIdentifier\r\n1\r\n")
    delivery.write_manifest(manifest)

    with pytest.raises(DeliveryRefused, match=why) as refused:
        delivery.read()

    assert refused.value.file == "SRManifest.csv"


def test_two_tables_may_lack_dates_and_the_mapping_is_never_listed(delivery: Delivery) -> None:
    delivery.write("SRCode", a_code())
    delivery.write_bytes("SRAppointmentAttendees", b"RowIdentifier\r\n1\r\n")
    delivery.write_bytes("SRReferralContactEvent", b"RowIdentifier\r\n1\r\n")
    delivery.write_bytes("SRMapping", b"RowIdentifier\r\n1\r\n")
    delivery.write_manifest(
        HEADER + "SRCode,Y,N,20250704_2200,20250705_2200\n"
        "SRAppointmentAttendees,Y,N,,\nSRReferralContactEvent,N,N,,\n"
    )

    contents = delivery.read()

    assert len(contents.entries) == 1


def test_no_refusal_repeats_what_stands_in_a_row(delivery: Delivery) -> None:
    delivery.write("SRPatient", a_patient("", FirstName="Zoë"), a_patient("2"))
    delivery.write("SRCode", a_code(IDPatient="", CTV3Code="XaZ89"))

    contents = delivery.read()

    told = " ".join(str(row) for row in contents.refused) + " ".join(contents.notes)
    assert len(contents.refused) == 2
    assert nhs_number() not in told
    assert "Zo" not in told
