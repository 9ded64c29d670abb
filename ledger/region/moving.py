"""A practice that moves from SystmOne to Vision, and what gets lost on the way (LC05 LC06 SH12).

It goes its own way: it sends by itself, takes part in no collection, and has type 1 objections alone.
"""

from dataclasses import replace
from datetime import date, timedelta

from ledger.domain.clinical_systems import Supplier
from ledger.domain.entries import Setting
from ledger.domain.purposes import Purpose
from ledger.region.dice import dice
from ledger.region.practices import Practice, another_practice
from ledger.region.record import Patient, Record
from ledger.region.region import Mover, Region, Settled
from ledger.region.scene import Scene
from ledger.region.spelling import spelt
from ledger.region.timeline import REBULK, Month
from ledger.region.truth import OPEN, Expected, Trap

_MOVES_IN = Month(2016, 1)
_OBJECT_IN = Month(2015, 3)
_QUIET_PATIENTS, _CARRIED, _LOST = 30, 4, 2


def move_on(region: Region) -> None:
    """Let it record objections in the one system, and most of them come along to the other."""
    before = another_practice(region.plan, Supplier.TPP)
    record = region.open_record(before)
    rng = dice(region.seed, "moving", before.code)
    for _ in range(_QUIET_PATIENTS):
        registered = date(1985, 1, 1) + timedelta(days=rng.randrange(28 * 365))
        region.new_patient(before, registered, rng)
    along = [_objecting(region, before, n).patient for n in range(_CARRIED)]
    for n in range(_LOST):
        _objecting(region, before, _CARRIED + n)
    withdrawn = _objecting(region, before, _CARRIED + _LOST)
    withdrawn.withdrawal(entered=withdrawn.later(months=4))
    left = _objecting(region, before, _CARRIED + _LOST + 1)
    left.patient.left = left.later(months=5)
    after = replace(before, supplier=Supplier.INPS, joins=_MOVES_IN.last_day, loses_patients=True)
    region.movers.append(Mover(record, _carried_over(record, after, along)))
    _settings(region, before)
    _tell(region, after, along, (withdrawn.patient, left.patient))


def _objecting(region: Region, practice: Practice, n: int) -> Scene:
    scene = Scene(region, practice, _OBJECT_IN, dice(region.seed, "moving", practice.code, n))
    scene.dissent()
    return scene


def _carried_over(record: Record, after: Practice, along: list[Patient]) -> Record:
    """The record as the new system has it: patients who are still there, and what came along."""
    moved = Record(after)
    copies = {
        patient.id: replace(patient, practice=after, sent=list(patient.sent))
        for patient in record.patients
        if patient.left is None
    }
    moved.patients.extend(copies.values())
    brought = {patient.id for patient in along}
    for line in record.lines:
        if line.said is not None and line.patient.id in brought:
            said = line.said
            assert isinstance(said.purpose, Purpose), "it has objections of our purposes alone"
            year = said.entered.year
            code = spelt(Supplier.INPS, said.purpose, said.statement, year=year)
            told = line._replace(
                entry=moved.next_entry(),
                patient=copies[line.patient.id],
                said=said._replace(spelt=code),
            )
            moved.lines.append(told)
    return moved


def _settings(region: Region, practice: Practice) -> None:
    """Both boxes unticked in the old system, and one of them in the new one."""
    told = (
        (date(2014, 6, 2), Setting.AUTO_SHARE_OUT),
        (date(2014, 6, 2), Setting.AUTO_SHARE_IN),
        (date(2016, 2, 3), Setting.AUTO_SHARE_IN),
    )
    region.settled += [Settled(practice, day, setting, "off") for day, setting in told]


def _tell(region: Region, after: Practice, along: list[Patient], gone: tuple[Patient, ...]) -> None:
    moved_on = _MOVES_IN.last_day
    for rule, purpose, since, why in (
        ("LC05", "", moved_on, f"{_LOST} objections did not come along to Vision"),
        ("LC06", "", REBULK.last_day, "a bulk with a third of the patients"),
        (
            "SH12",
            Purpose.SHARE_OUT,
            moved_on + timedelta(days=7),
            "automatic share-out was not set again in Vision",
        ),
    ):
        found = Expected(
            rule, after.code, after.supplier, "", purpose, OPEN, since.isoformat(), why
        )
        region.truth.findings.append(found)
    for patient in along:
        trap = "came along with its dates under another id"
        told = Trap(trap, after.code, patient.nhs_number, "LC05 CO12", "it is the same objection")
        region.truth.traps.append(told)
    for patient in gone:
        trap = "withdrawn, or gone, before the move"
        told = Trap(trap, after.code, patient.nhs_number, "LC05", "there was nothing to bring")
        region.truth.traps.append(told)
