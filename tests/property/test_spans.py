"""From when to when somebody objects is what the policy says of each day; and the numbers of every
month are those of the statuses on its last day.
"""

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from ledger.domain import objections
from ledger.domain.events import FindingDismissed
from ledger.domain.policies import DISMISSIBLE, Answer, decide, spans, standing
from ledger.domain.purposes import Purpose
from ledger.domain.streams import patient_stream
from ledger.projections.standing_objections import Change, Measure, changes
from ledger.projections.transmission import carried_spans
from ledger.store.log import read_events
from ledger.store.projection import decoded
from ledger.store.tables import patients
from tests.builders import the_survivors
from tests.databases import Databases
from tests.files import found_in
from tests.property import histories
from tests.property.histories import DAYS, History
from tests.property.kept import a_folder, a_re_enactment
from tests.property.tries import tries
from tests.property.worlds import Round, collected, deliver, rounds_with_other_numbers

PURPOSES = (Purpose.TYPE_1, Purpose.TYPE_2)
MONTH_ENDS = (date(2018, 8, 31), date(2018, 9, 30), date(2018, 10, 31), date(2018, 12, 31))


@tries(100)
@given(histories.of_entries())
def test_a_day_is_in_a_span_if_and_only_if_the_policy_says_objecting(history: History) -> None:
    dismissals: dict[int, set[str]] = {}
    for kept in history.log:
        if isinstance(kept.event, FindingDismissed) and kept.event.rule in DISMISSIBLE:
            for entry in kept.event.entries:
                dismissals.setdefault(entry, set()).add(kept.event.rule)
    for patient in history.patients[:2]:
        folded = objections.fold(history.of(patient_stream(patient)))
        for purpose in PURPOSES:
            stands = standing(folded, purpose, dismissals)
            told = spans([stands])
            for at in DAYS:
                decision = decide(stands, at)

                of_the_day = [s for s in told if s.since <= at and (not s.until or at < s.until)]

                assert len(of_the_day) == (decision.answer is Answer.OBJECTING)
                for span in of_the_day:
                    assert decision.because is not None
                    assert span.practice == decision.because.entry.event.practice


@pytest.mark.slow
@tries(6, shrink=False)
@given(work=rounds_with_other_numbers, emis=st.booleans())
def test_the_numbers_of_a_month_are_the_statuses_of_its_last_day(
    databases: Databases, work: list[Round], *, emis: bool
) -> None:
    with a_re_enactment(databases) as ledger, a_folder() as folder:
        delivered = deliver(folder, work, emis=emis)
        for delivery in found_in(*delivered.paths, *collected(folder / "collections", work)):
            ledger.ingest(delivery)
        ledger.catch_up()
        with ledger.engine.connect() as connection:
            moved = changes(connection, PURPOSES, carried=carried_spans())
            survivors = the_survivors(decoded(read_events(connection, after=0, limit=10_000)))
            numbers = [
                row.nhs_number
                for row in connection.execute(select(patients))
                if survivors.survivor(row.patient) == row.patient
            ]

        for end in MONTH_ENDS:
            for purpose in PURPOSES:
                answers = ledger.statuses(numbers, purpose, at=end) if numbers else []
                expected = Counter(a.because.practice for a in answers if a.status == "objecting")
                objecting = at_the_end(moved, Measure.OBJECTING, purpose, end)

                assert objecting == expected
                assert at_the_end(moved, Measure.TRANSMITTED, purpose, end) <= objecting


def at_the_end(moved: list[Change], measure: Measure, purpose: Purpose, end: date) -> Counter[str]:
    standing: Counter[str] = Counter()
    for change in moved:
        counted = (change.measure, change.purpose) == (measure, purpose)
        if counted and (change.month is None or change.month <= end):
            standing[change.practice] += change.by
    return +standing
