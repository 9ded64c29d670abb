"""SH01: SystmOne records by itself that patients agree to share-out."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH01",)


def test_switched_on_since_25_may_2018_it_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-05-25 | auto-share-out on
    """
    assert findings(history, today="2018-05-25") == ["SH01 on line 1"]


def test_left_on_it_becomes_wrong_when_the_day_comes(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | auto-share-out on
    """
    assert findings(history, today="2018-05-25") == ["SH01 on line 1"]


def test_switched_on_again_it_is_found_again(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | auto-share-out on
        2018-05-01 | auto-share-out off
        2018-09-01 | auto-share-out on
    """
    assert findings(history) == ["SH01 on line 3"]


def test_switched_on_twice_it_is_one_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | auto-share-out on
        2018-09-01 | auto-share-out on
    """
    assert findings(history) == ["SH01 on lines 1, 2"]


def test_before_25_may_2018_it_is_not_judged(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | auto-share-out on
    """
    assert findings(history, today="2018-05-24") == []


def test_it_closes_when_it_is_switched_off(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | auto-share-out on
        2018-06-01 | auto-share-out off
    """
    assert findings(history) == []


def test_never_set_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | uses systmone
    """
    assert findings(history, today="2018-06-01") == []


def test_the_other_direction_is_another_rule(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | auto-share-in on
    """
    assert findings(history, today="2018-06-01") == []


def test_a_change_that_becomes_known_late_holds_from_the_day_it_was_made(
    findings: Findings,
) -> None:
    history = """
        entered    | known      | entry
        2018-06-01 | 2018-06-01 | auto-share-out off
        2015-01-01 | 2018-07-01 | auto-share-out on
    """
    assert findings(history) == []


def test_since_is_the_day_it_became_wrong_or_the_day_it_was_switched_on() -> None:
    long_on = """
        entered    | entry
        2015-01-01 | auto-share-out on
    """
    ((_, by_the_day),) = judged(long_on, *RULES, today="2018-07-01")
    switched_on = """
        entered    | entry
        2018-06-01 | auto-share-out on
    """
    ((_, by_a_change),) = judged(switched_on, *RULES, today="2018-07-01")

    assert (by_the_day.since, by_the_day.by_the_day) == (date(2018, 5, 25), True)
    assert (by_a_change.since, by_a_change.by_the_day) == (date(2018, 6, 1), False)
    assert by_a_change.upheld_meanwhile is None
    assert by_a_change.summary == (
        "Share-out is recorded automatically, without asking the patient, and has been since "
        "1 June 2018."
    )
