"""From which day is what an event tells so? Where it does not say, from the day it became known."""

from datetime import date, datetime

from ledger.domain.events import (
    AgreementChanged,
    CollectionReceived,
    Deregistered,
    Died,
    EntryStated,
    ExtractReleased,
    Kept,
    NeighbourRecorded,
    ObjectionConverted,
    ObjectionTransmitted,
    OrganisationListed,
    OrganisationUnlisted,
    PracticeClosed,
    RecordAnswered,
    RecordWithheld,
    Registered,
    ShareInCreated,
    ShareInEnded,
    SharingSettingChanged,
    SystemChanged,
)
from ledger.domain.objections import practice_day


def so_from(kept: Kept) -> date:
    """The day, at the practice."""
    told = _told(kept)
    if isinstance(told, datetime):
        return practice_day(told)
    return told or practice_day(kept.recorded_at)


def _told(kept: Kept) -> date | datetime | None:
    match kept.event:
        case EntryStated() | NeighbourRecorded() as event:
            return event.effective_on or event.entered_at
        case (
            SharingSettingChanged()
            | OrganisationListed()
            | OrganisationUnlisted()
            | ShareInCreated()
            | ShareInEnded()
        ) as event:
            return event.changed_at
        case ObjectionTransmitted() | CollectionReceived() as event:
            return event.period_end
        case AgreementChanged() as event:
            return event.modified_at
        case PracticeClosed() as event:
            return event.closed_on
        case SystemChanged() as event:
            return event.since
        case Registered() as event:
            return event.registered_on
        case Deregistered() as event:
            return event.deregistered_on
        case Died() as event:
            return event.died_on
        case ObjectionConverted() as event:
            return event.converted_on
        case RecordWithheld() as event:
            return event.asked_at
        case RecordAnswered() as event:
            return event.answered_at
        case ExtractReleased() as event:
            return event.released_at
        case _:
            return None
