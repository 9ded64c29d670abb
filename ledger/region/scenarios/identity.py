"""NHS numbers that are missing or wrong, and patients who are none (ID01)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from ledger.domain.purposes import Purpose
from ledger.region.nhs_numbers import mistyped
from ledger.region.scene import Scene


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
    s.dissent(Purpose.TYPE_2)
    s.quiet("test patient", "TX01 CO12", "kept out of everything downstream")
