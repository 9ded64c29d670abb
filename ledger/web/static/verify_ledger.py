#!/usr/bin/env python3
"""Was the history of an objection ledger altered? One file, to be read and then run alone.

It needs Python 3.11 or newer and the package `cryptography`, and nothing of the ledger. What you
have to bring is the ledger's public key, from somewhere you trust: a line such as

    objection-ledger/1a2b3c4d+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8

in a file. Several lines are several keys: those before a change of key, or a second
organisation's. Then

    python verify_ledger.py receipt  KEYS FILE.tlog-proof        an event is in the signed log
    python verify_ledger.py receipt  KEYS FILE.json              an answer is the one that was signed
    python verify_ledger.py extends  KEYS OLD NEW PROOF.json     a newer checkpoint continues an older
    python verify_ledger.py export   KEYS FOLDER [--held OLD]    everything, from `ledger export`

say what they found and end with 0 if it holds, 1 if it does not, 2 if it cannot be read.
`--cosigner OTHER_KEYS` requires besides that each key in that file has signed the checkpoint (of
two the newer, of `export` the one held): a second organisation that saw this very history.

A receipt for an answer is checked as far as a file and a public key allow: who signed it, that
nothing in it was altered, and that the events it names were in the log. Whether the answer follows
from the log, only the ledger can tell: `ledger receipt check FILE` asks it the same again.

The formats are public: RFC 6962 for the tree, and of C2SP (https://c2sp.org) signed-note,
tlog-checkpoint, tlog-cosignature, tlog-tiles and tlog-proof.
"""

import argparse
import base64
import binascii
import json
import re
import sys
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

EMPTY_ROOT = sha256(b"").digest()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SIGNED, COSIGNED = 1, 4
HASH, WIDTH = 32, 256
PROOF = "c2sp.org/tlog-proof@v1\n"
RECEIPT = "objection-ledger/receipt/v1"


class Broken(Exception):
    """It does not hold."""


class Unreadable(Exception):
    """It cannot be told, because what was handed in is not what it should be."""


# --- signatures


class Key(NamedTuple):
    """A public key under a name; `kind` 4 signs what it saw, with the time."""

    name: str
    key_id: bytes
    kind: int
    public: Ed25519PublicKey


def read_keys(path: str) -> list[Key]:
    """The keys in a file, one a line."""
    keys = []
    for line in read_text(path).split("\n"):
        if not line.strip():
            continue
        name, _, rest = line.strip().partition("+")
        key_id, _, encoded = rest.partition("+")
        material = decoded(encoded)
        if len(material) != 1 + HASH or material[0] not in (SIGNED, COSIGNED):
            raise Unreadable(f"{path}: expected public keys as name+id+key, of Ed25519")
        if sha256(name.encode() + b"\n" + material).digest()[:4].hex() != key_id:
            raise Unreadable(f"{path}: the id of {name} is another key's: it was damaged")
        public = Ed25519PublicKey.from_public_bytes(material[1:])
        keys.append(Key(name, bytes.fromhex(key_id), material[0], public))
    if not keys:
        raise Unreadable(f"{path}: holds no public key")
    return keys


def read_cosigned(note: str, keys: list[Key], cosigners: list[Key], *, what: str) -> "Checkpoint":
    """A checkpoint that one of the keys signed, and each of the cosigners besides."""
    for cosigner in cosigners:
        read_checkpoint(note, [cosigner], what=f"{what}, cosigned by {cosigner.name}")
    found = read_checkpoint(note, keys, what=what)
    return found._replace(signers=(*found.signers, *(cosigner.name for cosigner in cosigners)))


class Checkpoint(NamedTuple):
    """The head of the tree: whose, how many leaves, their root, and who signed it."""

    origin: str
    size: int
    root: bytes
    signers: tuple[str, ...]


def read_checkpoint(note: str, keys: list[Key], *, what: str) -> Checkpoint:
    """A checkpoint, if one of the keys signed it and none of them signed something else."""
    body, parted, lines = note.partition("\n\n")
    match body.split("\n"):
        case [origin, size, root, *_] if (
            parted and origin and re.fullmatch("0|[1-9][0-9]{0,18}", size)
        ) and len(decoded(root)) == HASH:
            pass
        case _:
            raise Unreadable(f"{what}: expected a checkpoint, found another text")
    signers = []
    for line in lines.splitlines():
        match line.split(" "):
            case ["—", name, encoded]:
                signature = decoded(encoded)
            case _:
                raise Broken(f"{what}: a line of its signatures is none: it was altered")
        for key in keys:
            if (key.name, key.key_id) == (name, signature[:4]):
                check_signature(key, signature[4:], body + "\n", what=what)
                signers.append(name)
    if not signers:
        raise Broken(
            f"{what}: none of the keys given has signed it: it is another log's, or forged"
        )
    return Checkpoint(origin, int(size), decoded(root), tuple(signers))


def check_signature(key: Key, signature: bytes, body: str, *, what: str) -> None:
    """Refuse a signature of a key we trust that is over something else."""
    signed = body.encode()
    if key.kind == COSIGNED:
        seconds = int.from_bytes(signature[:8], "big")
        signed = f"cosignature/v1\ntime {seconds}\n".encode() + signed
        signature = signature[8:]
    try:
        key.public.verify(signature, signed)
    except InvalidSignature:
        raise Broken(f"{what}: the signature of {key.name} is over another text") from None


# --- the tree (RFC 6962, section 2.1; the checks are RFC 9162's, 2.1.3.2 and 2.1.4.2)


def leaf_hash(content: bytes) -> bytes:
    """The hash of one event."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


def root_from_leaf(index: int, size: int, leaf: bytes, path: list[bytes]) -> bytes | None:
    """The root that a leaf and its siblings lead to; None where they are no such proof."""
    if not 0 <= index < size:
        return None
    here, last, found = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if here % 2 or here == last:
            found = node_hash(sibling, found)
            while here and not here % 2:
                here, last = here // 2, last // 2
        else:
            found = node_hash(found, sibling)
        here, last = here // 2, last // 2
    return found if last == 0 else None


def is_extended(old: Checkpoint, new: Checkpoint, path: list[bytes]) -> bool:
    """Whether the proof shows that the newer tree begins with the older one."""
    if old.size == new.size:
        return not path and old.root == new.root
    if old.size == 0:
        return not path and old.root == EMPTY_ROOT
    if old.size > new.size:
        return False
    proof = [old.root, *path] if (old.size & (old.size - 1)) == 0 else list(path)
    if not proof:
        return False
    here, last = old.size - 1, new.size - 1
    while here % 2:
        here, last = here // 2, last // 2
    of_old = of_new = proof[0]
    for sibling in proof[1:]:
        if last == 0:
            return False
        if here % 2 or here == last:
            of_old, of_new = node_hash(sibling, of_old), node_hash(sibling, of_new)
            while here and not here % 2:
                here, last = here // 2, last // 2
        else:
            of_new = node_hash(of_new, sibling)
        here, last = here // 2, last // 2
    return last == 0 and of_old == old.root and of_new == new.root


class GrowingTree:
    """The roots of whole subtrees, as many as the size has ones in binary: enough for any root."""

    def __init__(self) -> None:
        self.size = 0
        self.whole: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        """One leaf more."""
        leaves, found = 1, leaf
        while self.whole and self.whole[-1][0] == leaves:
            found = node_hash(self.whole.pop()[1], found)
            leaves *= 2
        self.whole.append((leaves, found))
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self.whole:
            return EMPTY_ROOT
        *left, (_, found) = self.whole
        for _, subtree in reversed(left):
            found = node_hash(subtree, found)
        return found


# --- the three questions


def receipt(keys: list[Key], cosigners: list[Key], path: str) -> str:
    """Is the answer, or the event that this proof is about, what the log signed?"""
    text = read_text(path)
    if text.lstrip().startswith("{"):
        return answer(keys, cosigners, text, path)
    head, _, note = text.partition("\n\n")
    match head.split("\n"):
        case ["c2sp.org/tlog-proof@v1", extra, index, *hashes] if extra.startswith("extra "):
            content = decoded(extra.removeprefix("extra "))
        case _:
            raise Unreadable(f"{path}: expected a tlog-proof that holds its event")
    if not re.fullmatch("index (0|[1-9][0-9]{0,18})", index):
        raise Unreadable(f"{path}: expected the index of the event in the third line")
    number = int(index.removeprefix("index "))
    checkpoint = read_cosigned(note, keys, cosigners, what=path)
    proof = [decoded(line) for line in hashes]
    if root_from_leaf(number, checkpoint.size, leaf_hash(content), proof) != checkpoint.root:
        raise Broken(f"{path}: the event at position {number + 1} is not the one that was signed")
    if not content.startswith(f"{number + 1}\n".encode()):
        raise Broken(f"{path}: the event says another position than {number + 1}")
    return (
        f"The event at position {number + 1} is in the log that {', '.join(checkpoint.signers)} "
        f"signed at position {checkpoint.size}:\n{content.decode(errors='replace')}"
    )


def answer(keys: list[Key], cosigners: list[Key], text: str, path: str) -> str:
    """Is a receipt for an answer as the ledger signed it, from a history that it signed too?"""
    told = read_receipt(text, path)
    line = str(told.pop("signature")).split(" ")
    canonical = json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    signature = decoded(line[-1])
    signers = [k for k in keys if ["—", k.name] == line[:-1] and k.key_id == signature[:4]]
    if not signers:
        raise Broken(
            f"{path}: none of the keys given has signed it: it is another log's, or forged"
        )
    check_signature(signers[0], signature[4:], f"{RECEIPT}\n{canonical}\n", what=path)
    note, position = str(told["checkpoint"]), int(told["position"])
    checkpoint = read_cosigned(note, keys, cosigners, what=f"{path}, its checkpoint")
    if checkpoint.origin != told["origin"] or checkpoint.size < position:
        raise Broken(f"{path}: its checkpoint does not cover position {position}")
    proved = [proved_event(each, checkpoint, note, path) for each in told["evidence"]]
    named = named_positions(told["answer"])
    if set(proved) != named:
        raise Broken(f"{path}: what it proves is not what its answer rests on")
    events = ", ".join(map(str, sorted(named)))
    return (
        f"{signers[0].name} signed this answer ({told['kind']}, by {told['policy']}) at "
        f"{told['issued_at']}, from the log of {told['ledger']!r} ({told['mode']}) at position "
        f"{position}, which {', '.join(checkpoint.signers)} signed at {checkpoint.size}.\n"
        + (f"The events it rests on were in that log: {events}.\n" if named else "")
        + "Not checked, because it takes the ledger: that the answer follows from the log "
        "(`ledger receipt check`)."
    )


def read_receipt(text: str, path: str) -> dict[str, Any]:
    """The fields of a receipt, each there once."""

    def once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise ValueError
        return dict(pairs)

    try:
        told = json.loads(text, object_pairs_hook=once_each)
        whole = is_receipt(told)
    except (ValueError, KeyError, TypeError, RecursionError):
        whole = False
    if not whole:
        raise Unreadable(f"{path}: expected a receipt, found another text")
    return dict(told)


def is_receipt(told: dict[str, Any]) -> bool:
    """Whether the fields are those of a receipt."""
    texts = ("signature", "checkpoint", "origin", "policy", "kind", "issued_at", "ledger", "mode")
    return (
        told["receipt"] == RECEIPT
        and all(isinstance(told[name], str) for name in texts)
        and type(told["position"]) is int
        and isinstance(told["evidence"], list)
        and isinstance(told["answer"], dict)
    )


def proved_event(told: Any, checkpoint: Checkpoint, note: str, path: str) -> int:
    """The position of an event whose hash is proved to be in the tree."""
    try:
        position, leaf, proof = told["position"], decoded(told["leaf_hash"]), str(told["proof"])
        start, *lines = proof.removesuffix(f"\n\n{note}").removeprefix(PROOF).split("\n")
    except (ValueError, KeyError, TypeError):
        raise Broken(f"{path}: one of its proofs is none") from None
    hashes = [decoded(line) for line in lines]
    if (
        start != f"index {position - 1}"
        or root_from_leaf(position - 1, checkpoint.size, leaf, hashes) != checkpoint.root
    ):
        raise Broken(f"{path}: position {position}: the event is not proved to be in the log")
    return int(position)


def named_positions(answered: dict[str, Any]) -> set[int]:
    """The positions that an answer about statuses names as its reasons."""
    found = set()
    for status in answered.get("statuses", []):
        because = [status["because"]] if status["because"] else []
        found |= {entry["position"] for entry in [*because, *status["conflicts"]]}
    return found


def extends(
    keys: list[Key], cosigners: list[Key], old_path: str, new_path: str, proof_path: str
) -> str:
    """Does the newer checkpoint continue the history of the older one?"""
    old = read_checkpoint(read_text(old_path), keys, what=old_path)
    new = read_cosigned(read_text(new_path), keys, cosigners, what=new_path)
    if old.origin != new.origin:
        raise Broken(f"the checkpoints are of two logs: {old.origin} and {new.origin}")
    try:
        hashes = [decoded(line) for line in json.loads(read_text(proof_path))["hashes"]]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise Unreadable(f"{proof_path}: expected the answer of /proof/consistency") from None
    if not is_extended(old, new, hashes):
        raise Broken(f"the log at position {new.size} does not continue the one at {old.size}")
    return f"The log at position {new.size} continues the one at {old.size}, event for event."


def export(keys: list[Key], cosigners: list[Key], folder: str, held_path: str | None) -> str:
    """Is every event of an export the one that was signed?"""
    where = Path(folder)
    signed = read_checkpoint(read_text(str(where / "checkpoint")), keys, what="checkpoint")
    held = None
    if held_path is not None:
        held = read_cosigned(read_text(held_path), keys, cosigners, what=held_path)
        if held.size > signed.size:
            raise Broken(
                f"a checkpoint was signed at {held.size}, and the log ends at {signed.size}"
            )
    tree = GrowingTree()
    tile = b""
    if not (where / "events.jsonl").is_file():
        raise Unreadable("events.jsonl is missing from the export")
    # A byte that is no UTF-8 was never signed: replaced, it is found where it stands.
    with (where / "events.jsonl").open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if number > signed.size:
                raise Broken(f"position {number}: an event that was not signed")
            leaf = leaf_hash(leaf_content(line, number))
            index, offset = divmod(number - 1, WIDTH)
            if offset == 0:
                tile = read_tile(where, index, signed.size)
            if tile[offset * HASH :][:HASH] != leaf:
                raise Broken(f"position {number}: the event is not the one that was sealed")
            tree.add(leaf)
            if held is not None and tree.size == held.size and tree.root != held.root:
                raise Broken(f"position {number}: up to here the log is not the one of {held_path}")
    if tree.size < signed.size:
        raise Broken(f"position {tree.size + 1}: the events from here on are gone")
    if tree.root != signed.root:
        raise Broken("the events and their tiles are not what was signed: both were altered")
    return f"All {signed.size} events are those that {', '.join(signed.signers)} signed."


def leaf_content(line: str, number: int) -> bytes:
    """The bytes that are hashed: five fields, a newline after each, and the state as it is."""
    try:
        told = json.loads(line)
        recorded_at = datetime.fromisoformat(told["recorded_at"])
        microseconds = (recorded_at - EPOCH) // timedelta(microseconds=1)
        fields = (told["position"], told["stream"], told["version"], told["topic"], microseconds)
        return "".join(f"{field}\n" for field in fields).encode() + str(told["state"]).encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Broken(f"position {number}: the line is no event") from None


def read_tile(where: Path, index: int, size: int) -> bytes:
    """The hashes of 256 leaves, or of as many as the last tile has."""
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *first, last = (digits[i : i + 3] for i in range(0, len(digits), 3))
    width = min(WIDTH, size - index * WIDTH)
    name = "/".join([*(f"x{part}" for part in first), last]) + (
        f".p/{width}" if width < WIDTH else ""
    )
    try:
        return (where / "tile" / "0" / name).read_bytes()
    except OSError:
        raise Unreadable(f"tile/0/{name} is missing from the export") from None


# --- small things


def decoded(text: str) -> bytes:
    """What base64 says; nothing where it is none."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""


def read_text(path: str) -> str:
    """A file of text."""
    try:
        return Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as why:
        raise Unreadable(f"{path}: cannot be read ({type(why).__name__})") from None


def main() -> int:
    """Ask one question, and say what was found."""
    parser = argparse.ArgumentParser(description="Was the history of a ledger altered?")
    questions = parser.add_subparsers(dest="question", required=True)
    for name, files in (
        ("receipt", ["keys", "proof"]),
        ("extends", ["keys", "old", "new", "proof"]),
        ("export", ["keys", "folder"]),
    ):
        question = questions.add_parser(name)
        for file in files:
            question.add_argument(file)
        question.add_argument("--cosigner", help="public keys that have to have signed as well")
        if name == "export":
            question.add_argument("--held", help="a checkpoint that you kept")
    asked = parser.parse_args()
    if asked.question == "export" and asked.cosigner and not asked.held:
        parser.error("--cosigner goes with --held: a checkpoint that was cosigned")
    try:
        keys = read_keys(asked.keys)
        cosigners = [] if asked.cosigner is None else read_keys(asked.cosigner)
        match asked.question:
            case "receipt":
                print(receipt(keys, cosigners, asked.proof))
            case "extends":
                print(extends(keys, cosigners, asked.old, asked.new, asked.proof))
            case _:
                print(export(keys, cosigners, asked.folder, asked.held))
    except Broken as why:
        print(f"DOES NOT HOLD: {why}")
        return 1
    except Unreadable as why:
        print(f"cannot be told: {why}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
