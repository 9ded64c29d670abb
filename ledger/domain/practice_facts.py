"""What is a rule about a practice told besides what stands in the practice's own stream?

Of organisations on its lists what the register says; of its entries who entered or removed many of
them; of its bulks how much they held; of each clinical system how new what it last delivered is.
"""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.events import DeliveryReceived, EntryRecorded, EntryRemoved, Kept
from ledger.domain.objections import PRACTICE_CLOCK


class InRegister(NamedTuple):
    """What the register says of an organisation.

    `closed_on`: the day it closed or will. `known` is false where a register that would have it
    does not (docs/adr/0029). `position` and `recorded_at`: where its end is known from.
    """

    known: bool
    closed_on: date | None = None
    position: int | None = None
    recorded_at: datetime | None = None


class Edit(NamedTuple):
    """An entry that a user of the practice's system entered, or one that a delivery's row removed.

    `who` is the user as the system names them; of a removal the delivery, for no format tells whose
    it was, nor at what time: `at` is then when the ledger learnt of it.
    """

    position: int
    at: datetime
    who: str
    removed: bool


class Bulk(NamedTuple):
    """A delivery with everything a practice has: all its entries, all its patients, or both.

    `patients` is None where it does not have them all, `entries` false likewise.
    """

    position: int
    dated: datetime
    clinical_system: ClinicalSystem
    entries: bool
    patients: int | None


class Heard(NamedTuple):
    """A practice's clinical system delivered what it held at that moment."""

    practice: str
    clinical_system: ClinicalSystem
    dated: datetime


def edit_told_by(kept: Kept) -> Edit | None:
    """The edit an event tells of; None where it tells none, or not who or not when.

    A row that was told again with a change is no new entry. Midnight is what readers make of a day
    without an hour. What a bulk merely lacks was removed by no row.
    """
    match kept.event:
        case EntryRecorded(replaces=None, entered_by=str() as who, entered_at=datetime() as at):
            if at.astimezone(PRACTICE_CLOCK).time() == time():
                return None
            return Edit(kept.position, at, who, removed=False)
        case EntryRemoved(delivery=str() as delivery) as event if event.source:
            return Edit(kept.position, kept.recorded_at, delivery, removed=True)
        case _:
            return None


def bulks_told_by(kept: Kept) -> Iterator[tuple[str, Bulk]]:
    """The practices of which a delivery was a bulk, and how much it held of each."""
    event = kept.event
    if not isinstance(event, DeliveryReceived) or event.clinical_system is None:
        return
    patients = {told.practice: told.patients for told in event.patients or ()}
    entries = frozenset(event.bulk or ())
    for practice in sorted(entries | patients.keys()):
        told = (event.clinical_system, practice in entries, patients.get(practice))
        yield practice, Bulk(kept.position, event.dated, *told)


def heard_by(kept: Kept) -> Iterator[Heard]:
    """The practices whose system a delivery is from, and up to when it tells."""
    event = kept.event
    if isinstance(event, DeliveryReceived) and event.speaks_for_the_practice:
        for practice in event.practices:
            assert event.clinical_system is not None, "it speaks for the practice"
            yield Heard(practice, event.clinical_system, event.dated)
