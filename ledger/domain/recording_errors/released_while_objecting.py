"""A patient's data left although they objected, whether or not anyone knew then.

Since April 2016 the data of patients whose type 2 objections had never arrived went out with all
releases in scope (B5). Nobody could say whose, or to whom. What counts is the day from which the
patient meant it: an entry that was made or became known later makes the release no better.
"""

from collections.abc import Iterator

from ledger.domain.evidence import is_upheld
from ledger.domain.exposure import objected
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words, purpose_in_words

ACTIONS = (
    ActionAsked(
        Owner.NHS_DIGITAL,
        "Report who was exposed by this release, and stop what still flows",
        (Advice("NHS Digital stopped all flows in which type 2 should have been applied.", "B3"),),
    ),
    ActionAsked(
        Owner.EXTRACT_SERVICE,
        "Have the recipient delete this patient's data",
        (Advice("What recipients had to do in 2018 was not published: ask for proof.", "[D]"),),
    ),
)
CLOSES = (
    "No later choice closes it: what has left is not brought back. It closes by itself only when the "
    "record turns out to say that the patient did not object on that day: an entry is corrected, or "
    "a withdrawal from before becomes known."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each release that held the patient's data against their objection."""
    for release in history.releases:
        held = objected(history, release)
        if held is None:
            continue
        entry = held.because.entry
        yield Sighting(
            key=str(release.id),
            since=release.day,
            positions=tuple(sorted({entry.position, release.position})),
            summary=(
                f"The patient's data was in the release of {in_words(release.day)} to "
                f"{release.recipient}, and they had objected ({purpose_in_words(release.purpose)}) "
                f"since {in_words(held.since)}."
            ),
            expected="No release holds the data of a patient who objects to its purpose.",
            practice=entry.event.practice,
            purpose=release.purpose,
            upheld_meanwhile=is_upheld(history, release.purpose),
        )
