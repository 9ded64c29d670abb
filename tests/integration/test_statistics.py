"""How many objected at the end of each month: worked out by hand, and suppressed."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.application.statistics import Level
from ledger.domain.callers import Caller, Role
from ledger.domain.events import LedgerOpened, Mode, PracticeListed
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAllowed
from ledger.domain.streams import LEDGER, practice_stream
from ledger.store import codec
from ledger.store.append import NewEvent, append
from tests.builders import (
    BY,
    a_collection,
    a_dissent,
    a_refusal,
    a_transmission,
    a_withdrawal,
    at_ten,
    kept,
)

OURS, THEIRS, UNLISTED = "X99901", "X99902", "X99903"
TYPE_2 = Purpose.TYPE_2
ENTERED, WITHDRAWN, CARRIED = date(2016, 3, 31), date(2016, 5, 31), date(2016, 4, 30)


def keep(engine: Engine) -> Ledger:
    """Twelve patients of ours object to type 2 on the last day of March 2016. The collection of
    April carries eight of them, and on the last day of May three of those withdraw. Of theirs
    three object; one more, whose record they withhold, may or may not. One objects to type 1 at a
    practice that nobody listed.
    """
    with engine.begin() as connection:
        opening = LedgerOpened(name="months", mode=Mode.RE_ENACTMENT, as_of=ENTERED, by=BY)
        first = [NewEvent(LEDGER, 1, opening.TOPIC, codec.to_bytes(opening))]
        for code in (OURS, THEIRS):
            listed = PracticeListed(
                name=code, status="active", gp_practice=True, commissioner="99X", by=BY
            )
            first.append(NewEvent(practice_stream(code), 1, listed.TOPIC, codec.to_bytes(listed)))
        append(connection, first, recorded_at=at_ten(ENTERED))
        dissent = {"purpose": TYPE_2, "effective_on": ENTERED}
        for number in range(12):
            told = [(a_dissent(**dissent, entry_id=str(number)), at_ten(ENTERED))]
            if number < 8:
                told.append((a_transmission(CARRIED), at_ten(CARRIED)))
            if number < 3:
                ends = {"purpose": TYPE_2, "effective_on": WITHDRAWN, "entry_id": f"w{number}"}
                told.append((a_withdrawal(**ends), at_ten(WITHDRAWN)))
            tell(connection, number, *told)
        for number in range(12, 15):
            at_theirs = {**dissent, "practice": THEIRS, "entry_id": str(number)}
            tell(connection, number, (a_dissent(**at_theirs), at_ten(ENTERED)))
        tell(connection, 15, (a_refusal(at_ten(CARRIED), practice=THEIRS), at_ten(CARRIED)))
        elsewhere = a_dissent(effective_on=ENTERED, practice=UNLISTED)
        tell(connection, 16, (elsewhere, at_ten(ENTERED)))
        tell(connection, 0, (a_collection(CARRIED), at_ten(CARRIED)))
    ledger = Ledger(engine)
    ledger.catch_up()
    return ledger


def tell(connection, number: int, *events) -> None:
    for one in kept(*events, patient=UUID(int=number + 1)):
        new = NewEvent(one.stream, one.version, one.event.TOPIC, codec.to_bytes(one.event))
        # What they were told is dated; that it is known is later, and in the order of the log.
        append(connection, [new], recorded_at=at_ten(date(2016, 7, 1)))


def test_each_month_counts_who_objected_on_its_last_day(engine: Engine) -> None:
    ledger = keep(engine)

    told = [
        (r.month.isoformat(), r.code, r.objecting, r.cannot_tell, r.transmitted)
        for r in ledger.statistics(level=Level.PRACTICE, since=date(2016, 2, 14))
        if (r.purpose, r.level) == (TYPE_2, "practice") and r.code != UNLISTED
    ]

    assert told == [
        # 12 objected, of whom 8 had been carried; 9 and 5 after three withdrew on 31 May.
        ("2016-06-01", OURS, 10, 0, "*"),
        ("2016-06-01", THEIRS, "*", "*", 0),
        ("2016-05-01", OURS, 10, 0, "*"),
        ("2016-05-01", THEIRS, "*", "*", 0),
        ("2016-04-01", OURS, 10, 0, 10),
        ("2016-04-01", THEIRS, "*", "*", 0),
        ("2016-03-01", OURS, 10, 0, 0),
        ("2016-03-01", THEIRS, "*", "*", 0),
        ("2016-02-01", OURS, 0, 0, 0),
        ("2016-02-01", THEIRS, 0, "*", 0),
    ]


def test_the_latest_month_that_is_over_is_told_of_everybody_and_by_commissioner(
    engine: Engine,
) -> None:
    ledger = keep(engine)

    told = [
        (r.month.isoformat(), r.purpose, r.level, r.code, r.practices, r.objecting, r.transmitted)
        for r in ledger.statistics(level=Level.COMMISSIONER)
    ]

    assert told == [
        ("2016-06-01", "type-1", "all", None, 3, "*", None),
        ("2016-06-01", "type-1", "commissioner", "99X", 2, 0, None),
        ("2016-06-01", "type-1", "commissioner", "unallocated", 1, "*", None),
        # Ten, and five for what is suppressed.
        ("2016-06-01", "type-2", "all", None, 3, 15, "*"),
        ("2016-06-01", "type-2", "commissioner", "99X", 2, 15, "*"),
        ("2016-06-01", "type-2", "commissioner", "unallocated", 1, 0, 0),
    ]


def test_nobody_can_be_told_of_whose_record_is_withheld_as_the_status_says(engine: Engine) -> None:
    [of_type_1] = [
        r
        for r in keep(engine).statistics(level=Level.PRACTICE)
        if (r.code, r.purpose) == (THEIRS, "type-1")
    ]

    assert (of_type_1.objecting, of_type_1.cannot_tell) == (0, "*")


def test_what_was_before_the_first_month_counts_from_then_on(engine: Engine) -> None:
    told = keep(engine).statistics(since=date(1990, 1, 1))

    assert told[-1].month == date(2014, 1, 1)
    assert len(told) == 2 * (12 * 2 + 6)


def test_a_month_that_is_not_over_is_not_told(engine: Engine) -> None:
    assert keep(engine).statistics(since=date(2016, 7, 1)) == []


def test_an_empty_ledger_counts_nobody(engine: Engine) -> None:
    ledger = Ledger(engine)
    ledger.catch_up()

    assert {(r.objecting, r.practices) for r in ledger.statistics()} == {(0, 0)}


@pytest.mark.parametrize("role", [Role.CONTROLLER, Role.EXTRACT, Role.SYSTEM])
def test_only_an_auditor_is_told(engine: Engine, role: Role) -> None:
    by = Caller("somebody", role, frozenset({OURS}))
    ledger = Ledger(engine)

    for ask in (
        ledger.statistics, ledger.transmission, ledger.practices_transmission, ledger.out_of_line,
        ledger.collections,
    ):  # fmt: skip
        with pytest.raises(NotAllowed):
            ask(by=by)
