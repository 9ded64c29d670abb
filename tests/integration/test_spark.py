"""Does Spark find in a supplier's files exactly what Polars finds?

Whole deliveries of each system, with what goes wrong in them, and texts made to trip an engine.
"""

import csv
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ledger.application import Ledger
from ledger.domain.codes import scan_pattern
from ledger.readers import emis, finding, vision
from ledger.readers.delivery import Contents, Found
from ledger.readers.engines import (
    POLARS,
    EngineName,
    EngineUnavailable,
    ScanEngine,
    opened,
)
from ledger.readers.scan import Sheet, matches, one_of, open_csv
from tests.files import (
    EMIS_PRACTICE,
    a_guid,
    a_systmone_delivery,
    a_systmone_entry,
    an_emis_agreement,
    an_emis_delivery,
    an_emis_observation,
    found_in,
    the_delivery,
)
from tests.nhs_numbers import nhs_number
from tests.unit.memory import KnownMemory

DATA = Path(__file__).parents[1] / "data"

# What pandas and pyspark say about themselves on their way is not ours to mend.
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def spark() -> Iterator[ScanEngine]:
    """Spark on this machine. Without it these tests fail, unless we were told it cannot be had."""
    if reason := os.environ.get("LEDGER_NO_SPARK"):
        pytest.skip(f"not run, no Spark: {reason}")
    try:
        with opened(EngineName.SPARK, master="local[2]") as engine:
            yield engine
    except EngineUnavailable as why:
        pytest.fail(f"{why}. Or say in LEDGER_NO_SPARK why it cannot be had")


def contents(
    found: Found, engine: ScanEngine, known: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """What a delivery says, lazy parts and all."""
    told = finding.read(found, KnownMemory(entries=known), engine=engine)
    lazy = {"links", "registrations"}
    return {
        name: list(getattr(told, name)) if name in lazy else getattr(told, name)
        for name in (field.name for field in fields(Contents))
    }


def both(
    found: Found, spark: ScanEngine, known: Mapping[str, Sequence[str]] | None = None
) -> dict[str, Any]:
    """The contents, of which the engines make the same."""
    by_polars = contents(found, POLARS, known or {})
    by_spark = contents(found, spark, known or {})
    assert by_spark == by_polars
    return by_spark


# --- whole deliveries


@pytest.mark.parametrize("system", ["systmone", "emis", "vision"])
def test_the_samples_say_the_same(spark: ScanEngine, tmp_path: Path, system: str) -> None:
    (found,), _ = finding.find(DATA / system, scratch=tmp_path)

    assert len(both(found, spark, {"X99901": ["8899"]})["entries"]) == 1


SYSTMONE_CODE = (
    b'"DateEvent","IDPatient","RemovedData","CTV3Text","IDOrganisationVisibleTo","IDLeaflet",'
    b'"DateEventRecorded","CTV3Code","RowIdentifier","IDProfileEnteredBy"\r\n'
)


def systmone_row(row: str, *, code: str = "XaZ89", text: bytes = b"", **told: str) -> bytes:
    cells = {"patient": "5001", "removed": "0", "by": "77", "practice": "X99901", **told}
    fields_ = [
        b"04 Jul 2025", cells["patient"].encode(), cells["removed"].encode(), text,
        cells["practice"].encode(), b"", b"05 Jul 2025 14:53:28", code.encode(), row.encode(),
        cells["by"].encode(),
    ]  # fmt: skip
    return b",".join(b'"' + field + b'"' for field in fields_) + b"\r\n"


@pytest.mark.parametrize("broken", [b"", b'"04 Jul 2025","5001"\r\n', b'"5 feet 10" tall"\r\n'])
def test_systmone_says_the_same(spark: ScanEngine, tmp_path: Path, broken: bytes) -> None:
    # Columns in another order, SNOMEDCode missing, one that nobody knows.
    rows = [
        systmone_row("1"),
        systmone_row("2", text=b"Zo\xeb, at home"),
        systmone_row("3", text=b'line one\r\nline ""two""') if not broken else b"",
        broken,
        systmone_row("4", by="7\n7", code="xaz8a"),
        systmone_row("5", code="XaaVL\u00a0", practice="x99902 "),
        systmone_row("6", code="2469.", patient=""),
        systmone_row("7", code="2469."),
        systmone_row("1", removed="1"),
        systmone_row("9", removed="TRUE", code="2469."),
        systmone_row("", patient="5002"),
    ]
    folder = tmp_path / "20250705_2200"
    folder.mkdir()
    (folder / "SRCode.csv").write_bytes(SYSTMONE_CODE + b"".join(rows))
    (folder / "SRPatient.csv").write_bytes(
        b"NHSNumber,TestPatient,RowIdentifier,IDOrganisationVisibleTo,FirstName\r\n"
        + f"{nhs_number()},0,5001,X99901,".encode() + b"Zo\xeb\r\n"
        b",0,,X99901,\r\n,1,5003,?,\r\n"
    )  # fmt: skip
    (folder / "SRPatientRegistration.csv").write_bytes(
        b"RowIdentifier,IDOrganisationVisibleTo,DateRegistration,DateDeRegistration,IDPatient,"
        b"IDOrganisation\r\n1,X99901,03 Mar 2015,,5001,x99901\t\r\n2,X99901,,,5002,X99902\r\n"
        b"3,X99901,,,5003,\r\n"
    )
    (folder / "SRManifest.csv").write_text(
        "FileName,IsDelta,IsReference,DateExtractFrom,DateExtractTo\n"
        + "".join(
            f"{table},Y,N,20250704_2200,20250705_2200\n"
            for table in ("SRCode", "SRPatient", "SRPatientRegistration")
        )
    )

    told = both(the_delivery(folder), spark, {"X99901": ["7", "9"]})

    assert [entry.entry_id for entry in told["entries"]][:1] == ["2"]
    assert {removal.key.entry_id for removal in told["removals"]} == {"7", "9"}
    assert len(told["refused"]) == 3 + bool(broken)
    assert [one.source_patient for one in told["registrations"]] == ["5001", "5003"]


def test_a_bulk_of_emis_with_what_goes_wrong_says_the_same(
    spark: ScanEngine, tmp_path: Path
) -> None:
    folder = an_emis_delivery(
        tmp_path,
        dated=datetime(2025, 7, 5, 22, tzinfo=UTC),
        bulk=True,
        agreements=[an_emis_agreement()],
        observations=[
            an_emis_observation(),
            {**an_emis_observation(), "ObservationGuid": "{{" + a_guid(7).lower() + "}"},
            {**an_emis_observation(), "ObservationGuid": a_guid(8) + "\u2003"},
            {**an_emis_observation(), "ObservationGuid": a_guid(9), "Deleted": " TRUE\u00a0"},
            {**an_emis_observation(), "ObservationGuid": ""},
        ],
    )
    (found,) = found_in(folder)

    told = both(found, spark, {EMIS_PRACTICE: [a_guid(9).strip("{}")]})

    assert len(told["entries"]) == 3
    assert len(told["removals"]) == 1
    assert len(told["refused"]) == 1


def test_a_delivery_of_vision_with_what_goes_wrong_says_the_same(
    spark: ScanEngine, tmp_path: Path
) -> None:
    stamp = "data_extract-2026-01-05-000500.csv"
    journal = ["5001", "1", "20260105", "20260105", "9Nu0.00", *[""] * 12, "", "", "", "", "I", ""]
    # The test pack's layout: 23 fields, ACTION the last.
    journal = [*journal[:21], "", "I"]
    rows = [
        journal,
        [*journal[:1], "2", *journal[2:4], "9Nu000 ", *journal[5:]],
        [*journal[:1], "3", *journal[2:10], "text, with\nlines", *journal[11:]],
        [*journal[:1], "4", *journal[2:22], "D\u00a0"],
        [*journal[:1], "5", *journal[2:22], "?"],
        ["\u2003", *journal[1:]],
        journal[:9],
    ]
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    (tmp_path / f"INCREMENTAL_X99903_journal_{stamp}").write_bytes(out.getvalue().encode())
    (found,), _ = finding.find(tmp_path, scratch=tmp_path)

    told = both(found, spark, {"X99903": ["5001:4"]})

    assert len(told["entries"]) == 3
    assert [removal.key.entry_id for removal in told["removals"]] == ["5001:4"]
    assert len(told["refused"]) == 3


def test_the_ledger_takes_in_by_spark_what_it_takes_in_by_polars(
    spark: ScanEngine, ledger: Ledger, tmp_path: Path
) -> None:
    delivery = a_systmone_delivery(
        tmp_path,
        ends=datetime(2017, 3, 2, 22, 45),  # noqa: DTZ001
        entries=[a_systmone_entry()],
    )

    record = ledger.ingest(the_delivery(delivery), scanning=spark)

    assert (record.state, record.entries_kept, record.rows_read) == ("accepted", 1, 3)
    assert ledger.ingest(the_delivery(delivery)).already_taken


@pytest.fixture
def ledger(engine: Any) -> Ledger:
    """A ledger over a database of the test's own."""
    return Ledger(engine)


# --- texts made to trip an engine

PIECES = (
    *("XaZ89", "xaz89", "XaaVL", "9Nu0", "9Nu0.", "9Nu000", "9Nu0-1", "827241000000103", "2469."),
    *("D", "d", "true", "TRUE", "1", "0", "00", "X99901", "x99901", "a-b", "{", "}", "%", "_", "^"),
    *("$", ",", '"', "\\", "é", "ß", "ı", "ſ", "𐐀", "\ufeff"),
    *(" ", "\t", "\n", "\r\n", "\v", "\f", "\x1c", "\u00a0", "\u2003", "\u0085"),
)

CONDITIONS: Mapping[str, Callable[[Any, list[str]], Any]] = {
    "a code": lambda t, _: matches(t.A, scan_pattern()),
    "one of": lambda t, some: one_of(t.A, some),
    "one of, trimmed": lambda t, some: one_of(t.A.fill_null("").strip(), some),
    "the same, folded": lambda t, _: t.A.strip().upper() == t.B.strip().upper(),
    "empty": lambda t, _: t.A.fill_null("") == "",
    "an EMIS GUID": lambda t, some: one_of(emis._bare(t.A), [text.upper() for text in some]),
    "no EMIS GUID": lambda t, _: ~emis._bare(t.A).re_search(f"^{emis._GUID.pattern}$"),
    "an EMIS code": lambda t, _: matches(
        t.A.fill_null("").re_replace(emis._SYNONYM.pattern, "").rpad(5, "."), scan_pattern()
    ),
    "deleted at EMIS": lambda t, _: t.A.fill_null("").strip().lower() == "true",
    "no Vision PID": lambda t, _: ~vision._text(t.A).re_search(f"^{vision._IDENTIFIER.pattern}$"),
    "a Vision code": lambda t, _: matches(
        t.A.fill_null("").re_replace(r"[0-9]{2}\s*$", ""), scan_pattern()
    ),
}


@pytest.fixture(scope="module")
def tripping(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rows of random pieces, the same each time."""
    dice = Random(2018)
    path = tmp_path_factory.mktemp("texts") / "texts.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["A", "B"])
        writer.writerows(
            ["".join(dice.choices(PIECES, k=dice.randint(0, 3))) for _ in "AB"]
            for _ in range(10_000)
        )
    return path


@pytest.fixture(scope="module")
def sheets(tripping: Path, spark: ScanEngine) -> tuple[Sheet, Sheet]:
    """The same file, by each engine."""
    return open_csv(tripping, needed=("A", "B")), open_csv(
        tripping, needed=("A", "B"), engine=spark
    )


def test_every_row_is_the_same_row(sheets: tuple[Sheet, Sheet]) -> None:
    by_polars, by_spark = (list(sheet.pick()) for sheet in sheets)

    assert len(by_polars) == 10_000
    assert by_spark == by_polars


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_picks_the_same_rows(sheets: tuple[Sheet, Sheet], name: str) -> None:
    some = sorted({row.cells["A"].strip() for row in sheets[0].pick()})[::3]

    by_polars, by_spark = (
        list(sheet.pick(CONDITIONS[name](sheet.table, some))) for sheet in sheets
    )

    assert 0 < len(by_polars) < 10_000
    assert by_spark == by_polars
