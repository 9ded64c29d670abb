"""The EMIS Web files of one timestamp and sharing agreement (docs/formats.md 2)."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from tests.unseen.codes import BLOOD_PRESSURE
from tests.unseen.deliveries.tables import Cells, write
from tests.unseen.practices import EMIS
from tests.unseen.record import Membership, Row
from tests.unseen.world import World

_TABLES = {
    "Agreements_SharingOrganisation": "OrganisationGuid IsActivated LastModifiedDate Disabled Deleted",
    "Admin_Organisation": (
        "OrganisationGuid CDB OrganisationName ODSCode ParentOrganisationGuid CCGOrganisationGuid "
        "OrganisationType OpenDate CloseDate MainLocationGuid ProcessingId"
    ),
    "Admin_Patient": (
        "PatientGuid OrganisationGuid UsualGpUserInRoleGuid Sex DateOfBirth DateOfDeath Title "
        "GivenName MiddleNames Surname DateOfRegistration NhsNumber PatientNumber "
        "PatientTypeDescription DummyType HouseNameFlatNumber NumberAndStreet Village Town County "
        "Postcode ResidentialInstituteCode NHSNumberStatus CarerName CarerRelation PersonGuid "
        "DateOfDeactivation Deleted SpineSensitive IsConfidential EmailAddress HomePhone "
        "MobilePhone ExternalUsualGPGuid ExternalUsualGP ExternalUsualGPOrganisation ProcessingId"
    ),
    "CareRecord_Observation": (
        "ObservationGuid PatientGuid OrganisationGuid EffectiveDate EffectiveDatePrecision "
        "EnteredDate EnteredTime ClinicianUserInRoleGuid EnteredByUserInRoleGuid "
        "ParentObservationGuid CodeId ProblemGuid AssociatedText ConsultationGuid Value "
        "NumericUnit ObservationType NumericRangeLow NumericRangeHigh DocumentGuid Deleted "
        "IsConfidential ProcessingId"
    ),
    "Coding_ClinicalCode": (
        "CodeId Term ReadTermId SnomedCTConceptId SnomedCTDescriptionId NationalCode "
        "NationalCodeCategory NationalDescription EmisCodeCategoryDescription ParentCodeId "
        "ProcessingId"
    ),
}
Line = tuple[str, str, str]


def deliver(
    world: World, codes: Sequence[str], where: Path, *, after: datetime | None, until: datetime
) -> Path:
    """What changed in those practices; where nothing is told `after`, everything there is."""
    guids = {code: _guid(int(code[1:])) for code in codes}
    rows = [row for row in world.rows if row.system is EMIS and row.practice in guids]
    members = [
        member
        for who in world.people
        for member in who.memberships.values()
        if member.system is EMIS and member.practice in guids and _told(member, after, until)
    ]
    lines = code_lines(world)
    table: dict[str, list[Cells]] = {
        "Agreements_SharingOrganisation": [
            _agreement(guids[code], moment, disabled=disabled)
            for moment, code, disabled in world.agreements
            if code in guids and moment <= until and (after is None or after < moment)
        ],
        "Admin_Organisation": [
            {"OrganisationGuid": guid, "ODSCode": code, "OrganisationType": "GP Practice"}
            for code, guid in guids.items()
        ],
        "Admin_Patient": [_patient(member, guids[member.practice], until) for member in members],
        "CareRecord_Observation": [
            *(
                _observation(row, guids[row.practice], lines, until)
                for row in rows
                if _told(row, after, until)
            ),
            *(_pressure(guid, lines, which, until) for which, guid in enumerate(guids.values())),
        ],
        "Coding_ClinicalCode": [
            {"CodeId": code_id, "ReadTermId": read, "SnomedCTConceptId": snomed, "Term": term}
            for (read, snomed, term), code_id in lines.items()
        ],
    }
    agreement = f"5EC{int(codes[0][1:]):05}-0000-4000-8000-000000000001"
    folder = where / f"emis-{codes[0]}-{until:%Y%m%d%H%M%S}"
    for which, (name, cells) in enumerate(table.items(), 1):
        begun = "" if after else "bulk_"
        file = f"{begun}{which}_{name}_{until:%Y%m%d%H%M%S}_{agreement}.csv"
        write(folder / file, _TABLES[name], cells, quoted=True, line_end="\r\n")
    return folder


def code_lines(world: World) -> dict[Line, str]:
    """The central code table: every line any EMIS practice's rows use, by an id."""
    said = (said for row in world.rows if row.system is EMIS for _, said in row.states.said if said)
    used: Iterable[Line] = ((one.native, one.snomed, one.term) for one in said)
    pressure: Line = (BLOOD_PRESSURE[EMIS], "271649006", "Systolic blood pressure")
    return {line: str(5000 + which) for which, line in enumerate(sorted({pressure, *used}))}


def _told(what: Row | Membership, after: datetime | None, until: datetime) -> bool:
    if after is None:
        return what.states.at(until) is not None
    return what.states.changed(after, until)


def _observation(row: Row, guid: str, lines: dict[Line, str], until: datetime) -> Cells:
    said = row.states.at(until)
    keys = {"ObservationGuid": _guid(row.id), "OrganisationGuid": guid}
    if said is None:
        return {**keys, "Deleted": "true"}
    effective, precision = _precise(said.effective)
    return {
        **keys,
        "PatientGuid": _guid(said.patient),
        "EffectiveDate": effective,
        "EffectiveDatePrecision": precision,
        "EnteredDate": f"{said.entered:%Y-%m-%d}" if said.entered else "",
        "EnteredTime": f"{said.entered:%H:%M:%S}" if said.entered else "",
        "EnteredByUserInRoleGuid": _guid(int(said.user)),
        "CodeId": lines[said.native, said.snomed, said.term],
        "ObservationType": "Observation",
        "Deleted": "false",
    }


def _precise(told: date | str | None) -> tuple[str, str]:
    if isinstance(told, date):
        return told.isoformat(), "YMD"
    if told is None:
        return "", "U"
    return (f"{told}-01", "YM") if len(told) == len("2016-05") else (told, "YMD")


def _pressure(guid: str, lines: dict[Line, str], which: int, until: datetime) -> Cells:
    (code_id,) = (one for line, one in lines.items() if line[0] == BLOOD_PRESSURE[EMIS])
    return {
        "ObservationGuid": _guid(int(f"{until:%Y%m%d}") * 100 + which),
        "PatientGuid": _guid(1),
        "OrganisationGuid": guid,
        "EffectiveDate": f"{until:%Y-%m-%d}",
        "EffectiveDatePrecision": "YMD",
        "EnteredDate": f"{until:%Y-%m-%d}",
        "EnteredTime": "09:00:00",
        "CodeId": code_id,
        "Deleted": "false",
    }


def _patient(member: Membership, guid: str, until: datetime) -> Cells:
    here = member.states.at(until)
    keys = {"PatientGuid": _guid(member.id), "OrganisationGuid": guid}
    if here is None:
        return {**keys, "Deleted": "true"}
    since, left = here.spells[-1]
    return {
        **keys,
        "DateOfBirth": here.born.isoformat(),
        "DateOfDeath": here.died.isoformat() if here.died else "",
        "Surname": "Made-Up",
        "DateOfRegistration": since.isoformat(),
        "DateOfDeactivation": left.isoformat() if left else "",
        "NhsNumber": here.number,
        "PatientTypeDescription": "Regular",
        "DummyType": "false",
        "Deleted": "false",
    }


def _agreement(guid: str, moment: datetime, *, disabled: bool) -> Cells:
    return {
        "OrganisationGuid": guid,
        "IsActivated": "true",
        "LastModifiedDate": f"{moment:%Y-%m-%d %H:%M:%S}",
        "Disabled": str(disabled).lower(),
        "Deleted": "false",
    }


def _guid(number: int) -> str:
    return f"{{{number:08X}-5EC0-4000-8000-000000000000}}"
