"""Dissents that were deleted, some of them when the patient died (LC01 LC02)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import timedelta

from ledger.domain.purposes import Purpose
from ledger.region.scene import Scene
from ledger.region.timeline import REBULK, Month


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
    entry = s.dissent(Purpose.TYPE_2)
    s.remove(entry, Month(2017, 3).first_day + timedelta(days=9))
    s.find("LC01", "deleted after collections had carried it", purpose=Purpose.TYPE_2)


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


def vanished_at_death(s: Scene) -> None:
    entry = s.dissent()
    died = s.later(months=2)
    s.dies(died)
    s.remove(entry, died + timedelta(days=3))
    if s.practice.sends_entries:
        s.quiet(
            "gone at a death that was not told", "LC02", "a list tells a death with an entry only"
        )
    else:
        s.find("LC02", "taken out of the record of a patient who died")
    s.find("LC01", "nobody withdrew it")


def kept_at_death(s: Scene) -> None:
    s.dissent()
    s.dies(s.later(months=2))
    s.quiet("a dissent outlives the patient", "LC02 LC01 DT02", "it stays in the record")


def withdrawn_before_death(s: Scene) -> None:
    entry = s.dissent()
    s.withdrawal(entered=s.later(months=3))
    s.dies(s.later(months=5))
    s.remove(entry, s.later(months=5, days=3))
    s.quiet("withdrawn in life", "LC02 LC01", "what was withdrawn is not lost")
