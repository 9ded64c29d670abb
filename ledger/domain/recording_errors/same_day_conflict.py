"""A dissent and a withdrawal of one purpose bear the same date, and nobody can say which is later.

One supplier's manual says that a dissent counts unless a later withdrawal exists (D4); no source
says what holds on the same day [D]. The ledger takes the patient to object until the practice has
asked: a withdrawal lost costs a question, an objection lost cannot be undone.

Of a dissent that was removed, another rule speaks.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.evidence import entered_later, is_upheld
from ledger.domain.policies import Standing
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words, purpose_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Ask the patient what they want, and code the answer",
        (
            Advice(
                "Ask the patient, then enter their answer with the day they gave it. Until then "
                "the objection is upheld.",
                "D4 [D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the patient's answer is coded with a later date, or when one of"
    " the two entries is removed or gets another date."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each purpose and date with both."""
    for purpose in history.purposes:
        dissents = [d for d in history.dissents(purpose) if not d.weak]
        withdrawals = history.withdrawals(purpose)
        for day in sorted({d.counts_on for d in dissents} & {w.counts_on for w in withdrawals}):
            conflict = [s for s in (*dissents, *withdrawals) if s.counts_on == day]
            if not _is_settled(history, conflict):
                yield _sighting(history, purpose, day=day, conflict=conflict)


def _is_settled(history: PatientHistory, conflict: list[Standing]) -> bool:
    """Whether the practice has coded since what the patient answered, under a later date."""
    return any(
        answer.counts_on > conflict[0].counts_on
        and all(entered_later(answer.entry, one.entry) for one in conflict)
        for answer in history.standing(conflict[0].entry.event.purpose)
    )


def _sighting(
    history: PatientHistory, purpose: Purpose, *, day: date, conflict: list[Standing]
) -> Sighting:
    later = max((s.entry for s in conflict), key=lambda e: (e.entered_on, e.position))
    return Sighting(
        key=f"{purpose}|{day.isoformat()}",
        since=later.entered_on,
        positions=tuple(sorted(s.entry.position for s in conflict)),
        summary=(
            f"A {purpose_in_words(purpose)} dissent and a withdrawal of it both take effect on "
            f"{in_words(day)}."
        ),
        expected="The record shows which of the two the patient said last.",
        practice=later.event.practice,
        purpose=purpose,
        upheld_meanwhile=is_upheld(history, purpose),
    )
