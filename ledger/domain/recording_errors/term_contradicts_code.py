"""The words of an entry say that the patient withdrew and its code is a dissent, or the reverse.

Whoever made the entry read the words, and whoever extracts it reads the code: one of them takes the
patient for the opposite of what they are (D6). The ledger takes the patient to object until the
practice has looked: a withdrawal whose term says that it is a dissent counts as one, and a dissent
stays what it is. Only a plain contradiction is one; that a term calls the body by an old name
(HSCIC) is none, because the terms never followed its names.
"""

from collections.abc import Iterator

from ledger.domain.evidence import current_entries, is_upheld, source_record
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words

CODE = "CO08"

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Find out which was meant, and correct the entry",
        (
            Advice(
                "Ask the patient what they want, and enter the code and the term that both say it. "
                "If the code was right all along, dismiss this finding and say so. Until then the "
                "patient is taken to object.",
                "D6",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the code and the words of the row say the same, or when the row"
    " is removed."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record whose term says the opposite of its code."""
    for entry in current_entries(history):
        event = entry.event
        if event.term_says is None or CODE in history.dismissals.get(entry.position, ()):
            continue
        yield Sighting(
            key=source_record(entry),
            since=entry.entered_on,
            positions=(entry.position,),
            summary=(
                f"The {entry_in_words(entry)} is coded {event.code!r}, and its term says that it "
                f"is a {event.term_says}."
            ),
            expected="Code and term say the same.",
            practice=event.practice,
            purpose=event.purpose,
            upheld_meanwhile=is_upheld(history, event.purpose),
        )
