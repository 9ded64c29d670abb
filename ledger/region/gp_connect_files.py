"""Replies of Microtest Evolution practices to GP Connect (docs/formats.md 4.1), and their refusals.

Evolution has no public extract, so its patients are asked for one by one: at the end of each month
those of whom anything of ours was entered, changed or removed, and at first a few of whom nothing
was. A reply holds all that stands of ours, and what else that month brought. A refusal names no
patient, so whoever asked lists it.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ledger.domain.clinical_systems import Supplier
from ledger.region.noise import NoiseRow, noise_of
from ledger.region.people import name_of
from ledger.region.practices import Practice
from ledger.region.record import Line, Patient, Record
from ledger.region.region import Region
from ledger.region.spelling import TERMS, Spelt
from ledger.region.timeline import FIRST_MONTH, LAST_MONTH

ASKED_AT = time(20, 30)
_CLOCK = ZoneInfo("Europe/London")
# So many patients of each practice are asked for at first although nothing is known of them.
_AT_FIRST = 3
_PROFILES = "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-"
_BUNDLE = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"
_READ_V2, _SNOMED = "http://read.info/readv2", "http://snomed.info/sct"
_MISCELLANEOUS = "826501000000100"
_WITHHELD = ("PracticeCode", "NHSNumber", "AskedAt", "Answer")
Resource = dict[str, Any]


class Told(NamedTuple):
    """One coded row as an Observation tells it."""

    id: str
    code: Spelt
    term: str
    effective: str
    entered: datetime


def write_gp_connect(directory: Path, region: Region) -> None:
    """Write every reply of the practices that answer, and what anybody refused."""
    directory.mkdir(parents=True)
    for record in region.of(Supplier.MICROTEST):
        if record.practice.is_asked_patient_by_patient:
            _write_replies(directory, region, record)
        _write_refusals(directory, record)


def _write_replies(directory: Path, region: Region, record: Record) -> None:
    standing: dict[int, Line] = {}
    before = datetime.min  # noqa: DTZ901  the practice's clock
    for month in FIRST_MONTH.until(LAST_MONTH):
        until = datetime.combine(month.last_day, ASKED_AT)
        changed = record.lines_changed(before, until)
        standing |= {line.entry: line for line in changed}
        lines: defaultdict[int, list[Line]] = defaultdict(list)
        for line in standing.values():
            lines[line.patient.id].append(line)
        noise: defaultdict[int, list[NoiseRow]] = defaultdict(list)
        for row in noise_of(region, record, month):
            noise[row.patient.id].append(row)
        asked = {line.patient.id: line.patient for line in changed}
        if month == FIRST_MONTH:
            asked |= {row.patient.id: row.patient for row in _few(region, record)}
        for n, patient in enumerate(asked.values(), start=1):
            told = [*map(_ours, lines[patient.id]), *map(_other, noise[patient.id])]
            bundle = _bundle(patient, [one for one in told if one is not None], until)
            name = f"gpconnect_{record.practice.code}_{_stamp(until)}_{n:04d}.json"
            text = json.dumps(bundle, ensure_ascii=False, indent=1)
            (directory / name).write_text(text, encoding="utf-8")
        before = until


def _few(region: Region, record: Record) -> Iterator[NoiseRow]:
    seen: set[int] = set()
    for row in noise_of(region, record, FIRST_MONTH):
        if row.patient.id not in seen and len(seen) < _AT_FIRST:
            seen.add(row.patient.id)
            yield row


def _ours(line: Line) -> Told | None:
    said = line.said
    if said is None:
        return None
    term = TERMS[said.purpose, said.statement]
    return Told(_record_id(line.entry), said.spelt, term, said.effective, said.entered)


def _other(row: NoiseRow) -> Told:
    code = row.term.spelt(Supplier.MICROTEST, row.entered.year)
    day = row.entered.date().isoformat()
    return Told(_record_id(row.id), code, row.term.text, day, row.entered)


def _record_id(number: int) -> str:
    return f"{number:08X}-0000-4000-8000-000000000001"


# --- FHIR STU3


def _bundle(patient: Patient, told: Sequence[Told], asked_at: datetime) -> Resource:
    resources = [
        _patient(patient, asked_at),
        _organisation(patient.practice),
        {"resourceType": "Practitioner", "id": "practitioner-1", "name": [{"family": "Fictonby"}]},
        {
            "resourceType": "PractitionerRole",
            "id": "role-1",
            "meta": _profile("PractitionerRole-1"),
            "practitioner": {"reference": "Practitioner/practitioner-1"},
            "organization": {"reference": f"Organization/{patient.practice.code}"},
        },
        _list(patient, told, asked_at),
        *(_observation(patient, one) for one in told),
    ]
    return {
        "resourceType": "Bundle",
        "meta": {"profile": [_BUNDLE]},
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }


def _patient(patient: Patient, asked_at: datetime) -> Resource:
    name = name_of(patient)
    period = {"start": patient.registered.isoformat()}
    if patient.left is not None and patient.left <= asked_at.date():
        period["end"] = patient.left.isoformat()
    return {
        "resourceType": "Patient",
        "id": _patient_id(patient),
        "meta": _profile("Patient-1"),
        "extension": [
            {
                "url": "https://fhir.nhs.uk/STU3/StructureDefinition/"
                "Extension-CareConnect-GPC-RegistrationDetails-1",
                "extension": [{"url": "registrationPeriod", "valuePeriod": period}],
            }
        ],
        "identifier": [
            {
                "system": "https://fhir.nhs.uk/Id/nhs-number",
                "value": patient.number_sent(asked_at),
            }
        ],
        "name": [
            {
                "use": "official",
                "family": name.surname,
                "given": [name.given],
                "prefix": [name.title],
            }
        ],
        "gender": "female" if patient.female else "male",
        "birthDate": patient.born.isoformat(),
        "managingOrganization": {"reference": f"Organization/{patient.practice.code}"},
    }


def _organisation(practice: Practice) -> Resource:
    return {
        "resourceType": "Organization",
        "id": practice.code,
        "meta": _profile("Organization-1"),
        "identifier": [
            {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": practice.code}
        ],
        "name": practice.name,
    }


def _list(patient: Patient, told: Iterable[Told], asked_at: datetime) -> Resource:
    return {
        "resourceType": "List",
        "meta": _profile("List-1"),
        "status": "current",
        "mode": "snapshot",
        "title": "Miscellaneous record",
        "code": {
            "coding": [
                {"system": _SNOMED, "code": _MISCELLANEOUS, "display": "Miscellaneous record"}
            ]
        },
        "subject": {"reference": f"Patient/{_patient_id(patient)}"},
        "date": _moment(asked_at),
        "entry": [{"item": {"reference": f"Observation/{one.id}"}} for one in told],
    }


def _observation(patient: Patient, told: Told) -> Resource:
    observation = {
        "resourceType": "Observation",
        "id": told.id,
        "meta": _profile("Observation-1"),
        "identifier": [
            {"system": f"https://microtest.example/{patient.practice.code}", "value": told.id}
        ],
        "status": "final",
        "code": {"coding": list(_codings(told))},
        "subject": {"reference": f"Patient/{_patient_id(patient)}"},
        "issued": _moment(told.entered),
        "performer": [{"reference": "Practitioner/practitioner-1"}],
    }
    if told.effective:
        observation["effectiveDateTime"] = told.effective
    return observation


def _codings(told: Told) -> Iterator[Resource]:
    chosen = {"userSelected": True}
    if told.code.native:
        yield {"system": _READ_V2, "code": told.code.native, "display": told.term, **chosen}
        chosen = {}
    if told.code.snomed:
        yield {"system": _SNOMED, "code": told.code.snomed, "display": told.term, **chosen}


def _profile(name: str) -> Resource:
    return {"profile": [_PROFILES + name]}


def _patient_id(patient: Patient) -> str:
    return f"{patient.practice.number:08X}-0000-4000-8000-{patient.id:012X}"


def _moment(local: datetime) -> str:
    return local.replace(tzinfo=_CLOCK).isoformat()


def _stamp(local: datetime) -> str:
    return f"{local.replace(tzinfo=_CLOCK).astimezone(UTC):%Y%m%dT%H%M%SZ}"


# --- what was refused


def _write_refusals(directory: Path, record: Record) -> None:
    by_day: defaultdict[str, list[tuple[str, ...]]] = defaultdict(list)
    for at, patient in sorted(
        record.refusals, key=lambda refusal: (refusal.at, refusal.patient.id)
    ):
        row = (record.practice.code, patient.nhs_number, _moment(at), "NO_PATIENT_CONSENT")
        by_day[f"{at:%Y%m%d}"].append(row)
    for day, rows in by_day.items():
        path = directory / f"withheld_{record.practice.code}_{day}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([_WITHHELD, *rows])
