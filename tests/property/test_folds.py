"""What holds of every history, without a database."""

from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import objections, practices
from ledger.domain.policies import POLICIES, PRECEDENCE_1, Answer, answer, decide, standing
from ledger.domain.purposes import Purpose
from ledger.domain.streams import patient_stream, practice_stream
from tests.property import histories
from tests.property.folded import decided
from tests.property.histories import DAYS, PRACTICES, History
from tests.property.oracle import status
from tests.property.tries import tries

# A history is long; its steps, which are noted one by one, are what to read where a test fails.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")


@tries(100)
@given(histories.of_everything(), st.integers(0, 60))
def test_the_fold_of_a_beginning_and_then_the_rest_is_the_fold_of_all(
    history: History, cut: int
) -> None:
    for patient in history.patients[:2]:
        events = history.of(patient_stream(patient))

        begun = objections.fold(events[:cut])

        assert reduce(objections.evolve, events[cut:], begun) == objections.fold(events)
    for practice in PRACTICES:
        events = history.of(practice_stream(practice))

        known = practices.fold(events[:cut])

        assert reduce(practices.evolve, events[cut:], known) == practices.fold(events)


@tries(200)
@given(histories.of_entries())
def test_the_policy_gives_the_oracles_answer_for_every_patient_purpose_day_and_position(
    history: History,
) -> None:
    for known_at in range(history.last + 1):
        known = [kept for kept in history.log if kept.position <= known_at]
        for number, patient in enumerate(history.patients[:2]):
            for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
                for at in DAYS:
                    expected, reasons = status(
                        history.facts, patient=number, purpose=purpose, at=at, known_at=known_at
                    )

                    decision = decided(known, patient, purpose, at)

                    assert decision.answer == expected
                    because = decision.because and decision.because.entry.position
                    assert because in reasons or (because is None and not reasons)


@tries(100)
@given(histories.of_everything())
def test_what_read_models_and_rules_ask_is_what_the_policy_answers(history: History) -> None:
    for patient in history.patients[:2]:
        folded = objections.fold(history.of(patient_stream(patient)))
        for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
            for at in DAYS:
                asked = decide(standing(folded, purpose), at, withheld=folded.withheld)

                assert answer(PRECEDENCE_1, folded, purpose, at) == asked


@tries(100)
@given(histories.of_everything())
def test_no_policy_finds_an_objection_without_a_dissent_in_the_record(history: History) -> None:
    for patient in history.patients[:2]:
        folded = objections.fold(history.of(patient_stream(patient)))
        for policy in POLICIES:
            for purpose in policy.answers & {Purpose.TYPE_1, Purpose.TYPE_2}:
                read = {e for e in folded.entries if e.event.purpose in policy.reads(purpose)}
                for at in DAYS:
                    decision = answer(policy, folded, purpose, at)

                    if decision.answer is Answer.OBJECTING:
                        because = decision.because
                        assert decision.refusal or (because and because.entry in read)
                        assert because is None or because.is_dissent


@tries(100)
@given(histories.of_entries())
def test_a_withdrawal_never_stands_against_a_dissent_of_a_later_day(history: History) -> None:
    for patient in history.patients[:2]:
        folded = objections.fold(history.of(patient_stream(patient)))
        for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
            stands = standing(folded, purpose)
            for at in DAYS:
                decision = decide(stands, at)

                if decision.answer is Answer.NOT_OBJECTING and decision.because is not None:
                    ended_on = decision.because.counts_on
                    assert not any(s.is_dissent and ended_on < s.counts_on <= at for s in stands)
