"""What an auditor sees of releases: what left, who was in it while objecting, what never arrived."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.application.records import ExposedRecord, ReleaseRecord
from ledger.application.releasing import Told
from ledger.domain.purposes import Purpose
from ledger.readers.cohort import CohortList
from ledger.store.engine import open_engine
from tests.databases import Databases
from tests.served import served
from tests.web.conftest import Browser
from tests.web.filled import COHORT, OF_OURS, OF_THEIRS, OURS, THEIRS, fill


@pytest.fixture(scope="module")
def ledger(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    """Two practices, all of whose patients were released in June 2016."""
    with databases.copy() as url:
        engine = open_engine(url)
        ledger = Ledger(engine)
        fill(ledger, tmp_path_factory.mktemp("deliveries"))
        yield ledger
        engine.dispose()


@pytest.fixture(scope="module")
def release(ledger: Ledger) -> ReleaseRecord:
    """What left, told two years later."""
    told = Told(
        recipient="HARBOUR <I>INSTITUTE</I>",
        purpose=Purpose.TYPE_2,
        released_at=datetime(2016, 6, 20, 9, tzinfo=UTC),
        relied_on=frozenset({OURS, THEIRS}),
        max_age_days=30,
    )
    numbers = [f"{number}\n" for number in (*OF_OURS, *OF_THEIRS, "nobody")]
    record, _ = ledger.release(told, CohortList("cohort.csv", numbers))
    ledger.catch_up()
    return record


@pytest.fixture(scope="module")
def app(ledger: Ledger, key: Ed25519PrivateKey, mint: object) -> FastAPI:
    """The pages over it."""
    return served(ledger, key, mint=mint)


def test_the_list_leads_to_each_release(auditor: TestClient, release: ReleaseRecord) -> None:
    page = auditor.get("/pages/releases")

    assert f"/pages/releases/{release.id}" in page.text
    assert "20 June 2016" in page.text
    assert "HARBOUR &lt;I&gt;INSTITUTE&lt;/I&gt;" in page.text


def test_a_release_shows_who_was_exposed_through_whose_failure(
    auditor: TestClient, release: ReleaseRecord
) -> None:
    page = auditor.get(f"/pages/releases/{release.id}")

    # One of ours stood in each collection, by mistake of none; all of theirs did.
    assert "A collection should have carried it." in page.text
    assert "It had arrived, and was not applied." in page.text
    assert f"of {2 * COHORT}" in page.text
    assert "cohort.csv, row 65" in page.text
    assert "cannot be relied on" not in page.text


def test_the_sheet_holds_everybody(auditor: TestClient, release: ReleaseRecord) -> None:
    sheet = auditor.get(f"/pages/releases/{release.id}/exposed.csv")

    header, *rows = csv.reader(io.StringIO(sheet.text.removeprefix("\ufeff")))
    assert tuple(header) == tuple(ExposedRecord.model_fields)
    assert {row[0] for row in rows} == {*OF_OURS, *OF_THEIRS}


def test_the_findings_are_on_the_pages_of_the_practices(
    auditor: TestClient, release: ReleaseRecord
) -> None:
    del release
    page = auditor.get("/pages/findings", params={"rule": "DS02"})

    assert "whose newest delivery was" in page.text


def test_the_evidence_of_a_finding_names_the_release(
    auditor: TestClient, ledger: Ledger, release: ReleaseRecord
) -> None:
    del release
    [finding, *_] = ledger.findings(rule="DS01", practice=OURS)

    page = auditor.get(f"/pages/findings/{finding.id}")

    assert "Data was released to HARBOUR" in page.text
    assert "The extract service" in page.text


def test_who_stood_untransmitted_stands_beside_the_published_accounts(
    auditor: TestClient, release: ReleaseRecord
) -> None:
    del release
    page = auditor.get("/pages/untransmitted?begin=2016-04-29&end=2018-06-26&supplier=")

    assert '<th scope="row">TPP</th>' in page.text
    assert "Recorded from 1 april 2015 to 1 april 2018" not in page.text
    assert "House of Commons, 2 July 2018" in page.text


def test_a_practice_is_not_shown_what_was_released(
    browser: Browser, release: ReleaseRecord
) -> None:
    ours = browser("controller", OURS)

    for path in ("releases", f"releases/{release.id}", "untransmitted"):
        assert ours.get(f"/pages/{path}").status_code == 403
