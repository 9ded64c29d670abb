"""`ledger deliveries` and `ledger pairings`, as others script against them."""

import csv
import io
import json
from datetime import date
from pathlib import Path

from tests.cli.conftest import Run
from tests.files import PRACTICE, a_setting_change, a_sharing_file


def an_odd_file(where: Path) -> Path:
    """Two changes, the second with a value that there is not."""
    changes = [a_setting_change(), a_setting_change(value="perhaps")]
    return a_sharing_file(where, dated=date(2018, 6, 1), changes=changes)


def test_a_delivery_is_listed_and_shown_with_its_refused_rows(run: Run, tmp_path: Path) -> None:
    file = an_odd_file(tmp_path)
    run("ingest", file)

    [line] = json.loads(run("deliveries", "--practice", PRACTICE, "--format", "json").out)
    [one] = json.loads(run("deliveries", line["id"], "--format", "json").out)
    told = run("deliveries", line["id"])
    rows = list(csv.DictReader(io.StringIO(run("deliveries", line["id"], "--refused").out)))

    assert (line["state"], line["rows_refused"], line["by"]) == ("accepted-in-part", 1, "delivery")
    assert [(row["file"], row["row"], row["column"]) for row in one["refused"]] == [
        (file.name, 2, "Value")
    ]
    assert f"refused: {file.name}, row 2, Value" in told.out
    assert [(row["file"], row["row"]) for row in rows] == [(file.name, "2")]


def test_nothing_delivered_is_told_as_such(run: Run) -> None:
    assert "no deliveries yet" in run("deliveries").out
    assert run("deliveries", "a" * 64).code == 2
    assert "no such delivery" in run("deliveries", "a" * 64).err
    assert run("deliveries", "--refused").code == 2


def test_the_operator_pairs_for_a_practice(run: Run) -> None:
    first = run("pairings", "approve", "acme-triage", "--practice", PRACTICE)
    again = run("pairings", "approve", "acme-triage", "--practice", PRACTICE.lower())
    revoked = run("pairings", "revoke", "acme-triage", "--practice", PRACTICE)
    twice = run("pairings", "revoke", "acme-triage", "--practice", PRACTICE)
    [told] = json.loads(run("pairings", "list", "--practice", PRACTICE, "--format", "json").out)

    assert (first.out, again.out) == ("approved at position 2\n", "known already\n")
    assert revoked.out == "revoked at position 3\n"
    assert (twice.code, "nothing to revoke" in twice.err) == (2, True)
    assert (told["system"], told["state"], told["revoked_by"]) == (
        "acme-triage",
        "revoked",
        "operator",
    )
    assert run("pairings", "approve", "two words", "--practice", PRACTICE).code == 2
    assert run("pairings", "list", "--practice", "no code").code == 2


def test_a_systems_token_bears_an_id_that_can_be_paired(run: Run) -> None:
    named = ("token", "--role", "system", "--practice", PRACTICE, "--name")

    assert run(*named, "acme-triage").code == 0
    assert run(*named, "two words").code == 2
