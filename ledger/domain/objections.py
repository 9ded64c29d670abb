"""One patient's history: what practices recorded, and what each command adds to it.

Commands take the folded history and return events, or raise a `Refusal`; `evolve` folds an event
into the history. A second dissent is kept: it is rule CO12's to find, not ours to refuse.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache, reduce
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from ledger.domain.entries import Entry, RecordAnswer, SourceKey, Withholding
from ledger.domain.events import (
    DeathRemoved,
    Deregistered,
    Died,
    EntryRecorded,
    EntryRemoved,
    Event,
    Kept,
    NeighbourRecorded,
    NumberSuperseded,
    ObjectionConverted,
    ObjectionTransmitted,
    RecordAnswered,
    RecordWithheld,
    Registered,
    RegistrationRemoved,
    TransmissionUnconfirmed,
    TurnedThirteen,
)
from ledger.domain.identifiers import NumberKind
from ledger.domain.purposes import Neighbour
from ledger.domain.registrations import Spans
from ledger.domain.registrations import evolve as evolve_spans

# Clinical systems write the practice's own clock; a day here is a day at the practice.
PRACTICE_CLOCK = ZoneInfo("Europe/London")
THIRTEEN_YEARS = 13


# Asked many times of the same moments: when a delivery came, when an entry was made.
@lru_cache(maxsize=10_000)
def practice_day(moment: datetime) -> date:
    """The day it was at the practice."""
    return moment.astimezone(PRACTICE_CLOCK).date()


@dataclass(frozen=True, slots=True)
class Removed:
    """When and in which delivery the ledger learnt that an entry had been deleted."""

    position: int
    recorded_at: datetime
    delivery: str | None


@dataclass(frozen=True, slots=True)
class KeptEntry:
    """An entry with what happened to it since: removed, or replaced by a changed row."""

    position: int
    recorded_at: datetime
    event: EntryRecorded
    removed: Removed | None = None
    replaced_by: int | None = None

    @property
    def entered_on(self) -> date:
        """The day the practice's system recorded it; the day it became known where it gave none."""
        return practice_day(self.event.entered_at or self.recorded_at)


@dataclass(frozen=True, slots=True)
class KeptNeighbour:
    """A refusal of something close to our purposes, with what happened to it since."""

    position: int
    recorded_at: datetime
    event: NeighbourRecorded
    removed: Removed | None = None
    replaced_by: int | None = None

    @property
    def entered_on(self) -> date:
        """The day the practice's system recorded it; the day it became known where it gave none."""
        return practice_day(self.event.entered_at or self.recorded_at)


@dataclass(frozen=True, slots=True)
class Transmission:
    """The patient stood in a collection."""

    position: int
    recorded_at: datetime
    event: ObjectionTransmitted


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """The patient stood in a collection that was refused as a whole; of whom and which, if known."""

    position: int
    recorded_at: datetime
    practice: str | None
    collection: str | None


class Death(NamedTuple):
    """The day on which a practice's system says the patient died."""

    practice: str
    died_on: date


@dataclass(frozen=True, slots=True)
class Asked:
    """A practice was asked for the patient's record, and withheld it or, later, sent it."""

    position: int
    recorded_at: datetime
    practice: str
    at: datetime
    withheld: bool


class NumberChange(NamedTuple):
    """A practice's system gave the patient another NHS number.

    `still_borne` names the practices that have the old one for somebody born on another day.
    """

    position: int
    recorded_at: datetime
    practice: str | None
    still_borne: tuple[str, ...]


class CameOfAge(NamedTuple):
    """Where and when the ledger kept that the patient had turned thirteen."""

    position: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Objections:
    """Everything known of one patient, in the order it became known.

    `neighbours` are none of the `entries`, so that no policy and no rule takes one for the other.
    """

    version: int = 0
    entries: tuple[KeptEntry, ...] = ()
    neighbours: tuple[KeptNeighbour, ...] = ()
    transmissions: tuple[Transmission, ...] = ()
    conversions: tuple[ObjectionConverted, ...] = ()
    registrations: Spans = ()
    deaths: tuple[Death, ...] = ()
    asked: tuple[Asked, ...] = ()
    unconfirmed: tuple[Unconfirmed, ...] = ()
    number_changes: tuple[NumberChange, ...] = ()
    turned_thirteen: CameOfAge | None = None

    @property
    def died_on(self) -> date | None:
        """The day of death, as the practice said that spoke of one last."""
        return self.deaths[-1].died_on if self.deaths else None

    @property
    def withheld(self) -> tuple[Asked, ...]:
        """The last refusal of each practice whose last answer was one, by the time of asking.

        Of two answers of one moment the refusal counts.
        """
        last: dict[str, Asked] = {}
        for asked in sorted(self.asked, key=lambda asked: (asked.at, asked.withheld)):
            last[asked.practice] = asked
        return tuple(asked for _, asked in sorted(last.items()) if asked.withheld)

    def current(self, key: SourceKey) -> KeptEntry | KeptNeighbour | None:
        """The entry of this source record as it stands, or None if never kept or removed."""
        rows: tuple[KeptEntry | KeptNeighbour, ...] = (*self.neighbours, *self.entries)
        return next(
            (
                kept
                for kept in reversed(rows)
                if kept.event.key == key and kept.replaced_by is None and kept.removed is None
            ),
            None,
        )

    def newest(self, entry: KeptEntry) -> KeptEntry:
        """What the row of this entry says now, however often it was changed."""
        by_position = {kept.position: kept for kept in self.entries}
        while entry.replaced_by is not None:
            entry = by_position[entry.replaced_by]
        return entry


def fold(events: Iterable[Kept]) -> Objections:
    """The history these events make."""
    return reduce(evolve, events, Objections())


def evolve(history: Objections, kept: Kept) -> Objections:
    """The history after one more event."""
    return replace(history, version=kept.version, **_changed(history, kept))


def _changed(history: Objections, kept: Kept) -> dict[str, Any]:
    """What the event changes, by the name of a field."""
    match kept.event:
        case EntryRecorded() as event:
            entry = KeptEntry(kept.position, kept.recorded_at, event)
            earlier = history.entries
            if event.replaces is not None:
                earlier = tuple(
                    replace(e, replaced_by=kept.position) if e.position == event.replaces else e
                    for e in earlier
                )
            return {"entries": (*earlier, entry)}
        case NeighbourRecorded() as event:
            neighbours = tuple(
                replace(n, replaced_by=kept.position) if n.position == event.replaces else n
                for n in history.neighbours
            )
            new = KeptNeighbour(kept.position, kept.recorded_at, event)
            return {"neighbours": (*neighbours, new)}
        case EntryRemoved() as event:
            removed = Removed(kept.position, kept.recorded_at, event.delivery)
            entries = tuple(
                replace(e, removed=removed) if e.position == event.removes else e
                for e in history.entries
            )
            neighbours = tuple(
                replace(n, removed=removed) if n.position == event.removes else n
                for n in history.neighbours
            )
            return {"entries": entries, "neighbours": neighbours}
        case ObjectionTransmitted() as event:
            transmission = Transmission(kept.position, kept.recorded_at, event)
            return {"transmissions": (*history.transmissions, transmission)}
        case ObjectionConverted() as event:
            return {"conversions": (*history.conversions, event)}
        case TransmissionUnconfirmed() as event:
            where = (event.practice, event.collection)
            unconfirmed = Unconfirmed(kept.position, kept.recorded_at, *where)
            return {"unconfirmed": (*history.unconfirmed, unconfirmed)}
        case Registered() | Deregistered() | RegistrationRemoved() as event:
            spans = evolve_spans(
                history.registrations, event, at=kept.recorded_at, position=kept.position
            )
            return {"registrations": spans}
        case Died() | DeathRemoved() as event:
            return {"deaths": said_of_death(history.deaths, event)}
        case RecordWithheld() as event:
            asked = _asked(kept, event.practice, event.asked_at, withheld=True)
            return {"asked": (*history.asked, asked)}
        case RecordAnswered() as event:
            asked = _asked(kept, event.practice, event.answered_at, withheld=False)
            return {"asked": (*history.asked, asked)}
        case NumberSuperseded() as event:
            told = (kept.position, kept.recorded_at, event.practice, event.still_borne or ())
            return {"number_changes": (*history.number_changes, NumberChange(*told))}
        case TurnedThirteen():
            return {"turned_thirteen": CameOfAge(kept.position, kept.recorded_at)}
        case _:
            return {}


def _asked(kept: Kept, practice: str, at: datetime, *, withheld: bool) -> Asked:
    return Asked(kept.position, kept.recorded_at, practice, at, withheld)


def said_of_death(deaths: Iterable[Death], event: Died | DeathRemoved) -> tuple[Death, ...]:
    """What practices say of the patient's death after one more event, the last to speak last."""
    others = tuple(death for death in deaths if death.practice != event.practice)
    if isinstance(event, DeathRemoved):
        return others
    return (*others, Death(event.practice, event.died_on))


def record_entry(
    history: Objections,
    entry: Entry,
    *,
    content_hash: str,
    by: str,
    delivery: str | None = None,
    born_on: date | None = None,
    was_unmatched: int | None = None,
    number_kind: NumberKind | None = None,
) -> list[Event]:
    """The practice recorded `entry`: nothing new if its source record is kept already with the
    same content, and a replacement of it if the content changed.

    `born_on` is used to judge two facts about the dates and is not kept; `number_kind` says what
    the NHS number is if it can be nobody's. An entry that waited, the
    position at which is `was_unmatched`, is kept anew whatever it says: it waits no longer.
    """
    current = history.current(entry.key)
    known = current is not None and current.event.content_hash == content_hash
    if known and was_unmatched is None:
        return []
    replaces = None if current is None else current.position
    stated = entry.model_dump(exclude={"source_patient"})
    if isinstance(entry.purpose, Neighbour):
        told = {name: stated[name] for name in NeighbourRecorded.model_fields if name in stated}
        return [
            NeighbourRecorded(
                **told,
                about=entry.purpose,
                by=by,
                delivery=delivery,
                content_hash=content_hash,
                replaces=replaces,
            )
        ]
    entered_on = practice_day(entry.entered_at) if entry.entered_at else None
    return [
        EntryRecorded(
            **stated,
            by=by,
            delivery=delivery,
            content_hash=content_hash,
            replaces=replaces,
            was_unmatched=was_unmatched,
            number_kind=number_kind,
            before_birth=bool(born_on and entry.effective_on and entry.effective_on < born_on),
            under_thirteen=bool(born_on and entered_on and thirteen_on(born_on) > entered_on),
        )
    ]


def thirteen_on(born_on: date) -> date:
    """The day somebody turns thirteen: born on 29 February, on 1 March (in English law)."""
    year = born_on.year + THIRTEEN_YEARS
    try:
        return born_on.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def turns_thirteen(
    patient: UUID, events: Iterable[Event], born_on: date | None
) -> dict[UUID, date]:
    """When the patient turns thirteen, where one of these events is an entry made before that."""
    spoken_for = any(isinstance(e, EntryRecorded) and e.under_thirteen for e in events)
    return {patient: thirteen_on(born_on)} if spoken_for and born_on else {}


def come_of_age(history: Objections, *, by: str) -> list[Event]:
    """The patient is thirteen: worth keeping, once, where somebody spoke for them before."""
    spoken_for = any(entry.event.under_thirteen for entry in history.entries)
    return [TurnedThirteen(by=by)] if spoken_for and history.turned_thirteen is None else []


def remove_entry(
    history: Objections, key: SourceKey, *, by: str, delivery: str | None, source: str
) -> list[Event]:
    """The practice deleted an entry: both facts are kept. Nothing if it is not kept, or gone."""
    current = history.current(key)
    if current is None:
        return []
    return [
        EntryRemoved(
            practice=key.practice,
            clinical_system=key.clinical_system,
            entry_id=key.entry_id,
            removes=current.position,
            source=source,
            by=by,
            delivery=delivery,
        )
    ]


def die(
    history: Objections, practice: str, died_on: date | None, *, by: str, delivery: str | None
) -> list[Event]:
    """A practice's system says when the patient died, or (None) says so of nobody, or no more."""
    said = next((death.died_on for death in history.deaths if death.practice == practice), None)
    if said == died_on:
        return []
    if died_on is None:
        return [DeathRemoved(practice=practice, by=by, delivery=delivery)]
    return [Died(practice=practice, died_on=died_on, by=by, delivery=delivery)]


def withhold(
    history: Objections, withholding: Withholding, *, by: str, delivery: str | None
) -> list[Event]:
    """A practice refused the patient's record. The same refusal again adds nothing."""
    same = (withholding.practice, withholding.asked_at, True)
    if any((asked.practice, asked.at, asked.withheld) == same for asked in history.asked):
        return []
    return [
        RecordWithheld(
            practice=withholding.practice,
            asked_at=withholding.asked_at,
            answer=withholding.answer,
            by=by,
            delivery=delivery,
        )
    ]


def answer(
    history: Objections, given: RecordAnswer, *, by: str, delivery: str | None
) -> list[Event]:
    """A practice sent the patient's record: worth keeping where it had refused it before that."""
    if not any(
        asked.practice == given.practice and asked.at < given.answered_at
        for asked in history.withheld
    ):
        return []
    return [
        RecordAnswered(
            practice=given.practice, answered_at=given.answered_at, by=by, delivery=delivery
        )
    ]
