"""Routes and pages put together as `ledger serve` does, for tests of either."""

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi import FastAPI
from sqlalchemy import Engine

from ledger.api import create_api
from ledger.application import Ledger, Seal
from ledger.application.tokens import own_verifier
from ledger.domain.callers import Caller
from ledger.store.checkpoint import Signer
from ledger.web import add_pages


def a_seal(engine: Engine) -> Seal:
    """The seal over a ledger, under a name of the tests'."""
    return Seal(engine, Signer("ledger.example/tests", Ed25519PrivateKey.generate()))


def served(
    ledger: Ledger,
    key: Ed25519PrivateKey,
    *,
    mint: Callable[[Caller], str] | None,
    verify: Callable[[str], Caller] | None = None,
) -> FastAPI:
    """The pages beside the API, for tokens signed with `key`; `verify`: who tells otherwise."""
    verifier = own_verifier(key)
    app = create_api(ledger, verifier, seal=a_seal(ledger.engine))
    add_pages(app, ledger, verify=verify or verifier.caller, mint=mint)
    return app
