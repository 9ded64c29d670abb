"""Can a second organisation put its name to a log, and does nothing slip past it?"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.application.sealing import Seal, signer
from ledger.store.engine import open_engine
from tests.cli.conftest import Answer, Run, somebody
from tests.cli.test_seal import a_later_delivery, alter, outside
from tests.cli.test_verbs import a_delivery
from tests.databases import Databases

WITNESS = "witness.example"


class Grown(NamedTuple):
    """A ledger that has such a log, and the folder of what it wrote."""

    url: str
    wrote: Path


class Log(NamedTuple):
    """Two checkpoints of a log that grew from 1 event to 4, the proof between, and its keys."""

    old: Path
    new: Path
    proof: Path
    keys: Path


def in_folder(folder: Path) -> Log:
    return Log(*(folder / name for name in ("old", "new", "proof", "keys")))


@pytest.fixture(scope="module")
def grown(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Grown]:
    """One for all the tests here: each has a copy of its own."""
    wrote = tmp_path_factory.mktemp("log")
    found = in_folder(wrote)
    with databases.copy() as url, somebody(url, wrote / "home") as run:
        run("open", "ours")
        found.old.write_text(run("seal").out)
        run("ingest", a_delivery(wrote))
        found.new.write_text(run("seal").out)
        engine = open_engine(url)
        seal = Seal(engine, signer(wrote / "home", None))
        found.proof.write_text(seal.consistency(1, new=4).model_dump_json())
        found.keys.write_text("\n".join(seal.public_keys()))
        engine.dispose()
        yield Grown(url, wrote)


@pytest.fixture
def database_url(databases: Databases, grown: Grown) -> Iterator[str]:
    with databases.copy(grown.url) as url:
        yield url


@pytest.fixture
def log(grown: Grown, tmp_path: Path) -> Log:
    shutil.copytree(grown.wrote, tmp_path, dirs_exist_ok=True)
    return in_folder(tmp_path)


@pytest.fixture
def cosign(run: Run, log: Log, tmp_path: Path) -> Callable[..., Answer]:
    """`ledger cosign`, by the witness."""

    def cosigned(checkpoint: Path, *more: object) -> Answer:
        own = ("--name", WITNESS, "--key", tmp_path / "witness.key", "--last", tmp_path / "last")
        return run("cosign", checkpoint, *own, "--keys", log.keys, *more)

    return cosigned


def public_key(answer: Answer) -> str:
    return answer.err.splitlines()[-1].removeprefix("cosigned as ") + "\n"


def test_a_checkpoint_is_cosigned_and_kept_to_compare_with(
    run: Run, log: Log, cosign: Callable[..., Answer], tmp_path: Path
) -> None:
    first = cosign(log.old)
    second = cosign(log.new, "--proof", log.proof)

    assert (first.code, second.code) == (0, 0)
    assert "the first of this log" in first.err
    assert second.out == (tmp_path / "last").read_text()
    assert second.out.startswith(log.new.read_text())
    assert f"— {WITNESS} " in second.out
    assert (tmp_path / "witness.key").stat().st_mode & 0o777 == 0o600


def test_whoever_requires_the_cosigner_finds_its_name(
    run: Run, log: Log, cosign: Callable[..., Answer], tmp_path: Path
) -> None:
    witness = tmp_path / "witness.pub"
    witness.write_text(public_key(cosign(log.new)))
    run("export", tmp_path / "export")
    last = tmp_path / "last"
    checks = ("--held", last, "--cosigner", witness)

    assert run("verify", *checks).code == 0
    assert run("verify", "--held", log.new, "--cosigner", witness).code == 6
    assert outside("export", log.keys, tmp_path / "export", *checks).code == 0
    without = ("--held", log.new, "--cosigner", witness)
    assert outside("export", log.keys, tmp_path / "export", *without).code == 1
    assert outside("extends", log.keys, log.old, last, log.proof, *checks[2:]).code == 0
    assert outside("extends", log.keys, log.old, log.new, log.proof, *checks[2:]).code == 1


@pytest.mark.parametrize(
    ("spoil", "proof", "code", "why"),
    [
        (None, False, 2, "/proof/consistency?old=1&new=4"),
        (("proof", '"hashes":["', '"hashes":["AAAA'), True, 5, "Nothing was cosigned"),
        (("proof", "{", "["), True, 7, "expected the answer of /proof/consistency"),
        (("new", "\n4\n", "\n5\n"), True, 7, "it was altered"),
        (("keys", "+", "-"), True, 2, "expected a public key"),
        (("last", "\n1\n", "\n0\n"), True, 7, "it was altered"),
    ],
)
def test_what_is_not_proved_to_continue_is_not_cosigned(
    cosign: Callable[..., Answer],
    log: Log,
    tmp_path: Path,
    spoil: tuple[str, str, str] | None,
    proof: bool,
    code: int,
    why: str,
) -> None:
    cosign(log.old)
    if spoil is not None:
        alter(tmp_path / spoil[0], *spoil[1:])
    before = (tmp_path / "last").read_text()

    answer = cosign(log.new, *(("--proof", log.proof) if proof else ()))

    assert answer.code == code
    assert why in answer.err
    assert answer.out == ""
    assert (tmp_path / "last").read_text() == before


def test_an_older_checkpoint_is_not_cosigned_after_a_newer(
    cosign: Callable[..., Answer], log: Log
) -> None:
    cosign(log.new)

    answer = cosign(log.old, "--proof", log.proof)

    assert answer.code == 5
    assert "an older one, or the log lost events" in answer.err


def test_another_logs_checkpoint_is_not_cosigned(
    run: Run, cosign: Callable[..., Answer], log: Log, tmp_path: Path
) -> None:
    (tmp_path / "home" / "seal.key").unlink()
    run("ingest", a_later_delivery(tmp_path))
    theirs = tmp_path / "theirs"
    theirs.write_text(run("seal").out)

    answer = cosign(theirs)

    assert answer.code == 6
    assert not (tmp_path / "last").exists()
