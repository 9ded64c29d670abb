"""Do operations see how the ledger is doing, and do callers see what they wrote?"""

import re
import threading

from fastapi.testclient import TestClient
from sqlalchemy import text

from ledger.application import Ledger
from tests.api.conftest import OURS, Headers, an_objection


def test_a_ledger_that_is_ready_says_how_far_it_is(client: TestClient, ledger: Ledger) -> None:
    answer = client.get("/health/ready")

    told = answer.json()
    assert answer.status_code == 200
    assert told["position"] == ledger.known().position
    assert {each["behind"] for each in told["projections"]} == {0}
    assert {each["name"] for each in told["projections"]} == ledger.positions().keys() - {"log"}


def test_a_ledger_that_lacks_migrations_is_not_ready(client: TestClient, database_url: str) -> None:
    from sqlalchemy import create_engine

    from ledger.store.engine import _driver

    owner = create_engine(_driver(database_url))
    with owner.begin() as connection:
        connection.execute(text("update log.migrations set version_num = '0000'"))
    owner.dispose()

    answer = client.get("/health/ready")

    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/unavailable"


def test_metrics_tell_who_is_behind(
    client: TestClient, ledger: Ledger, controller: Headers
) -> None:
    before = ledger.known().position
    client.post("/objections", json=an_objection(), headers=controller)

    answer = client.get("/metrics")

    lines = dict(
        line.rsplit(" ", 1) for line in answer.text.splitlines() if not line.startswith("#")
    )
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert lines["ledger_head_position"] == str(before + 1)
    assert lines["ledger_seal_position"] == "0"
    assert lines["ledger_seal_lag_events"] == str(before + 1)
    assert float(lines["ledger_seal_lag_seconds"]) > 0
    assert lines['ledger_projection_position{projection="findings"}'] == str(before)
    assert lines['ledger_projection_lag_events{projection="findings"}'] == "1"
    assert float(lines['ledger_projection_lag_seconds{projection="findings"}']) > 0
    assert lines['ledger_projection_lag_events{projection="statements"}'] == "0"
    assert all(re.fullmatch(r"ledger_\w+(\{projection=\"\w+\"\})?", name) for name in lines)


def test_a_request_may_wait_for_what_it_wrote(
    client: TestClient, ledger: Ledger, controller: Headers
) -> None:
    kept = client.post("/objections", json=an_objection(), headers=controller)
    at_least = controller | {"Ledger-At-Least": kept.headers["Ledger-Position"]}

    too_early = client.get(f"/practices/{OURS}/findings", headers=at_least)
    client.app.state.patience = 30  # type: ignore[attr-defined]
    worker = threading.Timer(0.1, ledger.catch_up)
    worker.start()
    in_time = client.get(f"/practices/{OURS}/findings", headers=at_least)
    worker.join()

    assert too_early.status_code == 503
    assert too_early.headers["Retry-After"] == "5"
    assert too_early.json()["type"] == "/problems/behind"
    assert in_time.status_code == 200
    assert in_time.json()["position"] >= kept.json()["position"]


def test_a_position_to_wait_for_is_a_number(unchanged: TestClient, auditor: Headers) -> None:
    answer = unchanged.get("/events", headers=auditor | {"Ledger-At-Least": "soon"})

    assert answer.status_code == 422
