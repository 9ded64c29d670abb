"""What do the Observations of one patient's record state, and what do they state no longer?

An Observation carries its code as it was entered and again in SNOMED CT: that is one entry
(docs/formats.md 4.1).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ledger.domain.codes import CodedStatement, entry_ids, read_row
from ledger.domain.entries import (
    GP_CONNECT_ID,
    Entry,
    PatientLink,
    RefusedRow,
    Removal,
    Route,
    SourceKey,
)
from ledger.domain.terms import contradiction
from ledger.readers.fhir_elements import IDENTIFIER, reference_of
from ledger.readers.read_codes import without_term_code
from ledger.readers.times import fhir_effective, fhir_moment

_READ_V2, _CTV3, _SNOMED = "read.info/readv2", "read.info/ctv3", "snomed.info/sct"
_NATIVE = (_READ_V2, _CTV3)
_LONGEST_CODE = 64
_AS_RECORDED = {"final", "amended", "corrected"}
_IN_ERROR = "entered-in-error"
_TWICE = "expected an id of its own, found that of an earlier Observation: both are left out"


@dataclass(slots=True)
class Told:
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
        ids = set(entry_ids(entry_id))
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
            (key := one.entry_id(entry_id, place)): _entry(observation, self.link, one, key, source)
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
        subject = reference_of(observation.subject)
        if not IDENTIFIER.fullmatch(record):
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
    sound = [value for value in values if IDENTIFIER.fullmatch(value)]
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


def _terms(observation: Any) -> Iterator[str]:
    """The code in words: as it was entered, and as each vocabulary has it."""
    yield observation.code.text or ""
    for coding in observation.code.coding or ():
        yield coding.display or ""


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
        term_says=contradiction(stated.statement, *_terms(observation)),
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
        kind, _, who = reference_of(performer).partition("/")
        if kind.startswith("Practitioner") and IDENTIFIER.fullmatch(who):
            return str(who)
    return None
