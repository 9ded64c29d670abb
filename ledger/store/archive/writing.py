"""How does the sealed log become files? A range at a time, each checked against the tree first.

What stands already is left, so that the same archive grows with the log: only its last range, which
was not full, is written anew under its new name, and the old file goes once the manifest names the
new one. A run that was broken off is taken up where it was.
"""

import base64
import io
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import polars as pl
from sqlalchemy import Connection

from ledger.domain.refusals import AnotherLog, NotAFact, SealBroken
from ledger.store.archive.manifest import Manifest, Range, begun, keep, put
from ledger.store.leaf import leaf_hash
from ledger.store.log import KeptEvent, read_events
from ledger.store.merkle import Tiles, over, stretch

SCHEMA = pl.Schema(
    {
        "position": pl.Int64(),
        "stream": pl.String(),
        "version": pl.Int32(),
        "topic": pl.String(),
        "state": pl.Binary(),
        "recorded_at": pl.Datetime("us", "UTC"),
        "leaf_hash": pl.Binary(),
    }
)
assert list(SCHEMA) == list(KeptEvent._fields), "a row is an event as the log keeps it"
_EVENTS_A_READ = 8_192
_OURS = re.compile(r"events-\d{12,}-\d{12,}\.parquet|\..*\.part|manifest(\.begun)?\.json")


def write(connection: Connection, folder: Path, wanted: Manifest, tiles: Tiles) -> Iterator[Range]:
    """Bring the archive in this folder up to the checkpoint of the manifest `wanted`, which names no
    ranges yet; tells each range when its file stands.

    Raises AnotherLog where the folder has another log's archive, SealBroken where an event is not
    what was signed.
    """
    earlier = _earlier(folder)
    if earlier is not None:
        wanted = wanted.model_copy(update={"width": earlier.width})
    size = wanted.signed.size
    ranges = [] if earlier is None else _still_good(folder, earlier, size, tiles)
    after = ranges[-1].last if ranges else 0
    while after < size:
        last = min(after + wanted.width, size)
        ranges.append(_written(connection, folder, after, last, tiles))
        keep(folder, wanted.model_copy(update={"ranges": tuple(ranges)}), whole=False)
        yield ranges[-1]
        after = last
    keep(folder, wanted.model_copy(update={"ranges": tuple(ranges)}), whole=True)
    named = {held.name for held in ranges}
    for path in folder.iterdir():
        if path.suffix in {".parquet", ".part"} and path.name not in named:
            path.unlink(missing_ok=True)


def _earlier(folder: Path) -> Manifest | None:
    """What stands in the folder, which is made where it is not there."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        others = [path.name for path in folder.iterdir() if not _OURS.fullmatch(path.name)]
    except OSError as wrong:
        raise NotAFact(f"{folder.name} cannot be an archive's folder: {wrong.strerror}") from None
    if others:
        raise NotAFact(
            f"{folder.name}: expected an empty folder or an archive, found {len(others)} other "
            "files in it"
        )
    return begun(folder)


def _still_good(folder: Path, earlier: Manifest, size: int, tiles: Tiles) -> list[Range]:
    """The ranges that need not be written again: whole ones, and one that ends where the log does."""
    if earlier.reached > size:
        raise AnotherLog(
            f"{folder.name}: this archive reaches position {earlier.reached} and the log is signed "
            f"up to {size}: is it another ledger's, or newer than this copy of it?"
        )
    good = []
    for held in earlier.ranges:
        if stretch(held.first - 1, held.last, tiles) != base64.b64decode(held.root):
            raise AnotherLog(
                f"{folder.name}: {held.name} holds another log than this ledger's: archive into "
                "another folder"
            )
        path = folder / held.name
        there = path.is_file() and path.stat().st_size == held.bytes
        if not there or (held.last % earlier.width and held.last != size):
            break
        good.append(held)
    return good


def _written(connection: Connection, folder: Path, after: int, last: int, tiles: Tiles) -> Range:
    events = list(_events(connection, after, last))
    root = over([event.leaf_hash for event in events])
    if root != stretch(after, last, tiles):
        raise SealBroken(
            f"the events {after + 1} to {last} do not lead to what was signed: `ledger verify` "
            "says which of them was altered; nothing of them was archived"
        )
    columns = dict(zip(SCHEMA, zip(*events, strict=True), strict=True))
    out = io.BytesIO()
    pl.DataFrame(columns, schema=SCHEMA).write_parquet(out, compression="zstd")
    content = out.getvalue()
    held = Range(
        first=after + 1,
        last=last,
        root=base64.b64encode(root).decode(),
        bytes=len(content),
        sha256=sha256(content).hexdigest(),
    )
    put(folder / held.name, content)
    return held


def _events(connection: Connection, after: int, last: int) -> Iterator[KeptEvent]:
    """The events behind a position up to another, none missing and each what its own hash says."""
    while after < last:
        read = read_events(connection, after=after, limit=_EVENTS_A_READ, upto=last)
        for event in read:
            if event.position != after + 1 or leaf_hash(event) != event.leaf_hash:
                break
            after = event.position
            yield event._replace(state=bytes(event.state), leaf_hash=bytes(event.leaf_hash))
        else:
            if read:
                continue
        raise SealBroken(
            f"position {after + 1}: the event is not what was appended, or is gone: nothing from "
            "there on was archived"
        )
