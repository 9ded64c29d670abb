"""How long does the board take over years of collections from many practices?"""

import random
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Connection, insert, text

from bench.databases import Databases
from bench.reporting import Line, Report
from bench.timing import in_turn, load, seconds
from ledger.application import Ledger
from ledger.application.statistics import FIRST_MONTH, Level
from ledger.projections.practices import systems
from ledger.projections.standing_objections.keeping import spans
from ledger.projections.transmission.keeping import collections, dissents

COLLECTIONS, PRACTICES, DISSENTS = 36, 500, 200_000
WANTED = 2.0
_SYSTEMS = (
    ("TPP", "systmone", "ctv3"),
    ("EMIS", "emis-web", "readv2"),
    ("INPS", "vision", "readv2"),
)
_BEGIN, _END = date(2014, 1, 1), date(2019, 3, 31)
_ROWS = 20_000


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """Tables as the projections would leave them; then each question of the board and statistics."""
    began_at = load()
    count = int(DISSENTS * scale)
    with databases.opened() as engine:
        ledger = Ledger(engine)
        ledger.catch_up()
        with engine.begin() as connection:
            _fill(connection, count)
            connection.execute(text("ANALYZE"))
        took = in_turn(
            {
                "the board, by supplier and code system": lambda: seconds(ledger.transmission),
                "the board, by practice": lambda: seconds(ledger.practices_transmission),
                "statistics, a month by practice": lambda: seconds(
                    lambda: ledger.statistics(level=Level.PRACTICE)
                ),
                "statistics, every month since 2014": lambda: seconds(
                    lambda: ledger.statistics(since=FIRST_MONTH)
                ),
            }
        )
    return Report(
        "board",
        "The supplier board and the statistics",
        tuple(Line.at_most(name, found, "s", wanted=WANTED) for name, found in took.items()),
        (
            (
                f"{COLLECTIONS} collections, {PRACTICES} practices, {count:,} dissents; a third of them, "
                "of one supplier, entered after the first collections and carried by none until the last"
            ),
            "medians of 3 runs in turn: PostgreSQL asked, and the records made",
        ),
        (began_at, load()),
    )


def _fill(connection: Connection, count: int) -> None:
    dice = random.Random(2018)
    practices = [(f"X{99000 + n}", *_SYSTEMS[n % len(_SYSTEMS)]) for n in range(PRACTICES)]
    ends = [date(2016 + (3 + n) // 12, (3 + n) % 12 + 1, 28) for n in range(COLLECTIONS)]
    connection.execute(
        insert(systems), [{"code": code, "clinical_system": s} for code, _, s, _ in practices]
    )
    connection.execute(
        insert(collections),
        [
            {
                "collection": f"GP{end:%Y-%m}",
                "period_end": end,
                "position": position,
                # Now and then one is missing.
                "practices": [p[0] for p in practices if dice.random() > 0.001],  # noqa: PLR2004
            }
            for position, end in enumerate(ends, 1)
        ],
    )
    rows = []
    for number in range(count):
        code, supplier, _, code_system = dice.choice(practices)
        entered = _BEGIN + timedelta(days=dice.randrange((_END - _BEGIN).days))
        due = next((end for end in ends if end >= entered), None)
        silent = supplier == "TPP" and entered > date(2015, 3, 31)
        rows.append(
            {
                "position": 1_000 + number,
                "patient": UUID(int=number),
                "practice": code,
                "supplier": supplier,
                "code_system": code_system,
                "entered_on": entered,
                "ended_on": entered + timedelta(days=400) if dice.random() < 0.05 else None,  # noqa: PLR2004
                "first_carried": ends[-1] if silent and due else due,
            }
        )
    for begin in range(0, count, _ROWS):
        some = rows[begin : begin + _ROWS]
        connection.execute(insert(dissents), some)
        connection.execute(
            insert(spans),
            [
                {
                    "patient": row["patient"],
                    "purpose": "type-2",
                    "since": row["entered_on"],
                    "until": row["ended_on"],
                    "practice": row["practice"],
                }
                for row in some
            ],
        )
