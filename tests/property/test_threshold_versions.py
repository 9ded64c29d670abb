"""What holds of thresholds, whatever practices did: what was shown before is what they then do."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ledger.application import Ledger
from ledger.domain.thresholds import THRESHOLDS_1, Thresholds
from ledger.projections.findings.tables import findings
from tests.databases import Databases
from tests.projected import assert_the_same, everything
from tests.property import histories
from tests.property.histories import History
from tests.property.kept import a_ledger, catch_up_in, keep_and_catch_up
from tests.property.tries import tries

# Those that the rules compare with which such histories can fire.
others = st.builds(
    dict,
    missed_collections_for_breach=st.sampled_from([1, 2, 5]),
    record_follows_within_days=st.sampled_from([0, 60]),
    late_entry_days=st.sampled_from([1, 28]),
    lists_possible_from=st.sampled_from(histories.DAYS),
    days_to_set_up_lists=st.sampled_from([0, 1, 90]),
    overrides_a_month=st.sampled_from([0, 5]),
)


@pytest.mark.slow
@tries(4, shrink=False)
@given(
    history=histories.of_everything(patients=4, steps=40),
    values=others,
    batches=st.lists(st.integers(1, 7), max_size=4),
)
def test_what_thresholds_would_do_is_exactly_what_their_adoption_does(
    databases: Databases, history: History, values: dict[str, Any], batches: list[int]
) -> None:
    wanted = Thresholds.model_validate(
        {**THRESHOLDS_1.model_dump(), **values, "version": "thresholds-2"}
    )
    with a_ledger(databases) as ledger:
        keep_and_catch_up(ledger.engine, history.log, batches)
        before = everything(ledger.engine)
        was = open_findings(ledger)

        told = ledger.compare_thresholds(wanted)

        assert_the_same(everything(ledger.engine), before)
        ledger.adopt_thresholds(wanted, reason="tried")
        is_ = open_findings(ledger)
        counted = {
            "opens": len(is_.keys() - was.keys()),
            "closes": len(was.keys() - is_.keys()),
            "changes_severity": sum(was[one] != is_[one] for one in was.keys() & is_.keys()),
        }
        assert {what: sum(getattr(line, what) for line in told) for what in counted} == counted
        catch_up_in(ledger.engine, batches)
        adopted = everything(ledger.engine)
        ledger.rebuild()
        assert_the_same(adopted, everything(ledger.engine))


def open_findings(ledger: Ledger) -> dict[str, str]:
    """How grave each finding is that is open, by its id."""
    f = findings.c
    with ledger.engine.connect() as connection:
        rows = connection.execute(select(f.id, f.severity).where(f.state == "open"))
        return {row.id: row.severity for row in rows}
