"""The command line as a person uses it: arguments in, exit code and output out."""

import io
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger import cli
from ledger.settings import settings


class Answer(NamedTuple):
    """What a verb left: its exit code and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Answer]


@contextmanager
def somebody(url: str, home: Path) -> Iterator[Run]:
    """`ledger <arguments>` on this database and home, where a fixture wants it for many tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("LEDGER_DATABASE_URL", url)
        patched.setenv("LEDGER_HOME", str(home))
        settings.cache_clear()

        def ledger(*arguments: object) -> Answer:
            patched.setattr(sys, "argv", ["ledger", *map(str, arguments)])
            out, err = io.StringIO(), io.StringIO()
            with pytest.raises(SystemExit) as stop, redirect_stdout(out), redirect_stderr(err):
                cli.main()
            return Answer(int(stop.value.code or 0), out.getvalue(), err.getvalue())

        yield ledger
    settings.cache_clear()


@pytest.fixture
def run(
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """`ledger <arguments>` on a database and a home of the test's own."""
    monkeypatch.setenv("LEDGER_DATABASE_URL", database_url)
    monkeypatch.setenv("LEDGER_HOME", str(tmp_path / "home"))
    settings.cache_clear()

    def ledger(*arguments: object) -> Answer:
        monkeypatch.setattr(sys, "argv", ["ledger", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Answer(int(stop.value.code or 0), said.out, said.err)

    return ledger
