"""What proves that history was not altered: the seal over the log, for whoever wants to check it.

The formats are those of https://c2sp.org: what is served and written here can be read by other
people's programs. `ledger/web/static/verify_ledger.py` checks all of it and needs none of this.
"""

import base64
import json
import shutil
import time
from collections.abc import Collection, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, Engine

from ledger.application.records import (
    ConsistencyRecord,
    InclusionRecord,
    ProvedRecord,
    SealRecord,
    VerificationRecord,
)
from ledger.domain.events import ExtractReleased
from ledger.domain.refusals import NotAFact, NotYet, PastTheTree, UnknownThing
from ledger.domain.streams import release_of
from ledger.store import seal as tree
from ledger.store.checkpoint import Checkpoint, Signer, Verifier, read_checkpoint
from ledger.store.cohorts import cohort_of
from ledger.store.keys import hmac_key
from ledger.store.leaf import leaf_bytes
from ledger.store.log import events_at, read_events
from ledger.store.merkle import HASH, WIDTH, TileAt, consistency, inclusion, path_of, widths
from ledger.store.own_keys import own_key
from ledger.store.projection import decoded
from ledger.store.verifying import Wrong, some_hold, verify

PROOF = "c2sp.org/tlog-proof@v1"
# So many events are sealed while somebody waits for it.
_AT_ONCE = 50_000
_EVENTS_AT_ONCE = 5_000


def signer(home: Path, origin: str | None) -> Signer:
    """The ledger's own signer; its key is made when it is first asked for."""
    key = own_key(home / "seal.key")
    if origin is None:
        public = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        origin = f"objection-ledger/{sha256(public).hexdigest()[:8]}"
    if not origin or any(character.isspace() or character == "+" for character in origin):
        raise NotAFact("LEDGER_ORIGIN: expected a name without blanks and plus signs")
    return Signer(origin, key)


class Seal:
    """The tree over the log of a ledger, and the key it is signed with."""

    def __init__(self, engine: Engine, signer: Signer) -> None:
        self._engine = engine
        self._signer = signer

    def follow(self) -> SealRecord:
        """Bring both trees up to the heads of their logs, and sign what grew; the events' seal."""
        sealed = tree.seal(self._engine, self._signer)
        tree.seal(self._engine, self._signer, of=tree.LOOKS)
        return self._record(sealed, tree.EVENTS)

    def looks(self) -> SealRecord:
        """The seal over the log of looks, brought up to its head."""
        sealed = tree.seal(self._engine, self._signer, of=tree.LOOKS)
        return self._record(sealed, tree.LOOKS)

    def _record(self, sealed: tree.Sealed, of: tree.Trunk) -> SealRecord:
        return SealRecord(
            size=sealed.size,
            root=base64.b64encode(sealed.root).decode(),
            sealed_at=sealed.at,
            key=str(of.verifier(self._signer.verifier)),
            checkpoint=sealed.note,
        )

    def covering(self, position: int, *, seconds: float) -> tree.Sealed:
        """A checkpoint over this position: the newest, or one made now, or one waited for."""
        until = time.monotonic() + seconds
        while True:
            with self._engine.connect() as connection:
                sealed = tree.newest(connection)
            size = 0 if sealed is None else sealed.size
            if sealed is not None and size >= position:
                return sealed
            if time.monotonic() > until:
                raise NotYet(
                    f"the log is signed up to {size}, and position {position} is asked for: it "
                    "comes by itself while `ledger serve` or `ledger work` runs; ask again later"
                )
            if position - size <= _AT_ONCE:
                return tree.seal(self._engine, self._signer)
            time.sleep(0.05)

    def proved(self, positions: Collection[int], sealed: tree.Sealed) -> list[ProvedRecord]:
        """These events' hashes and what proves that they are in a tree that was signed."""
        with self._engine.connect() as connection:
            at = tree.reader(connection)
            return [
                ProvedRecord(
                    position=event.position,
                    leaf_hash=_text(event.leaf_hash),
                    proof=_tlog_proof(
                        event.position, inclusion(event.position - 1, sealed.size, at), sealed.note
                    ),
                )
                for event in events_at(connection, positions)
            ]

    def line(self, text: str) -> str:
        """The line by which the ledger's key signs a text."""
        return self._signer.line(text)

    @property
    def origin(self) -> str:
        """The name that the ledger signs under."""
        return self._signer.origin

    def trusted(self, keys: Sequence[str] | None) -> list[Verifier]:
        """These public keys, or those that the ledger kept."""
        if keys is not None:
            return [Verifier.read(key) for key in keys]
        with self._engine.connect() as connection:
            return tree.keys(connection)

    def checkpoint(self) -> str:
        """The newest checkpoint, as a signed note."""
        with self._engine.connect() as connection:
            return newest_signed(connection).note

    def looks_checkpoint(self) -> str:
        """The newest of the log of looks."""
        with self._engine.connect() as connection:
            return newest_signed(connection, tree.LOOKS).note

    def public_keys(self) -> list[str]:
        """The public keys that ever signed, as verifier keys, the oldest first."""
        with self._engine.connect() as connection:
            return [str(key) for key in tree.keys(connection)]

    def tile(self, at: TileAt, width: int) -> bytes:
        """The first `width` hashes of a tile of a tree that was signed."""
        with self._engine.connect() as connection:
            hashes = tree.tile(connection, at)[: width * HASH]
            signed = tree.newest(connection)
            reached = widths(signed.size).get(at.level, 0) if signed else 0
        if len(hashes) < width * HASH or at.number * WIDTH + width > reached:
            raise UnknownThing("no tree was signed yet that has this tile")
        return hashes

    def inclusion(self, position: int, *, size: int | None = None) -> InclusionRecord:
        """What proves that the event at a position is in the tree of a size (the newest one)."""
        with self._engine.connect() as connection:
            size = _size(connection, size)
            if not 1 <= position <= size:
                raise PastTheTree(f"the tree signed at {size} holds no position {position}")
            path = inclusion(position - 1, size, tree.reader(connection))
            (event,) = events_at(connection, [position])
        return InclusionRecord(
            position=position, size=size, leaf_hash=_text(event.leaf_hash), hashes=_texts(path)
        )

    def consistency(self, old: int, *, new: int | None = None) -> ConsistencyRecord:
        """What proves that the tree of the `new` size (the newest) begins with the `old` one."""
        with self._engine.connect() as connection:
            new = _size(connection, new)
            if not 0 <= old <= new:
                raise PastTheTree(f"the tree signed at {new} cannot begin with one of {old}")
            path = consistency(old, new, tree.reader(connection))
        return ConsistencyRecord(old=old, new=new, hashes=_texts(path))

    def prove(self, position: int) -> str:
        """A tlog-proof that holds the event itself: whoever has it needs nothing else."""
        with self._engine.connect() as connection:
            sealed = newest_signed(connection)
            if not 1 <= position <= sealed.size:
                raise PastTheTree(f"the tree signed at {sealed.size} holds no position {position}")
            (event,) = events_at(connection, [position])
            path = inclusion(position - 1, sealed.size, tree.reader(connection))
        return _tlog_proof(position, path, sealed.note, extra=leaf_bytes(event))

    def verify(
        self,
        *,
        held: str | None = None,
        keys: Sequence[str] | None = None,
        cosigners: Sequence[str] = (),
    ) -> VerificationRecord:
        """Go through the whole log, and the members of each release of it; `held` is a checkpoint
        kept elsewhere, `keys` those trusted, and each of the `cosigners` has to have signed it.
        """
        trusted = self.trusted(keys)
        with self._engine.connect() as connection:
            kept = None if held is None else read_checkpoint(held, trusted)
            for cosigner in cosigners:
                read_checkpoint(held or "", [Verifier.read(cosigner)])
            found = verify(connection, trusted, held=kept)
            wrong = found.wrong or _cohort_changed(connection)
        return verification(found.events, found.checkpoints, wrong)

    def verify_looks(
        self, *, held: str | None = None, keys: Sequence[str] | None = None
    ) -> VerificationRecord:
        """Go through the whole log of looks, as `verify` does through that of events."""
        trusted = [tree.LOOKS.verifier(key) for key in self.trusted(keys)]
        with self._engine.connect() as connection:
            kept = None if held is None else read_checkpoint(held, trusted)
            found = verify(connection, trusted, held=kept, of=tree.LOOKS)
        return verification(found.events, found.checkpoints, found.wrong, of=tree.LOOKS)

    def verify_some(self, leaves: Mapping[int, bytes], *, held: Checkpoint) -> VerificationRecord:
        """Whether the events at these positions still have these leaf hashes, and the present tree
        begins with the one that was signed. What else is in the log is not looked at.
        """
        with self._engine.connect() as connection:
            wrong = some_hold(connection, leaves, held)
        return verification(len(leaves), 1, wrong)

    def export(self, folder: Path) -> int:
        """Write the signed log as JSON lines, its tiles, checkpoint and keys; how many events."""
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise NotAFact(f"{folder.name}: expected an empty folder, found files in it")
        with self._engine.connect() as connection:
            sealed = newest_signed(connection)
            try:
                _write_events(connection, folder / "events.jsonl", sealed.size)
                _write_tiles(connection, folder, sealed.size)
                (folder / "checkpoint").write_text(sealed.note)
                keys = "".join(f"{key}\n" for key in tree.keys(connection))
                (folder / "keys").write_text(keys)
            except BaseException:
                shutil.rmtree(folder)
                raise
        return sealed.size


def _cohort_changed(connection: Connection) -> Wrong | None:
    """The first release whose table of members is not the one that its event has the digest of."""
    key = hmac_key(connection)
    after = 0
    while told := decoded(
        read_events(connection, after=after, limit=_EVENTS_AT_ONCE, topics=[ExtractReleased.TOPIC])
    ):
        for kept in told:
            event = kept.event
            assert isinstance(event, ExtractReleased), "its topic said so"
            cohort = cohort_of(connection, release_of(kept.stream), key=key)
            if (cohort.members, cohort.digest) != (event.members, event.cohort):
                reason = "the members kept of this release are not those that were told"
                return Wrong(kept.position, reason)
        after = told[-1].position
    return None


def verification(
    events: int, checkpoints: int, wrong: Wrong | None, *, of: tree.Trunk = tree.EVENTS
) -> VerificationRecord:
    """What there is to say once so many events, or looks, were gone through."""
    event, whole = ("event", "tree") if of is tree.EVENTS else ("look", "tree-of-looks")
    return VerificationRecord(
        holds=wrong is None,
        events=events if of is tree.EVENTS else 0,
        looks=events if of is tree.LOOKS else 0,
        checkpoints=checkpoints,
        position=wrong.position if wrong else None,
        reason=wrong.reason if wrong else None,
        part=None if wrong is None else whole if wrong.tree else event,
    )


def newest_signed(connection: Connection, of: tree.Trunk = tree.EVENTS) -> tree.Sealed:
    """The newest checkpoint; refuses a log that was never signed."""
    sealed = tree.newest(connection, of=of)
    if sealed is None:
        raise UnknownThing("the log is not sealed yet: `ledger seal` does so, and `ledger serve`")
    return sealed


def _tlog_proof(
    position: int, path: Sequence[bytes], note: str, *, extra: bytes | None = None
) -> str:
    """https://c2sp.org/tlog-proof, with what its reader needs besides as `extra`."""
    lines = [PROOF] if extra is None else [PROOF, f"extra {_text(extra)}"]
    return "\n".join([*lines, f"index {position - 1}", *_texts(path), "", note])


def _size(connection: Connection, size: int | None) -> int:
    newest = newest_signed(connection).size
    if size is not None and size > newest:
        raise PastTheTree(f"the log is signed up to {newest}, and not to {size}")
    return newest if size is None else size


def _write_events(connection: Connection, path: Path, size: int) -> None:
    after = 0
    with path.open("w", encoding="utf-8", newline="\n") as out:
        while after < size:
            for event in read_events(connection, after=after, limit=_EVENTS_AT_ONCE, upto=size):
                told = {
                    "position": event.position,
                    "stream": event.stream,
                    "version": event.version,
                    "topic": event.topic,
                    "recorded_at": event.recorded_at.isoformat(timespec="microseconds"),
                    # As text: the proof is over these very bytes.
                    "state": event.state.decode(),
                }
                out.write(json.dumps(told, ensure_ascii=False) + "\n")
                after = event.position


def _write_tiles(connection: Connection, folder: Path, size: int) -> None:
    for level, hashes in widths(size).items():
        for number in range(-(-hashes // WIDTH)):
            at = TileAt(level, number)
            width = min(WIDTH, hashes - number * WIDTH)
            path = folder / path_of(at, width)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(tree.tile(connection, at)[: width * HASH])


def _text(hash_: bytes) -> str:
    return base64.b64encode(hash_).decode()


def _texts(hashes: Sequence[bytes]) -> list[str]:
    return [_text(each) for each in hashes]
