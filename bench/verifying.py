"""How fast is a whole log gone through, against hashing the same bytes and nothing else?"""

from hashlib import sha256

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.databases import Databases
from bench.events import entry_events
from bench.reporting import Line, Report
from bench.timing import in_turn, load, rate
from ledger.store.append import import_events
from ledger.store.checkpoint import Signer
from ledger.store.leaf import leaf_bytes
from ledger.store.log import read_events
from ledger.store.seal import seal
from ledger.store.verifying import verify

EVENTS = 200_000
# A run takes half a second, in which a machine may do much else.
TIMES = 9
WANTED = 0.3


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """Verify the log, and hash what its leaves hold."""
    began_at = load()
    events = entry_events(int(EVENTS * scale))
    signer = Signer("bench", Ed25519PrivateKey.generate())
    with databases.opened() as engine:
        with engine.begin() as connection:
            import_events(connection, events)
        sealing = rate(len(events), lambda: seal(engine, signer))
        with engine.connect() as connection:
            leaves = [
                b"\x00" + leaf_bytes(event)
                for event in read_events(connection, after=0, limit=len(events))
            ]

        def ours() -> float:
            with engine.connect() as connection:
                return rate(
                    len(events), lambda: _holds(verify(connection, [signer.verifier]).wrong)
                )

        def peer() -> float:
            return rate(len(events), lambda: [sha256(leaf).digest() for leaf in leaves])

        found = in_turn({"ours": ours, "hashlib": peer}, times=TIMES)
    return Report(
        "verify",
        "Verification of the whole log",
        (
            Line.at_least(
                "events gone through, against plain hashlib over the same bytes",
                found["ours"],
                found["hashlib"],
                "/s",
                wanted=WANTED,
            ),
            Line.told("events taken into the tree and signed", f"{sealing:,.0f} /s"),
        ),
        (
            f"{len(events):,} entries; read from PostgreSQL, hashed, and held against hash and tree",
            f"the peer has the bytes in memory; medians of {TIMES} runs in turn",
        ),
        (began_at, load()),
    )


def _holds(wrong: object) -> None:
    assert wrong is None, "nobody altered it"
