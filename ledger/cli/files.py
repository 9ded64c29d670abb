"""How do many records become a file? As JSON, CSV or Parquet; whole, or not at all.

Such a file may hold NHS numbers: nobody but whoever asked for it may read it.
"""

import csv
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any, Literal, TypeVar, get_args, get_origin

import polars as pl
from pydantic import BaseModel

from ledger.application.spreadsheets import flat, unformula
from ledger.domain.refusals import NotAFact

Kind = TypeVar("Kind", bound=BaseModel)
_Write = Callable[[IO[bytes], Iterable[BaseModel], type[BaseModel]], int]

# Of a Parquet file, gathered column by column before the next are made.
_ROWS_AT_ONCE = 50_000


def save(records: Iterable[Kind], kind: type[Kind], path: Path, *, format_: str) -> int:
    """Write records into a file that is not there yet; how many there were."""
    part = path.with_name(f".{path.name}.part")
    try:
        if path.exists():
            raise FileExistsError
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            written = _WRITERS[format_](file, records, kind)
        part.rename(path)
    except OSError as error:
        why = "it is there already" if isinstance(error, FileExistsError) else error.strerror
        raise NotAFact(f"{path.name} cannot be written: {why}; name another file") from None
    finally:
        part.unlink(missing_ok=True)
    return written


def _json(file: IO[bytes], records: Iterable[BaseModel], _kind: type[BaseModel]) -> int:
    written = 0
    for record in records:
        file.write(b",\n" if written else b"[\n")
        file.write(record.model_dump_json().encode())
        written += 1
    file.write(b"\n]\n" if written else b"[]\n")
    return written


def _csv(file: IO[bytes], records: Iterable[BaseModel], kind: type[BaseModel]) -> int:
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    names = list(kind.model_fields)
    writer.writerow(names)
    written = 0
    for record in records:
        written += 1
        told = json.loads(record.model_dump_json())
        writer.writerow([unformula(flat(told[name])) for name in names])
    text.detach()
    return written


def _parquet(file: IO[bytes], records: Iterable[BaseModel], kind: type[BaseModel]) -> int:
    schema = {name: _column(field.annotation) for name, field in kind.model_fields.items()}
    frames = [pl.DataFrame(schema=schema)]
    for rows in _chunks(records):
        columns = {name: [getattr(row, name) for row in rows] for name in schema}
        frames.append(pl.DataFrame(columns, schema=schema))
    whole = pl.concat(frames)
    whole.write_parquet(file)
    return whole.height


def _chunks(records: Iterable[BaseModel]) -> Iterator[list[BaseModel]]:
    rest = iter(records)
    while rows := list(islice(rest, _ROWS_AT_ONCE)):
        yield rows


def _column(annotation: Any) -> pl.DataType:
    """The type of a column for a field of a record: flat, or a list of what is flat."""
    if get_origin(annotation) is list:
        return pl.List(_column(get_args(annotation)[0]))
    if get_origin(annotation) is Literal:
        return pl.String()
    [told] = [one for one in get_args(annotation) or (annotation,) if one is not type(None)]
    return _COLUMNS[told]


_COLUMNS: dict[type, pl.DataType] = {
    str: pl.String(),
    int: pl.Int64(),
    bool: pl.Boolean(),
    date: pl.Date(),
    datetime: pl.Datetime("us", "UTC"),
}
_WRITERS: dict[str, _Write] = {"json": _json, "csv": _csv, "parquet": _parquet}
