"""A folder of SystmOne's: the practices of one extract, everything or what changed (docs/formats.md 1)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

from tests.unseen.codes import BLOOD_PRESSURE
from tests.unseen.deliveries.tables import Cells, write
from tests.unseen.practices import TPP
from tests.unseen.record import Membership, Row
from tests.unseen.world import World

_CODE = (
    "RowIdentifier IDOrganisationVisibleTo DateEventRecorded DateEvent IDProfileEnteredBy IDDoneBy "
    "TextualEventDoneBy IDOrganisationDoneAt CTV3Code CTV3Text SNOMEDCode SNOMEDText "
    "NumericComparator IsNumeric NumericValue NumericUnit EpisodeType IDTemplate IDQuestionnaire "
    "IDEvent IDPatient IDReferralIn IDAppointment IDVisit IDOrganisation "
    "IDOrganisationRegisteredAt RemovedData"
)
_PATIENT = (
    "RowIdentifier IDOrganisationVisibleTo Title FirstName MiddleNames Surname PreviousSurname "
    "NHSNumber DateBirth DateDeath BirthPlace Gender SpeaksEnglish EmailAddress TestPatient SSRef "
    "SpineMatched RemovedData"
)
_REGISTRATION = (
    "RowIdentifier IDOrganisationVisibleTo DateEventRecorded IDProfileEnteredBy DateRegistration "
    "DateDeRegistration RegistrationStatus PreferredPharmacy IDPatient IDOrganisation "
    "IDOrganisationRegisteredAt RemovedData"
)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def deliver(
    world: World, codes: Sequence[str], where: Path, *, after: datetime | None, until: datetime
) -> Path:
    """What changed in those practices; where nothing is told `after`, everything there is."""
    folder = where / codes[0] / f"{until:%Y%m%d_%H%M}"
    rows = [row for row in world.rows if row.system is TPP and row.practice in codes]
    members = [
        member
        for who in world.people
        for member in who.memberships.values()
        if member.system is TPP and member.practice in codes
    ]
    entries = [_entry(row, until) for row in rows if _told(row, after, until)]
    told = [member for member in members if _told(member, after, until)]
    pressures = [_pressure(code, which, until) for which, code in enumerate(codes)]
    _table(folder, "SRCode", _CODE, [*entries, *pressures])
    _table(folder, "SRPatient", _PATIENT, [_patient(member, until) for member in told])
    spells = [row for member in told for row in _spells(member, until)]
    _table(folder, "SRPatientRegistration", _REGISTRATION, spells)
    manifest = [
        {
            "FileName": table,
            "IsDelta": "N" if after is None else "Y",
            "IsReference": "N",
            "DateExtractFrom": "" if after is None else f"{after:%Y%m%d_%H%M}",
            "DateExtractTo": f"{until:%Y%m%d_%H%M}",
        }
        for table in ("SRCode", "SRPatient", "SRPatientRegistration")
    ]
    names = "FileName IsDelta IsReference DateExtractFrom DateExtractTo"
    _table(folder, "SRManifest", names, manifest)
    return folder


def _told(what: Row | Membership, after: datetime | None, until: datetime) -> bool:
    if after is None:
        return what.states.at(until) is not None
    return what.states.changed(after, until)


def _entry(row: Row, until: datetime) -> Cells:
    said = row.states.at(until)
    keys = {"RowIdentifier": str(row.id), "IDOrganisationVisibleTo": row.practice}
    if said is None:
        return {**keys, "RemovedData": "1"}
    return {
        **keys,
        "DateEventRecorded": _moment(said.entered),
        "DateEvent": day(said.effective),
        "IDProfileEnteredBy": said.user,
        "IDOrganisationDoneAt": row.practice,
        "CTV3Code": said.native,
        "CTV3Text": said.term if said.native else "",
        "SNOMEDCode": said.snomed,
        "SNOMEDText": said.term if said.snomed else "",
        "IsNumeric": "0",
        "IDPatient": str(said.patient),
        "IDOrganisation": row.practice,
        "IDOrganisationRegisteredAt": row.practice,
        "RemovedData": "0",
    }


def _pressure(code: str, which: int, until: datetime) -> Cells:
    return {
        "RowIdentifier": f"{until:%Y%m%d}{which}",
        "IDOrganisationVisibleTo": code,
        "DateEventRecorded": _moment(until.replace(hour=9)),
        "DateEvent": day(until.date()),
        "CTV3Code": BLOOD_PRESSURE[TPP],
        "IsNumeric": "1",
        "NumericValue": "120",
        "IDPatient": "1",
        "IDOrganisation": code,
        "RemovedData": "0",
    }


def _patient(member: Membership, until: datetime) -> Cells:
    here = member.states.at(until)
    keys = {"RowIdentifier": str(member.id), "IDOrganisationVisibleTo": member.practice}
    if here is None:
        return {**keys, "RemovedData": "1"}
    return {
        **keys,
        "FirstName": "Ash",
        "Surname": "Made-Up",
        "NHSNumber": here.number,
        "DateBirth": f"{day(here.born)} 00:00",
        "DateDeath": day(here.died),
        "SpineMatched": "1",
        "TestPatient": "0",
        "RemovedData": "0",
    }


def _spells(member: Membership, until: datetime) -> Iterator[Cells]:
    here = member.states.at(until)
    if here is None:
        for which in range(len(member.states.last().spells)):
            keys = {"RowIdentifier": f"{member.id}{which}"}
            yield {**keys, "IDOrganisationVisibleTo": member.practice, "RemovedData": "1"}
        return
    for which, (since, left) in enumerate(here.spells):
        yield {
            "RowIdentifier": f"{member.id}{which}",
            "IDOrganisationVisibleTo": member.practice,
            "DateEventRecorded": f"{day(since)} 08:00:00",
            "DateRegistration": f"{day(since)} 00:00:00",
            "DateDeRegistration": f"{day(left)} 00:00:00" if left else "",
            "RegistrationStatus": "GMS",
            "IDPatient": str(member.id),
            "IDOrganisation": member.practice,
            "IDOrganisationRegisteredAt": member.practice,
            "RemovedData": "0",
        }


def day(told: date | str | None) -> str:
    """As TPP writes a date; what is text is written as it is."""
    if isinstance(told, date):
        return f"{told.day:02} {_MONTHS[told.month - 1]} {told.year}"
    return told or ""


def _moment(told: datetime | None) -> str:
    return f"{day(told.date())} {told:%H:%M:%S}" if told else ""


def _table(folder: Path, name: str, columns: str, rows: Sequence[Cells]) -> None:
    write(folder / f"{name}.csv", columns, rows, quoted=True, encoding="cp1252")
