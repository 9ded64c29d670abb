"""What holds of every history, without a database."""

from collections.abc import Sequence
from functools import reduce
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.domain import objections, practices
from ledger.domain.events import FindingDismissed, Kept, NumberSuperseded
from ledger.domain.policies import DISMISSIBLE, Answer, decide, most_protective, standing
from ledger.domain.purposes import Purpose
from ledger.domain.streams import patient_of, patient_stream, practice_stream
from ledger.domain.survivors import Supersession, Survivors, merged
from tests.property import histories
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
        dismissals: dict[int, set[str]] = {}
        for kept in known:
            if isinstance(kept.event, FindingDismissed) and kept.event.rule in DISMISSIBLE:
                for entry in kept.event.entries:
                    dismissals.setdefault(entry, set()).add(kept.event.rule)
        survivors = the_survivors(known)
        for number, patient in enumerate(history.patients[:2]):
            folded = [
                objections.fold(merged(history_of(known, p) for p in together))
                for together in survivors.answering_for(patient)
            ]
            for purpose in (Purpose.TYPE_1, Purpose.TYPE_2):
                stood = [standing(one, purpose, dismissals) for one in folded]
                for at in DAYS:
                    expected, reasons = status(
                        history.facts, patient=number, purpose=purpose, at=at, known_at=known_at
                    )

                    decision = most_protective(
                        decide(stands, at, withheld=one.withheld)
                        for one, stands in zip(folded, stood, strict=True)
                    )

                    assert decision.answer == expected
                    because = decision.because and decision.because.entry.position
                    assert because in reasons or (because is None and not reasons)


def the_survivors(known: Sequence[Kept]) -> Survivors:
    return Survivors(
        [
            Supersession(kept.position, patient, UUID(kept.event.superseded_by))
            for kept in known
            if isinstance(kept.event, NumberSuperseded)
            and (patient := patient_of(kept.stream)) is not None
        ]
    )


def history_of(known: Sequence[Kept], patient: UUID) -> list[Kept]:
    return [kept for kept in known if kept.stream == patient_stream(patient)]


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
