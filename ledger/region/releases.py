"""What NHS Digital released to fictional recipients, quarter by quarter, and whose data was in it.

A release left out whoever the newest collection had carried, as it should; so what collections
lacked went out. Besides patients of the region each holds people the ledger has never heard of.

Drawn are only patients of whom nothing is odd, so that what has to be found follows from the days
alone; of others a scenario says it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose
from ledger.region.dice import dice
from ledger.region.practices import Practice
from ledger.region.region import Objector, Region
from ledger.region.timeline import COLLECTED_AFTER, COLLECTIONS, RELEASED_ON
from ledger.region.transmission import Transmission
from ledger.region.truth import OPEN, Expected

LEFT_AT = time(9)
_RECIPIENTS = ("HARBOUR INSTITUTE", "VELLANBY UNIVERSITY", "LARKENSHAW INSIGHT LTD")
# On the first of these days a release named no receipt, on the other neither that nor practices.
_UNRECEIPTED, _UNTOLD = date(2017, 3, 20), date(2016, 12, 20)
MAX_AGE = 45
# Longer than any practice waited with its next delivery.
_ON_ITS_WAY = timedelta(days=100)
# SystmOne's delivery of August had failed by then, and its newest was of July.
_STALE_ON = date(2017, 9, 20)


@dataclass(slots=True)
class Release:
    """One release, with the NHS numbers that were in it."""

    day: date
    recipient: str
    receipt: str
    relied_on: tuple[Practice, ...]
    members: set[str] = field(default_factory=set)

    @property
    def left_at(self) -> datetime:
        """When it left."""
        return datetime.combine(self.day, LEFT_AT, UTC)


def release(region: Region, transmission: Transmission) -> list[Release]:
    """Make every release, and put into the truth who was in it against their wish."""
    released = [_release(region, number, day) for number, day in enumerate(RELEASED_ON)]
    for one in released:
        carried = _carried(transmission, one.day)
        rng = dice(region.seed, "released", one.day)
        for objector in region.objectors:
            if rng.random() >= region.plan.released or objector.patient.nhs_number in carried:
                continue
            if not _is_plain(objector, one.day):
                continue
            one.members.add(objector.patient.nhs_number)
            if _objects(objector, one.day):
                region.truth.findings.append(_against_their_wish(objector, one.day))
        quiet = (p.nhs_number for p in region.quiet)
        one.members.update(n for n in quiet if rng.random() < region.plan.released_of_quiet)
        one.members.update(n for n, days in region.released.items() if one.day in days)
        one.members.update(islice(region.numbers, region.plan.strangers))
        region.truth.findings.extend(_about_practices(one))
    return released


def _release(region: Region, number: int, day: date) -> Release:
    untold = day == _UNTOLD
    return Release(
        day,
        recipient=_RECIPIENTS[number % len(_RECIPIENTS)],
        receipt="" if untold or day == _UNRECEIPTED else f"check-{day:%Y%m}",
        relied_on=() if untold else tuple(_relied_on(region)),
    )


def _relied_on(region: Region) -> Iterator[Practice]:
    """The first practice of SystmOne and of EMIS, and the one of EMIS that joins late."""
    for supplier in (Supplier.TPP, Supplier.EMIS):
        yield next(p for p in region.practices if p.supplier is supplier)
    yield next(p for p in region.practices if p.supplier is Supplier.EMIS and p.joins_late)


def _carried(transmission: Transmission, day: date) -> frozenset[str]:
    """Whom the newest collection had carried that had arrived by this day."""
    newest = max(m for m in COLLECTIONS if m.last_day + COLLECTED_AFTER < day)
    return frozenset(transmission.numbers([newest]))


def _is_plain(objector: Objector, day: date) -> bool:
    """Whether the days alone say what is found. Of the very day nobody can tell which was first, and
    of a withdrawal that is still on its way the ledger learns only after the release.
    """
    if objector.entered == day:
        return False
    return objector.withdrawn is None or not day - _ON_ITS_WAY <= objector.withdrawn <= day


def _objects(objector: Objector, day: date) -> bool:
    return (
        objector.purpose is Purpose.TYPE_2
        and objector.entered < day
        and (objector.withdrawn is None or objector.withdrawn > day)
    )


def _against_their_wish(objector: Objector, day: date) -> Expected:
    practice = objector.patient.practice
    return Expected(
        rule="DS01",
        practice=practice.code,
        supplier=practice.supplier,
        nhs_number=objector.patient.nhs_number,
        purpose=Purpose.TYPE_2,
        state=OPEN,
        since=day.isoformat(),
        why="released while objecting",
    )


def _about_practices(one: Release) -> Iterator[Expected]:
    if not one.receipt:
        for practice in one.relied_on or (None,):
            yield _about("DS03", practice, one.day, "the release names no receipt")
    for practice in one.relied_on:
        if practice.joins > one.day:
            yield _about("DS02", practice, one.day, "nothing had been delivered yet")
        elif practice.supplier is Supplier.TPP and one.day == _STALE_ON:
            yield _about("DS02", practice, one.day, "the delivery of the month before had failed")


def _about(rule: str, practice: Practice | None, day: date, why: str) -> Expected:
    code, supplier = (practice.code, practice.supplier.value) if practice else ("", "")
    return Expected(rule, code, supplier, "", Purpose.TYPE_2, OPEN, day.isoformat(), why)
