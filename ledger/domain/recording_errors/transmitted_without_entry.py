"""NHS Digital was told of an objection that no practice ever recorded.

Either an entry got lost on its way to the ledger, or the supplier sent somebody who never
objected. The patient is protected meanwhile; but what else a supplier makes up, nobody knows.

Any type 2 dissent ever kept is enough to explain the transmission, whatever became of it since
and however nearly it is coded. A practice that never delivered to the ledger cannot be compared
and is not judged. [D]
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.objections import KeptEntry, Transmission
from ledger.domain.policies import counts_as
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
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


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each practice in whose name the patient was sent without an entry."""
    dissents = [
        entry
        for entry in history.objections.entries
        if entry.event.purpose is Purpose.TYPE_2 and counts_as(entry) is Statement.DISSENT
    ]
    unexplained: dict[str, list[Transmission]] = {}
    for sent in history.objections.transmissions:
        explained = any(_may_be_entered_by(d, sent.event.period_end) for d in dissents)
        if sent.event.practice in history.delivering and not explained:
            unexplained.setdefault(sent.event.practice, []).append(sent)
    for practice, transmissions in unexplained.items():
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


def _may_be_entered_by(dissent: KeptEntry, day: date) -> bool:
    # Where a format has no entered time, the day the ledger learnt of an entry says nothing about
    # when the practice entered it: then only a later effective date speaks against it.
    if dissent.event.entered_at is None:
        return dissent.event.effective_on is None or dissent.event.effective_on <= day
    return dissent.entered_on <= day
