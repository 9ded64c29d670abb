"""Can whoever was told something show it later, and does each way to spoil that show?"""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from sqlalchemy import create_engine, text

from tests.cli.conftest import Run, somebody
from tests.cli.test_seal import a_later_delivery, outside
from tests.cli.test_verbs import ADA, a_delivery
from tests.databases import Databases
from tests.nhs_numbers import nhs_number

ENTRY = 3


class Kept(NamedTuple):
    """A receipt for Ada's objection, and the public keys it is checked with."""

    file: Path
    keys: Path


class Given(NamedTuple):
    """A ledger that gave a receipt: where it is, its home, and the folder of what it wrote."""

    url: str
    home: Path
    wrote: Path


@pytest.fixture(scope="module")
def given(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Given]:
    """One for all the tests here: each has a copy of its own."""
    wrote = tmp_path_factory.mktemp("receipts")
    with databases.copy() as url, somebody(url, wrote / "home") as run:
        run("open", "ours")
        run("ingest", a_delivery(wrote))
        run("status", ADA, "--purpose", "type-1", "--receipt", wrote / "receipt.json")
        run("export", wrote / "export")
        yield Given(url, wrote / "home", wrote)


@pytest.fixture
def database_url(databases: Databases, given: Given) -> Iterator[str]:
    with databases.copy(given.url) as url:
        yield url


@pytest.fixture
def kept(given: Given, tmp_path: Path) -> Kept:
    shutil.copytree(given.home, tmp_path / "home")
    shutil.copy(given.wrote / "receipt.json", tmp_path)
    return Kept(tmp_path / "receipt.json", given.wrote / "export" / "keys")


def test_a_receipt_holds_question_answer_policy_position_and_proof(kept: Kept) -> None:
    told = json.loads(kept.file.read_text())

    [status] = told["answer"]["statuses"]
    assert told["question"]["nhs_numbers"] == [ADA]
    assert (status["status"], status["because"]["position"]) == ("objecting", ENTRY)
    assert (told["policy"], told["position"], told["mode"]) == ("precedence-1", 4, "live")
    assert told["checkpoint"].startswith(f"{told['origin']}\n4\n")
    assert [proved["position"] for proved in told["evidence"]] == [ENTRY]
    assert kept.file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("how", [[], ["--quick"]])
def test_the_same_answer_comes_out_though_the_ledger_went_on(
    run: Run, kept: Kept, tmp_path: Path, how: list[str]
) -> None:
    run("ingest", a_later_delivery(tmp_path))
    second = tmp_path / "second.json"
    run("status", nhs_number(7), "--purpose", "type-2", "--receipt", second)

    answers = [run("receipt", "check", file, *how) for file in (kept.file, second)]

    assert [answer.code for answer in answers] == [0, 0]
    assert all("the same answer comes out" in answer.out for answer in answers)
    assert all(ADA not in answer.out + answer.err for answer in answers)


def test_an_auditor_checks_a_receipt_without_the_ledger(kept: Kept) -> None:
    answer = outside("receipt", kept.keys, kept.file)

    assert answer.code == 0
    assert f"The events it rests on were in that log: {ENTRY}." in answer.out
    assert "Not checked, because it takes the ledger" in answer.out
    assert ADA not in answer.out


def test_a_receipt_is_not_written_over_another(run: Run, kept: Kept) -> None:
    before = kept.file.read_text()

    answer = run("status", ADA, "--purpose", "type-1", "--receipt", kept.file)

    assert answer.code == 2
    assert "expected the name of a new file" in answer.err
    assert kept.file.read_text() == before


# --- what was spoilt in the file


def told_otherwise(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def alter(path: Path) -> None:
        told = json.loads(path.read_text())
        change(told)
        path.write_text(json.dumps(told))

    return alter


def as_text(old: str, new: str) -> Callable[[Path], None]:
    def alter(path: Path) -> None:
        content = path.read_text()
        assert old in content
        path.write_text(content.replace(old, new, 1))

    return alter


@pytest.mark.parametrize(
    ("alter", "outside_code"),
    [
        (told_otherwise(lambda t: t["answer"]["statuses"][0].update(status="not-objecting")), 1),
        (told_otherwise(lambda t: t.update(position=3)), 1),
        (told_otherwise(lambda t: t.update(policy="kindness")), 1),
        (told_otherwise(lambda t: t["evidence"].clear()), 1),
        (told_otherwise(lambda t: t.update(more=1)), 1),
        (told_otherwise(lambda t: t.pop("checkpoint")), 2),
        (told_otherwise(lambda t: t.update(receipt="another/v1")), 2),
        (as_text('"kind": "status"', '"kind": "status", "kind": "status"'), 2),
        (as_text('"kind": "status"', '"kind": "status'), 2),
        (as_text('"position": 4,\n  "known', '"position": NaN,\n  "known'), 2),
        (lambda path: path.write_text("{}"), 2),
        (lambda path: path.write_text("[" * 100_000), 2),
    ],
)
def test_a_receipt_that_was_altered_is_refused_and_never_asked_again(
    run: Run, kept: Kept, alter: Callable[[Path], None], outside_code: int
) -> None:
    alter(kept.file)

    inside, auditors = run("receipt", "check", kept.file), outside("receipt", kept.keys, kept.file)

    assert inside.code == 7
    assert auditors.code == outside_code
    assert ADA not in inside.err + auditors.out + auditors.err


def test_a_receipt_of_another_log_is_refused(run: Run, kept: Kept, tmp_path: Path) -> None:
    (tmp_path / "home" / "seal.key").unlink()
    theirs = tmp_path / "theirs.json"
    run("ingest", a_later_delivery(tmp_path))
    run("status", ADA, "--purpose", "type-1", "--receipt", theirs)

    answer = run("receipt", "check", theirs, "--keys", kept.keys)

    assert answer.code == 6
    assert "another log" in answer.err
    assert outside("receipt", kept.keys, theirs).code == 1


# --- what was spoilt in the ledger


def as_superuser(url: str, *statements: str) -> None:
    owner = create_engine(url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))
    owner.dispose()


ALTERED = "UPDATE log.events SET recorded_at = now() - interval '1 year' WHERE position = {}"


@pytest.mark.parametrize(
    ("position", "how", "code"),
    # What the answer does not rest on is found by going through all of the log.
    [(ENTRY, [], 1), (ENTRY, ["--quick"], 1), (2, [], 1), (2, ["--quick"], 0)],
)
def test_an_event_that_a_superuser_altered_is_named(
    run: Run, kept: Kept, database_url: str, position: int, how: list[str], code: int
) -> None:
    as_superuser(database_url, ALTERED.format(position))

    answer = run("receipt", "check", kept.file, *how)

    assert answer.code == code
    assert (f"position {position}: " in answer.err) == (code == 1)


def test_a_tile_that_a_superuser_altered_is_told_from_an_event(
    run: Run, kept: Kept, database_url: str
) -> None:
    as_superuser(database_url, "UPDATE log.tiles SET hashes = repeat('x', 128)::bytea")

    checked, verified = run("receipt", "check", kept.file), run("verify")

    assert checked.code == 5
    assert verified.code == 5
    assert "the event stands, and its tile was altered" in verified.out


def test_an_answer_that_comes_out_otherwise_is_told_field_by_field(
    run: Run, kept: Kept, database_url: str
) -> None:
    as_superuser(database_url, "UPDATE guarded.patients SET nhs_number = NULL")

    answer = run("receipt", "check", kept.file)

    assert answer.code == 8
    assert "row 1, status: was objecting, is now not-objecting" in answer.out
    assert "DIFFERS: 1 of 1" in answer.out
    assert ADA not in answer.out


def test_a_ledger_that_lost_its_end_says_so(run: Run, kept: Kept, database_url: str) -> None:
    as_superuser(database_url, "DELETE FROM log.events WHERE position = 4")

    answer = run("receipt", "check", kept.file)

    assert answer.code == 3
    assert "the ledger ends at 3" in answer.err


# --- questions that cannot be asked


@pytest.mark.parametrize(
    ("asked", "code", "why"),
    [
        (["--known-at", "99"], 3, "the ledger ends at position 4"),
        (["--policy", "kindness"], 4, "no policy has that name"),
    ],
)
def test_what_cannot_be_asked_has_its_own_code(
    run: Run, kept: Kept, tmp_path: Path, asked: list[str], code: int, why: str
) -> None:
    answer = run("status", ADA, "--purpose", "type-1", *asked, "--receipt", tmp_path / "new.json")

    assert answer.code == code
    assert why in answer.err
    assert not (tmp_path / "new.json").exists()


def test_a_past_that_was_asked_by_time_comes_out_the_same(
    run: Run, kept: Kept, tmp_path: Path
) -> None:
    past = tmp_path / "past.json"
    run(
        "status",
        ADA,
        "--purpose",
        "type-1",
        "--known-at",
        "2014-01-01T00:00:00Z",
        "--receipt",
        past,
    )

    answer = run("receipt", "check", past)

    assert json.loads(past.read_text())["position"] == 0
    assert answer.code == 0
    assert outside("receipt", kept.keys, past).code == 0
