"""The national register, the list of systems, and a merger as ODS tells it (docs/formats.md 6.1 6.2)."""

import json
from datetime import date
from pathlib import Path

from tests.unseen.deliveries.tables import lines, write
from tests.unseen.practices import CLOSING, MERGED_ON, SUCCESSOR, Practice
from tests.unseen.world import World

_LONG_CLOSED = date(2015, 12, 31)
# Trusts, hospices and clinics that practices share with.
ORGANISATIONS = tuple(
    f"X9P{number:02}" if number < 100 else f"X9P{number}" for number in range(1, 206)
)


def register(world: World, where: Path, *, on: date) -> Path:
    """`epraccur.csv` as of that day."""
    told = [_practice(practice, on) for practice in world.practices.values() if practice.listed]
    for code in ORGANISATIONS:
        closed = world.closed_organisations.get(code)
        gone = closed if closed is not None and closed <= on else None
        told.append(_line(code, "C" if gone else "A", "0", gone))
    return lines(where / f"epraccur-{on:%Y%m%d}.csv", told)


def _practice(practice: Practice, on: date) -> list[str]:
    gone = practice.closes if practice.closes is not None and practice.closes <= on else None
    if practice.listed == "C":
        gone = _LONG_CLOSED
    return _line(practice.code, "C" if gone else practice.listed, practice.setting, gone)


def _line(code: str, status: str, setting: str, closed: date | None) -> list[str]:
    told = {1: code, 2: f"PLACE {code}", 10: "ZZ99 9ZZ", 11: "19740401", 13: status, 14: "B"}
    told |= {12: f"{closed:%Y%m%d}" if closed else "", 15: "99X", 26: setting}
    return [told.get(number, "") for number in range(1, 28)]


def systems(world: World, where: Path, *, on: date) -> Path:
    """Who uses which system on that day."""
    told = [
        {"ODSCode": one.code, "Supplier": one.system(on).supplier.value}
        for one in world.practices.values()
        if one.listed
    ]
    return write(where / f"ods-to-supplier-{on:%Y%m%d}.csv", "ODSCode Supplier", told)


def merger(where: Path) -> Path:
    """The closing practice, and who has its patients."""
    answer = {
        "Organisation": {
            "Name": f"PLACE {CLOSING}",
            "Date": [{"Type": "Operational", "Start": "1974-04-01", "End": MERGED_ON.isoformat()}],
            "OrgId": {"extension": CLOSING},
            "Status": "Inactive",
            "Roles": {"Role": [{"id": "RO76", "Status": "Inactive"}]},
            "Succs": {
                "Succ": [
                    {
                        "Type": "Successor",
                        "Date": [{"Type": "Legal", "Start": MERGED_ON.isoformat()}],
                        "Target": {"OrgId": {"extension": SUCCESSOR}},
                    }
                ]
            },
        }
    }
    path = where / f"ord-{MERGED_ON:%Y%m%d}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(answer), encoding="utf-8")
    return path
