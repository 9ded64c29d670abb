"""Are an archive's files what was signed, and if not, which position is the first that is wrong?

Every leaf is hashed anew from what its row says, every range's root from the leaves, and the log's
from those: it is held against the checkpoint, which only whoever has the ledger's key can sign.
"""

import base64
from collections.abc import Sequence
from pathlib import Path

import polars as pl
from polars.exceptions import PolarsError

from ledger.domain.refusals import SealBroken
from ledger.store.archive.manifest import Manifest, Range, damaged
from ledger.store.archive.writing import SCHEMA
from ledger.store.checkpoint import Checkpoint, Verifier, read_checkpoint
from ledger.store.leaf import leaf_hash
from ledger.store.log import KeptEvent
from ledger.store.merkle import over
from ledger.store.verifying import Verified, Wrong


def verify(
    folder: Path,
    manifest: Manifest,
    verifiers: Sequence[Verifier],
    *,
    held: Checkpoint | None = None,
) -> Verified:
    """Go through every file. `held` is a checkpoint somebody kept elsewhere, and trusts.

    Raises AnotherLog or ProofBroken where none of the keys signed the archive's own checkpoint.
    """
    signed = read_checkpoint(manifest.checkpoint, verifiers)
    if held is not None and held.size > signed.size:
        reason = f"the archive ends at {signed.size}, before the checkpoint signed at {held.size}"
        return Verified(0, 1, Wrong(None, reason, tree=True))
    roots: list[bytes] = []
    seen, led_to = 0, over([])
    for told in manifest.ranges:
        leaves = _leaves(folder, told)
        if isinstance(leaves, Wrong):
            return Verified(seen, 1, leaves)
        if held is not None and seen < held.size <= told.last:
            led_to = over([*roots, over(leaves[: held.size - seen])])
        roots.append(over(leaves))
        seen = told.last
    if (seen, over(roots)) != (signed.size, signed.root):
        reason = f"the files do not lead to the checkpoint signed at {signed.size}"
        return Verified(seen, 1, Wrong(None, reason, tree=True))
    if held is not None and led_to != held.root:
        reason = f"the files do not lead to the checkpoint held, signed at {held.size}"
        return Verified(seen, 1, Wrong(None, reason, tree=True))
    return Verified(seen, 1, None)


def _leaves(folder: Path, told: Range) -> list[bytes] | Wrong:
    """The leaves of one file, made anew; or what is wrong first in it."""
    try:
        frame = pl.read_parquet(folder / told.name, glob=False)
    except FileNotFoundError:
        return Wrong(told.first, f"{told.name} is not there")
    except (PolarsError, OSError):
        return Wrong(told.first, f"{told.name} cannot be read as Parquet: it was altered")
    if frame.schema != SCHEMA or any(frame.null_count().row(0)):
        return Wrong(told.first, f"{told.name} has other columns than an archive's file")
    leaves = []
    position = told.first
    for row in frame.iter_rows():
        event = KeptEvent(*row)
        if event.position != position:
            break
        made = leaf_hash(event)
        if made != event.leaf_hash:
            return Wrong(position, f"{told.name}: the event is not what was archived")
        leaves.append(made)
        position += 1
    if position != told.last + 1 or frame.height != told.last + 1 - told.first:
        return Wrong(position, f"{told.name}: no event stands there, or one too many")
    if over(leaves) != base64.b64decode(told.root):
        return Wrong(told.first, f"{told.name}: its events are not those that were signed")
    if (wrong := damaged(folder, [told])) is not None:
        return Wrong(told.first, f"{wrong}, though it holds the same events", tree=True)
    return leaves


def must_be_whole(folder: Path, manifest: Manifest) -> None:
    """Refuse an archive one of whose files is not the one that was written, before it is asked."""
    if (wrong := damaged(folder, manifest.ranges)) is not None:
        raise SealBroken(f"{wrong}: `ledger verify --archive` says what is wrong with it")
