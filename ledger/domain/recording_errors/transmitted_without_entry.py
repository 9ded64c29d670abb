"""NHS Digital was told of an objection that no practice ever recorded.

Either an entry got lost on its way to the ledger, or the supplier sent somebody who never
objected. The patient is protected meanwhile; but what else a supplier makes up, nobody knows.

Any type 2 dissent ever kept is enough to explain the transmission, whatever became of it since
and however nearly it is coded. A practice that never delivered to the ledger cannot be compared
and is not judged. While the practice's delivery is late, so may the entry be: nothing is said until
one comes that is as new as the collection, or should have come long ago. [D]
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.objections import Transmission
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.unexplained import awaited, overdue_on, unexplained
from ledger.domain.wording import counted, period_in_words

_RECONCILE = Advice(
    "Compare what was collected with what the practice's record says, and tell the other.", "[D]"
)
ACTIONS = (
    ActionAsked(
        Owner.NHS_DIGITAL,
        "Reconcile what was collected with the practice",
        (_RECONCILE,),
        working_days=20,
    ),
    ActionAsked(
        Owner.PRACTICE,
        "Reconcile your record with what NHS Digital collected",
        (_RECONCILE,),
        working_days=20,
    ),
)
CLOSES = (
    "It closes by itself when a type 2 dissent of the patient that was entered by the end of "
    "these collections reaches the ledger, from whichever practice."
)
MEANWHILE = "The patient is protected: NHS Digital takes them to object, whether they do or not."


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each practice in whose name the patient was sent without an entry."""
    waited_for = awaited(history)
    by_practice: dict[str, list[Transmission]] = {}
    for sent in unexplained(history):
        if sent not in waited_for:
            by_practice.setdefault(sent.event.practice, []).append(sent)
    for practice, transmissions in by_practice.items():
        ends = sorted(sent.event.period_end for sent in transmissions)
        yield Sighting(
            key=practice,
            since=ends[0],
            positions=tuple(sorted(sent.position for sent in transmissions)),
            summary=(
                f"{counted(len(ends), 'collection')} ({period_in_words(ends)}) carried this "
                "patient for this practice, and no practice had recorded a type 2 dissent by then."
            ),
            expected="A type 2 dissent in the practice's record, entered by the period end.",
            practice=practice,
            purpose=Purpose.TYPE_2,
        )


def days(history: PatientHistory) -> Iterator[date]:
    """The days from which a late delivery is waited for no more."""
    return (overdue_on(history, sent) for sent in awaited(history))
