"""How long does `ledger demo --check` take, from an empty folder to every planted error found?"""

import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from bench.databases import Databases
from bench.reporting import Line, Report
from bench.timing import load, seconds
from ledger.region import build_region

LIMIT = 90.0
SEED = 2018


def measure(_: Databases, *, scale: float = 1.0) -> Report:
    """Once: it is the whole of it that counts. There is only one size of it."""
    del scale
    began_at = load()
    home = Path(tempfile.mkdtemp(prefix="ledger-bench-demo-"))
    try:
        generating = seconds(partial(build_region, home / f"region-{SEED}", seed=SEED))
        taking_in = seconds(partial(_demo, home))
    finally:
        shutil.rmtree(home)
    return Report(
        "demo",
        "The demo",
        (
            Line.at_most("the whole of it", generating + taking_in, "s", wanted=LIMIT),
            Line.told("writing the region's deliveries", f"{generating:.1f} s"),
            Line.told("starting, taking them in and checking", f"{taking_in:.1f} s"),
        ),
        (f"`ledger demo --check --seed {SEED}`, its region written beforehand; one run",),
        (began_at, load()),
    )


def _demo(home: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "ledger", "demo", "--check", "--seed", str(SEED)],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "LEDGER_HOME": str(home)},
    )
