"""Which organisations stand in the national register, and which clinical system does each use?

Two published files of NHS Digital (docs/formats.md 6.1), plain or gzipped: `epraccur.csv`, 27
unnamed fields, and the practice-to-system list, header ODSCode,Supplier. The list names no Vision
or Evolution practice, so a practice that it leaves out is not known rather than on no system.
"""

import csv
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeVar

from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.entries import RefusedRow
from ledger.domain.identifiers import ods_code
from ledger.domain.refusals import DeliveryRefused


class Organisation(NamedTuple):
    """One line of the register. Most are no GP practice: prisons, trusts, out-of-hours services."""

    code: str
    name: str
    status: str
    gp_practice: bool
    postcode: str | None
    commissioner: str | None
    opened_on: date | None
    closed_on: date | None


class Register(NamedTuple):
    """The lines that could be read, and those that could not."""

    organisations: tuple[Organisation, ...]
    refused: tuple[RefusedRow, ...]


class Systems(NamedTuple):
    """Which practice (ODS code) uses which clinical system, and the lines that do not say."""

    systems: tuple[tuple[str, ClinicalSystem], ...]
    refused: tuple[RefusedRow, ...]


def read_epraccur(path: Path) -> Register:
    """The prescribing organisations of England and Wales, as `epraccur.csv` lists them."""
    organisations, refused = _each_row(_rows(path), _organisation, path.name)
    if not organisations:
        # A wrong file is one in which nothing reads; a bad line among good ones is only that.
        raise DeliveryRefused(
            f"expected the {_FIELDS} fields of epraccur.csv in each row, found none that reads"
            + (f"; in the first, {refused[0].reason}" if refused else ""),
            file=path.name,
        )
    return Register(organisations, refused)


def read_systems(path: Path) -> Systems:
    """The practice-to-system list. Take system and supplier by any name they are known by."""
    rows = _rows(path)
    header = [name.strip().casefold() for name in rows[0]] if rows else []
    if header[:2] != ["odscode", "supplier"]:
        raise DeliveryRefused("expected the header ODSCode,Supplier, found another", file=path.name)
    return Systems(*_each_row(rows[1:], _system_of, path.name))


class _RowError(Exception):
    """Why one row cannot be a fact, and which column says so; never what stood there."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column
        self.reason = reason


_FIELDS = 27
_MOST_OF_A_NAME = 200
_STATUSES = {"A": "active", "C": "closed", "D": "dormant", "P": "proposed"}
_EIGHT_DIGITS = re.compile("[0-9]{8}")
_GP_PRACTICE = "4"  # Prescribing setting: 0 other, 1 walk-in centre, 2 out of hours, and so on.


def _organisation(row: list[str]) -> Organisation:
    if len(row) != _FIELDS:
        raise _RowError("", f"expected {_FIELDS} fields, found {len(row)}")
    # The field numbers of docs/formats.md 6.1, which count from 1.
    field = ["", *(text.strip() for text in row)].__getitem__
    if len(field(2)) > _MOST_OF_A_NAME:
        raise _RowError("Name", f"expected at most {_MOST_OF_A_NAME} characters")
    if (status := _STATUSES.get(field(13))) is None:
        raise _RowError("Status", "expected A, C, D or P")
    return Organisation(
        code=_code(field(1), "Organisation code"),
        name=field(2),
        status=status,
        gp_practice=field(26) == _GP_PRACTICE,
        postcode=field(10) or None,
        commissioner=field(15) or None,
        opened_on=_day(field(11), "Open date"),
        closed_on=_day(field(12), "Close date"),
    )


def _system_of(row: list[str]) -> tuple[str, ClinicalSystem]:
    match row:
        case [practice, name, *_]:
            code = _code(practice, "ODSCode")
        case _:
            raise _RowError("", f"expected ODSCode and Supplier, found {len(row)} field")
    if (system := clinical_system(name)) is None:
        raise _RowError("Supplier", "expected TPP, EMIS, INPS or MICROTEST, found another")
    return code, system


def _code(text: str, column: str) -> str:
    if (code := ods_code(text)) is None:
        raise _RowError(column, "expected an ODS code: three to ten letters and digits")
    return code


def _day(text: str, column: str) -> date | None:
    if not text:
        return None
    try:
        # Eight digits first: `fromisoformat` alone would take other spellings too.
        return date.fromisoformat(text if _EIGHT_DIGITS.fullmatch(text) else "")
    except ValueError:
        raise _RowError(column, "expected a date as yyyymmdd, or nothing") from None


_Read = TypeVar("_Read")


def _each_row(
    rows: Iterable[list[str]], read: Callable[[list[str]], _Read], file: str
) -> tuple[tuple[_Read, ...], tuple[RefusedRow, ...]]:
    kept, refused = [], []
    for number, row in enumerate(rows, start=1):
        if not row:
            continue  # an empty line
        try:
            kept.append(read(row))
        except _RowError as why:
            refused.append(RefusedRow(file, number, why.column, why.reason))
    return tuple(kept), tuple(refused)


def _rows(path: Path) -> list[list[str]]:
    try:
        # ASCII so far; a byte that is not UTF-8 spoils a name, never the list.
        text = _unzipped(path.read_bytes()).decode("utf-8-sig", errors="replace")
        return list(csv.reader(io.StringIO(text, newline="")))
    except (OSError, EOFError, zlib.error, csv.Error) as why:
        reason = f"expected a CSV file, plain or gzipped, found none that opens: {why}"
        raise DeliveryRefused(reason, file=path.name) from why


def _unzipped(content: bytes) -> bytes:
    # By its first bytes, because a download loses its suffix easily.
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content
