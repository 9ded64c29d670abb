"""Is everybody who is shown something of a patient kept, before they are answered?"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, text

from ledger.application import Ledger
from ledger.application.releasing import Told
from ledger.domain.callers import Caller, Role
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CODES, CodeSystem
from ledger.domain.entries import Entry, Precision, Route
from ledger.domain.purposes import Purpose, Statement
from ledger.readers.cohort import CohortList
from ledger.store.engine import open_engine
from ledger.store.identities import erase, find_patients
from ledger.store.looks import LooksTogether
from tests.api.conftest import ANNA, OURS, THEIRS, Headers, a_question, an_objection
from tests.databases import Databases
from tests.nhs_numbers import nhs_numbers

BEN, ERASED, NEW, NOBODY, OTHER_NOBODY = nhs_numbers(8)[3:]

# Every route answers one of three ways: with something of patients (and what it was, for the log
# of looks); with nothing of any; or with what nobody can be found in, because patients stand in it
# as random ids.
SHOWS = {
    "POST /status": "status",
    "GET /practices/{ods}/findings": "findings",
    "GET /findings/{finding}": "finding",
    "POST /practices/{ods}/findings/{finding}/dismissal": "finding",
    "POST /practices/{ods}/findings/{finding}/reopening": "finding",
    "GET /releases/{id}/exposure": "exposure",
    "GET /practices/{ods}/letters/{rule}/pages.pdf": "letters",
    "GET /practices/{ods}/letters/{rule}/merge.csv": "letters",
    "GET /practices/{ods}/letters/{rule}/wording.txt": "letters",
    "POST /looks": "looks",
    "GET /differences": "differences",
    "GET /practices/{ods}/differences": "differences",
    "POST /policies/compare/patients": "policies",
}
RANDOM_IDS_ALONE = {"GET /events", "GET /looks", "GET /looks.csv"}
SHOWS_NOBODY = {
    "POST /objections",
    "GET /practices",
    "GET /practices/{ods}/sharing",
    "GET /practices/{ods}/actions",
    "POST /practices/{ods}/actions/{action}",
    "POST /practices/{ods}/settings",
    "GET /actions",
    "GET /actions/counts",
    "POST /actions/{action}",
    "GET /practices/{ods}/letters",
    "GET /practices/{ods}/pairings",
    "POST /practices/{ods}/pairings",
    "POST /practices/{ods}/pairings/{system}/revocation",
    "GET /practices/{ods}/webhooks",
    "POST /practices/{ods}/webhooks",
    "DELETE /practices/{ods}/webhooks/{webhook}",
    "GET /practices/{ods}/dead-letters",
    "POST /practices/{ods}/webhooks/{webhook}/retry",
    "GET /practices/{ods}/feed-tokens",
    "POST /practices/{ods}/feed-tokens",
    "DELETE /practices/{ods}/feed-tokens/{feed_token}",
    "GET /practices/{ods}/notifications.atom",
    "GET /practices/{ods}/vocabularies",
    "POST /deliveries",
    "GET /deliveries",
    "GET /deliveries/{id}",
    "GET /deliveries/{id}/refused.csv",
    "POST /releases",
    "GET /releases",
    "GET /releases/{id}",
    "GET /exposure",
    "GET /statistics",
    "GET /statistics.csv",
    "GET /suppliers/transmission",
    "GET /suppliers/transmission.csv",
    "GET /suppliers/transmission/practices",
    "GET /suppliers/transmission/practices.csv",
    "GET /vocabularies",
    "GET /policies",
    "GET /policies/compare",
    "GET /practices/{ods}/timeline",
    "GET /looks/checkpoint",
    "GET /health/live",
    "GET /health/ready",
    "GET /metrics",
    "GET /checkpoint",
    "GET /checkpoint/keys",
    "GET /tile/{level}/{place}",
    "GET /proof/inclusion",
    "GET /proof/consistency",
}


class Things(NamedTuple):
    """What there is to look at: Anna's conflict, and a release that Anna was in."""

    finding: str
    release: str
    all_of_anna: int


@pytest.fixture(scope="module")
def url(databases: Databases, two_practices: str) -> Iterator[str]:
    """One ledger for all of these tests: each counts the looks that itself has made."""
    with databases.copy(two_practices) as url:
        yield url


@pytest.fixture(scope="module")
def ledger(url: str) -> Iterator[Ledger]:
    engine = open_engine(url)
    with LooksTogether(engine) as looks:
        yield Ledger(engine, looks=looks)
    engine.dispose()


@pytest.fixture(scope="module")
def engine(ledger: Ledger) -> Engine:
    return ledger.engine


@pytest.fixture(scope="module")
def things(ledger: Ledger) -> Things:
    at_ours = Caller("a controller", Role.CONTROLLER, frozenset({OURS}))
    at_theirs = Caller("a controller", Role.CONTROLLER, frozenset({THEIRS}))
    ledger.record_objection(an_entry("dissent"), ANNA, by=at_ours)
    ledger.record_objection(an_entry("withdrawal"), ANNA, by=at_ours)
    all_of_anna = ledger.known().position
    ledger.record_objection(an_entry("dissent", entry_id="b"), BEN, by=at_ours)
    ledger.record_objection(an_entry("dissent", practice=THEIRS), BEN, by=at_theirs)
    told = Told("Harbour Institute", Purpose.TYPE_1, datetime(2018, 6, 20, 9, tzinfo=UTC))
    release, _ = ledger.release(told, CohortList("cohort.csv", [f"{ANNA}\n"]))
    ledger.catch_up()
    [conflict] = ledger.findings(practice=OURS, rule="CO01")
    return Things(conflict.id, release.id, all_of_anna)


def an_entry(statement: str, *, practice: str = OURS, entry_id: str | None = None) -> Entry:
    """An entry of 1 May 2018 about type 1, as the practice's system would send it."""
    code = next(
        code
        for code in CODES
        if (code.system, code.purpose, code.statement)
        == (CodeSystem.SNOMED_CT, Purpose.TYPE_1, Statement(statement))
    )
    return Entry(
        practice=practice,
        clinical_system=ClinicalSystem.SYSTMONE,
        entry_id=entry_id or statement,
        source_patient="",
        purpose=Purpose.TYPE_1,
        statement=Statement(statement),
        code_system=code.system,
        code=code.code,
        near=False,
        effective_on=date(2018, 5, 1),
        effective_precision=Precision.DAY,
        entered_at=datetime(2018, 5, 1, 9, tzinfo=UTC),
        route=Route.API,
    )


def kept(engine: Engine) -> list[Any]:
    """Every look there is, the oldest first."""
    with engine.connect() as connection:
        return list(connection.execute(text("SELECT * FROM log.looks ORDER BY position")).all())


def as_owner(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE NONE"))
        connection.execute(text(statement))


def operations(client: TestClient) -> dict[str, Any]:
    document = client.get("/openapi.json").json()
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def test_it_is_said_of_every_route_whether_it_shows_patients(unchanged: TestClient) -> None:
    """A new route has to be put in one of the three, and if it shows patients, keep a look."""
    said = [*SHOWS, *RANDOM_IDS_ALONE, *SHOWS_NOBODY]

    assert sorted(said) == sorted(operations(unchanged))


def test_no_route_that_is_said_to_show_nobody_has_an_nhs_number_in_its_answer(
    unchanged: TestClient,
) -> None:
    document = unchanged.get("/openapi.json").json()

    def names(schema: Any, seen: frozenset[str] = frozenset()) -> set[str]:
        """The fields that can be in such an answer, at any depth."""
        if isinstance(schema, list):
            return {name for one in schema for name in names(one, seen)}
        if not isinstance(schema, dict):
            return set()
        reference = str(schema.get("$ref", ""))
        if reference in seen:
            return set()
        if reference:
            there = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
            return names(there, seen | {reference})
        own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
        return own | {name for one in schema.values() for name in names(one, seen)}

    numbered = {
        route
        for route, operation in operations(unchanged).items()
        for status, answer in operation["responses"].items()
        if status.startswith("2") and {"nhs_number", "nhs_numbers"} & names(answer)
    }

    assert len(numbered) == 9
    assert numbered <= SHOWS.keys()


@pytest.mark.parametrize("route", SHOWS)
def test_a_route_that_shows_a_patient_keeps_a_look(
    client: TestClient,
    engine: Engine,
    controller: Headers,
    auditor: Headers,
    things: Things,
    route: str,
) -> None:
    asked: dict[str, Any] = {
        "POST /status": a_question(),
        "POST /looks": {"nhs_number": ANNA},
        "POST /policies/compare/patients": {
            "a": "precedence-1",
            "b": "ncl-2025",
            "purpose": "type-1",
            "practice": OURS,
        },
        "POST /practices/{ods}/findings/{finding}/dismissal": {"reason": "a slip"},
        "POST /practices/{ods}/findings/{finding}/reopening": {"reason": "none after all"},
    }
    method, path = route.split()
    path = path.format(ods=OURS, finding=things.finding, id=things.release, rule="CO01")
    if route.endswith("reopening"):
        dismissal = path.replace("reopening", "dismissal")
        client.post(dismissal, json={"reason": "a slip"}, headers=controller)
    if route.endswith("differences"):
        # Everything of Anna, and nothing yet of Ben.
        path += f"?before=1&after={things.all_of_anna}"
    for_auditors = path.startswith(("/releases", "/policies", "/differences"))
    who = auditor if for_auditors else controller
    before = len(kept(engine))

    answer = client.request(method, path, json=asked.get(route), headers=who)

    assert answer.status_code == 200, answer.text
    [look] = kept(engine)[before:]
    assert (look.shown, look.way, look.request) == (
        SHOWS[route],
        "api",
        answer.headers["Ledger-Request"],
    )
    assert look.practices == [OURS]
    assert look.spoke_of == int(answer.headers["Ledger-Position"])
    with engine.connect() as connection:
        anna = connection.execute(
            text("SELECT patient FROM guarded.patients WHERE nhs_number = :n"), {"n": ANNA}
        ).scalar_one()
    assert anna in look.patients


@pytest.mark.parametrize("path", ["/events", "/looks", "/looks.csv", "/releases", "/exposure"])
def test_what_shows_nobody_keeps_no_look(
    client: TestClient, engine: Engine, auditor: Headers, things: Things, path: str
) -> None:
    before = len(kept(engine))

    assert client.get(path, headers=auditor).status_code == 200

    assert len(kept(engine)) == before


def test_a_look_says_who_in_which_role_for_whom_and_what_for(
    client: TestClient, engine: Engine, things: Things, as_: Callable[..., Headers]
) -> None:
    why = {"Ledger-Reason": "  data set 42, before release "}

    answer = client.post("/status", json=a_question(), headers=as_("extract", **why))

    look = kept(engine)[-1]
    assert (look.who, look.role, look.acting_for) == ("a extract", "extract", [])
    assert look.reason == "data set 42, before release"
    assert look.spoke_of == answer.json()["position"]
    assert ANNA not in str(look)


@pytest.mark.parametrize("reason", [f"about {ANNA}", "x" * 201])
def test_a_reason_that_names_a_patient_or_is_too_long_is_refused(
    client: TestClient, engine: Engine, things: Things, extract: Headers, reason: str
) -> None:
    before = len(kept(engine))

    answer = client.post("/status", json=a_question(), headers=extract | {"Ledger-Reason": reason})

    assert answer.status_code == 422
    assert ANNA not in answer.text
    assert len(kept(engine)) == before


def test_a_refused_question_is_no_look(
    client: TestClient, engine: Engine, things: Things, stranger: Headers
) -> None:
    before = len(kept(engine))

    assert client.post("/status", json=a_question(), headers=stranger).status_code == 403

    assert len(kept(engine)) == before


@pytest.mark.parametrize("route", ["POST /status", "GET /findings/{finding}"])
def test_without_a_look_there_is_no_answer(
    client: TestClient, engine: Engine, auditor: Headers, things: Things, route: str
) -> None:
    method, path = route.split()

    as_owner(engine, "REVOKE EXECUTE ON FUNCTION log.append_looks FROM ledger_writer")
    answer = client.request(
        method,
        path.format(finding=things.finding),
        json=a_question() if method == "POST" else None,
        headers=auditor,
    )
    as_owner(engine, "GRANT EXECUTE ON FUNCTION log.append_looks TO ledger_writer")

    assert answer.status_code == 500
    assert answer.json()["type"] == "/problems/internal"
    assert ANNA not in answer.text


def test_somebody_nobody_knows_is_looked_at_too_and_stands_as_a_hash(
    client: TestClient, engine: Engine, auditor: Headers, extract: Headers, things: Things
) -> None:
    client.post("/status", json=a_question(ANNA, NOBODY, OTHER_NOBODY), headers=extract)

    by_nobody, by_anna = kept(engine)[-2:]
    assert (by_nobody.practices, by_anna.practices) == ([], [OURS])
    assert [patient.version for patient in by_nobody.patients] == [8, 8]
    assert NOBODY not in str(by_nobody)
    found = client.post("/looks", json={"nhs_number": NOBODY}, headers=auditor).json()["looks"]
    assert [(one["who"], one["unknown"], one["patients"]) for one in found] == [
        ("a extract", 1, [])
    ]


def test_who_looked_before_the_ledger_knew_of_a_patient_is_found_afterwards(
    client: TestClient, things: Things, controller: Headers, auditor: Headers, extract: Headers
) -> None:
    client.post("/status", json=a_question(NEW), headers=extract)
    client.post("/objections", json=an_objection(nhs_number=NEW), headers=controller)
    client.post("/status", json=a_question(NEW), headers=auditor)

    found = client.post("/looks", json={"nhs_number": NEW}, headers=auditor).json()["looks"]

    assert [one["who"] for one in found] == ["a auditor", "a extract"]
    assert [(len(one["patients"]), one["unknown"]) for one in found] == [(1, 0), (0, 1)]


def test_many_patients_of_one_request_are_few_looks(
    client: TestClient, engine: Engine, extract: Headers, things: Things
) -> None:
    numbers = [ANNA, *nhs_numbers(1_007)[8:]]
    before = len(kept(engine))

    answer = client.post("/status", json=a_question(*numbers), headers=extract)

    looks = kept(engine)[before:]
    assert [len(look.patients) for look in looks] == [999, 1]
    assert {look.request for look in looks} == {answer.headers["Ledger-Request"]}


def test_a_controller_reads_of_looks_at_their_own_patients_alone(
    client: TestClient, controller: Headers, stranger: Headers, extract: Headers, things: Things
) -> None:
    client.post("/status", json=a_question(ANNA, NOBODY), headers=extract)

    ours = client.get("/looks", headers=controller).json()["looks"]
    theirs = client.get("/looks", headers=stranger).json()["looks"]

    assert next((one["who"], one["shown"], one["practices"]) for one in ours) == (
        "a extract",
        "status",
        [OURS],
    )
    assert [one["unknown"] for one in ours if one["unknown"]] == []
    assert {practice for one in theirs for practice in one["practices"]} <= {THEIRS}
    assert {practice for one in ours for practice in one["practices"]} == {OURS}
    refused = client.get(f"/looks?practice={OURS}", headers=stranger)
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-allowed")
    assert client.post("/looks", json={"nhs_number": ANNA}, headers=stranger).status_code == 403


def test_of_a_patient_of_two_practices_each_reads_its_own_name_alone(
    client: TestClient,
    engine: Engine,
    things: Things,
    controller: Headers,
    stranger: Headers,
    extract: Headers,
) -> None:
    client.post("/status", json=a_question(BEN), headers=extract)
    assert kept(engine)[-1].practices == [OURS, THEIRS]

    ours = client.get("/looks", headers=controller).json()["looks"][0]
    theirs = client.get("/looks", headers=stranger).json()["looks"][0]

    assert (ours["practices"], theirs["practices"]) == ([OURS], [THEIRS])


@pytest.mark.parametrize("role", ["extract", "system"])
def test_neither_an_extract_service_nor_a_system_reads_who_looked(
    unchanged: TestClient, as_: Callable[..., Headers], role: str
) -> None:
    headers = as_(role, OURS)

    answers = [
        unchanged.get("/looks", headers=headers),
        unchanged.get("/looks.csv", headers=headers),
        unchanged.post("/looks", json={"nhs_number": ANNA}, headers=headers),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]


def test_looks_are_told_by_whom_of_what_and_as_a_spreadsheet(
    client: TestClient, auditor: Headers, extract: Headers, things: Things
) -> None:
    client.post("/status", json=a_question(), headers=extract)
    client.get(f"/findings/{things.finding}", headers=auditor)

    by_extract = client.get("/looks?who=a extract&limit=2", headers=auditor).json()["looks"]
    findings = client.get("/looks?shown=finding&limit=1", headers=auditor).json()["looks"]
    rows = list(csv.DictReader(io.StringIO(client.get("/looks.csv", headers=auditor).text)))

    assert {(one["who"], one["shown"]) for one in by_extract} == {("a extract", "status")}
    assert [one["who"] for one in findings] == ["a auditor"]
    assert [(row["who"], row["shown"]) for row in rows[:2]] == [
        ("a auditor", "finding"),
        ("a extract", "status"),
    ]


def test_an_erased_patient_is_found_by_no_number_any_more_and_the_look_stays(
    client: TestClient,
    engine: Engine,
    controller: Headers,
    auditor: Headers,
    things: Things,
) -> None:
    client.post("/objections", json=an_objection(nhs_number=ERASED), headers=controller)
    client.post("/status", json=a_question(ERASED), headers=auditor)
    before = kept(engine)
    with engine.begin() as connection:
        erase(connection, find_patients(connection, [ERASED])[ERASED])

    found = client.post("/looks", json={"nhs_number": ERASED}, headers=auditor).json()["looks"]

    assert found == []
    assert kept(engine)[: len(before)] == before
