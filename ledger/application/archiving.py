"""How does the sealed log come into an archive, and is an archive still what was signed?"""

from collections.abc import Callable, Sequence
from pathlib import Path

from ledger.application.records import ArchiveRecord, VerificationRecord
from ledger.application.sealing import newest_signed, verification
from ledger.application.standpoint import Standpoint
from ledger.store import seal as tree
from ledger.store.archive.manifest import WIDTH, Manifest, Range, finished
from ledger.store.archive.verifying import verify
from ledger.store.archive.writing import write
from ledger.store.checkpoint import Verifier, read_checkpoint


def _say_nothing(_written: Range, _size: int) -> None:
    """For whoever looks at no progress."""


def archive(
    ledger: Standpoint,
    folder: Path,
    *,
    width: int = WIDTH,
    told: Callable[[Range, int], None] = _say_nothing,
) -> ArchiveRecord:
    """Write the log up to its newest checkpoint as Parquet, or what is new of it since it was last
    written there. `told` hears of each file, and of the last position there will be.
    """
    opened = ledger.opened()
    with ledger.engine.connect() as connection:
        sealed = newest_signed(connection)
        wanted = Manifest(
            ledger=opened.name,
            mode=opened.mode,
            width=width,
            checkpoint=sealed.note,
            keys=tuple(str(key) for key in tree.keys(connection)),
        )
        written = 0
        for held in write(connection, folder, wanted, tree.reader(connection)):
            told(held, sealed.size)
            written += 1
    return _record(finished(folder), written=written)


def verify_archive(
    folder: Path,
    *,
    held: str | None = None,
    keys: Sequence[str] | None = None,
    cosigners: Sequence[str] = (),
) -> VerificationRecord:
    """Go through an archive, which needs no ledger. By default it is its own keys that are trusted:
    then it is whole, and whose it is has to be seen by comparing them.
    """
    manifest = finished(folder)
    trusted = [Verifier.read(key) for key in (manifest.keys if keys is None else keys)]
    kept = None if held is None else read_checkpoint(held, trusted)
    for cosigner in cosigners:
        read_checkpoint(held or "", [Verifier.read(cosigner)])
    found = verify(folder, manifest, trusted, held=kept)
    return verification(found.events, found.checkpoints, found.wrong)


def _record(manifest: Manifest, *, written: int) -> ArchiveRecord:
    return ArchiveRecord(
        ledger=manifest.ledger,
        mode=manifest.mode.value,
        events=manifest.reached,
        files=len(manifest.ranges),
        written=written,
        bytes=sum(held.bytes for held in manifest.ranges),
        checkpoint=manifest.checkpoint,
    )
