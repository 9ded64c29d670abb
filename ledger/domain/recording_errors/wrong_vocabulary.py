"""An entry is coded in a vocabulary that the practice's clinical system did not use that day.

CTV3 belongs to SystmOne, Read v2 to EMIS Web, Vision and Evolution, and SNOMED CT to all of them,
but only from April 2018 (A1). Whoever searches a system looks for its own codes, so an entry in
another vocabulary is found by nobody (D8 D9). The patient's wish counts all the same.

What decides is the system the practice used on the day of the entry. An entry that is older than
the system that tells it was carried over when the practice changed systems: it may be in the
vocabulary of the old system, or translated into one that the new system used on the day of the
change. A row with a second code in the right vocabulary is right, and so is a statement that stands
in a row of its own in each. What came with a patient's record from another practice was entered
there; and where nobody named a code, the ledger itself has taken the SNOMED CT one. Where a system
gives no entered time, the day the entry became known is the latest it can be, and any system the
practice has used may have made it.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem, read_code
from ledger.domain.entries import Route
from ledger.domain.evidence import (
    came_with_the_record,
    current_entries,
    is_upheld,
    source_record,
    statement_made,
)
from ledger.domain.objections import KeptEntry
from ledger.domain.policies import TYPE_2_ENDED_ON
from ledger.domain.practices import system_on
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.vocabularies import in_use
from ledger.domain.wording import code_system_in_words, entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Code the entry again in SNOMED CT",
        (
            Advice(
                "Enter the SNOMED CT code for what the patient said, with the day the patient "
                "meant it from, and delete the entry in the other vocabulary the same day, so that "
                "both come in one delivery.",
                "A1 D9",
            ),
            Advice(
                "Never enter a type 2 code again: since 11 October 2018 it does nothing. Dismiss "
                "the finding instead.",
                "D8 D9",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the row is coded in a vocabulary that the clinical system used,"
    " or is removed from the record."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record whose vocabulary was not in use where it was made."""
    entries = [entry for entry in current_entries(history) if not entry.event.near]
    for entry in entries:
        used = _used(history, entry)
        if _came_from_elsewhere(history, entry) or any(
            in_use(vocabulary, system, on=day)
            for vocabulary in _vocabularies(entry, entries)
            for system, day in used
        ):
            continue
        system, _ = used[0]
        yield Sighting(
            key=source_record(entry),
            since=entry.entered_on,
            positions=(entry.position,),
            summary=(
                f"The {entry_in_words(entry)} is coded in "
                f"{code_system_in_words(entry.event.code_system)}, which was not in use in "
                f"{system.full_name} then."
            ),
            expected=_expected(history, entry),
            practice=entry.event.practice,
            purpose=entry.event.purpose,
            upheld_meanwhile=is_upheld(history, entry.event.purpose),
        )


def _used(history: PatientHistory, entry: KeptEntry) -> list[tuple[ClinicalSystem, date]]:
    """The systems in which the entry may have got its code, each with the last day it may have."""
    uses = history.systems.get(entry.event.practice, ())
    told_by, day = entry.event.clinical_system, entry.entered_on
    if entry.event.entered_at is None:
        return [(system, day) for system in (told_by, *(use.clinical_system for use in uses))]
    then = system_on(uses, day)
    if then in (None, told_by):
        return [(told_by, day)]
    changes = [use.began_on for use in uses if use.clinical_system is told_by]
    changed_on = min((change for change in changes if change > day), default=day)
    return [(then, day), (told_by, changed_on)]


def _vocabularies(entry: KeptEntry, entries: list[KeptEntry]) -> set[CodeSystem]:
    """Those of the row's codes, and of other rows that are the same statement (rule CO09)."""
    vocabularies = {entry.event.code_system}
    if entry.event.also_coded and (reading := read_code(entry.event.also_coded)) is not None:
        vocabularies.add(reading.code.system)
    statement = statement_made(entry)
    if statement is not None:
        vocabularies |= {e.event.code_system for e in entries if statement_made(e) == statement}
    return vocabularies


def _came_from_elsewhere(history: PatientHistory, entry: KeptEntry) -> bool:
    """Whether the code was not chosen in the practice's own system."""
    event, meant_by = entry.event, entry.event.effective_on
    if event.route is Route.API and event.code_system is CodeSystem.SNOMED_CT:
        return True
    return event.route is Route.GP2GP or (
        meant_by is not None and came_with_the_record(history, entry, meant_by=meant_by)
    )


def _expected(history: PatientHistory, entry: KeptEntry) -> str:
    if entry.event.purpose is Purpose.TYPE_2 and history.today > TYPE_2_ENDED_ON:
        return (
            f"Nothing: type 2 codes ended on {in_words(TYPE_2_ENDED_ON)}, and none is entered "
            "again."
        )
    return f"The {entry.event.statement} is coded in SNOMED CT."
