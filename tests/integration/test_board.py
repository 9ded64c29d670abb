"""The board by hand: what was entered, what arrived, how long it took, and who was missing."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine, insert

from ledger.application import Ledger
from ledger.projections.practices import closed, systems
from ledger.projections.transmission.keeping import carried, collections, dissents, members

DISSENTS = """
    practice | entered    | carried    | ended
    X99901   | 2016-04-10 | 2016-04-30 |
    X99901   | 2016-04-20 | 2016-05-31 |
    X99901   | 2016-05-01 | 2016-05-31 |
    X99901   | 2016-05-21 |            |
    X99901   | 2016-05-25 |            | 2016-06-05
    X99902   | 2016-05-11 | 2016-06-30 |
    X99903   | 2016-04-29 | 2016-04-30 |
"""
TOOK_PART = {
    "2016-04-30": ["X99901", "X99902", "X99903"],
    "2016-05-31": ["X99901", "X99903", "X99901"],
    "2016-06-30": ["X99901", "X99902"],
}
SYSTEMS = {"X99901": "systmone", "X99902": "systmone", "X99903": "emis-web"}
SUPPLIERS = {"X99901": ("TPP", "ctv3"), "X99902": ("TPP", "ctv3"), "X99903": ("EMIS", "readv2")}


def day(told: str) -> date | None:
    return date.fromisoformat(told) if told else None


def fill(engine: Engine, *, closed_on: date | None = None) -> Ledger:
    """The tables as the projections would leave them."""
    rows = [[cell.strip() for cell in line.split("|")] for line in DISSENTS.strip().splitlines()]
    ledger = Ledger(engine)
    ledger.catch_up()
    with engine.begin() as connection:
        connection.execute(
            insert(dissents),
            [
                {
                    "position": position,
                    "patient": UUID(int=position),
                    "practice": practice,
                    "supplier": SUPPLIERS[practice][0],
                    "code_system": SUPPLIERS[practice][1],
                    "entered_on": day(entered),
                    "first_carried": day(carried_on),
                    "ended_on": day(ended),
                }
                for position, (practice, entered, carried_on, ended) in enumerate(rows[1:], 1)
            ],
        )
        connection.execute(
            insert(collections),
            [
                {
                    "collection": f"GP{end}",
                    "period_end": day(end),
                    "position": position,
                    "practices": practices,
                }
                for position, (end, practices) in enumerate(TOOK_PART.items(), 100)
            ],
        )
        connection.execute(
            insert(systems), [{"code": c, "clinical_system": s} for c, s in SYSTEMS.items()]
        )
        if closed_on is not None:
            connection.execute(insert(closed), [{"code": "X99903", "closed_on": closed_on}])
    return ledger


def test_each_line_of_the_board_is_what_was_worked_out_by_hand(engine: Engine) -> None:
    ledger = fill(engine, closed_on=date(2016, 6, 10))

    told = [
        (
            r.period_end.isoformat(), r.supplier, r.entered, r.transmitted, r.ratio, r.backlog,
            r.median_days, r.p95_days, r.oldest_waiting_days, r.practices, r.missing, r.unvalidated,
        )
        for r in ledger.transmission()
    ]  # fmt: skip

    assert told == [
        ("2016-04-30", "EMIS", 1, 1, 1.0, 0, 1, 1, None, 1, 0, False),
        ("2016-04-30", "TPP", 2, 1, 0.5, 1, 20, 20, 10, 2, 0, False),
        # X99902 is missing, so what it entered on 11 May is in none of these numbers.
        ("2016-05-31", "TPP", 3, 1, 0.3333, 2, 30, 41, 10, 1, 1, True),
        ("2016-06-30", "TPP", 0, 0, None, 1, 50, 50, 40, 2, 0, False),
    ]


def test_a_supplier_whose_practices_are_all_missing_has_a_line_that_says_so(
    engine: Engine,
) -> None:
    last = fill(engine).transmission(supplier="EMIS")[-1]

    assert (last.period_end, last.practices, last.missing) == (date(2016, 6, 30), 0, 1)
    assert last.unvalidated
    assert (last.entered, last.backlog, last.carried, last.median_days) == (0, 0, 0, None)


def test_each_practice_of_a_collection_is_told_with_what_it_entered(engine: Engine) -> None:
    ledger = fill(engine)

    told = [
        (r.practice, r.supplier, r.state, r.entered, r.transmitted, r.ratio, r.backlog,
         r.median_days, r.p95_days, r.oldest_waiting_days)
        for r in ledger.practices_transmission(collection="GP2016-05-31")
    ]  # fmt: skip

    assert told == [
        ("X99901", "TPP", "took-part", 3, 1, 0.3333, 2, 30, 41, 10),
        ("X99902", "TPP", "missing", 1, 0, 0.0, 1, None, None, 20),
        ("X99903", "EMIS", "took-part", 0, 0, None, 0, None, None, None),
    ]


def test_a_practice_that_closed_is_not_told_of_any_more(engine: Engine) -> None:
    ledger = fill(engine, closed_on=date(2016, 6, 10))

    in_june = ledger.practices_transmission(collection="GP2016-06-30")

    assert [(r.practice, r.state) for r in in_june] == [
        ("X99901", "took-part"), ("X99902", "took-part")
    ]  # fmt: skip


def test_a_practice_that_no_collection_ever_had_is_told_while_its_dissents_wait(
    engine: Engine,
) -> None:
    ledger = fill(engine)
    with engine.begin() as connection:
        connection.execute(
            insert(dissents),
            [
                {
                    "position": 50,
                    "patient": UUID(int=50),
                    "practice": "X99904",
                    "supplier": "INPS",
                    "code_system": "readv2",
                    "entered_on": date(2016, 5, 1),
                    "ended_on": date(2016, 6, 30),
                }
            ],
        )

    told = ledger.practices_transmission(supplier="vision")

    assert [(r.period_end, r.practice, r.state, r.backlog) for r in told] == [
        (date(2016, 5, 31), "X99904", "not-yet", 1)
    ]


def test_two_collections_with_one_period_end_count_what_is_new_once(engine: Engine) -> None:
    ledger = fill(engine)
    with engine.begin() as connection:
        again = {"collection": "GP2016-05-31-b", "period_end": date(2016, 5, 31), "position": 200}
        connection.execute(insert(collections), [{**again, "practices": ["X99901"]}])

    told = ledger.transmission(supplier="TPP")

    assert [
        (r.collection, r.entered, r.transmitted, r.backlog) for r in told if r.period_end.month == 5
    ] == [("GP2016-05-31", 3, 1, 2), ("GP2016-05-31-b", 0, 0, 2)]


def test_what_was_carried_is_told_beside(engine: Engine) -> None:
    ledger = fill(engine)
    key = {"supplier": "TPP", "code_system": "ctv3"}
    with engine.begin() as connection:
        connection.execute(insert(carried), [{**key, "collection": "GP2016-04-30", "patients": 9}])
        first = [{**key, "patient": UUID(int=n), "first_seen": date(2016, 4, 30)} for n in (1, 2)]
        connection.execute(insert(members), first)

    [line] = [r for r in ledger.transmission(supplier="systmone") if r.period_end.month == 4]

    assert (line.first_seen, line.carried) == (2, 9)


def test_without_a_collection_there_is_nothing_to_tell(engine: Engine) -> None:
    ledger = Ledger(engine)
    ledger.catch_up()

    assert ledger.transmission() == []
    assert ledger.practices_transmission() == []
    assert ledger.out_of_line() == []


@pytest.mark.parametrize("supplier", ["TPP", "systmone", "SystmOne"])
def test_a_supplier_is_known_by_its_systems_name_too(engine: Engine, supplier: str) -> None:
    told = fill(engine).practices_transmission(supplier=supplier)

    assert {line.practice for line in told} == {"X99901", "X99902"}
