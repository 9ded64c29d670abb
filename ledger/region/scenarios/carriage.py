"""What collections lack or have too much by chance, besides what TPP left out (TX01 TX07 TX08)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import timedelta

from ledger.domain.purposes import Purpose
from ledger.region.region import NEVER, Phantom
from ledger.region.scene import Scene
from ledger.region.timeline import COLLECTIONS, REBULK, Month

TYPE_2 = Purpose.TYPE_2


def never_carried(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.region.left_out[s.patient.nhs_number] = NEVER


def carried_late(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.region.left_out[s.patient.nhs_number] = frozenset((s.month, s.month.plus(1)))


def small_cohort(s: Scene) -> None:
    for _ in range(3):
        s.newcomer(s.patient.registered)
        s.dissent(TYPE_2)
        s.region.left_out[s.patient.nhs_number] = frozenset((s.month,))
    s.quiet("small cohort", "TX02", "three of a dozen missed one collection: chance")


def carried_without_entry(s: Scene) -> None:
    months = frozenset(s.month.until(s.month.plus(2)))
    s.region.phantoms.append(Phantom(s.practice, s.patient.nhs_number, months))
    if s.practice.is_asked_patient_by_patient:
        why = "of a practice that is asked patient by patient nobody knows all entries"
        s.quiet("carried, and nobody asked", "TX07", why)
    else:
        since = s.month.last_day
        s.find("TX07", "carried, and nobody ever objected", purpose=TYPE_2, since=since)


def entry_lost_on_the_way(s: Scene) -> None:
    s.dissent(TYPE_2, reaches_extract=s.later(months=1))
    why = "the row missed one extract and came with the next"
    s.find("TX07", why, closed=True, purpose=TYPE_2, since=s.month.last_day)


def entry_lost_until_the_bulk(s: Scene) -> None:
    s.dissent(TYPE_2, reaches_extract=REBULK.first_day + timedelta(days=4))
    why = "the deltas lost the row; the second bulk brought it"
    s.find("TX07", why, closed=True, purpose=TYPE_2, since=COLLECTIONS[0].last_day)


def carried_after_withdrawal(s: Scene) -> None:
    withdrawn = Month(2016, 11)
    s.dissent(TYPE_2)
    s.withdrawal(TYPE_2, entered=withdrawn.first_day + timedelta(days=8))
    s.region.still_carried[s.patient.nhs_number] = frozenset(withdrawn.until(withdrawn.plus(2)))
    since = withdrawn.plus(1).last_day
    s.find("TX08", "the supplier did not see the withdrawal", purpose=TYPE_2, since=since)


def carried_in_the_period_of_the_withdrawal(s: Scene) -> None:
    withdrawn = Month(2017, 11)
    s.dissent(TYPE_2)
    s.withdrawal(TYPE_2, entered=withdrawn.first_day + timedelta(days=8))
    s.region.still_carried[s.patient.nhs_number] = frozenset((withdrawn,))
    s.quiet("withdrawn within the period", "TX08", "the withdrawal may come too late for it")
