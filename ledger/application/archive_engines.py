"""Who reads an archive's files: DuckDB in this process, or Apache Spark?

Both are asked in the same SQL, of the same tables:

    log     position, stream, version, topic, recorded_us, state and, of that, the text (`told`);
            recorded_us is in microseconds since 1970
    …       what whoever asks has put beside it

The SQL keeps to what both mean alike; ledger/application/archived.py has all of it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from glob import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import polars as pl

from ledger.domain.refusals import SealBroken
from ledger.readers.engines import spark_errors, spark_session

_ROWS_A_FETCH = 10_000
_GAVE_UP = "Spark gave up: ask again, or with --engine duckdb"


class ArchiveEngine(StrEnum):
    """The engines there are, as a person asks for them."""

    DUCKDB = "duckdb"
    SPARK = "spark"


class Reading(Protocol):
    """An archive's files in an engine's hands."""

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """What a query finds, in its order, as it comes."""
        ...

    def put(self, name: str, frame: pl.DataFrame) -> None:
        """Make this a table of that name."""
        ...


@contextmanager
def reading(name: ArchiveEngine, files: Sequence[Path], *, master: str) -> Iterator[Reading]:
    """These files, read by the engine of that name; of Spark by a session of its own at `master`.

    What has to lie on disk meanwhile, patients' events too, is the owner's alone and goes at the end.
    """
    with TemporaryDirectory(prefix="ledger-") as folder:
        if name is ArchiveEngine.SPARK:
            with spark_session(master) as session:
                yield _Spark(session, files, Path(folder))
        else:
            with _duckdb(Path(folder)) as connection:
                yield _DuckDB(connection, files, Path(folder))


@contextmanager
def _duckdb(folder: Path) -> Iterator[Any]:
    import duckdb  # some 60 MB, for who asks an archive

    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(folder / "spilt"),
        # It is asked of files that lie here, and has nothing to fetch.
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
    }
    connection = duckdb.connect(":memory:", config=settings)
    try:
        yield connection
    except duckdb.Error:
        # Its own message may hold what stands in a row.
        raise SealBroken(
            "DuckDB cannot read the archive: `ledger verify --archive` says what is wrong with it"
        ) from None
    finally:
        connection.close()


class _DuckDB:
    """The engine of one machine, which reads the files where they lie."""

    def __init__(self, connection: Any, files: Sequence[Path], folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._view("files", files)
        connection.execute(
            "CREATE VIEW log AS SELECT position, stream, version, topic, "
            "epoch_us(recorded_at) AS recorded_us, state, decode(state) AS told FROM files"
        )

    def put(self, name: str, frame: pl.DataFrame) -> None:
        self._view(name, [_put(name, frame, self._folder)])

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        found = self._connection.cursor().execute(query)
        while rows := found.fetchmany(_ROWS_A_FETCH):
            yield from rows

    def _view(self, name: str, files: Sequence[Path]) -> None:
        paths = [escape(str(path.absolute())) for path in files]
        self._connection.read_parquet(paths).create_view(name, replace=True)


class _Spark:
    """The engine of many machines, all of which have to share the folders of the files."""

    def __init__(self, session: Any, files: Sequence[Path], folder: Path) -> None:
        self._session = session
        self._folder = folder
        self._view("files", files)
        with spark_errors(_GAVE_UP):
            session.sql(
                "SELECT position, stream, version, topic, unix_micros(recorded_at) AS recorded_us, "
                "state, decode(state, 'UTF-8') AS told FROM files"
            ).createOrReplaceTempView("log")

    def put(self, name: str, frame: pl.DataFrame) -> None:
        self._view(name, [_put(name, frame, self._folder)])

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        with spark_errors(_GAVE_UP):
            for row in self._session.sql(query).toLocalIterator():
                yield tuple(row)

    def _view(self, name: str, files: Sequence[Path]) -> None:
        paths = [escape(str(path.absolute())) for path in files]
        with spark_errors(_GAVE_UP):
            self._session.read.parquet(*paths).createOrReplaceTempView(name)


def _put(name: str, frame: pl.DataFrame, folder: Path) -> Path:
    path = folder / f"{name}.parquet"
    frame.write_parquet(path)
    return path
