"""Is a caller known by their token, and nobody by a forged one?"""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from fastapi.testclient import TestClient

from ledger.api import create_api
from ledger.application import Ledger
from ledger.application.tokens import (
    AUDIENCE,
    DEVELOPMENT_ISSUER,
    InvalidToken,
    IssuerSilent,
    TokenVerifier,
    development_key,
    issuers_verifier,
    mint_token,
    own_verifier,
    token_verifier,
)
from ledger.domain.callers import Caller, Role
from tests.api.conftest import Headers
from tests.served import a_seal

ISSUER, LEDGER = "https://issuer.example", "the-ledger"


def claims(**told: Any) -> dict[str, Any]:
    """What a good token of the ledger's own says; what is told as None is left out."""
    said = {
        "iss": DEVELOPMENT_ISSUER,
        "aud": AUDIENCE,
        "sub": "somebody",
        "scope": "controller",
        "ods": ["X99901"],
        "exp": datetime.now(UTC) + timedelta(minutes=5),
    } | told
    return {name: value for name, value in said.items() if value is not None}


def signed(key: Any, algorithm: str = "EdDSA", kid: str | None = None, **told: Any) -> str:
    headers = None if kid is None else {"kid": kid}
    return jwt.encode(claims(**told), key, algorithm=algorithm, headers=headers)


def test_a_caller_is_known_by_the_token_minted_for_them(key: Ed25519PrivateKey) -> None:
    caller = Caller("somebody", Role.SYSTEM, frozenset({"X99901", "X99902"}))

    token = mint_token(caller, key=key, now=datetime.now(UTC))

    assert own_verifier(key).caller(token) == caller


def test_other_scopes_do_not_matter_and_codes_may_be_lower_case(key: Ed25519PrivateKey) -> None:
    token = signed(key, scope="openid auditor profile", ods=["x99901"])

    known = own_verifier(key).caller(token)

    assert known == Caller("somebody", Role.AUDITOR, frozenset({"X99901"}))


@pytest.mark.parametrize(
    "told",
    [
        {"exp": datetime(2018, 5, 25, tzinfo=UTC)},
        {"exp": None},
        {"aud": "another"},
        {"aud": None},
        {"iss": "another"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": "a\0b"},
        {"sub": "x" * 101},
        {"nbf": datetime(2100, 1, 1, tzinfo=UTC)},
        {"scope": None},
        {"scope": "openid"},
        {"scope": "controller auditor"},
        {"scope": ["controller"]},
        {"ods": "X99901"},
        {"ods": ["X 1"]},
        {"ods": [1]},
    ],
)
def test_a_token_that_does_not_say_what_it_must_is_refused(
    key: Ed25519PrivateKey, told: dict[str, Any]
) -> None:
    token = signed(key, **told)

    with pytest.raises(InvalidToken):
        own_verifier(key).caller(token)


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "a.b.c",
        "…",
        jwt.encode(claims(), None, algorithm="none"),
        signed("a secret of more than thirty-two bytes", "HS256"),
        signed(Ed25519PrivateKey.generate()),
        signed(ec.generate_private_key(ec.SECP256R1()), "ES256"),
    ],
)
def test_a_forged_token_is_refused(key: Ed25519PrivateKey, forged: str) -> None:
    with pytest.raises(InvalidToken):
        own_verifier(key).caller(forged)


def test_a_changed_token_is_refused(key: Ed25519PrivateKey) -> None:
    head, _, signature = signed(key).split(".")
    _, claim, _ = signed(Ed25519PrivateKey.generate(), scope="auditor").split(".")

    with pytest.raises(InvalidToken):
        own_verifier(key).caller(f"{head}.{claim}.{signature}")


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({}, "Bearer"),
        ({"Authorization": "Basic YTpi"}, 'Bearer error="invalid_token"'),
        ({"Authorization": "Bearer"}, 'Bearer error="invalid_token"'),
        ({"Authorization": "Bearer x"}, 'Bearer error="invalid_token"'),
    ],
)
def test_whoever_is_not_known_is_told_how_to_be(
    unchanged: TestClient, sent: Headers, told: str
) -> None:
    answer = unchanged.get("/events", headers=sent)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == told
    assert answer.json()["type"] == "/problems/not-known"


def test_the_ledgers_own_key_is_kept_and_is_nobody_elses(tmp_path: Path) -> None:
    home = tmp_path / "home"

    made, kept = development_key(home), development_key(home)

    assert made.private_bytes_raw() == kept.private_bytes_raw()
    assert (home / "token.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir()] == ["token.key"]


def test_processes_that_start_together_share_one_key(tmp_path: Path) -> None:
    made: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: made.append(development_key(tmp_path).private_bytes_raw()))
        for _ in range(8)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(made) == 8
    assert len(set(made)) == 1


def test_another_kind_of_key_is_told(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization as form

    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, form.NoEncryption())
    (tmp_path / "token.key").write_bytes(pem)

    with pytest.raises(TypeError, match="another kind of key"):
        development_key(tmp_path)


# --- an issuer of its own


class Issuer:
    """Keys that are published where a verifier looks for them."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.keys: dict[str, Any] = {
            "RS256": rsa.generate_private_key(public_exponent=65537, key_size=2048),
            "ES256": ec.generate_private_key(ec.SECP256R1()),
            "EdDSA": Ed25519PrivateKey.generate(),
        }
        self.answer = self._published()

    def _published(self) -> bytes:
        keys = []
        for name, key in self.keys.items():
            to_jwk = jwt.get_algorithm_by_name(name).to_jwk
            keys.append(json.loads(to_jwk(key.public_key())) | {"kid": name, "alg": name})
        # A secret among them is no key of ours, whoever put it there.
        keys.append({"kty": "oct", "kid": "HS256", "k": "YSBzZWNyZXQ", "alg": "HS256"})
        return json.dumps({"keys": keys}).encode()

    def token(self, algorithm: str, **told: Any) -> str:
        said = {"iss": ISSUER, "aud": LEDGER} | told
        return signed(self.keys[algorithm], algorithm, kid=algorithm, **said)

    def verifier(self) -> TokenVerifier:
        return issuers_verifier(self.address, issuer=ISSUER, audience=LEDGER)


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(issuer.answer)

        def log_message(self, *said: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        issuer = Issuer(f"http://127.0.0.1:{server.server_port}/keys")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield issuer
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_an_issuers_token_is_taken(issuer: Issuer, algorithm: str) -> None:
    known = issuer.verifier().caller(issuer.token(algorithm))

    assert known == Caller("somebody", Role.CONTROLLER, frozenset({"X99901"}))


@pytest.mark.parametrize(
    "forge",
    [
        lambda issuer: issuer.token("RS256", aud="another"),
        lambda issuer: issuer.token("RS256", iss=DEVELOPMENT_ISSUER),
        lambda issuer: signed(issuer.keys["RS256"], "RS256", iss=ISSUER, aud=LEDGER),
        lambda issuer: signed(issuer.keys["RS256"], "RS512", "RS256", iss=ISSUER, aud=LEDGER),
        lambda issuer: signed(issuer.keys["ES256"], "ES256", "RS256", iss=ISSUER, aud=LEDGER),
        lambda issuer: signed(issuer.keys["EdDSA"], "EdDSA", "other", iss=ISSUER, aud=LEDGER),
        lambda _: signed("a secret" * 8, "HS256", "HS256", iss=ISSUER, aud=LEDGER),
        lambda _: signed(Ed25519PrivateKey.generate(), "EdDSA", "EdDSA", iss=ISSUER, aud=LEDGER),
        lambda _: jwt.encode(claims(iss=ISSUER, aud=LEDGER), None, algorithm="none"),
    ],
)
def test_what_the_issuer_did_not_sign_for_us_is_refused(
    issuer: Issuer, forge: Callable[[Issuer], str]
) -> None:
    with pytest.raises(InvalidToken):
        issuer.verifier().caller(forge(issuer))


def test_an_issuer_that_says_nothing_sensible_is_not_the_callers_fault(
    issuer: Issuer, ledger: Ledger
) -> None:
    issuer.answer = b"<html>"
    token = issuer.token("RS256")

    with TestClient(create_api(ledger, issuer.verifier(), seal=a_seal(ledger.engine))) as client:
        answer = client.get("/events", headers={"Authorization": f"Bearer {token}"})

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"


def test_an_issuer_that_cannot_be_reached_is_not_the_callers_fault(issuer: Issuer) -> None:
    verifier = issuers_verifier("http://127.0.0.1:9/keys", issuer=ISSUER, audience=LEDGER)

    with pytest.raises(IssuerSilent):
        verifier.caller(issuer.token("RS256"))


def test_where_an_issuer_is_named_the_ledgers_own_tokens_are_forgeries(
    issuer: Issuer, tmp_path: Path
) -> None:
    verifier = token_verifier(
        home=tmp_path, jwks_url=issuer.address, issuer=ISSUER, audience=LEDGER
    )
    caller = Caller("somebody", Role.AUDITOR)
    token = mint_token(caller, key=development_key(tmp_path), now=datetime.now(UTC))

    with pytest.raises(InvalidToken):
        verifier.caller(token)


def test_without_an_issuer_the_ledgers_own_tokens_are_taken(tmp_path: Path) -> None:
    verifier = token_verifier(home=tmp_path, jwks_url=None, issuer=None, audience=None)
    caller = Caller("somebody", Role.AUDITOR)

    token = mint_token(caller, key=development_key(tmp_path), now=datetime.now(UTC))

    assert verifier.caller(token) == caller


@pytest.mark.parametrize(
    ("url", "audience"), [("https://issuer.example/keys", None), ("http://issuer.example/k", "x")]
)
def test_an_issuer_is_named_in_full_and_reached_in_secret(
    tmp_path: Path, url: str, audience: str | None
) -> None:
    with pytest.raises(ValueError, match="LEDGER_J"):
        token_verifier(home=tmp_path, jwks_url=url, issuer=ISSUER, audience=audience)
