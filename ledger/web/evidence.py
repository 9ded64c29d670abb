"""How is the evidence of a finding shown to somebody who has to check it?

As a timeline: what happened, in the order it happened, each with the four times that are never
mixed (effective, entered, transmitted, known) and the file and row it was read from. Nothing here
tells who the patient is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby
from typing import NamedTuple

from ledger.application.explaining import file_and_row
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Precision, Route
from ledger.domain.events import (
    AgreementChanged,
    CodeMapDisagreed,
    CollectionReceived,
    EntryRecorded,
    EntryStated,
    EntryUnmatched,
    Event,
    ExtractReleased,
    Kept,
    NeighbourRecorded,
    ObjectionTransmitted,
    OrganisationListed,
    OrganisationUnlisted,
    ShareInCreated,
    SharingSettingChanged,
    Unusable,
)
from ledger.domain.objections import PRACTICE_CLOCK
from ledger.domain.said import NOT_CARRIED, said
from ledger.domain.wording import code_system_in_words, counted, in_words
from ledger.web import wording

Evidence = tuple[int, datetime, Event]

_WHY_UNMATCHED = {
    Unusable.MISSING: "It came with no NHS number.",
    Unusable.CHECK_DIGIT: "It came with a number that fails its check digit.",
    Unusable.UNKNOWN_PATIENT: "It names a patient of whom no delivery has told the NHS number.",
}
_ROUTES = {
    Route.DELIVERY: "in a delivery of the practice’s system",
    Route.GP_CONNECT: "by GP Connect",
    Route.GP2GP: "with the patient’s record from another practice (GP2GP)",
    Route.API: "entered into the ledger directly",
}


class Known(NamedTuple):
    """When a thing happened, and where and since when the ledger knows of it."""

    happened: datetime
    position: int
    recorded_at: datetime
    delivery: str | None


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. A time is None where it says nothing of it.

    `several`: it stands for several things of the kind; what is known is of the first.
    """

    known: Known
    heading: str
    effective: str | None = None
    entered: str | None = None
    transmitted: str | None = None
    details: tuple[str, ...] = ()
    source: str | None = None
    several: bool = False


def line_of(kept: Kept) -> Line:
    """One event, as a line."""
    return _line(kept.position, kept.recorded_at, kept.event)


def timeline(rule: str, evidence: Iterable[Evidence]) -> list[Line]:
    """The evidence, in the order in which it happened."""
    lines = []
    for is_missed, run in groupby(
        sorted(evidence, key=_happened), key=lambda e: rule == NOT_CARRIED and _is_collection(e)
    ):
        if is_missed:
            lines.append(_not_carried(list(run)))
        else:
            lines += [_line(*one) for one in run]
    return lines


def _is_collection(evidence: Evidence) -> bool:
    return isinstance(evidence[2], CollectionReceived)


def _happened(evidence: Evidence) -> tuple[datetime, int]:
    position, known, event = evidence
    when: date | datetime | None = None
    match event:
        case EntryStated() | NeighbourRecorded():
            when = event.entered_at or event.effective_on
        case ObjectionTransmitted() | CollectionReceived():
            when = event.period_end
        case (
            SharingSettingChanged()
            | OrganisationListed()
            | OrganisationUnlisted()
            | ShareInCreated()
        ):
            when = event.changed_at
        case AgreementChanged():
            when = event.modified_at
        case ExtractReleased():
            when = event.released_at
        case _:
            pass
    if when is None:
        return known, position
    return (when if isinstance(when, datetime) else _evening(when)), position


def _evening(day: date) -> datetime:
    # A day's end: what was entered on the day of a collection stood in it.
    return datetime.combine(day, time(23, 59), PRACTICE_CLOCK)


def _line(position: int, known: datetime, event: Event) -> Line:
    happened, _ = _happened((position, known, event))
    at = Known(happened, position, known, event.delivery)
    match event:
        case EntryUnmatched():
            return _entry(event, at, (_WHY_UNMATCHED[event.why],))
        case EntryRecorded():
            replaced = ("It replaces an earlier version.",)
            return _entry(event, at, replaced if event.replaces is not None else ())
        case NeighbourRecorded():
            return _entry(event, at, ("It is no type 1 or type 2 objection, and counts as none.",))
        case ObjectionTransmitted():
            return Line(
                at,
                said(event),
                effective=None if event.effective_on is None else in_words(event.effective_on),
                transmitted=f"By {in_words(event.period_end)}",
                details=(
                    f"Collection {event.collection}, sent by {event.supplier}",
                    _coded(event.code, event.code_system),
                ),
            )
        case CollectionReceived():
            return Line(
                at,
                said(event),
                transmitted=f"By {in_words(event.period_end)}",
                details=_details(event),
            )
        case _:
            changed_at = getattr(event, "changed_at", None) or getattr(event, "modified_at", None)
            return Line(
                at,
                said(event),
                entered=None if changed_at is None else wording.moment(changed_at),
                details=_details(event),
                source=_file_and_row(getattr(event, "source", None)),
            )


def _details(event: Event) -> tuple[str, ...]:
    match event:
        case CollectionReceived():
            patients = counted(event.members, "patient")
            practices = counted(len(event.practices), "practice")
            return (f"Collection {event.collection}", f"{patients} of {practices}")
        case ExtractReleased():
            return (f"The data of {counted(event.members, 'patient')}", f"By {event.by}")
        case CodeMapDisagreed():
            return (
                _coded(event.code, event.code_system),
                f"Mapped to: {_coded(event.mapped_code, event.mapped_code_system)}",
                f"The table has: {_coded(event.our_code, event.our_code_system)}",
            )
        case _:
            return () if event.delivery else (f"By {event.by}",)


def _entry(event: EntryStated | NeighbourRecorded, at: Known, more: tuple[str, ...]) -> Line:
    system = ClinicalSystem(event.clinical_system).full_name
    # Systems name their users by numbers that only they can read.
    by = (f"Entered by user {event.entered_by} of the system",) if event.entered_by else ()
    return Line(
        at,
        said(event),
        effective=_effective(event),
        entered="The system gave none"
        if event.entered_at is None
        else wording.moment(event.entered_at),
        details=(
            _coded(event.code, event.code_system),
            f"{system}, {_ROUTES[event.route]}",
            *by,
            *more,
        ),
        source=_file_and_row(event.source),
    )


def _effective(event: EntryStated | NeighbourRecorded) -> str:
    match event.effective_precision:
        case Precision.MISSING:
            return "No date was given"
        case Precision.UNREADABLE:
            return "The date given cannot be read"
        case Precision.MONTH | Precision.YEAR:
            return f"Only {event.effective_partial}"
        case _:
            return wording.day(event.effective_on)


def _coded(code: str, code_system: str) -> str:
    return f"Code {code} ({code_system_in_words(code_system)})"


def _file_and_row(source: str | None) -> str | None:
    """Where it stood in its delivery, as a person says it."""
    file, row = file_and_row(source)
    return file if row is None else f"{file}, row {row:,}"


def _not_carried(run: Sequence[Evidence]) -> Line:
    """Collections in a row that the patient was missing from, as one line."""
    position, known, _ = run[0]
    missed = [(at, event) for at, _, event in run if isinstance(event, CollectionReceived)]
    first, last = missed[0][1], missed[-1][1]
    when = Known(_evening(first.period_end), position, known, first.delivery)
    if len(missed) == 1:
        told = said(first, rule=NOT_CARRIED)
        return Line(when, told, transmitted="No", details=(f"Collection {first.collection}",))
    return Line(
        when._replace(delivery=None),
        f"{counted(len(missed), 'collection')}, from {in_words(first.period_end)} to "
        f"{in_words(last.period_end)}, did not carry the patient",
        transmitted="No",
        details=tuple(
            f"Collection {event.collection}, {in_words(event.period_end)}, position {at:,}"
            for at, event in missed
        ),
        several=True,
    )
