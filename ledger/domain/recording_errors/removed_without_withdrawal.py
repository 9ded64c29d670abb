"""A dissent was deleted from the practice's record, and no withdrawal says that the patient agreed.

A patient ends an objection by withdrawing it. A deletion may be a tidy-up, a migration or a slip,
and an extract made the next day would show no trace of it [D]. The ledger goes on upholding the
objection until a withdrawal of the same day or later is coded, or until the practice dismisses
this finding because the dissent was entered in error. A dissent that another replaced in the same
delivery was corrected, not removed; and nothing is lost while the same dissent stands in another
row of the practice's record: restored, migrated with its date, or a duplicate that was tidied up.
"""

from collections.abc import Iterator

from ledger.domain.evidence import is_upheld, source_record
from ledger.domain.objections import practice_day
from ledger.domain.policies import Standing
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words

CODE = "LC01"

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


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each removed dissent that still stands."""
    for purpose in history.purposes:
        for dissent in history.dissents(purpose):
            removed = dissent.entry.removed
            if removed is None or dissent.rule != CODE or history.ended_by(dissent) is not None:
                continue
            if _stands_in_another_row(history, dissent):
                continue
            entry, removed_on = dissent.entry, practice_day(removed.recorded_at)
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


def _stands_in_another_row(history: PatientHistory, removed: Standing) -> bool:
    event = removed.entry.event
    return any(
        not other.weak
        and other.counts_on == removed.counts_on
        and other.entry.event.practice == event.practice
        for other in history.dissents(event.purpose)
    )
