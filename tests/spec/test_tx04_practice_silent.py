"""TX04: a practice that took part in collections is missing from two in a row."""

from dataclasses import replace
from datetime import date

from ledger.domain.events import PracticeClosed
from ledger.domain.practices import Practice
from ledger.domain.recording_errors import by_code
from tests.builders import BY, a_practice_history
from tests.spec.conftest import Findings
from tests.spec.tables import judged, log

RULES = ("TX04",)


def test_a_practice_missing_from_two_collections_in_a_row_is_found(findings: Findings) -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | collection | X99901 X99902
        2016-05-31 | collection | X99902
        2016-06-30 | collection | X99902
    """
    assert findings(history) == ["TX04 on lines 1, 2, 3"]


def test_it_goes_on_for_as_long_as_the_practice_stays_away(findings: Findings) -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | collection | X99901 X99902
        2016-05-31 | collection | X99902
        2016-06-30 | collection | X99902
        2016-07-31 | collection | X99902
    """
    assert findings(history) == ["TX04 on lines 1, 2, 3, 4"]


def test_one_missed_collection_may_be_put_right(findings: Findings) -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | collection | X99901 X99902
        2016-05-31 | collection | X99902
    """
    assert findings(history) == []


def test_two_that_are_not_in_a_row_are_none(findings: Findings) -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | collection | X99901 X99902
        2016-05-31 | collection | X99902
        2016-06-30 | collection | X99901 X99902
        2016-07-31 | collection | X99902
    """
    assert findings(history) == []


def test_a_practice_that_never_took_part_is_not_missed(findings: Findings) -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | delivery   | X99901
        2016-04-30 | collection | X99902
        2016-05-31 | collection | X99902
        2016-06-30 | collection | X99902
    """
    assert findings(history) == []


def test_so_is_one_that_begins_to_take_part_later(findings: Findings) -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | collection | X99902
        2016-05-31 | collection | X99902
        2016-06-30 | collection | X99901 X99902
    """
    assert findings(history) == []


def test_it_closes_when_the_practice_takes_part_again(findings: Findings) -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | collection | X99901 X99902
        2016-05-31 | collection | X99902
        2016-06-30 | collection | X99902
        2016-07-31 | collection | X99901 X99902
    """
    assert findings(history) == []


def test_a_collection_that_is_loaded_late_closes_it_too(findings: Findings) -> None:
    history = """
        entered    | known      | entry      | practice
        2016-04-30 | 2016-05-03 | collection | X99901 X99902
        2016-05-31 | 2016-06-03 | collection | X99902
        2016-06-30 | 2016-07-03 | collection | X99902
        2016-06-30 | 2016-09-03 | collection | X99901
    """
    assert findings(history) == []


def test_a_supplier_that_sends_its_part_in_a_file_of_its_own_takes_part(
    findings: Findings,
) -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | collection | X99901
        2016-04-30 | collection | X99902
        2016-05-31 | collection | X99902
        2016-05-31 | collection | X99901
    """
    assert findings(history) == []


def test_a_practice_that_closed_before_the_period_end_has_nothing_to_send() -> None:
    silent = a_practice_history(
        log("""
            entered    | entry      | practice
            2016-04-30 | collection | X99901 X99902
            2016-05-31 | collection | X99902
            2016-06-30 | collection | X99902
        """)
    )
    closed_in_may, closed_in_june = (
        replace(silent, practice=Practice(closed=PracticeClosed(closed_on=day, by=BY)))
        for day in (date(2016, 5, 31), date(2016, 6, 29))
    )

    assert len(list(by_code("TX04").find(silent))) == 1
    assert not list(by_code("TX04").find(closed_in_may))
    assert not list(by_code("TX04").find(closed_in_june))


def test_it_says_since_when() -> None:
    history = """
        entered    | entry      | practice
        2016-04-30 | collection | X99901 X99902
        2016-05-31 | collection | X99902
        2016-06-30 | collection | X99902
        2016-07-31 | collection | X99902
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.practice == "X99901"
    assert sighting.since == date(2016, 6, 30)
    assert sighting.summary == (
        "The practice took part in the collection of 30 April 2016 and is missing from the 3 "
        "collections since (31 May 2016 to 31 July 2016)."
    )
