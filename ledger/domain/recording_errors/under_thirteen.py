"""The patient was under thirteen when the entry was made, so somebody else spoke for them.

From thirteen on patients set the national opt-out themselves (D31), and the online service refuses
whoever is younger (E31). For a child a parent or guardian chooses, and a practice checks first that
the person who asks may (D41). The entry counts meanwhile.
"""

from collections.abc import Iterator

from ledger.domain.evidence import current_entries, is_upheld, source_record
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Look for evidence that whoever asked was entitled to",
        (
            Advice(
                "Is there evidence of parental responsibility or another authority in the record? "
                "If so, dismiss this and say so; if not, ask whoever made the choice.",
                "D41 D31 E31",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself only when the entry is removed, or comes again with a date by which "
    "the patient was old enough. Where evidence is found, dismiss it and say so."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record."""
    for entry in current_entries(history):
        if entry.event.under_thirteen:
            yield Sighting(
                key=source_record(entry),
                since=entry.entered_on,
                positions=(entry.position,),
                summary=f"At the {entry_in_words(entry)} the patient was under thirteen.",
                expected="Whoever chooses for a child has been seen to be entitled to.",
                practice=entry.event.practice,
                purpose=entry.event.purpose,
                upheld_meanwhile=is_upheld(history, entry.event.purpose),
            )
