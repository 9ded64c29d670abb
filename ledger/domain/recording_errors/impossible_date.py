"""An entry bears a date on which nobody can have said it: before birth, after death, or a default.

Where nobody typed a date, systems write 1 January 1900 or 1970; other such days are slips. By that
date the order of what the patient said is wrong, so a dissent counts from the day it was entered
and a withdrawal does not count [D]. That such a date also lies before the scheme says nothing more.

The day of birth and the day of death are possible. An entry without a date is another matter.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.evidence import current_entries, is_upheld, source_record
from ledger.domain.objections import KeptEntry
from ledger.domain.policies import SYSTEM_DEFAULT_DATES, is_impossible
from ledger.domain.purposes import Statement
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Correct the date",
        (
            Advice(
                "Enter the day from which the patient meant it. Until then a dissent counts from "
                "the day it was entered, and a withdrawal does not count.",
                "[D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the date is corrected, when the entry is removed, or when the "
    "day of death that it contradicts is corrected."
)

_MEANWHILE = {
    Statement.DISSENT: "It counts from the day it was entered.",
    Statement.WITHDRAWAL: "It does not count.",
}


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record with such a date."""
    died_on = history.objections.died_on
    for entry in current_entries(history):
        effective_on, purpose = entry.event.effective_on, entry.event.purpose
        if effective_on is None or not is_impossible(entry, died_on):
            continue
        why = _why(entry, effective_on)
        yield Sighting(
            key=source_record(entry),
            since=entry.entered_on,
            positions=(entry.position,),
            summary=(
                f"The {entry_in_words(entry)} takes effect on {in_words(effective_on)}, {why}. "
                f"{_MEANWHILE[entry.event.statement]}"
            ),
            expected="An entry takes effect on a day of the patient's life.",
            practice=entry.event.practice,
            purpose=purpose,
            upheld_meanwhile=is_upheld(history, purpose),
        )


def _why(entry: KeptEntry, effective_on: date) -> str:
    if effective_on in SYSTEM_DEFAULT_DATES:
        return "which systems write where nobody typed a date"
    return "before the patient was born" if entry.event.before_birth else "after the patient died"
