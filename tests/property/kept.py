"""How does a history come into a database, and what do the projections make of it there?"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, groupby
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql import insert

from ledger import projector
from ledger.application import Ledger
from ledger.domain.events import Kept, Mode
from ledger.projections import PROJECTIONS
from ledger.store import codec
from ledger.store.append import NewEvent, append
from ledger.store.engine import open_engine
from ledger.store.tables import patients
from tests.databases import Databases
from tests.nhs_numbers import nhs_numbers
from tests.property.histories import PATIENTS
from tests.property.worlds import FIRST_DAY

NUMBERS = nhs_numbers(len(PATIENTS))


@contextmanager
def a_ledger(databases: Databases) -> Iterator[Ledger]:
    """A ledger over a database of its own."""
    with databases.lent() as url:
        engine = open_engine(url)
        try:
            yield Ledger(engine)
        finally:
            engine.dispose()


@contextmanager
def a_re_enactment(databases: Databases) -> Iterator[Ledger]:
    """An open ledger over a database of its own, in which the past is told."""
    with a_ledger(databases) as ledger:
        ledger.open("tried", mode=Mode.RE_ENACTMENT, as_of=FIRST_DAY)
        yield ledger


@contextmanager
def a_folder() -> Iterator[Path]:
    """A folder for deliveries, as long as the block lasts."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


def keep(engine: Engine, log: Sequence[Kept]) -> None:
    """Append these events as they are, and say whose they are."""
    with engine.begin() as connection:
        rows = [
            {"patient": patient, "nhs_number": number}
            for patient, number in zip(PATIENTS, NUMBERS, strict=True)
        ]
        connection.execute(insert(patients).on_conflict_do_nothing(), rows)
        for recorded_at, together in groupby(log, key=lambda kept: kept.recorded_at):
            events = [
                NewEvent(k.stream, k.version, k.event.TOPIC, codec.to_bytes(k.event))
                for k in together
            ]
            append(connection, events, recorded_at=recorded_at)


def keep_and_catch_up(engine: Engine, log: Sequence[Kept], batches: Sequence[int]) -> None:
    """The log grows by so many events at a time, and the projections follow in such batches."""
    after = 0
    for batch in batches:
        keep(engine, log[after : after + 3 * batch])
        catch_up_in(engine, batches)
        after += 3 * batch
    keep(engine, log[after:])
    catch_up_in(engine, batches)


def catch_up_in(engine: Engine, batches: Sequence[int]) -> None:
    """Bring every projection up to the head, each in batches of another size."""
    sizes = cycle(batches or [projector.BATCH])
    for projection, batch in zip(PROJECTIONS, sizes, strict=False):
        projector.catch_up(engine, [projection], batch=batch)
