"""Dissents and withdrawals that do not agree with each other, and those that do (CO01 CO02 CO03 CO09 CO12)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import timedelta

from ledger.domain.purposes import Purpose
from ledger.region.scene import Scene
from ledger.region.spelling import Spelt

TYPE_2 = Purpose.TYPE_2


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
    s.find("DT05", "coded a month after the day it was meant from")


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


def coded_twice(s: Scene) -> None:
    _code_twice(s)
    s.find("CO09", "one statement in two rows, one for each vocabulary")


def coded_twice_tidied(s: Scene) -> None:
    s.remove(_code_twice(s), s.later(months=1))
    s.find("CO09", "the second row was taken out a month later", closed=True)
    s.quiet("a duplicate tidied up", "LC01", "the same dissent stands in the other row")


def _code_twice(s: Scene) -> int:
    native, snomed = s.exact(Purpose.TYPE_1)
    first = s.dissent(code=Spelt(native, ""))
    in_snomed = Spelt("ESCTDI2" if s.is_emis else "", snomed)
    return s.dissent(entered=s.entered_at(first), code=in_snomed)


def restated(s: Scene) -> None:
    s.dissent()
    s.dissent(entered=s.later(months=14))
    s.find("CO12", "the same choice again, a year on")
    s.quiet("restated", "CO09 CO01 LC01", "the same choice again, a year on")


def restated_type_2(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.dissent(TYPE_2, entered=s.later(months=27))
    s.find("CO12", "the same choice again, two years on", purpose=TYPE_2)
    s.quiet("restated type 2", "TX01", "the first dissent is carried all along")


def change_of_mind(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.withdrawal(TYPE_2, entered=s.later(months=22))
    s.dissent(TYPE_2, entered=s.later(months=29))
    s.quiet("objected, withdrew, objected", "CO01 CO02 CO03", "three choices on three dates")
