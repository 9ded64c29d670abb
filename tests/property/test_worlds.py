"""What holds of practices at work, from the files they send to the answers the ledger gives."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from ledger.application import Ledger
from ledger.domain.purposes import Purpose
from ledger.projections.standing_objections import standing_objections
from ledger.readers.delivery import Found
from ledger.store.log import read_events
from ledger.store.projection import decoded
from ledger.store.tables import patients
from tests.databases import Databases
from tests.files import EMIS_PRACTICE, PRACTICE, found_in, the_delivery
from tests.projected import assert_the_same, everything
from tests.property.folded import decided
from tests.property.kept import a_folder, a_re_enactment, catch_up_in
from tests.property.oracle import Fact, status
from tests.property.tries import tries
from tests.property.worlds import (
    DAYS,
    NUMBERS,
    UNUSABLE,
    Round,
    collected,
    deliver,
    rounds,
    rounds_with_other_numbers,
)


@tries(3, shrink=False)
@given(work=rounds, emis=st.booleans(), at=st.sampled_from(DAYS))
def test_a_status_after_each_delivery_is_the_oracles_and_stays_so_as_known_then(
    databases: Databases, work: list[Round], *, emis: bool, at: Any
) -> None:
    with a_re_enactment(databases) as ledger, a_folder() as folder:
        delivered = deliver(folder, work, emis=emis)
        facts: list[Fact] = []
        points = []

        for path, told in zip(delivered.paths, delivered.facts, strict=True):
            record = ledger.ingest(the_delivery(path))
            assert record.refused == []
            facts += [{**fact, "position": record.position, "recorded_at": None} for fact in told]
            points.append(record.position)
        ledger.catch_up()

        for known_at in points:
            for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
                for day in (at, DAYS[-1]):
                    answers = ledger.statuses(NUMBERS, purpose, at=day, known_at=known_at)
                    for person, answer in enumerate(answers):
                        expected, _ = status(
                            facts, patient=person, purpose=purpose, at=day, known_at=known_at
                        )
                        assert answer.status == expected


@tries(2, shrink=False)
@given(work=rounds, emis=st.booleans())
def test_a_delivery_taken_twice_is_taken_once(
    databases: Databases, work: list[Round], *, emis: bool
) -> None:
    with a_re_enactment(databases) as ledger, a_folder() as folder:
        found = found_in(*deliver(folder, work, emis=emis).paths)
        for delivery in found:
            ledger.ingest(delivery)
        ledger.catch_up()
        before = the_log(ledger), everything(ledger.engine)

        again = [ledger.ingest(delivery) for delivery in found]
        ledger.catch_up()

        assert all(record.already_taken for record in again)
        assert (the_log(ledger), everything(ledger.engine)) == before


@tries(2, shrink=False)
@given(systmone=rounds, emis=rounds, data=st.data())
def test_in_whatever_order_the_suppliers_deliver_the_same_objections_stand(
    databases: Databases, systmone: list[Round], emis: list[Round], data: st.DataObject
) -> None:
    with a_folder() as folder:
        theirs = [
            found_in(*deliver(folder, systmone, practice=PRACTICE).paths),
            found_in(*deliver(folder, emis, practice=EMIS_PRACTICE, emis=True).paths),
            found_in(*collected(folder / "collections", systmone)),
        ]
        whose = [i for i, deliveries in enumerate(theirs) for _ in deliveries]

        orders = [whose, data.draw(st.permutations(whose))]
        standing = [after(databases, in_order(theirs, order)) for order in orders]

        assert standing[0] == standing[1]


@tries(2, shrink=False)
@given(work=rounds)
def test_the_same_facts_by_either_supplier_make_the_same_objections_stand(
    databases: Databases, work: list[Round]
) -> None:
    with a_folder() as folder:
        systmone = found_in(*deliver(folder / "systmone", work).paths)
        emis = found_in(*deliver(folder / "emis", work, emis=True).paths)

        standing = [after(databases, deliveries) for deliveries in (systmone, emis)]

        assert standing[0] == standing[1]


@tries(3, shrink=False)
@given(work=rounds, batches=st.lists(st.integers(1, 9), max_size=7))
def test_what_was_caught_up_delivery_by_delivery_is_what_a_rebuild_makes(
    databases: Databases, work: list[Round], batches: list[int]
) -> None:
    with a_re_enactment(databases) as ledger, a_folder() as folder:
        paths = [*deliver(folder, work).paths, *collected(folder / "collections", work)]
        for delivery in found_in(*paths):
            ledger.ingest(delivery)
            catch_up_in(ledger.engine, batches)
        caught_up = everything(ledger.engine)

        ledger.rebuild()

        assert_the_same(caught_up, everything(ledger.engine))


@tries(8, shrink=False)
@given(work=rounds_with_other_numbers, emis=st.booleans())
def test_whoever_objected_under_any_number_of_theirs_is_objecting_under_each(
    databases: Databases, work: list[Round], *, emis: bool
) -> None:
    with a_re_enactment(databases) as ledger, a_folder() as folder:
        delivered = deliver(folder, work, emis=emis)
        found = [the_delivery(path) for path in delivered.paths]
        facts: list[Fact] = []
        borne: list[list[str]] = [[] for _ in NUMBERS]
        # Of what came with an unusable number nobody can be told while it waits.
        waited: set[int] = set()
        for delivery, told, numbers in zip(found, delivered.facts, delivered.numbers, strict=True):
            record = ledger.ingest(delivery)
            facts += [{**fact, "position": record.position, "recorded_at": None} for fact in told]
            ledger.catch_up()
            for person, number in enumerate(numbers):
                about = [fact for fact in facts if fact.get("patient") == person]
                if number == UNUSABLE:
                    waited |= {person for fact in told if fact["source"][2] == person}
                elif about:
                    borne[person].append(number)
                if person in waited:
                    continue
                for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
                    expected, _ = status(
                        facts,
                        patient=person,
                        purpose=purpose,
                        at=DAYS[-1],
                        known_at=record.position,
                    )
                    if expected == "objecting" and borne[person]:
                        answers = ledger.statuses(borne[person], purpose, at=DAYS[-1])
                        assert {answer.status for answer in answers} == {"objecting"}
        assert_the_fold_says_the_same(ledger)
        before = the_log(ledger), everything(ledger.engine)

        again = [ledger.ingest(delivery) for delivery in found]
        ledger.catch_up()

        assert all(record.already_taken for record in again)
        assert (the_log(ledger), everything(ledger.engine)) == before


def assert_the_fold_says_the_same(ledger: Ledger) -> None:
    """The domain's answers by the log alone, at every position of it."""
    with ledger.engine.connect() as connection:
        log = decoded(read_events(connection, after=0, limit=10_000))
        ids = {row.nhs_number: row.patient for row in connection.execute(select(patients))}
    numbers = sorted(ids)
    for known_at in range(1, len(log) + 1):
        for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
            for answer in ledger.statuses(numbers, purpose, at=DAYS[-1], known_at=known_at):
                said = decided(log[:known_at], ids[answer.nhs_number], purpose, DAYS[-1])
                assert answer.status == said.answer.value
                because = answer.because and answer.because.position
                assert because == (said.because and said.because.entry.position)


def after(databases: Databases, deliveries: Sequence[Found]) -> list[tuple[Any, ...]]:
    """Which objections stand once these were taken in: whose, of what purpose, since when."""
    with a_re_enactment(databases) as ledger:
        for delivery in deliveries:
            ledger.ingest(delivery)
        ledger.catch_up()
        table = standing_objections.c
        with ledger.engine.connect() as connection:
            rows = connection.execute(
                select(patients.c.nhs_number, table.purpose, table.objecting, table.counts_on)
                .join(patients, patients.c.patient == table.patient)
                .order_by(patients.c.nhs_number, table.purpose)
            )
            return list(map(tuple, rows))


def in_order(theirs: Sequence[Sequence[Found]], whose: Sequence[int]) -> list[Found]:
    """Every supplier's deliveries in their own order, taking turns as said."""
    queues = [iter(deliveries) for deliveries in theirs]
    return [next(queues[i]) for i in whose]


def the_log(ledger: Ledger) -> list[tuple[Any, ...]]:
    with ledger.engine.connect() as connection:
        return list(map(tuple, connection.execute(text("select * from log.events order by 1"))))
