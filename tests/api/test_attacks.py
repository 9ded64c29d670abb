"""Does the API keep to its own OpenAPI document, whatever it is sent?"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, note, settings
from hypothesis.strategies import binary, sampled_from
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from ledger.api import create_api
from ledger.application import Ledger
from ledger.application.incoming import Incoming
from ledger.application.tokens import own_verifier
from tests.api.conftest import OURS, THEIRS, Headers
from tests.nhs_numbers import nhs_numbers
from tests.served import a_seal

load_all_checks()
# A number's check digit, or a code that says what the objection says, no schema can tell.
BEYOND_A_SCHEMA = CHECKS.get_by_names(["positive_data_acceptance"])
# A position to wait for that never comes is answered with 503, and rightly.
WAITING_IS_ALLOWED = schemathesis.Config.from_dict(
    {"checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", "503"]}}}
)

the_same_each_time = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


schemathesis.openapi.format("nhs-number", sampled_from(nhs_numbers(20)))
schemathesis.openapi.media_type("application/zip", binary(max_size=100))
schemathesis.openapi.media_type("text/csv", binary(max_size=100))

# What is promised, as tests/contract holds it to: so that none goes unasked.
PROMISED = {
    f"{method.upper()} {path}"
    for path, operations in json.loads(
        (Path(__file__).parents[1] / "contract" / "openapi.json").read_text()
    )["paths"].items()
    for method in operations
}
# These are asked nothing, so nothing can be wrong with what they are asked.
ASKED_NOTHING = ("/health/", "/metrics", "/checkpoint", "/looks/checkpoint")
# A zip may be any bytes, as a list may be any text: what is wrong with them is told once they were
# looked at.
ANY_BYTES = ("/releases", "/deliveries")
ROLES = ["controller", "auditor", "extract", "system"]


@pytest.fixture
def document(ledger: Ledger, key: Ed25519PrivateKey, tmp_path: Path) -> schemathesis.BaseSchema:
    """What the API says of itself."""
    incoming = Incoming(ledger, tmp_path, largest=1_000)
    seal = a_seal(ledger.engine)
    api = create_api(ledger, own_verifier(key), seal=seal, patience=0, incoming=incoming)
    return schemathesis.openapi.from_asgi("/openapi.json", api, config=WAITING_IS_ALLOWED)


# Making up what to send takes far longer than sending it, so every role is sent the same.
@pytest.fixture
def everybody(as_: Callable[..., Headers]) -> dict[str, Headers]:
    """Somebody of each role."""
    return {role: as_(role, OURS, THEIRS) for role in ROLES}


def test_what_the_document_allows_is_answered_as_it_says(
    document: schemathesis.BaseSchema, everybody: dict[str, Headers]
) -> None:
    attacked = []

    for found in document.get_all_operations():
        operation = found.ok()

        @the_same_each_time
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            about_us(case)
            for role, headers in everybody.items():
                note(f"as {role}")
                case.call_and_validate(headers=headers, excluded_checks=BEYOND_A_SCHEMA)

        ask()
        attacked.append(operation.label)

    assert set(attacked) == PROMISED


def test_what_the_document_does_not_allow_is_refused(
    document: schemathesis.BaseSchema, everybody: dict[str, Headers]
) -> None:
    attacked = []

    asked = document.exclude(path_regex=f"^({'|'.join(ASKED_NOTHING)})")
    for path in ANY_BYTES:
        asked = asked.exclude(path=path, method="POST")
    for found in asked.get_all_operations():
        operation = found.ok()

        @the_same_each_time
        @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        def attack(case: schemathesis.Case) -> None:
            for role, headers in everybody.items():
                note(f"as {role}")
                case.call_and_validate(headers=headers, excluded_checks=BEYOND_A_SCHEMA)

        attack()
        attacked.append(operation.label)

    with_anything = {f"POST {path}" for path in ANY_BYTES}
    assert set(attacked) == {
        each
        for each in PROMISED - with_anything
        if not each.partition(" ")[2].startswith(ASKED_NOTHING)
    }


def about_us(case: schemathesis.Case) -> None:
    """Have the question be about a practice there is, so that it gets further than the door."""
    if "ods" in case.path_parameters:
        case.path_parameters["ods"] = OURS
    if isinstance(case.body, dict) and "practice" in case.body:
        case.body["practice"] = OURS
