"""Can somebody check the log who has a file and a public key, and nothing of ours?"""

import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import create_engine, text

from tests.cli.conftest import Answer, Run
from tests.cli.test_verbs import ADA, ENDS, a_delivery
from tests.files import a_systmone_delivery, a_systmone_entry, a_systmone_patient
from tests.proofs import FILE


def outside(*arguments: object) -> Answer:
    """The stand-alone file, as an auditor runs it."""
    done = subprocess.run(
        # Isolated: neither this folder nor the environment lends it anything of the ledger's.
        [sys.executable, "-I", FILE, *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    return Answer(done.returncode, done.stdout, done.stderr)


def a_later_delivery(where: Path) -> Path:
    """The same practice a month on, with an entry more."""
    return a_systmone_delivery(
        where,
        ends=ENDS + timedelta(days=30),
        entries=[a_systmone_entry(), a_systmone_entry("7")],
        patients=[a_systmone_patient(number=ADA)],
    )


class Sealed(NamedTuple):
    """An exported ledger, an older checkpoint of it, and the proof of its first event."""

    folder: Path
    held: Path
    proof: Path

    @property
    def keys(self) -> Path:
        return self.folder / "keys"


@pytest.fixture
def sealed(run: Run, tmp_path: Path) -> Sealed:
    run("open", "ours")
    held = tmp_path / "held"
    held.write_text(run("seal").out)
    run("ingest", a_delivery(tmp_path))
    run("seal")
    proof = tmp_path / "2.tlog-proof"
    proof.write_text(run("prove", 2).out)
    run("export", tmp_path / "export")
    return Sealed(tmp_path / "export", held, proof)


def alter(path: Path, old: str, new: str) -> None:
    content = path.read_text()
    assert old in content
    path.write_text(content.replace(old, new, 1))


def test_a_log_that_was_not_touched_verifies_in_place(run: Run, sealed: Sealed) -> None:
    answer = run("verify", "--held", sealed.held)

    assert answer.code == 0
    assert "are what was signed" in answer.out


def test_an_event_that_a_superuser_altered_is_named(
    run: Run, sealed: Sealed, database_url: str
) -> None:
    owner = create_engine(database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(
            text("UPDATE log.events SET recorded_at = now() - interval '1 year' WHERE position = 2")
        )
    owner.dispose()

    answer = run("verify", "--format", "json")

    [record] = json.loads(answer.out)
    assert answer.code == 1
    assert (record["holds"], record["position"]) == (False, 2)


def test_an_export_is_checked_without_the_ledger(sealed: Sealed) -> None:
    answer = outside("export", sealed.keys, sealed.folder, "--held", sealed.held)

    assert answer.code == 0
    assert "events are those that" in answer.out


def test_an_event_altered_in_an_export_is_named(sealed: Sealed) -> None:
    alter(sealed.folder / "events.jsonl", "XaZ89", "XaZ8A")

    answer = outside("export", sealed.keys, sealed.folder)

    events = (sealed.folder / "events.jsonl").read_text().splitlines()
    position = next(n for n, line in enumerate(events, 1) if "XaZ8A" in line)
    assert answer.code == 1
    assert f"position {position}: the event is not the one that was sealed" in answer.out


def test_a_tile_altered_in_an_export_is_betrayed(sealed: Sealed) -> None:
    tile = next((sealed.folder / "tile" / "0").rglob("*.p/*"))
    tile.write_bytes(b"x" * len(tile.read_bytes()))

    assert outside("export", sealed.keys, sealed.folder).code == 1


def test_events_gone_from_the_end_of_an_export_are_missed(sealed: Sealed) -> None:
    path = sealed.folder / "events.jsonl"
    *lines, _ = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines))

    answer = outside("export", sealed.keys, sealed.folder)

    assert answer.code == 1
    assert f"position {len(lines) + 1}: the events from here on are gone" in answer.out


def test_another_ledgers_export_is_none_of_the_keys(
    sealed: Sealed, run: Run, tmp_path: Path
) -> None:
    alter(sealed.folder / "checkpoint", "objection-ledger/", "objection-ledgers/")

    answer = outside("export", sealed.keys, sealed.folder)

    assert answer.code == 1
    assert "none of the keys given" in answer.out or "over another text" in answer.out


def test_a_proof_holds_its_event_and_needs_nothing_else(sealed: Sealed) -> None:
    answer = outside("receipt", sealed.keys, sealed.proof)

    assert answer.code == 0
    assert "The event at position 2 is in the log" in answer.out


def test_a_proof_that_was_altered_does_not_hold(sealed: Sealed) -> None:
    alter(sealed.proof, "index 1", "index 2")

    assert outside("receipt", sealed.keys, sealed.proof).code == 1


def test_a_newer_checkpoint_is_checked_to_continue_the_older(
    sealed: Sealed, tmp_path: Path, run: Run, database_url: str
) -> None:
    from ledger.application.sealing import Seal, signer
    from ledger.store.engine import open_engine

    engine = open_engine(database_url)
    seal = Seal(engine, signer(tmp_path / "home", None))
    proof = tmp_path / "proof.json"
    proof.write_text(seal.consistency(1).model_dump_json())
    wrong = tmp_path / "wrong.json"
    wrong.write_text(seal.consistency(2).model_dump_json())
    engine.dispose()
    new = sealed.folder / "checkpoint"

    assert outside("extends", sealed.keys, sealed.held, new, proof).code == 0
    assert outside("extends", sealed.keys, sealed.held, new, wrong).code == 1
    assert outside("extends", sealed.keys, new, sealed.held, proof).code == 1


@pytest.mark.parametrize("spoilt", ["keys", "checkpoint", "events.jsonl"])
@pytest.mark.parametrize("content", [b"", b"\xff\xfe\0", b"[" * 100_000, b"a\nb\nc\n\nd"])
def test_a_spoilt_export_is_told_in_a_sentence(sealed: Sealed, spoilt: str, content: bytes) -> None:
    (sealed.folder / spoilt).write_bytes(content)

    assert outside("export", sealed.keys, sealed.folder).code in {1, 2}


def test_an_export_does_not_mix_with_what_is_there(run: Run, sealed: Sealed) -> None:
    answer = run("export", sealed.folder)

    assert answer.code == 2
    assert "expected an empty folder" in answer.err
    shutil.rmtree(sealed.folder)


def test_the_key_that_signs_is_its_owners_alone(sealed: Sealed, tmp_path: Path) -> None:
    assert (tmp_path / "home" / "seal.key").stat().st_mode & 0o777 == 0o600
