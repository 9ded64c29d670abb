"""A dissent was deleted from the practice's record, and no withdrawal says that the patient agreed.

A patient ends an objection by withdrawing it. A deletion may be a tidy-up, a migration or a slip,
and an extract made the next day would show no trace of it [D]. The ledger goes on upholding the
objection until a withdrawal of the same day or later is coded, or until the practice dismisses
this finding because the dissent was entered in error. A dissent that another replaced in the same
delivery was corrected, not removed; and nothing is lost while the same dissent stands in another
row of the practice's record: restored, migrated with its date, or a duplicate that was tidied up.
"""

from collections.abc import Iterator

from ledger.domain.evidence import is_upheld, removed_without_trace, source_record
from ledger.domain.objections import practice_day
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Find out whether the patient wanted the dissent removed",
        (
            Advice(
                "If the patient withdrew, code the withdrawal; if not, restore the dissent. If it "
                "was entered in error, dismiss this finding and say so. Until then the objection "
                "is upheld.",
                "[D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a withdrawal of the same day or later is coded, or when the "
    "dissent is in the record again with its date."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each removed dissent that still stands."""
    for dissent, removed in removed_without_trace(history):
        entry, removed_on = dissent.entry, practice_day(removed.recorded_at)
        purpose = entry.event.purpose
        yield Sighting(
            key=source_record(entry),
            since=removed_on,
            positions=(entry.position, removed.position),
            summary=(
                f"The {entry_in_words(entry)} was gone from the practice's record on "
                f"{in_words(removed_on)}, and no withdrawal was coded."
            ),
            expected="An objection ends by a withdrawal, which stays in the record.",
            practice=entry.event.practice,
            purpose=purpose,
            upheld_meanwhile=is_upheld(history, purpose),
        )
