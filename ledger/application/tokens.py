"""Who is asking? Bearer tokens: whose are taken, and what they say of their bearer.

In production an issuer signs them and publishes its keys (JWKS). In development the ledger signs
its own with a key it keeps under `LEDGER_HOME`. Never both: where an issuer is named, a token of
the ledger's own is a forgery.

Claims: `sub` who it is (of a third-party system its id, by which practices pair with it), `scope` with exactly one role (`controller`, `auditor`, `extract` or
`system`) among whatever else the issuer puts there, `ods` the codes of the practices it may act
for, `exp`, `iss` and `aud`.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.domain.callers import Caller, Role
from ledger.domain.identifiers import ods_code, system_id
from ledger.store.own_keys import own_key

# Signatures only: a secret shared with the issuer (HS256) could sign as well as check.
ALGORITHMS = ("RS256", "ES256", "EdDSA")
DEVELOPMENT_ISSUER = "ledger-development"
AUDIENCE = "ledger"
EIGHT_HOURS = timedelta(hours=8)

_LEEWAY = timedelta(seconds=10)  # between the issuer's clock and ours
_PATIENCE = 5.0  # seconds for the issuer's keys, while a caller waits
_LONGEST_NAME = 100  # as long as an event's `by`

SigningKey = jwt.PyJWK | Ed25519PublicKey


class InvalidToken(Exception):
    """The caller is not known by this token; the message never holds the token."""


class IssuerSilent(Exception):
    """The issuer's keys cannot be had, so nobody can be known."""


@dataclass(frozen=True, slots=True)
class TokenVerifier:
    """Knows callers by their tokens. `key_of` finds the key a token says it is signed with."""

    key_of: Callable[[str], SigningKey]
    issuer: str
    audience: str
    algorithms: Sequence[str] = ALGORITHMS

    def caller(self, token: str) -> Caller:
        """Who bears this token."""
        try:
            claims = jwt.decode(
                token,
                self.key_of(token),
                algorithms=self.algorithms,
                issuer=self.issuer,
                audience=self.audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "sub", "iss", "aud"]},
            )
        except jwt.ExpiredSignatureError:
            raise InvalidToken("the token has expired: ask for a new one") from None
        except jwt.PyJWTError:
            raise InvalidToken("the token is not one that this ledger takes") from None
        return _caller(claims)


def token_verifier(
    *, home: Path, jwks_url: str | None, issuer: str | None, audience: str | None
) -> TokenVerifier:
    """Whoever the environment says may issue tokens: the issuer named, or else the ledger."""
    if jwks_url is None:
        return own_verifier(development_key(home))
    if issuer is None or audience is None:
        raise ValueError(
            "LEDGER_JWKS_URL names where an issuer's keys are: say in LEDGER_JWT_ISSUER who "
            "issues, and in LEDGER_JWT_AUDIENCE what the ledger is called there"
        )
    return issuers_verifier(jwks_url, issuer=issuer, audience=audience)


def issuers_verifier(jwks_url: str, *, issuer: str, audience: str) -> TokenVerifier:
    """Takes an issuer's tokens; its keys are fetched when first needed and every five minutes."""
    address = urlsplit(jwks_url)
    if address.scheme != "https" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError(
            "LEDGER_JWKS_URL has to be https: whoever can change the keys is everybody"
        )
    keys = jwt.PyJWKClient(jwks_url, timeout=_PATIENCE, lifespan=300)

    def key_of(token: str) -> SigningKey:
        try:
            return keys.get_signing_key_from_jwt(token)
        except (jwt.PyJWKClientConnectionError, jwt.PyJWKSetError, json.JSONDecodeError):
            raise IssuerSilent("the keys of the tokens' issuer cannot be fetched") from None

    return TokenVerifier(key_of, issuer, audience)


def own_verifier(key: Ed25519PrivateKey) -> TokenVerifier:
    """Takes the tokens the ledger signed itself, for development."""
    public = key.public_key()
    return TokenVerifier(lambda _token: public, DEVELOPMENT_ISSUER, AUDIENCE, ("EdDSA",))


def mint_token(
    caller: Caller, *, key: Ed25519PrivateKey, now: datetime, lifetime: timedelta = EIGHT_HOURS
) -> str:
    """A development token for this caller."""
    claims = {
        "iss": DEVELOPMENT_ISSUER,
        "aud": AUDIENCE,
        "sub": caller.name,
        "scope": caller.role.value,
        "ods": sorted(caller.practices),
        "iat": now,
        "exp": now + lifetime,
    }
    return jwt.encode(claims, key, algorithm="EdDSA")


def development_key(home: Path) -> Ed25519PrivateKey:
    """The ledger's own signing key; made when first asked for, and readable by its owner alone."""
    return own_key(home / "token.key")


def _caller(claims: Mapping[str, Any]) -> Caller:
    name = claims["sub"]
    if not (0 < len(name) <= _LONGEST_NAME and name.isprintable()):
        raise InvalidToken(f"claim sub: expected a name of at most {_LONGEST_NAME} characters")
    words = str(claims.get("scope")).split()
    roles = [role for role in Role if role.value in words]
    if len(roles) != 1:
        raise InvalidToken(f"claim scope: expected exactly one of {', '.join(Role)}")
    if roles[0] is Role.SYSTEM and system_id(name) is None:
        raise InvalidToken(
            "claim sub: expected a system's id, 2 to 64 letters, digits, dots, hyphens and "
            "underscores, without an NHS number"
        )
    return Caller(name, roles[0], frozenset(_practices(claims.get("ods", []))))


def _practices(claim: object) -> list[str]:
    texts = claim if isinstance(claim, list) else [None]
    codes = [ods_code(text) if isinstance(text, str) else None for text in texts]
    if None in codes:
        raise InvalidToken("claim ods: expected a list of ODS codes")
    return [code for code in codes if code is not None]
