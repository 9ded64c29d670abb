"""The ordinary course of things: patients who object each month, and the few who withdraw."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import cycle, islice

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose
from ledger.region.dice import dice
from ledger.region.plan import Between
from ledger.region.practices import Practice
from ledger.region.region import Objector, Region
from ledger.region.scene import Scene
from ledger.region.timeline import (
    FIRST_MONTH,
    LAST_MONTH,
    LAST_TYPE_2,
    PUBLICITY,
    Month,
    month_of,
    working_day,
)
from ledger.region.truth import Trap

# A withdrawal comes this long after its dissent: never within two deliveries, of which the later
# may tell of both at once.
_SOONEST, _LATEST = 70, 900
# Of a month's type 2 dissents this part falls to the practice that joins late: so the others
# reach a full cohort without it.
_LATECOMER = 20


def live_on(region: Region) -> None:
    """Five years of ordinary objections at every practice, and patients who have none."""
    for month in FIRST_MONTH.until(LAST_MONTH):
        for purpose, practice in _objectors(region, month):
            _object(region, practice, purpose, month)
    for practice in region.practices:
        _register_quiet_patients(region, practice)
    region.truth.traps.append(
        Trap("publicity", "", "", "LC04 TX03", f"many new type 1 objections in {PUBLICITY}")
    )


def _objectors(region: Region, month: Month) -> Iterator[tuple[Purpose, Practice]]:
    plan, rng = region.plan, dice(region.seed, "objectors", month)

    def drawn(between: Between) -> int:
        return rng.randint(between.least, between.most)

    able = [p for p in region.practices if not _out_of_order(p, month)]
    evolution = [p for p in able if p.supplier is Supplier.MICROTEST]
    others = [p for p in able if p.supplier is not Supplier.MICROTEST]
    for practices, between in ((others, plan.type_1), (evolution, plan.type_1_evolution)):
        type_1 = drawn(between) * (plan.surge if month == PUBLICITY else 1)
        for practice in _shared(practices, type_1, month):
            yield Purpose.TYPE_1, practice
    if month > LAST_TYPE_2:
        return
    able = [p for p in able if p.type_2_from <= month]
    for supplier, between in plan.type_2.items():
        practices = [p for p in able if p.supplier is supplier]
        total = drawn(between)
        if supplier is Supplier.TPP:
            latecomers = [p for p in practices if p.joins_late]
            practices = [p for p in practices if not p.joins_late]
            for_latecomers = max(1, total // _LATECOMER)
            total -= for_latecomers
            for practice in _shared(latecomers, for_latecomers, month):
                yield Purpose.TYPE_2, practice
        for practice in _shared(practices, total, month):
            yield Purpose.TYPE_2, practice


def _shared(practices: Sequence[Practice], total: int, month: Month) -> Iterator[Practice]:
    """Practices in turn, another one first each month."""
    first = (month.year * 12 + month.month) * total % len(practices)
    return islice(cycle(practices), first, first + total)


def _out_of_order(practice: Practice, month: Month) -> bool:
    """Whether the agreement is disabled for part of the month: such a practice enters nothing, so
    that what is lost in those months are deletes alone.
    """
    return practice.is_disabled(month.last_day) or practice.is_disabled(month.first_day)


def _object(region: Region, practice: Practice, purpose: Purpose, month: Month) -> None:
    rng = dice(region.seed, practice.code, purpose, month, len(region.record(practice).patients))
    scene = Scene(region, practice, month, rng)
    entered = working_day(month.first_day, month.last_day, rng)
    scene.dissent(purpose, entered=entered)
    withdrawn_on = None
    if rng.random() < region.plan.withdrawn:
        withdrawn = _weekday(entered + timedelta(days=rng.randint(_SOONEST, _LATEST)))
        last = LAST_TYPE_2 if purpose is Purpose.TYPE_2 else LAST_MONTH
        in_order = not _out_of_order(practice, month_of(withdrawn))
        if withdrawn <= last.last_day and in_order:
            scene.withdrawal(purpose, entered=withdrawn)
            withdrawn_on = withdrawn
    region.objectors.append(Objector(scene.patient, purpose, entered, withdrawn_on))


def _weekday(day: date) -> date:
    return day - timedelta(days=max(0, day.weekday() - 4))


def _register_quiet_patients(region: Region, practice: Practice) -> None:
    """Patients without an objection; a fifth of them registers within the five years."""
    rng = dice(region.seed, practice.code, "quiet")
    begin, end = FIRST_MONTH.first_day, LAST_MONTH.first_day
    for i in range(region.plan.quiet_patients):
        if i % 5:
            registered = date(1985, 1, 1) + timedelta(days=rng.randrange(28 * 365))
        else:
            registered = working_day(begin, end, rng)
        region.quiet.append(region.new_patient(practice, registered, rng))
