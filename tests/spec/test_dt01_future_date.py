"""DT01: an entry takes effect after the day it was entered."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("DT01",)


def test_a_date_two_days_after_it_was_entered_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-03 | 2017-03-01 | dissent
    """
    assert findings(history) == ["DT01 on line 1"]


def test_so_is_a_withdrawal_to_come(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2071-03-03 | 2017-03-02 | withdrawal
    """
    assert findings(history) == ["DT01 on line 2"]


def test_it_does_not_close_because_the_day_has_come(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-04-01 | 2017-03-01 | dissent
    """
    assert findings(history, today="2018-01-01") == ["DT01 on line 1"]


def test_one_day_is_a_night_shift(findings: Findings) -> None:
    history = """
        effective  | entered          | entry
        2017-03-02 | 2017-03-01 23:55 | dissent
    """
    assert findings(history) == []


def test_a_date_in_the_past_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-02-01 | 2017-03-01 | dissent
    """
    assert findings(history) == []


def test_it_closes_when_the_date_is_corrected(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2071-03-01 | 2017-03-01 | dissent | a
        2017-03-01 | 2017-03-01 | dissent | a
    """
    assert findings(history) == []


def test_it_closes_when_the_entry_is_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2071-03-01 | 2017-03-01 | dissent | a
                   | 2017-03-09 | removed | a
    """
    assert findings(history) == []


def test_a_dissent_is_upheld_from_the_day_it_was_entered() -> None:
    history = """
        effective  | entered    | entry
        2071-03-03 | 2017-03-01 | dissent
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The type 1 dissent entered on 1 March 2017 takes effect only on 3 March 2071. It counts "
        "from the day it was entered."
    )


def test_a_withdrawal_to_come_leaves_the_objection_upheld() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-09 | 2017-03-02 | withdrawal
    """
    ((_, sighting),) = judged(history, *RULES, today="2018-01-01")

    assert sighting.upheld_meanwhile is True
    assert sighting.summary.endswith("It does not count.")
