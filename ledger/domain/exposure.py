"""Who was released while objecting, from when to when, and through whose failure?

The objection counts from the day the patient meant it from, whether or not anyone knew of it when
the data left (B5). What was known then is asked only to say whose failure it was.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from ledger.domain.policies import Answer, Standing, decide
from ledger.domain.purposes import Purpose
from ledger.domain.releases import Release
from ledger.domain.rule import PatientHistory


class Failure(StrEnum):
    """Where an objection was lost on its way to whoever released the data."""

    PRACTICE = "practice"  # entered late, deleted, or not yet known to anybody else
    SUPPLIER = "supplier"  # recorded, and left out of a collection that should have carried it
    NHS_DIGITAL = "NHS Digital"  # carried there, and released all the same
    EXTRACT_SERVICE = "extract service"  # known to the ledger, which was not asked
    US = "us"  # known to the ledger, which was asked: the release names a check of ours
    NOBODY = "nobody"  # entered in time, and no collection had been due


class Objected(NamedTuple):
    """An objection that held when the data left: the entry that decides, from which day the patient
    objected without a break, and the day on which that ended, if it has.
    """

    because: Standing
    since: date
    until: date | None


class Exposed(NamedTuple):
    """A patient who was released while objecting; `known` says whether the ledger could tell then."""

    objected: Objected
    known: bool
    failure: Failure


def objected(history: PatientHistory, release: Release) -> Objected | None:
    """The objection that held when the data left, by the policy; None where none did.

    That a record was withheld is no objection: nobody can tell, and so nobody is accused.
    """
    stands = history.standing(release.purpose)
    before = [s for s in stands if not _surely_after(s, release)]
    decision = decide(before, release.day)
    if decision.answer is not Answer.OBJECTING or decision.because is None:
        return None
    since = decision.because.counts_on
    for day in sorted({s.counts_on for s in before if s.counts_on <= release.day}, reverse=True):
        if decide(before, day).answer is not Answer.OBJECTING:
            break
        since = day
    after = sorted({s.counts_on for s in stands if s.counts_on >= release.day})
    ended = (day for day in after if decide(stands, day).answer is not Answer.OBJECTING)
    return Objected(decision.because, since, next(ended, None))


def exposure(history: PatientHistory, release: Release, *, known: bool) -> Exposed | None:
    """The patient's exposure by this release; None where they did not object to it.

    `known`: whether the ledger, as it was when the data left, would have said that they object.
    """
    held = objected(history, release)
    if held is None:
        return None
    dissents = [
        s
        for s in history.dissents(release.purpose)
        if held.since <= s.counts_on <= release.day and not _surely_after(s, release)
    ]
    return Exposed(held, known, _failure(history, release, dissents, known=known))


def _surely_after(stands: Standing, release: Release) -> bool:
    """Whether it counts from the very day of the release, and was entered that day when it had left.

    What was entered on a later day may have been meant from the morning: that counts as before.
    """
    entered_at = stands.entry.event.entered_at
    return (
        stands.counts_on == release.day == stands.entry.entered_on
        and entered_at is not None
        and entered_at > release.released_at
    )


def _failure(
    history: PatientHistory, release: Release, dissents: Sequence[Standing], *, known: bool
) -> Failure:
    type_2 = release.purpose is Purpose.TYPE_2
    if type_2 and _carried(history, release, dissents):
        return Failure.NHS_DIGITAL
    there = [s for s in dissents if _in_the_record(s, release)]
    if not there:
        return Failure.PRACTICE
    if type_2 and _missed(history, release, there):
        return Failure.SUPPLIER
    if known:
        # Until receipts themselves are looked at, a check of ours is presumed to have been wrong.
        return Failure.EXTRACT_SERVICE if release.receipt is None else Failure.US
    return Failure.NOBODY if type_2 else Failure.PRACTICE


def _carried(history: PatientHistory, release: Release, dissents: Iterable[Standing]) -> bool:
    """Whether a collection that ended before the release had brought one of them to NHS Digital."""
    ends = [t.event.period_end for t in history.objections.transmissions]
    return any(s.entry.entered_on <= end < release.day for s in dissents for end in ends)


def _in_the_record(stands: Standing, release: Release) -> bool:
    """Whether the entry stood in the practice's record when the data left."""
    removed = stands.entry.removed
    entered_at = stands.entry.event.entered_at
    entered = (
        stands.entry.entered_on <= release.day
        if entered_at is None
        else entered_at <= release.released_at
    )
    return entered and (removed is None or removed.recorded_at > release.released_at)


def _missed(history: PatientHistory, release: Release, dissents: Iterable[Standing]) -> bool:
    """Whether a collection that ended before the release should have carried one of them (TX01)."""
    return any(
        s.entry.event.practice in collection.practices
        and s.entry.entered_on <= collection.period_end < release.day
        for s in dissents
        for collection in history.collections
    )
