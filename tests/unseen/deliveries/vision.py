"""The InPS Vision files of one practice and timestamp, zipped, without headers (docs/formats.md 3)."""

import zipfile
from datetime import date, datetime
from pathlib import Path

from tests.unseen.codes import BLOOD_PRESSURE
from tests.unseen.deliveries.tables import Cells, write
from tests.unseen.practices import VISION
from tests.unseen.record import Membership, Row
from tests.unseen.world import World

_JOURNAL = (
    "PID ID DATE RECORDED_DATE CODE SNOMED_CODE BNF_CODE HCP HCP_TYPE GMS EPISODE TEXT RUBRIC "
    "DRUG_FORM DRUG_STRENGTH DRUG_PACKSIZE DMD_CODE IMMS_STATUS IMMS_COMPOUND IMMS_SOURCE "
    "IMMS_BATCH IMMS_REASON IMMS_METHOD IMMS_SITE ENTITY VALUE1_NAME VALUE1 VALUE1_UNITS "
    "VALUE2_NAME VALUE2 VALUE2_UNITS END_DATE TIME CONTEXT CERTAINTY SEVERITY LINKS LINKS_EXT "
    "SERVICE_ID ACTION SUBSET DOCUMENT_ID"
)
_PATIENT = (
    "PID REFERENCE DATE_OF_BIRTH SEX POSTCODE MARITAL_STATUS GP GP_USUAL ACTIVE REGISTERED_DATE "
    "REMOVED_DATE HA PCG SURGERY MILEAGE DISPENSING ETHNIC DATE_OF_DEATH PRACTICE SURNAME "
    "FORENAME TITLE NHS_NUMBER ADDRESS ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 "
    "PHONE_NUMBER MOBILE_NUMBER EMAIL PRACT_NUMBER SERVICE_ID ACTION"
)


def deliver(
    world: World, code: str, where: Path, *, after: datetime | None, until: datetime
) -> Path:
    """What changed at the practice; where nothing is told `after`, everything there is."""
    kind = "INCREMENTAL" if after else "FULL"
    stamp = f"{until:%Y-%m-%d-%H%M%S}"
    rows = [row for row in world.rows if row.system is VISION and row.practice == code]
    members = [
        member
        for who in world.people
        for (at, system), member in who.memberships.items()
        if system is VISION and at == code
    ]
    entries = [_entry(row, after, until) for row in rows if _told(row, after, until)]
    patients = [_patient(member, after, until) for member in members if _told(member, after, until)]
    folder = where / f"vision-{code}-{stamp}"
    tables = {
        "journal": (_JOURNAL, [*entries, _pressure(until)]),
        "patient": (_PATIENT, patients),
    }
    where.mkdir(parents=True, exist_ok=True)
    zipped = where / f"{kind}_all_{code}-(7)-V1.0.0_{stamp}.zip"
    with zipfile.ZipFile(zipped, "w") as out:
        for table, (columns, cells) in tables.items():
            name = f"{kind}_{code}_{table}_data_extract-{stamp}.csv"
            path = write(folder / name, columns, cells, header=False)
            out.write(path, name)
            path.unlink()
    folder.rmdir()
    return zipped


def _told(what: Row | Membership, after: datetime | None, until: datetime) -> bool:
    if after is None:
        return what.states.at(until) is not None
    return what.states.changed(after, until)


def _action(what: Row | Membership, after: datetime | None, until: datetime) -> str:
    if what.states.at(until) is None:
        return "D"
    return "U" if after and what.states.at(after) else "I"


def _entry(row: Row, after: datetime | None, until: datetime) -> Cells:
    said = row.states.at(until) or row.states.last()
    return {
        "PID": str(said.patient),
        "ID": str(row.id),
        "DATE": _day(said.effective),
        "RECORDED_DATE": f"{said.entered:%Y%m%d}" if said.entered else "",
        "CODE": said.native,
        "SNOMED_CODE": said.snomed,
        "RUBRIC": said.term,
        "ACTION": _action(row, after, until),
    }


def _pressure(until: datetime) -> Cells:
    return {
        "PID": "1",
        "ID": f"{until:%Y%m%d}",
        "DATE": f"{until:%Y%m%d}",
        "RECORDED_DATE": f"{until:%Y%m%d}",
        "CODE": BLOOD_PRESSURE[VISION],
        "ACTION": "I",
    }


def _patient(member: Membership, after: datetime | None, until: datetime) -> Cells:
    here = member.states.at(until) or member.states.last()
    since, left = here.spells[-1]
    return {
        "PID": str(member.id),
        "DATE_OF_BIRTH": _day(here.born),
        "ACTIVE": "D" if here.died else "L" if left else "R",
        "REGISTERED_DATE": _day(since),
        "REMOVED_DATE": _day(left),
        "DATE_OF_DEATH": _day(here.died),
        "SURNAME": "Made-Up",
        "NHS_NUMBER": here.number,
        "ACTION": _action(member, after, until),
    }


def _day(told: date | str | None) -> str:
    return f"{told:%Y%m%d}" if isinstance(told, date) else told or ""
