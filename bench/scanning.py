"""How long does it take to find our few rows in a supplier's bulk file?

Ours is the whole reader (`ledger/readers/systmone.py`): it checks every row of the file, then picks
and reads ours. A bare Polars scan asks for the same rows and trusts the file. Python's csv module
shows what it would be without either. Each runs in a Python of its own, for its peak of memory.
"""

import csv
import json
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import IO

import polars as pl

from bench.databases import Databases
from bench.reporting import Line, Report
from bench.timing import in_turn, load, seconds
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import scan_pattern
from ledger.readers import systmone
from ledger.readers.delivery import Format, Found
from ledger.region.noise import COMMON, NEIGHBOURS
from ledger.region.systmone_columns import code_columns

ROWS = 2_000_000
ROWS_A_BLOCK = 100_000
PRACTICES = tuple(f"X99{number:03}" for number in range(1, 11))
# One row in a thousand is ours, as many have been deleted, and five times as many are objections to
# something else, some of which the scan lets through to the reader.
OURS, DELETED, NEAR = 0.001, 0.001, 0.005
WANTED = 0.5


def measure(_: Databases, *, scale: float = 1.0) -> Report:
    """All three, each in a process of its own, in turn."""
    began_at = load()
    rows = int(ROWS * scale)
    peaks: dict[str, list[float]] = {name: [] for name in _WAYS}
    found: set[int] = set()
    with tempfile.TemporaryDirectory(prefix="ledger-bench-") as name:
        folder = Path(name)
        _write_delivery(folder, rows)
        size = (folder / "SRCode.csv").stat().st_size
        took = in_turn({way: partial(_apart, way, folder, peaks, found) for way in _WAYS})
    peak = {way: median(measured) for way, measured in peaks.items()}
    return Report(
        "scan",
        "Scan of a bulk file",
        (
            Line.at_least(
                "rows, against a bare Polars scan and filter",
                rows / took["ours"],
                rows / took["polars"],
                "/s",
                wanted=WANTED,
            ),
            Line.beside(
                "rows, against Python's csv module", rows / took["ours"], rows / took["csv"], "/s"
            ),
            Line.told(
                "seconds",
                f"{took['ours']:.2f}",
                f"Polars {took['polars']:.2f}, csv {took['csv']:.2f}",
            ),
            Line.told(
                "peak memory, MB",
                f"{peak['ours']:,.0f}",
                f"Polars {peak['polars']:,.0f}, csv {peak['csv']:,.0f}",
            ),
        ),
        (
            (
                f"SRCode.csv of {rows:,} rows, {size / 1e6:,.0f} MB, {len(PRACTICES)} practices; one row "
                "in a thousand is ours"
            ),
            (
                "the same condition for all; ours also checks every row, counts rows by practice and "
                "makes entries; the peers count what the scan lets through"
            ),
            "medians of 3 runs in turn, the file in the page cache, imports not counted",
        ),
        (began_at, load()),
    )


# --- the three ways, each in a process of its own


class _NoMemory:
    """A ledger that has read nothing yet."""

    def references(self, system: ClinicalSystem, scope: str, kind: str) -> Mapping[str, str]:
        del system, scope, kind
        return {}

    def entry_ids(self, practice: str, system: ClinicalSystem) -> frozenset[str]:
        del practice, system
        return frozenset()

    def entries_of(self, practice: str, system: ClinicalSystem, nhs_number: str) -> frozenset[str]:
        del practice, system, nhs_number
        return frozenset()

    def clinical_system(self, practice: str) -> ClinicalSystem | None:
        del practice
        return None


def _ours(folder: Path) -> int:
    files = tuple(sorted(folder.iterdir()))
    found = Found(Format.SYSTMONE, folder, files, datetime(2018, 5, 31, 21, tzinfo=UTC))
    return len(systmone.read(found, _NoMemory()).entries)


_COLUMNS = (
    "RowIdentifier",
    "IDOrganisationVisibleTo",
    "DateEventRecorded",
    "DateEvent",
    "CTV3Code",
    "IDPatient",
    "IDProfileEnteredBy",
    "SNOMEDCode",
    "RemovedData",
)


def _polars(folder: Path) -> int:
    pattern = f"(?i){scan_pattern()}"
    scan = pl.scan_csv(folder / "SRCode.csv", infer_schema=False, encoding="utf8-lossy")
    codes = [pl.col(column).str.contains(pattern) for column in ("CTV3Code", "SNOMEDCode")]
    ours = scan.select(_COLUMNS).filter(pl.any_horizontal(codes) | (pl.col("RemovedData") == "1"))
    found = ours.collect(engine="streaming")
    return int((found["RemovedData"] != "1").sum())


def _csv(folder: Path) -> int:
    is_ours = re.compile(scan_pattern(), re.IGNORECASE).search
    with (folder / "SRCode.csv").open(encoding="utf-8", errors="replace", newline="") as file:
        rows = csv.reader(file)
        header = next(rows)
        read, snomed = header.index("CTV3Code"), header.index("SNOMEDCode")
        removed = header.index("RemovedData")
        return sum(
            1
            for row in rows
            if row[removed] != "1" and (is_ours(row[read]) or is_ours(row[snomed]))
        )


_WAYS: Mapping[str, Callable[[Path], int]] = {"ours": _ours, "polars": _polars, "csv": _csv}


def _apart(way: str, folder: Path, peaks: dict[str, list[float]], found: set[int]) -> float:
    done = subprocess.run(
        [sys.executable, "-m", "bench.scanning", way, str(folder)],
        check=True,
        capture_output=True,
    )
    told: dict[str, float] = json.loads(done.stdout)
    if way == "ours":
        assert told["found"] > 0, "some rows are ours"
    else:
        found.add(int(told["found"]))
        assert len(found) == 1, "the peers find the same rows"
    peaks[way].append(told["peak"])
    return told["seconds"]


def _alone(way: str, folder: Path) -> None:
    found: list[int] = []
    took = seconds(lambda: found.append(_WAYS[way](folder)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": took, "peak": peak, "found": found[0]}))


# --- the delivery


def _write_delivery(folder: Path, rows: int) -> None:
    (folder / "SRManifest.csv").write_text(
        '"FileName","IsDelta","IsReference","DateExtractFrom","DateExtractTo"\r\n'
        '"SRCode","Y","N","20180430_2200","20180531_2200"\r\n'
    )
    write_codes(folder / "SRCode.csv", rows)


def write_codes(path: Path, rows: int) -> None:
    """An SRCode.csv of so many rows."""
    with path.open("wb") as file:
        for start in range(0, rows, ROWS_A_BLOCK):
            _write_block(file, start, min(ROWS_A_BLOCK, rows - start))


def _write_block(file: IO[bytes], start: int, count: int) -> None:
    """Rows as a practice codes them, most of them measurements."""
    dice = random.Random(start)
    common, neighbours = (
        [(t.ctv3, t.snomed, t.text) for t in some] for some in (COMMON, NEIGHBOURS)
    )
    terms = dice.choices(common, k=count)
    terms = [dice.choice(neighbours) if dice.random() < NEAR else term for term in terms]
    dissent = ("XaaVL", "881561000000100", "Dissent from disclosure of personal confidential data")
    terms = [dissent if dice.random() < OURS else term for term in terms]
    stamps = [
        f"{dice.randint(1, 28):02} May 2018 {dice.randint(8, 18):02}:{dice.randint(0, 59):02}:00"
        for _ in range(count)
    ]
    numbers = range(start + 1, start + count + 1)
    practices = dice.choices(PRACTICES, k=count)
    staff = [str(dice.randint(60, 99)) for _ in range(count)]
    told = {
        "RowIdentifier": [str(n) for n in numbers],
        "IDOrganisationVisibleTo": practices,
        "DateEventRecorded": stamps,
        "DateEvent": stamps,
        "IDProfileEnteredBy": staff,
        "IDDoneBy": staff,
        "TextualEventDoneBy": ["Practice nurse"] * count,
        "IDOrganisationDoneAt": practices,
        "CTV3Code": [ctv3 for ctv3, _, _ in terms],
        "CTV3Text": [text for _, _, text in terms],
        "SNOMEDCode": [snomed for _, snomed, _ in terms],
        "SNOMEDText": [text for _, _, text in terms],
        "IsNumeric": ["1"] * count,
        "NumericValue": [str(dice.randint(40, 180)) for _ in range(count)],
        "IDEvent": [str(50_000_000 + n) for n in numbers],
        "IDPatient": [str(dice.randint(1, 80_000)) for _ in range(count)],
        "IDOrganisation": practices,
        "IDOrganisationRegisteredAt": practices,
        "RemovedData": ["1" if dice.random() < DELETED else "0" for _ in range(count)],
    }
    empty = [""] * count
    frame = pl.DataFrame({name: told.get(name, empty) for name in code_columns(2018, whole=False)})
    frame.write_csv(file, include_header=start == 0, quote_style="always", line_terminator="\r\n")


if __name__ == "__main__":
    _alone(sys.argv[1], Path(sys.argv[2]))
