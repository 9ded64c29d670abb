"""How many events a second do projections take, each exactly once?

The library's runner commits event by event; ours folds a batch and moves its position in the same
transaction. And a rebuild of every projection is held against catching up with the same log.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Engine, delete, text

from bench import library
from bench.databases import Databases, checkpoint
from bench.events import PRACTICES, entry_events, import_years
from bench.reporting import Line, Report
from bench.timing import in_turn, load, rate
from ledger import projector
from ledger.application import Ledger
from ledger.projections import PROJECTIONS
from ledger.projections.findings import FINDINGS
from ledger.projections.statements import STATEMENTS
from ledger.store.append import NewEvent, import_events
from ledger.store.projection import SCHEMA, Projection
from ledger.store.tables import projection_positions

ENTRIES = 20_000
MONTHS = 24
ENTRIES_A_MONTH = 25
WANTED_OF_LIBRARY = 20.0
WANTED_OF_REBUILD = 3.0


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """Against the library's runner, then the rebuild against ourselves."""
    began_at = load()
    entries = entry_events(int(ENTRIES * scale))
    months = max(2, int(MONTHS * scale))
    return Report(
        "catch_up",
        "Projections",
        (
            _against_the_library(databases, entries),
            *_rebuilding(databases, months=months, entries=max(2, int(ENTRIES_A_MONTH * scale))),
        ),
        (
            (
                f"statements: the same {len(entries):,} recorded entries for both, decoded alike, a "
                "row and two indexes for each; ours in batches, the library's one event a transaction"
            ),
            (
                f"rebuild: {months} months of entries at each of {len(PRACTICES)} practices and a "
                "collection each month; both from nothing, rates are events of the log a second"
            ),
            "medians of 3 runs in turn",
        ),
        (began_at, load()),
    )


def _against_the_library(databases: Databases, entries: Sequence[NewEvent]) -> Line:
    def ours() -> float:
        with databases.opened() as engine:
            with engine.begin() as connection:
                import_events(connection, entries)
            return rate(len(entries), lambda: projector.catch_up(engine, [STATEMENTS]))

    def peer() -> float:
        with databases.new() as url:
            # The table of an application is named after it.
            with library.a_recorder(url) as recorder:
                library.insert(recorder, library.stored(entries))
            return library.run_projection(url, upto=len(entries))

    found = in_turn({"ours": ours, "peer": peer})
    return Line.at_least(
        "catching up, statements, against ProjectionRunner",
        found["ours"],
        found["peer"],
        "/s",
        wanted=WANTED_OF_LIBRARY,
    )


def _rebuilding(databases: Databases, *, months: int, entries: int) -> Iterator[Line]:
    with databases.opened() as engine:
        with engine.begin() as connection:
            count = import_years(connection, months=months, entries=entries)
        checkpoint(engine)

        def catch_up(projections: Sequence[Projection[Any]]) -> float:
            _forget(engine, projections)
            return rate(count, lambda: projector.catch_up(engine, projections))

        def rebuild() -> float:
            return rate(count, Ledger(engine).rebuild)

        found = in_turn({"catching up": lambda: catch_up(PROJECTIONS), "rebuild": rebuild})
        yield Line.at_least(
            f"rebuild of all {len(PROJECTIONS)}, against catching up",
            found["rebuild"],
            found["catching up"],
            "/s",
            wanted=WANTED_OF_REBUILD,
        )
        simple = [p for p in PROJECTIONS if p is not FINDINGS]
        found = in_turn(
            {
                "catching up": lambda: catch_up(simple),
                "rebuild": lambda: rate(
                    count, lambda: [projector.rebuild(engine, p) for p in simple]
                ),
            }
        )
        yield Line.beside(
            f"rebuild of the {len(simple)} that judge nothing, against catching up",
            found["rebuild"],
            found["catching up"],
            "/s",
        )


def _forget(engine: Engine, projections: Iterable[Projection[Any]]) -> None:
    with engine.begin() as connection:
        for projection in projections:
            for table in projection.tables:
                connection.execute(text(f'DROP TABLE IF EXISTS {SCHEMA}."{table.name}"'))
            connection.execute(
                delete(projection_positions).where(projection_positions.c.name == projection.name)
            )
