"""What does a reply of GP Connect's Access Record: Structured say: one patient's objections?

The layout is docs/formats.md 4.1. One Bundle is one delivery. An Observation carries its code once
as it was entered and once in SNOMED CT: that is one entry. A reply does not say which search period
was asked for, so a record counts as whole only where it has the list of miscellaneous records and
everything that the list names; what an earlier whole one had of the patient was then removed.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any
from urllib.parse import urlsplit

from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.entries import GP_CONNECT_ID, PatientLink, RecordAnswer, Registration
from ledger.domain.identifiers import ods_code, usable_nhs_number
from ledger.domain.refusals import DeliveryRefused
from ledger.readers import fhir
from ledger.readers.delivery import Contents, Found, Memory, Reference
from ledger.readers.fhir_elements import (
    IDENTIFIER,
    extensions,
    identified,
    kind_of,
    reference_of,
    value_of,
)
from ledger.readers.observations import Told
from ledger.readers.times import fhir_effective

# The client names what it writes so: whose reply, of which moment, which of that moment.
NAME = re.compile(
    r"gpconnect_(?P<practice>[A-Z0-9]{3,10})_(?P<stamp>\d{8}T\d{6}Z)_\d{4,}\.json",
    re.IGNORECASE | re.ASCII,
)
MISCELLANEOUS_RECORD = "826501000000100"
_AS_OF = "record-as-of"
_NHS_NUMBER, _ODS = "Id/nhs-number", "Id/ods-organization-code"


def read(found: Found, memory: Memory) -> Contents:
    """The Bundle, refused whole where it cannot be told whose it is, or where a newer one came."""
    (path,) = found.files
    bundle = fhir.bundle(fhir.load(path), file=path.name)
    resources = [
        (row, entry.resource)
        for row, entry in enumerate(bundle.entry or (), 1)
        if entry.resource is not None
    ]
    patient = _patient(resources, file=path.name)
    practice = _practice(patient, resources, file=path.name)
    observations = [(row, r) for row, r in resources if kind_of(r) == "Observation"]
    system = memory.clinical_system(practice) or _guessed(r for _, r in observations)
    if system is None:
        raise DeliveryRefused(
            f"expected a practice whose clinical system is known, found {practice}; say which it "
            "uses: ledger practices import --systems FILE",
            file=path.name,
        )
    # In the form of a moment in UTC, earlier is less.
    scope, dated = f"{practice}/{patient.id}", found.dated.isoformat()
    _refuse_older(dated, memory.references(system, scope, _AS_OF).get("last", ""), file=path.name)
    link = _link(patient, practice, system, path.name)
    number = usable_nhs_number(link.number_as_sent)
    known = memory.entries_of(practice, system, number) if number else frozenset[str]()
    told = Told(path.name, link, number, frozenset(i for i in known if i.startswith(GP_CONNECT_ID)))
    for row, resource in observations:
        told.observe(row, resource)
    missing = _missing(resources)
    if told.refused:
        missing = "rows that had to be refused"
    elif not missing:
        told.remove_what_is_not_here()
    answer = [RecordAnswer(practice, number, found.dated)] if number and not missing else []
    return Contents(
        format=found.format,
        practices=(practice,),
        clinical_system=system,
        period_end=found.dated,
        rows_read=len(observations),
        links=(link,),
        registrations=_registrations(patient, link),
        entries=tuple(told.entries.values()),
        removals=tuple(told.removals.values()),
        answered=answer,
        refused=tuple(told.refused),
        notes=(f"{path.name} has {missing}: what it lacks is not taken for removed",)
        if missing
        else (),
        references=(Reference(system, scope, _AS_OF, "last", dated),),
    )


def _refuse_older(dated: str, last: str, *, file: str) -> None:
    if dated < last:
        raise DeliveryRefused(
            f"expected a reply no older than the one of {last} that was taken of this patient "
            f"already, found one of {dated}: taking it would undo what came since",
            file=file,
        )


# --- whose record, and where


def _patient(resources: Iterable[tuple[int, Any]], *, file: str) -> Any:
    patients = [resource for _, resource in resources if kind_of(resource) == "Patient"]
    if len(patients) != 1 or not IDENTIFIER.fullmatch(patients[0].id or ""):
        raise DeliveryRefused(
            f"expected one Patient with an id, found {len(patients)}: whose record it is cannot be "
            "told",
            file=file,
        )
    return patients[0]


def _practice(patient: Any, resources: Iterable[tuple[int, Any]], *, file: str) -> str:
    """Who manages the patient's record; failing that, the one practice that the Bundle names."""
    organisations = {
        f"Organization/{r.id}": identified(r, _ODS)
        for _, r in resources
        if kind_of(r) == "Organization"
    }
    roles = [r for _, r in resources if kind_of(r) == "PractitionerRole"]
    managing = patient.managingOrganization
    candidates: list[set[str]] = [
        {value_of(managing.identifier, _ODS)} if managing and managing.identifier else set(),
        organisations.get(reference_of(managing), set()),
        {code for role in roles for code in organisations.get(reference_of(role.organization), ())},
        {code for codes in organisations.values() for code in codes},
    ]
    found = next((codes - {""} for codes in candidates if codes - {""}), set())
    codes = {ods_code(code) for code in found} - {None}
    named = NAME.fullmatch(file)
    if len(codes) != 1:
        raise DeliveryRefused(
            f"expected the ODS code of the practice that manages the record, found {len(codes)}: "
            "whose record it is cannot be told",
            file=file,
        )
    (practice,) = codes
    assert practice is not None, "None was taken away"
    if named is not None and named["practice"].upper() != practice:
        raise DeliveryRefused(
            f"expected the practice {named['practice'].upper()} as in the file's name, found "
            f"{practice} in the Bundle: whose record it is cannot be told",
            file=file,
        )
    return practice


def _guessed(observations: Iterable[Any]) -> ClinicalSystem | None:
    """The system whose supplier the Observations' identifiers name, if they name one."""
    hosts = {
        _host(identifier.system or "")
        for observation in observations
        for identifier in observation.identifier or ()
    }
    named = {
        system
        for host in hosts
        for label in host.split(".")
        if (system := clinical_system(label)) is not None
    }
    return named.pop() if len(named) == 1 else None


def _host(system: str) -> str:
    try:
        return urlsplit(system).hostname or ""
    except ValueError:
        return ""


def _link(patient: Any, practice: str, system: ClinicalSystem, file: str) -> PatientLink:
    numbers = identified(patient, _NHS_NUMBER)
    if len(numbers) > 1:
        raise DeliveryRefused(
            f"expected one NHS number, found {len(numbers)}: whose record it is cannot be told",
            file=file,
        )
    return PatientLink(
        practice=practice,
        clinical_system=system,
        source_patient=f"{GP_CONNECT_ID}{patient.id}",
        number_as_sent=next(iter(numbers), ""),
        # No element says who is a test patient.
        left_out=False,
        born_on=fhir_effective(patient.birthDate).day,
        died_on=fhir_effective(patient.deceasedDateTime).day,
        source=f"{file}:Patient",
    )


def _registrations(patient: Any, link: PatientLink) -> Sequence[Registration]:
    return tuple(
        Registration(
            link.practice,
            link.clinical_system,
            link.source_patient,
            fhir_effective(part.valuePeriod.start).day,
            fhir_effective(part.valuePeriod.end).day,
            # A record tells of the patient's present registration alone.
            registration=link.source_patient,
        )
        for extension in extensions(patient, "registrationdetails")
        for part in extension.extension or ()
        if (part.url or "").lower() == "registrationperiod" and part.valuePeriod is not None
    )


# --- whether the record is whole


def _missing(resources: Sequence[tuple[int, Any]]) -> str:
    """What keeps the record from being whole; "" where nothing does."""
    lists = [
        r
        for _, r in resources
        if kind_of(r) == "List"
        and any(c.code == MISCELLANEOUS_RECORD for c in (r.code.coding if r.code else None) or ())
    ]
    here = {f"{kind_of(r)}/{r.id}" for _, r in resources if r.id}
    named = {reference_of(entry.item) for one in lists for entry in one.entry or ()}
    if not lists:
        return "no list of miscellaneous records"
    if any(extensions(one, "listwarningcode") for one in lists):
        return "a warning that its list of miscellaneous records is not complete"
    if named - here:
        return f"a list that names {len(named - here)} records which are not there"
    return ""
