"""Is what a supplier's code map says of our codes compared, once, and only where it is new?"""

from datetime import datetime
from pathlib import Path

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.readers import emis, systmone
from ledger.readers.delivery import Contents, Reference
from tests.files import a_systmone_delivery, an_emis_delivery, found_in, write_csv
from tests.unit.memory import KnownMemory, NoMemory

ENDS, BEGINS = datetime(2026, 1, 5, 22), datetime(2026, 1, 4, 22)  # noqa: DTZ001  a practice's clock
COLUMNS = ("RowIdentifier", "IDOrganisationVisibleTo", "Ctv3Code", "SnomedCode", "RemovedData")
STOOD = Reference(
    ClinicalSystem.SYSTMONE, "tpp", "code-map SRCtv3ToSnomed", "7",
    "ctv3|XaaVM|snomed-ct|881561000000100",
)  # fmt: skip
Line = tuple[str, str, str, str]


def a_delivery(
    where: Path,
    *lines: Line,
    ends: datetime = ENDS,
    delta: bool = False,
    listed: bool = True,
) -> Path:
    folder = a_systmone_delivery(where, ends=ends, begins=BEGINS if delta else None)
    rows = [
        dict(zip(COLUMNS, (row_id, "X99901", code, snomed, removed), strict=True))
        for row_id, code, snomed, removed in lines
    ]
    write_csv(folder / "SRCtv3ToSnomed.csv", COLUMNS, rows, encoding="cp1252")
    if listed:
        times = f'"{BEGINS:%Y%m%d_%H%M}"' if delta else '""'
        is_delta = "Y" if delta else "N"
        with (folder / "SRManifest.csv").open("a", newline="") as manifest:
            manifest.write(f'"SRCtv3ToSnomed","{is_delta}","Y",{times},"{ends:%Y%m%d_%H%M}"\r\n')
    return folder


def read(folder: Path, *known: Reference) -> Contents:
    (found,) = found_in(folder)
    return systmone.read(found, KnownMemory(known) if known else NoMemory())


def told(contents: Contents) -> list[tuple[str, str | None, str | None, str]]:
    return [
        (
            line.row_id,
            line.mapped and line.mapped.mapped_code,
            line.ours and line.ours.code,
            line.source,
        )
        for line in contents.code_maps
    ]


def test_a_line_that_disagrees_is_told_and_one_that_agrees_is_not(tmp_path: Path) -> None:
    folder = a_delivery(
        tmp_path,
        ("1", "XaZ89", "827241000000103", "0"),
        ("7", "XaaVM", "881561000000100", "0"),
        ("8", "XaQVo", "827261000000102", "0"),
        ("9", "2469.", "72313002", "0"),
    )

    contents = read(folder)

    assert told(contents) == [
        ("7", "881561000000100", "881581000000109", "SRCtv3ToSnomed.csv:2"),
        ("8", "827261000000102", "XaZ8A", "SRCtv3ToSnomed.csv:3"),
    ]
    assert STOOD in contents.references


def test_the_same_line_again_tells_nothing(tmp_path: Path) -> None:
    folder = a_delivery(tmp_path, ("7", "XaaVM", "881561000000100", "0"))

    assert told(read(folder, STOOD)) == []


@pytest.mark.parametrize(
    "line",
    [
        ("7", "XaaVM", "881581000000109", "0"),
        ("7", "", "", "1"),
        ("7", "2469.", "72313002", "0"),
    ],
    ids=["corrected", "deleted", "of another code"],
)
def test_a_line_that_had_disagreed_and_no_longer_does_is_told(tmp_path: Path, line: Line) -> None:
    contents = read(a_delivery(tmp_path, line, delta=True), STOOD)

    assert told(contents) == [("7", None, None, "SRCtv3ToSnomed.csv:1")]
    assert STOOD._replace(value="") in contents.references


def test_a_whole_map_without_the_line_settles_it_and_a_delta_does_not(tmp_path: Path) -> None:
    agreed = ("1", "XaZ89", "827241000000103", "0")

    whole = read(a_delivery(tmp_path / "whole", agreed), STOOD)
    delta = read(a_delivery(tmp_path / "delta", agreed, delta=True), STOOD)
    unlisted = read(a_delivery(tmp_path / "unlisted", agreed, listed=False), STOOD)

    assert told(whole) == [("7", None, None, "")]
    assert told(delta) == told(unlisted) == []


def test_ctv3_is_compared_case_and_all(tmp_path: Path) -> None:
    folder = a_delivery(tmp_path, ("3", "XaZ8a", "827261000000102", "0"))

    assert told(read(folder)) == [("3", "827261000000102", "XaZ8A", "SRCtv3ToSnomed.csv:1")]


def test_what_is_no_code_is_refused_and_never_kept(tmp_path: Path) -> None:
    folder = a_delivery(tmp_path, ("3", "XaZ89", "Mr Smith asked for it", "0"))

    contents = read(folder)

    assert told(contents) == []
    assert [(row.file, row.row) for row in contents.refused] == [("SRCtv3ToSnomed.csv", 1)]
    assert "Smith" not in repr(contents.refused)


def test_a_map_that_cannot_be_read_keeps_no_objection_out(tmp_path: Path) -> None:
    folder = a_delivery(tmp_path)
    (folder / "SRCtv3ToSnomed.csv").write_text('"RowIdentifier","Ctv3Code"\r\n')

    contents = read(folder)

    assert contents.practices == ("X99901",)
    assert any("could not be compared with our codes" in note for note in contents.notes)


@pytest.mark.parametrize(
    ("read_term", "concept", "ours"),
    [
        ("9Nu0", "827241000000103", None),
        ("9Nu0-1", "827241000000103", None),
        ("ESCTDI2", "827241000000103", None),
        ("9Nu0", "", None),
        ("9Nu1", "827241000000103", "827261000000102"),
        ("9Nd1", "881581000000109", "9Nu5."),
    ],
)
def test_a_line_of_emis_is_compared_as_emis_spells_it(
    tmp_path: Path, read_term: str, concept: str, ours: str | None
) -> None:
    folder = an_emis_delivery(tmp_path, dated=ENDS, bulk=True)
    (path,) = folder.glob("*Coding_ClinicalCode*")
    header = path.read_text().splitlines()[0]
    names = header.replace('"', "").split(",")
    row = {"CodeId": "77", "ReadTermId": read_term, "SnomedCTConceptId": concept}
    cells = ",".join(f'"{row.get(name, "")}"' for name in names)
    path.write_text(f"{header}\r\n{cells}\r\n", newline="")
    (found,) = found_in(folder)

    contents = emis.read(found, NoMemory())

    assert [line.ours and line.ours.code for line in contents.code_maps] == (
        [] if ours is None else [ours]
    )
