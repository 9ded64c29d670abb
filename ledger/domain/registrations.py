"""From when until when was a patient registered at a practice, as its system has told so far?

A system tells a registration in a row of its own, known by its id. The row is told again with other
dates: then it was wrong before, or the patient left, came back, and the system uses the row anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Registration
from ledger.domain.events import Deregistered, Event, Registered, RegistrationRemoved


@dataclass(frozen=True, slots=True)
class RegistrationSpan:
    """From when, and until when if known, the patient was registered at a practice.

    `registration` is the row it was told in, None where the event does not say; `position` that of
    the event that told it last, `known_at` when the ledger first knew of it; `clinical_system` the
    system that told it.
    """

    practice: str
    registered_on: date
    known_at: datetime
    deregistered_on: date | None = None
    registration: str | None = None
    position: int = 0
    clinical_system: ClinicalSystem | None = None

    def holds_on(self, day: date) -> bool:
        """Whether the patient was registered there at the end of that day."""
        left = self.deregistered_on
        return self.registered_on <= day and (left is None or left > day)


Spans = tuple[RegistrationSpan, ...]


def evolve(
    spans: Spans,
    event: Registered | Deregistered | RegistrationRemoved,
    *,
    at: datetime,
    position: int = 0,
) -> Spans:
    """The registrations after one more event, kept at `position` and that time."""
    match event:
        case Registered():
            last = _last(spans, event.practice, event.registration)
            corrected = None if last is None or _had_left(last, event.registered_on) else last
            told = RegistrationSpan(
                event.practice,
                event.registered_on,
                at if corrected is None else corrected.known_at,
                registration=event.registration,
                position=position,
                clinical_system=event.clinical_system,
            )
            return (*(s for s in spans if corrected is None or s is not corrected), told)
        case Deregistered():
            if event.registration is None:
                ended = [s for s in spans if s.practice == event.practice and not s.deregistered_on]
            else:
                ended = [s for s in [_last(spans, event.practice, event.registration)] if s]
            return tuple(
                replace(s, deregistered_on=event.deregistered_on, position=position)
                if s in ended
                else s
                for s in spans
            )
        case RegistrationRemoved():
            told_in = (event.practice, event.registration)
            return tuple(s for s in spans if (s.practice, s.registration) != told_in)


def register(
    spans: Spans, registration: Registration, *, by: str, delivery: str | None
) -> list[Event]:
    """A practice's system says from when, and until when, a patient is registered there.

    Nothing where it says what it has said. An end before the beginning is that of an earlier
    registration, which some systems leave standing when the patient comes back.
    """
    who = {"by": by, "delivery": delivery, "practice": registration.practice}
    row = {
        **who,
        "clinical_system": registration.clinical_system,
        "registration": registration.registration,
    }
    begins, ends = registration.registered_on, registration.deregistered_on
    last = _last(spans, registration.practice, registration.registration)
    if begins is None:
        return [] if last is None else [RegistrationRemoved.model_validate(row)]
    if ends is not None and ends < begins:
        ends = None
    if last is not None and (last.registered_on, last.deregistered_on) == (begins, ends):
        return []
    events: list[Event] = []
    if last is None or last.registered_on != begins or ends is None:
        events.append(Registered.model_validate({**row, "registered_on": begins}))
    if ends is not None:
        events.append(Deregistered.model_validate({**row, "deregistered_on": ends}))
    return events


def _last(
    spans: Sequence[RegistrationSpan], practice: str, registration: str | None
) -> RegistrationSpan | None:
    """What the row told last; None of a registration whose row is not known."""
    return next(
        (
            span
            for span in reversed(spans)
            if registration is not None
            and (span.practice, span.registration) == (practice, registration)
        ),
        None,
    )


def _had_left(span: RegistrationSpan, day: date) -> bool:
    return (
        span.deregistered_on is not None
        and span.registered_on < day
        and span.deregistered_on <= day
    )
