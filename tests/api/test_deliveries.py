"""Are deliveries handed in, limited, taken in and told of, each to whom they concern?"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from ledger.api import create_api
from ledger.application import Ledger
from ledger.application.incoming import Incoming
from ledger.application.tokens import mint_token, own_verifier
from ledger.domain.callers import Caller, Role
from tests.api.conftest import ANNA, OURS, SYSTEM, THEIRS, Headers
from tests.files import a_setting_change, a_sharing_file
from tests.integration.test_incoming import a_night, zipped
from tests.served import a_seal

LARGEST = 2_000_000
ZIP = {"Content-Type": "application/zip"}


@pytest.fixture
def incoming(ledger: Ledger, tmp_path: Path) -> Incoming:
    """Where what the client hands in waits until a test has it taken in."""
    return Incoming(ledger, tmp_path / "incoming", largest=LARGEST)


@pytest.fixture
def client(ledger: Ledger, incoming: Incoming, key: Ed25519PrivateKey) -> Iterator[TestClient]:
    seal = a_seal(ledger.engine)
    api = create_api(ledger, own_verifier(key), seal=seal, patience=0.2, incoming=incoming)
    with TestClient(api, raise_server_exceptions=False) as client:
        yield client


def waiting(incoming: Incoming) -> list[str]:
    return sorted(path.name for path in incoming._home().iterdir())


def test_a_zip_is_accepted_waits_and_is_told_of_once_it_was_taken_in(
    client: TestClient, incoming: Incoming, system: Headers, tmp_path: Path
) -> None:
    accepted = client.post("/deliveries", content=zipped(a_night(tmp_path)), headers=system | ZIP)

    told = accepted.json()
    where = accepted.headers["Location"]
    before = client.get(where, headers=system)
    incoming.take_all()
    after = client.get(where, headers=system)
    [line] = after.json()["deliveries"]
    one = client.get(f"/deliveries/{line['id']}", headers=system).json()
    assert (accepted.status_code, told["state"], where) == (
        202,
        "waiting",
        f"/deliveries/{told['id']}",
    )
    assert (before.json()["state"], before.json()["by"]) == ("waiting", SYSTEM)
    assert (after.json()["state"], line["entries_kept"]) == ("accepted", 1)
    assert (one["state"], one["practices"], one["refused"], one["by"]) == (
        "accepted",
        [OURS],
        [],
        SYSTEM,
    )
    assert after.headers["Ledger-Position"] == str(after.json()["position"])


def test_refused_rows_are_told_and_come_as_a_spreadsheet_without_formulas(
    client: TestClient, incoming: Incoming, controller: Headers, auditor: Headers, tmp_path: Path
) -> None:
    changes = [a_setting_change(), a_setting_change(value="perhaps"), a_setting_change("=1+1")]
    file = a_sharing_file(tmp_path / "s", dated=date(2018, 6, 1), changes=changes)
    where = client.post("/deliveries", content=zipped(file), headers=controller | ZIP)
    incoming.take_all()

    [line] = client.get(where.headers["Location"], headers=controller).json()["deliveries"]
    told = client.get(f"/deliveries/{line['id']}", headers=auditor).json()
    sheet = client.get(f"/deliveries/{line['id']}/refused.csv", headers=controller)

    rows = list(csv.DictReader(io.StringIO(sheet.text)))
    assert (told["state"], told["rows_refused"]) == ("accepted-in-part", 2)
    assert [row["row"] for row in told["refused"]] == [2, 3]
    assert sheet.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [(row["file"], row["row"]) for row in rows] == [(file.name, "2"), (file.name, "3")]
    assert not any(cell.startswith(tuple("=+-@")) for row in rows for cell in row.values())


def test_a_zip_that_says_it_is_too_long_is_refused_unread(
    client: TestClient, incoming: Incoming, system: Headers
) -> None:
    answer = client.post("/deliveries", content=bytes(LARGEST + 1), headers=system | ZIP)

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert waiting(incoming) == []


def test_a_zip_that_grows_too_long_is_refused_and_removed(
    client: TestClient, incoming: Incoming, system: Headers
) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(LARGEST // 10_000 + 2):
            yield bytes(10_000)

    answer = client.post("/deliveries", content=endless(), headers=system | ZIP)

    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")
    assert waiting(incoming) == []


def test_a_zip_may_be_longer_than_any_other_request(
    client: TestClient, controller: Headers, system: Headers
) -> None:
    long = bytes(LARGEST - 1)

    accepted = client.post("/deliveries", content=long, headers=system | ZIP)
    elsewhere = client.post("/objections", content=long, headers=controller)

    assert (accepted.status_code, elsewhere.status_code) == (202, 413)


def test_something_else_than_a_zip_is_not_taken(
    client: TestClient, incoming: Incoming, system: Headers
) -> None:
    answer = client.post("/deliveries", json={"a": 1}, headers=system)

    assert (answer.status_code, answer.headers["Content-Type"]) == (415, "application/problem+json")
    assert waiting(incoming) == []


def test_only_a_paired_system_or_a_controller_hands_in(
    client: TestClient, as_: Callable[..., Headers], auditor: Headers, extract: Headers
) -> None:
    unpaired = client.post("/deliveries", content=b"x", headers=as_("system", OURS) | ZIP)
    others = [
        client.post("/deliveries", content=b"x", headers=headers | ZIP)
        for headers in (auditor, extract, as_("controller"))
    ]

    assert (unpaired.status_code, unpaired.json()["type"]) == (403, "/problems/pairing-missing")
    assert [answer.status_code for answer in others] == [403, 403, 403]
    assert client.post("/deliveries", content=b"x", headers=ZIP).status_code == 401


def test_where_nothing_can_be_handed_in_that_is_told(
    ledger: Ledger, key: Ed25519PrivateKey, controller: Headers
) -> None:
    api = create_api(ledger, own_verifier(key), seal=a_seal(ledger.engine))

    answer = TestClient(api).post("/deliveries", content=b"x", headers=controller | ZIP)

    assert answer.status_code == 404


def test_an_id_that_is_nobodys_is_not_found(unchanged: TestClient, auditor: Headers) -> None:
    for path in ("/deliveries/" + "a" * 24, f"/deliveries/{'0' * 64}/refused.csv"):
        answer = unchanged.get(path, headers=auditor)
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/unknown-thing")
    assert unchanged.get("/deliveries/9990000018", headers=auditor).status_code == 422


def test_the_list_goes_on_where_it_ended(
    client: TestClient, incoming: Incoming, controller: Headers, auditor: Headers, tmp_path: Path
) -> None:
    for day in (1, 2, 3):
        changes = [a_setting_change(changed_at=f"2018-05-0{day}T09:30:00Z")]
        file = a_sharing_file(tmp_path / "s", dated=date(2018, 6, day), changes=changes)
        client.post("/deliveries", content=zipped(file), headers=controller | ZIP)
    incoming.take_all()

    first = client.get(f"/deliveries?practice={OURS}&limit=2", headers=auditor)
    rest = client.get(first.links["next"]["url"], headers=auditor)

    days = [
        line["path"][-12:-4] for line in (*first.json()["deliveries"], *rest.json()["deliveries"])
    ]
    assert days == ["20180601", "20180602", "20180603"]
    assert "next" not in rest.links
    assert client.get(f"/deliveries?practice={THEIRS}", headers=auditor).json()["deliveries"] == []


def test_nobody_else_sees_what_was_handed_in(
    client: TestClient,
    incoming: Incoming,
    system: Headers,
    key: Ed25519PrivateKey,
    as_: Callable[..., Headers],
    tmp_path: Path,
) -> None:
    parcel = client.post("/deliveries", content=zipped(a_night(tmp_path)), headers=system | ZIP)
    where = parcel.headers["Location"]
    other = Caller("other-triage", Role.SYSTEM, frozenset({OURS}))
    token = mint_token(other, key=key, now=datetime.now(UTC), lifetime=timedelta(hours=1))
    others = [
        as_("controller", THEIRS),
        as_("extract"),
        {"Authorization": f"Bearer {token}"},
    ]

    before = [client.get(where, headers=headers).status_code for headers in others]
    incoming.take_all()
    [line] = client.get(where, headers=system).json()["deliveries"]
    one = f"/deliveries/{line['id']}"

    assert before == [403, 403, 403]
    for path in (where, one, f"{one}/refused.csv"):
        assert [client.get(path, headers=h).status_code for h in others] == [403, 403, 403], path
    lists = [client.get("/deliveries", headers=headers) for headers in others]
    assert [answer.status_code for answer in lists] == [200, 403, 200]
    assert all(answer.json()["deliveries"] == [] for answer in lists if answer.is_success)


def test_what_is_handed_in_under_a_patients_number_is_told_without_it(
    client: TestClient,
    incoming: Incoming,
    ledger: Ledger,
    system: Headers,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO", "ledger")
    named = a_night(tmp_path).rename(tmp_path / f"for {ANNA}")
    letter = tmp_path / f"{ANNA}.txt"
    letter.write_text(ANNA)
    content = zipped(named, letter, **{f"{ANNA}.zip": b"x"})

    where = client.post("/deliveries", content=content, headers=system | ZIP).headers["Location"]
    incoming.take_all()
    told = client.get(where, headers=system)

    assert (told.json()["state"], told.json()["deliveries"][0]["entries_kept"]) == ("accepted", 1)
    assert told.json()["notes"] == [
        "1 file not taken: a zip inside a zip; unpack it by hand",
        "1 file not taken: not the name of a file of any format we read",
    ]
    assert ANNA not in told.text + str(ledger.events(limit=1000)) + caplog.text
