"""SH10: one setting, or one organisation on a list, changed three or more times in seven days."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH10",)


def test_three_changes_in_a_week_are_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | auto-share-in off
        2018-03-07 | auto-share-in on
        2018-03-09 | auto-share-in off
    """
    assert findings(history) == ["SH10 on lines 1, 2, 3"]


def test_an_organisation_put_on_and_off_a_list_is_found(findings: Findings) -> None:
    history = """
        entered          | entry
        2018-03-05 09:00 | allowed add X99C1
        2018-03-05 09:10 | allowed remove X99C1
        2018-03-05 17:00 | allowed add X99C1
    """
    assert findings(history) == ["SH10 on lines 1, 2, 3"]


def test_going_on_it_is_the_same_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | share-in-rule verify-all
        2018-03-07 | share-in-rule verify-unlisted
        2018-03-09 | share-in-rule verify-all
        2018-03-13 | share-in-rule none-require-verification
    """
    assert findings(history) == ["SH10 on lines 1, 2, 3, 4"]


def test_months_later_it_is_another(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | auto-share-in off
        2018-03-07 | auto-share-in on
        2018-03-09 | auto-share-in off
        2018-06-05 | auto-share-in on
        2018-06-07 | auto-share-in off
        2018-06-09 | auto-share-in on
    """
    assert findings(history) == ["SH10 on lines 1, 2, 3", "SH10 on lines 4, 5, 6"]


def test_exactly_seven_days_are_within_seven_days(findings: Findings) -> None:
    seven = """
        entered          | entry
        2018-03-05 10:00 | auto-share-in off
        2018-03-07 10:00 | auto-share-in on
        2018-03-12 10:00 | auto-share-in off
    """
    assert findings(seven) == ["SH10 on lines 1, 2, 3"]

    longer = """
        entered          | entry
        2018-03-05 10:00 | auto-share-in off
        2018-03-07 10:00 | auto-share-in on
        2018-03-12 10:01 | auto-share-in off
    """
    assert findings(longer) == []


def test_two_settings_together_are_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | auto-share-in off
        2018-03-06 | auto-share-out off
        2018-03-07 | auto-share-in on
        2018-03-08 | auto-share-out on
    """
    assert findings(history) == []


def test_drawing_up_a_list_is_no_flapping(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | allowed add X99C1
        2018-03-05 | allowed add X99C2
        2018-03-05 | allowed add X99C3
        2018-03-06 | prohibited add X99C4
    """
    assert findings(history) == []


def test_the_same_value_told_again_is_no_change(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | auto-share-in off
        2018-03-06 | auto-share-in off
        2018-03-07 | auto-share-in on
    """
    assert findings(history) == []


def test_share_ins_are_no_setting_of_the_practices(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | share-in verified X99C1
        2018-03-06 | share-in ended X99C1
        2018-03-07 | share-in verified X99C1
    """
    assert findings(history) == []


def test_it_closes_when_the_practice_says_it_has_looked(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | auto-share-in off
        2018-03-07 | auto-share-in on
        2018-03-09 | auto-share-in off
        2018-03-20 | SH10 reviewed
    """
    assert findings(history) == []


def test_changed_again_after_the_practice_looked_it_is_open_again(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | auto-share-in off
        2018-03-07 | auto-share-in on
        2018-03-09 | auto-share-in off
        2018-03-10 | SH10 reviewed
        2018-03-12 | auto-share-in on
    """
    assert findings(history) == ["SH10 on lines 1, 2, 3, 5"]


def test_it_says_what_how_often_and_when() -> None:
    history = """
        entered    | entry
        2018-03-05 | prohibited add X99C1
        2018-03-07 | prohibited remove X99C1
        2018-03-09 | prohibited add X99C1
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2018, 3, 9)
    assert sighting.summary == (
        "X99C1 on the prohibited list was changed 3 times, 5 March 2018 to 9 March 2018."
    )
