"""Which rows of a supplier's CSV file concern us, without the rest of it ever becoming Python.

A practice's coded record is hundreds of megabytes, of which a few thousand rows are ours. So a
file is scanned in a stream, only the columns a reader asks for are decoded (names, addresses and
free text never are), and the condition that picks the rows is an Ibis expression, which an engine
evaluates: Polars, or Apache Spark (`engines.py`).

Suppliers' files are not always sound. `open_csv` checks the whole file first: where one row cannot
be told from the next as Polars reads it, or a row has not as many fields as the header, the file
is mended, line by line, and every row that had to be left out is named.
"""

import csv
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkstemp
from typing import IO, Any, NamedTuple
from weakref import finalize

import ibis  # type: ignore[import-untyped]
import numpy as np
import polars as pl
from polars.exceptions import PolarsError

from ledger.domain.entries import RefusedRow
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.engines import POLARS, Held, ScanEngine

# More unreadable rows than this mean that the file is not what its name says.
MOST_BROKEN_ROWS = 10_000
# A quotation mark opened and not closed within this much was never meant to span lines.
MOST_LINES_OF_A_ROW = 1_000
LONGEST_HEADER = 1 << 20
_BLOCK = 1 << 18
# How many rows are checked at once: enough for Polars to be quick, few enough to be forgotten.
_CHECKED_AT_ONCE = 100_000
# No header names these.
_ROW, _LAST, _BEYOND = "ledger:row", "ledger:last", "ledger:beyond"


# What a column may be called where it is told to somebody. Of a damaged file the header may hold
# what stood in a row, and so a patient.
_A_NAME = re.compile(r"(?!.*\d{4})[A-Za-z][A-Za-z0-9_ .-]{0,60}", re.ASCII)
_NO_NAME = "one whose name is none"


class Row(NamedTuple):
    """A row's number, counted from 1 below the header, and the text in the columns asked for."""

    number: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Sheet:
    """A CSV file that was checked from end to end and can be scanned as often as wanted.

    `table` is the Ibis table: every column asked for, all text, named as asked whatever
    the case in the file; an empty field may be null, a column the file has not is empty. `unknown`
    names the file's columns that no known version of the format has; `counts` says how many rows
    there are for each text in the column named as `count_by`.
    """

    file: str
    table: Any
    rows: int
    present: frozenset[str]
    unknown: tuple[str, ...]
    broken: tuple[RefusedRow, ...]
    counts: Mapping[str, int]
    _held: Held = field(repr=False)
    _singled_out: Any = field(repr=False, default=None)
    _sifted: Sequence[pl.DataFrame] | None = field(repr=False, default=None)

    def pick(self, where: Any = None, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """The rows for which the Ibis condition `where` holds, in file order, in a stream."""
        table = self.table if where is None else self.table.filter(where)
        wanted = list(columns or [name for name in self.table.columns if name != _ROW])
        return _rows(wanted, self._held.rows(table.select(_ROW, *wanted)))

    def singled_out(self) -> Iterator[Row]:
        """The rows that `open_csv` was asked to single out, in file order."""
        if self._sifted is None:
            yield from self.pick(self._singled_out(self.table))
            return
        for frame in self._sifted:
            yield from _rows(frame.columns[1:], frame.iter_rows())


def _rows(columns: Sequence[str], found: Iterable[tuple[Any, ...]]) -> Iterator[Row]:
    for number, *texts in found:
        yield Row(number, {name: text or "" for name, text in zip(columns, texts, strict=True)})


def matches(column: Any, pattern: str) -> Any:
    """The condition that `pattern` is found in an Ibis column of text, whatever the case."""
    return column.re_search(f"(?i){pattern}")


def one_of(column: Any, texts: Iterable[str]) -> Any:
    """The condition that an Ibis column holds one of `texts`, of which there may be very many."""
    # A table in memory, because Ibis takes minutes to plan a list of 200,000 literals.
    wanted = ibis.memtable(pl.DataFrame({"text": pl.Series(sorted(texts), dtype=pl.String)}))
    return column.isin(wanted.text)


def open_csv(
    path: Path,
    *,
    needed: Sequence[str],
    optional: Sequence[str] = (),
    known: Iterable[str] = (),
    any_case: bool = False,
    count_by: str | None = None,
    single_out: Callable[[Any], Any] | None = None,
    engine: ScanEngine = POLARS,
) -> Sheet:
    """Check the file and hand it back ready to be scanned.

    The file is refused without one of the columns `needed`; `optional` columns may be absent, and
    `known` ones are neither read nor worth a note. Bytes that are not UTF-8 become U+FFFD: the
    columns we read are ASCII, whatever the encoding of the names beside them.

    `single_out` gives the condition, for the Ibis table, of rows that are wanted whatever else
    is: the engine that can finds them while the file is checked, which saves reading it again.
    """
    header = _read_header(path)
    names = _name_columns(
        header, [*needed, *optional], file=path.name, any_case=any_case, needed=needed
    )
    wanted = [name for name in names if name is not None]
    absent = [name for name in optional if name not in wanted]
    check = _Check(
        wanted=wanted,
        count_by=count_by if count_by in wanted else None,
        single_out=single_out if engine.sifts else None,
        absent=absent,
    )
    broken: tuple[RefusedRow, ...] = ()
    mended = None
    census = _sound(path, names, check)
    if census is not None:
        frame = _scan(path, names)
    else:
        mended, broken = _mend(path, names)
        frame = _scan_mended(mended)
        census = check.count(frame)
    held = engine.hold(frame.select(_ROW, *wanted))
    heard_of = {_fold(name, any_case=any_case) for name in (*needed, *optional, *known)}
    sheet = Sheet(
        file=path.name,
        table=_completed(held.table, absent),
        rows=census.rows,
        present=frozenset(wanted),
        unknown=tuple(
            name if _A_NAME.fullmatch(name) else _NO_NAME
            for name in header
            if name and _fold(name, any_case=any_case) not in heard_of
        ),
        broken=broken,
        counts=census.counts,
        _held=held,
        _singled_out=single_out,
        _sifted=census.sifted,
    )
    if mended is not None:
        # It may hold NHS numbers, so it goes when the sheet does.
        finalize(sheet, mended.unlink, missing_ok=True)
    return sheet


def _completed(table: Any, absent: Sequence[str]) -> Any:
    """The table with empty columns for those that the file has not."""
    return table.mutate(**{name: ibis.literal("") for name in absent}) if absent else table


def _read_header(path: Path) -> list[str]:
    with path.open("rb") as file:
        line = file.readline(LONGEST_HEADER)
    if line.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DeliveryRefused(
            "expected one byte a character, found UTF-16; save it as CSV UTF-8", file=path.name
        )
    text = line.decode("utf-8-sig", "replace").rstrip("\r\n")
    if not text.strip():
        raise DeliveryRefused("expected a header line, found none", file=path.name)
    if "\r" in text:
        raise DeliveryRefused(
            "expected lines ending in LF or CRLF, found carriage returns alone", file=path.name
        )
    try:
        (header,) = csv.reader([text], strict=True)
    except (csv.Error, ValueError):
        raise DeliveryRefused(
            "expected a header line, found one whose quotation marks do not pair up",
            file=path.name,
        ) from None
    return [name.strip() for name in header]


def _fold(name: str, *, any_case: bool) -> str:
    return name.casefold() if any_case else name


def _name_columns(
    header: Sequence[str],
    asked: Sequence[str],
    *,
    file: str,
    any_case: bool,
    needed: Sequence[str],
) -> list[str | None]:
    """What we call each of the file's columns; None for one that nobody asked for."""
    ours = {_fold(name, any_case=any_case): name for name in asked}
    names = [ours.get(_fold(name, any_case=any_case)) for name in header]
    for name in asked:
        if names.count(name) > 1:
            raise DeliveryRefused(
                f"expected the column {name} once, found it {names.count(name)} times", file=file
            )
    if missing := [name for name in needed if name not in names]:
        raise DeliveryRefused(
            f"expected the column {', '.join(missing)}, found no such name in the header",
            file=file,
        )
    return names


class _Look(NamedTuple):
    """What a file's bytes say without being parsed."""

    rows: int
    has_nul: bool


def _look_at(path: Path) -> _Look:
    lines = 0
    has_nul = False
    last = b"\n"
    with path.open("rb", buffering=0) as file:
        while block := file.read(_BLOCK):
            lines += int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))
            has_nul = has_nul or b"\0" in block
            last = block[-1:]
    # Less the header; the last line may lack its end.
    return _Look(rows=lines + (last != b"\n") - 1, has_nul=has_nul)


def _scan(path: Path, names: Sequence[str | None]) -> pl.LazyFrame:
    """The columns asked for, with the row's number, its last field and whatever lies beyond it."""
    options: dict[str, Any] = {"encoding": "utf8-lossy", "raise_if_empty": False, "glob": False}
    # Polars looks columns up under the names it gave them itself, so those are asked for first.
    found = pl.scan_csv(path, infer_schema=False, **options).collect_schema().names()
    frame = pl.scan_csv(
        path,
        schema=dict.fromkeys([*found, _BEYOND], pl.String()),
        missing_columns="insert",
        # What is left after one field too many; the row is known to be too long by then.
        truncate_ragged_lines=True,
        row_index_name=_ROW,
        row_index_offset=1,
        **options,
    )
    wanted = {name: there for there, name in zip(found, names, strict=True) if name is not None}
    return frame.select(
        pl.col(_ROW),
        *(pl.col(there).alias(name) for name, there in wanted.items()),
        pl.col(found[-1]).alias(_LAST),
        pl.col(_BEYOND),
    )


def _scan_mended(path: Path) -> pl.LazyFrame:
    frame = pl.scan_csv(path, infer_schema=False, raise_if_empty=False, glob=False)
    return frame.with_columns(
        pl.col(_ROW).cast(pl.UInt32),
        pl.lit("").alias(_LAST),
        pl.lit(None, dtype=pl.String).alias(_BEYOND),
    )


class _Census(NamedTuple):
    """How many rows Polars sees, how many of them are too short or too long, rows by text, and
    the rows that were singled out.
    """

    rows: int
    ragged: int
    counts: Mapping[str, int]
    sifted: Sequence[pl.DataFrame] | None


@dataclass(frozen=True, slots=True)
class _Check:
    """What one pass over the file is to find out."""

    wanted: Sequence[str]
    count_by: str | None
    single_out: Callable[[Any], Any] | None
    absent: Sequence[str]

    def count(self, frame: pl.LazyFrame) -> _Census:
        """Decode every column asked for, so that no later scan can fail."""
        rows = ragged = 0
        counts: Counter[str] = Counter()
        sifted: list[pl.DataFrame] = []
        for batch in frame.collect_batches(engine="streaming", chunk_size=_CHECKED_AT_ONCE):
            rows += batch.height
            # A row that ends too early has nothing at all, not even "", for its last field.
            ragged += batch[_LAST].null_count() + batch[_BEYOND].count()
            if self.count_by is not None:
                counts.update(dict(batch.group_by(self.count_by).len().iter_rows()))
            if self.single_out is not None:
                sifted.append(self._sift(batch))
        return _Census(
            rows=rows,
            ragged=ragged,
            counts={text: rows for text, rows in counts.items() if text},
            sifted=sifted if self.single_out else None,
        )

    def _sift(self, batch: pl.DataFrame) -> pl.DataFrame:
        assert self.single_out is not None
        connection = ibis.polars.connect({"sheet": batch.lazy()})
        table = _completed(connection.table("sheet"), self.absent)
        query = table.filter(self.single_out(table)).select(_ROW, *self.wanted, *self.absent)
        found = connection.compile(query).collect()
        # Copied: the few rows would hold on to the text of the whole batch.
        return pl.DataFrame(found.to_dict(as_series=False), schema=found.schema)


def _sound(path: Path, names: Sequence[str | None], check: _Check) -> _Census | None:
    """The census of a file that Polars reads as it is; None where it has to be mended."""
    look = _look_at(path)
    if look.has_nul:
        return None
    try:
        census = check.count(_scan(path, names))
    except (PolarsError, ValueError):
        return None
    return None if census.ragged or census.rows != look.rows else census


def _mend(path: Path, names: Sequence[str | None]) -> tuple[Path, tuple[RefusedRow, ...]]:
    """A copy with the columns asked for of every row that can be told apart, and the other rows."""
    descriptor, name = mkstemp(prefix="ledger-", suffix=".csv")
    copy = Path(name)
    try:
        with path.open("rb") as file, open(descriptor, "w", encoding="utf-8", newline="") as out:  # noqa: PTH123  a descriptor
            return copy, tuple(_copy_sound_rows(file, out, names=names, name=path.name))
    except BaseException:
        copy.unlink()
        raise


def _copy_sound_rows(
    file: IO[bytes], out: IO[str], *, names: Sequence[str | None], name: str
) -> list[RefusedRow]:
    """Copy what can be told apart and return what cannot.

    A row that opens a quotation mark and does not close it is left out and reading goes on with the
    line below. Where the file ends inside a row it was cut off on its way, and what is missing
    might be a patient's wish: that file is refused whole.
    """
    wanted = [i for i, column in enumerate(names) if column is not None]
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow([_ROW, *(names[i] for i in wanted)])
    next(file)
    broken: list[RefusedRow] = []
    filled = (record for record in _records(file) if record.strip())
    for number, record in enumerate(filled, start=1):
        fields, reason = _split(record)
        column = ""
        if not reason and len(fields) != len(names):
            reason = f"expected {len(names)} fields as in the header, found {len(fields)}"
        nul = None if reason else next((i for i in wanted if "\0" in fields[i]), None)
        if nul is not None:
            reason, column = "expected text, found a NUL byte", names[nul] or ""
        if not reason:
            writer.writerow([number, *(fields[i] for i in wanted)])
        elif not record.endswith(b"\n"):
            raise DeliveryRefused(
                f"the file ends in the middle of row {number}: it was cut off; ask for it again",
                file=name,
            )
        elif len(broken) == MOST_BROKEN_ROWS:
            raise DeliveryRefused(
                f"more than {MOST_BROKEN_ROWS:,} rows cannot be read, the first of them "
                f"row {broken[0].row}: {broken[0].reason}",
                file=name,
            )
        else:
            broken.append(RefusedRow(name, number, column, reason))
    return broken


def _records(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Lines, those joined whose quotation marks say that a field goes on below."""
    source = iter(lines)
    ahead: deque[bytes] = deque()
    while line := (ahead.popleft() if ahead else next(source, b"")):
        if line.count(b'"') % 2 == 0:
            yield line
            continue
        parts = [line]
        closed = False
        while not closed and len(parts) < MOST_LINES_OF_A_ROW:
            more = ahead.popleft() if ahead else next(source, b"")
            if not more:
                break
            parts.append(more)
            closed = more.count(b'"') % 2 == 1
        record = b"".join(parts)
        if closed and not _split(record)[1]:
            yield record
        else:
            yield line
            ahead.extendleft(reversed(parts[1:]))


def _split(record: bytes) -> tuple[list[str], str]:
    """The fields of one record, or why it has none."""
    text = record.decode("utf-8", "replace").rstrip("\r\n")
    # As forgiving as Polars with marks inside a line; across lines only a well-formed field is
    # believed, since a stray mark would swallow the rows below it.
    try:
        (fields,) = csv.reader([text], strict="\n" in text or text.count('"') % 2 == 1)
    except (csv.Error, ValueError):
        return [], "expected fields with paired quotation marks, found one that is not closed"
    return fields, ""
