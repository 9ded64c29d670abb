"""What may stand in a file, and what is done about it? The same for every format with a header.

Each case spoils one file of a sound delivery: it is read as before, or loses the rows that cannot
be told, or is refused whole; and each says so.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ledger.domain.refusals import DeliveryRefused
from ledger.readers import finding
from ledger.readers.delivery import Contents
from tests.files import found_in
from tests.property.fuzzing import OnEvolution, sound_files


class Told(NamedTuple):
    """Where a format says what matters: its file, and a column it cannot do without."""

    name: str
    file: str
    column: str


FORMATS = [
    Told("systmone", "SRCode.csv", "CTV3Code"),
    Told("emis", "CareRecord_Observation", "CodeId"),
    Told("collection", "collection_", "PracticeCode"),
    Told("conversion", "conversion_", "NHSNumber"),
    Told("sharing", "sharing_", "Setting"),
    Told("entries", "entries_", "Code"),
    Told("withheld", "withheld_", "NHSNumber"),
]
each_format = pytest.mark.parametrize("told", FORMATS, ids=lambda told: told.name)
Table = list[list[str]]


def said(contents: Contents) -> tuple[object, ...]:
    """All that a delivery says, whatever its files look like."""
    return (
        [entry.model_copy(update={"source": ""}) for entry in contents.entries],
        [link._replace(source="") for link in contents.links],
        [change.model_copy(update={"source": ""}) for change in contents.settings],
        contents.collection and [m._replace(source="") for m in contents.collection.members],
        [conversion._replace(source="") for conversion in contents.conversions],
        [withheld._replace(source="") for withheld in contents.withheld],
        list(contents.refused),
    )


def read(told: Told, where: Path, spoil: Callable[[bytes], bytes] = bytes) -> Contents:
    for path, content in sound_files(told.name).items():
        (where / path).parent.mkdir(parents=True, exist_ok=True)
        (where / path).write_bytes(spoil(content) if told.file in path else content)
    (found,) = found_in(where)
    return finding.read(found, OnEvolution())


def table(change: Callable[[Table], Table]) -> Callable[[bytes], bytes]:
    """Spoil the rows and columns of a file, the header first."""

    def spoil(content: bytes) -> bytes:
        out = io.StringIO()
        rows = list(csv.reader(io.StringIO(content.decode("latin-1"), newline="")))
        csv.writer(out, quoting=csv.QUOTE_ALL).writerows(change(rows))
        return out.getvalue().encode("latin-1")

    return spoil


def without(column: str) -> Callable[[Table], Table]:
    def change(rows: Table) -> Table:
        gone = rows[0].index(column)
        return [row[:gone] + row[gone + 1 :] for row in rows]

    return change


def twice(column: str) -> Callable[[Table], Table]:
    def change(rows: Table) -> Table:
        again = rows[0].index(column)
        return [[*row, row[again]] for row in rows]

    return change


HARMLESS = {
    "a byte-order mark": lambda content: b"\xef\xbb\xbf" + content,
    "mixed line ends": lambda content: content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n", 1),
    "an empty line at the end": lambda content: content + b"\n",
    "columns in another order": table(lambda rows: [row[::-1] for row in rows]),
    "a column nobody knows": table(
        lambda rows: [[*row, f"new{not n}"] for n, row in enumerate(rows)]
    ),
}


@each_format
@pytest.mark.parametrize("what", HARMLESS)
def test_what_is_harmless_changes_nothing(told: Told, what: str, tmp_path: Path) -> None:
    sound = read(told, tmp_path / "sound")

    spoilt = read(told, tmp_path / "spoilt", HARMLESS[what])

    assert said(spoilt) == said(sound)


@each_format
def test_a_column_nobody_knows_is_named(told: Told, tmp_path: Path) -> None:
    contents = read(told, tmp_path, HARMLESS["a column nobody knows"])

    assert any("newTrue" in note for note in contents.notes)


@each_format
def test_a_column_that_is_missing_refuses_the_whole(told: Told, tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match=told.column) as refused:
        read(told, tmp_path, table(without(told.column)))

    assert told.file in refused.value.file


@each_format
def test_a_column_that_is_there_twice_refuses_the_whole(told: Told, tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match=told.column):
        read(told, tmp_path, table(twice(told.column)))


@each_format
def test_a_row_with_a_nul_byte_is_left_out_and_named(told: Told, tmp_path: Path) -> None:
    def spoil(content: bytes) -> bytes:
        header, _, rest = content.partition(b"\n")
        at = header.decode().replace('"', "").strip().split(",").index(told.column)
        first, _, others = rest.partition(b"\n")
        cells = first.split(b",")
        cells[at] = b'"\0' + cells[at].strip(b'"')[:3] + b'"'
        return b"\n".join([header, b",".join(cells), others])

    contents = read(told, tmp_path, spoil)

    assert [row.row for row in contents.refused] == [1]
    assert told.file in contents.refused[0].file


@each_format
def test_a_field_of_fifty_megabytes_hurts_nobody(told: Told, tmp_path: Path) -> None:
    long = "x" * 50_000_000

    def spoil(rows: Table) -> Table:
        return [[*rows[0], "TextualEventDoneBy2"], *([*row, long] for row in rows[1:2]),
                *([*row, ""] for row in rows[2:])]  # fmt: skip

    contents = read(told, tmp_path, table(spoil))

    assert not contents.refused
    assert all(len(note) < 500 for note in contents.notes)
