"""CO02: a withdrawal stands, and nothing was recorded before it that it could withdraw."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO02",)


def test_a_withdrawal_with_nothing_before_it_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | withdrawal
    """
    assert findings(history) == ["CO02 on line 1"]


def test_a_dissent_both_dated_and_entered_later_explains_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | withdrawal
        2017-05-01 | 2017-05-01 | dissent
    """
    assert findings(history) == ["CO02 on line 1"]


def test_a_dissent_of_another_purpose_explains_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2017-02-01 | 2017-02-01 | dissent    | type-2
        2017-03-01 | 2017-03-01 | withdrawal | type-1
    """
    assert findings(history) == ["CO02 on line 2"]


def test_a_dissent_of_another_delivery_is_too_late(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | delivery
        2017-03-01 | 2017-03-01 | withdrawal | monday
        2017-05-01 | 2017-05-01 | dissent    | tuesday
    """
    assert findings(history) == ["CO02 on line 1"]


def test_a_dissent_before_it_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2016-03-01 | 2016-03-01 | dissent
        2017-03-01 | 2017-03-01 | withdrawal
    """
    assert findings(history) == []


def test_a_dissent_at_another_practice_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
        2016-03-01 | 2016-03-01 | dissent    | X99901
        2017-03-01 | 2017-03-01 | withdrawal | X99902
    """
    assert findings(history) == []


def test_a_dissent_entered_later_but_dated_before_it_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | withdrawal
        2016-03-01 | 2017-05-01 | dissent
    """
    assert findings(history) == []


def test_a_dissent_dated_later_but_entered_before_it_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-04-01 | 2017-04-01 | dissent
        2017-03-01 | 2017-05-01 | withdrawal
    """
    assert findings(history) == []


def test_a_dissent_of_the_same_day_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-04-01 | withdrawal
        2017-03-01 | 2017-05-01 | dissent
    """
    assert findings(history) == []


def test_a_dissent_of_the_same_delivery_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | delivery
        2017-03-01 | 2017-03-01 | withdrawal | monday
        2017-05-01 | 2017-05-01 | dissent    | monday
    """
    assert findings(history) == []


def test_a_removed_dissent_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2016-03-01 | 2016-03-01 | dissent    | a
                   | 2016-04-01 | removed    | a
        2017-03-01 | 2017-03-01 | withdrawal | b
    """
    assert findings(history) == []


def test_a_row_that_was_a_dissent_once_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2016-03-01 | 2016-03-01 | dissent    | a
        2017-03-01 | 2017-03-01 | withdrawal | a
    """
    assert findings(history) == []


def test_a_type_2_dissent_that_never_counted_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2018-06-01 | 2018-11-01 | dissent    | type-2
        2018-07-01 | 2018-09-01 | withdrawal | type-2
    """
    assert findings(history) == []


def test_a_code_near_a_dissent_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2016-03-01 | 2016-03-01 | near dissent
        2017-03-01 | 2017-03-01 | withdrawal
    """
    assert findings(history) == []


def test_it_closes_when_the_withdrawal_is_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | withdrawal | a
                   | 2017-03-09 | removed    | a
    """
    assert findings(history) == []


def test_a_withdrawal_that_does_not_count_is_not_judged(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2018-03-01 | 2017-03-01 | withdrawal
        2017-03-01 | 2017-03-01 | near withdrawal
    """
    assert findings(history) == []


def test_a_withdrawal_alone_is_no_objection_to_uphold() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-02 | withdrawal
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is False
    assert sighting.summary == (
        "There is a type 1 withdrawal entered on 2 March 2017, and no type 1 dissent before it."
    )
