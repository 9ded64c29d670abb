"""How is the evidence of a finding shown to somebody who has to check it?

As a timeline: what happened, in the order it happened, each with the four times that are never
mixed (effective, entered, transmitted, known) and the file and row it was read from. Nothing here
tells who the patient is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import groupby

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Precision, Route
from ledger.domain.events import (
    AgreementChanged,
    CollectionReceived,
    EntryRecorded,
    EntryRemoved,
    EntryStated,
    EntryUnmatched,
    Event,
    ObjectionTransmitted,
    OrganisationListed,
    OrganisationUnlisted,
    ShareInCreated,
    SharingSettingChanged,
    Unusable,
)
from ledger.domain.objections import PRACTICE_CLOCK
from ledger.domain.wording import counted, in_words
from ledger.web import wording

Evidence = tuple[int, datetime, Event]

# What this rule shows of a collection is that the patient was not in it.
_NOT_CARRIED = "TX01"

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


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. A time is None where it says nothing of it.

    `happened` orders the lines. `source` is the file and row, `delivery` the delivery's id.
    """

    heading: str
    happened: datetime
    position: int
    known: datetime
    effective: str | None = None
    entered: str | None = None
    transmitted: str | None = None
    details: tuple[str, ...] = ()
    source: str | None = None
    delivery: str | None = None


def timeline(rule: str, evidence: Iterable[Evidence]) -> list[Line]:
    """The evidence, in the order in which it happened."""
    lines = []
    for is_missed, run in groupby(
        sorted(evidence, key=_happened), key=lambda e: rule == _NOT_CARRIED and _is_collection(e)
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
        case EntryStated():
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
    match event:
        case EntryUnmatched():
            return _entry(event, position, known, happened, (_WHY_UNMATCHED[event.why],))
        case EntryRecorded():
            changed = () if event.replaces is None else ("It replaces an earlier version.",)
            return _entry(event, position, known, happened, changed)
        case EntryRemoved():
            told = ("The entry was deleted from the practice’s record.", None, event.source)
        case ObjectionTransmitted():
            return Line(
                heading="The patient stood in a collection that reached NHS Digital",
                happened=happened,
                position=position,
                known=known,
                effective=None if event.effective_on is None else in_words(event.effective_on),
                transmitted=f"By {in_words(event.period_end)}",
                details=(
                    f"Collection {event.collection}, sent by {event.supplier}",
                    _coded(event.code, event.code_system),
                ),
                delivery=event.delivery,
            )
        case CollectionReceived():
            return Line(
                heading="A collection reached NHS Digital",
                happened=happened,
                position=position,
                known=known,
                transmitted=f"By {in_words(event.period_end)}",
                details=(
                    f"Collection {event.collection}",
                    f"{counted(event.members, 'patient')} of "
                    f"{counted(len(event.practices), 'practice')}",
                ),
                delivery=event.delivery,
            )
        case SharingSettingChanged():
            name = wording.SETTINGS[event.setting]
            told = (f"{name}: {wording.setting_value(event.value)}", event.changed_at, None)
        case OrganisationListed():
            name = wording.SETTINGS[event.setting].lower()
            told = (f"{event.organisation} was put on the {name}", event.changed_at, None)
        case OrganisationUnlisted():
            name = wording.SETTINGS[event.setting].lower()
            told = (f"{event.organisation} was taken off the {name}", event.changed_at, None)
        case ShareInCreated():
            how = "verified" if event.verified else "not verified"
            told = (f"{event.organisation} created a share-in, {how}", event.changed_at, None)
        case AgreementChanged():
            state = "disabled" if event.disabled else "active" if event.activated else "not active"
            told = (f"The EMIS sharing agreement is {state}", event.modified_at, None)
        case _:
            told = (event.TOPIC.replace("-", " ").capitalize(), None, None)
    heading, changed_at, source = told
    return Line(
        heading=heading,
        happened=happened,
        position=position,
        known=known,
        entered=None if changed_at is None else wording.moment(changed_at),
        details=(f"By {event.by}",) if event.by != "delivery" else (),
        source=_file_and_row(source),
        delivery=event.delivery,
    )


def _entry(
    event: EntryStated,
    position: int,
    known: datetime,
    happened: datetime,
    more: tuple[str, ...],
) -> Line:
    system = ClinicalSystem(event.clinical_system).full_name
    purpose = wording.purpose_name(event.purpose)
    return Line(
        heading=f"{purpose} {event.statement} recorded at {event.practice}",
        happened=happened,
        position=position,
        known=known,
        effective=_effective(event),
        entered="The system gave none" if event.entered_at is None else _entered(event),
        details=(_coded(event.code, event.code_system), f"{system}, {_ROUTES[event.route]}", *more),
        source=_file_and_row(event.source),
        delivery=event.delivery,
    )


def _effective(event: EntryStated) -> str:
    match event.effective_precision:
        case Precision.MISSING:
            return "No date was given"
        case Precision.UNREADABLE:
            return "The date given cannot be read"
        case Precision.MONTH | Precision.YEAR:
            return f"Only {event.effective_partial}"
        case _:
            return wording.day(event.effective_on)


def _entered(event: EntryStated) -> str:
    who = f", by {event.entered_by}" if event.entered_by else ""
    return f"{wording.moment(event.entered_at)}{who}"


def _coded(code: str, code_system: str) -> str:
    return f"Code {code} ({wording.code_system_name(code_system)})"


def _file_and_row(source: str | None) -> str | None:
    """`SRCode.csv:12`, as a person says it."""
    file, _, row = (source or "").rpartition(":")
    return f"{file}, row {row}" if file and row.isdigit() else source or None


def _not_carried(run: Sequence[Evidence]) -> Line:
    """Collections in a row that the patient was missing from, as one line."""
    collections = [
        (position, event) for position, _, event in run if isinstance(event, CollectionReceived)
    ]
    ends = [event.period_end for _, event in collections]
    (first, known), *_ = [(position, known) for position, known, _ in run]
    if len(ends) == 1:
        heading = f"The collection of {in_words(ends[0])} did not carry the patient"
        details: tuple[str, ...] = (f"Collection {collections[0][1].collection}",)
    else:
        heading = (
            f"{counted(len(ends), 'collection')}, from {in_words(ends[0])} to "
            f"{in_words(ends[-1])}, did not carry the patient"
        )
        details = tuple(
            f"Collection {event.collection}, {in_words(event.period_end)}, position {position:,}"
            for position, event in collections
        )
    return Line(
        heading=heading,
        happened=_evening(ends[0]),
        position=first,
        known=known,
        transmitted="No",
        details=details,
        delivery=collections[0][1].delivery if len(ends) == 1 else None,
    )
