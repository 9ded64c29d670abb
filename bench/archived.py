"""How long does a question about everybody take of the archive, against the database?"""

import tempfile
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.databases import Databases
from bench.events import a_million, import_years
from bench.reporting import Line, Report
from bench.timing import in_turn, load, rate, seconds
from ledger import projector
from ledger.application import Ledger
from ledger.application.archived import replayed
from ledger.application.archiving import archive, verify_archive
from ledger.application.scopes import EVERYBODY
from ledger.projections.statements import STATEMENTS
from ledger.store.checkpoint import Signer
from ledger.store.seal import seal


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """Ask both who objects of everybody, as known when two thirds of the log stood."""
    began_at = load()
    with databases.opened() as engine, tempfile.TemporaryDirectory() as folder:
        with engine.begin() as connection:
            count = import_years(connection, **a_million(scale))
        projector.catch_up(engine, [STATEMENTS])
        seal(engine, Signer("bench", Ed25519PrivateKey.generate()))
        ledger, files = Ledger(engine), Path(folder) / "archive"
        known_at = 2 * count // 3
        writing = rate(count, lambda: archive(ledger, files))
        verifying = rate(count, lambda: verify_archive(files))
        bytes_ = sum(path.stat().st_size for path in files.iterdir())

        def by_archive() -> list[object]:
            with replayed(
                files, EVERYBODY, known_at=known_at, now=ledger.now(), ledger=ledger
            ) as told:
                return list(told.lines)

        def by_database() -> list[object]:
            return list(ledger.replay(at=ledger.today(), known_at=known_at).lines)

        lines = by_archive()
        assert lines == by_database(), "both say the same"
        found = in_turn(
            {
                "archive": lambda: len(lines) / seconds(by_archive),
                "database": lambda: len(lines) / seconds(by_database),
            }
        )
    return Report(
        "archive",
        "Questions about everybody, of the archive",
        (
            Line.beside(
                "patients and purposes told of, against the database",
                found["archive"],
                found["database"],
                "/s",
            ),
            Line.told("events written to the archive", f"{writing:,.0f} /s"),
            Line.told("events of the archive verified", f"{verifying:,.0f} /s"),
            Line.told("bytes an event in the archive", f"{bytes_ / count:,.0f}"),
        ),
        (
            f"{count:,} events, {len(lines):,} lines as known at position {known_at:,}, the same ones",
            "DuckDB sifts and the domain answers; the peer asks the read model and the domain",
            "medians of 3 runs in turn",
        ),
        (began_at, load()),
    )
