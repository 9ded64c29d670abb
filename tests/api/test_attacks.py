"""Does the API keep to its own OpenAPI document, whatever it is sent?"""

from collections.abc import Callable
from pathlib import Path

import pytest
import schemathesis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import binary, sampled_from
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks

from ledger.api import create_api
from ledger.application import Ledger
from ledger.application.incoming import Incoming
from ledger.application.tokens import own_verifier
from tests.api.conftest import OURS, THEIRS, Headers, a_seal
from tests.nhs_numbers import nhs_numbers

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

ROLES = ["controller", "auditor", "extract", "system"]


@pytest.fixture
def document(ledger: Ledger, key: Ed25519PrivateKey, tmp_path: Path) -> schemathesis.BaseSchema:
    """What the API says of itself."""
    incoming = Incoming(ledger, tmp_path, largest=1_000)
    seal = a_seal(ledger.engine)
    api = create_api(ledger, own_verifier(key), seal=seal, patience=0, incoming=incoming)
    return schemathesis.openapi.from_asgi("/openapi.json", api, config=WAITING_IS_ALLOWED)


@pytest.mark.parametrize("role", ROLES)
def test_what_the_document_allows_is_answered_as_it_says(
    document: schemathesis.BaseSchema, as_: Callable[..., Headers], role: str
) -> None:
    headers = as_(role, OURS, THEIRS)
    attacked = []

    for found in document.get_all_operations():
        operation = found.ok()

        @the_same_each_time
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case) -> None:
            about_us(case)
            case.call_and_validate(headers=headers, excluded_checks=BEYOND_A_SCHEMA)

        ask()
        attacked.append(operation.label)

    assert len(attacked) == 56


@pytest.mark.parametrize("role", ROLES)
def test_what_the_document_does_not_allow_is_refused(
    document: schemathesis.BaseSchema, as_: Callable[..., Headers], role: str
) -> None:
    headers = as_(role, OURS, THEIRS)
    attacked = []

    # These are asked nothing, so nothing can be wrong with what they are asked.
    # And a zip may be any bytes, as a list may be any text: what is wrong with them is told once
    # they were looked at.
    asked = document.exclude(path_regex="^/(health/|metrics|checkpoint)")
    asked = asked.exclude(path="/releases", method="POST")
    for found in asked.exclude(path="/deliveries", method="POST").get_all_operations():
        operation = found.ok()

        @the_same_each_time
        @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
        def attack(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers, excluded_checks=BEYOND_A_SCHEMA)

        attack()
        attacked.append(operation.label)

    assert len(attacked) == 49


def about_us(case: schemathesis.Case) -> None:
    """Have the question be about a practice there is, so that it gets further than the door."""
    if "ods" in case.path_parameters:
        case.path_parameters["ods"] = OURS
    if isinstance(case.body, dict) and "practice" in case.body:
        case.body["practice"] = OURS
