"""Where is the patient registered, where did they move to, and where do they object?

A patient may be registered nowhere, at one practice or at several (D24). Each practice upholds a
type 1 in its own record, and until its end nothing else carried a type 2 on, so these are the
objections that have to be coded wherever the patient is.
"""

from collections.abc import Iterable
from datetime import date

from ledger.domain.policies import TYPE_2_ENDED_ON, Standing
from ledger.domain.purposes import Purpose
from ledger.domain.registrations import RegistrationSpan
from ledger.domain.rule import PatientHistory


def purposes_of_practices(history: PatientHistory) -> tuple[Purpose, ...]:
    """The purposes that a practice has to code today for its own patients."""
    if history.today <= TYPE_2_ENDED_ON:
        return (Purpose.TYPE_1, Purpose.TYPE_2)
    return (Purpose.TYPE_1,)


def present(history: PatientHistory) -> dict[str, RegistrationSpan]:
    """The registrations that hold today, by practice; nobody is registered after their death.

    Where a practice tells of two, the one that began first.
    """
    if history.objections.died_on is not None:
        return {}
    spans = sorted(history.objections.registrations, key=lambda span: span.registered_on)
    return {s.practice: s for s in reversed(spans) if s.holds_on(history.today)}


def left_before(history: PatientHistory, moved_to: RegistrationSpan) -> dict[str, RegistrationSpan]:
    """The practices that the patient had been registered at before and has left, by code."""
    here = present(history)
    return {
        span.practice: span
        for span in history.objections.registrations
        if span.practice not in here
        and span.deregistered_on is not None
        and span.registered_on < moved_to.registered_on
    }


def objecting_at(history: PatientHistory, purpose: Purpose) -> dict[str, tuple[Standing, ...]]:
    """The practices in whose records a dissent of that purpose counts today, with their dissents."""
    at: dict[str, tuple[Standing, ...]] = {}
    for dissent in history.dissents(purpose):
        if dissent.counts_on <= history.today and history.ended_by(dissent) is None:
            practice = dissent.entry.event.practice
            at[practice] = (*at.get(practice, ()), dissent)
    return at


def has_its_patients(history: PatientHistory, successor: str, *, of: str) -> bool:
    """Whether a practice has the patients of another that closed, over however many mergers."""
    ahead, met = [of], {of}
    while ahead:
        closing = history.closings.get(ahead.pop())
        if closing is not None and closing.closed_on <= history.today:
            ahead += [code for code in closing.successors if code not in met]
            met.update(closing.successors)
    return successor in met


def closing_days(history: PatientHistory) -> tuple[date, ...]:
    """The days from which other practices have the patients of those that closed."""
    return tuple(closing.closed_on for closing in history.closings.values())


def positions_of(dissents: Iterable[Standing], *spans: RegistrationSpan) -> tuple[int, ...]:
    """The events that prove where somebody objects and is registered, oldest first."""
    entries = {dissent.entry.position for dissent in dissents}
    return tuple(sorted(entries | {span.position for span in spans if span.position}))
