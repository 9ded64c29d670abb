"""A dissent that stood went from the practice's record when the patient died, or after.

A dead patient's choice is the last they made: statistics count the choices of people who have died
(E17). A deletion at death is a tidy-up and nobody's wish, and the dead cannot be asked. The ledger
goes on upholding the objection [D].

A dissent that the patient withdrew in their life is over, and one that stands in another row of the
practice's record is not lost.
"""

from collections.abc import Iterator

from ledger.domain.evidence import is_upheld, removed_without_trace, source_record
from ledger.domain.objections import practice_day
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Restore the dissent",
        (
            Advice(
                "Put the dissent back into the record of the patient who died: nobody withdrew it.",
                "E17 [D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the dissent is in the record again with its date, or when it "
    "turns out that the patient had withdrawn it or was alive on that day."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each standing dissent removed on or after the day of death."""
    died_on = history.objections.died_on
    if died_on is None:
        return
    for dissent, removed in removed_without_trace(history):
        removed_on = practice_day(removed.recorded_at)
        if removed_on < died_on:
            continue
        entry, purpose = dissent.entry, dissent.entry.event.purpose
        yield Sighting(
            key=source_record(entry),
            since=removed_on,
            positions=(entry.position, removed.position),
            summary=(
                f"The {entry_in_words(entry)} was gone from the practice's record on "
                f"{in_words(removed_on)}, and the patient had died on {in_words(died_on)}."
            ),
            expected="What the patient chose in their life stays in the record.",
            practice=entry.event.practice,
            purpose=purpose,
            upheld_meanwhile=is_upheld(history, purpose),
        )
