"""The patient objected at their new practice, and their former practice's record does not say so.

The copy of the record that was made at the former practice stays in its system after the patient has
left, and goes where that system's data goes. Whoever holds it cannot know what was coded elsewhere:
in 2024 one research platform said that of patients who moved from TPP to EMIS (D25).

A copy is held where the former practice's system has told of the registration and of its end, and has
not taken the registration back. A practice that has closed is not asked: its records went to its
successor. Of a patient who is registered at both practices still, another rule speaks, and so it does
where the objection was only re-entered from the record that came along.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ledger.domain.evidence import came_with_the_record, is_upheld
from ledger.domain.policies import TYPE_2_ENDED_ON, Standing
from ledger.domain.registrations import RegistrationSpan
from ledger.domain.residence import (
    closing_days,
    left_before,
    objecting_at,
    positions_of,
    purposes_of_practices,
)
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words, purpose_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Apply the objection to the record you still hold",
        (
            Advice(
                "The patient has left and objects at their new practice. Apply the objection to "
                "your copy of the record, and have your supplier apply it to what is made of it.",
                "D25",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when this practice's record has the objection too, when the patient "
    "withdraws it, or when this practice closes."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each purpose, and former practice whose copy lacks the objection."""
    for purpose in purposes_of_practices(history) if history.at_several_practices else ():
        objecting = objecting_at(history, purpose)
        for practice in objecting:
            moved_to, made_there = _after_moving(history, practice, objecting[practice])
            former = left_before(history, moved_to) if moved_to is not None else {}
            for code in sorted(former.keys() - objecting.keys()):
                closing = history.closings.get(code)
                if moved_to is None or (closing and closing.closed_on <= history.today):
                    continue
                entered_on = min(dissent.entry.entered_on for dissent in made_there)
                yield Sighting(
                    key=f"{purpose}|{code}|{practice}",
                    since=entered_on,
                    positions=positions_of(made_there, moved_to, former[code]),
                    summary=(
                        f"A {purpose_in_words(purpose)} dissent was entered on "
                        f"{in_words(entered_on)} at {practice}, to which the patient had moved. "
                        "The record still held here does not have it."
                    ),
                    expected="An objection applies to every copy of the patient's record.",
                    practice=code,
                    purpose=purpose,
                    upheld_meanwhile=is_upheld(history, purpose),
                )


def days(history: PatientHistory) -> tuple[date, ...]:
    """The days on which a registration ends or a practice closes, and the first on which type 2 has
    ended.
    """
    if not history.at_several_practices:
        return ()
    spans = history.objections.registrations
    ends = (span.deregistered_on for span in spans if span.deregistered_on is not None)
    return (*ends, *closing_days(history), TYPE_2_ENDED_ON + timedelta(days=1))


def _after_moving(
    history: PatientHistory, practice: str, dissents: Sequence[Standing]
) -> tuple[RegistrationSpan | None, tuple[Standing, ...]]:
    """The registration at that practice before which dissents were made elsewhere, and the dissents
    made since it, but for those that came along with the record.
    """
    spans = [s for s in history.objections.registrations if s.practice == practice]
    made = tuple(
        d
        for d in dissents
        if not came_with_the_record(history, d.entry, meant_by=d.entry.event.effective_on)
    )
    entered_on = min((d.entry.entered_on for d in made), default=date.min)
    begun = [span for span in spans if span.registered_on <= entered_on]
    return max(begun, key=lambda span: span.registered_on, default=None), made
