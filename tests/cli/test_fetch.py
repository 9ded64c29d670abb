"""`ledger fetch`: a list of numbers in, what became of each line out, and nobody's number told."""

import io
import json
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ledger.settings import settings
from tests.cli.conftest import Run
from tests.gp_connect_server import Reply, Service, a_service, outcome, record_of
from tests.nhs_numbers import nhs_numbers

ADA, BEN, CAT, DAN = NUMBERS = nhs_numbers(4)
WHO_ASKS = {
    "FROM_ASID": "200000000115",
    "TO_ASID": "200000000116",
    "ISSUER": "https://ledger.example/",
    "ORGANISATION": "X26",
    "ORGANISATION_NAME": "An organisation",
    "USER_ID": "10019",
    "USER_FAMILY_NAME": "Jones",
    "USER_GIVEN_NAME": "Claire",
}


@pytest.fixture(autouse=True)
def who_asks(run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name, value in WHO_ASKS.items():
        monkeypatch.setenv(f"LEDGER_GP_CONNECT_{name}", value)
    settings.cache_clear()
    yield
    settings.cache_clear()


@pytest.fixture
def service() -> Iterator[Service]:
    """Ada has a record, Ben's is withheld, Cat is not there, and Dan's is broken."""
    answers = {
        ADA: record_of(ADA),
        BEN: outcome(403, "NO_PATIENT_CONSENT", f"{BEN} dissents"),
        CAT: outcome(404, "PATIENT_NOT_FOUND", f"{CAT} is not here"),
        DAN: Reply(parts=(b'{"resourceType": "Bundle", ',)),
    }
    with a_service(lambda number, _: answers[number]) as running:
        yield running


def a_list(where: Path, *lines: str, name: str = "numbers.txt") -> Path:
    path = where / name
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def kept_below(where: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in where.rglob("*") if path.is_file()}


def test_a_list_is_asked_and_each_line_that_failed_is_told_by_its_number(
    run: Run, service: Service, tmp_path: Path
) -> None:
    numbers = a_list(tmp_path, ADA, BEN, "", "9990000019", CAT, DAN, ADA)

    answer = run(
        "fetch", "--gp-connect", service.url, "--practice", "x99904",
        "--to", tmp_path / "kept", "--no-ingest", numbers,
    )  # fmt: skip

    assert answer.code == 2
    assert service.numbers == [ADA, BEN, CAT, DAN]
    told = answer.err.splitlines()
    assert "4 asked, 1 answered, 1 withheld, 3 failed" in told
    assert "1 lines repeat a number and were not asked again" in told
    assert "line 4: expected ten digits, the last of which checks the others" in told
    assert (
        "line 5: 404 PATIENT_NOT_FOUND: no record here: not registered, inactive, dead or sensitive"
        in told
    )
    assert "line 6: expected a FHIR Bundle in JSON, found something else" in told
    kept = kept_below(tmp_path / "kept")
    [record] = [name for name in kept if name.startswith("gpconnect_X99904_")]
    [withheld] = [name for name in kept if name.startswith("withheld_X99904_")]
    assert len(kept) == 2
    assert kept[record] == record_of(ADA).parts[0].decode()
    assert kept[withheld].splitlines()[1].startswith(f"X99904,{BEN},")


def test_numbers_are_read_from_standard_input(
    run: Run, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(f"{ADA}\n".encode())))

    answer = run(
        "fetch", "--gp-connect", service.url, "--practice", "X99904", "--no-ingest", "-"
    )  # fmt: skip

    assert answer.code == 0
    assert service.numbers == [ADA]
    [folder] = (tmp_path / "home" / "gp-connect").iterdir()
    assert len(list(folder.iterdir())) == 1


def test_what_was_fetched_is_handed_to_the_readers_unless_told_otherwise(
    run: Run, service: Service, tmp_path: Path
) -> None:
    arguments = ("fetch", "--gp-connect", service.url, "--practice", "X99904")
    numbers = a_list(tmp_path, ADA)

    kept = run(*arguments, "--no-ingest", "--to", tmp_path / "kept", numbers)
    taken = run(*arguments, "--to", tmp_path / "taken", numbers)

    [not_read] = kept_below(tmp_path / "kept")
    [read] = kept_below(tmp_path / "taken")
    assert not_read not in kept.out + kept.err
    assert read in taken.out + taken.err


def test_the_same_list_may_be_fetched_again_on_the_same_day(
    run: Run, service: Service, tmp_path: Path
) -> None:
    numbers = a_list(tmp_path, ADA, BEN)
    arguments = ("--gp-connect", service.url, "--practice", "X99904", "--no-ingest", numbers)

    first = run("fetch", *arguments)
    second = run("fetch", *arguments)

    assert (first.code, second.code) == (0, 0)
    folders = list((tmp_path / "home" / "gp-connect").iterdir())
    assert len(folders) == 2
    assert all(len(list(folder.iterdir())) == 2 for folder in folders)


def test_an_interrupted_run_says_where_what_it_fetched_is_kept(
    run: Run, service: Service, tmp_path: Path
) -> None:
    def interrupted(number: str, _: int) -> Reply:
        if number == BEN:
            os.kill(os.getpid(), 2)
        return record_of(number)

    service.answer = interrupted

    answer = run(
        "fetch", "--gp-connect", service.url, "--practice", "X99904", "--to", tmp_path / "kept",
        a_list(tmp_path, ADA, BEN),
    )  # fmt: skip

    assert answer.code != 0
    [folder] = (tmp_path / "kept").iterdir()
    assert f"what was fetched is kept: ledger ingest {folder}" in answer.err
    assert len(list(folder.iterdir())) == 1


@pytest.mark.parametrize("missing", WHO_ASKS)
def test_nobody_is_asked_unless_it_is_known_who_asks(
    run: Run, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.delenv(f"LEDGER_GP_CONNECT_{missing}")

    answer = run(
        "fetch", "--gp-connect", service.url, "--practice", "X99904", a_list(tmp_path, ADA)
    )

    assert answer.code == 2
    assert f"LEDGER_GP_CONNECT_{missing}: set" in answer.err
    assert service.requests == []


def test_what_cannot_be_asked_is_bad_usage(run: Run, service: Service, tmp_path: Path) -> None:
    numbers = a_list(tmp_path, ADA)
    nobody = a_list(tmp_path, "", name="nobody.txt")
    url = service.url

    answers = [
        run("fetch", "--gp-connect", url, "--practice", "?", numbers),
        run("fetch", "--gp-connect", "http://gp.example/", "--practice", "X99904", numbers),
        run("fetch", "--gp-connect", url, "--practice", "X99904", nobody),
        run("fetch", "--gp-connect", url, "--practice", "X99904", ADA),
    ]

    assert [answer.code for answer in answers] == [2, 2, 2, 2]
    assert "expected an ODS code" in answers[0].err
    assert "expected an https URL" in answers[1].err
    assert "expected NHS numbers, one a line, found none" in answers[2].err
    assert "numbers themselves do not go on the command line" in answers[3].err
    assert ADA not in answers[3].err
    assert service.requests == []


def test_a_setting_that_cannot_be_is_named_and_not_repeated(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_GP_CONNECT_TIMEOUT", "soon")
    settings.cache_clear()

    answer = run("fetch", "--help")

    assert answer.code == 2
    assert "see LEDGER_GP_CONNECT_TIMEOUT" in answer.err
    assert "soon" not in answer.err


def test_certificates_that_cannot_be_read_are_bad_input(
    run: Run, service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LEDGER_GP_CONNECT_CERTIFICATE", str(a_list(tmp_path, "no certificate")))

    answer = run(
        "fetch", "--gp-connect", service.url, "--practice", "X99904", a_list(tmp_path, ADA)
    )

    assert answer.code == 2
    assert "LEDGER_GP_CONNECT_CERTIFICATE" in answer.err


def test_a_folder_that_cannot_be_written_is_bad_input(
    run: Run, service: Service, tmp_path: Path
) -> None:
    numbers = a_list(tmp_path, ADA)

    answer = run(
        "fetch", "--gp-connect", service.url, "--practice", "X99904", "--to", numbers, numbers
    )

    assert answer.code == 2
    assert "cannot keep what was fetched" in answer.err


def test_no_nhs_number_is_told_to_anybody_but_the_service(
    run: Run, service: Service, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    numbers = a_list(tmp_path, *NUMBERS)

    with caplog.at_level(logging.DEBUG):
        answer = run(
            "fetch", "--gp-connect", service.url, "--practice", "X99904",
            "--to", tmp_path / "kept", "--no-ingest", "--format", "json", numbers,
        )  # fmt: skip

    said = answer.out + answer.err + caplog.text
    names = " ".join(str(path) for path in (tmp_path / "kept").rglob("*"))
    asked = " ".join(f"{one.path} {one.headers}" for one in service.requests)
    assert caplog.text, "the logs were at their loudest"
    assert [n for n in NUMBERS if n in said + names + asked] == []
    assert all(json.dumps(one.body).count(one.number) == 1 for one in service.requests)
