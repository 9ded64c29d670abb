"""Is everything that goes wrong told as a problem, and nothing told twice?"""

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine

from ledger.api import create_api
from ledger.api.edge import LARGEST_BODY
from ledger.api.problems import KINDS
from ledger.application import Ledger
from ledger.application.tokens import TokenVerifier
from ledger.domain.refusals import (
    AlreadyOpen,
    AnotherLog,
    Conflict,
    DeliveryRefused,
    InTheFuture,
    NotAFact,
    NotAllowed,
    NotAPoint,
    NotYet,
    PastTheEnd,
    PastTheTree,
    ProofBroken,
    Refusal,
    SealBroken,
    TreeBroken,
    UnknownPolicy,
    UnknownThing,
)
from ledger.store.server import ServerUnavailable
from tests.api.conftest import Headers, a_question
from tests.served import a_seal

REFUSALS = [
    (NotAFact("why"), 422, "not-a-fact"),
    (DeliveryRefused("why", file="a.csv"), 422, "delivery-refused"),
    (UnknownThing("why"), 404, "unknown-thing"),
    (NotAPoint("why"), 422, "not-a-point"),
    (InTheFuture("why"), 422, "in-the-future"),
    (PastTheEnd("why"), 422, "past-the-end"),
    (NotAllowed("why"), 403, "not-allowed"),
    (Conflict("why"), 409, "conflict"),
    (AlreadyOpen("why"), 409, "already-open"),
    (SealBroken("why"), 500, "seal-broken"),
    (NotYet("why"), 503, "not-yet"),
    (PastTheEnd("why"), 422, "past-the-end"),
    (ProofBroken("why"), 422, "proof-broken"),
    (AnotherLog("why"), 422, "another-log"),
    (UnknownPolicy("why"), 404, "unknown-policy"),
    (PastTheTree("why"), 404, "past-the-tree"),
    (TreeBroken("why"), 500, "tree-broken"),
]


def test_every_refusal_has_its_problem() -> None:
    assert set(Refusal.__subclasses__()) <= {type(refusal) for refusal, _, _ in REFUSALS}
    assert set(Refusal.__subclasses__()) <= set(KINDS)


@pytest.mark.parametrize(("refusal", "status", "name"), REFUSALS)
def test_a_refusal_is_told_with_its_reason(
    client: TestClient,
    ledger: Ledger,
    extract: Headers,
    monkeypatch: pytest.MonkeyPatch,
    refusal: Refusal,
    status: int,
    name: str,
) -> None:
    monkeypatch.setattr(ledger, "statuses", raising(refusal))

    answer = client.post("/status?x=1", json=a_question(), headers=extract)

    told = answer.json()
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Ledger-Position"] == str(ledger.known().position)
    assert (told["type"], told["status"], told["instance"]) == (
        f"/problems/{name}",
        status,
        "/status",
    )
    assert told["detail"].endswith("why")


def test_an_unexpected_error_tells_nothing(
    client: TestClient, ledger: Ledger, extract: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "statuses", raising(RuntimeError("a secret")))

    answer = client.post("/status", json=a_question(), headers=extract)

    assert answer.status_code == 500
    assert answer.json().keys() == {"type", "title", "status", "instance"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_server_that_cannot_be_had_is_told_without_its_folders(
    client: TestClient, ledger: Ledger, extract: Headers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "statuses", raising(ServerUnavailable("/home/ledger")))

    answer = client.post("/status", json=a_question(), headers=extract)

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert "/home" not in answer.text


@pytest.fixture
def unreachable() -> Iterator[TestClient]:
    """The API over a database that nobody answers for."""
    ledger = Ledger(create_engine("postgresql+psycopg2://nobody@127.0.0.1:9/none"))
    verifier = TokenVerifier(lambda _: None, "", "")  # type: ignore[arg-type, return-value]
    with TestClient(create_api(ledger, verifier, seal=a_seal(ledger.engine))) as client:
        yield client


@pytest.mark.parametrize("path", ["/health/ready", "/metrics"])
def test_a_database_that_is_away_is_told(unreachable: TestClient, path: str) -> None:
    answer = unreachable.get(path)

    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/unavailable"
    assert "127.0.0.1" not in answer.text


def test_the_program_lives_without_its_database(unreachable: TestClient) -> None:
    answer = unreachable.get("/health/live")

    assert answer.json() == {"status": "live"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nowhere", 404), ("GET", "/status/", 404), ("GET", "/docs", 404),
     ("DELETE", "/events", 405), ("GET", "/status", 405)],
)  # fmt: skip
def test_what_there_is_not_is_a_problem_too(
    unchanged: TestClient, method: str, path: str, status: int
) -> None:
    answer = unchanged.request(method, path)

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["instance"] == path


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 422),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b"{}", "text/plain", 422),
        (b"\xff", "application/json", 400),
        (b"[" * 200_000, "application/json", 400),
        (b'{"nhs_numbers": ["\\ud800"], "purpose": "type-1"}', "application/json", 422),
    ],
)
def test_an_unreadable_body_is_a_problem(
    unchanged: TestClient, extract: Headers, body: bytes, kind: str, status: int
) -> None:
    answer = unchanged.post("/status", content=body, headers=extract | {"Content-Type": kind})

    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_body_that_is_too_long_is_not_read(unchanged: TestClient, extract: Headers) -> None:
    said = b" " * (LARGEST_BODY + 1)
    headers = extract | {"Content-Type": "application/json"}

    at_once = unchanged.post("/status", content=said, headers=headers)
    in_parts = unchanged.post("/status", content=iter([said[:1000], said]), headers=headers)

    for answer in (at_once, in_parts):
        assert answer.status_code == 413
        assert answer.json()["type"] == "/problems/too-large"


def test_an_answer_says_how_a_browser_is_to_treat_it(unchanged: TestClient) -> None:
    answer = unchanged.get("/health/live")

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_many_faults_are_told_in_part(unchanged: TestClient, extract: Headers) -> None:
    answer = unchanged.post("/status", json=a_question(*["1"] * 500), headers=extract)

    assert len(answer.json()["errors"]) == 20
    assert answer.json()["detail"] == "500 things are wrong with the request"


def raising(error: Exception):
    def fail(*_args: object, **_kwargs: object) -> None:
        raise error

    return fail
