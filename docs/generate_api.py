"""Writes docs/api.md and tests/contract/openapi.json from what the routes are.

    python docs/generate_api.py            writes both
    python docs/generate_api.py --check    exits 1 if either is not what would be written

The OpenAPI document is what programs are written against: look at every line of its difference.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that it runs without the package being installed

from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: E402
    Ed25519PrivateKey,
)
from sqlalchemy import create_engine  # noqa: E402

from ledger.api import create_api  # noqa: E402
from ledger.api.problems import KINDS, NOT_AN_ANSWER, TOO_LARGE, UNREADABLE  # noqa: E402
from ledger.application import Ledger, Seal  # noqa: E402
from ledger.application.tokens import TokenVerifier  # noqa: E402
from ledger.store.checkpoint import Signer  # noqa: E402

PAGE = ROOT / "docs" / "api.md"
SNAPSHOT = ROOT / "tests" / "contract" / "openapi.json"
Json = Mapping[str, Any]

INTRODUCTION = """\
<!-- Written by docs/generate_api.py from the routes: change those, not this page. -->

# The ledger over HTTP

{description}

Programs read `/openapi.json`.
The examples below take the ledger to be at `$LEDGER`, and a token to be in `$TOKEN`:

```sh
LEDGER=http://127.0.0.1:8000
TOKEN=$(ledger token --role controller --practice X99901)
```

A token is a JWT of the issuer's, or in development the ledger's own.
Its `scope` names exactly one role (`controller`, `auditor`, `extract` or `system`), and its `ods`
lists the practices it may act for.
Of a third-party system `sub` is its id: it writes for a practice while that practice's pairing
with it stands, and is refused with `pairing-missing` from the moment it is revoked.
A list has at most `limit` rows; `Link: <…>; rel="next"` leads to the rest.
"""
PROBLEMS = """\
## Problems

What is not answered says why, as `application/problem+json`:
`type`, `title`, `status`, often `detail`, and `errors` where several things are wrong.

| Type | Status | Means |
|---|---|---|
"""


def the_document() -> dict[str, Any]:
    """The OpenAPI document; nothing is asked of the database or of any token."""
    nowhere = Ledger(create_engine("postgresql+psycopg2://"))
    unsealed = Seal(nowhere.engine, Signer("nobody", Ed25519PrivateKey.generate()))
    return create_api(nowhere, TokenVerifier(_no_key, "", ""), seal=unsealed).openapi()


def _no_key(_token: str) -> Any:
    raise AssertionError("nobody asks here")


def page(document: Json) -> str:
    """The whole page."""
    description = document["info"]["description"]
    parts = [INTRODUCTION.format(description=description)]
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            parts.append("\n".join(_route(document, method.upper(), path, operation)))
    kinds = {kind.name: kind for kind in (*KINDS.values(), UNREADABLE, TOO_LARGE, NOT_AN_ANSWER)}
    rows = sorted(kinds.values(), key=lambda kind: (kind.status, kind.name))
    lines = [f"| `/problems/{kind.name}` | {kind.status.value} | {kind.title} |" for kind in rows]
    return "\n".join([*parts, PROBLEMS + "\n".join(lines)]) + "\n"


def _route(document: Json, method: str, path: str, operation: Json) -> Iterator[str]:
    yield f"## {method} {path}\n"
    yield f"{operation['description']}\n"
    body = _body(document, operation)
    if body:
        yield from _fields("Body", document, body)
    if asked := [p for p in operation.get("parameters", []) if p["in"] == "query"]:
        yield "| Query | Type | Default |"
        yield "|---|---|---|"
        for parameter in asked:
            schema = parameter["schema"]
            yield f"| `{parameter['name']}` | {_optional_type(document, schema)} | {_default(schema)} |"
        yield ""
    yield "```sh"
    yield " \\\n  ".join(_curl(method, path, operation, body))
    yield "```\n"
    answer = next(response for status, response in operation["responses"].items() if status < "3")
    schema = answer["content"].get("application/json", {}).get("schema")
    for each in (schema or {}).get("anyOf", [schema] if schema else []):
        yield from _fields("Answer", document, _resolved(document, each))


def _body(document: Json, operation: Json) -> Json:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return _resolved(document, schema) if schema else {}


def _fields(title: str, document: Json, schema: Json) -> Iterator[str]:
    if told := schema.get("description"):
        yield f"{title}: {' '.join(told.split())}\n"
    yield f"| {title} | Type |"
    yield "|---|---|"
    needed = schema.get("required", [])
    for name, field in schema["properties"].items():
        optional = "" if name in needed or title == "Answer" else " (optional)"
        kind = (_optional_type if optional else _type)(document, field)
        yield f"| `{name}` | {kind}{optional} |"
    yield ""
    for name, field in schema["properties"].items():
        inner = _resolved(document, field.get("items", {}))
        if "properties" in inner:
            yield f"Each of `{name}`: {', '.join(f'`{each}`' for each in inner['properties'])}.\n"


def _type(document: Json, schema: Json) -> str:
    """What may stand there, in a word or two."""
    if "anyOf" in schema:
        kinds = [_type(document, each) for each in schema["anyOf"]]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {_type(document, schema['items'])}"
    found = _resolved(document, schema)
    if "enum" in found:
        return ", ".join(f"`{each}`" for each in found["enum"])
    if "properties" in found:
        return _named(schema)
    return str(found.get("format") or found.get("const") or found.get("type", "any"))


def _optional_type(document: Json, schema: Json) -> str:
    """What may stand there, if anything does."""
    return _type(document, schema).removesuffix(" or null")


def _named(schema: Json) -> str:
    return str(schema.get("$ref", "")).rsplit("/", 1)[-1]


def _default(schema: Json) -> str:
    return f"`{schema['default']}`" if "default" in schema else ""


def _curl(method: str, path: str, operation: Json, body: Json) -> Iterator[str]:
    address = path.replace("{ods}", "X99901").replace("{action}", "SA11-X99901")
    address = address.replace("{finding}", "$FINDING").replace("{system}", "acme-triage")
    address = address.replace("{webhook}", "$WEBHOOK").replace("{feed_token}", "$FEED")
    named = "$RELEASE" if path.startswith("/releases") else "$DELIVERY"
    address = address.replace("{id}", named).replace("{rule}", "CO04")
    verb = "" if method == "GET" else f" -X {method}"
    yield f'curl{verb} "$LEDGER{address}"'
    if "security" in operation:
        yield '-H "Authorization: Bearer $TOKEN"'
    if body:
        yield '-H "Content-Type: application/json"'
        yield f"-d '{json.dumps(body['examples'][0])}'"
    if "application/zip" in operation.get("requestBody", {}).get("content", {}):
        yield '-H "Content-Type: application/zip"'
        # Without a size of its own curl would read all of it into memory.
        yield "-T deliveries.zip"


def _resolved(document: Json, schema: Json) -> Json:
    name = _named(schema)
    found: Json = document["components"]["schemas"][name] if name else schema
    return found


def main(arguments: list[str]) -> int:
    """Write both, or with `--check` say which is stale."""
    document = the_document()
    written = {PAGE: page(document), SNAPSHOT: json.dumps(document, indent=2) + "\n"}
    if arguments != ["--check"]:
        for path, text in written.items():
            path.write_text(text)
        return 0
    stale = [p for p, text in written.items() if not p.is_file() or p.read_text() != text]
    for path in stale:
        sys.stderr.write(f"{path.name} is stale: run python docs/generate_api.py\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
