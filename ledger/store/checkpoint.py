"""How does the ledger put its name to the tree at a size, so that anybody can check it later?

A checkpoint is a signed note (https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note):
origin, size and root, a line each, and below them one signature a line. The ledger signs with
Ed25519 under its origin as the key's name; others may cosign, with the time at which they saw it
(https://c2sp.org/tlog-cosignature).
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from ledger.domain.refusals import AnotherLog, NotAFact, ProofBroken, SealBroken
from ledger.store.merkle import HASH

_SIGNED, _COSIGNED = b"\x01", b"\x04"
_KEY_ID = 4
_TIME = 8
# A line that signs: an em dash, the key's name, its id and the signature.
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+=*)")
_MOST_LINES = 16
LONGEST_NOTE = 64 << 10


class Checkpoint(NamedTuple):
    """The tree's head: whose it is, how many leaves it has, and their root."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key and its name, which is what a reader of checkpoints has to be given.

    `cosigns`: it signs what it saw, with the time, rather than what it wrote.
    """

    name: str
    key: Ed25519PublicKey
    cosigns: bool = False

    @property
    def _material(self) -> bytes:
        return (_COSIGNED if self.cosigns else _SIGNED) + self.key.public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        """Four bytes by which a line says whose it is."""
        return sha256(f"{self.name}\n".encode() + self._material).digest()[:_KEY_ID]

    def __str__(self) -> str:
        """As verifier keys are written: name, id and key, with a plus between."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(self._material).decode()}"

    @classmethod
    def read(cls, text: str) -> Self:
        """A verifier key as `str` writes it."""
        name, _, rest = text.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        material = from_base64(encoded)
        if len(material) != 1 + HASH or material[:1] not in {_SIGNED, _COSIGNED}:
            raise NotAFact("expected a public key as name+id+key, of Ed25519; found another text")
        key = Ed25519PublicKey.from_public_bytes(material[1:])
        found = cls(name, key, cosigns=material[:1] == _COSIGNED)
        if found.key_id.hex() != key_id:
            raise NotAFact("the id in this public key is another key's: it was damaged on its way")
        return found

    def confirms(self, body: str, signature: bytes) -> bool:
        """Whether the signature is this key's, over this text."""
        signed = body.encode()
        if self.cosigns:
            if len(signature) < _TIME:
                return False
            at = int.from_bytes(signature[:_TIME], "big")
            signature = signature[_TIME:]
            signed = f"cosignature/v1\ntime {at}\n".encode() + signed
        try:
            self.key.verify(signature, signed)
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class Signer:
    """The ledger's own key, under the name that its checkpoints bear."""

    origin: str
    key: Ed25519PrivateKey

    @property
    def verifier(self) -> Verifier:
        """What others need to check its signatures."""
        return Verifier(self.origin, self.key.public_key())

    def sign(self, size: int, root: bytes) -> str:
        """The checkpoint of this tree, signed."""
        body = Checkpoint(self.origin, size, root).body
        return f"{body}\n{self.line(body)}"

    def line(self, text: str) -> str:
        """The line that signs a text, which ends with a newline."""
        return _line(self.verifier, self.key.sign(text.encode()))


def cosign(note: str, *, name: str, key: Ed25519PrivateKey, at: datetime) -> str:
    """The checkpoint with one signature more, by somebody who saw it at that time."""
    body = note.partition("\n\n")[0] + "\n"
    seconds = int(at.timestamp())
    signature = key.sign(f"cosignature/v1\ntime {seconds}\n".encode() + body.encode())
    verifier = Verifier(name, key.public_key(), cosigns=True)
    return note + _line(verifier, seconds.to_bytes(_TIME, "big") + signature)


def read_checkpoint(note: str, verifiers: Sequence[Verifier]) -> Checkpoint:
    """What a checkpoint says, if one of the keys signed it and none of them signed otherwise."""
    if len(note) > LONGEST_NOTE:
        raise ProofBroken("expected a checkpoint, found a text that is far too long for one")
    body, parted, signatures = note.partition("\n\n")
    checkpoint = _parsed(body)
    if not parted or checkpoint is None:
        raise ProofBroken(
            "expected a checkpoint (origin, size and root, an empty line, signatures), found "
            "another text"
        )
    confirm(f"{body}\n", signatures, verifiers, what="checkpoint")
    return checkpoint


def confirm(text: str, signatures: str, verifiers: Sequence[Verifier], *, what: str) -> None:
    """Refuse lines of signatures over a text if none of the keys signed it, or one otherwise."""
    confirmed = 0
    for line in signatures.splitlines()[:_MOST_LINES]:
        told = _LINE.fullmatch(line)
        if told is None:
            raise ProofBroken(f"a line of the {what}'s signatures is none: it was damaged")
        signed = from_base64(told[2])
        for verifier in verifiers:
            if (verifier.name, verifier.key_id) != (told[1], signed[:_KEY_ID]):
                continue
            if not verifier.confirms(text, signed[_KEY_ID:]):
                raise ProofBroken(
                    f"the signature of {verifier.name} is not over this {what}: it was altered"
                )
            confirmed += 1
    if not confirmed:
        raise AnotherLog(f"no key that you trust has signed this {what}: is it another log's?")


def read_own(note: str) -> Checkpoint:
    """What a checkpoint says that the ledger kept itself, whoever signed it."""
    checkpoint = _parsed(note.partition("\n\n")[0])
    if checkpoint is None:
        raise SealBroken("a checkpoint that was kept is none any more: it was altered")
    return checkpoint


def cosigned_at(note: str, verifier: Verifier) -> datetime | None:
    """When this cosigner saw the checkpoint; None where it has not signed it."""
    for told in _LINE.finditer(note):
        signed = from_base64(told[2])
        if (told[1], signed[:_KEY_ID]) == (verifier.name, verifier.key_id):
            return datetime.fromtimestamp(int.from_bytes(signed[_KEY_ID:][:_TIME], "big"), UTC)
    return None


def _parsed(body: str) -> Checkpoint | None:
    match body.split("\n"):
        case [origin, size, encoded, *_] if origin and re.fullmatch(r"0|[1-9]\d{0,18}", size):
            root = from_base64(encoded)
            return Checkpoint(origin, int(size), root) if len(root) == HASH else None
        case _:
            return None


def _line(verifier: Verifier, signature: bytes) -> str:
    return f"— {verifier.name} {base64.b64encode(verifier.key_id + signature).decode()}\n"


def from_base64(text: str) -> bytes:
    """What base64 says; nothing where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
