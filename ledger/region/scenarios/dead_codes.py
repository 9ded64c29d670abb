"""Type 2 codes after their end, entered anew or come along with a record (CO04 CO05)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import date, timedelta

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose
from ledger.region.scene import Scene, take_turns
from ledger.region.timeline import Month

TYPE_2 = Purpose.TYPE_2
_MOVES_TO = {
    Supplier.TPP: Supplier.EMIS,
    Supplier.EMIS: Supplier.TPP,
    Supplier.INPS: Supplier.MICROTEST,
    Supplier.MICROTEST: Supplier.INPS,
}
# A practice outside the region: its own files come to another ledger.
_FAR_AWAY = "X99A1"
_NEVER = date(2020, 1, 1)


def dead_code(s: Scene) -> None:
    s.dissent(TYPE_2)
    s.find("CO04", "a template still added the type 2 code", purpose=TYPE_2)


def dead_code_removed(s: Scene) -> None:
    entry = s.dissent(TYPE_2)
    s.remove(entry, s.later(months=1))
    s.find("CO04", "the practice took the code out again", closed=True, purpose=TYPE_2)
    s.quiet("a dead code removed", "LC01", "it did nothing, so nothing is lost")


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


def old_code_removed(s: Scene) -> None:
    s.newcomer(s.month.first_day)
    entry = s.dissent(TYPE_2, effective=date(2015, 6, 1) + timedelta(days=s.rng.randrange(300)))
    s.remove(entry, s.later(months=1))
    why = "GP2GP brought an old type 2 code, and the practice took it out"
    s.find("CO05", why, closed=True, purpose=TYPE_2)
    s.quiet("an old code removed", "CO04 LC01 TX01", why)


def move_within_the_region(s: Scene) -> None:
    entered = Month(2014, 8).first_day + timedelta(days=10)
    s.dissent(TYPE_2, entered=entered)
    s.patient.left = s.month.first_day
    new = next(take_turns(s.region.practices, _MOVES_TO[s.practice.supplier]))
    s.send_record(s.later(days=1), to=new.code)
    arrival = Scene(s.region, new, s.month, s.rng)
    arrival.patient = s.region.new_patient(
        new, s.month.first_day, s.rng, nhs_number=s.patient.nhs_number
    )
    arrival.dissent(TYPE_2, effective=entered, entered=s.later(days=2))
    why = "moved between two practices of the region, and the record followed"
    arrival.find("CO05", why, purpose=TYPE_2)
    arrival.quiet("GP2GP within the region", "CO04 TX01", why)


def old_code_seen_in_the_sent_record(s: Scene) -> None:
    came_with = date(2015, 6, 1) + timedelta(days=s.rng.randrange(300))
    s.dissent(TYPE_2, effective=came_with, reaches_extract=_NEVER)
    s.send_record(s.later(months=1), to=_FAR_AWAY)
    why = "nobody saw the old code here until GP2GP sent it on with the record"
    s.find("CO05", why, purpose=TYPE_2)
    s.quiet("GP2GP, and no registration of late", "CO04 TX01", why)
