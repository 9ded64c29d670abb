"""`ledger archive`, `verify --archive` and `replay --from-archive`, with the ledger at hand and without."""

import json
from pathlib import Path

import pytest

from ledger.settings import settings
from tests.cli.conftest import Run
from tests.cli.test_verbs import ADA, a_delivery
from tests.databases import Databases


@pytest.fixture
def archived(run: Run, tmp_path: Path) -> Path:
    run("open", "ours", "--re-enactment", "--as-of", "2016-01-01")
    run("ingest", a_delivery(tmp_path))
    run("seal")
    folder = tmp_path / "archive"
    written = run("archive", folder)
    assert (written.code, "of them written now" in written.out) == (0, True)
    return folder


def test_an_archive_is_asked_as_the_ledger_is(run: Run, archived: Path) -> None:
    asked = ("replay", "--everybody", "--format", "json")

    by_ledger, by_archive = run(*asked), run(*asked, "--from-archive", archived)

    assert by_archive.code == 0
    assert ADA in by_archive.out
    assert by_archive.out == by_ledger.out
    looks = json.loads(run("looks", "--shown", "replay", "--format", "json").out)
    assert [(one["at_all"], one["patients"]) for one in looks] == [(True, []), (True, [])]


def test_where_no_ledger_is_at_hand_it_is_asked_and_verified_all_the_same(
    run: Run, archived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = tmp_path / "keys"
    keys.write_text(json.loads((archived / "manifest.json").read_text())["keys"][0])
    monkeypatch.delenv("LEDGER_DATABASE_URL")
    monkeypatch.setenv("LEDGER_HOME", str(tmp_path / "elsewhere"))
    settings.cache_clear()

    told = run("replay", "--everybody", "--from-archive", archived)
    verified = run("verify", "--archive", archived, "--keys", keys)
    by_its_own = run("verify", "--archive", archived)

    assert told.code == verified.code == by_its_own.code == 0
    assert ADA not in told.out
    assert "patient" in told.out.splitlines()[0]
    assert "what was signed" in verified.out
    assert verified.err == ""
    assert keys.read_text() in by_its_own.err
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_wrong_with_an_archive_ends_with_a_code_of_its_own(
    run: Run, archived: Path, tmp_path: Path
) -> None:
    everybody = ("replay", "--everybody", "--from-archive")
    altered = tmp_path / "altered"
    altered.mkdir()
    for path in archived.iterdir():
        (altered / path.name).write_bytes(
            path.read_bytes()[: -1 if "events" in path.name else None]
        )

    for asked, code, why in (
        ((*everybody, tmp_path), 2, "expected an archive, found none"),
        ((*everybody, altered), 1, "is not the file that was written"),
        (("verify", "--archive", altered), 1, ""),
        (("verify", "--archive", tmp_path), 2, "expected an archive"),
        ((*everybody, archived, "--known-at", "100000"), 3, "the archive ends at position"),
        ((*everybody, archived, "--known-at", "2030-01-01"), 3, "the archive ends at position"),
        ((*everybody, archived, "--policy", "none"), 4, "precedence-1"),
        ((*everybody, archived, "--from-log"), 2, "--region or"),
        (("replay", ADA, "--from-archive", archived), 2, "--region or"),
        (("archive", tmp_path), 2, "other files"),
    ):
        answer = run(*asked)

        assert answer.code == code, asked
        assert why in answer.err
        assert ADA not in answer.err


def test_another_ledgers_archive_is_told(
    run: Run, archived: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, databases: Databases
) -> None:
    with databases.copy() as url:
        monkeypatch.setenv("LEDGER_DATABASE_URL", url)
        settings.cache_clear()
        run("open", "another")
        run("seal")

        assert run("archive", archived).code == 6
        assert run("replay", "--everybody", "--from-archive", archived).code == 6
