"""What holds of every history, once it is in the database and the projections have seen it."""

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Engine, Row, select

from ledger.domain.purposes import Purpose
from ledger.projections.standing_objections import standing_objections, withheld
from tests.databases import Databases
from tests.projected import assert_the_same, everything
from tests.property import histories
from tests.property.histories import DAYS, History
from tests.property.kept import NUMBERS, a_ledger, keep_and_catch_up
from tests.property.oracle import status
from tests.property.tries import tries

# A history is long; its steps, which are noted one by one, are what to read where a test fails.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
batch_sizes = st.lists(st.integers(1, 7), max_size=4)


@tries(4, shrink=False)
@given(history=histories.of_everything(patients=4, steps=40), batches=batch_sizes)
def test_what_is_caught_up_in_any_batches_is_what_a_rebuild_makes(
    databases: Databases, history: History, batches: list[int]
) -> None:
    with a_ledger(databases) as ledger:
        keep_and_catch_up(ledger.engine, history.log, batches)
        caught_up = everything(ledger.engine)

        ledger.rebuild()

        assert_the_same(caught_up, everything(ledger.engine))


@tries(3, shrink=False)
@given(
    history=histories.of_entries(patients=6, steps=50),
    batches=batch_sizes,
    days=st.lists(st.sampled_from(DAYS)),
)
def test_a_status_is_the_oracles_for_every_patient_purpose_and_point_in_two_times(
    databases: Databases, history: History, batches: list[int], days: list[date]
) -> None:
    with a_ledger(databases) as ledger:
        keep_and_catch_up(ledger.engine, history.log, batches)
        moments = sorted({kept.recorded_at for kept in history.log})

        for known_at in [*range(1, history.last + 1), *moments]:
            for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
                for at in {*days[:2], DAYS[-1]}:
                    answers = ledger.statuses(NUMBERS, purpose, at=at, known_at=known_at)

                    for number, answer in enumerate(answers):
                        expected, reasons = status(
                            history.facts, patient=number, purpose=purpose, at=at, known_at=known_at
                        )
                        assert answer.status == expected
                        assert (answer.because is None) is (not reasons)
                        if answer.because is not None:
                            assert answer.because.position in reasons


@tries(3, shrink=False)
@given(history=histories.of_entries(patients=6, steps=50), batches=batch_sizes)
def test_the_list_of_who_objects_is_what_the_oracle_says_of_the_last_day(
    databases: Databases, history: History, batches: list[int]
) -> None:
    with a_ledger(databases) as ledger:
        keep_and_catch_up(ledger.engine, history.log, batches)

        listed = {
            (row.patient, row.purpose): (row.objecting, row.position)
            for row in _standing(ledger.engine)
        }
        with ledger.engine.connect() as connection:
            in_doubt = set(connection.execute(select(withheld.c.patient)).scalars())
        for number, patient in enumerate(history.patients):
            for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
                expected, reasons = status(
                    history.facts,
                    patient=number,
                    purpose=purpose,
                    # An entry of which no date is known counts from the day it came.
                    at=max(DAYS[-1], history.now.date()),
                    known_at=history.last,
                )
                objecting, because = listed.get((patient, purpose), (False, None))
                assert objecting is (expected == "objecting")
                assert (patient in in_doubt and not objecting) is (expected == "cannot-tell")
                assert because in (reasons or {None})


def _standing(engine: Engine) -> Sequence[Row]:
    with engine.connect() as connection:
        return connection.execute(select(standing_objections)).all()
