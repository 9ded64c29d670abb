"""THE TABLE of what is planted: one line an error or a trap, and a few lines of what happens.

A scenario happens at ordinary practices, at each of the suppliers it names, in the month it names.
Most use type 1, which no collection carries, so that an error of coding stays an error of coding.
What follows for transmission from a type 2 entry is told in `transmission.py`, for all alike.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose
from ledger.region.dice import dice
from ledger.region.nhs_numbers import mistyped
from ledger.region.region import NEVER, Phantom, Region
from ledger.region.scene import Scene, take_turns
from ledger.region.spelling import Spelt
from ledger.region.timeline import COLLECTIONS, Month

TYPE_2 = Purpose.TYPE_2
TPP, EMIS = (Supplier.TPP,), (Supplier.EMIS,)
BOTH = TPP + EMIS
# SRCode comes whole once more in this month: what is gone by then leaves no row, and what the
# deltas lost turns up.
REBULK = Month(2016, 9)


class Scenario(NamedTuple):
    """What happens, at which suppliers' practices, in which month."""

    plant: Callable[[Scene], None]
    suppliers: tuple[Supplier, ...]
    year: int
    month: int


def plant_all(region: Region) -> None:
    """Act out every scenario, as often as the plan asks for."""
    turns = {supplier: take_turns(region.practices, supplier) for supplier in BOTH}
    for scenario in SCENARIOS:
        for supplier in scenario.suppliers:
            for n in range(region.plan.plantings):
                practice = next(turns[supplier])
                month = Month(scenario.year, scenario.month)
                rng = dice(region.seed, scenario.plant.__name__, practice.code, month, n)
                scenario.plant(Scene(region, practice, month, rng))


# --- coding


def same_day_conflict(s: Scene) -> None:
    s.dissent()
    s.withdrawal(effective=s.day, entered=s.later(days=3))
    s.find("CO01", "a withdrawal was given the date of the dissent")


def same_day_conflict_answered(s: Scene) -> None:
    s.dissent()
    s.withdrawal(effective=s.day, entered=s.later(days=3))
    s.withdrawal(entered=s.later(months=2))
    s.find("CO01", "the patient was asked, and withdrew again later", closed=True)


def same_day_pair_with_one_removed(s: Scene) -> None:
    s.dissent()
    withdrawal = s.withdrawal(effective=s.day, entered=s.later(days=3))
    s.remove(withdrawal, s.later(days=4))
    s.quiet("same day, one removed", "CO01", "the withdrawal was gone before the next extract")


def withdrawal_alone(s: Scene) -> None:
    s.withdrawal()
    s.find("CO02", "nothing was ever recorded that could be withdrawn")


def withdrawal_whose_dissent_turns_up(s: Scene) -> None:
    s.withdrawal()
    s.dissent(effective=s.day - timedelta(days=2), entered=s.later(months=1))
    s.find("CO02", "the dissent was coded later, with its own date", closed=True)


def withdrawal_with_its_dissent(s: Scene) -> None:
    s.dissent()
    s.withdrawal(entered=s.later(days=8))
    s.quiet("withdrawn in the same delivery", "CO02 CO01", "dissent and withdrawal came together")


def withdrawal_with_its_type_2_dissent(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.withdrawal(TYPE_2, entered=s.later(days=8))
    s.quiet("withdrawn before the period end", "TX01 CO02", "no collection should have carried it")


def back_dated_withdrawal(s: Scene) -> None:
    s.dissent()
    s.withdrawal(effective=s.day - timedelta(days=20), entered=s.later(days=6))
    s.find("CO03", "the withdrawal bears a date before the dissent")


def back_dated_withdrawal_corrected(s: Scene) -> None:
    s.dissent()
    withdrawal = s.withdrawal(effective=s.day - timedelta(days=20), entered=s.later(days=6))
    s.amend(withdrawal, s.later(months=1), effective=s.later(days=6))
    s.find("CO03", "the date of the withdrawal was corrected", closed=True)


def dead_code(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.find("CO04", "a template still added the type 2 code", purpose=TYPE_2)


def dead_withdrawal(s: Scene) -> None:
    s.dissent(TYPE_2, entered=Month(2014, 9).first_day + timedelta(days=8))
    s.withdrawal(TYPE_2)
    s.find("CO04", "type 2 was withdrawn after its end, which does nothing", purpose=TYPE_2)


def dead_code_of_a_temporary_resident(s: Scene) -> None:
    s.patient.elsewhere = (s.day - timedelta(days=9),)
    s.dissent(TYPE_2, effective=s.day)
    s.find("CO04", "registered elsewhere of late, but here for years", purpose=TYPE_2)


def record_comes_with_patient(s: Scene) -> None:
    s.newcomer(s.month.first_day)
    s.dissent(TYPE_2, effective=date(2015, 6, 1) + timedelta(days=s.rng.randrange(300)))
    why = "GP2GP brought an old type 2 code to the patient's new practice"
    s.find("CO05", why, purpose=TYPE_2)
    s.quiet("GP2GP re-entry", "CO04 TX01", why)


def record_follows_patient(s: Scene) -> None:
    s.newcomer(s.month.first_day - timedelta(days=11))
    s.dissent(TYPE_2, effective=date(2016, 6, 1) + timedelta(days=s.rng.randrange(300)))
    why = "registered in one delivery, and GP2GP brought the old type 2 code in the next"
    s.find("CO05", why, purpose=TYPE_2)
    s.quiet("GP2GP re-entry a month on", "CO04 TX01", why)


def move_within_the_region(s: Scene) -> None:
    entered = Month(2014, 8).first_day + timedelta(days=10)
    s.dissent(TYPE_2, entered=entered)
    s.patient.left = s.month.first_day
    other = Supplier.TPP if s.is_emis else Supplier.EMIS
    new = next(take_turns(s.region.practices, other))
    arrival = Scene(s.region, new, s.month, s.rng)
    arrival.patient = s.region.new_patient(
        new, s.month.first_day, s.rng, nhs_number=s.patient.nhs_number
    )
    arrival.dissent(TYPE_2, effective=entered, entered=s.later(days=2))
    why = "moved between two practices of the region, and the record followed"
    arrival.find("CO05", why, purpose=TYPE_2)
    arrival.quiet("GP2GP within the region", "CO04 TX01", why)


MISSPELT_SYSTMONE = (
    (Spelt("xaz89", ""), "case alone"),
    (Spelt("XZa89", ""), "two letters swapped"),
    (Spelt("XaZ 89", ""), "a blank inside"),
    (Spelt("", "8.27241E+14"), "a SNOMED CT id that a spreadsheet rounded"),
)
MISSPELT_EMIS = (
    (Spelt("9nu0.", ""), "case alone"),
    (Spelt("9Nuo.", ""), "the letter o for nought"),
    (Spelt("9N u0.", ""), "a blank inside"),
    (Spelt("ESCTDI1", "8.27241E+14"), "a SNOMED CT id that a spreadsheet rounded"),
)
MISSPELT_TYPE_2 = {Supplier.TPP: Spelt("xaaVL", ""), Supplier.EMIS: Spelt("9nu4.", "")}
MISSPELT_WITHDRAWAL = {Supplier.TPP: Spelt("XaZ8a", ""), Supplier.EMIS: Spelt("9nu1.", "")}


def malformed_codes(s: Scene) -> None:
    for code, how in MISSPELT_EMIS if s.is_emis else MISSPELT_SYSTMONE:
        s.newcomer(s.patient.registered)
        s.dissent(code=code, exact=False)
        s.find("CO07", how)


def malformed_code_corrected(s: Scene) -> None:
    for code, how in (MISSPELT_EMIS if s.is_emis else MISSPELT_SYSTMONE)[:2]:
        s.newcomer(s.patient.registered)
        entry = s.dissent(code=code, exact=False)
        s.amend(entry, s.later(months=1), code=s.exact(Purpose.TYPE_1))
        s.find("CO07", f"{how}; corrected in the same row", closed=True)


def malformed_withdrawal(s: Scene) -> None:
    s.dissent()
    code = MISSPELT_WITHDRAWAL[s.practice.supplier]
    s.withdrawal(code=code, exact=False, entered=s.later(months=3))
    s.find("CO07", "nearly a withdrawal: never taken for one")
    s.quiet("a code near a withdrawal", "CO01 CO02 CO03", "it does not count as a withdrawal")


def malformed_type_2(s: Scene) -> None:
    s.dissent(TYPE_2, code=MISSPELT_TYPE_2[s.practice.supplier], exact=False)
    s.find("CO07", "nearly a type 2 dissent, so no collection knows it", purpose=TYPE_2)


def coded_twice(s: Scene) -> None:
    native, snomed = s.exact(Purpose.TYPE_1)
    entered = s.day
    first = s.dissent(entered=entered, code=Spelt(native, ""))
    moment = s.entered_at(first)
    s.dissent(entered=moment, code=Spelt("ESCTDI2" if s.is_emis else "", snomed))
    s.find("CO09", "one statement in two rows, one for each vocabulary")


def undated(s: Scene) -> None:
    s.dissent(effective="")
    s.find("CO11", "no date")


def undated_then_dated(s: Scene) -> None:
    entry = s.dissent(effective="")
    s.amend(entry, s.later(months=2), effective=s.day)
    s.find("CO11", "no date at first; added later", closed=True)


def unreadable_date(s: Scene) -> None:
    s.dissent(effective=f"{s.day.year}-02-31", entered=s.later(days=4))
    s.find("CO11", "31 February")


def partial_dates(s: Scene) -> None:
    for effective, how in ((f"{s.day:%Y-%m}", "only a month"), (f"{s.day:%Y}", "only a year")):
        s.newcomer(s.patient.registered)
        s.dissent(effective=effective)
        s.find("CO11", how)


def restated(s: Scene) -> None:
    s.dissent()
    s.dissent(entered=s.later(months=14))
    s.quiet("restated", "CO09 CO01 LC01", "the same choice again, two years on")


def restated_type_2(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.dissent(TYPE_2, entered=s.later(months=27))
    s.quiet("restated type 2", "TX01", "the first dissent is carried all along")


def change_of_mind(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.withdrawal(TYPE_2, entered=s.later(months=22))
    s.dissent(TYPE_2, entered=s.later(months=29))
    s.quiet("objected, withdrew, objected", "CO01 CO02 CO03", "three choices on three dates")


def other_spellings(s: Scene) -> None:
    s.dissent(code=Spelt("9Nu0-1", s.exact(Purpose.TYPE_1).snomed))
    s.quiet("a synonym", "CO07", "EMIS writes synonyms with -1")


# --- dates


def future_date(s: Scene) -> None:
    s.dissent(effective=s.later(months=1))
    s.find("DT01", "effective a month after it was entered")


def future_date_corrected(s: Scene) -> None:
    entry = s.dissent(effective=s.day + timedelta(days=365))
    s.amend(entry, s.later(months=1), effective=s.day)
    s.find("DT01", "the year was mistyped; corrected", closed=True)


def future_withdrawal(s: Scene) -> None:
    s.dissent()
    s.withdrawal(entered=s.later(months=2), effective=s.later(months=5))
    s.find("DT01", "a withdrawal to come does not count")


def a_day_ahead(s: Scene) -> None:
    s.dissent(effective=s.day + timedelta(days=1))
    s.quiet("one day ahead", "DT01", "entered at night, effective the next day")


# --- identity


def no_number(s: Scene) -> None:
    s.is_sent_as("")
    s.dissent()
    s.find("ID01", "no NHS number", named=False)


def wrong_number(s: Scene) -> None:
    s.is_sent_as(mistyped(s.patient.nhs_number))
    s.dissent()
    s.find("ID01", "the check digit is wrong", named=False)


def number_put_right(s: Scene) -> None:
    s.is_sent_as(mistyped(s.patient.nhs_number))
    s.dissent()
    s.number_is_corrected(s.later(months=2))
    s.find("ID01", "the NHS number was corrected two months later", named=False, closed=True)
    s.quiet("unmatched, then matched", "ID01 open", "its entry belongs to the patient now")


def test_patient(s: Scene) -> None:
    s.patient.test = True
    s.dissent()
    s.dissent(TYPE_2)
    s.quiet("test patient", "TX01 CO12", "kept out of everything downstream")


# --- lifecycle


def removed(s: Scene) -> None:
    entry = s.dissent()
    s.remove(entry, s.later(months=1))
    s.find("LC01", "deleted, and no withdrawal was coded")


def removed_then_withdrawn(s: Scene) -> None:
    entry = s.dissent()
    s.remove(entry, s.later(months=1))
    s.withdrawal(entered=s.later(months=3))
    s.find("LC01", "deleted; the withdrawal was coded two months later", closed=True)


def removed_type_2(s: Scene) -> None:
    entry = s.dissent(TYPE_2)
    s.remove(entry, Month(2017, 3).first_day + timedelta(days=9))
    s.find("LC01", "deleted after collections had carried it", purpose=TYPE_2)


def missing_from_the_bulk(s: Scene) -> None:
    entry = s.dissent()
    s.remove(entry, REBULK.first_day + timedelta(days=12))
    s.find("LC01", "no row says so: it is only missing from the second bulk")


def removed_and_coded_again(s: Scene) -> None:
    entry = s.dissent()
    day = s.later(months=1)
    s.remove(entry, day)
    s.dissent(effective=s.day, entered=day)
    s.quiet("removed and coded again", "LC01", "corrected in one delivery")


def removed_before_anyone_knew(s: Scene) -> None:
    entry = s.dissent()
    s.remove(entry, s.later(days=2))
    s.quiet("entered and removed between two extracts", "LC01", "no extract ever showed it")


# --- transmission, besides what TPP left out


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


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(same_day_conflict, BOTH, 2015, 6),
    Scenario(same_day_conflict_answered, BOTH, 2016, 2),
    Scenario(same_day_pair_with_one_removed, BOTH, 2016, 7),
    Scenario(withdrawal_alone, BOTH, 2014, 5),
    Scenario(withdrawal_whose_dissent_turns_up, BOTH, 2015, 10),
    Scenario(withdrawal_with_its_dissent, BOTH, 2016, 5),
    Scenario(withdrawal_with_its_type_2_dissent, BOTH, 2017, 5),
    Scenario(back_dated_withdrawal, BOTH, 2016, 11),
    Scenario(back_dated_withdrawal_corrected, BOTH, 2017, 2),
    Scenario(dead_code, BOTH, 2018, 11),
    Scenario(dead_code, BOTH, 2018, 12),
    Scenario(dead_withdrawal, BOTH, 2018, 11),
    Scenario(dead_code_of_a_temporary_resident, TPP, 2018, 12),
    Scenario(record_comes_with_patient, BOTH, 2018, 11),
    Scenario(record_follows_patient, BOTH, 2018, 12),
    Scenario(move_within_the_region, BOTH, 2018, 11),
    Scenario(malformed_codes, BOTH, 2018, 5),
    Scenario(malformed_code_corrected, BOTH, 2016, 4),
    Scenario(malformed_withdrawal, BOTH, 2015, 3),
    Scenario(malformed_type_2, BOTH, 2016, 12),
    Scenario(coded_twice, BOTH, 2018, 6),
    Scenario(undated, BOTH, 2015, 4),
    Scenario(undated_then_dated, BOTH, 2016, 1),
    Scenario(unreadable_date, BOTH, 2017, 4),
    Scenario(partial_dates, EMIS, 2016, 3),
    Scenario(restated, BOTH, 2015, 5),
    Scenario(restated_type_2, BOTH, 2014, 10),
    Scenario(change_of_mind, BOTH, 2014, 11),
    Scenario(other_spellings, EMIS, 2015, 2),
    Scenario(future_date, BOTH, 2015, 9),
    Scenario(future_date_corrected, BOTH, 2017, 10),
    Scenario(future_withdrawal, BOTH, 2016, 6),
    Scenario(a_day_ahead, BOTH, 2016, 8),
    Scenario(no_number, BOTH, 2015, 11),
    Scenario(wrong_number, BOTH, 2017, 11),
    Scenario(number_put_right, BOTH, 2016, 10),
    Scenario(test_patient, BOTH, 2015, 7),
    Scenario(removed, BOTH, 2016, 3),
    Scenario(removed_then_withdrawn, BOTH, 2017, 1),
    Scenario(removed_type_2, BOTH, 2014, 12),
    Scenario(missing_from_the_bulk, TPP, 2016, 5),
    Scenario(removed_and_coded_again, BOTH, 2017, 6),
    Scenario(removed_before_anyone_knew, BOTH, 2015, 8),
    Scenario(never_carried, BOTH, 2016, 10),
    Scenario(never_carried, EMIS, 2018, 7),
    Scenario(carried_late, EMIS, 2017, 1),
    Scenario(carried_late, EMIS, 2017, 10),
    Scenario(small_cohort, EMIS, 2018, 6),
    Scenario(carried_without_entry, BOTH, 2017, 2),
    Scenario(carried_without_entry, BOTH, 2018, 1),
    Scenario(entry_lost_on_the_way, EMIS, 2017, 3),
    Scenario(entry_lost_until_the_bulk, TPP, 2015, 2),
)
