"""How much memory does the ledger need for a delivery of twenty million rows?

Reading it, and the whole of `ledger ingest` with ten practices' patients and registrations beside
it. Each in a Python of its own, for its peak of memory; PostgreSQL's is not counted.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path
from time import perf_counter

import polars as pl

from bench.databases import Databases
from bench.reporting import Line, Report
from bench.scanning import PRACTICES, write_codes
from bench.timing import load
from ledger.region.nhs_numbers import nhs_numbers
from ledger.region.systmone_columns import PATIENT, REGISTRATION

ROWS = 20_000_000
PATIENTS_A_PRACTICE = 200_000
LIMIT_MB = 1_500


def measure(_: Databases, *, scale: float = 1.0) -> Report:
    """Once each: it is the peak that counts."""
    began_at = load()
    rows, patients = int(ROWS * scale), int(PATIENTS_A_PRACTICE * scale)
    home = Path(tempfile.mkdtemp(prefix="ledger-bench-bulk-"))
    try:
        folder = home / "20180531_2200"
        folder.mkdir()
        write_codes(folder / "SRCode.csv", rows)
        _write_manifest(folder, ["SRCode"])
        size = (folder / "SRCode.csv").stat().st_size
        reading = _peak([sys.executable, "-m", "bench.scanning", "ours", str(folder)], home)
        _write_people(folder, patients)
        _write_manifest(folder, ["SRCode", "SRPatient", "SRPatientRegistration"])
        verb = [sys.executable, "-m", "ledger", "ingest", str(folder), "--format", "json"]
        began = perf_counter()
        taking_in = _peak(verb, home)
        took = perf_counter() - began
    finally:
        shutil.rmtree(home)
    return Report(
        "bulk",
        "A delivery of twenty million rows",
        (
            Line.at_most("peak memory, reading SRCode", reading, "MB", wanted=LIMIT_MB),
            Line.at_most("peak memory, `ledger ingest`", taking_in, "MB", wanted=LIMIT_MB),
            Line.told("`ledger ingest`", f"{took:,.0f} s"),
        ),
        (
            (
                f"SRCode.csv of {rows:,} rows, {size / 1e9:,.1f} GB, one in a thousand ours; "
                f"{len(PRACTICES)} practices with {patients:,} rows in SRPatient and as many in "
                "SRPatientRegistration each"
            ),
            (
                "`ledger ingest` begins with an empty ledger on an embedded PostgreSQL, whose memory "
                "is not counted; one run each, the peak as the operating system tells it"
            ),
        ),
        (began_at, load()),
    )


def _peak(program: Sequence[str], home: Path) -> float:
    """The highest resident memory of a program, in MB, without that of programs it starts."""
    watch = [sys.executable, "-m", "bench.bulk", *program]
    env = {**os.environ, "LEDGER_HOME": str(home / "home"), "LEDGER_DATABASE_URL": ""}
    done = subprocess.run(watch, check=True, capture_output=True, text=True, env=env)
    told: float = json.loads(done.stdout.splitlines()[-1])
    return told


def _watch(program: Sequence[str]) -> float:
    """Run it to its end and read its high-water mark before it is gone."""
    running = subprocess.Popen(program, stdout=subprocess.DEVNULL)
    status = Path(f"/proc/{running.pid}/status")
    highest = 0
    while True:
        try:
            lines = status.read_text().splitlines()
        except OSError:
            break
        marks = [line.split()[1] for line in lines if line.startswith("VmHWM")]
        if marks:
            highest = int(marks[0])
        try:
            running.wait(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            continue
    assert running.wait() == 0, "it did what it was asked"
    return highest / 1024


# --- the people


def _write_manifest(folder: Path, tables: Iterable[str]) -> None:
    lines = [f"{table},Y,N,20180430_2200,20180531_2200" for table in tables]
    header = "FileName,IsDelta,IsReference,DateExtractFrom,DateExtractTo"
    (folder / "SRManifest.csv").write_text("\r\n".join([header, *lines, ""]))


def _write_people(folder: Path, patients: int) -> None:
    numbers = nhs_numbers(random.Random(2018))
    with (
        (folder / "SRPatient.csv").open("wb") as links,
        (folder / "SRPatientRegistration.csv").open("wb") as registrations,
    ):
        for i, practice in enumerate(PRACTICES):
            ids = [str(number) for number in range(1, patients + 1)]
            told = {
                "RowIdentifier": ids,
                "IDPatient": ids,
                "IDOrganisationVisibleTo": [practice] * patients,
                "IDOrganisation": [practice] * patients,
                "FirstName": ["Somebody"] * patients,
                "Surname": ["Made-Up"] * patients,
                "NHSNumber": list(islice(numbers, patients)),
                "DateBirth": [
                    f"{n % 28 + 1:02} Mar {1930 + n % 80} 00:00" for n in range(patients)
                ],
                "DateRegistration": [f"{n % 28 + 1:02} Apr 2012 00:00:00" for n in range(patients)],
                "RegistrationStatus": ["GMS"] * patients,
                "TestPatient": ["0"] * patients,
                "RemovedData": ["0"] * patients,
            }
            for file, columns in ((links, PATIENT), (registrations, REGISTRATION)):
                empty = [""] * patients
                frame = pl.DataFrame({name: told.get(name, empty) for name in columns})
                frame.write_csv(
                    file, include_header=i == 0, quote_style="always", line_terminator="\r\n"
                )


if __name__ == "__main__":
    print(json.dumps(_watch(sys.argv[1:])))
