"""An entry does not say on which day it takes effect: no date, an unreadable one, a year or month.

Some services drop such rows, and the objection with them (docs/formats.md 5.5). The ledger keeps it
and lets the day it was entered stand in, so the wish counts; but the order of what the patient said
may be wrong until the practice adds the date.
"""

from collections.abc import Iterator

from ledger.domain.entries import Precision
from ledger.domain.evidence import current_entries, is_upheld, source_record
from ledger.domain.objections import KeptEntry
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words

_GIVEN = {
    Precision.MONTH: "no day but only the month {partial}",
    Precision.YEAR: "no day but only the year {partial}",
    Precision.MISSING: "no date",
    Precision.UNREADABLE: "a date that cannot be read",
}

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Add the date",
        (
            Advice(
                "Enter the day from which the patient meant it. Until then the day of entering "
                "stands in for it.",
                "docs/formats.md 5.5",
            ),
        ),
    ),
)
CLOSES = "It closes by itself when the date is added, or when the entry is removed."


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record without a whole date."""
    for entry in current_entries(history):
        if entry.event.effective_precision is not Precision.DAY:
            purpose = entry.event.purpose
            yield Sighting(
                key=source_record(entry),
                since=entry.entered_on,
                positions=(entry.position,),
                summary=f"The {entry_in_words(entry)} gives {_given(entry)}.",
                expected="An entry gives the day, month and year from which it takes effect.",
                practice=entry.event.practice,
                purpose=purpose,
                upheld_meanwhile=is_upheld(history, purpose),
            )


def _given(entry: KeptEntry) -> str:
    partial = entry.event.effective_partial or "of its date"
    return _GIVEN[entry.event.effective_precision].format(partial=partial)
