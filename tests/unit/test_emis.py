"""An EMIS Web extract: codes through its own table, partial dates, deletes, agreements, memory."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import (
    AgreementChange,
    Entry,
    PatientLink,
    Precision,
    RefusedRow,
    Registration,
    Removal,
    SourceKey,
)
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Contents, Format, Found, Memory, Reference
from ledger.readers.emis import read
from tests.unit.memory import KnownMemory, NoMemory

SAMPLE = Path(__file__).parents[1] / "data" / "emis"
AGREEMENT = "45E7CD20-0000-4000-8000-000000000001"
STAMP = "20260105043213"
EMIS = ClinicalSystem.EMIS_WEB

SURGERY = "{00000001-0000-4000-8000-000000000001}"
CLINIC = "{00000002-0000-4000-8000-000000000002}"
PATIENT = "{0000000B-0000-4000-8000-00000000000B}"
OBSERVATION = "{00000015-0000-4000-8000-000000000015}"
NURSE = "{0000001F-0000-4000-8000-00000000001F}"


def _names(text: str) -> list[str]:
    return text.split()


# The columns of each documented version (docs/formats.md 2.2).
OBSERVATION_5 = _names(
    "ObservationGuid PatientGuid OrganisationGuid EffectiveDate EffectiveDatePrecision EnteredDate "
    "EnteredTime ClinicianUserInRoleGuid EnteredByUserInRoleGuid ParentObservationGuid CodeId "
    "ProblemGuid AssociatedText ConsultationGuid Value NumericUnit ObservationType NumericRangeLow "
    "NumericRangeHigh DocumentGuid Deleted IsConfidential ProcessingId"
)
OBSERVATION_7_1 = [column for column in OBSERVATION_5 if column != "AssociatedText"]
OBSERVATION_8 = [
    *OBSERVATION_7_1[:19],
    *_names("Qualifiers Abnormal AbnormalReason Episode"),
    *OBSERVATION_7_1[19:],
]
CODE_5_0 = _names(
    "CodeId Term ReadTermId SnomedCTConceptId SnomedCTDescriptionId NationalCode "
    "NationalCodeCategory NationalDescription EmisCodeCategoryDescription ProcessingId"
)
CODE_5_4 = [*CODE_5_0, "ParentCodeId"]
CODE_8 = [*CODE_5_0[:-1], "ParentCodeId", "ProcessingId"]
PATIENT_5_4 = _names(
    "PatientGuid OrganisationGuid UsualGpUserInRoleGuid Sex DateOfBirth DateOfDeath Title "
    "GivenName MiddleNames Surname DateOfRegistration NhsNumber PatientNumber "
    "PatientTypeDescription DummyType HouseNameFlatNumber NumberAndStreet Village Town County "
    "Postcode ResidentialInstituteCode NHSNumberStatus CarerName CarerRelation PersonGuid "
    "DateOfDeactivation Deleted SpineSensitive IsConfidential EmailAddress HomePhone MobilePhone "
    "ExternalUsualGPGuid ExternalUsualGP ExternalUsualGPOrganisation ProcessingId"
)
PATIENT_5_0 = [column.replace("ExternalUsual", "ExternalUsusal") for column in PATIENT_5_4]
PATIENT_8 = [
    *(column.replace("DateOfDeactivation", "DateofDeactivation") for column in PATIENT_5_4[:-1]),
    "ContactComments",
    "ProcessingId",
]
ORGANISATION = _names(
    "OrganisationGuid CDB OrganisationName ODSCode ParentOrganisationGuid CCGOrganisationGuid "
    "OrganisationType OpenDate CloseDate MainLocationGuid ProcessingId"
)
SHARING = _names("OrganisationGuid IsActivated LastModifiedDate Disabled Deleted")
COLUMNS = {
    "CareRecord_Observation": OBSERVATION_5,
    "Coding_ClinicalCode": CODE_8,
    "Admin_Patient": PATIENT_5_4,
    "Admin_Organisation": ORGANISATION,
    "Agreements_SharingOrganisation": SHARING,
}

NO_PRACTICE = (
    "expected an organisation whose ODS code an Admin_Organisation file gives, here or earlier"
)

Row = dict[str, str]


def an_observation(**changed: str) -> Row:
    return {
        "ObservationGuid": OBSERVATION,
        "PatientGuid": PATIENT,
        "OrganisationGuid": SURGERY,
        "EffectiveDate": "2026-01-05",
        "EffectiveDatePrecision": "YMD",
        "EnteredDate": "2026-01-05",
        "EnteredTime": "14:53:28",
        "EnteredByUserInRoleGuid": NURSE,
        "CodeId": "1000001",
        "Deleted": "false",
        **changed,
    }


def a_deleted_observation(**changed: str) -> Row:
    # Every column but the keys is blank (docs/formats.md 2.1).
    return {
        "ObservationGuid": OBSERVATION,
        "PatientGuid": PATIENT,
        "OrganisationGuid": SURGERY,
        "Deleted": "true",
        **changed,
    }


def a_patient(**changed: str) -> Row:
    return {
        "PatientGuid": PATIENT,
        "OrganisationGuid": SURGERY,
        "DateOfBirth": "1961-09-29",
        "DateOfRegistration": "2015-03-03",
        "NhsNumber": "9990000018",
        "DummyType": "false",
        "Deleted": "false",
        **changed,
    }


def a_code(**changed: str) -> Row:
    return {
        "CodeId": "1000001",
        "ReadTermId": "9Nu0",
        "SnomedCTConceptId": "827241000000103",
        **changed,
    }


def an_organisation(**changed: str) -> Row:
    return {"OrganisationGuid": SURGERY, "ODSCode": "X99902", **changed}


def an_agreement(**changed: str) -> Row:
    return {
        "OrganisationGuid": SURGERY,
        "IsActivated": "true",
        "LastModifiedDate": "2026-01-04 06:35:16",
        "Disabled": "false",
        "Deleted": "false",
        **changed,
    }


def a_file(
    folder: Path,
    table: str,
    rows: Iterable[Row],
    *,
    columns: Sequence[str] | None = None,
    bulk: bool = False,
    number: str = "290",
    stamp: str = STAMP,
    ending: str = "\r\n",
    start: str = "",
) -> Path:
    columns = columns or COLUMNS[table]
    prefix = "bulk_" if bulk else ""
    path = folder / f"{prefix}{number}_{table}_{stamp}_{AGREEMENT}.csv"
    lines = [columns, *([row.get(column, "") for column in columns] for row in rows)]
    text = "".join(",".join(f'"{cell}"' for cell in line) + ending for line in lines)
    path.write_bytes((start + text).encode())
    return path


def read_files(*paths: Path, memory: Memory | None = None, stamp: str = STAMP) -> Contents:
    dated = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    found = Found(Format.EMIS, paths[0].parent, paths, dated)
    return read(found, memory or NoMemory())


def read_observations(folder: Path, *rows: Row, memory: Memory | None = None) -> Contents:
    """A delivery of one observation file and what it takes to understand it."""
    return read_files(
        a_file(folder, "Admin_Organisation", [an_organisation()]),
        a_file(folder, "Coding_ClinicalCode", [a_code()]),
        a_file(folder, "CareRecord_Observation", rows),
        memory=memory,
    )


def the_file(table: str, number: str = "290") -> str:
    return f"{number}_{table}_{STAMP}_{AGREEMENT}.csv"


DISSENT = Entry(
    practice="X99902",
    clinical_system=EMIS,
    entry_id="00000015-0000-4000-8000-000000000015",
    source_patient="0000000B-0000-4000-8000-00000000000B",
    purpose=Purpose.TYPE_1,
    statement=Statement.DISSENT,
    code_system=CodeSystem.READ_V2,
    code="9Nu0.",
    also_coded="827241000000103",
    effective_on=date(2026, 1, 5),
    effective_precision=Precision.DAY,
    entered_at=datetime(2026, 1, 5, 14, 53, 28, tzinfo=UTC),
    entered_by="0000001F-0000-4000-8000-00000000001F",
    source=f"{the_file('CareRecord_Observation')}:1",
)


# --- the constructed sample


def test_the_sample_is_read_whole() -> None:
    contents = read_files(*sorted(SAMPLE.glob("*.csv")))

    observations = f"294_CareRecord_Observation_{STAMP}_{AGREEMENT}.csv"
    patients = f"293_Admin_Patient_{STAMP}_{AGREEMENT}.csv"
    sharing = f"291_Agreements_SharingOrganisation_{STAMP}_{AGREEMENT}.csv"
    assert contents.format is Format.EMIS
    assert contents.clinical_system is EMIS
    assert contents.practices == ("X99902",)
    assert contents.period_end == datetime(2026, 1, 5, 4, 32, 13, tzinfo=UTC)
    assert contents.rows_read == 8
    assert contents.entries == (DISSENT.model_copy(update={"source": f"{observations}:1"}),)
    assert contents.removals == ()
    assert contents.whole == frozenset()
    assert contents.agreements == (
        AgreementChange(
            practice="X99902",
            activated=True,
            disabled=False,
            deleted=False,
            modified_at=datetime(2026, 1, 4, 6, 35, 16, tzinfo=UTC),
            source=f"{sharing}:1",
        ),
    )
    assert list(contents.links) == [
        PatientLink(
            practice="X99902",
            clinical_system=EMIS,
            source_patient="0000000B-0000-4000-8000-00000000000B",
            number_as_sent="9775875730",
            left_out=False,
            born_on=date(1961, 9, 29),
            died_on=None,
            source=f"{patients}:1",
        )
    ]
    assert list(contents.registrations) == [
        Registration(
            practice="X99902",
            clinical_system=EMIS,
            source_patient="0000000B-0000-4000-8000-00000000000B",
            registered_on=date(2015, 3, 3),
            deregistered_on=None,
            registration="0000000B-0000-4000-8000-00000000000B",
        )
    ]
    assert contents.refused == (
        RefusedRow(
            sharing,
            2,
            "OrganisationGuid",
            NO_PRACTICE,
        ),
    )
    assert contents.notes == (
        "the first delivery of X99902 is no bulk: what they recorded before it is not known",
    )


def test_the_sample_tells_what_later_deliveries_take_for_granted() -> None:
    contents = read_files(*sorted(SAMPLE.glob("*.csv")))

    assert set(contents.references) == {
        Reference(
            EMIS, AGREEMENT, "organisation", "00000001-0000-4000-8000-000000000001", "X99902"
        ),
        Reference(EMIS, AGREEMENT, "disabled", "00000001-0000-4000-8000-000000000001", "false"),
        Reference(EMIS, AGREEMENT, "disabled", "00000002-0000-4000-8000-000000000002", "true"),
        Reference(EMIS, AGREEMENT, "code", "1000001", "9Nu0.|827241000000103"),
        Reference(EMIS, AGREEMENT, "code-table", "seen", "true"),
        Reference(EMIS, "X99902", "extract-to", "last", "20260105043213"),
    }


# --- versions and the physical file


@pytest.mark.parametrize(
    ("observation", "code", "patient"),
    [
        (OBSERVATION_5, CODE_5_0, PATIENT_5_0),
        (OBSERVATION_5, CODE_5_4, PATIENT_5_4),
        (OBSERVATION_7_1, CODE_5_4, PATIENT_5_4),
        (OBSERVATION_8, CODE_8, PATIENT_8),
    ],
    ids=["5.0", "5.4", "7.1", "8.0"],
)
def test_every_documented_version_says_the_same(
    tmp_path: Path, observation: list[str], code: list[str], patient: list[str]
) -> None:
    def in_columns(row: Row, columns: list[str]) -> Row:
        return {name: row.get(name.replace("DateofDe", "DateOfDe"), "") for name in columns}

    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code()], columns=code),
        a_file(tmp_path, "CareRecord_Observation", [an_observation()], columns=observation),
        a_file(
            tmp_path,
            "Admin_Patient",
            [in_columns(a_patient(DateOfDeactivation="2025-12-31"), patient)],
            columns=patient,
        ),
    )

    assert contents.entries == (DISSENT,)
    assert [link.number_as_sent for link in contents.links] == ["9990000018"]
    assert [gone.deregistered_on for gone in contents.registrations] == [date(2025, 12, 31)]
    assert not any("columns" in note for note in contents.notes)


@pytest.mark.parametrize("start", ["", "\ufeff"], ids=["plain", "byte order mark"])
@pytest.mark.parametrize("ending", ["\r\n", "\n"], ids=["CRLF", "LF"])
@pytest.mark.parametrize(
    "columns",
    [OBSERVATION_5, OBSERVATION_5[::-1], [name.upper() for name in OBSERVATION_5]],
    ids=["in order", "shuffled", "upper case"],
)
def test_a_file_reads_the_same_however_it_is_laid_out(
    tmp_path: Path, columns: list[str], ending: str, start: str
) -> None:
    row = an_observation()
    upper = {name.upper(): text for name, text in row.items()}

    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()], ending=ending, start=start),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code()], ending=ending, start=start),
        a_file(
            tmp_path,
            "CareRecord_Observation",
            [upper | row],
            columns=columns,
            ending=ending,
            start=start,
        ),
    )

    assert contents.entries == (DISSENT,)
    assert contents.refused == ()


def test_an_unknown_column_is_noted_once_for_its_file(tmp_path: Path) -> None:
    columns = [*OBSERVATION_5, "Colour", "Size"]

    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code()]),
        a_file(tmp_path, "CareRecord_Observation", [an_observation()], columns=columns),
    )

    assert contents.entries == (DISSENT,)
    assert (
        f"{the_file('CareRecord_Observation')} has columns that are not read: Colour, Size"
        in contents.notes
    )


@pytest.mark.parametrize(
    "column", ["ObservationGuid", "CodeId", "EffectiveDatePrecision", "Deleted"]
)
def test_a_file_without_a_mandatory_column_refuses_the_delivery(
    tmp_path: Path, column: str
) -> None:
    columns = [name for name in OBSERVATION_5 if name != column]
    path = a_file(tmp_path, "CareRecord_Observation", [an_observation()], columns=columns)

    with pytest.raises(DeliveryRefused, match=column):
        read_files(path)


def test_a_file_name_of_another_format_refuses_the_delivery(tmp_path: Path) -> None:
    path = tmp_path / "Admin_Patient.csv"
    path.touch()

    with pytest.raises(DeliveryRefused, match="expected a name as 291_Admin_Patient"):
        read_files(path)


def test_a_ragged_row_and_one_with_a_nul_byte_are_refused_alone(tmp_path: Path) -> None:
    observations = a_file(
        tmp_path,
        "CareRecord_Observation",
        [an_observation(), an_observation(CodeId="1000\0001"), an_observation()],
    )
    with observations.open("a", newline="") as file:
        file.write('"one","cell too few"\r\n')

    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code()]),
        observations,
    )

    assert [entry.source for entry in contents.entries] == [f"{observations.name}:3"]
    assert [(row.file, row.row) for row in contents.refused] == [
        (observations.name, 2),
        (observations.name, 4),
    ]
    assert contents.rows_read == 6


def test_a_cell_that_looks_like_a_formula_is_only_text(tmp_path: Path) -> None:
    contents = read_observations(
        tmp_path,
        an_observation(AssociatedText="=HYPERLINK(A1)", Value="@SUM(1)"),
        an_observation(ObservationGuid="{A2}", CodeId="=1000001"),
    )

    assert contents.entries == (DISSENT,)


def test_free_text_never_leaves_the_file(tmp_path: Path) -> None:
    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code()]),
        a_file(tmp_path, "CareRecord_Observation", [an_observation(AssociatedText="a secret")]),
        a_file(tmp_path, "Admin_Patient", [a_patient(Surname="a secret", Postcode="a secret")]),
    )

    told = [*contents.entries, *contents.links, *contents.registrations, *contents.references]
    assert len(told) == 7
    assert "a secret" not in repr(told)


# --- codes


@pytest.mark.parametrize(
    ("term", "code", "near"),
    [
        ("9Nu0.", "9Nu0.", False),
        ("9Nu0", "9Nu0.", False),
        ("9Nu0-1", "9Nu0.", False),
        ("9Nu0-11", "9Nu0.", False),
        ("9Nu0.-1", "9Nu0.", False),
        ("9nu0", "9nu0.", True),
        (" 9Nu0.", " 9Nu0.", True),
        ("9Nu0 ", "9Nu0 ", True),
        ("9Nuo", "9Nuo.", True),
    ],
)
def test_only_emis_own_spelling_of_a_read_code_is_undone(
    tmp_path: Path, term: str, code: str, near: bool
) -> None:
    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code(ReadTermId=term, SnomedCTConceptId="")]),
        a_file(tmp_path, "CareRecord_Observation", [an_observation()]),
    )

    (entry,) = contents.entries
    assert (entry.code, entry.near, entry.statement) == (code, near, Statement.DISSENT)
    assert (entry.code_system, entry.also_coded) == (CodeSystem.READ_V2, None)


@pytest.mark.parametrize("term", ["EMISNQ9Nu0", "ESCT9Nu0", "EMISNQDI12", "9Nd7", "9Ndn", ""])
def test_a_local_code_or_that_of_another_purpose_is_not_ours(tmp_path: Path, term: str) -> None:
    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code(ReadTermId=term, SnomedCTConceptId="")]),
        a_file(tmp_path, "CareRecord_Observation", [an_observation()]),
    )

    assert contents.entries == ()
    assert contents.refused == ()
    assert not any(told.kind == "code" for told in contents.references)


def test_a_local_code_mapped_to_our_concept_is_ours(tmp_path: Path) -> None:
    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(
            tmp_path,
            "Coding_ClinicalCode",
            [a_code(ReadTermId="ESCTDI12345", SnomedCTConceptId="881581000000109")],
        ),
        a_file(tmp_path, "CareRecord_Observation", [an_observation()]),
    )

    (entry,) = contents.entries
    assert (entry.purpose, entry.statement) == (Purpose.TYPE_2, Statement.WITHDRAWAL)
    assert (entry.code_system, entry.code) == (CodeSystem.SNOMED_CT, "881581000000109")


def test_a_row_of_two_purposes_is_two_entries(tmp_path: Path) -> None:
    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code(SnomedCTConceptId="881561000000100")]),
        a_file(tmp_path, "CareRecord_Observation", [an_observation()]),
    )

    assert [(entry.entry_id, entry.purpose) for entry in contents.entries] == [
        ("00000015-0000-4000-8000-000000000015", Purpose.TYPE_1),
        ("00000015-0000-4000-8000-000000000015#type-2", Purpose.TYPE_2),
    ]


# --- dates


@pytest.mark.parametrize(
    ("text", "said", "day", "precision", "partial"),
    [
        ("2016-03-09", "YMD", date(2016, 3, 9), Precision.DAY, None),
        ("2016-03-09", "YMDT", date(2016, 3, 9), Precision.DAY, None),
        ("2016-03-09", "ymd", date(2016, 3, 9), Precision.DAY, None),
        ("2016-03-01", "YM", None, Precision.MONTH, "2016-03"),
        ("2016-01-01", "Y", None, Precision.YEAR, "2016"),
        ("", "U", None, Precision.MISSING, None),
        ("2016-03-09", "U", None, Precision.MISSING, None),
        ("", "", None, Precision.MISSING, None),
        ("", "YMD", None, Precision.MISSING, None),
        ("2016-02-31", "YMD", None, Precision.UNREADABLE, None),
        ("2016-13-01", "YM", None, Precision.UNREADABLE, None),
        ("09/03/2016", "YMD", None, Precision.UNREADABLE, None),
        ("2016-03-09", "YD", None, Precision.UNREADABLE, None),
    ],
)
def test_an_effective_date_is_known_as_far_as_its_precision_says(
    tmp_path: Path,
    *,
    text: str,
    said: str,
    day: date | None,
    precision: Precision,
    partial: str | None,
) -> None:
    contents = read_observations(
        tmp_path, an_observation(EffectiveDate=text, EffectiveDatePrecision=said)
    )

    (entry,) = contents.entries
    assert entry.effective_on == day
    assert entry.effective_precision is precision
    assert entry.effective_partial == partial


@pytest.mark.parametrize(
    ("day", "clock", "entered_at"),
    [
        ("2018-05-25", "09:30:00", datetime(2018, 5, 25, 8, 30, tzinfo=UTC)),
        ("2018-01-25", "09:30:00", datetime(2018, 1, 25, 9, 30, tzinfo=UTC)),
        ("2018-01-25", "", datetime(2018, 1, 25, tzinfo=UTC)),
        ("", "", None),
        ("25/01/2018", "09:30:00", None),
    ],
)
def test_the_entered_time_is_local_clock_time(
    tmp_path: Path, day: str, clock: str, entered_at: datetime | None
) -> None:
    contents = read_observations(tmp_path, an_observation(EnteredDate=day, EnteredTime=clock))

    assert [entry.entered_at for entry in contents.entries] == [entered_at]


# --- rows that say less, or nothing


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"ObservationGuid": ""}, "ObservationGuid", "expected a GUID, found none"),
        ({"PatientGuid": "not a guid"}, "PatientGuid", "expected a GUID, found none"),
        ({"Deleted": "perhaps"}, "Deleted", "expected true or false"),
        (
            {"OrganisationGuid": CLINIC},
            "OrganisationGuid",
            NO_PRACTICE,
        ),
    ],
)
def test_an_observation_of_ours_that_cannot_be_a_fact_is_refused_alone(
    tmp_path: Path, changed: Row, column: str, reason: str
) -> None:
    contents = read_observations(
        tmp_path, an_observation(**changed), an_observation(ObservationGuid="{A2}")
    )

    assert [entry.entry_id for entry in contents.entries] == ["A2"]
    assert contents.refused == (RefusedRow(the_file("CareRecord_Observation"), 1, column, reason),)


def test_a_delete_by_an_organisation_we_hold_nothing_of_changes_nothing(tmp_path: Path) -> None:
    contents = read_observations(tmp_path, a_deleted_observation(OrganisationGuid=CLINIC))

    assert contents.removals == ()
    assert contents.refused == ()


def test_an_organisation_without_an_ods_code_is_not_remembered(tmp_path: Path) -> None:
    contents = read_files(
        a_file(
            tmp_path,
            "Admin_Organisation",
            [an_organisation(ODSCode=""), an_organisation(OrganisationGuid="", ODSCode="X99903")],
        )
    )

    assert contents.references == ()
    assert contents.refused == ()


def test_a_guid_is_the_same_in_any_case_with_or_without_braces(tmp_path: Path) -> None:
    contents = read_observations(
        tmp_path,
        an_observation(
            ObservationGuid=OBSERVATION.strip("{}").lower(),
            OrganisationGuid=SURGERY.lower(),
            PatientGuid=PATIENT.lower(),
        ),
    )

    assert contents.entries == (DISSENT,)


def test_an_observation_means_another_at_another_practice(tmp_path: Path) -> None:
    contents = read_files(
        a_file(
            tmp_path,
            "Admin_Organisation",
            [an_organisation(), an_organisation(OrganisationGuid=CLINIC, ODSCode="X99903")],
        ),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code()]),
        a_file(
            tmp_path,
            "CareRecord_Observation",
            [an_observation(), an_observation(OrganisationGuid=CLINIC)],
        ),
    )

    assert [entry.practice for entry in contents.entries] == ["X99902", "X99903"]
    assert contents.practices == ("X99902", "X99903")


def test_an_organisation_that_publishes_nothing_is_no_practice_of_the_delivery(
    tmp_path: Path,
) -> None:
    contents = read_files(
        a_file(
            tmp_path,
            "Admin_Organisation",
            [an_organisation(), an_organisation(OrganisationGuid=CLINIC, ODSCode="00K")],
        ),
        a_file(tmp_path, "Admin_Patient", [a_patient()]),
    )

    assert contents.practices == ("X99902",)


def test_a_dummy_patient_is_left_out_and_a_dead_one_has_died(tmp_path: Path) -> None:
    contents = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(
            tmp_path,
            "Admin_Patient",
            [
                a_patient(PatientGuid="{A1}", DummyType="TRUE"),
                a_patient(PatientGuid="{A2}", DateOfDeath="2020-02-29", DateOfBirth="?"),
                a_patient(PatientGuid="", OrganisationGuid=SURGERY),
                a_patient(PatientGuid="{A4}", OrganisationGuid=CLINIC),
                a_patient(PatientGuid="{A5}", OrganisationGuid=CLINIC, Deleted="true"),
            ],
        ),
    )

    assert [(link.source_patient, link.left_out, link.died_on) for link in contents.links] == [
        ("A1", True, None),
        ("A2", False, date(2020, 2, 29)),
    ]
    assert [(row.row, row.column) for row in contents.refused] == [
        (3, "PatientGuid"),
        (4, "OrganisationGuid"),
    ]


# --- what was removed


KNOWN = "00000015-0000-4000-8000-000000000015"


def what_came_before(*entry_ids: str, disabled: str = "false", last: str = "") -> KnownMemory:
    organisation = SURGERY.strip("{}")
    references = [
        Reference(EMIS, AGREEMENT, "organisation", organisation, "X99902"),
        Reference(EMIS, AGREEMENT, "disabled", organisation, disabled),
        Reference(EMIS, AGREEMENT, "code", "1000001", "9Nu0.|827241000000103"),
        Reference(EMIS, "X99902", "extract-to", "last", last or "20260104043213"),
    ]
    return KnownMemory(references, {"X99902": entry_ids})


def a_removal(entry_id: str = KNOWN, row: int = 1) -> Removal:
    source = f"{the_file('CareRecord_Observation')}:{row}"
    return Removal(SourceKey("X99902", EMIS, entry_id), source)


def test_a_delete_removes_an_entry_that_is_known_and_only_that(tmp_path: Path) -> None:
    observations = a_file(
        tmp_path,
        "CareRecord_Observation",
        [a_deleted_observation(), a_deleted_observation(ObservationGuid="{A2}")],
    )

    contents = read_files(observations, memory=what_came_before(KNOWN))

    assert contents.removals == (a_removal(),)
    assert contents.entries == ()
    assert contents.refused == ()


def test_a_delete_removes_both_entries_of_a_row_of_two_purposes(tmp_path: Path) -> None:
    observations = a_file(tmp_path, "CareRecord_Observation", [a_deleted_observation()])

    contents = read_files(observations, memory=what_came_before(KNOWN, f"{KNOWN}#type-2"))

    assert contents.removals == (a_removal(), a_removal(f"{KNOWN}#type-2"))


def test_an_entry_whose_code_is_no_longer_ours_is_removed(tmp_path: Path) -> None:
    observations = a_file(tmp_path, "CareRecord_Observation", [an_observation(CodeId="1000002")])

    contents = read_files(observations, memory=what_came_before(KNOWN))

    assert contents.removals == (a_removal(),)


def test_an_entry_that_says_the_same_again_is_not_removed(tmp_path: Path) -> None:
    observations = a_file(tmp_path, "CareRecord_Observation", [an_observation()])

    contents = read_files(observations, memory=what_came_before(KNOWN, f"{KNOWN}#type-2"))

    assert contents.entries == (DISSENT,)
    assert contents.removals == (a_removal(f"{KNOWN}#type-2"),)


def test_of_two_rows_about_one_observation_the_later_holds(tmp_path: Path) -> None:
    first = a_file(tmp_path, "CareRecord_Observation", [an_observation()], bulk=True, number="900")
    second = a_file(tmp_path, "CareRecord_Observation", [a_deleted_observation()], number="301-305")

    contents = read_files(second, first, memory=what_came_before())

    assert contents.entries == ()
    assert contents.removals == ()


# --- bulks


def test_a_bulk_carries_every_entry_of_its_practices(tmp_path: Path) -> None:
    contents = read_files(
        a_file(
            tmp_path,
            "Admin_Organisation",
            [an_organisation(), an_organisation(OrganisationGuid=CLINIC, ODSCode="X99903")],
        ),
        a_file(tmp_path, "Coding_ClinicalCode", [a_code()]),
        a_file(tmp_path, "CareRecord_Observation", [an_observation(CodeId="7")], bulk=True),
        a_file(tmp_path, "CareRecord_Observation", [an_observation(OrganisationGuid=CLINIC)]),
    )

    assert contents.whole == contents.bulk == {"X99902"}
    assert contents.notes == ()


def test_a_bulk_of_patients_says_how_many_a_practice_has(tmp_path: Path) -> None:
    patients = [a_patient(), a_patient(PatientGuid=CLINIC), a_patient(Deleted="true")]

    bulk = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Admin_Patient", patients, bulk=True),
    )

    assert (bulk.patients, bulk.bulk) == ({"X99902": 2}, frozenset())


def test_a_delta_says_nothing_of_how_many_there_are(tmp_path: Path) -> None:
    delta = read_files(
        a_file(tmp_path, "Admin_Organisation", [an_organisation()]),
        a_file(tmp_path, "Admin_Patient", [a_patient()]),
    )

    assert (delta.patients, delta.bulk) == ({}, frozenset())


@pytest.mark.parametrize(
    "also",
    [an_observation(PatientGuid=""), an_observation(CodeId="10\0")],
    ids=["refused", "unreadable"],
)
def test_a_bulk_of_which_a_row_was_left_out_is_not_whole(tmp_path: Path, also: Row) -> None:
    bulk = a_file(tmp_path, "CareRecord_Observation", [an_observation(), also], bulk=True)

    contents = read_files(bulk, memory=what_came_before(KNOWN))

    assert len(contents.refused) == 1
    assert contents.whole == frozenset()


# --- disabled agreements


FROZEN = (
    "the organisation's sharing agreement is disabled, which makes its extract look like a mass "
    "delete: nothing is removed until the controller confirms (SH11)"
)


def test_deletes_are_refused_row_by_row_while_the_agreement_is_disabled(tmp_path: Path) -> None:
    contents = read_files(
        a_file(tmp_path, "Agreements_SharingOrganisation", [an_agreement(Disabled="TRUE")]),
        a_file(tmp_path, "Admin_Patient", [a_patient(Deleted="true"), a_patient()]),
        a_file(
            tmp_path,
            "CareRecord_Observation",
            [a_deleted_observation(), an_observation(ObservationGuid="{A2}")],
            bulk=True,
        ),
        memory=what_came_before(KNOWN),
    )

    assert contents.removals == ()
    assert contents.whole == frozenset()
    assert [entry.entry_id for entry in contents.entries] == ["A2"]
    assert len(list(contents.links)) == 1
    assert contents.refused == (
        RefusedRow(f"bulk_{the_file('CareRecord_Observation')}", 1, "Deleted", FROZEN),
        RefusedRow(the_file("Admin_Patient"), 1, "Deleted", FROZEN),
    )
    assert [change.disabled for change in contents.agreements] == [True]


def test_what_was_disabled_stays_so_until_an_agreement_file_says_otherwise(
    tmp_path: Path,
) -> None:
    observations = a_file(tmp_path, "CareRecord_Observation", [a_deleted_observation()])
    agreements = a_file(tmp_path, "Agreements_SharingOrganisation", [an_agreement()])
    memory = what_came_before(KNOWN, disabled="true")

    frozen = read_files(observations, memory=memory)
    freed = read_files(observations, agreements, memory=memory)

    assert frozen.removals == ()
    assert [row.reason for row in frozen.refused] == [FROZEN]
    assert freed.removals == (a_removal(),)
    assert freed.refused == ()


def test_an_agreement_row_that_is_deleted_may_be_blank_beside_its_key(tmp_path: Path) -> None:
    agreements = a_file(
        tmp_path,
        "Agreements_SharingOrganisation",
        [{"OrganisationGuid": SURGERY, "Deleted": "true"}],
    )

    contents = read_files(agreements, memory=what_came_before(disabled="true"))

    assert contents.agreements == (
        AgreementChange(
            practice="X99902",
            activated=False,
            disabled=True,
            deleted=True,
            modified_at=None,
            source=f"{the_file('Agreements_SharingOrganisation')}:1",
        ),
    )


@pytest.mark.parametrize("column", ["IsActivated", "Disabled", "Deleted"])
def test_an_agreement_that_says_neither_true_nor_false_is_refused(
    tmp_path: Path, column: str
) -> None:
    agreements = a_file(tmp_path, "Agreements_SharingOrganisation", [an_agreement(**{column: "1"})])

    contents = read_files(agreements, memory=what_came_before())

    assert contents.agreements == ()
    assert contents.refused == (
        RefusedRow(the_file("Agreements_SharingOrganisation"), 1, column, "expected true or false"),
    )


def test_an_agreement_is_changed_at_local_clock_time(tmp_path: Path) -> None:
    agreements = a_file(
        tmp_path,
        "Agreements_SharingOrganisation",
        [an_agreement(LastModifiedDate="2017-04-26 06:35:16")],
    )

    contents = read_files(agreements, memory=what_came_before())

    assert [change.modified_at for change in contents.agreements] == [
        datetime(2017, 4, 26, 5, 35, 16, tzinfo=UTC)
    ]


# --- memory


def test_a_day_with_only_observations_is_understood_by_what_came_before(tmp_path: Path) -> None:
    observations = a_file(tmp_path, "CareRecord_Observation", [an_observation()])

    contents = read_files(observations, memory=what_came_before())

    assert contents.entries == (DISSENT,)
    assert contents.notes == ()
    assert contents.references == (Reference(EMIS, "X99902", "extract-to", "last", STAMP),)


def test_a_new_code_table_replaces_what_was_remembered_of_the_ids_it_carries(
    tmp_path: Path,
) -> None:
    codes = a_file(
        tmp_path,
        "Coding_ClinicalCode",
        [a_code(ReadTermId="246", SnomedCTConceptId="75367002"), a_code(CodeId="1000002")],
    )
    observations = a_file(
        tmp_path,
        "CareRecord_Observation",
        [
            an_observation(),
            an_observation(ObservationGuid="{A2}", CodeId="1000002"),
            an_observation(ObservationGuid="{A3}", CodeId="1000003"),
        ],
    )
    memory = KnownMemory(
        [
            *(Reference(EMIS, AGREEMENT, "code", key, "9Nu0.|") for key in ("1000001", "1000003")),
            Reference(EMIS, AGREEMENT, "organisation", SURGERY.strip("{}"), "X99902"),
        ]
    )

    contents = read_files(codes, observations, memory=memory)

    assert [entry.entry_id for entry in contents.entries] == ["A2", "A3"]
    assert {told.key: told.value for told in contents.references if told.kind == "code"} == {
        "1000001": "",
        "1000002": "9Nu0.|827241000000103",
    }


def test_observations_are_refused_where_no_code_table_ever_came(tmp_path: Path) -> None:
    organisations = a_file(tmp_path, "Admin_Organisation", [an_organisation()])
    observations = a_file(tmp_path, "CareRecord_Observation", [an_observation()])

    with pytest.raises(DeliveryRefused, match="expected a Coding_ClinicalCode file"):
        read_files(organisations, observations)


def test_a_code_table_without_our_codes_is_a_code_table(tmp_path: Path) -> None:
    codes = a_file(
        tmp_path, "Coding_ClinicalCode", [a_code(ReadTermId="246", SnomedCTConceptId="")]
    )
    organisations = a_file(tmp_path, "Admin_Organisation", [an_organisation()])
    first = read_files(organisations, codes)
    observations = a_file(tmp_path, "CareRecord_Observation", [an_observation()])

    second = read_files(observations, memory=KnownMemory(first.references))

    assert second.entries == ()
    assert second.practices == ("X99902",)


def test_a_delivery_older_than_the_last_is_refused_whole(tmp_path: Path) -> None:
    observations = a_file(tmp_path, "CareRecord_Observation", [an_observation()])

    with pytest.raises(
        DeliveryRefused, match="no older than the one of 20260105043214 that X99902"
    ):
        read_files(observations, memory=what_came_before(last="20260105043214"))


def test_the_same_delivery_twice_is_read_twice(tmp_path: Path) -> None:
    observations = a_file(tmp_path, "CareRecord_Observation", [an_observation()])

    contents = read_files(observations, memory=what_came_before(KNOWN, last=STAMP))

    assert contents.entries == (DISSENT,)


def test_tables_that_we_do_not_read_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / f"299_Admin_UserInRole_{STAMP}_{AGREEMENT}.csv"
    path.write_bytes(b"\0")

    contents = read_files(path)

    assert contents.rows_read == 0
    assert contents.practices == ()
