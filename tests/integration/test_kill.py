"""Is anything lost or doubled when the ledger is killed in the middle of its work?

A killed process cleans nothing up: whatever stands in the database is what its transactions left.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine, text

from ledger.application import Ledger
from ledger.domain.events import Mode
from ledger.domain.purposes import Purpose
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

NUMBERS = nhs_numbers(150)
NIGHT = datetime(2017, 3, 2, 22, 45)  # noqa: DTZ001

# Takes in what lies under a folder; having done the work of the function named, it says so and
# stays where it is.
IMPORTER = """
import sys, time
from pathlib import Path
from ledger.application import Ledger, taking, taking_people
from ledger.readers import finding
from ledger.store.engine import open_engine
url, folder, name = sys.argv[1:]
at = next(module for module in (taking, taking_people) if hasattr(module, name))
does = getattr(at, name)
def stay(*told, **more):
    does(*told, **more)
    print("in the middle", flush=True)
    time.sleep(600)
setattr(at, name, stay)
found, _ = finding.find(Path(folder), scratch=Path(folder))
Ledger(open_engine(url)).ingest(found[0])
"""

# Rebuilds, or catches up, in small batches; after so many of the statements of its batches it stays where it is.
RUNNER = """
import sys, time
from ledger import projector
from ledger.projections import PROJECTIONS
from ledger.store.engine import open_engine
url, stays_after, rebuilds = sys.argv[1], int(sys.argv[2]), sys.argv[3:] == ["rebuild"]
does, calls = projector._execute, iter(range(1_000_000))
def stay(*told):
    does(*told)
    if next(calls) == stays_after:
        print("in the middle", flush=True)
        time.sleep(600)
projector._execute = stay
print("begun", flush=True)
engine = open_engine(url)
if rebuilds:
    for projection in PROJECTIONS:
        projector.rebuild(engine, projection, batch=5)
projector.catch_up(engine, PROJECTIONS, batch=5)
"""
NEVER = "1000000"


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    return opened


@pytest.fixture
def bulk(tmp_path: Path) -> Path:
    """One dissent of each patient."""
    return a_systmone_delivery(
        tmp_path,
        ends=NIGHT,
        entries=[
            a_systmone_entry(row, patient=row, code=("XaZ89", "XaaVL")[row % 2])
            for row in range(len(NUMBERS))
        ],
        patients=[a_systmone_patient(person, number) for person, number in enumerate(NUMBERS)],
    )


@pytest.mark.parametrize("after", ["keep_links", "import_events", "keep_source_records"])
def test_an_import_killed_in_the_middle_leaves_nothing_and_can_be_done_again(
    ledger: Ledger, database_url: str, bulk: Path, after: str
) -> None:
    with a_process(IMPORTER, database_url, str(bulk), after) as importer:
        assert said(importer) == "in the middle"

        importer.kill()

    assert counted(ledger, "log.events") == 1
    assert counted(ledger, "guarded.patients") == 0
    assert counted(ledger, "guarded.source_patients") == 0
    assert counted(ledger, "guarded.source_records") == 0
    (delivery,) = found_in(bulk)
    record = ledger.ingest(delivery)
    assert (record.entries_kept, record.already_taken) == (len(NUMBERS), False)
    assert counted(ledger, "log.events") == record.position


@pytest.mark.parametrize("after", [3, 90])
def test_a_projector_killed_within_a_batch_is_caught_up_with_by_the_next(
    ledger: Ledger, database_url: str, bulk: Path, tmp_path: Path, after: int
) -> None:
    with_a_collection(ledger, bulk, tmp_path)
    with a_process(RUNNER, database_url, str(after)) as runner:
        assert [said(runner), said(runner)] == ["begun", "in the middle"]

        runner.kill()
    ledger.catch_up()

    assert_nothing_is_lost_or_doubled(ledger)


@pytest.mark.parametrize("after", [3, 90])
def test_a_rebuild_killed_in_the_middle_harms_nobody_and_can_be_done_again(
    ledger: Ledger, database_url: str, bulk: Path, tmp_path: Path, after: int
) -> None:
    with_a_collection(ledger, bulk, tmp_path)
    ledger.catch_up()
    before = everything(ledger.engine)
    with a_process(RUNNER, database_url, str(after), "rebuild") as runner:
        assert [said(runner), said(runner)] == ["begun", "in the middle"]
        assert_the_same(everything(ledger.engine), before)

        runner.kill()

    assert_the_same(everything(ledger.engine), before)
    assert_nothing_is_lost_or_doubled(ledger)


def test_a_projector_killed_at_any_moment_is_caught_up_with_by_the_next(
    ledger: Ledger, database_url: str, bulk: Path, tmp_path: Path
) -> None:
    with_a_collection(ledger, bulk, tmp_path)
    chance = Random(2018)

    for _ in range(2):
        with a_process(RUNNER, database_url, NEVER) as runner:
            assert said(runner) == "begun"
            time.sleep(chance.uniform(0, 0.4))

            runner.kill()
    ledger.catch_up()

    assert_nothing_is_lost_or_doubled(ledger)


@pytest.mark.slow
def test_a_projector_killed_over_and_over_gets_there_all_the_same(
    ledger: Ledger, database_url: str, bulk: Path, tmp_path: Path
) -> None:
    with_a_collection(ledger, bulk, tmp_path)
    chance = Random(1948)

    for _ in range(40):
        with a_process(RUNNER, database_url, NEVER) as runner:
            assert said(runner) == "begun"
            time.sleep(chance.uniform(0, 0.2))

            runner.kill()
    ledger.catch_up()

    assert_nothing_is_lost_or_doubled(ledger)


def with_a_collection(ledger: Ledger, bulk: Path, where: Path) -> None:
    members = [Carried(number) for number in NUMBERS[::3]]
    collection = a_collection_file(where / "c", period_end=date(2017, 3, 31), members=members)
    for delivery in found_in(bulk, collection):
        ledger.ingest(delivery)


def assert_nothing_is_lost_or_doubled(ledger: Ledger) -> None:
    answers = ledger.statuses(NUMBERS, Purpose.TYPE_1, at=date(2017, 12, 31))
    assert [answer.status for answer in answers] == ["objecting", "not-objecting"] * 75
    caught_up = everything(ledger.engine)
    ledger.rebuild()
    assert_the_same(caught_up, everything(ledger.engine))


def counted(ledger: Ledger, table: str) -> int:
    with ledger.engine.connect() as connection:
        return int(connection.execute(text(f"select count(*) from {table}")).scalar_one())


@contextmanager
def a_process(program: str, *told: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-c", program, *told], stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()
