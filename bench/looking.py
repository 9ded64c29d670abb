"""What does it cost a status that a look is kept before it is answered?

The peer is the same question to the same ledger by who keeps none. Ours commits the looks of many
callers at once (`ledger/store/looks.py`), as `ledger serve` does.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from itertools import islice
from random import Random
from threading import Barrier, Thread

from sqlalchemy import Connection, Engine, insert

from bench.databases import Databases, checkpoint
from bench.reporting import Line, Report
from bench.timing import in_turn, load
from ledger.application import Ledger
from ledger.domain.callers import Caller, Role
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CODES
from ledger.domain.entries import Entry, Precision, Route
from ledger.domain.looks import Errand, Shown, Way
from ledger.domain.purposes import Purpose, Statement
from ledger.region.nhs_numbers import nhs_numbers
from ledger.store.group_commit import GroupCommit
from ledger.store.identities import find_patients
from ledger.store.looked_at import Met
from ledger.store.looks import LooksTogether
from ledger.store.tables import source_patients

PATIENTS = 20_000
OBJECTING = 500
PRACTICES = 20
# How many numbers a request asks for, and how many clients ask at once.
ASKED = ((1, 1), (1, 32), (1_000, 1), (1_000, 8), (10_000, 1))
_SERVICE = Caller("bench", Role.EXTRACT, errand=Errand(Way.API, "bench"))


class _KeepsNone(Ledger):
    def met(self, connection: Connection, numbers: Collection[str]) -> Met:
        """Only whose they are, which the answer needs."""
        return Met(find_patients(connection, numbers), {}, b"")

    def keep_look_at_met(
        self,
        shown: Shown,
        asked: Met,
        numbers: Mapping[str, Collection[str]],
        *,
        at: int,
        by: Caller,
    ) -> None:
        """Leave it unkept."""


def measure(databases: Databases, *, scale: float = 1.0) -> Report:
    """Both, for each size of request and number of clients."""
    began_at = load()
    lines = []
    seconds = 4 * scale
    with databases.opened() as engine:
        numbers = list(islice(nhs_numbers(Random(1)), PATIENTS))
        _fill(engine, numbers)
        checkpoint(engine)
        for size, clients in ASKED:
            found = in_turn(
                {
                    "ours": partial(_ours, engine, numbers, size, clients, seconds),
                    "peer": partial(_peer, engine, numbers, size, clients, seconds),
                }
            )
            plural = "s" * (clients > 1)
            name = f"statuses of {size:,}, {clients} client{plural}"
            lines.append(
                Line.beside(name, found["ours"] * size, found["peer"] * size, "patients/s")
            )
    return Report(
        "looks",
        "Statuses with looks kept, and without",
        lines,
        (
            (
                f"{PATIENTS:,} patients of {PRACTICES} practices, {OBJECTING} of whom object; "
                "every look committed before its answer, the ledger asked without HTTP"
            ),
            f"medians of 3 runs of {seconds:g} s each, in turn",
        ),
        (began_at, load()),
    )


def _ours(engine: Engine, numbers: Sequence[str], size: int, clients: int, seconds: float) -> float:
    with LooksTogether(engine) as looks:
        return _asked(Ledger(engine, looks=looks), numbers, size, clients, seconds)


def _peer(engine: Engine, numbers: Sequence[str], size: int, clients: int, seconds: float) -> float:
    return _asked(_KeepsNone(engine), numbers, size, clients, seconds)


def _asked(
    ledger: Ledger, numbers: Sequence[str], size: int, clients: int, seconds: float
) -> float:
    """Requests a second, over the time from the first client's start to the last one's end."""
    done = [0] * clients
    ready = Barrier(clients + 1)

    def client(place: int) -> None:
        first = place * 613 % (len(numbers) - size)
        ready.wait()
        stop = time.perf_counter() + seconds
        while time.perf_counter() < stop:
            ledger.statuses(numbers[first : first + size], Purpose.TYPE_1, by=_SERVICE)
            first = (first + size) % (len(numbers) - size)
            done[place] += 1

    threads = [Thread(target=client, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    return sum(done) / (time.perf_counter() - began)


def _fill(engine: Engine, numbers: Sequence[str]) -> None:
    """Everybody is a patient somewhere, and some object there."""
    codes = [f"X99{place:03}" for place in range(PRACTICES)]
    with engine.begin() as connection:
        connection.execute(
            insert(source_patients),
            [
                {
                    "practice": codes[n % PRACTICES],
                    "clinical_system": "systmone",
                    "source_patient": str(n),
                    "nhs_number": number,
                }
                for n, number in enumerate(numbers)
            ],
        )
    with GroupCommit(engine) as together:
        ledger = Ledger(engine, together=together)
        for n in range(0, len(numbers), len(numbers) // OBJECTING):
            code = codes[n % PRACTICES]
            by = Caller("bench", Role.CONTROLLER, frozenset({code}))
            ledger.record_objection(_dissent(code, str(n)), numbers[n], by=by)
    ledger.catch_up()


def _dissent(practice: str, entry_id: str) -> Entry:
    code = next(
        one for one in CODES if (one.purpose, one.statement) == (Purpose.TYPE_1, Statement.DISSENT)
    )
    return Entry(
        practice=practice,
        clinical_system=ClinicalSystem.SYSTMONE,
        entry_id=entry_id,
        source_patient="",
        purpose=Purpose.TYPE_1,
        statement=Statement.DISSENT,
        code_system=code.system,
        code=code.code,
        near=False,
        effective_on=None,
        effective_precision=Precision.MISSING,
        entered_at=None,
        route=Route.API,
    )
