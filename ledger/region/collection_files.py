"""The national collections and the conversions to the national data opt-out, as files."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

from ledger.domain.clinical_systems import Supplier
from ledger.region.region import Region
from ledger.region.timeline import COLLECTED_AFTER, COLLECTIONS, CONVERSIONS, REFUSED_PART, Month
from ledger.region.transmission import Transmission, refused_on

_COLLECTION = (
    "CollectionId", "PeriodEnd", "Supplier", "PracticeCode", "NHSNumber", "CodeSystem", "Code",
    "EffectiveDate",
)  # fmt: skip
_CONVERSION = ("NHSNumber", "ConvertedOn", "Source")


def write_collections(directory: Path, region: Region, transmission: Transmission) -> None:
    """Write one file a month."""
    directory.mkdir(parents=True)
    for month in COLLECTIONS:
        collection = f"GP{month}"
        day = month.last_day + COLLECTED_AFTER
        path = directory / f"collection_{collection}_{day:%Y%m%d}.csv"
        _write(path, _COLLECTION, _rows(region, transmission, month, collection))
    _write_refused(directory, region, transmission)


def _rows(
    region: Region, transmission: Transmission, month: Month, collection: str
) -> Iterator[tuple[str, ...]]:
    end = month.last_day.isoformat()
    for practice in region.practices:
        if not practice.takes_part(month):
            continue
        about = (collection, end, practice.supplier.value, practice.code)
        carried = transmission.rows(month, practice)
        yield from ((*about, *row) for row in carried)
        if not carried:
            # It took part and had nobody to report.
            yield (*about, "", "", "", "")


def _write_refused(directory: Path, region: Region, transmission: Transmission) -> None:
    """INPS's own part, a day before the collection: its header lacks a column."""
    collection = f"GP{REFUSED_PART}"
    rows = _rows(region, transmission, REFUSED_PART, collection)
    path = directory / f"collection_{collection}_{refused_on():%Y%m%d}.csv"
    header = ("Reporter" if name == "Supplier" else name for name in _COLLECTION)
    _write(path, header, (row for row in rows if row[2] == Supplier.INPS))


def write_conversions(directory: Path, transmission: Transmission) -> None:
    """Write who was converted on which day, each once."""
    directory.mkdir(parents=True)
    for n, (day, month) in enumerate(CONVERSIONS, start=1):
        numbers = sorted(n for n, of in transmission.converted.items() if of == month)
        rows = ((number, day.isoformat(), "MG") for number in numbers)
        _write(directory / f"conversion_MG{n}_{day:%Y%m%d}.csv", _CONVERSION, rows)


def _write(path: Path, header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
