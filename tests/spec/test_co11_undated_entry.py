"""CO11: an entry does not say on which day it takes effect."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO11",)


def test_an_entry_without_a_date_is_found(findings: Findings) -> None:
    history = """
        effective | entered    | entry
        none      | 2017-03-01 | dissent
    """
    assert findings(history) == ["CO11 on line 1"]


def test_so_is_a_month_or_a_year_or_31_february(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-02    | 2017-03-01 | dissent
        2017       | 2017-03-02 | withdrawal
        unreadable | 2017-03-03 | dissent
    """
    assert findings(history) == ["CO11 on line 1", "CO11 on line 2", "CO11 on line 3"]


def test_a_whole_date_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
    """
    assert findings(history) == []


def test_a_missing_entered_time_is_no_missing_date(findings: Findings) -> None:
    history = """
        effective  | entered | entry
        2017-03-01 | none    | dissent
    """
    assert findings(history) == []


def test_it_closes_when_the_date_is_added(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        none       | 2017-03-01 | dissent | a
        2017-02-27 | 2017-03-01 | dissent | a
    """
    assert findings(history) == []


def test_it_closes_when_the_entry_is_removed(findings: Findings) -> None:
    history = """
        effective | entered    | entry   | id
        none      | 2017-03-01 | dissent | a
                  | 2017-03-09 | removed | a
    """
    assert findings(history) == []


def test_the_objection_counts_meanwhile_and_the_summary_says_what_was_given() -> None:
    history = """
        effective  | entered    | entry
        2017-02    | 2017-03-01 | dissent
        2016       | 2017-03-01 | dissent
        none       | 2017-03-01 | dissent
        unreadable | 2017-03-01 | dissent
    """
    sightings = [sighting for _, sighting in judged(history, *RULES)]

    assert {s.upheld_meanwhile for s in sightings} == {True}
    assert [s.summary.partition(" gives ")[2] for s in sightings] == [
        "no day but only the month 2017-02.",
        "no day but only the year 2016.",
        "no date.",
        "a date that cannot be read.",
    ]
