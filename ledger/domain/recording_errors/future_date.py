"""An entry takes effect after the day it was entered: nobody's wish is recorded in advance [D].

By its date a dissent would leave the patient unprotected until then, and a withdrawal to come
would end an objection that still holds. So a dissent counts from the day it was entered, and such
a withdrawal does not count at all. One day is allowed: an entry made at night may bear the next.
"""

from collections.abc import Iterator

from ledger.domain.evidence import current_entries, is_upheld, source_record
from ledger.domain.policies import CLOCK_TOLERANCE, counts_as
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
    "It closes by itself when the date is corrected, or when the entry is removed. That the "
    "day comes does not close it."
)

_MEANWHILE = {
    Statement.DISSENT: "It counts from the day it was entered.",
    Statement.WITHDRAWAL: "It does not count.",
}


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record that bears a date to come."""
    for entry in current_entries(history):
        effective_on, purpose = entry.event.effective_on, entry.event.purpose
        if effective_on is not None and effective_on > entry.entered_on + CLOCK_TOLERANCE:
            counted_as = counts_as(entry, history.dismissals.get(entry.position, ()))
            yield Sighting(
                key=source_record(entry),
                since=entry.entered_on,
                positions=(entry.position,),
                summary=(
                    f"The {entry_in_words(entry)} takes effect only on {in_words(effective_on)}. "
                    f"{_MEANWHILE[counted_as]}"
                ),
                expected="An entry takes effect on or before the day it is entered.",
                practice=entry.event.practice,
                purpose=purpose,
                upheld_meanwhile=is_upheld(history, purpose),
            )
