"""Do two that project the same log at once do no harm to each other?"""

import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger import projector
from ledger.application import Ledger
from ledger.domain.events import Mode
from ledger.projections import PROJECTIONS
from tests.files import (
    Carried,
    a_collection_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    found_in,
)
from tests.nhs_numbers import nhs_numbers
from tests.projected import assert_the_same, everything

NUMBERS = nhs_numbers(40)
NIGHT = datetime(2017, 3, 2, 22, 45)  # noqa: DTZ001

# Catches up in small batches once it is told to begin, and says how many events it applied.
RUNNER = """
import sys
from ledger import projector
from ledger.projections import PROJECTIONS
from ledger.store.engine import open_engine
engine = open_engine(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
print(projector.catch_up(engine, PROJECTIONS, batch=7), flush=True)
"""


@pytest.fixture
def ledger(any_engine: Engine, tmp_path: Path) -> Ledger:
    """A ledger that knows everything and of which nothing is projected."""
    opened = Ledger(any_engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    patients = [a_systmone_patient(person, number) for person, number in enumerate(NUMBERS)]
    bulk = a_systmone_delivery(
        tmp_path / "d",
        ends=NIGHT,
        entries=[
            a_systmone_entry(row, patient=row, code=("XaaVL", "XaZ89", "xaz89")[row % 3])
            for row in range(len(NUMBERS))
        ],
        patients=patients,
    )
    delta = a_systmone_delivery(
        tmp_path / "d",
        begins=NIGHT,
        ends=NIGHT + timedelta(days=60),
        entries=[a_systmone_entry(row, patient=row, code="XaaVM") for row in range(0, 40, 6)],
        patients=patients,
    )
    collections = [
        a_collection_file(
            tmp_path / "c",
            period_end=date(2017, month, 28),
            members=[Carried(number) for number in NUMBERS[:: 6 - month]],
        )
        for month in (3, 4, 5)
    ]
    for delivery in found_in(bulk, delta, *collections):
        opened.ingest(delivery)
    return opened


def test_two_threads_apply_each_event_once(ledger: Ledger) -> None:
    def run() -> int:
        return projector.catch_up(ledger.engine, PROJECTIONS, batch=7)

    with ThreadPoolExecutor() as runners:
        applied = sum(f.result() for f in [runners.submit(run) for _ in range(2)])

    assert applied == ledger.positions()["log"] * len(PROJECTIONS)
    assert_that_it_is_what_one_alone_makes(ledger)


def test_two_processes_apply_each_event_once(ledger: Ledger, any_database_url: str) -> None:
    runners = [a_runner(any_database_url) for _ in range(2)]

    for runner in runners:
        assert said(runner) == "ready"
    for runner in runners:
        tell(runner)
    applied = sum(int(said(runner)) for runner in runners)

    assert [ended(runner) for runner in runners] == [0, 0]
    assert applied == ledger.positions()["log"] * len(PROJECTIONS)
    assert_that_it_is_what_one_alone_makes(ledger)


@pytest.mark.parametrize("second", ["rebuilds", "catches up"])
def test_one_that_rebuilds_and_another_beside_it_do_no_harm(ledger: Ledger, second: str) -> None:
    doing: dict[str, Callable[[], object]] = {
        "rebuilds": ledger.rebuild,
        "catches up": lambda: projector.catch_up(ledger.engine, PROJECTIONS, batch=7),
    }
    ledger.catch_up(PROJECTIONS[:3])

    with ThreadPoolExecutor() as runners:
        for future in [runners.submit(ledger.rebuild), runners.submit(doing[second])]:
            future.result()

    ledger.catch_up()
    assert_that_it_is_what_one_alone_makes(ledger)


def assert_that_it_is_what_one_alone_makes(ledger: Ledger) -> None:
    made = everything(ledger.engine)
    ledger.rebuild()
    assert_the_same(made, everything(ledger.engine))


def a_runner(url: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", RUNNER, url],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def tell(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("begin\n")
    process.stdin.close()


def ended(process: "subprocess.Popen[str]") -> int:
    assert process.stdout is not None
    process.stdout.close()
    return process.wait()
