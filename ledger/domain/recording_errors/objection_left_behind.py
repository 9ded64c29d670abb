"""The patient moved to another practice, and their type 1 objection did not come along.

A type 1 is upheld by the practice that holds the record. Where the record reaches the new practice
without it (D9), or nobody codes it there, the patient objects still and their data flows: the old
supplier's copy and the new one's do not know of each other (D25). The new practice has some days to
code what came on paper.

It is none where the record came by GP2GP with the objection in it, where the patient has left again
or died, where the new practice is the old one's successor, or where it withholds the record.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from ledger.domain.entries import Route
from ledger.domain.evidence import is_upheld
from ledger.domain.objections import practice_day
from ledger.domain.policies import Standing
from ledger.domain.purposes import Purpose
from ledger.domain.registrations import RegistrationSpan
from ledger.domain.residence import (
    closing_days,
    has_its_patients,
    left_before,
    objecting_at,
    positions_of,
    present,
)
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Code the patient's type 1 objection again",
        (
            Advice(
                "The patient objected at their former practice and has not withdrawn. Code the "
                "type 1 dissent again, with the day from which the patient meant it.",
                "D9 D25",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the type 1 dissent is coded at this practice, when the patient "
    "withdraws it, or when they have left or died."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each practice at which the patient is registered and the objection is missing."""
    if not history.at_several_practices:
        return
    objecting = objecting_at(history, Purpose.TYPE_1)
    here = present(history)
    if objecting.keys() & here.keys():
        # It is coded where they are; where they are registered as well, another rule asks for it.
        return
    withheld = {asked.practice for asked in history.objections.withheld}
    for practice, span in here.items():
        since = _due(history, span)
        if practice in withheld or history.today < since:
            continue
        behind = [
            dissent
            for code, dissents in _left_behind(history, span, objecting).items()
            if not has_its_patients(history, practice, of=code)
            for dissent in dissents
        ]
        if behind and not any(_was_sent(history, dissent, span) for dissent in behind):
            yield Sighting(
                key=practice,
                since=since,
                positions=positions_of(behind, span),
                summary=(
                    f"The patient registered here on {in_words(span.registered_on)}. Their type 1 "
                    f"dissent stands at {behind[0].entry.event.practice}, which they left, and "
                    "not here."
                ),
                expected=(
                    "A type 1 objection is coded at the new practice within "
                    f"{history.thresholds.left_behind_days} days of registering."
                ),
                practice=practice,
                purpose=Purpose.TYPE_1,
                upheld_meanwhile=is_upheld(history, Purpose.TYPE_1),
            )


def days(history: PatientHistory) -> tuple[date, ...]:
    """The day on which each registration is old enough, and those on which one begins or ends, or
    a practice closes.
    """
    if not history.at_several_practices:
        return ()
    spans = history.objections.registrations
    ends = (span.deregistered_on for span in spans if span.deregistered_on is not None)
    return (
        *(span.registered_on for span in spans),
        *(_due(history, s) for s in spans),
        *ends,
        *closing_days(history),
    )


def _due(history: PatientHistory, span: RegistrationSpan) -> date:
    return span.registered_on + timedelta(days=history.thresholds.left_behind_days)


def _left_behind(
    history: PatientHistory,
    span: RegistrationSpan,
    objecting: Mapping[str, tuple[Standing, ...]],
) -> dict[str, tuple[Standing, ...]]:
    """The dissents at practices the patient had before: they left, or were registered there at a
    time of which the ledger knows no more than that somebody coded the objection then.
    """
    left = left_before(history, span)
    told = {s.practice for s in history.objections.registrations}
    behind = {
        code: tuple(d for d in dissents if code in left or d.entry.entered_on < span.registered_on)
        for code, dissents in objecting.items()
        if code in left or code not in told
    }
    return {code: dissents for code, dissents in behind.items() if dissents}


def _was_sent(history: PatientHistory, dissent: Standing, span: RegistrationSpan) -> bool:
    """Whether the record that the old practice sent about then had the objection in it."""
    follows = timedelta(days=history.thresholds.record_follows_within_days)
    return (
        dissent.entry.event.route is Route.GP2GP
        and practice_day(dissent.entry.recorded_at) >= span.registered_on - follows
    )
