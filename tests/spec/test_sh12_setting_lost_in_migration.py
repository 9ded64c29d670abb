"""SH12: a sharing setting that stood before a change of clinical system has no successor."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH12",)


def test_a_setting_that_was_not_set_again_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | uses systmone
        2018-03-19 | share-in-rule verify-unlisted
        2018-06-01 | uses emis-web
    """
    assert findings(history, today="2018-07-01") == ["SH12 on lines 2, 3"]


def test_each_setting_is_a_finding_of_its_own_and_a_list_is_one(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | uses systmone
        2018-03-19 | auto-share-out off
        2018-03-19 | auto-share-in off
        2018-03-19 | allowed add X99C1
        2018-03-19 | allowed add X99C2
        2018-03-19 | prohibited add X99C3
        2018-06-01 | uses vision
    """
    assert findings(history, today="2018-07-01") == [
        "SH12 on lines 2, 7",
        "SH12 on lines 3, 7",
        "SH12 on lines 4, 5, 7",
        "SH12 on lines 6, 7",
    ]


def test_set_again_it_has_a_successor_whatever_it_says(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | uses systmone
        2018-03-19 | auto-share-in off
        2018-03-19 | allowed add X99C1
        2018-06-01 | uses emis-web
        2018-06-04 | auto-share-in on
        2018-06-05 | allowed add X99C2
    """
    assert findings(history, today="2018-07-01") == []


def test_a_week_is_left_for_it(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | uses systmone
        2018-03-19 | auto-share-in off
        2018-06-01 | uses emis-web
    """
    assert findings(history, today="2018-06-07") == []
    assert findings(history, today="2018-06-08") == ["SH12 on lines 2, 3"]


def test_set_again_since_the_old_system_was_last_heard_from_it_has_a_successor(
    findings: Findings,
) -> None:
    history = """
        entered          | entry                      | system
        2014-01-06       | uses emis-web              |
        2018-03-19       | share-in-rule verify-all   |
        2018-03-19       | allowed add X99C1          |
        2018-04-30       | bulk                       | emis-web
        2018-05-16       | share-in-rule verify-all   |
        2018-05-16       | allowed add X99C1          |
        2018-06-30       | uses systmone              |
        2018-06-30       | bulk                       | systmone
    """
    assert findings(history, today="2018-07-31") == []


def test_what_was_set_before_the_old_system_was_last_heard_from_is_the_old_ones(
    findings: Findings,
) -> None:
    history = """
        entered          | entry                    | system
        2014-01-06       | uses emis-web            |
        2018-03-19       | auto-share-in off        |
        2018-04-30 09:59 | auto-share-in on         |
        2018-04-30 10:00 | bulk                     | emis-web
        2018-06-30       | uses systmone            |
    """
    assert findings(history, today="2018-07-31") == ["SH12 on lines 3, 5"]


def test_an_older_delivery_that_comes_late_does_not_say_that_less_was_heard(
    findings: Findings,
) -> None:
    history = """
        entered    | known      | entry             | system
        2014-01-06 | 2014-01-06 | uses emis-web     |
        2018-04-30 | 2018-04-30 | auto-share-in off |
        2018-05-31 | 2018-05-31 | bulk              | emis-web
        2018-03-31 | 2018-06-02 | bulk              | emis-web
        2018-06-30 | 2018-06-30 | uses systmone     |
    """
    assert findings(history, today="2018-07-31") == ["SH12 on lines 2, 5"]


def test_the_first_system_that_is_known_is_no_change(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | auto-share-in on
        2018-06-01 | uses systmone
    """
    assert findings(history, today="2018-07-01") == []


def test_an_empty_list_is_not_missed(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | uses systmone
        2018-03-19 | allowed add X99C1
        2018-03-26 | allowed remove X99C1
        2018-06-01 | uses emis-web
    """
    assert findings(history, today="2018-07-01") == []


def test_an_emis_agreement_has_no_counterpart_elsewhere(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | uses emis-web
        2014-01-06 | agreement enabled
        2018-06-01 | uses systmone
    """
    assert findings(history, today="2018-07-01") == []


def test_it_closes_when_the_setting_is_told_again_however_late(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | uses systmone
        2018-03-19 | auto-share-in off
        2018-03-19 | allowed add X99C1
        2018-06-01 | uses emis-web
        2018-06-20 | auto-share-in on
        2018-06-21 | allowed add X99C2
    """
    assert findings(history, today="2018-07-01") == []


def test_it_does_not_close_when_another_setting_is_told(findings: Findings) -> None:
    history = """
        entered    | entry
        2014-01-06 | uses systmone
        2018-03-19 | auto-share-in off
        2018-06-01 | uses emis-web
        2018-06-20 | auto-share-out off
    """
    assert findings(history, today="2018-07-01") == ["SH12 on lines 2, 3"]


def test_it_says_what_was_lost_and_when_it_was_missed() -> None:
    history = """
        entered    | entry
        2014-01-06 | uses systmone
        2018-03-19 | share-in-rule verify-all
        2018-06-01 | uses emis-web
    """
    ((_, sighting),) = judged(history, *RULES, today="2018-07-01")

    assert (sighting.since, sighting.by_the_day) == (date(2018, 6, 8), True)
    assert sighting.summary == (
        'The setting share-in-rule, which was "verify-all", has not been set again since the '
        "practice moved to EMIS Web on 1 June 2018."
    )
