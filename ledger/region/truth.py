"""What the ledger has to find in the region, and what it must stay quiet about.

Written by whoever plants an error at the moment of planting it, never by asking a rule.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

OPEN, CLOSED = "open", "closed"


class Expected(NamedTuple):
    """A finding that must be there once everything is ingested, in this state, and only once.

    `since` is empty where the catalogue's words leave the day open.
    """

    rule: str
    practice: str
    supplier: str
    nhs_number: str
    purpose: str
    state: str
    since: str
    why: str


class Trap(NamedTuple):
    """Something planted that looks like an error and is none: `rules` must not find it."""

    trap: str
    practice: str
    nhs_number: str
    rules: str
    why: str


@dataclass(slots=True)
class Truth:
    """All findings that must be there, none other; and the traps."""

    findings: list[Expected] = field(default_factory=list)
    traps: list[Trap] = field(default_factory=list)


def write_truth(directory: Path, truth: Truth) -> None:
    """Write the truth beside the deliveries."""
    folder = directory / "truth"
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "truth.csv", Expected._fields, sorted(truth.findings))
    _write(folder / "traps.csv", Trap._fields, sorted(truth.traps))


def read_truth(directory: Path) -> Truth:
    """The truth that `build_region` wrote into this directory, in the order of the file."""
    return Truth(
        findings=[Expected(*row) for row in _read(directory / "truth" / "truth.csv")],
        traps=[Trap(*row) for row in _read(directory / "truth" / "traps.csv")],
    )


def _write(path: Path, header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))[1:]
