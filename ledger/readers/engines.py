"""Who evaluates the conditions of a scan: Polars in this process, or Apache Spark?

Both are asked in the same Ibis expressions and give the same rows in the same order (docs/adr/0020).
An engine is handed a file that has been checked, with each row numbered: what a row is, and which
is the third, is decided once (`scan.py`), whoever picks from it then.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol
from weakref import finalize

import ibis  # type: ignore[import-untyped]
import polars as pl
from ibis.expr import operations  # type: ignore[import-untyped]

_BATCH = 100_000


class EngineUnavailable(Exception):
    """The engine that was asked for cannot be had, or gave up; the message says what to do."""


class EngineName(StrEnum):
    """The engines there are, as a person asks for them."""

    POLARS = "polars"
    SPARK = "spark"


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Held:
    """A checked file in an engine's hands: its Ibis table, and the rows of a query in a stream."""

    table: Any
    rows: Callable[[Any], Iterator[tuple[Any, ...]]]


class ScanEngine(Protocol):
    """What a scan needs of an engine; a query's rows come in the order of its first column."""

    @property
    def sifts(self) -> bool:
        """Whether rows can be picked in the same pass that checks the file."""
        ...

    def hold(self, frame: pl.LazyFrame) -> Held:
        """Take a checked file in hand."""
        ...


class Polars:
    """The engine of one machine: the file is read where it lies, in a stream."""

    sifts = True

    def hold(self, frame: pl.LazyFrame) -> Held:
        """Nothing is read before it is asked for."""
        connection = ibis.polars.connect({"sheet": frame})

        def rows(query: Any) -> Iterator[tuple[Any, ...]]:
            # A condition looks at one row at a time, so a batch can be asked by itself: Polars
            # would hold the whole file in memory for a condition that is a join.
            for batch in frame.collect_batches(engine="streaming", chunk_size=_BATCH):
                connection.create_table("sheet", batch, overwrite=True)
                yield from connection.compile(query).collect().iter_rows()

        return Held(connection.table("sheet"), rows)


POLARS = Polars()


class Spark:
    """The engine of many machines, or of every core of this one.

    Spark knows neither the order of a file's rows nor the dialect we mean by CSV. So it is given
    the checked and numbered rows as Parquet, and gives back what it picked as Parquet, both in the
    folder for temporary files (TMPDIR), which all its machines have to share.
    """

    sifts = False

    def __init__(self, session: Any) -> None:
        """`session` is a running SparkSession; who started it stops it."""
        self._connection = ibis.pyspark.connect(session)

    def hold(self, frame: pl.LazyFrame) -> Held:
        """Copy the file's columns that are wanted to where Spark can read them."""
        # It may hold NHS numbers, so it goes when whoever holds it does.
        folder = TemporaryDirectory(prefix="ledger-")
        try:
            copy = Path(folder.name) / "sheet.parquet"
            frame.sink_parquet(copy)
            with spark_errors():
                table = self._connection.read_parquet(copy)
        except BaseException:
            folder.cleanup()
            raise
        held = Held(table, self._rows)
        finalize(held, folder.cleanup)
        return held

    def _rows(self, query: Any) -> Iterator[tuple[Any, ...]]:
        with TemporaryDirectory(prefix="ledger-") as folder:
            found = Path(folder) / "found"
            with spark_errors():
                asked = _in_java(query).order_by(query.columns[0])
                self._connection.to_parquet_dir(asked, found)
            # Spark writes one file a part, and numbers them in the order asked for.
            for part in sorted(found.glob("*.parquet")):
                for batch in pl.scan_parquet(part).collect_batches(chunk_size=_BATCH):
                    yield from batch.iter_rows()


def _in_java(query: Any) -> Any:
    """The query with the same meaning in Java as in Rust, in which Polars is written.

    Of Java's own accord a blank is ASCII's, and `$` stands before a last line end too: Spark would
    miss a code that a practice has typed with a no-break space.
    """
    return query.op().replace(_translated).to_expr()


def _translated(node: Any, told: dict[str, Any] | None) -> Any:
    node = node.__recreate__(told) if told else node
    match node:
        case operations.Strip():
            return operations.RegexReplace(node.arg, _java(r"^\s+|\s+$"), "")
        case operations.RegexSearch():
            return operations.RegexSearch(node.arg, _java(node.pattern.value))
        case operations.RegexReplace():
            return operations.RegexReplace(node.arg, _java(node.pattern.value), node.replacement)
        case _:
            return node


def _java(pattern: str) -> str:
    # U: Unicode's classes; d: of the line ends only LF ends a line.
    return "(?Ud)" + pattern.replace("$", r"\z")


@contextmanager
def opened(name: EngineName, *, master: str) -> Iterator[ScanEngine]:
    """The engine of that name; of Spark, a session of its own at `master`, or why there is none."""
    if name is EngineName.POLARS:
        yield POLARS
        return
    with spark_session(master) as session:
        yield Spark(session)


@contextmanager
def spark_session(master: str) -> Iterator[Any]:
    """A SparkSession of its own at `master`, or why there is none."""
    if missing := _missing():
        raise EngineUnavailable(f"the engine spark needs {missing}; or ask for another --engine")
    # Hundreds of megabytes, and installed only where it is wanted.
    from pyspark.sql import SparkSession

    building = SparkSession.builder.master(master).appName("ledger")
    # It shows what it holds to nobody, and its errors come to us.
    quiet = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "OFF",
    }
    here = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    for setting, value in {**quiet, **(here if master.startswith("local") else {})}.items():
        building = building.config(setting, value)
    with spark_errors(
        f"Spark did not start with the master {master}: is it there, with Java 17 or newer?"
    ):
        session = building.getOrCreate()
    try:
        yield session
    finally:
        session.stop()


@contextmanager
def spark_errors(
    why: str = "Spark gave up: take the delivery again, or ask for --engine polars",
) -> Iterator[None]:
    """What Spark raises as ours. Its own message may hold what stands in a row."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, OSError) as error:
        raise EngineUnavailable(why) from error


def _missing() -> str:
    """What Spark lacks on this machine; empty where it lacks nothing."""
    if find_spec("pyspark") is None:
        return "pyspark: install objection-ledger[spark] (in a checkout: make spark)"
    if "JAVA_HOME" not in os.environ and shutil.which("java") is None:
        return "Java 17 or newer: install a runtime (Debian: apt-get install default-jre-headless)"
    return ""
