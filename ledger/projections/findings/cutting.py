"""Where does a batch of events end, so that findings do not depend on where it happens to?

Everybody is judged at a moment: at what was handed in by itself, at a release, or at the end of a
delivery. A batch holds either what was handed in by itself, or a release, or deliveries. Several deliveries make one batch
where none can matter to what is asked at the end of another: a statement for all of them takes no
longer than one for each, and there may be a delivery a practice every night.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain, takewhile
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Connection, String, bindparam, func, select

from ledger.domain.events import (
    ActionTaken,
    AgreementChanged,
    DeliveryNoted,
    DeliveryReceived,
    DeliveryRefused,
    EntryRecorded,
    EntryRemoved,
    EntryUnmatched,
    ExtractReleased,
    FindingDismissed,
    FindingReopened,
    Kept,
    OrganisationListed,
    OrganisationUnlisted,
    PracticeClosed,
    RowsRefused,
    ShareInCreated,
    ShareInEnded,
    SharingSettingChanged,
    ThresholdsAdopted,
    TransmissionUnconfirmed,
)
from ledger.domain.objections import practice_day
from ledger.domain.streams import patient_of, practice_of
from ledger.projections.findings import left_behind, tables
from ledger.projections.findings.book import Moment
from ledger.store.projection import Batch

# What a practice does by itself, and its rules learn from.
ITS_OWN_DOING = (
    SharingSettingChanged,
    OrganisationListed,
    OrganisationUnlisted,
    ShareInCreated,
    ShareInEnded,
    AgreementChanged,
    ActionTaken,
    FindingDismissed,
    FindingReopened,
)
# At these, everybody who has to be judged is judged. Of a refused delivery, for whoever stood in it
# is unconfirmed (TX09).
_CLOSING = (
    DeliveryReceived,
    DeliveryRefused,
    ExtractReleased,
    FindingDismissed,
    FindingReopened,
)


def hands_in(kept: Kept) -> bool:
    """Whether this was handed in by itself: whose it is is judged at once."""
    return kept.event.delivery is None and patient_of(kept.stream) is not None


def is_alone(batch: Batch) -> bool:
    """Whether the batch is of what was handed in by itself."""
    return bool(batch.events) and hands_in(batch.events[0])


def ends_a_batch(kept: Kept) -> bool:
    """Whether somebody is judged at this event: the end of a delivery, a practice's own doing, or a
    release, for which rules are told what was known when it was told of.
    """
    if isinstance(kept.event, DeliveryReceived | ExtractReleased):
        return True
    return kept.event.delivery is None and isinstance(kept.event, ITS_OWN_DOING)


def closes(batch: Batch) -> bool:
    """Whether everybody who has to be judged is judged at the end of this batch."""
    return bool(batch.events) and isinstance(batch.events[-1].event, _CLOSING)


class Part(NamedTuple):
    """What came together, and is judged at the last of it."""

    events: Sequence[Kept]

    @property
    def moment(self) -> Moment:
        """When everything in it was known."""
        return Moment(self.events[-1].position, self.events[-1].recorded_at)

    @property
    def patients(self) -> set[UUID]:
        """Those of whom it tells."""
        patients = {patient_of(kept.stream) for kept in self.events}
        return {patient for patient in patients if patient is not None}

    @property
    def practices(self) -> set[str]:
        """The practices of which it tells, in whatever stream."""
        codes: set[str] = set()
        for kept in self.events:
            if isinstance(kept.event, TransmissionUnconfirmed):
                # It tells of a patient, and nothing of the practice that was not heard.
                continue
            own, named = practice_of(kept.stream), getattr(kept.event, "practice", None)
            codes |= {code for code in (own, named) if code is not None}
            if isinstance(kept.event, PracticeClosed):
                codes |= {succession.practice for succession in kept.event.successors}
        return codes | self.delivering

    @property
    def delivering(self) -> set[str]:
        """The practices whose data it is."""
        last = self.events[-1].event
        if isinstance(last, DeliveryReceived) and last.clinical_system is not None:
            return set(last.practices)
        return set()


def parts(batch: Batch) -> list[Part]:
    """The deliveries in a batch; the last may be still under way."""
    return list(_parts(batch.events))


def cut(connection: Connection, events: Sequence[Kept]) -> int:
    """How many of these events make the next batch."""
    alone = len(list(takewhile(hands_in, events)))
    if alone:
        return alone
    deliveries = _parts(takewhile(lambda kept: not hands_in(kept), events))
    first = next(deliveries)
    count = len(first.events)
    if not _is_plain(first) or (second := next(deliveries, None)) is None:
        return count
    known = _known(connection)
    named: set[str] = set()
    day = practice_day(first.moment.recorded_at)
    for part in chain((first, second), deliveries):
        codes = part.practices
        if (
            codes & named
            or not _is_plain(part)
            or practice_day(part.moment.recorded_at) != day
            or _is_late(part, known.collected_until)
            or left_behind.matters_elsewhere(part.events, known.judged_by, here=codes)
            or _is_awaited(connection, codes - known.heard)
        ):
            break
        named |= codes
        if part is not first:
            count += len(part.events)
    return count


class _Known(NamedTuple):
    heard: frozenset[str]
    collected_until: date
    judged_by: Mapping[UUID, set[str]]


def _known(connection: Connection) -> _Known:
    """The practices that have delivered since the last period end of a collection, that day, and
    by whom practices were judged that have to be judged again.
    """
    practices, collections = tables.practices.c, tables.collections.c
    until = connection.execute(select(func.max(collections.period_end))).scalar() or date.min
    heard = select(practices.practice).where(practices.delivering, practices.delivered_on >= until)
    judged_by = left_behind.judged_by(connection)
    return _Known(frozenset(connection.execute(heard).scalars()), until, judged_by)


def _is_awaited(connection: Connection, codes: Collection[str]) -> bool:
    """Whether somebody waits for one of these practices."""
    if not codes:
        return False
    unheard = tables.patients.c.unheard
    named = unheard.op("&&")(bindparam(None, sorted(codes), ARRAY(String)))
    waiting = select(tables.patients.c.patient).where(func.cardinality(unheard) > 0, named)
    return connection.execute(waiting.limit(1)).first() is not None


def _parts(events: Iterable[Kept]) -> Iterator[Part]:
    together: list[Kept] = []
    for kept in events:
        together.append(kept)
        if ends_a_batch(kept) or isinstance(kept.event, (*_CLOSING, ThresholdsAdopted)):
            yield Part(together)
            together = []
    if together:
        yield Part(together)


def _is_plain(part: Part) -> bool:
    """Whether it is a whole delivery that tells of patients, and of nothing else."""
    *told, last = part.events
    return (
        isinstance(last.event, DeliveryReceived)
        and last.event.speaks_for_the_practice
        and all(
            patient_of(kept.stream) is not None
            or isinstance(kept.event, EntryUnmatched | RowsRefused | DeliveryNoted)
            for kept in told
        )
    )


def _is_late(part: Part, collected_until: date) -> bool:
    """Whether it changes what should have stood in a collection: then suppliers are asked about,
    and other practices at which the patient has entries.
    """
    return any(_changes_collected(kept, collected_until) for kept in part.events)


def _changes_collected(kept: Kept, collected_until: date) -> bool:
    match kept.event:
        case EntryRemoved() | EntryRecorded(replaces=int()):
            # What is gone may have been entered at any time.
            return collected_until > date.min
        case EntryRecorded(entered_at=entered_at):
            return practice_day(entered_at or kept.recorded_at) <= collected_until
        case _:
            return False
