"""SH03: any organisation may open a share-in, and nothing verifies that patients agree."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH03",)


def test_never_touched_it_is_found_90_days_after_it_could_be(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | uses systmone
    """
    assert findings(history, today="2018-05-30") == ["SH03 on line 1"]


def test_set_so_it_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | uses systmone
        2018-03-02 | share-in-rule none-require-verification
    """
    assert findings(history, today="2018-05-30") == ["SH03 on line 2"]


def test_set_so_it_is_found_whatever_system_the_practice_uses(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | uses emis-web
        2018-03-02 | share-in-rule none-require-verification
    """
    assert findings(history, today="2018-05-30") == ["SH03 on line 2"]


def test_set_back_it_is_found_again(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-02 | share-in-rule verify-all
        2018-09-01 | share-in-rule none-require-verification
    """
    assert findings(history) == ["SH03 on line 2"]


def test_on_the_89th_day_there_is_still_time(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | uses systmone
    """
    assert findings(history, today="2018-05-29") == []


def test_it_closes_when_verification_is_required(findings: Findings) -> None:
    of_the_unlisted = """
        entered    | entry
        2015-01-01 | uses systmone
        2018-06-01 | share-in-rule verify-unlisted
    """
    assert findings(of_the_unlisted) == []

    of_all = """
        entered    | entry
        2015-01-01 | uses systmone
        2018-06-01 | share-in-rule verify-all
    """
    assert findings(of_all) == []


def test_only_systmone_has_a_rule_to_leave_untouched(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | uses emis-web
        2018-03-02 | auto-share-in off
    """
    assert findings(history, today="2018-06-01") == []


def test_a_practice_that_left_systmone_left_its_rule_behind(findings: Findings) -> None:
    history = """
        entered    | entry
        2015-01-01 | uses systmone
        2018-05-01 | uses emis-web
    """
    assert findings(history, today="2018-06-01") == []


def test_since_is_the_90th_day_or_the_day_it_was_set_so() -> None:
    untouched = """
        entered    | entry
        2015-01-01 | uses systmone
    """
    ((_, by_the_day),) = judged(untouched, *RULES, today="2018-07-01")
    set_so = """
        entered    | entry
        2018-06-15 | share-in-rule none-require-verification
    """
    ((_, by_a_change),) = judged(set_so, *RULES, today="2018-07-01")

    assert (by_the_day.since, by_the_day.by_the_day) == (date(2018, 5, 30), True)
    assert (by_a_change.since, by_a_change.by_the_day) == (date(2018, 6, 15), False)
    assert by_the_day.summary == (
        'The share-in rule was never changed from "No Organisations Require Verification".'
    )
    assert by_a_change.summary == (
        'The share-in rule is set to "No Organisations Require Verification".'
    )
