"""One reply of GP Connect: a Bundle of FHIR STU3 with one patient's record (docs/formats.md 4.1)."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from ledger.region.people import name_of
from ledger.region.practices import Practice
from ledger.region.record import Patient
from ledger.region.spelling import Spelt

_CLOCK = ZoneInfo("Europe/London")
_PROFILES = "https://fhir.nhs.uk/STU3/StructureDefinition/CareConnect-GPC-"
_BUNDLE = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"
_READ_V2, _SNOMED = "http://read.info/readv2", "http://snomed.info/sct"
_MISCELLANEOUS = "826501000000100"
Resource = dict[str, Any]


class Told(NamedTuple):
    """One coded row as an Observation tells it."""

    id: str
    code: Spelt
    term: str
    effective: str
    entered: datetime


def bundle(patient: Patient, told: Sequence[Told], asked_at: datetime) -> Resource:
    """The whole reply."""
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
    died = patient.died_by(asked_at.date())
    return {
        "resourceType": "Patient",
        **({"deceasedDateTime": died} if died else {}),
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
        "date": moment(asked_at),
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
        "issued": moment(told.entered),
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


def moment(local: datetime) -> str:
    """An instant with its offset, of the practice's clock."""
    return local.replace(tzinfo=_CLOCK).isoformat()
