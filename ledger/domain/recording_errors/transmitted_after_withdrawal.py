"""NHS Digital was told that a patient objects who had withdrawn before the last collection.

The patient's choice to share is not honoured, and a supplier that does not see a withdrawal may not
see other entries either [D]. A withdrawal of the current period may come too late for its
collection; one entered by the end of the period before has had a whole period.

Who objects is asked as of each collection's period end, by the rule of who counts: where a dissent
of the same day, or a later one, outweighs the withdrawal, the collection is right. When
later collections leave the patient out, what was told has still to be put right.
"""

from collections.abc import Iterator

from ledger.domain.objections import Transmission
from ledger.domain.policies import Answer, Standing, decide
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import counted, in_words, period_in_words

ACTIONS = (
    ActionAsked(
        Owner.SUPPLIER,
        "Find out why the withdrawal was not seen, and leave the patient out",
        (Advice("Say why the collection did not see the withdrawal, and mend it.", "[D]"),),
    ),
    ActionAsked(
        Owner.PRACTICE,
        "Confirm with the patient that the objection is withdrawn",
        (Advice("Ask which choice holds, and code it if the record says otherwise.", "[D]"),),
    ),
)
CLOSES = (
    "It does not close when later collections leave the patient out. It closes when the "
    "record shows that the patient did object then, because the withdrawal is corrected or "
    "removed, or a dissent of its day or later comes to be known."
)
MEANWHILE = "The patient's choice to share is not followed: NHS Digital was told that they object."


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each practice in whose name the patient went on being sent."""
    wrong: dict[str, list[tuple[Transmission, Standing]]] = {}
    for sent in history.objections.transmissions:
        withdrawal = _withdrawn_before(history, sent)
        if withdrawal is not None:
            wrong.setdefault(sent.event.practice, []).append((sent, withdrawal))
    for practice, cases in wrong.items():
        ends = sorted({sent.event.period_end for sent, _ in cases})
        withdrawals = [withdrawal.entry for _, withdrawal in cases]
        entered_on = min(entry.entered_on for entry in withdrawals)
        yield Sighting(
            key=practice,
            since=ends[0],
            positions=tuple(
                sorted({s.position for s, _ in cases} | {entry.position for entry in withdrawals})
            ),
            summary=(
                f"{counted(len(ends), 'collection')} ({period_in_words(ends)}) carried this "
                f"patient, whose withdrawal was entered on {in_words(entered_on)}."
            ),
            expected="A collection carries nobody who withdrew before the period it is about.",
            practice=practice,
            purpose=Purpose.TYPE_2,
        )


def _withdrawn_before(history: PatientHistory, sent: Transmission) -> Standing | None:
    """The withdrawal by which the patient did not object, where a whole period lay in between."""
    period_end = sent.event.period_end
    earlier = [c.period_end for c in history.collections if c.period_end < period_end]
    if not earlier:
        return None
    stands = history.standing(Purpose.TYPE_2)
    decision = decide(stands, period_end, withheld=history.objections.withheld)
    because = decision.because
    if decision.answer is not Answer.NOT_OBJECTING or because is None:
        return None
    return because if because.entry.entered_on <= max(earlier) else None
