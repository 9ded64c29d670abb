"""CO03: a withdrawal bears a date before the dissent, but was entered after it."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO03",)


def test_a_withdrawal_dated_before_the_dissent_and_entered_after_it_is_found(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-02-01 | 2017-05-01 | withdrawal
    """
    assert findings(history) == ["CO03 on lines 1, 2"]


def test_on_one_day_the_time_tells_which_was_entered_last(findings: Findings) -> None:
    history = """
        effective  | entered          | entry
        2017-03-01 | 2017-03-01 09:00 | dissent
        2017-02-01 | 2017-03-01 09:01 | withdrawal
    """
    assert findings(history) == ["CO03 on lines 1, 2"]


def test_another_practice_may_have_entered_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
        2017-03-01 | 2017-03-01 | dissent    | X99901
        2017-02-01 | 2017-05-01 | withdrawal | X99902
    """
    assert findings(history) == ["CO03 on lines 1, 2"]


def test_what_a_newly_registered_patient_said_may_be_back_dated_too(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
                   | 2017-02-20 | registered
        2017-03-10 | 2017-03-10 | dissent
        2017-03-01 | 2017-03-11 | withdrawal
    """
    assert findings(history) == ["CO03 on lines 2, 3"]


def test_a_withdrawal_dated_after_the_dissent_ends_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-04-01 | 2017-05-01 | withdrawal
    """
    assert findings(history) == []


def test_one_entered_before_the_dissent_is_in_order(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2016-01-01 | 2016-01-01 | dissent
        2017-02-01 | 2017-02-01 | withdrawal
        2017-03-01 | 2017-03-01 | dissent
    """
    assert findings(history) == []


def test_without_times_one_day_does_not_tell_which_was_last(findings: Findings) -> None:
    history = """
        effective  | entered | known      | entry
        2017-03-01 | none    | 2017-03-02 | dissent
        2017-02-01 | none    | 2017-03-02 | withdrawal
    """
    assert findings(history) == []


def test_two_purposes_have_nothing_to_do_with_each_other(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2017-03-01 | 2017-03-01 | dissent    | type-1
        2017-02-01 | 2017-05-01 | withdrawal | type-2
    """
    assert findings(history) == []


def test_it_closes_when_a_withdrawal_with_a_later_date_is_coded(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-02-01 | 2017-05-01 | withdrawal
        2017-05-01 | 2017-05-09 | withdrawal
    """
    assert findings(history) == []


def test_it_closes_when_the_date_is_corrected(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-02-01 | 2017-05-01 | withdrawal | b
        2017-05-01 | 2017-05-01 | withdrawal | b
    """
    assert findings(history) == []


def test_a_withdrawal_that_came_with_a_transferred_record_was_not_entered_late(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | practice
        2017-03-01 | 2017-03-01 | dissent    | X99901
                   | 2018-01-10 | registered | X99902
        2016-02-01 | 2018-01-20 | withdrawal | X99902
    """
    assert findings(history) == []


def test_a_withdrawal_marked_as_transferred_was_not_entered_late(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice | route
        2017-03-01 | 2017-03-01 | dissent    | X99901   |
        2016-02-01 | 2018-01-20 | withdrawal | X99902   | gp2gp
    """
    assert findings(history) == []


def test_a_copy_of_a_withdrawal_known_before_the_dissent_was_not_entered_late(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | practice
        2015-02-01 | 2015-02-01 | dissent    | X99901
        2016-02-01 | 2016-02-01 | withdrawal | X99901
        2017-03-01 | 2017-03-01 | dissent    | X99901
        2016-02-01 | 2018-06-20 | withdrawal | X99902
    """
    assert findings(history) == []


def test_the_objection_is_upheld_meanwhile() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-02-01 | 2017-05-01 | withdrawal
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The type 1 withdrawal entered on 1 May 2017 takes effect on 1 February 2017, before "
        "the dissent of 1 March 2017 that was entered first."
    )
