"""The national collections and the conversions to the national data opt-out, as files."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path

from ledger.region.region import Region
from ledger.region.timeline import (
    BACKLOG,
    COLLECTED_AFTER,
    COLLECTIONS,
    LAST_COLLECTION,
    OPT_OUT_BEGAN,
    TYPE_2_ENDED,
    Month,
)
from ledger.region.transmission import Transmission

_COLLECTION = (
    "CollectionId", "PeriodEnd", "Supplier", "PracticeCode", "NHSNumber", "CodeSystem", "Code",
    "EffectiveDate",
)  # fmt: skip
_CONVERSION = ("NHSNumber", "ConvertedOn", "Source")
# Type 2 objections became national opt-outs on these days, those of the collections up to then:
# what TPP had held back only with the second.
_CONVERTED = (
    (OPT_OUT_BEGAN, Month(2018, 4)),
    (date(2018, 7, 6), BACKLOG),
    (TYPE_2_ENDED, LAST_COLLECTION),
)


def write_collections(directory: Path, region: Region, transmission: Transmission) -> None:
    """Write one file a month."""
    directory.mkdir(parents=True)
    for month in COLLECTIONS:
        collection = f"GP{month}"
        day = month.last_day + COLLECTED_AFTER
        path = directory / f"collection_{collection}_{day:%Y%m%d}.csv"
        _write(path, _COLLECTION, _rows(region, transmission, month, collection))


def _rows(
    region: Region, transmission: Transmission, month: Month, collection: str
) -> Iterator[tuple[str, ...]]:
    end = month.last_day.isoformat()
    for practice in region.practices:
        if month < practice.collected_from:
            continue
        about = (collection, end, practice.supplier.value, practice.code)
        carried = transmission.rows(month, practice)
        yield from ((*about, *row) for row in carried)
        if not carried:
            # It took part and had nobody to report.
            yield (*about, "", "", "", "")


def write_conversions(directory: Path, transmission: Transmission) -> None:
    """Write who was converted on which day, each once."""
    directory.mkdir(parents=True)
    known: set[str] = set()
    for n, (day, month) in enumerate(_CONVERTED, start=1):
        new = [number for number in transmission.numbers([month]) if number not in known]
        known.update(new)
        rows = ((number, day.isoformat(), "MG") for number in new)
        _write(directory / f"conversion_MG{n}_{day:%Y%m%d}.csv", _CONVERSION, rows)


def _write(path: Path, header: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
