"""A code is not one of ours, but only a slip away from one: wrong case, no padding, a lost digit.

Case matters in CTV3, and exact readers drop what they do not know (D1 D24): such an objection is
in the record, and no extract honours it. The ledger takes what looks like a dissent for one until
the practice has looked, and never takes what looks like a withdrawal for one.
"""

from collections.abc import Iterator

from ledger.domain.codes import read_code
from ledger.domain.evidence import current_entries, is_upheld, source_record
from ledger.domain.objections import KeptEntry
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words

CODE = "CO07"

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Correct the code",
        (
            Advice(
                "Enter the exact code for what the patient said. If it was no objection at all, "
                "dismiss this finding and say so.",
                "D1 D24",
            ),
        ),
    ),
)
CLOSES = "It closes by itself when the code is corrected, or when the entry is removed."


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record whose code is nearly one of ours."""
    for entry in current_entries(history):
        if not entry.event.near or CODE in history.dismissals.get(entry.position, ()):
            continue
        purpose = entry.event.purpose
        yield Sighting(
            key=source_record(entry),
            since=entry.entered_on,
            positions=(entry.position,),
            summary=(
                f"The {entry_in_words(entry)} is coded {entry.event.code!r}, which is no code of "
                "an objection but close to one."
            ),
            expected=_expected(entry),
            practice=entry.event.practice,
            purpose=purpose,
            upheld_meanwhile=is_upheld(history, purpose),
        )


def _expected(entry: KeptEntry) -> str:
    reading = read_code(entry.event.code)
    exact = "an exact code" if reading is None else reading.code.code
    return f"The {entry.event.statement} is coded {exact}, if that is what the patient said."
