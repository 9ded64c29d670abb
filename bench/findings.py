"""How long until the findings of a whole region are up to date, and how long to make them anew?

After the last of two years' monthly deliveries and collections, which carry everybody who objects;
and all of them from the log. Each in a Python of its own, for its peak of memory; PostgreSQL's is
not counted. At two sizes, to see how both grow.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from sqlalchemy import Engine, func, select, text

from bench.databases import Databases, checkpoint
from bench.region_log import RegionLog
from bench.reporting import Line, Report
from bench.timing import load
from ledger import projector
from ledger.projections.findings import FINDINGS
from ledger.projections.findings.tables import findings
from ledger.store.engine import open_engine

SIZES = (50, 500)
OBJECTORS = 400
MONTHS = 24
WANTED_CATCHING_UP = 60.0
WANTED_REBUILD = 180.0
LIMIT_MB = 1_000


class _Took(NamedTuple):
    """What one run needed: seconds by the clock, of this Python's CPU and of its PostgreSQL
    session's, and this Python's peak in MB.
    """

    seconds: float
    cpu: float
    session: float
    peak: float


def measure(databases: Databases, *, scale: float = 1.0, practices: int | None = None) -> Report:
    """At each size: the last month, and a rebuild."""
    began_at = load()
    asked = SIZES if practices is None else (practices,)
    sizes = [max(2, round(size * scale)) for size in asked]
    months = max(3, min(MONTHS, round(MONTHS * scale * 10)))
    lines = [line for size in sizes for line in _at(databases, size, months=months)]
    return Report(
        "findings",
        "Findings of a region",
        lines,
        (
            (
                f"{OBJECTORS} objectors a practice, entered over {months} months; each practice "
                "delivers every month, and a collection then carries all who object by type 2"
            ),
            "the last month: every practice's delivery and the collection, from the log to findings",
            "each in a Python of its own, once; PostgreSQL's memory is not counted",
        ),
        (began_at, load()),
    )


def _at(databases: Databases, practices: int, *, months: int) -> Iterator[Line]:
    with databases.new() as url:
        engine = open_engine(url)
        region = RegionLog(engine, practices=practices, objectors=OBJECTORS, months=months)
        region.open()
        for _ in range(months - 1):
            region.grow()
        _apart(engine, url, "rebuild")
        before = region.events
        region.grow()
        month = _apart(engine, url, "catch_up")
        rebuilt = _apart(engine, url, "rebuild")
        with engine.connect() as connection:
            open_ = connection.execute(select(func.count()).select_from(findings)).scalar_one()
        engine.dispose()
    name = f"{practices:,} practices"
    yield Line.at_most(f"{name}: the last month", month.seconds, "s", wanted=WANTED_CATCHING_UP)
    yield Line.at_most(f"{name}: a rebuild", rebuilt.seconds, "s", wanted=WANTED_REBUILD)
    for what, took in (("the last month", month), ("a rebuild", rebuilt)):
        cpu = f"{took.cpu:,.1f} s and {took.session:,.1f} s"
        yield Line.told(f"{name}: {what}, CPU of this Python and of its session", cpu)
        yield Line.at_most(f"{name}: {what}, peak memory", took.peak, "MB", wanted=LIMIT_MB)
    yield Line.told(
        f"{name}: events in the log, of the last month, findings",
        f"{region.events:,}, {region.events - before:,}, {open_:,}",
    )


def _apart(engine: Engine, url: str, what: str) -> _Took:
    checkpoint(engine)
    told = subprocess.run(
        [sys.executable, "-m", "bench.findings", what],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "BENCH_DATABASE": url},
    )
    return _Took(*json.loads(told.stdout.splitlines()[-1]))


def _alone(what: str) -> _Took:
    # One connection: so there is one session whose CPU to look at.
    engine = open_engine(os.environ["BENCH_DATABASE"], pool_size=1, max_overflow=0)
    with engine.connect() as connection:
        session = connection.execute(text("select pg_backend_pid()")).scalar_one()
    began, spent = perf_counter(), _cpu_of(session)
    if what == "rebuild":
        projector.prepare(engine, FINDINGS)
        projector.rebuild(engine, FINDINGS)
    else:
        projector.catch_up(engine, [FINDINGS])
    took, spent = perf_counter() - began, _cpu_of(session) - spent
    told = resource.getrusage(resource.RUSAGE_SELF)
    return _Took(took, told.ru_utime + told.ru_stime, spent, told.ru_maxrss / 1024)


def _cpu_of(process: int) -> float:
    """The seconds of CPU a process has had (https://docs.kernel.org/filesystems/proc.html)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main(arguments: Sequence[str]) -> None:
    """`rebuild` or `catch_up`, of the database named in the environment."""
    print(json.dumps(_alone(*arguments)))


if __name__ == "__main__":
    main(sys.argv[1:])
