"""How does a history come into a database, and what do the projections make of it there?"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any

from sqlalchemy import Engine, insert, select

from ledger import projector
from ledger.application import Ledger
from ledger.domain.events import Kept
from ledger.projections import PROJECTIONS
from ledger.store import codec
from ledger.store.append import NewEvent, append
from ledger.store.engine import open_engine
from ledger.store.tables import patients
from tests.databases import Databases
from tests.nhs_numbers import nhs_numbers
from tests.property.histories import PATIENTS

NUMBERS = nhs_numbers(len(PATIENTS))


@contextmanager
def a_ledger(databases: Databases) -> Iterator[Ledger]:
    """A ledger over a database of its own."""
    with databases.copy() as url:
        engine = open_engine(url)
        try:
            yield Ledger(engine)
        finally:
            engine.dispose()


def keep(engine: Engine, log: Sequence[Kept]) -> None:
    """Append these events as they are, and say whose they are."""
    with engine.begin() as connection:
        rows = [
            {"patient": patient, "nhs_number": number}
            for patient, number in zip(PATIENTS, NUMBERS, strict=True)
        ]
        connection.execute(insert(patients), rows)
        for recorded_at, together in groupby(log, key=lambda kept: kept.recorded_at):
            events = [
                NewEvent(k.stream, k.version, k.event.TOPIC, codec.to_bytes(k.event))
                for k in together
            ]
            append(connection, events, recorded_at=recorded_at)


def catch_up_in(engine: Engine, batches: Sequence[int]) -> None:
    """Bring every projection up to the head, batch by batch, each as large as it is said to be."""
    for projection in PROJECTIONS:
        projector.prepare(engine, projection)
        sizes = iter(batches)
        while projector._one_batch(
            engine, projection, batch=next(sizes, projector.BATCH), schema=projector.SCHEMA
        ):
            pass


def everything(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of every projection, in an order of its own."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for projection in PROJECTIONS
            for table in projection.tables
        }
