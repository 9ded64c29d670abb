"""Two policies over everybody in a database: whom they answer differently, and how many those are."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert

from ledger import projector
from ledger.application import Ledger
from ledger.application.comparing import TwoPolicies
from ledger.application.records import DifferenceRecord
from ledger.domain.callers import Caller, Role
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAllowed, UnknownPolicy
from ledger.projections.statements import STATEMENTS
from ledger.store import codec
from ledger.store.append import NewEvent, append
from ledger.store.tables import patients
from tests.builders import PATIENT
from tests.nhs_numbers import nhs_numbers
from tests.spec.tables import log

ANNA, BEN, CARA, DAN, EVE = NUMBERS = nhs_numbers(5)
HISTORIES = """
    effective  | entered    | entry                          | patient | practice | id
    2017-03-01 | 2017-03-01 | dissent                        | a       | X99901   |
    none       | 2017-03-01 | dissent                        | b       | X99902   |
    2017-03-01 | 2017-03-01 | dissent                        | c       | X99901   |
    2017-03-01 | 2017-04-01 | withdrawal                     | c       | X99901   |
    2017-03-01 | 2017-05-01 | refusal of summary-care-record | d       | X99902   |
               | 2017-05-01 | renumbered e                   | a       | X99901   |
    2017-09-01 | 2017-09-01 | withdrawal                     | e       | X99901   |
"""


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """Anna, whose number became Eve's; Ben without a date; Cara's two entries of a day; Dan."""
    events = log(HISTORIES)
    with engine.begin() as connection:
        for place, number in enumerate(NUMBERS):
            row = {"patient": UUID(int=PATIENT.int + place), "nhs_number": number}
            connection.execute(insert(patients).values(row))
        for kept in events:
            state = codec.to_bytes(kept.event)
            new = NewEvent(kept.stream, kept.version, kept.event.TOPIC, state)
            append(connection, [new], recorded_at=kept.recorded_at)
    projector.catch_up(engine, [STATEMENTS])
    return Ledger(engine)


def two(other: str, **told: object) -> TwoPolicies:
    return TwoPolicies("precedence-1", other, Purpose.TYPE_1, at=date(2018, 1, 1), **told)


def told(found: list[DifferenceRecord]) -> set[tuple[str | None, str | None, str, str]]:
    return {(d.nhs_number, d.practice, f"{d.a} {d.a_rule}", f"{d.b} {d.b_rule}") for d in found}


def test_whom_they_answer_differently_is_told_with_why(ledger: Ledger) -> None:
    assert told(ledger.answered_differently(two("ncl-2025"))) == {
        (BEN, "X99902", "objecting CO11", "not-objecting no-entry"),
        (CARA, "X99901", "objecting CO01", "not-objecting last-row"),
    }


def test_somebody_with_two_numbers_is_one_patient_who_survives(ledger: Ledger) -> None:
    found = ledger.answered_differently(two("wsic-2020"))
    [eve] = [one for one in told(found) if one[0] in (ANNA, EVE)]

    assert eve == (EVE, "X99901", "not-objecting latest-effective", "objecting latest-effective")


def test_who_only_refused_something_close_by_is_asked_about_where_that_is_pooled(
    ledger: Ledger,
) -> None:
    assert (DAN, "X99902", "not-objecting no-entry", "objecting pooled-refusal") in told(
        ledger.answered_differently(two("wsic-2020"))
    )
    assert ledger.compared(two("wsic-2020")).compared == 4
    assert ledger.compared(two("ncl-2025")).compared == 3


def test_the_counts_are_those_of_the_list(ledger: Ledger) -> None:
    counted = ledger.compared(two("ncl-2025"))

    assert [(c.a, c.b, c.patients) for c in counted.answers] == [
        ("not-objecting", "not-objecting", 1),
        ("objecting", "not-objecting", 2),
    ]
    assert [(p.practice, p.a, p.b, p.patients) for p in counted.practices] == [
        ("X99901", "objecting", "not-objecting", 1),
        ("X99902", "objecting", "not-objecting", 1),
    ]
    assert (counted.different, counted.a_in_force, counted.b_in_force) == (2, True, False)


def test_of_one_practice_only_those_with_an_entry_there_are_compared(ledger: Ledger) -> None:
    ours = two("ncl-2025", practice="X99901")

    assert ledger.compared(ours).compared == 2
    assert {d.nhs_number for d in ledger.answered_differently(ours)} == {CARA}


def test_what_was_not_known_yet_differs_for_nobody(ledger: Ledger) -> None:
    before = ledger.compared(two("ncl-2025", known_at=3))

    assert (before.position, before.compared, before.different) == (3, 3, 1)


def test_a_list_is_had_in_parts(ledger: Ledger) -> None:
    whole = ledger.answered_differently(two("wsic-2020"))
    parts = [
        ledger.answered_differently(two("wsic-2020"), limit=1, offset=place)
        for place in range(len(whole) + 1)
    ]

    assert [one for part in parts for one in part] == whole
    assert parts[-1] == []


def test_only_an_auditor_compares(ledger: Ledger) -> None:
    for role in (Role.CONTROLLER, Role.EXTRACT, Role.SYSTEM):
        by = Caller("somebody", role, frozenset({"X99901"}))

        with pytest.raises(NotAllowed):
            ledger.compared(two("ncl-2025"), by=by)
        with pytest.raises(NotAllowed):
            ledger.answered_differently(two("ncl-2025"), by=by)


def test_a_policy_nobody_knows_is_compared_with_nothing(ledger: Ledger) -> None:
    with pytest.raises(UnknownPolicy, match="expected one of"):
        ledger.compared(two("kindness"))
