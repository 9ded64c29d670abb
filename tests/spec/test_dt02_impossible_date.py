"""DT02: an entry bears a date on which nobody can have said it."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("DT02",)


def test_a_systems_default_date_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        1900-01-01 | 2017-03-01 | dissent
        1970-01-01 | 2017-03-02 | withdrawal
    """
    assert findings(history) == ["DT02 on line 1", "DT02 on line 2"]


def test_so_is_a_day_before_birth(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | born
        2015-03-01 | 2017-03-01 | dissent | 2015-03-02
    """
    assert findings(history) == ["DT02 on line 1"]


def test_so_is_a_day_after_death(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
                   | 2017-02-01 | died
        2017-02-02 | 2017-03-01 | dissent
    """
    assert findings(history) == ["DT02 on line 2"]


def test_a_death_told_later_tells_it_then(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry
        2017-02-02 | 2017-03-01 | 2017-03-01 | dissent
                   | 2017-02-01 | 2017-05-01 | died
    """
    assert findings(history) == ["DT02 on line 1"]


def test_the_days_of_birth_and_death_are_possible(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | born
        2015-03-02 | 2017-03-01 | dissent | 2015-03-02
                   | 2017-04-01 | died    |
        2017-04-01 | 2017-04-03 | dissent | 2015-03-02
    """
    assert findings(history) == []


def test_a_day_long_ago_but_in_the_patients_life_is_possible(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | born
        1985-06-01 | 2017-03-01 | dissent | 1950-01-01
    """
    assert findings(history) == []


def test_an_entry_without_a_date_is_another_matter(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        none       | 2017-03-01 | dissent
        unreadable | 2017-03-02 | dissent
        1900       | 2017-03-03 | dissent
    """
    assert findings(history) == []


def test_it_closes_when_the_date_is_corrected_or_the_entry_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        1900-01-01 | 2017-03-01 | dissent | a
        2017-03-01 | 2017-03-01 | dissent | a
        1900-01-01 | 2017-03-01 | dissent | b
                   | 2017-04-01 | removed | b
    """
    assert findings(history) == []


def test_a_dissent_counts_meanwhile_and_a_withdrawal_does_not() -> None:
    history = """
        effective  | entered    | entry      | born
        2016-03-01 | 2016-03-01 | dissent    |
        1970-01-01 | 2017-03-02 | withdrawal |
        2014-05-01 | 2017-03-03 | dissent    | 2015-01-01
                   | 2017-04-01 | died       |
        2017-04-09 | 2017-04-09 | dissent    |
    """
    sightings = [sighting for _, sighting in judged(history, *RULES)]

    assert {s.upheld_meanwhile for s in sightings} == {True}
    assert [s.summary for s in sightings] == [
        (
            "The type 1 withdrawal entered on 2 March 2017 takes effect on 1 January 1970, which "
            "systems write where nobody typed a date. It does not count."
        ),
        (
            "The type 1 dissent entered on 3 March 2017 takes effect on 1 May 2014, before the patient "
            "was born. It counts from the day it was entered."
        ),
        (
            "The type 1 dissent entered on 9 April 2017 takes effect on 9 April 2017, after the patient "
            "died. It counts from the day it was entered."
        ),
    ]
