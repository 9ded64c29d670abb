"""What does an archive say of itself? Whose log, in which files, and under which signed checkpoint.

It is believed no further than `verifying.py` has shown it: whoever altered a file could alter what
stands here too, but not the checkpoint.
"""

import base64
import os
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, Self
from uuid import uuid4

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from ledger.domain.events import Mode
from ledger.domain.refusals import NotAFact, SealBroken
from ledger.store.checkpoint import Checkpoint, from_base64, read_own
from ledger.store.merkle import HASH, over

MANIFEST = "manifest.json"
# What a run has come to that was not finished.
_BEGUN = "manifest.begun.json"
# Positions a file: a whole subtree, and one hash of a tile of the second level.
WIDTH = 1 << 16
_WIDEST = 1 << 24
_LARGEST = 64 << 20


def _is_hash(text: str) -> str:
    if len(from_base64(text)) != HASH:
        raise ValueError("expected a SHA-256 hash in base64")
    return text


class _Said(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Said):
    """A file: the positions in it, the root over their leaves, and its own size and digest.

    `root` is the hash of that subtree of the log's tree, in base64; `sha256` is of the file's bytes.
    """

    first: int = Field(ge=1)
    last: int = Field(ge=1)
    root: Annotated[str, AfterValidator(_is_hash)]
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @property
    def name(self) -> str:
        """The file's, in the archive's folder."""
        return f"events-{self.first:012}-{self.last:012}.parquet"


class Manifest(_Said):
    """The archive of one ledger: ranges of so many positions (`width`), one behind another from the
    first on, the last perhaps shorter; the checkpoint they lead to, and the keys that signed.
    """

    format: Literal[1] = 1
    ledger: str
    mode: Mode
    width: int = Field(default=WIDTH, ge=1, le=_WIDEST)
    checkpoint: str
    keys: tuple[str, ...]
    ranges: tuple[Range, ...] = ()

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        after = 0
        for held in self.ranges:
            if (
                after % self.width
                or held.first != after + 1
                or not 0 < held.last - after <= self.width
            ):
                raise ValueError("expected ranges of one width, one behind another")
            after = held.last
        if self.width & (self.width - 1):
            raise ValueError("expected a power of two as the width")
        return self

    @property
    def signed(self) -> Checkpoint:
        """What the checkpoint says, whoever signed it."""
        return read_own(self.checkpoint)

    @property
    def reached(self) -> int:
        """The last position in any file."""
        return self.ranges[-1].last if self.ranges else 0

    @property
    def root(self) -> bytes:
        """What the roots of the ranges lead to."""
        return over([base64.b64decode(held.root) for held in self.ranges])


def begun(folder: Path) -> Manifest | None:
    """What was written here so far, finished or not; None of a folder without an archive."""
    return _read(folder / _BEGUN) or _read(folder / MANIFEST)


def finished(folder: Path) -> Manifest:
    """The manifest of a whole archive; refuses a folder in which there is none."""
    found = _read(folder / MANIFEST)
    if found is None:
        why = "begun and not finished" if (folder / _BEGUN).exists() else "none"
        raise NotAFact(
            f"{folder.name}: expected an archive, found {why}: `ledger archive` writes one"
        )
    signed = found.signed
    if (found.reached, found.root) != (signed.size, signed.root):
        raise SealBroken(
            f"{folder.name}: the roots in {MANIFEST} do not lead to the checkpoint beside them, "
            f"signed at {signed.size}: it was altered"
        )
    return found


def keep(folder: Path, manifest: Manifest, *, whole: bool) -> None:
    """Put it in place of what stood there; where the archive is `whole`, nothing is begun any more."""
    written = f"{manifest.model_dump_json(indent=2)}\n".encode()
    put(folder / _BEGUN, written)
    if whole:
        (folder / _BEGUN).replace(folder / MANIFEST)


def put(path: Path, content: bytes) -> None:
    """Write a file that nobody but its owner can read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{uuid4().hex}.part")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def damaged(folder: Path, ranges: Sequence[Range]) -> str | None:
    """The first of these files that is not there or not as the manifest has it, and why."""
    for held in ranges:
        path = folder / held.name
        if not path.is_file():
            return f"{held.name} is not there"
        with path.open("rb") as file:
            digest = sha256()
            while block := file.read(1 << 20):
                digest.update(block)
        if digest.hexdigest() != held.sha256:
            return f"{held.name} is not the file that was written"
    return None


def _read(path: Path) -> Manifest | None:
    try:
        if path.stat().st_size > _LARGEST:
            raise NotAFact(f"{path.name}: expected an archive's manifest, found a far larger file")
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except NotADirectoryError:
        raise NotAFact(f"{path.parent.name}: expected an archive's folder, found a file") from None
    except ValidationError as wrong:
        where = ", ".join(sorted({".".join(map(str, e["loc"])) or "it" for e in wrong.errors()}))
        raise NotAFact(
            f"{path.name}: expected an archive's manifest, found what cannot be one: see {where}"
        ) from None
    except OSError as wrong:
        raise NotAFact(f"{path.name} cannot be read: {wrong.strerror}") from None
