"""What a patient said counts the same, by whichever route it comes (tests/property/routes.py)."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, note
from sqlalchemy import select

from ledger.application import Ledger
from ledger.domain.purposes import Purpose
from ledger.projections.standing_objections import standing_objections
from ledger.store.tables import patients
from tests.databases import Databases
from tests.files import found_in
from tests.property.kept import a_folder, a_re_enactment
from tests.property.routes import ROUTES, Delivery, Round, deliveries, rounds
from tests.property.tries import tries
from tests.property.worlds import DAYS

PURPOSES = (Purpose.TYPE_1, Purpose.TYPE_2)


@tries(2, shrink=False)
@given(work=rounds)
def test_the_same_facts_by_every_route_give_equal_objections_and_statuses(
    databases: Databases, work: list[Round]
) -> None:
    for done in work:
        note(repr(done))
    with a_re_enactment(databases) as ledger, a_folder() as folder:
        _know_the_systems(ledger, folder)
        told = list(deliveries(work))
        for number, delivery in enumerate(told):
            _take_in(ledger, folder / str(number), delivery)
        ledger.catch_up()

        objections = _objections(ledger)
        statuses = {name: _statuses(ledger, name, told) for name in ROUTES}

        for name in ROUTES:
            assert objections[name] == objections["SystmOne"], name
            assert statuses[name] == statuses["SystmOne"], name


def _know_the_systems(ledger: Ledger, folder: Path) -> None:
    systems = folder / "systems.csv"
    systems.write_text(f"ODSCode,Supplier\n{ROUTES['GP Connect'].practice},MICROTEST\n")
    ledger.import_practices(None, systems=systems)


def _take_in(ledger: Ledger, folder: Path, delivery: Delivery) -> None:
    for name, route in ROUTES.items():
        route.write(folder / name, delivery, route)
    found = found_in(folder)
    for one in found:
        record = ledger.ingest(one)
        assert (record.state, record.refused) == ("accepted", [])
    if delivery.again:
        assert all(ledger.ingest(one).already_taken for one in found)


def _objections(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Which stand: of each route, the person, the purpose, whether and from when."""
    table = standing_objections.c
    with ledger.engine.connect() as connection:
        rows = connection.execute(
            select(patients.c.nhs_number, table.purpose, table.objecting, table.counts_on)
            .join(patients, patients.c.patient == table.patient)
            .order_by(patients.c.nhs_number, table.purpose)
        ).all()
    told: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        name, route = next((n, r) for n, r in ROUTES.items() if row.nhs_number in r.numbers)
        told[name].append((route.numbers.index(row.nhs_number), *row[1:]))
    return told


def _statuses(ledger: Ledger, name: str, told: Sequence[Delivery]) -> list[tuple[Any, ...]]:
    """Of each person, after each round and in the end: the answer, its date and rule, its conflicts."""
    answers: list[tuple[Any, ...]] = []
    for delivery in told:
        day = delivery.ends.date()
        for purpose in PURPOSES:
            for at in (day, DAYS[-1]):
                answers += [
                    (
                        answer.status,
                        answer.because and (answer.because.effective_on, answer.because.rule),
                        len(answer.conflicts),
                    )
                    for answer in ledger.statuses(
                        ROUTES[name].numbers, purpose, at=at, known_at=day
                    )
                ]
    return answers
