"""Can a patient be found in anything but the answer to a question about them?"""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi.testclient import TestClient

from ledger.api.logs import LOGGING, JsonLines
from ledger.application import Ledger
from tests.api.conftest import ANNA, OURS, Headers, a_question, an_objection

WRONG = "9990000000"
NUMBERS = [ANNA, WRONG]
# What the test's own client logs of its requests is not ours.
_CLIENTS = ("httpx", "httpcore", "asyncio")


def _a_release(**told: Any) -> dict[str, Any]:
    return {"recipient": "R", "purpose": "type-1", "nhs_numbers": [ANNA], **told}


class Listening(logging.Handler):
    """Keeps the lines that a log would hold."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(_CLIENTS):
            self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[Listening]:
    """Everything that is logged, however talkative."""
    root, handler = logging.getLogger(), Listening()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.DEBUG)
    yield handler
    logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    root.setLevel(before)
    root.removeHandler(handler)


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() or c.isalpha())


@pytest.mark.parametrize("number", NUMBERS)
def test_no_number_is_in_a_log_a_refusal_a_header_or_a_metric(
    client: TestClient,
    ledger: Ledger,
    controller: Headers,
    stranger: Headers,
    auditor: Headers,
    extract: Headers,
    log: Listening,
    number: str,
) -> None:
    grouped = f"{number[:3]} {number[3:6]} {number[6:]}"
    posts: list[tuple[str, Any]] = [
        ("/objections", an_objection(nhs_number=number)),
        ("/objections", an_objection(nhs_number=number, entry_id=number)),
        ("/objections", an_objection(code=number)),
        ("/objections", an_objection(practice=number)),
        ("/objections", an_objection() | {number: number}),
        ("/objections", number),
        ("/status", a_question(number)),
        ("/status", a_question(grouped)),
        ("/status", a_question(number, receipt=True)),
        ("/status", a_question(number, receipt=True, known_at=10**9)),
        ("/status", a_question(number, receipt=number)),
        ("/status", a_question(f"{number}0")),
        ("/status", a_question(at=number, known_at=number, policy=number, practice=number)),
        ("/status", a_question(policy=number)),
        (f"/status?nhs_number={number}", {number: [number]}),
        (f"/status/{number}", {}),
        ("/policies/compare/patients", {"a": number, "b": grouped, "purpose": "type-1"}),
        ("/policies/compare/patients", {"a": number, "purpose": number, "practice": number}),
        (f"/practices/{OURS}/settings", {"setting": number, "value": number, number: 1}),
        (f"/practices/{OURS}/settings", {"setting": "allowed", "value": number}),
        (f"/practices/{OURS}/actions/{number}", {"note": f"rang {grouped}"}),
        (f"/practices/{OURS}/actions/SA11-{OURS}", {"note": f"rang {ANNA}"}),
        (f"/practices/{OURS}/findings/{number}/dismissal", {"reason": grouped}),
        (f"/practices/{OURS}/findings/{number}/reopening", {"reason": grouped}),
        (f"/actions/{number}", {"note": f"rang {grouped}"}),
        (f"/actions/SA11-{OURS}", {"note": f"rang {ANNA}"}),
        (f"/practices/{number}/settings", {"setting": "auto-share-in", "value": "on"}),
        (f"/practices/{OURS}/pairings", {"system": number}),
        (f"/practices/{OURS}/pairings", {"system": f"acme-{grouped}"}),
        (f"/practices/{OURS}/pairings/{number}/revocation", {}),
        (f"/practices/{OURS}/webhooks", {"url": f"https://receiver.example/{number}"}),
        (f"/practices/{OURS}/webhooks/{number}/retry", {}),
        (f"/practices/{number}/feed-tokens", {}),
        ("/deliveries", {"nhs_number": number}),
        (f"/deliveries?nhs_number={number}", number),
        ("/releases", _a_release(nhs_numbers=[number])),
        ("/releases", _a_release(recipient=grouped, receipt=number)),
        ("/releases", _a_release(recipient="R", purpose=number, relied_on=[number])),
        (f"/releases?recipient={number}", {number: number}),
    ]
    gets = [
        f"/practices/{number}/findings",
        f"/practices/{number}/sharing?at={number}",
        f"/practices/{OURS}/findings?rule={number}&{number}={number}",
        f"/findings/{number}",
        f"/findings/{grouped}?{number}",
        f"/practices/{OURS}/findings?limit={number}&at_position={number}",
        f"/practices/{OURS}/actions?owner={grouped}",
        f"/practices/{OURS}/sharing?known_at={number}",
        f"/policies/compare?a={number}&b={grouped}&purpose=type-1",
        f"/policies/compare?a={number}&purpose={number}&at={number}&known_at={number}",
        f"/suppliers/transmission?supplier={number}",
        f"/actions?supplier={number}&owner={number}",
        f"/actions/counts?commissioner={number}",
        f"/practices/{OURS}/letters/{number}/merge.csv",
        f"/practices/{number}/letters/CO04/pages.pdf",
        f"/deliveries?practice={number}&after={number}&limit={number}",
        f"/deliveries/{number}",
        f"/deliveries/{number}/refused.csv?{number}={number}",
        f"/practices/{number}/pairings?{number}",
        f"/practices/{number}/webhooks?{number}",
        f"/practices/{OURS}/dead-letters?offset={number}&{number}={number}",
        f"/practices/{OURS}/notifications.atom?before={number}",
        f"/releases/{number}",
        f"/releases/{number}/exposure?entered_from={number}",
        f"/exposure?supplier={number}&window_from={grouped}",
        f"/suppliers/transmission?{number}={number}",
        f"/suppliers/transmission.csv?supplier={number}",
        f"/suppliers/transmission/practices?supplier={number}&collection={number}",
        f"/suppliers/transmission/practices.csv?collection={grouped}&{number}",
        f"/statistics?since={number}&level={number}",
        f"/statistics.csv?level={grouped}&{number}={number}",
        f"/events?after={number}",
        f"/patients/{grouped}/",
        "/metrics",
        "/health/ready",
        "/openapi.json",
    ]

    answers = []
    for headers in (controller, stranger, auditor, extract, {"Authorization": number}):
        answers += [client.post(path, json=body, headers=headers) for path, body in posts]
        answers += [client.get(path, headers=headers) for path in gets]
    answers.append(client.get("/events", headers=auditor | {"Ledger-At-Least": f"{number}x"}))
    answers.append(client.request(number, "/events", headers=auditor))
    ledger.catch_up()

    assert all(answer.status_code != 500 for answer in answers)
    for answer in answers:
        told = " ".join(f"{name} {value}" for name, value in answer.headers.items())
        if answer.status_code >= 400 or answer.url.path in ("/metrics", "/events"):
            told += answer.text
        assert number not in digits(told), answer.request.url
    assert log.lines
    assert all(number not in digits(line) for line in log.lines)


def test_a_request_leaves_one_line_that_tells_positions_and_counts(
    client: TestClient, controller: Headers, log: Listening
) -> None:
    client.get(f"/practices/{OURS}/actions?limit=5", headers=controller)

    (line,) = [told for told in map(json.loads, log.lines) if told["message"] == "answered"]
    assert line["route"] == "/practices/{ods}/actions"
    assert (line["method"], line["status"], line["practice"]) == ("GET", 200, OURS)
    assert line["count"] == 5
    assert line["position"] >= 1
    assert line["ms"] > 0


def test_an_errors_message_is_not_logged_and_its_place_is() -> None:
    handler = Listening()
    try:
        try:
            int(ANNA + "x")
        except ValueError as error:
            raise RuntimeError(f"of {ANNA}") from error
    except RuntimeError:
        record = logging.LogRecord(
            "uvicorn.error", logging.ERROR, "", 0, "failed for %s", (ANNA,), sys.exc_info()
        )

    line = json.loads(handler.format(record))

    assert line["error"][0] == "ValueError"
    assert any(place.startswith("test_privacy.py:") for place in line["error"])
    assert line["message"] == "failed for [number hidden]"
    assert ANNA not in json.dumps(line)


def test_uvicorns_own_log_of_addresses_is_off() -> None:
    assert LOGGING["loggers"]["uvicorn.access"]["level"] == "CRITICAL"
    assert LOGGING["formatters"]["json"]["()"] is JsonLines
