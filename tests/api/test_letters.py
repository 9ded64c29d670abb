"""Who gets the letters, and the NHS numbers that stand in them?"""

import csv
import io
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from ledger.application import Ledger
from ledger.domain.letters import LETTERS
from tests.api.conftest import OURS, THEIRS, Headers
from tests.files import (
    Carried,
    Row,
    a_collection_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    found_in,
)
from tests.nhs_numbers import nhs_numbers
from tests.pdf import pages

ANNA, BEN, CLEO, DAN, EVE = nhs_numbers(5)
FOLDER = f"/practices/{OURS}/letters"
FILES = ("pages.pdf", "merge.csv", "wording.txt")


def a_late_entry(row: int, *, patient: int, day: date, code: str = "XaaVL") -> Row:
    entered_at = datetime(day.year, day.month, day.day, 10)  # noqa: DTZ001  the practice's clock
    return a_systmone_entry(
        row, code=code, patient=patient, effective_on=day, entered_at=entered_at
    )


@pytest.fixture
def written_too_late(client: TestClient, ledger: Ledger, tmp_path: Path) -> Ledger:
    """Anna has two type 2 codes of 2019, Ben one; Cleo's was a withdrawal; and Dan has died."""
    del client
    path = a_systmone_delivery(
        tmp_path / "sre",
        ends=datetime(2019, 4, 1, 22, tzinfo=UTC),
        entries=[
            a_late_entry(1, patient=1, day=date(2019, 1, 3)),
            a_late_entry(2, patient=1, day=date(2019, 2, 28)),
            a_late_entry(3, patient=2, day=date(2019, 3, 4)),
            a_late_entry(4, patient=3, day=date(2019, 3, 5), code="XaaVM"),
            a_late_entry(5, patient=4, day=date(2019, 3, 6)),
        ],
        patients=[
            a_systmone_patient(1, ANNA),
            a_systmone_patient(2, BEN),
            a_systmone_patient(3, CLEO),
            a_systmone_patient(4, DAN, DateDeath="20 Mar 2019 00:00"),
        ],
    )
    for found in found_in(path):
        ledger.ingest(found)
    ledger.catch_up()
    return ledger


@pytest.fixture
def never_sent(client: TestClient, ledger: Ledger, tmp_path: Path) -> Ledger:
    """Eve's type 2 objection of 2016 stood in neither of two collections."""
    del client
    path = a_systmone_delivery(
        tmp_path / "sre",
        ends=datetime(2016, 4, 1, 22, tzinfo=UTC),
        entries=[a_late_entry(1, patient=1, day=date(2016, 3, 1))],
        patients=[a_systmone_patient(1, EVE)],
    )
    collected = [
        a_collection_file(tmp_path / "c", period_end=end, members=[Carried(practice=OURS)])
        for end in (date(2016, 4, 30), date(2016, 5, 31))
    ]
    for found in found_in(path, *collected):
        ledger.ingest(found)
    ledger.catch_up()
    return ledger


@pytest.mark.usefixtures("written_too_late")
def test_each_patient_has_one_letter_and_those_it_does_not_fit_have_none(
    client: TestClient, controller: Headers
) -> None:
    lines = client.get(f"{FOLDER}/CO04/merge.csv", headers=controller)
    printed = client.get(f"{FOLDER}/CO04/pages.pdf", headers=controller)

    rows = list(csv.DictReader(io.StringIO(lines.text)))
    assert {row["nhs_number"]: row["days"] for row in rows} == {
        ANNA: "3 January 2019 and 28 February 2019",
        BEN: "4 March 2019",
    }
    assert [len(row["findings"].split()) for row in sorted(rows, key=lambda r: r["days"])] == [2, 1]
    told = pages(printed.content)
    assert len(told) == 2
    assert any("On 4 March 2019 we put a code in your health record." in page for page in told)


@pytest.mark.usefixtures("written_too_late")
def test_letters_are_kept_in_no_cache_and_named_after_nobody(
    client: TestClient, controller: Headers
) -> None:
    for name, suffix in zip(FILES, ("pdf", "csv", "txt"), strict=True):
        answer = client.get(f"{FOLDER}/CO04/{name}", headers=controller)

        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Content-Disposition"] == (
            f'attachment; filename="letters_CO04_{OURS}.{suffix}"'
        )
        assert answer.headers["Ledger-Position"]


@pytest.mark.parametrize("name", FILES)
def test_a_practices_letters_are_for_its_controller_alone(
    unchanged: TestClient,
    controller: Headers,
    stranger: Headers,
    auditor: Headers,
    extract: Headers,
    system: Headers,
    name: str,
) -> None:
    others = (stranger, auditor, extract, system)

    for rule in ("CO04", "CO01", "LC01"):
        path = f"{FOLDER}/{rule}/{name}"
        assert unchanged.get(path, headers=controller).status_code == 200
        assert [unchanged.get(path, headers=h).status_code for h in others] == [403] * 4
        assert unchanged.get(path).status_code == 401


@pytest.mark.usefixtures("never_sent")
@pytest.mark.parametrize("name", FILES)
def test_the_letters_of_nhs_digital_are_for_an_auditor_alone(
    client: TestClient,
    controller: Headers,
    stranger: Headers,
    auditor: Headers,
    extract: Headers,
    system: Headers,
    name: str,
) -> None:
    path = f"{FOLDER}/TX01/{name}"

    answer = client.get(path, headers=auditor)

    others = (controller, stranger, extract, system)
    assert [client.get(path, headers=h).status_code for h in others] == [403] * 4
    assert answer.status_code == 200
    if name == "pages.pdf":
        [page] = pages(answer.content)
        assert "On 1 March 2016 your GP practice wrote down a choice you made." in page


def test_a_letter_that_was_sent_is_not_written_again(
    client: TestClient, controller: Headers, written_too_late: Ledger
) -> None:
    waiting = client.get(FOLDER, headers=controller).json()["letters"]
    for action in written_too_late.actions(practice=OURS, rule="CO04"):
        path = f"/practices/{OURS}/actions/{action.id}"
        client.post(path, json={"note": "letter sent"}, headers=controller)

    lines = client.get(f"{FOLDER}/CO04/merge.csv", headers=controller)

    assert [(one["rule"], one["writer"], one["findings"]) for one in waiting] == [
        ("CO04", "practice", 5)
    ]
    assert list(csv.DictReader(io.StringIO(lines.text))) == []
    assert client.get(FOLDER, headers=controller).json()["letters"] == []


@pytest.mark.usefixtures("written_too_late")
def test_the_list_of_letters_names_nobody_and_is_no_other_practices(
    client: TestClient, controller: Headers, stranger: Headers, auditor: Headers
) -> None:
    answers = [client.get(FOLDER, headers=h) for h in (controller, auditor, stranger)]

    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert not any(number in answers[0].text for number in (ANNA, BEN, CLEO, DAN))


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{FOLDER}/SH01/merge.csv", 404),
        (f"{FOLDER}/co04/merge.csv", 422),
        (f"/practices/{THEIRS}/letters/CO04/merge.csv", 403),
        (f"{FOLDER}/CO04/merge.txt", 404),
    ],
)
def test_letters_there_are_not_are_refused(
    unchanged: TestClient, controller: Headers, path: str, status: int
) -> None:
    answer = unchanged.get(path, headers=controller)

    assert answer.status_code == status
    if path.endswith("SH01/merge.csv"):
        assert ", ".join(LETTERS) in answer.json()["detail"]
