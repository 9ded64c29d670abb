"""Whose entry it is: dummies for numbers, children, rows that change hands, patients who move
(ID02 ID04 ID05 ID06 ID07 ID08 ID09 DT04).
"""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import date, timedelta

from ledger.domain.clinical_systems import Supplier
from ledger.region.scene import Scene, take_turns
from ledger.region.timeline import Month

# A dummy of its own for each supplier: two patients with one number would be one patient.
_DUMMIES = {Supplier.TPP: "1", Supplier.EMIS: "2", Supplier.INPS: "3", Supplier.MICROTEST: "4"}
_AND_LATER = {Supplier.TPP: "5", Supplier.EMIS: "6", Supplier.INPS: "7", Supplier.MICROTEST: "8"}
_MOVES_TO = {
    Supplier.TPP: Supplier.EMIS,
    Supplier.EMIS: Supplier.TPP,
    Supplier.INPS: Supplier.TPP,
    Supplier.MICROTEST: Supplier.EMIS,
}
_YEAR = 365.25


def dummy_number(s: Scene) -> None:
    s.is_sent_as(_DUMMIES[s.practice.supplier] * 10)
    s.dissent()
    s.find("ID02", "ten equal digits for an NHS number", named=False)


def dummy_number_put_right(s: Scene) -> None:
    s.is_sent_as(_AND_LATER[s.practice.supplier] * 10)
    s.dissent()
    s.number_is_corrected(s.later(months=2))
    why = "the patient's own number came two months later"
    s.find("ID02", why, named=False, closed=True)
    s.quiet("a dummy, then the patient's own number", "ID09 LC01", "it was one patient all along")


def chosen_for_a_child(s: Scene) -> None:
    _is_aged(s, 6)
    s.dissent()
    s.find("ID07", "a parent objected for a child of six")
    s.quiet("a child still", "ID08", "the child is not thirteen by the end of 2018")


def child_turns_thirteen(s: Scene) -> None:
    _is_aged(s, 12)
    s.dissent()
    s.find("ID07", "a parent objected for a child of twelve")
    s.find("ID08", "the child turned thirteen, and was not asked")


def child_confirms_at_thirteen(s: Scene) -> None:
    _is_aged(s, 12)
    s.dissent()
    s.dissent(entered=s.later(months=14))
    s.find("ID07", "a parent objected for a child of twelve")
    s.find("ID08", "the patient confirmed it at thirteen", closed=True)
    s.find("CO12", "the patient's own word, beside the parent's")


def chosen_at_thirteen(s: Scene) -> None:
    _is_aged(s, 13)
    s.dissent()
    s.quiet("a choice at thirteen", "ID07 ID08", "from thirteen on patients choose themselves")


def _is_aged(s: Scene, years: int) -> None:
    """The patient is some months older than that."""
    s.newcomer(s.day - timedelta(days=700))
    s.patient.born = s.day - timedelta(days=int(years * _YEAR) + 120)


def row_changes_hands(s: Scene) -> None:
    entry = s.dissent()
    first = s.patient
    why = "the same row named one patient, and then another"
    s.find("ID09", why)
    s.find("LC01", "the row that was the first patient's is somebody else's now")
    s.newcomer(first.registered)
    s.hand_over(entry, s.later(months=1))
    s.find("ID09", why)


def row_changes_hands_and_is_withdrawn(s: Scene) -> None:
    entry = s.dissent()
    first = s.patient
    s.withdrawal(entered=s.later(months=3))
    why = "the practice withdrew what had been coded for the wrong patient"
    s.find("ID09", why, closed=True)
    s.find("LC01", why, closed=True)
    s.newcomer(first.registered)
    s.hand_over(entry, s.later(months=1))
    s.find("ID09", why, closed=True)


def entered_before_registering(s: Scene) -> None:
    s.newcomer(s.day + timedelta(days=4))
    s.dissent()
    s.find("DT04", "entered four days before the patient registered")


def entered_on_registering(s: Scene) -> None:
    s.newcomer(s.day)
    s.dissent()
    s.quiet(
        "entered on the day of registering", "DT04", "new patients are asked when they register"
    )


def left_behind(s: Scene) -> None:
    s.dissent()
    arrival = _moves(s)
    arrival.find("ID05", "the type 1 stayed at the former practice")


def left_behind_then_coded(s: Scene) -> None:
    s.dissent()
    arrival = _moves(s)
    arrival.dissent(effective=s.day, entered=arrival.later(months=2))
    arrival.find("ID05", "the new practice coded it after two months", closed=True)
    arrival.quiet("coded again after a move", "ID06 DT04 ID04", "both records have it now")


def moved_with_objection(s: Scene) -> None:
    s.dissent()
    arrival = _moves(s)
    arrival.dissent(effective=s.day)
    arrival.quiet("moved, and coded at once", "ID05 ID06 ID04", "the new practice coded it")


def objected_after_moving(s: Scene) -> None:
    arrival = _moves(s)
    arrival.dissent(entered=arrival.later(months=3))
    s.find("ID06", "the former practice still holds the record, without the objection")


def at_two_practices(s: Scene) -> None:
    s.dissent()
    _registers_elsewhere(s, s.month.plus(3)).find(
        "ID04", "registered at two practices, and objecting at the first"
    )


def _moves(s: Scene) -> Scene:
    """The patient leaves in three months and registers elsewhere in the month after that."""
    s.patient.left = s.later(months=3)
    return _registers_elsewhere(s, s.month.plus(4))


def _registers_elsewhere(s: Scene, month: Month) -> Scene:
    new = next(take_turns(s.region.practices, _MOVES_TO[s.practice.supplier]))
    arrival = Scene(s.region, new, month, s.rng)
    registered: date = month.first_day
    arrival.patient = s.region.new_patient(new, registered, s.rng, nhs_number=s.patient.nhs_number)
    arrival.patient.born = s.patient.born
    return arrival
