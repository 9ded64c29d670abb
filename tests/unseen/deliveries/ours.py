"""The files whose layout is the ledger's own: entries, collections, conversions, settings
(docs/formats.md 8).
"""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.unseen.codes import collected_as
from tests.unseen.deliveries.tables import Cells, write
from tests.unseen.practices import EMIS, EVOLUTION, ORDINARY
from tests.unseen.record import Row
from tests.unseen.when import CUT_OFF, collected, end
from tests.unseen.world import World

LONDON = ZoneInfo("Europe/London")
_ENTRIES = (
    "PracticeCode EntryId NHSNumber Code EffectiveDate EnteredAt Action ClinicalSystem CodeSystem "
    "EnteredBy Term DateOfBirth RegisteredOn DeregisteredOn DiedOn"
)
_COLLECTION = "CollectionId PeriodEnd Supplier PracticeCode NHSNumber CodeSystem Code EffectiveDate"
MISPRINTED = end(2017, 12)
# When those entered until a day had become national data opt-outs, all of them as the law had it.
CONVERTED = {
    date(2018, 5, 25): date(2018, 5, 25),
    date(2018, 7, 5): date(2018, 6, 30),
    date(2018, 8, 5): date(2018, 7, 31),
    date(2018, 9, 5): date(2018, 8, 31),
    date(2018, 10, 25): CUT_OFF,
}


def entries(
    world: World, code: str, where: Path, *, after: datetime | None, until: datetime
) -> Path | None:
    """What a practice of Evolution lists; no file where there is nothing to list."""
    owners = {member.id: member for who in world.people for member in who.memberships.values()}
    told = []
    for row in world.rows:
        if row.system is EVOLUTION and row.practice == code and row.states.changed(after, until):
            said = row.states.at(until) or row.states.last()
            here = owners[said.patient].states.at(until) or owners[said.patient].states.last()
            since, left = here.spells[-1]
            told.append(
                {
                    **_what(row, until),
                    "NHSNumber": here.number,
                    "DateOfBirth": here.born.isoformat(),
                    "RegisteredOn": since.isoformat(),
                    "DeregisteredOn": left.isoformat() if left else "",
                    "DiedOn": here.died.isoformat() if here.died else "",
                }
            )
    if not told:
        return None
    return write(where / f"entries_{code}_{until:%Y%m%d}.csv", _ENTRIES, told)


def _what(row: Row, until: datetime) -> Cells:
    said = row.states.at(until) or row.states.last()
    effective = said.effective.isoformat() if isinstance(said.effective, date) else said.effective
    system = {"9": "readv2", "X": "ctv3", "8": "snomed-ct"}[(said.native or said.snomed)[0]]
    return {
        "PracticeCode": row.practice,
        "EntryId": str(row.id),
        "Code": said.native or said.snomed,
        "EffectiveDate": effective or "",
        "EnteredAt": zoned(said.entered) if said.entered else "",
        "Action": "remove" if row.states.at(until) is None else "record",
        "ClinicalSystem": "evolution",
        "CodeSystem": system,
        "EnteredBy": said.user,
        "Term": said.term,
    }


def zoned(moment: datetime) -> str:
    """By the clocks of the United Kingdom, with the offset they had."""
    return moment.replace(tzinfo=LONDON).isoformat()


def collection(world: World, period_end: date, where: Path) -> Path:
    """Who took part in that period, and whom they reported."""
    name = f"{period_end:%Y-%m}"
    told: list[Cells] = []
    if period_end == MISPRINTED:  # a row is refused, and the others are taken
        told.append(
            {"CollectionId": name, "PeriodEnd": period_end.isoformat(), "Supplier": "EMIS",
             "PracticeCode": ORDINARY[EMIS][0], "NHSNumber": "9991234560",
             "CodeSystem": "readv2", "Code": "9Nu4.", "EffectiveDate": ""}
        )  # fmt: skip
    for practice in world.practices.values():
        gone = practice.closes is not None and practice.closes <= period_end
        if not practice.collected or gone or practice.joins > period_end:
            continue
        if (practice.code, period_end) in world.absent:
            continue
        system = practice.system(period_end)
        head = {
            "CollectionId": name,
            "PeriodEnd": period_end.isoformat(),
            "Supplier": system.supplier.value,
            "PracticeCode": practice.code,
        }
        vocabulary, code = collected_as(system)
        members = [
            {**head, "NHSNumber": who.number, "CodeSystem": vocabulary, "Code": code,
             "EffectiveDate": carriage.since.isoformat()}
            for who in world.people
            for carriage in who.carried
            if carriage.practice == practice.code and carriage.covers(period_end)
            and (who.number, period_end) not in world.left_out
        ]  # fmt: skip
        told += members or [head]
    return write(where / f"collection_{name}_{collected(period_end):%Y%m%d}.csv", _COLLECTION, told)


def refused_batch(world: World, on: date, where: Path) -> Path:
    """A batch whose file lacks a column: nothing in it can be taken."""
    told = [
        {
            "CollectionId": f"{on:%Y-%m}-batch",
            "PeriodEnd": (on - timedelta(days=2)).isoformat(),
            "Supplier": world.practices[who.at].system(on).supplier.value,
            "PracticeCode": who.at,
            "NHSNumber": who.number,
            "EffectiveDate": who.carried[-1].since.isoformat(),
        }
        for who in world.refused_batches[on]
    ]
    columns = _COLLECTION.replace(" CodeSystem Code", "")
    name = f"collection_{on:%Y-%m}-batch_{on:%Y%m%d}.csv"
    return write(where / name, columns, told)


def conversion(world: World, on: date, where: Path) -> Path:
    """Whose type 2 objections became national data opt-outs by that day."""
    last = CONVERTED[on]
    before = max((day for day in CONVERTED.values() if day < last), default=date.min)
    told = [
        {"NHSNumber": who.number, "ConvertedOn": on.isoformat(), "Source": "MG"}
        for who in world.people
        if who.objects_since is not None
        and before < who.objects_since <= last
        and who.number not in world.not_converted
    ]
    name = f"conversion_{on:%m}_{on:%Y%m%d}.csv"
    return write(where / name, "NHSNumber ConvertedOn Source", told)


def settings(world: World, on: date, where: Path) -> Path:
    """What practices changed of their sharing settings that day."""
    told = [
        {
            "PracticeCode": one.practice,
            "ChangedAt": zoned(one.at),
            "ChangedBy": "501",
            "Setting": one.setting,
            "Value": one.value,
            "Organisation": one.organisation,
            "Reason": one.reason,
        }
        for one in world.settings
        if one.at.date() == on
    ]
    columns = "PracticeCode ChangedAt ChangedBy Setting Value Organisation Reason"
    return write(where / f"sharing_region_{on:%Y%m%d}.csv", columns, told)
