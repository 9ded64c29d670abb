"""Does an archive hold the sealed log, grow with it, and show where it was altered?"""

import base64
import stat
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import polars as pl
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine, text

from ledger.application import Ledger
from ledger.application.archiving import archive, verify_archive
from ledger.application.records import ArchiveRecord
from ledger.domain.refusals import AnotherLog, NotAFact, ProofBroken, SealBroken, UnknownThing
from ledger.store.archive.manifest import MANIFEST, finished, keep
from ledger.store.archive.writing import SCHEMA, write
from ledger.store.checkpoint import Signer
from ledger.store.log import read_events
from ledger.store.seal import reader, seal
from tests.databases import Databases
from tests.integration.test_seal import SIGNER, append

# Positions a file: small, so that few events make several files.
WIDTH = 64
FIRST, SECOND = (
    "events-000000000001-000000000064.parquet",
    "events-000000000065-000000000128.parquet",
)
THIRD = "events-000000000129-000000000150.parquet"
Written = Callable[[int], ArchiveRecord]


@pytest.fixture
def written(engine: Engine, tmp_path: Path) -> Written:
    """Appends so many events, seals the log and writes the archive."""

    def more(count: int) -> ArchiveRecord:
        append(engine, count)
        seal(engine, SIGNER)
        return archive(Ledger(engine), tmp_path / "archive", width=WIDTH)

    return more


@pytest.fixture(scope="module")
def once(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive of 150 events, which nobody changes."""
    folder = tmp_path_factory.mktemp("once") / "archive"
    with databases.copy() as url:
        engine = create_engine(url)
        append(engine, 150)
        seal(engine, SIGNER)
        archive(Ledger(engine), folder, width=WIDTH)
        engine.dispose()
    return folder


@pytest.fixture
def folder(once: Path, tmp_path: Path) -> Path:
    """A copy of it, to be altered."""
    copytree(once, tmp_path / "copied")
    return tmp_path / "copied"


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_an_archive_holds_every_sealed_event_as_the_log_does(
    written: Written, engine: Engine, tmp_path: Path
) -> None:
    told = written(150)

    folder = tmp_path / "archive"
    assert (told.events, told.files, told.written) == (150, 3, 3)
    assert files(folder) == [FIRST, SECOND, THIRD, MANIFEST]
    frame = pl.concat(pl.read_parquet(folder / name) for name in (FIRST, SECOND, THIRD))
    with engine.connect() as connection:
        kept = read_events(connection, after=0, limit=1_000)
    assert [tuple(row) for row in frame.iter_rows()] == [
        event._replace(state=bytes(event.state), leaf_hash=bytes(event.leaf_hash)) for event in kept
    ]
    assert verify_archive(folder).holds


def test_nobody_but_the_owner_can_read_it(once: Path) -> None:
    assert stat.S_IMODE(once.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in once.iterdir()} == {0o600}


def test_written_again_nothing_changes(written: Written, tmp_path: Path) -> None:
    written(150)
    before = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "archive").glob("*.parq*")}

    again = written(0)

    assert again.written == 0
    assert before == {
        path.name: path.stat().st_mtime_ns for path in (tmp_path / "archive").glob("*.parq*")
    }


def test_it_grows_with_the_log_and_its_last_file_is_replaced(
    written: Written, tmp_path: Path
) -> None:
    written(150)

    grown = written(50)

    assert (grown.events, grown.files, grown.written) == (200, 4, 2)
    names = files(tmp_path / "archive")
    assert THIRD not in names
    assert names[-2] == "events-000000000193-000000000200.parquet"
    assert verify_archive(tmp_path / "archive").events == 200


def test_a_run_that_was_broken_off_is_taken_up_where_it_was(
    written: Written, engine: Engine, tmp_path: Path
) -> None:
    folder = tmp_path / "archive"
    written(0)
    append(engine, 150)
    sealed = seal(engine, SIGNER)
    wanted = finished(folder).model_copy(
        update={"checkpoint": sealed.note, "keys": (str(SIGNER.verifier),)}
    )
    with engine.connect() as connection:
        run = write(connection, folder, wanted, reader(connection))
        next(run), next(run)
        run.close()
    # A reader still has what was whole before.
    assert finished(folder).reached == 0

    taken_up = written(0)

    assert (taken_up.files, taken_up.written) == (3, 1)
    assert files(folder) == [FIRST, SECOND, THIRD, MANIFEST]
    assert verify_archive(folder).holds


def test_a_file_that_is_gone_is_written_again(written: Written, tmp_path: Path) -> None:
    written(150)
    (tmp_path / "archive" / SECOND).unlink()

    assert written(0).written == 2
    assert verify_archive(tmp_path / "archive").holds


# --- what was altered


def rewritten(path: Path, change: pl.Expr) -> None:
    pl.read_parquet(path).with_columns(change).write_parquet(path)


def where(position: int, value: object, column: str) -> pl.Expr:
    """The column with another value at a position."""
    return (
        pl.when(pl.col("position") == position)
        .then(pl.lit(value))
        .otherwise(pl.col(column))
        .cast(SCHEMA[column])
        .alias(column)
    )


def without(path: Path, position: int) -> None:
    pl.read_parquet(path).filter(pl.col("position") != position).write_parquet(path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def repacked(path: Path) -> None:
    pl.read_parquet(path).write_parquet(path, compression="lz4")


@pytest.mark.parametrize(
    ("alter", "position", "why"),
    [
        (lambda p: rewritten(p, where(70, b"{}", "state")), 70, "not what was archived"),
        (lambda p: rewritten(p, where(71, "other", "stream")), 71, "not what was archived"),
        (lambda p: rewritten(p, where(72, b"x" * 32, "leaf_hash")), 72, "not what was archived"),
        (lambda p: without(p, 80), 80, "no event stands there"),
        (lambda p: without(p, 128), 128, "no event stands there"),
        (cut, 65, "cannot be read"),
        (Path.unlink, 65, "is not there"),
        (repacked, 65, "not the file that was written"),
    ],
)
def test_what_was_altered_is_named_by_file_and_position(
    folder: Path, alter: Callable[[Path], None], position: int, why: str
) -> None:
    alter(folder / SECOND)

    found = verify_archive(folder)

    assert not found.holds
    assert found.position == position
    assert found.reason is not None
    assert SECOND in found.reason
    assert why in found.reason


def test_files_written_anew_with_their_manifest_do_not_lead_to_the_checkpoint(
    folder: Path,
) -> None:
    told = finished(folder)
    other = base64.b64encode(b"x" * 32).decode()
    first = told.ranges[0].model_copy(update={"root": other})
    keep(folder, told.model_copy(update={"ranges": (first, *told.ranges[1:])}), whole=True)

    with pytest.raises(SealBroken, match="do not lead to the checkpoint"):
        verify_archive(folder)


def test_a_checkpoint_kept_elsewhere_is_led_to_wherever_it_ends(
    engine: Engine, written: Written, tmp_path: Path
) -> None:
    held = []
    for count in (1, 63, 36, 50):
        append(engine, count)
        held.append(seal(engine, SIGNER).note)
    written(0)

    assert [verify_archive(tmp_path / "archive", held=note).holds for note in held] == [True] * 4
    forged = SIGNER.sign(100, b"x" * 32)
    found = verify_archive(tmp_path / "archive", held=forged)
    assert (found.holds, found.part) == (False, "tree")
    beyond = verify_archive(tmp_path / "archive", held=SIGNER.sign(151, b"x" * 32))
    assert "ends at 150" in str(beyond.reason)


def test_whose_it_is_is_told_by_the_keys(folder: Path) -> None:
    stranger = Signer("ledger.example", Ed25519PrivateKey.generate())

    with pytest.raises(AnotherLog):
        verify_archive(folder, keys=[str(stranger.verifier)])


def test_a_checkpoint_that_was_altered_is_told(folder: Path) -> None:
    told = finished(folder)
    body, _, signatures = told.checkpoint.partition("\n\n")
    moved = signatures.replace(signatures[-8:-4], "AAAA")
    keep(folder, told.model_copy(update={"checkpoint": f"{body}\n\n{moved}"}), whole=True)

    with pytest.raises(ProofBroken, match="altered"):
        verify_archive(folder)


# --- what is refused


def test_an_event_that_was_altered_is_not_archived(
    engine: Engine, database_url: str, tmp_path: Path
) -> None:
    append(engine, 150)
    seal(engine, SIGNER)
    owner = create_engine(database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("UPDATE log.events SET state = '\\x7b7d' WHERE position = 70"))
    owner.dispose()

    with pytest.raises(SealBroken, match="position 70"):
        archive(Ledger(engine), tmp_path / "archive", width=WIDTH)
    assert files(tmp_path / "archive") == [FIRST, "manifest.begun.json"]
    with pytest.raises(NotAFact, match="begun and not finished"):
        verify_archive(tmp_path / "archive")


def test_another_ledgers_archive_is_left_as_it_is(
    engine: Engine, folder: Path, databases: Databases
) -> None:
    before = (folder / MANIFEST).read_bytes()
    append(engine, 100)
    seal(engine, SIGNER)
    with pytest.raises(AnotherLog, match="reaches position 150"):
        archive(Ledger(engine), folder, width=WIDTH)
    with databases.copy() as url:
        other = create_engine(url)
        append(other, 160, stream="another")
        seal(other, SIGNER)
        with pytest.raises(AnotherLog, match="another log"):
            archive(Ledger(other), folder, width=WIDTH)
        other.dispose()

    assert (folder / MANIFEST).read_bytes() == before
    assert verify_archive(folder).holds


def test_what_is_no_archive_is_told(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(UnknownThing, match="not sealed yet"):
        archive(Ledger(engine), tmp_path / "none")
    with pytest.raises(NotAFact, match="expected an archive, found none"):
        verify_archive(tmp_path)
    (tmp_path / "holiday.jpg").touch()
    append(engine, 1)
    seal(engine, SIGNER)
    with pytest.raises(NotAFact, match="1 other files"):
        archive(Ledger(engine), tmp_path)
    with pytest.raises(NotAFact, match="found a file"):
        verify_archive(tmp_path / "holiday.jpg")


@pytest.mark.parametrize(
    "said",
    ["", "[]", '{"format": 2}', "null", '{"format": 1, "ledger": "x", "mode": "live"}'],
)
def test_a_manifest_that_is_none_is_told(tmp_path: Path, said: str) -> None:
    (tmp_path / MANIFEST).write_text(said)

    with pytest.raises(NotAFact, match="cannot be one"):
        verify_archive(tmp_path)


def test_ranges_that_do_not_follow_one_another_are_no_manifest(folder: Path) -> None:
    path = folder / MANIFEST
    path.write_text(path.read_text().replace('"first": 65', '"first": 66'))

    with pytest.raises(NotAFact, match="cannot be one"):
        verify_archive(folder)
