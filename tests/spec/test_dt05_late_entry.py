"""DT05: an entry was made long after the day from which the patient meant it."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("DT05",)


def test_an_entry_made_twenty_nine_days_later_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-30 | dissent
    """
    assert findings(history) == ["DT05 on line 1"]


def test_so_is_a_withdrawal(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2016-03-01 | 2016-03-01 | dissent
        2017-03-01 | 2017-09-30 | withdrawal
    """
    assert findings(history) == ["DT05 on line 2"]


def test_so_is_what_the_patient_said_at_the_new_practice(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
                   | 2017-01-05 | registered
        2017-01-10 | 2017-02-20 | dissent
    """
    assert findings(history) == ["DT05 on line 2"]


def test_twenty_eight_days_are_in_time(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-29 | dissent
    """
    assert findings(history) == []


def test_an_entry_that_gp2gp_brought_was_entered_in_time_elsewhere(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | route
        2015-03-01 | 2017-03-29 | dissent | gp2gp
    """
    assert findings(history) == []


def test_so_was_one_that_came_with_the_registration(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
                   | 2017-03-01 | registered
        2015-03-01 | 2017-03-29 | dissent
    """
    assert findings(history) == []


def test_so_was_one_that_the_practice_took_to_another_system(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system
                   | 2014-01-01 | 2014-01-01 | uses systmone |
                   | 2017-03-27 | 2017-03-31 | uses emis     |
        2015-03-01 | 2017-03-25 | 2017-03-31 | dissent       | emis
    """
    assert findings(history) == []


def test_so_was_one_of_which_another_row_was_in_time(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id | practice
        2015-03-01 | 2015-03-02 | dissent | a  | X99901
                   | 2017-03-24 | removed | a  | X99901
        2015-03-01 | 2017-03-25 | dissent | b  | X99902
    """
    assert findings(history) == []


def test_a_delivery_loaded_late_makes_no_late_entry(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry
        2015-03-01 | 2015-03-01 | 2017-03-01 | dissent
    """
    assert findings(history) == []


def test_without_an_entered_time_nobody_can_tell(findings: Findings) -> None:
    history = """
        effective  | entered | known      | entry
        2015-03-01 | none    | 2017-03-01 | dissent
    """
    assert findings(history) == []


def test_a_date_that_is_wrong_itself_makes_no_late_entry(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | born
        1900-01-01 | 2017-03-01 | dissent |
        2006-03-01 | 2017-03-01 | dissent |
        2014-03-01 | 2017-03-01 | dissent | 2015-01-01
        none       | 2017-03-01 | dissent |
    """
    assert findings(history) == []


def test_it_closes_when_the_date_is_corrected(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2016-03-01 | 2017-03-01 | dissent | a
        2017-03-01 | 2017-03-01 | dissent | a
    """
    assert findings(history) == []


def test_it_says_how_many_days_it_was() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-30 | dissent
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.expected == "An entry is made within 28 days of the day it takes effect."
    assert sighting.summary == (
        "The type 1 dissent entered on 30 March 2017 takes effect on 1 March 2017, 29 days before."
    )
