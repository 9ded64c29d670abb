"""A withdrawal stands, and nothing that it could withdraw was ever recorded before it.

Nobody withdraws what they never said: the dissent may have been lost, in a migration or at another
practice, and with it the time in which the patient did object (D4). Any dissent of that purpose
ever kept, at any practice and whatever became of it, explains the withdrawal; so does one that
came with the same delivery.
"""

from collections.abc import Iterator

from ledger.domain.evidence import is_upheld, source_record
from ledger.domain.objections import KeptEntry
from ledger.domain.policies import Standing, counts_as
from ledger.domain.purposes import Statement
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, purpose_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Find out whether a dissent was lost",
        (
            Advice(
                "Look for the dissent that this withdrawal ended, in older records too. If there "
                "was one, enter it with its own date; if not, dismiss this finding and say so.",
                "D4",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a dissent from before the withdrawal becomes known, from "
    "whichever practice, or when the withdrawal is removed."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each standing withdrawal that nothing explains."""
    for purpose in history.purposes:
        dissents = [
            entry
            for entry in history.objections.entries
            if entry.event.purpose is purpose and counts_as(entry) is Statement.DISSENT
        ]
        for withdrawal in history.withdrawals(purpose):
            if any(_explains(dissent, withdrawal) for dissent in dissents):
                continue
            entry = withdrawal.entry
            yield Sighting(
                key=source_record(entry),
                since=entry.entered_on,
                positions=(entry.position,),
                summary=(
                    f"There is a {entry_in_words(entry)}, and no {purpose_in_words(purpose)} "
                    "dissent before it."
                ),
                expected="A withdrawal ends a dissent that was recorded before it.",
                practice=entry.event.practice,
                purpose=purpose,
                upheld_meanwhile=is_upheld(history, purpose),
            )


def _explains(dissent: KeptEntry, withdrawal: Standing) -> bool:
    delivery = withdrawal.entry.event.delivery
    return (
        (dissent.event.effective_on or dissent.entered_on) <= withdrawal.counts_on
        or dissent.entered_on <= withdrawal.entry.entered_on
        or (delivery is not None and dissent.event.delivery == delivery)
    )
