"""The releases as files: one list of numbers each, and beside them what was told of each."""

import csv
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ledger.domain.purposes import Purpose
from ledger.region.releases import MAX_AGE, Release

_TOLD = "releases.csv"
_HEADER = ("File", "ReleasedAt", "Recipient", "Purpose", "Receipt", "ReliedOn", "MaxAge")


class ToldOf(NamedTuple):
    """One release as it is to be told; `max_age` in days."""

    path: Path
    released_at: datetime
    recipient: str
    purpose: Purpose
    receipt: str | None
    relied_on: frozenset[str]
    max_age: int


def write_releases(directory: Path, releases: Iterable[Release]) -> None:
    """Write the lists, and what was told of each."""
    directory.mkdir(parents=True)
    lines: list[Sequence[str]] = []
    for one in releases:
        name = f"release_{one.day:%Y%m%d}.csv"
        _write(directory / name, ["NHSNumber"], ([number] for number in sorted(one.members)))
        relied_on = " ".join(practice.code for practice in one.relied_on)
        at = one.left_at.isoformat()
        told = (name, at, one.recipient, Purpose.TYPE_2.value, one.receipt, relied_on, str(MAX_AGE))
        lines.append(told)
    _write(directory / _TOLD, _HEADER, lines)


def read_releases(directory: Path) -> list[ToldOf]:
    """What `write_releases` wrote, in the order in which it left."""
    with (directory / _TOLD).open(encoding="utf-8", newline="") as file:
        _, *rows = csv.reader(file)
    return [
        ToldOf(
            directory / name,
            datetime.fromisoformat(at),
            recipient,
            Purpose(purpose),
            receipt or None,
            frozenset(relied_on.split()),
            int(max_age),
        )
        for name, at, recipient, purpose, receipt, relied_on, max_age in rows
    ]


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
