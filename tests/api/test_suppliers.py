"""Are the board and the statistics told over HTTP, to auditors alone, and as spreadsheets?"""

import csv
import io
from datetime import date

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.application.records import (
    PracticeTransmissionRecord,
    StatisticsRecord,
    TransmissionRecord,
)
from tests.api.conftest import OURS, THEIRS, Headers, an_objection
from tests.files import Carried, a_collection_file, found_in

SHEETS = {
    "/suppliers/transmission.csv": TransmissionRecord,
    "/suppliers/transmission/practices.csv": PracticeTransmissionRecord,
    "/statistics.csv": StatisticsRecord,
}
LISTS = ("/suppliers/transmission", "/suppliers/transmission/practices", "/statistics")


@pytest.fixture
def collected(ledger: Ledger, tmp_path) -> Ledger:
    """Our practice and theirs took part in April 2018, and theirs is missing from May."""
    ours, theirs = Carried(practice=OURS), Carried(practice=THEIRS, supplier="EMIS")
    for end, members in ((date(2018, 4, 30), [ours, theirs]), (date(2018, 5, 31), [ours])):
        for delivery in found_in(a_collection_file(tmp_path, period_end=end, members=members)):
            ledger.ingest(delivery)
    ledger.catch_up()
    return ledger


def test_who_took_part_and_who_is_missing_is_told_page_by_page(
    client: TestClient, collected: Ledger, auditor: Headers
) -> None:
    first = client.get("/suppliers/transmission/practices?limit=2", headers=auditor)
    rest = client.get(first.headers["link"].split(">")[0][1:], headers=auditor)

    told = [*first.json()["practices"], *rest.json()["practices"]]
    assert [(r["period_end"], r["practice"], r["state"]) for r in told] == [
        ("2018-04-30", OURS, "took-part"),
        ("2018-04-30", THEIRS, "took-part"),
        ("2018-05-31", OURS, "took-part"),
        ("2018-05-31", THEIRS, "missing"),
    ]
    assert "link" not in rest.headers
    assert first.json()["position"] == collected.known().position


def test_practices_are_narrowed_to_a_supplier_and_a_collection(
    client: TestClient, collected: Ledger, auditor: Headers
) -> None:
    found = collected.practices_transmission()[-1].collection

    answer = client.get(
        "/suppliers/transmission/practices",
        params={"supplier": "emis-web", "collection": found},
        headers=auditor,
    )

    assert [(r["practice"], r["state"]) for r in answer.json()["practices"]] == [
        (THEIRS, "missing")
    ]


def test_statistics_are_told_suppressed_with_the_point_they_speak_of(
    client: TestClient, ledger: Ledger, controller: Headers, auditor: Headers
) -> None:
    client.post("/objections", json=an_objection(), headers=controller)
    ledger.catch_up()

    answer = client.get("/statistics?level=practice", headers=auditor)
    paged = client.get("/statistics?level=practice&limit=1&offset=2", headers=auditor)

    told = answer.json()["statistics"]
    assert [(r["level"], r["code"], r["objecting"]) for r in told if r["purpose"] == "type-1"] == [
        ("all", None, "*"),
        ("commissioner", "unallocated", "*"),
        ("practice", OURS, "*"),
        ("practice", THEIRS, 0),
    ]
    assert answer.json()["position"] == ledger.known().position
    assert paged.json()["statistics"] == [told[2]]
    assert "offset=3" in paged.headers["link"]


@pytest.mark.parametrize("path", SHEETS)
def test_the_same_is_had_as_a_spreadsheet(
    client: TestClient, collected: Ledger, auditor: Headers, path: str
) -> None:
    answer = client.get(path, headers=auditor)

    header, *_ = csv.reader(io.StringIO(answer.text))
    assert header == list(SHEETS[path].model_fields)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["ledger-position"] == str(collected.known().position)


def test_a_spreadsheet_has_every_practice(
    client: TestClient, collected: Ledger, auditor: Headers
) -> None:
    answer = client.get("/suppliers/transmission/practices.csv?supplier=EMIS", headers=auditor)

    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [(row["practice"], row["state"], row["ratio"]) for row in rows] == [
        (THEIRS, "took-part", ""), (THEIRS, "missing", "")
    ]  # fmt: skip


@pytest.mark.parametrize("path", [*LISTS, *SHEETS])
@pytest.mark.parametrize("role", ["controller", "extract", "system"])
def test_nobody_but_an_auditor_is_told(unchanged: TestClient, as_, path: str, role: str) -> None:
    assert unchanged.get(path, headers=as_(role, OURS)).status_code == 403
    assert unchanged.get(path).status_code == 401


@pytest.mark.parametrize("asked", ["level=patient", "since=2018-13-01", "practice=X99901"])
def test_what_is_not_understood_is_refused_and_not_repeated(
    unchanged: TestClient, auditor: Headers, asked: str
) -> None:
    answer = unchanged.get(f"/statistics?{asked}", headers=auditor)

    assert answer.status_code == 422
    assert asked.partition("=")[2] not in answer.text
