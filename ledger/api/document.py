"""The OpenAPI document: what FastAPI makes of the routes, with what all of them have in common."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from ledger.api.problems import Problem

TITLE = "Objection ledger"
VERSION = "0.1.0"
DESCRIPTION = """\
What practices recorded of patients' objections, and what became of it.

NHS numbers travel in bodies, never in addresses. Times are RFC 3339 in UTC, dates ISO 8601.
What goes wrong is told as an RFC 9457 problem, and never repeats what was sent.
Every answer bears `Ledger-Position`, the position it speaks of; send it on as `Ledger-At-Least`
to be answered only once every projection has come that far.
Every answer bears `Ledger-Request`, its id: whoever is shown something of a patient is kept with
it in a log of looks, and with what they say in `Ledger-Reason`."""

_POSITION = {
    "description": "The position of the log that the answer speaks of",
    "schema": {"type": "integer", "minimum": 0},
}
_LEFT_OUT = ("HTTPValidationError", "ValidationError")  # FastAPI's own: ours are problems


def document(api: FastAPI) -> dict[str, Any]:
    """The whole document."""
    made = get_openapi(title=TITLE, version=VERSION, description=DESCRIPTION, routes=api.routes)
    schemas: dict[str, Any] = made["components"]["schemas"]
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas |= problem.pop("$defs")
    schemas["Problem"] = problem
    for name in _LEFT_OUT:
        schemas.pop(name, None)
    for operations in made["paths"].values():
        for operation in operations.values():
            if "security" in operation:
                _answers_bear_the_position(operation["responses"])
    return made


def _answers_bear_the_position(responses: dict[str, Any]) -> None:
    for status, response in responses.items():
        if status.startswith("2"):
            response["headers"] = {"Ledger-Position": _POSITION}
