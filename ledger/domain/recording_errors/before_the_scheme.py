"""A type 1 or type 2 entry takes effect before patients were offered the choice.

Sources show both choices offered from early 2014 (B11); a day before September 2013 is a slip, often
of the year [D]. The entry counts from that day all the same, for the patient did object.

A date on which nobody can have said anything (a system's default, before birth, after death) is
wrong whatever the scheme, and told as that alone.
"""

from collections.abc import Iterator

from ledger.domain.evidence import current_entries, is_before_the_scheme, is_upheld, source_record
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Correct the date",
        (Advice("Enter the day from which the patient meant it.", "[D]"),),
    ),
)
CLOSES = "It closes by itself when the date is corrected, or when the entry is removed."


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record with such a date."""
    for entry in current_entries(history):
        effective_on, purpose = entry.event.effective_on, entry.event.purpose
        if effective_on is None or not is_before_the_scheme(history, entry):
            continue
        yield Sighting(
            key=source_record(entry),
            since=entry.entered_on,
            positions=(entry.position,),
            summary=(
                f"The {entry_in_words(entry)} takes effect on {in_words(effective_on)}, when the "
                "choice was not offered yet."
            ),
            expected=(
                "A type 1 or type 2 takes effect on or after "
                f"{in_words(history.thresholds.scheme_began_on)}."
            ),
            practice=entry.event.practice,
            purpose=purpose,
            upheld_meanwhile=is_upheld(history, purpose),
        )
