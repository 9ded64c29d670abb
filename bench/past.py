"""Does a status as of a past point take longer in a log ten times as long?"""

from collections.abc import Sequence
from datetime import date
from itertools import cycle, islice
from random import Random

from sqlalchemy import Engine, insert, text

from bench.databases import Databases, checkpoint
from bench.events import a_million, import_years
from bench.reporting import Line, Report
from bench.timing import in_turn, load, rate
from ledger import projector
from ledger.application import Ledger
from ledger.domain.events import EntryRecorded
from ledger.domain.purposes import Purpose
from ledger.domain.streams import patient_of
from ledger.projections.statements import STATEMENTS
from ledger.region.nhs_numbers import nhs_numbers
from ledger.store.log import read_events
from ledger.store.tables import patients

# So many more patients: ten million events against a million.
LONGER = 10
PATIENTS, QUESTIONS = 200, 1_000
# Within 1.5 times as long.
WANTED = round(1 / 1.5, 3)
_AT = date(2016, 6, 30)


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """Ask the same questions of both logs, in turn."""
    began_at = load()
    size = a_million(scale)
    longer = {**size, "entries": LONGER * size["entries"]}
    with databases.opened() as short, databases.opened() as long:
        sizes = {}
        asked = {}
        for engine, wanted in ((short, size), (long, longer)):
            sizes[engine], asked[engine] = _filled(engine, **wanted)

        def asking(engine: Engine) -> float:
            ledger, count = Ledger(engine), max(10, int(QUESTIONS * scale))
            questions = list(islice(cycle(asked[engine]), count))
            known_at = sizes[engine] // 2

            def ask() -> None:
                for number in questions:
                    [told] = ledger.statuses([number], Purpose.TYPE_2, at=_AT, known_at=known_at)
                    assert told.position == known_at, "it is asked of the past"

            return rate(count, ask)

        found = in_turn({"long": lambda: asking(long), "short": lambda: asking(short)})
    return Report(
        "past",
        "Status as of a past point, in a log ten times as long",
        (
            Line.at_least(
                f"statuses at {sizes[long]:,} events, against {sizes[short]:,}",
                found["long"],
                found["short"],
                "/s",
                wanted=WANTED,
            ),
        ),
        (
            "one patient a question, as known when half of the log stood; those who came first",
            "within 1.5 times as long is wanted, which is 0.667 times as many; medians of 3 in turn",
        ),
        (began_at, load()),
    )


def _filled(engine: Engine, *, months: int, entries: int) -> tuple[int, Sequence[str]]:
    """How many events the log has, and the NHS numbers of some who came in its first month."""
    with engine.begin() as connection:
        count = import_years(connection, months=months, entries=entries)
        first = read_events(connection, after=0, limit=2 * PATIENTS, topics=[EntryRecorded.TOPIC])
        streams = list(dict.fromkeys(event.stream for event in first))[:PATIENTS]
        numbers = list(islice(nhs_numbers(Random(2018)), len(streams)))
        rows = [
            {"patient": patient_of(stream), "nhs_number": number}
            for stream, number in zip(streams, numbers, strict=True)
        ]
        connection.execute(insert(patients), rows)
    projector.catch_up(engine, [STATEMENTS])
    with engine.begin() as connection:
        # As PostgreSQL does by itself within a minute; until then it takes a log as long for one
        # that has hundreds of events a stream, and calls for help by other processes.
        connection.execute(text("SET LOCAL ROLE NONE"))
        connection.execute(text("ANALYZE"))
    checkpoint(engine)
    return count, numbers
