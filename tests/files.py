"""Deliveries for tests, in the formats in which suppliers send them.

A row is made by a builder with sensible defaults; what matters is said by keyword, by the column's
own name where it is not among the builder's. Times are the practice's clock, as suppliers write it.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from xml.sax.saxutils import quoteattr

from ledger.readers import finding
from ledger.readers.delivery import Found
from tests.nhs_numbers import nhs_number

PRACTICE = "X99901"
EMIS_PRACTICE = "X99902"
GP_CONNECT_PRACTICE = "X99904"
A_DAY = date(2017, 3, 1)
A_MORNING = datetime(2017, 3, 1, 10)  # noqa: DTZ001  clinical systems write their clock without zone
Row = dict[str, str]


def _columns(names: str) -> list[str]:
    return names.split()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SYSTMONE = {
    "SRCode": _columns(
        """
        RowIdentifier IDOrganisationVisibleTo DateEventRecorded DateEvent IDProfileEnteredBy
        IDDoneBy TextualEventDoneBy IDOrganisationDoneAt CTV3Code CTV3Text SNOMEDCode SNOMEDText
        NumericComparator IsNumeric NumericValue NumericUnit EpisodeType IDTemplate
        IDQuestionnaire IDEvent IDPatient IDReferralIn IDAppointment IDVisit IDOrganisation
        IDOrganisationRegisteredAt RemovedData
        """
    ),
    "SRPatient": _columns(
        """
        RowIdentifier IDOrganisationVisibleTo Title FirstName MiddleNames Surname
        PreviousSurname NHSNumber DateBirth DateDeath BirthPlace Gender SpeaksEnglish
        EmailAddress TestPatient SSRef SpineMatched RemovedData
        """
    ),
    "SRPatientRegistration": _columns(
        """
        RowIdentifier IDOrganisationVisibleTo DateEventRecorded IDProfileEnteredBy
        DateRegistration DateDeRegistration RegistrationStatus PreferredPharmacy IDPatient
        IDOrganisation IDOrganisationRegisteredAt RemovedData
        """
    ),
}
_EMIS = {
    "Agreements_SharingOrganisation": _columns(
        """
        OrganisationGuid IsActivated LastModifiedDate Disabled Deleted
        """
    ),
    "Admin_Organisation": _columns(
        """
        OrganisationGuid CDB OrganisationName ODSCode ParentOrganisationGuid CCGOrganisationGuid
        OrganisationType OpenDate CloseDate MainLocationGuid ProcessingId
        """
    ),
    "Admin_Patient": _columns(
        """
        PatientGuid OrganisationGuid UsualGpUserInRoleGuid Sex DateOfBirth DateOfDeath Title
        GivenName MiddleNames Surname DateOfRegistration NhsNumber PatientNumber
        PatientTypeDescription DummyType HouseNameFlatNumber NumberAndStreet Village Town County
        Postcode ResidentialInstituteCode NHSNumberStatus CarerName CarerRelation PersonGuid
        DateOfDeactivation Deleted SpineSensitive IsConfidential EmailAddress HomePhone
        MobilePhone ExternalUsualGPGuid ExternalUsualGP ExternalUsualGPOrganisation ProcessingId
        """
    ),
    "CareRecord_Observation": _columns(
        """
        ObservationGuid PatientGuid OrganisationGuid EffectiveDate EffectiveDatePrecision
        EnteredDate EnteredTime ClinicianUserInRoleGuid EnteredByUserInRoleGuid
        ParentObservationGuid CodeId ProblemGuid AssociatedText ConsultationGuid Value
        NumericUnit ObservationType NumericRangeLow NumericRangeHigh DocumentGuid Deleted
        IsConfidential ProcessingId
        """
    ),
    "Coding_ClinicalCode": _columns(
        """
        CodeId Term ReadTermId SnomedCTConceptId SnomedCTDescriptionId NationalCode
        NationalCodeCategory NationalDescription EmisCodeCategoryDescription ParentCodeId
        ProcessingId
        """
    ),
}
_COLLECTION = "CollectionId PeriodEnd Supplier PracticeCode NHSNumber CodeSystem Code EffectiveDate"
_SHARING = "PracticeCode ChangedAt ChangedBy Setting Value Organisation"
_ENTRIES = "PracticeCode EntryId NHSNumber Code EffectiveDate EnteredAt Action"


# --- SystmOne


def a_systmone_entry(
    row: int | str = 1,
    *,
    code: str = "XaZ89",
    patient: int | str = 1,
    practice: str = PRACTICE,
    effective_on: date | None = A_DAY,
    entered_at: datetime | None = A_MORNING,
    **columns: str,
) -> Row:
    """A row of SRCode: a type 1 dissent where nothing else is said."""
    return {
        "RowIdentifier": str(row),
        "IDOrganisationVisibleTo": practice,
        "DateEventRecorded": "" if entered_at is None else _systmone_time(entered_at),
        "DateEvent": "" if effective_on is None else _systmone_day(effective_on),
        "IDProfileEnteredBy": "501",
        "CTV3Code": code,
        "IDPatient": str(patient),
        "IDOrganisation": practice,
        "RemovedData": "0",
        **columns,
    }


def a_deleted_systmone_entry(row: int | str = 1, *, practice: str = PRACTICE) -> Row:
    """A row of SRCode that was deleted: little but its identifier."""
    return {
        "RowIdentifier": str(row),
        "IDOrganisationVisibleTo": practice,
        "RemovedData": "1",
    }


def a_systmone_patient(
    row: int | str = 1,
    number: str | None = None,
    *,
    practice: str = PRACTICE,
    **columns: str,
) -> Row:
    """A row of SRPatient."""
    return {
        "RowIdentifier": str(row),
        "IDOrganisationVisibleTo": practice,
        "NHSNumber": nhs_number() if number is None else number,
        "DateBirth": "02 Apr 1950 00:00",
        "TestPatient": "0",
        "RemovedData": "0",
        **columns,
    }


def a_systmone_registration(
    patient: int | str = 1,
    registered_on: date = A_DAY,
    *,
    practice: str = PRACTICE,
    **columns: str,
) -> Row:
    """A row of SRPatientRegistration."""
    return {
        "RowIdentifier": f"9{patient}",
        "IDOrganisationVisibleTo": practice,
        "DateRegistration": _systmone_day(registered_on),
        "RegistrationStatus": "GMS",
        "IDPatient": str(patient),
        "IDOrganisation": practice,
        "RemovedData": "0",
        **columns,
    }


def a_systmone_delivery(
    where: Path,
    *,
    ends: datetime,
    begins: datetime | None = None,
    entries: Iterable[Row] = (),
    patients: Iterable[Row] | None = None,
    registrations: Iterable[Row] = (),
    practices: Iterable[str] = (PRACTICE,),
) -> Path:
    """A folder of SystmOne's: a bulk, or where it `begins` somewhere a delta.

    Each of the practices has a blood pressure in SRCode, for a practice's record is never only
    objections: so it took part even where nobody objects.
    """
    folder = where / f"{ends:%Y%m%d_%H%M}"
    folder.mkdir(parents=True)
    pressures = [
        a_systmone_entry(f"8{i}", code="2469.", practice=practice, effective_on=ends.date())
        for i, practice in enumerate(practices)
    ]
    tables = {
        "SRCode": [*entries, *pressures],
        "SRPatient": [a_systmone_patient()] if patients is None else list(patients),
        "SRPatientRegistration": list(registrations),
    }
    manifest = [
        {
            "FileName": table,
            "IsDelta": "N" if begins is None else "Y",
            "IsReference": "N",
            "DateExtractFrom": "" if begins is None else f"{begins:%Y%m%d_%H%M}",
            "DateExtractTo": f"{ends:%Y%m%d_%H%M}",
        }
        for table in tables
    ]
    write_csv(folder / "SRManifest.csv", list(manifest[0]), manifest, encoding="cp1252")
    for table, rows in tables.items():
        write_csv(folder / f"{table}.csv", _SYSTMONE[table], rows, encoding="cp1252")
    return folder


def _systmone_day(day: date) -> str:
    return f"{day.day:02} {_MONTHS[day.month - 1]} {day.year}"


def _systmone_time(moment: datetime) -> str:
    return f"{_systmone_day(moment.date())} {moment:%H:%M:%S}"


# --- EMIS Web

AGREEMENT = "45E7CD20-EE37-41AB-90D6-DC9D4B03D102"
# The central code table of these tests: CodeId, ReadTermId and SnomedCTConceptId.
_EMIS_CODES = {
    "9Nu0.": ("1001", "9Nu0", "827241000000103"),
    "9Nu1.": ("1002", "9Nu1", "827261000000102"),
    "9Nu4.": ("1003", "9Nu4", "881561000000100"),
    "9Nu5.": ("1004", "9Nu5", "881581000000109"),
    "9nu0.": ("1005", "9nu0", ""),
    "2469.": ("1006", "2469", "271649006"),
    "9Ndo.": ("1008", "9Ndo", ""),
    "93C1.": ("1009", "93C1", "416409005"),
}
# Lines of it that have a term, by code and term; the others have none.
_EMIS_TERMS = {("9Nu1.", "Type 1 opt-out"): "1007"}


def a_guid(number: int | str) -> str:
    """A GUID as EMIS writes it, the same for the same number."""
    return f"{{{int(number):08X}-0000-4000-8000-000000000000}}"


def an_emis_observation(
    row: int | str = 1,
    *,
    code: str = "9Nu0.",
    term: str = "",
    patient: int | str = 1,
    organisation: int = 1,
    effective_on: date | None = A_DAY,
    entered_at: datetime | None = A_MORNING,
    **columns: str,
) -> Row:
    """A row of CareRecord_Observation: a type 1 dissent where nothing else is said."""
    return {
        "ObservationGuid": a_guid(row),
        "PatientGuid": a_guid(patient),
        "OrganisationGuid": a_guid(organisation),
        "EffectiveDate": "" if effective_on is None else effective_on.isoformat(),
        "EffectiveDatePrecision": "U" if effective_on is None else "YMD",
        "EnteredDate": "" if entered_at is None else f"{entered_at:%Y-%m-%d}",
        "EnteredTime": "" if entered_at is None else f"{entered_at:%H:%M:%S}",
        "EnteredByUserInRoleGuid": a_guid(501),
        "CodeId": _EMIS_TERMS[code, term] if term else _EMIS_CODES[code][0],
        "Deleted": "false",
        **columns,
    }


def a_deleted_emis_observation(row: int | str = 1, *, organisation: int = 1) -> Row:
    """A row that was deleted: its keys, and nothing else."""
    return {
        "ObservationGuid": a_guid(row),
        "OrganisationGuid": a_guid(organisation),
        "Deleted": "true",
    }


def an_emis_patient(
    row: int | str = 1,
    number: str | None = None,
    *,
    organisation: int = 1,
    **columns: str,
) -> Row:
    """A row of Admin_Patient."""
    return {
        "PatientGuid": a_guid(row),
        "OrganisationGuid": a_guid(organisation),
        "DateOfBirth": "1950-04-02",
        "DateOfRegistration": "2001-02-03",
        "NhsNumber": nhs_number() if number is None else number,
        "DummyType": "false",
        "Deleted": "false",
        **columns,
    }


def an_emis_agreement(
    *, organisation: int = 1, disabled: bool = False, modified_at: datetime = A_MORNING
) -> Row:
    """A row of Agreements_SharingOrganisation."""
    return {
        "OrganisationGuid": a_guid(organisation),
        "IsActivated": "true",
        "LastModifiedDate": f"{modified_at:%Y-%m-%d %H:%M:%S}",
        "Disabled": str(disabled).lower(),
        "Deleted": "false",
    }


def an_emis_delivery(
    where: Path,
    *,
    dated: datetime,
    bulk: bool = False,
    observations: Iterable[Row] = (),
    patients: Iterable[Row] | None = None,
    agreements: Iterable[Row] = (),
    organisations: Mapping[int, str] = {1: EMIS_PRACTICE},
) -> Path:
    """The EMIS files of one timestamp and sharing agreement, in a folder of their own.

    Each organisation has a blood pressure among its observations, as SystmOne's practices have.
    """
    folder = where / f"emis-{dated:%Y%m%d%H%M%S}"
    folder.mkdir(parents=True)
    pressures = [
        an_emis_observation(8_000 + organisation, code="2469.", organisation=organisation)
        for organisation in organisations
    ]
    tables = {
        "Agreements_SharingOrganisation": list(agreements),
        "Admin_Organisation": [
            {"OrganisationGuid": a_guid(organisation), "ODSCode": code}
            for organisation, code in organisations.items()
        ],
        "Admin_Patient": [an_emis_patient()] if patients is None else list(patients),
        "CareRecord_Observation": [*observations, *pressures],
        "Coding_ClinicalCode": [
            {"CodeId": code_id, "ReadTermId": term, "SnomedCTConceptId": concept}
            for code_id, term, concept in _EMIS_CODES.values()
        ]
        + [
            {"CodeId": code_id, "Term": term, "ReadTermId": code.rstrip(".")}
            for (code, term), code_id in _EMIS_TERMS.items()
        ],
    }
    for number, (table, rows) in enumerate(tables.items(), 291):
        bulky = "bulk_" if bulk else ""
        name = f"{bulky}{number}_{table}_{dated:%Y%m%d%H%M%S}_{AGREEMENT}.csv"
        write_csv(folder / name, _EMIS[table], rows, line_end="\r\n")
    return folder


# --- InPS Vision

VISION_PRACTICE = "X99903"
_VISION = {
    "journal": _columns(
        """
        PID ID DATE RECORDED_DATE CODE SNOMED_CODE BNF_CODE HCP HCP_TYPE GMS EPISODE TEXT RUBRIC
        DRUG_FORM DRUG_STRENGTH DRUG_PACKSIZE DMD_CODE IMMS_STATUS IMMS_COMPOUND IMMS_SOURCE
        IMMS_BATCH IMMS_REASON IMMS_METHOD IMMS_SITE ENTITY VALUE1_NAME VALUE1 VALUE1_UNITS
        VALUE2_NAME VALUE2 VALUE2_UNITS END_DATE TIME CONTEXT CERTAINTY SEVERITY LINKS LINKS_EXT
        SERVICE_ID ACTION SUBSET DOCUMENT_ID
        """
    ),
    "patient": _columns(
        """
        PID REFERENCE DATE_OF_BIRTH SEX POSTCODE MARITAL_STATUS GP GP_USUAL ACTIVE REGISTERED_DATE
        REMOVED_DATE HA PCG SURGERY MILEAGE DISPENSING ETHNIC DATE_OF_DEATH PRACTICE SURNAME
        FORENAME TITLE NHS_NUMBER ADDRESS ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5
        PHONE_NUMBER MOBILE_NUMBER EMAIL PRACT_NUMBER SERVICE_ID ACTION
        """
    ),
}


def a_vision_entry(
    row: int | str = 1, *, patient: int | str = 1, on: date = A_DAY, **columns: str
) -> Row:
    """A row of the journal: a type 1 dissent where nothing else is said."""
    return {
        "PID": str(patient),
        "ID": str(row),
        "DATE": f"{on:%Y%m%d}",
        "RECORDED_DATE": f"{on:%Y%m%d}",
        "CODE": "9Nu0.00",
        "ACTION": "I",
        **columns,
    }


def a_vision_patient(row: int | str = 1, number: str | None = None, **columns: str) -> Row:
    """A row of the patient file."""
    return {
        "PID": str(row),
        "DATE_OF_BIRTH": "19500402",
        "REGISTERED_DATE": "20010203",
        "NHS_NUMBER": nhs_number() if number is None else number,
        "ACTION": "I",
        **columns,
    }


def a_vision_delivery(
    where: Path, *, dated: datetime, entries: Iterable[Row] = (), patients: Iterable[Row] = ()
) -> Path:
    """What changed, in a folder of its own; the files have no header."""
    folder = where / f"vision-{dated:%Y%m%d%H%M%S}"
    folder.mkdir(parents=True)
    for table, rows in (("journal", entries), ("patient", patients)):
        name = f"INCREMENTAL_{VISION_PRACTICE}_{table}_data_extract-{dated:%Y-%m-%d-%H%M%S}.csv"
        lines = [",".join(row.get(column, "") for column in _VISION[table]) for row in rows]
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


# --- ours


class Carried(NamedTuple):
    """A line of a collection: a patient of a practice, or with no number a practice alone."""

    number: str = ""
    practice: str = PRACTICE
    supplier: str = "TPP"
    code_system: str = "ctv3"
    code: str = "XaaVL"
    effective_on: date | None = A_DAY


def a_collection_file(
    where: Path, *, period_end: date, members: Sequence[Carried], collection: str | None = None
) -> Path:
    """What reached NHS Digital by the period end, dated the day after."""
    name = collection or f"{period_end:%Y-%m}"
    path = where / f"collection_{name}_{period_end + timedelta(days=1):%Y%m%d}.csv"
    where.mkdir(parents=True, exist_ok=True)
    rows = []
    for member in members:
        rows.append(
            {
                "CollectionId": name,
                "PeriodEnd": period_end.isoformat(),
                "Supplier": member.supplier,
                "PracticeCode": member.practice,
            }
        )
        if member.number:
            rows[-1] |= {
                "NHSNumber": member.number,
                "CodeSystem": member.code_system,
                "Code": member.code,
                "EffectiveDate": member.effective_on.isoformat() if member.effective_on else "",
            }
    return write_csv(path, _columns(_COLLECTION), rows)


def a_conversion_file(where: Path, *, converted_on: date, numbers: Iterable[str]) -> Path:
    """The type 2 objections that became national data opt-outs on a day."""
    path = where / f"conversion_1_{converted_on:%Y%m%d}.csv"
    where.mkdir(parents=True, exist_ok=True)
    rows = [
        {"NHSNumber": number, "ConvertedOn": converted_on.isoformat(), "Source": "MG"}
        for number in numbers
    ]
    return write_csv(path, ["NHSNumber", "ConvertedOn", "Source"], rows)


def a_setting_change(
    setting: str = "auto-share-out",
    value: str = "on",
    *,
    changed_at: str = "2018-05-25T09:30:00+01:00",
    **columns: str,
) -> Row:
    """A row of a sharing file."""
    return {
        "PracticeCode": PRACTICE,
        "ChangedAt": changed_at,
        "ChangedBy": "501",
        "Setting": setting,
        "Value": value,
        **columns,
    }


def a_sharing_file(
    where: Path, *, dated: date, changes: Iterable[Row], practice: str = PRACTICE
) -> Path:
    """What a practice changed of its sharing settings."""
    path = where / f"sharing_{practice}_{dated:%Y%m%d}.csv"
    where.mkdir(parents=True, exist_ok=True)
    return write_csv(path, _columns(_SHARING), changes)


def a_withheld_file(
    where: Path,
    *,
    dated: date,
    numbers: Iterable[str],
    practice: str = GP_CONNECT_PRACTICE,
    asked_at: str = "2018-05-25T09:30:00+01:00",
) -> Path:
    """Whose records a practice refused when asked."""
    path = where / f"withheld_{practice}_{dated:%Y%m%d}.csv"
    where.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "PracticeCode": practice,
            "NHSNumber": number,
            "AskedAt": asked_at,
            "Answer": "NO_PATIENT_CONSENT",
        }
        for number in numbers
    ]
    return write_csv(path, _columns("PracticeCode NHSNumber AskedAt Answer"), rows)


# --- GP Connect: a Bundle of one patient

Json = dict[str, Any]
_PROFILES = "https://fhir.nhs.uk/STU3/StructureDefinition"
_VOCABULARIES = {
    "readv2": "http://read.info/readv2",
    "ctv3": "http://read.info/ctv3",
    "snomed": "http://snomed.info/sct",
}


def a_coding(system: str, code: str, *, chosen: bool = False, display: str = "") -> Json:
    """One spelling of a code: in readv2, ctv3, snomed or whatever else `system` says."""
    coding: Json = {"system": _VOCABULARIES.get(system, system), "code": code}
    coding |= {"display": display} if display else {}
    return coding | ({"userSelected": True} if chosen else {})


def a_fhir_observation(
    row: int | str = 1,
    *,
    code: str = "9Nu0.00",
    codings: Sequence[Json] = (),
    effective: str | None = "2017-03-01",
    issued: str = "2017-03-01T10:00:00+00:00",
    **elements: Any,
) -> Json:
    """An Observation: a type 1 dissent in Read v2 where nothing else is said."""
    observation: Json = {
        "resourceType": "Observation",
        "id": f"observation-{row}",
        "identifier": [{"system": "https://provider.nhs.uk/data-identifier", "value": str(row)}],
        "status": "final",
        "code": {"coding": list(codings) or [a_coding("readv2", code, chosen=True)]},
        "subject": {"reference": "Patient/patient-1"},
        "issued": issued,
        "performer": [{"reference": "Practitioner/practitioner-1"}],
        **elements,
    }
    return observation | ({"effectiveDateTime": effective} if effective else {})


def a_bundle(
    *,
    observations: Iterable[Json] = (),
    number: str | None = None,
    practice: str = GP_CONNECT_PRACTICE,
    listed: bool = True,
    warning: str | None = None,
    **of_patient: Any,
) -> Json:
    """A reply of GP Connect: the patient, the practice, and with its list what was recorded."""
    recorded = list(observations)
    patient: Json = {
        "resourceType": "Patient",
        "id": "patient-1",
        "extension": [
            {
                "url": f"{_PROFILES}/Extension-CareConnect-GPC-RegistrationDetails-1",
                "extension": [
                    {
                        "url": "registrationPeriod",
                        "valuePeriod": {"start": "2001-02-03T00:00:00+00:00"},
                    }
                ],
            }
        ],
        "identifier": [
            {
                "system": "https://fhir.nhs.uk/Id/nhs-number",
                "value": nhs_number() if number is None else number,
            }
        ],
        "birthDate": "1950-04-02",
        "managingOrganization": {"reference": "Organization/organisation-1"},
        **of_patient,
    }
    organisation = {
        "resourceType": "Organization",
        "id": "organisation-1",
        "identifier": [
            {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": practice}
        ],
    }
    miscellaneous: Json = {
        "resourceType": "List",
        "status": "current",
        "mode": "snapshot",
        "code": {"coding": [a_coding("snomed", "826501000000100")]},
        "subject": {"reference": "Patient/patient-1"},
    }
    if recorded:
        miscellaneous["entry"] = [
            {"item": {"reference": f"Observation/{observation['id']}"}} for observation in recorded
        ]
    if warning is not None:
        url = f"{_PROFILES}/Extension-CareConnect-GPC-ListWarningCode-1"
        miscellaneous["extension"] = [{"url": url, "valueCode": warning}]
    resources = [patient, organisation, *([miscellaneous] if listed else []), *recorded]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }


def a_gp_connect_file(
    where: Path, *, dated: datetime, bundle: Json | None = None, which: int = 1, **told: Any
) -> Path:
    """A file with a Bundle, which is made of what is told where none is given; `dated` in UTC."""
    whole = a_bundle(**told) if bundle is None else bundle
    practice = told.get("practice", GP_CONNECT_PRACTICE)
    where.mkdir(parents=True, exist_ok=True)
    path = where / f"gpconnect_{practice}_{dated:%Y%m%dT%H%M%SZ}_{which:04}.json"
    path.write_text(json.dumps(whole, indent=2))
    return path


# --- GP2GP: one practice's record for another


def a_gp2gp_statement(
    row: int | str = 1,
    *,
    code: str = "9Nu4.00",
    code_system: str = "2.16.840.1.113883.2.1.6.2",
    snomed: str | None = None,
    term: str = "",
    effective: str = "20170301",
    status: str = "COMPLETE",
) -> str:
    """An ObservationStatement: a type 2 dissent in Read v2 where nothing else is said."""
    translation = (
        f'<translation code={quoteattr(snomed)} codeSystem="2.16.840.1.113883.2.1.3.2.4.15"/>'
        if snomed
        else ""
    )
    return f"""
        <ObservationStatement classCode="OBS" moodCode="EVN">
            <id root="{a_guid(row)[1:-1]}"/>
            <code code={quoteattr(code)} codeSystem="{code_system}"
                displayName={quoteattr(term)}>{translation}</code>
            <statusCode code="{status}"/>
            <effectiveTime><center nullFlavor="NI"/></effectiveTime>
            <availabilityTime value="{effective}"/>
        </ObservationStatement>"""


def a_gp2gp_message(
    *,
    statements: Iterable[str] = (),
    number: str | None = None,
    practice: str = GP_CONNECT_PRACTICE,
    entered: str = "20170301100000",
) -> str:
    """A whole message with an EhrExtract of one composition; the statements within a topic."""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<RCMR_IN030000UK06 xmlns="urn:hl7-org:v3">
  <id root="{a_guid(900)[1:-1]}"/>
  <creationTime value="20190204101500"/>
  <ControlActEvent classCode="CACT" moodCode="EVN"><subject typeCode="SUBJ">
    <EhrExtract classCode="EXTRACT" moodCode="EVN">
      <id root="{a_guid(901)[1:-1]}"/>
      <recordTarget typeCode="RCT"><patient classCode="PAT">
        <id root="2.16.840.1.113883.2.1.4.1" extension="{nhs_number() if number is None else number}"/>
      </patient></recordTarget>
      <author typeCode="AUT"><AgentOrgSDS classCode="AGNT"><agentOrganizationSDS classCode="ORG">
        <id root="1.2.826.0.1285.0.1.10" extension="{practice}"/>
      </agentOrganizationSDS></AgentOrgSDS></author>
      <destination typeCode="DST"><AgentOrgSDS classCode="AGNT"><agentOrganizationSDS>
        <id root="1.2.826.0.1285.0.1.10" extension="{PRACTICE}"/>
      </agentOrganizationSDS></AgentOrgSDS></destination>
      <component typeCode="COMP"><ehrFolder><component><ehrComposition>
        <id root="{a_guid(902)[1:-1]}"/>
        <availabilityTime value="{entered}"/>
        <author typeCode="AUT"><time value="{entered}"/>
          <agentRef classCode="AGNT"><id root="{a_guid(501)[1:-1]}"/></agentRef></author>
        <component><CompoundStatement classCode="TOPIC"><component>
          {"</component><component>".join(statements)}
        </component></CompoundStatement></component>
      </ehrComposition></component></ehrFolder></component>
    </EhrExtract>
  </subject></ControlActEvent>
</RCMR_IN030000UK06>
"""


def a_gp2gp_file(
    where: Path, *, dated: datetime, message: str | None = None, which: int = 1, **told: Any
) -> Path:
    """A file with a message, which is made of what is told where none is given; `dated` in UTC."""
    practice = told.get("practice", GP_CONNECT_PRACTICE)
    whole = a_gp2gp_message(**told) if message is None else message
    where.mkdir(parents=True, exist_ok=True)
    path = where / f"gp2gp_{practice}_{dated:%Y%m%dT%H%M%SZ}_{which:04}.xml"
    path.write_text(whole)
    return path


EVOLUTION_PRACTICE = "X99904"


def an_entry_line(
    entry: int | str = 1,
    number: str | None = None,
    *,
    code: str = "9Nu0.",
    practice: str = EVOLUTION_PRACTICE,
    **columns: str,
) -> Row:
    """A row of an entries file: a type 1 dissent where nothing else is said."""
    return {
        "PracticeCode": practice,
        "EntryId": str(entry),
        "NHSNumber": nhs_number() if number is None else number,
        "Code": code,
        "EffectiveDate": A_DAY.isoformat(),
        "EnteredAt": f"{A_MORNING:%Y-%m-%dT%H:%M:%S}Z",
        "Action": "record",
        **columns,
    }


def an_entries_file(
    where: Path,
    *,
    dated: date,
    lines: Sequence[Row],
    practice: str = EVOLUTION_PRACTICE,
) -> Path:
    """Entries of one practice, listed by hand; optional columns where a line has them."""
    path = where / f"entries_{practice}_{dated:%Y%m%d}.csv"
    where.mkdir(parents=True, exist_ok=True)
    named = {column for line in lines for column in line}
    mandatory = _columns(_ENTRIES)
    return write_csv(path, [*mandatory, *sorted(named - set(mandatory))], lines)


# --- any of them


def write_csv(
    path: Path,
    columns: Sequence[str],
    rows: Iterable[Row],
    *,
    encoding: str = "utf-8",
    line_end: str = "\n",
) -> Path:
    """Every field in quotation marks; a column that a row does not name is empty."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(
            file, columns, restval="", quoting=csv.QUOTE_ALL, lineterminator=line_end
        )
        writer.writeheader()
        writer.writerows(rows)
    return path


def found_in(*paths: Path) -> list[Found]:
    """The deliveries at these paths, in the order they are to be taken; nothing may be left over."""
    deliveries: list[Found] = []
    for path in paths:
        found, not_recognised = finding.find(path, scratch=path.parent / "scratch")
        assert not not_recognised
        deliveries += found
    return sorted(deliveries, key=finding.order)


def the_delivery(path: Path) -> Found:
    """The one delivery at this path."""
    (found,) = found_in(path)
    return found
