"""Who took part in a collection, and whose objection reached NHS Digital?

No layout of the national collection is public, so this one is the project's own (docs/formats.md
8), and so is that of the conversions to the national opt-out. A collection may hold every objection
in England, 1.5 million rows, so each check is one expression over a whole column.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import NamedTuple, overload

import polars as pl

from ledger.domain.clinical_systems import clinical_system
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Conversion, Member, RefusedRow
from ledger.domain.identifiers import ODS_CODE_PATTERN
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import CollectionRead, Contents, Found, Memory
from ledger.readers.scan import Sheet, open_csv

_COLUMNS = (
    "CollectionId",
    "PeriodEnd",
    "Supplier",
    "PracticeCode",
    "NHSNumber",
    "CodeSystem",
    "Code",
    "EffectiveDate",
)
# The id becomes part of a stream's name, and a code part of an event: neither may be free text.
_ID = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_CODE = r"^[A-Za-z0-9.+-]{1,18}$"
_SUPPLIER = re.compile(r"[A-Z0-9 -]{1,40}")
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def read(found: Found, memory: Memory) -> Contents:
    """One collection. Every practice that an acceptable row names took part in it."""
    del memory  # A collection stands alone.
    (path,) = found.files
    sheet = open_csv(path, needed=_COLUMNS, any_case=True)
    rows = _rows(sheet)
    about = _about(rows, path)
    good, refused = _judged(_spelt_out(rows), _checks(about), path)
    practices = tuple(good["PracticeCode"].unique().sort())
    return Contents(
        format=found.format,
        practices=practices,
        # The period includes its last day (docs/formats.md 8).
        period_end=datetime.combine(about.period_end, time(23, 59, 59), UTC),
        rows_read=sheet.rows + len(sheet.broken),
        collection=CollectionRead(
            collection=about.collection,
            period_end=about.period_end,
            practices=practices,
            suppliers=tuple(good["Supplier"].unique().sort()),
            members=_members(good, path),
        ),
        refused=(*sheet.broken, *refused),
        notes=(*_unknown(sheet), *_named_otherwise(path, about)),
    )


class InRefused(NamedTuple):
    """A member of a collection that was refused as a whole; of which and of whom, if it says."""

    nhs_number: str
    practice: str | None
    collection: str | None


def members_of_refused(found: Found) -> frozenset[InRefused]:
    """Who stood in a collection that cannot be taken in, as far as the file can be read at all."""
    (path,) = found.files
    told = {"PracticeCode": ODS_CODE_PATTERN, "CollectionId": _ID}
    try:
        sheet = open_csv(path, needed=("NHSNumber",), optional=list(told), any_case=True)
    except DeliveryRefused:
        return frozenset()
    frame: pl.DataFrame = sheet.table.to_polars()
    rows = frame.with_columns(pl.col(pl.String).fill_null("").str.strip_chars())
    sound = rows.with_columns(number=_ten_digits()).filter(_check_digit_holds())
    readable = [
        pl.when(pl.col(name).str.contains(pattern)).then(name) for name, pattern in told.items()
    ]
    return frozenset(InRefused(*row) for row in sound.select("number", *readable).iter_rows())


def read_conversion(found: Found, memory: Memory) -> Contents:
    """The type 2 objections that became national data opt-outs, each with its day and source."""
    del memory
    (path,) = found.files
    sheet = open_csv(path, needed=("NHSNumber", "ConvertedOn", "Source"), any_case=True)
    rows = _rows(sheet).with_columns(
        pl.col("Source").str.to_uppercase(), number=_ten_digits(), day=_day("ConvertedOn")
    )
    checks = (
        _Check("NHSNumber", _check_digit_holds(), _NUMBER),
        _Check("ConvertedOn", pl.col("day").is_not_null(), "expected a date as yyyy-mm-dd"),
        # MG, migrated, is the one source whose results the ledger may keep (E4 E11).
        _Check("Source", pl.col("Source") == "MG", "expected MG"),
    )
    good, refused = _judged(rows, checks, path)
    return Contents(
        format=found.format,
        period_end=found.dated,
        rows_read=sheet.rows + len(sheet.broken),
        conversions=[
            Conversion(*row)
            for row in good.select("number", "day", "Source", _source(path)).iter_rows()
        ],
        refused=(*sheet.broken, *refused),
        notes=_unknown(sheet),
    )


def _rows(sheet: Sheet) -> pl.DataFrame:
    """Every row with its number as `row`, and no blanks around what it says."""
    frame: pl.DataFrame = sheet.table.to_polars()
    (number,) = set(frame.columns) - sheet.present
    return frame.rename({number: "row"}).with_columns(
        pl.col(pl.String).fill_null("").str.strip_chars()
    )


def _unknown(sheet: Sheet) -> tuple[str, ...]:
    if not sheet.unknown:
        return ()
    return (f"{sheet.file} has columns that are not read: {', '.join(sheet.unknown)}",)


class _About(NamedTuple):
    collection: str
    period_end: date


def _about(rows: pl.DataFrame, path: Path) -> _About:
    """What collection this is, by the first row that names one and the end of its period."""
    naming = rows.lazy().filter(
        pl.col("CollectionId").str.contains(_ID), _day("PeriodEnd").is_not_null()
    )
    first = naming.select("CollectionId", _day("PeriodEnd")).head(1).collect().rows()
    if not first:
        raise DeliveryRefused(
            "expected a row that names the collection and the end of its period, found none",
            file=path.name,
        )
    return _About(*first[0])


def _named_otherwise(path: Path, about: _About) -> tuple[str, ...]:
    """What the file's name says otherwise than its rows, whose word holds."""
    named = re.fullmatch(r"collection_(.+)_(\d{8})", path.stem, re.IGNORECASE)
    if named is None:
        return ()
    collection, day = named.groups()
    notes = []
    if collection != about.collection:
        notes.append(
            f"{path.name} is named for collection {collection}, its rows for {about.collection}:"
            " the rows hold"
        )
    # The name may well bear a later day: when the collection was made.
    if day < f"{about.period_end:%Y%m%d}":
        notes.append(f"{path.name} is dated before its period ends, on {about.period_end}")
    return tuple(notes)


class _Check(NamedTuple):
    """What has to hold of a row, the column that is to blame where it does not, and why."""

    column: str
    holds: pl.Expr
    reason: str


_NUMBER = "expected ten digits whose last is the Modulus 11 check digit"


def _checks(about: _About) -> tuple[_Check, ...]:
    # A practice that had nobody to report has one row without a number, and nothing after it.
    nobody = ~pl.col("carried")
    return (
        _Check(
            "CollectionId",
            pl.col("CollectionId") == about.collection,
            "expected the collection this file is about, found another",
        ),
        _Check(
            "PeriodEnd",
            pl.col("PeriodEnd") == about.period_end.isoformat(),
            "expected the period end of this collection, found another",
        ),
        _Check(
            "Supplier",
            pl.col("Supplier").is_not_null(),
            "expected at most 40 letters, digits, blanks and hyphens",
        ),
        _Check(
            "PracticeCode",
            pl.col("PracticeCode").str.contains(ODS_CODE_PATTERN),
            "expected an ODS code: three to ten letters and digits",
        ),
        _Check("NHSNumber", nobody | _check_digit_holds(), f"{_NUMBER}, or nothing"),
        _Check(
            "CodeSystem",
            nobody | pl.col("CodeSystem").is_in(list(_CODE_SYSTEMS)),
            "expected readv2, ctv3 or snomed-ct",
        ),
        _Check(
            "Code",
            nobody | pl.col("Code").str.contains(_CODE),
            "expected a code: at most 18 letters, digits and full stops",
        ),
        _Check(
            "EffectiveDate",
            nobody | (pl.col("EffectiveDate") == "") | pl.col("day").is_not_null(),
            "expected a date as yyyy-mm-dd, or nothing",
        ),
    )


def _judged(
    rows: pl.DataFrame, checks: Sequence[_Check], path: Path
) -> tuple[pl.DataFrame, list[RefusedRow]]:
    """The rows of which every check holds, and of each other row the first that does not."""
    fault = pl.coalesce(
        pl.when(~check.holds).then(pl.lit(number, pl.Int8)) for number, check in enumerate(checks)
    )
    rows = rows.with_columns(fault=fault)
    faulty = rows.filter(pl.col("fault").is_not_null()).select("row", "fault").iter_rows()
    refused = [
        RefusedRow(path.name, row, checks[number].column, checks[number].reason)
        for row, number in faulty
    ]
    return rows.filter(pl.col("fault").is_null()), refused


def _spelt_out(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with each word in its one spelling; a supplier that cannot be one becomes null."""
    suppliers = {name: _supplier(name) for name in rows["Supplier"].unique()}
    return rows.with_columns(
        pl.col("Supplier").replace_strict(suppliers, return_dtype=pl.String),
        pl.col("PracticeCode").str.to_uppercase(),
        pl.col("CodeSystem").str.to_lowercase(),
        carried=pl.col("NHSNumber") != "",
        number=_ten_digits(),
        day=_day("EffectiveDate"),
    )


def _supplier(name: str) -> str | None:
    if (system := clinical_system(name)) is not None:
        return system.supplier.value
    return name.upper() if _SUPPLIER.fullmatch(name.upper()) else None


def _ten_digits() -> pl.Expr:
    digits = pl.col("NHSNumber").str.replace_all(r"[\s-]+", "")
    return pl.when(digits.str.contains(r"^[0-9]{10}$")).then(digits)


def _check_digit_holds() -> pl.Expr:
    """Whether the ten digits of `number`, weighed ten down to one, are divisible by eleven.

    The same as `identifiers.usable_nhs_number` says, for a whole column at once.
    """
    number = pl.col("number").cast(pl.Int64)
    weighed = [(10 - place) * (number // 10 ** (9 - place) % 10) for place in range(10)]
    return (pl.sum_horizontal(weighed) % 11 == 0) & number.is_not_null()


def _day(column: str) -> pl.Expr:
    text = pl.col(column)
    return pl.when(text.str.contains(_DAY)).then(text).str.to_date("%Y-%m-%d", strict=False)


def _source(path: Path) -> pl.Expr:
    return pl.format("{}:{}", pl.lit(path.name), "row").alias("source")


def _members(rows: pl.DataFrame, path: Path) -> "_Members":
    carried = rows.lazy().filter("carried")
    columns = ("Supplier", "PracticeCode", "number", "CodeSystem", "Code", "day")
    return _Members(carried.select(*columns, _source(path)).collect())


_CODE_SYSTEMS = {system.value: system for system in CodeSystem}
_BATCH = 10_000


class _Members(Sequence[Member]):
    """The members of a collection, made into values batch by batch as somebody reads them.

    A list of 1.5 million would cost six times the memory, and Python's garbage collector twice
    the time that making them takes.
    """

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows

    def __len__(self) -> int:
        return self._rows.height

    def __iter__(self) -> Iterator[Member]:
        for batch in self._rows.iter_slices(_BATCH):
            supplier, practice, number, system, *others = (column.to_list() for column in batch)
            systems = map(_CODE_SYSTEMS.__getitem__, system)
            yield from map(Member, supplier, practice, number, systems, *others)

    @overload
    def __getitem__(self, place: int) -> Member: ...

    @overload
    def __getitem__(self, place: slice) -> "_Members": ...

    def __getitem__(self, place: int | slice) -> "Member | _Members":
        if isinstance(place, slice):
            return _Members(self._rows[place])
        (member,) = _Members(self._rows[range(len(self))[place], :])
        return member
