"""May a second organisation put its name to a checkpoint? Only if it continues what it signed last.

Needs neither the ledger nor its database: a checkpoint, the one cosigned last, a proof between the
two, and the public keys of the log (https://c2sp.org/tlog-cosignature).
"""

from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import ValidationError

from ledger.application.records import ConsistencyRecord
from ledger.domain.refusals import AnotherLog, NotAFact, ProofBroken, TreeBroken
from ledger.store.checkpoint import (
    Checkpoint,
    Verifier,
    cosign,
    from_base64,
    read_checkpoint,
)
from ledger.store.proving import continues


def cosigned(
    note: str,
    *,
    name: str,
    key: Ed25519PrivateKey,
    trusted: Sequence[str],
    last: str | None,
    proof: str | None,
    now: datetime,
) -> str:
    """The checkpoint with one signature more, by `name`.

    `trusted` are the log's public keys; `last` the checkpoint that `name` cosigned last, None the
    first time; `proof` the answer of `/proof/consistency` between the two, None where they are of
    one size.
    """
    checkpoint = read_checkpoint(note, [Verifier.read(line) for line in trusted])
    if last is not None:
        own = verifier_of(name, key)
        _must_continue(read_checkpoint(last, [own]), checkpoint, proof)
    return cosign(note, name=name, key=key, at=now)


def verifier_of(name: str, key: Ed25519PrivateKey) -> Verifier:
    """The cosigner's public key, to be given to whoever requires its signature."""
    if not name or any(character.isspace() or character == "+" for character in name):
        raise NotAFact("expected the cosigner's name without blanks and plus signs")
    return Verifier(name, key.public_key(), cosigns=True)


def _must_continue(last: Checkpoint, new: Checkpoint, proof: str | None) -> None:
    if new.origin != last.origin:
        raise AnotherLog(
            f"you cosigned {last.origin} last, and this checkpoint is of {new.origin}: keep one "
            "file of what was cosigned last for each log"
        )
    if new.size < last.size:
        raise TreeBroken(
            f"you cosigned {last.size} events last, and this checkpoint is over {new.size}: it is "
            "an older one, or the log lost events. Nothing was cosigned"
        )
    if new.size > last.size and last.size > 0 and proof is None:
        raise NotAFact(
            "expected the proof between the two checkpoints: "
            f"/proof/consistency?old={last.size}&new={new.size}"
        )
    if not continues(last[1:], new[1:], proof=_hashes(proof)):
        raise TreeBroken(
            f"the log at {new.size} is not proved to continue the one you cosigned at {last.size}: "
            "the proof is of other checkpoints, or history was altered. Nothing was cosigned; keep "
            "both checkpoints"
        )


def _hashes(proof: str | None) -> list[bytes]:
    if proof is None:
        return []
    try:
        told = ConsistencyRecord.model_validate_json(proof)
    except ValidationError:
        raise ProofBroken("expected the answer of /proof/consistency, found another text") from None
    return [from_base64(line) for line in told.hashes]
