"""Is what programs are written against what it was, and what people read what it is?"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "docs" / "generate_api.py"
SNAPSHOT = json.loads((ROOT / "tests" / "contract" / "openapi.json").read_text())
OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, operations in SNAPSHOT["paths"].items()
    for method, operation in operations.items()
]
PUBLIC = {
    "GET /looks/checkpoint",
    "GET /health/live", "GET /health/ready", "GET /metrics", "GET /checkpoint",
    "GET /checkpoint/keys", "GET /tile/{level}/{place}", "GET /proof/inclusion",
    "GET /proof/consistency",
}  # fmt: skip


def test_the_openapi_document_and_its_page_are_not_stale() -> None:
    checked = subprocess.run(
        [sys.executable, GENERATOR, "--check"], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(("name", "operation"), OPERATIONS)
def test_every_route_says_who_may_and_what_goes_wrong(name: str, operation: dict) -> None:
    problems = {status for status in operation["responses"] if status >= "4"}

    assert operation["description"]
    assert ("security" in operation) is (name not in PUBLIC)
    assert "500" in problems
    assert name in PUBLIC or {"401", "403", "422", "503"} <= problems
    assert all(
        list(operation["responses"][status]["content"]) == ["application/problem+json"]
        for status in problems
    )


def test_no_nhs_number_travels_in_an_address() -> None:
    parameters = [p for _, operation in OPERATIONS for p in operation.get("parameters", [])]

    assert not [p for p in parameters if "nhs" in json.dumps(p).lower()]
