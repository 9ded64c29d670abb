"""The national register of practices, and which clinical system each uses (docs/formats.md 6.1)."""

import csv
from pathlib import Path

from ledger.region.region import Region

_FIELDS = 27
# A community service that practices may share with: in the register, and no GP practice.
COMMUNITY_SERVICE = "X99C0"
# Another, which closed before anything began.
CLOSED_SERVICE, _CLOSED_ON = "X99C1", "20130331"


def write_register(directory: Path, region: Region) -> None:
    """Write epraccur.csv and systems.csv."""
    directory.mkdir(parents=True)
    practices = (*region.practices, *(mover.before.practice for mover in region.movers))
    listed = [_line(p.code, p.name, setting="4") for p in practices]
    listed.append(_line(COMMUNITY_SERVICE, "EXAMPLETOWN COMMUNITY NURSING", setting="8"))
    closed = _line(CLOSED_SERVICE, "EXAMPLETOWN WALK-IN CENTRE", setting="1", closed=_CLOSED_ON)
    listed.append(closed)
    with (directory / "epraccur.csv").open("w", encoding="ascii", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(listed)
    with (directory / "systems.csv").open("w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(("ODSCode", "Supplier"))
        writer.writerows((p.code, p.supplier.value) for p in practices)


def _line(code: str, name: str, *, setting: str, closed: str = "") -> list[str]:
    # By the field numbers of the published description, which count from 1.
    told = {
        1: code, 2: name, 3: "Y99", 4: "Q99", 5: "1 EXAMPLE ROAD", 7: "EXAMPLETOWN",
        10: "ZZ99 3CZ", 11: "19740401", 12: closed, 13: "C" if closed else "A", 14: "B", 15: "99X", 16: "20130401",
        18: "01632 960000", 22: "0", 24: "99X", 26: setting,
    }  # fmt: skip
    return [told.get(field, "") for field in range(1, _FIELDS + 1)]
