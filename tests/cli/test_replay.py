"""`ledger replay`: its scopes, its files, and what it says to points there are not."""

import csv
import io
import json
import stat
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.cli.conftest import Run
from tests.files import a_systmone_delivery, a_systmone_entry, a_systmone_patient

ADA, BEN = "9990000018", "9990000026"
FIRST, SECOND = datetime(2016, 4, 29, 22, tzinfo=UTC), datetime(2016, 5, 31, 22, tzinfo=UTC)
PRACTICE = "X99901"


@pytest.fixture
def told(run: Run, tmp_path: Path) -> Run:
    """Ada's type 1 dissent is known from 29 April 2016, Ben's from 31 May."""
    people = [a_systmone_patient(1, ADA), a_systmone_patient(2, BEN)]
    entered = {"effective_on": date(2016, 4, 1), "entered_at": datetime(2016, 4, 1, 9)}  # noqa: DTZ001  a practice's clock
    a_systmone_delivery(
        tmp_path / "told", ends=FIRST, entries=[a_systmone_entry(1, patient=1, **entered)],
        patients=people,
    )  # fmt: skip
    a_systmone_delivery(
        tmp_path / "told", begins=FIRST, ends=SECOND,
        entries=[a_systmone_entry(2, patient=2, **entered)], patients=people,
    )  # fmt: skip
    assert run("open", "tried", "--re-enactment", "--as-of", "2016-01-01").code == 0
    assert run("ingest", tmp_path / "told").code == 0
    return run


def test_who_objects_depends_on_when_it_is_asked_as_known(told: Run) -> None:
    then = json.loads(
        told("replay", "--everybody", "--known-at", "2016-05-01", "--format", "json").out
    )
    now = json.loads(told("replay", "--everybody", "--format", "json").out)

    assert [(line["nhs_number"], line["status"]) for line in then] == [(ADA, "objecting")]
    assert [line["nhs_number"] for line in now] == [ADA, BEN]
    assert {line["policy"] for line in then + now} == {"precedence-1"}


def test_each_scope_tells_of_its_own_and_the_log_says_the_same(told: Run) -> None:
    for scope, lines in (
        ((ADA,), [ADA]),
        (("--practice", PRACTICE), [ADA, BEN]),
        (("--practice", "X99902"), []),
        (("--everybody", "--purpose", "type-2"), []),
    ):
        by_tables = told("replay", *scope, "--format", "csv")
        by_log = told("replay", *scope, "--format", "csv", "--from-log")

        assert [row["nhs_number"] for row in csv.DictReader(io.StringIO(by_tables.out))] == lines
        assert by_log.out == by_tables.out


def test_a_number_can_be_read_from_standard_input(
    told: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{BEN}\n"))

    answer = told("replay", "-")

    assert "objecting" in answer.out
    assert "policy precedence-1" in answer.out


def test_a_file_is_for_whoever_asked_alone_and_is_never_overwritten(
    told: Run, tmp_path: Path
) -> None:
    for format_ in ("json", "csv", "parquet"):
        out = tmp_path / f"replay.{format_}"
        asked = ("replay", "--everybody", "--format", format_, "--out", out)

        first, second = told(*asked), told(*asked)

        assert (first.code, first.out) == (0, f"2 lines in {out}\n")
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        assert second.code == 2
        assert "there already" in second.err
        assert sorted(path.name for path in tmp_path.glob("*replay*")) == [out.name]
        out.rename(tmp_path / f"kept.{format_}")
    assert [line["nhs_number"] for line in json.loads((tmp_path / "kept.json").read_text())] == [
        ADA,
        BEN,
    ]
    frame = pl.read_parquet(tmp_path / "kept.parquet")
    assert frame["nhs_number"].to_list() == [ADA, BEN]
    assert frame["counts_on"].to_list() == [date(2016, 4, 1)] * 2
    assert frame.schema["conflicts"] == pl.List(pl.Int64)
    assert frame.schema["known_at"] == pl.Datetime("us", "UTC")


def test_what_cannot_be_answered_is_told_with_a_code_of_its_own(told: Run) -> None:
    for asked, code, why in (
        (("--everybody", "--known-at", "2016-07-01"), 10, "nobody knows yet"),
        (("--everybody", "--known-at", "2030-01-01T00:00:00Z"), 10, "nobody knows yet"),
        (("--everybody", "--known-at", "1000000"), 3, "the ledger ends at position"),
        (("--everybody", "--policy", "precedence-0"), 4, "expected one of precedence-1"),
        (("--everybody", "--known-at", "yesterday"), 2, "expected a position of the log"),
        (("--everybody", "--practice", PRACTICE), 2, "--region or"),
        ((), 2, "--region or"),
        (("--everybody", "--format", "parquet"), 2, "--out"),
        (("--region", "X99"), 2, "the code of a commissioner"),
        (("9990000019",), 2, "ten digits"),
        (("9990000034",), 2, "never heard"),
    ):
        answer = told("replay", *asked)

        assert answer.code == code
        assert why in answer.err
        assert "99900000" not in answer.err


def test_a_difference_names_who_became_objecting_and_by_which_event(told: Run) -> None:
    known = json.loads(told("diff", "2016-05-01", "2016-05-31", "--format", "json").out)
    so = told("diff", "2016-03-31", "2016-04-01", "--effective", "--what", "objection")
    same = told("diff", "2016-04-02", "2016-04-03", "--effective", "--what", "objection")

    [became] = [line for line in known if line["what"] == "objection"]
    assert (became["nhs_number"], became["before"], became["after"]) == (
        BEN,
        "not-objecting",
        "objecting",
    )
    [event] = became["positions"]
    assert json.loads(told("replay", BEN, "--format", "json").out)[0]["entry"] == event
    assert ADA in so.out
    assert BEN in so.out
    assert "nothing differs" in same.out


def test_two_points_that_do_not_go_together_are_told(told: Run) -> None:
    for asked, code, why in (
        (("2016-05-31", "2016-05-01"), 2, "earlier point first"),
        (("1", "1000000"), 3, "the ledger ends"),
        (("1", "2016-07-01"), 10, "nobody knows yet"),
        (("1", "2", "--effective"), 2, "expected a day"),
        (("1", "2", "--known-at", "1"), 2, "--effective"),
        (("1", "2", "--policy", "none"), 4, "precedence-1"),
    ):
        answer = told("diff", *asked)

        assert answer.code == code
        assert why in answer.err
