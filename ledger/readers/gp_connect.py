"""What does a reply of GP Connect's Access Record: Structured say: one patient's objections?

The layout is docs/formats.md 4.1. One Bundle is one delivery. An Observation carries its code once
as it was entered and once in SNOMED CT: that is one entry. A reply does not say which search period
was asked for, so a record counts as whole only where it has the list of miscellaneous records and
everything that the list names; what an earlier whole one had of the patient was then removed.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.codes import CodedStatement, read_row
from ledger.domain.entries import (
    GP_CONNECT_ID,
    Entry,
    PatientLink,
    RecordAnswer,
    RefusedRow,
    Registration,
    Removal,
    Route,
    SourceKey,
)
from ledger.domain.identifiers import ods_code, usable_nhs_number
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import DeliveryRefused
from ledger.readers import fhir
from ledger.readers.delivery import Contents, Found, Memory, Reference
from ledger.readers.read_codes import without_term_code
from ledger.readers.times import fhir_effective, fhir_moment

# The client names what it writes so: whose reply, of which moment, which of that moment.
NAME = re.compile(
    r"gpconnect_(?P<practice>[A-Z0-9]{3,10})_(?P<stamp>\d{8}T\d{6}Z)_\d{4,}\.json",
    re.IGNORECASE | re.ASCII,
)
MISCELLANEOUS_RECORD = "826501000000100"
_NHS_NUMBER, _ODS = "Id/nhs-number", "Id/ods-organization-code"
# Ids go into the log, where no free text may: a name there would be there for good.
_IDENTIFIER = re.compile(r"[A-Za-z0-9.:-]{1,100}", re.ASCII)
_READ_V2, _CTV3, _SNOMED = "read.info/readv2", "read.info/ctv3", "snomed.info/sct"
_NATIVE = (_READ_V2, _CTV3)
_LONGEST_CODE = 64
_AS_RECORDED = {"final", "amended", "corrected"}
_IN_ERROR = "entered-in-error"
_TWICE = "expected an id of its own, found that of an earlier Observation: both are left out"


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
    observations = [(row, r) for row, r in resources if _kind(r) == "Observation"]
    system = memory.clinical_system(practice) or _guessed(r for _, r in observations)
    if system is None:
        raise DeliveryRefused(
            f"expected a practice whose clinical system is known, found {practice}; say which it "
            "uses: ledger practices import --systems FILE",
            file=path.name,
        )
    scope = f"{practice}/{patient.id}"
    dated = found.dated.isoformat()
    last = memory.references(system, scope, "record-as-of").get("last", "")
    if dated < last:
        raise DeliveryRefused(
            f"expected a reply no older than the one of {last} that {practice} has given of this "
            f"patient already, found one of {dated}: taking it would undo what came since",
            file=path.name,
        )
    link = _link(patient, practice, system, path.name)
    number = usable_nhs_number(link.number_as_sent)
    known = memory.entries_of(practice, system, number) if number else frozenset[str]()
    told = _Told(path.name, link, number, frozenset(i for i in known if _is_ours(i)))
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
        references=(Reference(system, scope, "record-as-of", "last", dated),),
    )


# --- whose record, and where


def _kind(resource: Any) -> str:
    kind: str = resource.get_resource_type()
    return kind


def _patient(resources: Iterable[tuple[int, Any]], *, file: str) -> Any:
    patients = [resource for _, resource in resources if _kind(resource) == "Patient"]
    if len(patients) != 1 or not _IDENTIFIER.fullmatch(patients[0].id or ""):
        raise DeliveryRefused(
            f"expected one Patient with an id, found {len(patients)}: whose record it is cannot be "
            "told",
            file=file,
        )
    return patients[0]


def _practice(patient: Any, resources: Iterable[tuple[int, Any]], *, file: str) -> str:
    """Who manages the patient's record; failing that, the one practice that the Bundle names."""
    organisations = {
        f"Organization/{r.id}": _identified(r, _ODS)
        for _, r in resources
        if _kind(r) == "Organization"
    }
    roles = [r for _, r in resources if _kind(r) == "PractitionerRole"]
    managing = patient.managingOrganization
    candidates: list[set[str]] = [
        {_identifier(managing.identifier, _ODS)} if managing and managing.identifier else set(),
        organisations.get(_reference(managing), set()),
        {code for role in roles for code in organisations.get(_reference(role.organization), ())},
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
    numbers = _identified(patient, _NHS_NUMBER)
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
        )
        for extension in _extensions(patient, "registrationdetails")
        for part in extension.extension or ()
        if (part.url or "").lower() == "registrationperiod" and part.valuePeriod is not None
    )


# --- what was recorded


@dataclass(slots=True)
class _Told:
    """What the Observations have said so far of the entries that are `known` already."""

    file: str
    link: PatientLink
    number: str | None
    known: frozenset[str]
    entries: dict[str, Entry] = field(default_factory=dict)
    removals: dict[str, Removal] = field(default_factory=dict)
    refused: list[RefusedRow] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)

    def observe(self, row: int, observation: Any) -> None:
        """One Observation: what it states for us, or that it states nothing of ours any more."""
        stated = stated_by(observation)
        record = _record_id(observation)
        entry_id = f"{GP_CONNECT_ID}{record}"
        ids = {entry_id, *(f"{entry_id}#{purpose}" for purpose in Purpose)}
        if not stated and not ids & self.known:
            return
        if fault := self._fault(observation, record, stated):
            self.refused.append(RefusedRow(self.file, row, *fault))
            return
        if record in self.seen:
            # Which of the two holds cannot be told, so neither may count.
            self.entries = {key: entry for key, entry in self.entries.items() if key not in ids}
            self.refused.append(RefusedRow(self.file, row, "identifier", _TWICE))
            return
        self.seen.add(record)
        source = f"{self.file}:{row}"
        if observation.status == _IN_ERROR:
            stated = ()
        told = {
            # Two codes of two purposes are two entries; the id must tell them apart.
            (key := f"{entry_id}#{one.purpose}" if place else entry_id): _entry(
                observation, self.link, one, key, source
            )
            for place, one in enumerate(stated)
        }
        self.entries |= told
        for gone in (ids & self.known) - told.keys():
            self._remove(gone, source)

    def remove_what_is_not_here(self) -> None:
        """The record is whole: what it does not have any more was removed."""
        for gone in sorted(self.known - self.entries.keys() - self.removals.keys()):
            self._remove(gone, "")

    def _remove(self, entry_id: str, source: str) -> None:
        key = SourceKey(self.link.practice, self.link.clinical_system, entry_id)
        self.removals[entry_id] = Removal(key, source)

    def _fault(
        self, observation: Any, record: str, stated: Sequence[CodedStatement]
    ) -> tuple[str, str] | None:
        subject = _reference(observation.subject)
        if not _IDENTIFIER.fullmatch(record):
            return "identifier", "expected an id of letters, digits, full stops, colons and hyphens"
        if self.number is not None and self.number in record:
            return "identifier", "expected the id of a record, found the patient's number in it"
        if subject and subject != f"Patient/{self.link.source_patient[len(GP_CONNECT_ID) :]}":
            return "subject", "expected the Patient of this Bundle, found another"
        if observation.status not in {*_AS_RECORDED, _IN_ERROR}:
            return "status", f"expected final or {_IN_ERROR}"
        if not all(one.code.isprintable() for one in stated):
            return "code", "expected characters that can be printed"
        return None


def _record_id(observation: Any) -> str:
    """The supplier's own id of the record; that of the resource where it has none."""
    values = [identifier.value for identifier in observation.identifier or () if identifier.value]
    sound = [value for value in values if _IDENTIFIER.fullmatch(value)]
    return str(next(iter(sound or values), observation.id or ""))


class _Coding(NamedTuple):
    """One spelling of an Observation's code."""

    system: str
    code: str
    chosen: bool


def stated_by(observation: Any) -> tuple[CodedStatement, ...]:
    """What the code states: first as it was entered, which `userSelected` says, else Read or CTV3."""
    codings = [
        _Coding(_vocabulary(coding.system), coding.code, chosen=bool(coding.userSelected))
        for coding in (observation.code.coding if observation.code else None) or ()
        if coding.code
    ]
    ours = [coding for coding in codings if coding.system]
    ours.sort(key=lambda coding: (not coding.chosen, coding.system not in _NATIVE))
    return read_row(
        tuple(
            without_term_code(c.code)[:_LONGEST_CODE]
            if c.system == _READ_V2
            else c.code[:_LONGEST_CODE]
            for c in ours
        )
    )


def _vocabulary(system: str | None) -> str:
    """The vocabulary of a coding, in either scheme; "" where it is none of ours."""
    bare = re.sub(r"^https?://", "", (system or "").strip().lower()).rstrip("/")
    return bare if bare in {_READ_V2, _CTV3, _SNOMED} else ""


def _entry(
    observation: Any, link: PatientLink, stated: CodedStatement, entry_id: str, source: str
) -> Entry:
    period = observation.effectivePeriod
    effective = fhir_effective(observation.effectiveDateTime or (period.start if period else None))
    return Entry(
        practice=link.practice,
        clinical_system=link.clinical_system,
        entry_id=entry_id,
        source_patient=link.source_patient,
        purpose=stated.purpose,
        statement=stated.statement,
        code_system=stated.code_system,
        code=stated.code,
        near=stated.near,
        also_coded=stated.also_coded,
        effective_on=effective.day,
        effective_precision=effective.precision,
        effective_partial=effective.partial,
        entered_at=fhir_moment(observation.issued),
        entered_by=_performer(observation),
        route=Route.GP_CONNECT,
        source=source,
    )


def _performer(observation: Any) -> str | None:
    for performer in observation.performer or ():
        kind, _, who = _reference(performer).partition("/")
        if kind.startswith("Practitioner") and _IDENTIFIER.fullmatch(who):
            return str(who)
    return None


def _missing(resources: Sequence[tuple[int, Any]]) -> str:
    """What keeps the record from being whole; "" where nothing does."""
    lists = [
        r
        for _, r in resources
        if _kind(r) == "List"
        and any(c.code == MISCELLANEOUS_RECORD for c in (r.code.coding if r.code else None) or ())
    ]
    here = {f"{_kind(r)}/{r.id}" for _, r in resources if r.id}
    named = {_reference(entry.item) for one in lists for entry in one.entry or ()}
    if not lists:
        return "no list of miscellaneous records"
    if any(_extensions(one, "listwarningcode") for one in lists):
        return "a warning that its list of miscellaneous records is not complete"
    if named - here:
        return f"a list that names {len(named - here)} records which are not there"
    return ""


# --- how FHIR writes things


def _is_ours(entry_id: str) -> bool:
    return entry_id.startswith(GP_CONNECT_ID)


def _reference(reference: Any) -> str:
    """`Kind/id` of a reference, also of an absolute one; "" where there is none."""
    parts = (reference.reference if reference and reference.reference else "").split("/")
    return "/".join(parts[-2:]) if len(parts) > 1 else ""


def _identified(resource: Any, system: str) -> set[str]:
    values = {_identifier(identifier, system) for identifier in resource.identifier or ()}
    return values - {""}


def _identifier(identifier: Any, system: str) -> str:
    """Its value, where it is of this system, and not one that no longer holds."""
    of_system = (identifier.system or "").rstrip("/").endswith(system) and identifier.use != "old"
    return (identifier.value or "").strip() if of_system else ""


def _extensions(resource: Any, tail: str) -> list[Any]:
    """The extensions whose URL ends so, whichever of several publishers wrote it before that."""
    return [
        extension
        for extension in resource.extension or ()
        if tail in (extension.url or "").rsplit("/", 1)[-1].lower()
    ]
