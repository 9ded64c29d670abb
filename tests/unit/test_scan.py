"""Does a bulk scan give each row its number, and name what it cannot read?"""

import gc
import tempfile
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.refusals import DeliveryRefused
from ledger.readers import scan
from ledger.readers.scan import Sheet, matches, one_of, open_csv

HEADER = b'"Id","Name","Code"\r\n'


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    return tmp_path / "SRCode.csv"


def open_bytes(path: Path, content: bytes, **options: Any) -> Sheet:
    path.write_bytes(content)
    return open_csv(path, **{"needed": ("Id", "Code"), **options})


def rows(sheet: Sheet) -> list[tuple[int, str, str]]:
    return [(row.number, row.cells["Id"], row.cells["Code"]) for row in sheet.pick()]


def broken(sheet: Sheet) -> list[tuple[int, str]]:
    return [(row.row, row.reason) for row in sheet.broken]


def test_rows_are_counted_from_one_below_the_header(csv: Path) -> None:
    sheet = open_bytes(csv, HEADER + b'"7","a","x"\r\n"8","b",""\r\n')

    assert rows(sheet) == [(1, "7", "x"), (2, "8", "")]
    assert sheet.rows == 2


def test_a_condition_picks_rows_and_keeps_their_numbers(csv: Path) -> None:
    sheet = open_bytes(csv, HEADER + b'"7","a","xaz89"\r\n"8","b","22K.."\r\n"9","c","2469."\r\n')

    by_code = sheet.pick(matches(sheet.table.Code, "^XaZ8"))
    by_id = sheet.pick(one_of(sheet.table.Id, {"8", "9"}))
    by_nothing = sheet.pick(one_of(sheet.table.Id, set()))

    assert [row.number for row in by_code] == [1]
    assert [row.number for row in by_id] == [2, 3]
    assert list(by_nothing) == []


@pytest.mark.parametrize("at_once", [2, 100_000])
@pytest.mark.parametrize("broken", [b"", b'"0","too short"\r\n'], ids=["sound", "mended"])
def test_rows_can_be_singled_out_while_the_file_is_checked(
    csv: Path, monkeypatch: pytest.MonkeyPatch, broken: bytes, at_once: int
) -> None:
    monkeypatch.setattr(scan, "_CHECKED_AT_ONCE", at_once)
    content = HEADER + b"".join(b'"%d","","%s"\r\n' % (i, b"xy"[i % 2 :][:1]) for i in range(7))

    sheet = open_bytes(
        csv,
        content + broken,
        optional=["RemovedData"],
        count_by="Code",
        single_out=lambda table: (table.Code == "y") & (table.RemovedData == ""),
    )

    singled_out = list(sheet.singled_out())
    assert [(row.number, row.cells["Id"]) for row in singled_out] == [(2, "1"), (4, "3"), (6, "5")]
    assert singled_out == list(sheet.pick(sheet.table.Code == "y"))
    assert sheet.counts == {"x": 4, "y": 3}
    assert len(sheet.broken) == bool(broken)


def test_only_the_columns_asked_for_become_text(csv: Path) -> None:
    sheet = open_bytes(csv, HEADER + b'"7","Somebody","x"\r\n')

    (row,) = sheet.pick()

    assert row.cells == {"Id": "7", "Code": "x"}
    assert "Name" not in sheet.table.columns


def test_a_sheet_can_be_scanned_again_and_for_some_columns(csv: Path) -> None:
    sheet = open_bytes(csv, HEADER + b'"7","a","x"\r\n')

    first, second = list(sheet.pick()), list(sheet.pick(columns=["Code"]))

    assert (first[0].cells, second[0].cells) == ({"Id": "7", "Code": "x"}, {"Code": "x"})


def test_columns_may_come_in_any_order(csv: Path) -> None:
    sheet = open_bytes(csv, b"Code,Id\nx,7\n")

    assert rows(sheet) == [(1, "7", "x")]


def test_a_column_nobody_knows_is_named(csv: Path) -> None:
    sheet = open_bytes(csv, HEADER + b'"7","a","x"\r\n')
    knowing = open_bytes(csv, HEADER + b'"7","a","x"\r\n', known=["Name"])

    assert sheet.unknown == ("Name",)
    assert knowing.unknown == ()


@pytest.mark.parametrize("name", ["9990000018", "X 9990000018", "=cmd", "Zoë", "a" * 80])
def test_what_stood_in_a_row_is_not_told_as_the_name_of_a_column(csv: Path, name: str) -> None:
    sheet = open_bytes(csv, HEADER.replace(b"Name", name.encode()) + b'"7","a","x"\r\n')

    assert sheet.unknown == ("one whose name is none",)


def test_a_column_that_may_be_absent_is_empty(csv: Path) -> None:
    sheet = open_bytes(csv, HEADER + b'"7","a","x"\r\n', optional=["RemovedData"])

    (row,) = sheet.pick()

    assert row.cells["RemovedData"] == ""
    assert "RemovedData" not in sheet.present
    assert list(sheet.pick(sheet.table.RemovedData == "1")) == []


def test_the_case_of_headers_is_forgiven_where_asked(csv: Path) -> None:
    sheet = open_bytes(csv, b"ID,nAME,code\n7,a,x\n", any_case=True, known=["Name"])

    assert rows(sheet) == [(1, "7", "x")]
    assert sheet.unknown == ()


def test_rows_are_counted_by_the_text_of_a_column(csv: Path) -> None:
    content = HEADER + b'"7","","A"\r\n"8","","B"\r\n"9","","A"\r\n"9","",""\r\n'

    sheet = open_bytes(csv, content, count_by="Code")

    assert sheet.counts == {"A": 2, "B": 1}


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "expected a header line, found none"),
        (b"\r\n" + HEADER, "expected a header line, found none"),
        (b"Id,Name\n7,a\n", "expected the column Code, found no such name in the header"),
        (b"id,code\n7,a\n", "expected the column Id, Code, found no such name in the header"),
        (b"Id,Code,Id\n7,a,8\n", "expected the column Id once, found it 2 times"),
        (b'"Id,Code\n7,a\n', "found one whose quotation marks do not pair up"),
        ("Id,Code\n7,a\n".encode("utf-16"), "found UTF-16"),
        (b"Id,Code\r7,a\r", "found carriage returns alone"),
    ],
)
def test_a_file_without_a_usable_header_is_refused_whole(
    csv: Path, content: bytes, why: str
) -> None:
    with pytest.raises(DeliveryRefused, match=why) as refused:
        open_bytes(csv, content)

    assert refused.value.file == "SRCode.csv"


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), b"\xef\xbb\xbf" + HEADER])
def test_a_header_alone_is_a_table_without_rows(csv: Path, content: bytes) -> None:
    sheet = open_bytes(csv, content, count_by="Code")

    assert (rows(sheet), sheet.rows, sheet.counts, sheet.broken) == ([], 0, {}, ())


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"\xef\xbb\xbf" + HEADER + b'"7","a","x"\r\n', [(1, "7", "x")], id="BOM"),
        pytest.param(HEADER + b'"7","Zo\xeb","x"\r\n', [(1, "7", "x")], id="Windows-1252"),
        pytest.param(HEADER + b'"7","a","x"', [(1, "7", "x")], id="no last line end"),
        pytest.param(
            HEADER + b"7,a,x\n8,b,y\r\n9,c,z\n",
            [(1, "7", "x"), (2, "8", "y"), (3, "9", "z")],
            id="mixed line ends, no quotes",
        ),
        pytest.param(
            HEADER + b'"7","a, b","x"\r\n"8","","y"\r\n',
            [(1, "7", "x"), (2, "8", "y")],
            id="comma inside quotes",
        ),
        pytest.param(
            HEADER + b'"7","he said ""no""","x"\r\n"8","he said "no"","y"\r\n',
            [(1, "7", "x"), (2, "8", "y")],
            id="quotes inside quotes, doubled or not",
        ),
        pytest.param(
            HEADER + b'"7","a\r\nb\n","x"\r\n"8","","y"\r\n',
            [(1, "7", "x"), (2, "8", "y")],
            id="line ends inside quotes: records are counted",
        ),
        pytest.param(
            HEADER + b"7,a,\r\n8,,y\r\n", [(1, "7", ""), (2, "8", "y")], id="empty without quotes"
        ),
        pytest.param(
            HEADER + b'"7","a","x"\r\n\r\n\n"8","","y"\r\n\r\n',
            [(1, "7", "x"), (2, "8", "y")],
            id="empty lines are no rows",
        ),
        pytest.param(
            HEADER + b'"7","' + b"a" * 300_000 + b'","x"\r\n', [(1, "7", "x")], id="huge field"
        ),
        pytest.param(
            HEADER + b'"7","a\0b","x"\r\n', [(1, "7", "x")], id="NUL in a column left alone"
        ),
        pytest.param(
            HEADER + b'"7","5\' 10" tall","x"\r\n"8","6\' 1" tall","y"\r\n',
            [],
            id="a stray mark a row",
        ),
    ],
)
def test_what_can_be_read_is_read(
    csv: Path, content: bytes, expected: list[tuple[int, str, str]]
) -> None:
    sheet = open_bytes(csv, content)

    assert rows(sheet) == expected
    assert sheet.rows == len(expected)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (b'"8","b"\r\n', "expected 3 fields as in the header, found 2"),
        (b'"8"\r\n', "expected 3 fields as in the header, found 1"),
        (b'"8","b","c","d"\r\n', "expected 3 fields as in the header, found 4"),
        (b'"8","b","c",""\r\n', "expected 3 fields as in the header, found 4"),
        (b"8,Smith, John,c\r\n", "expected 3 fields as in the header, found 4"),
        (b'"8","5 feet 10" tall","c"\r\n', "found one that is not closed"),
        (b'"8","b,"c"\r\n', "found one that is not closed"),
        (b'"8","b","c\0"\r\n', "expected text, found a NUL byte"),
        (b'"8\0","b","c"\r\n', "expected text, found a NUL byte"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_the_rest_is_kept(
    csv: Path, line: bytes, why: str
) -> None:
    sheet = open_bytes(csv, HEADER + b'"7","a","x"\r\n' + line + b'"9","c","z"\r\n')

    assert rows(sheet) == [(1, "7", "x"), (3, "9", "z")]
    ((row, reason),) = broken(sheet)
    assert row == 2
    assert reason.endswith(why)
    assert sheet.rows == 2


def test_two_stray_marks_do_not_swallow_the_rows_between_them(csv: Path) -> None:
    content = HEADER + b'"1","a "b","x"\r\n"2","c","y"\r\n"3","d" e","z"\r\n"4","f","w"\r\n'

    sheet = open_bytes(csv, content)

    assert rows(sheet) == [(2, "2", "y"), (4, "4", "w")]
    assert [row for row, _ in broken(sheet)] == [1, 3]


@pytest.mark.parametrize("end", [b'"8","b"', b'"8","b","c', b'"8'])
def test_a_file_that_was_cut_off_is_refused_whole(csv: Path, end: bytes) -> None:
    with pytest.raises(DeliveryRefused, match="ends in the middle of row 2: it was cut off"):
        open_bytes(csv, HEADER + b'"7","a","x"\r\n' + end)


def test_a_file_of_unreadable_rows_is_refused_whole(
    csv: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scan, "MOST_BROKEN_ROWS", 3)

    with pytest.raises(DeliveryRefused, match="more than 3 rows cannot be read, the first of them"):
        open_bytes(csv, HEADER + b"7;a;x\r\n" * 4)


def test_a_mended_copy_is_deleted_with_the_sheet(
    csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))
    sheet = open_bytes(csv, HEADER + b'"7","a"\r\n"8","Somebody","y"\r\n')
    (copy,) = copies.iterdir()
    text = copy.read_text()

    read = rows(sheet)
    del sheet
    gc.collect()

    assert read == [(2, "8", "y")]
    assert "Somebody" not in text
    assert list(copies.iterdir()) == []


def test_a_refused_file_leaves_no_mended_copy(
    csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(copies))

    with pytest.raises(DeliveryRefused):
        open_bytes(csv, HEADER + b'"7","a"')

    assert list(copies.iterdir()) == []
