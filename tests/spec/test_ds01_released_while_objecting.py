"""DS01: a patient's data left although they objected, whether or not anyone knew then."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("DS01",)


def test_an_objection_that_was_known_is_found_released(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose
        2016-04-01 | 2016-04-01 | dissent  | type-2
                   | 2016-04-20 | released | type-2
    """
    assert findings(history) == ["DS01 on lines 1, 2"]


def test_so_is_one_that_became_known_only_afterwards(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry    | purpose
                   | 2016-04-20 |            | released | type-2
        2016-04-01 | 2016-04-01 | 2016-06-30 | dissent  | type-2
    """
    assert findings(history) == ["DS01 on lines 1, 2"]


def test_so_is_one_that_was_entered_only_afterwards_and_meant_before(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose
                   | 2016-04-20 | released | type-1
        2016-04-01 | 2016-05-02 | dissent  | type-1
    """
    assert findings(history) == ["DS01 on lines 1, 2"]


def test_each_release_is_found_for_itself(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose
        2016-04-01 | 2016-04-01 | dissent  | type-2
                   | 2016-04-20 | released | type-2
                   | 2016-07-20 | released | type-2
    """
    assert findings(history) == ["DS01 on lines 1, 2", "DS01 on lines 1, 3"]


def test_a_later_withdrawal_makes_the_release_no_better(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-04-01 | 2016-04-01 | dissent    | type-2
                   | 2016-04-20 | released   | type-2
        2016-05-01 | 2016-05-01 | withdrawal | type-2
    """
    assert findings(history) == ["DS01 on lines 1, 2"]


def test_a_dissent_deleted_before_the_release_still_stands(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose | id
        2016-04-01 | 2016-04-01 | dissent  | type-1  | a
                   | 2016-04-10 | removed  |         | a
                   | 2016-04-20 | released | type-1  |
    """
    assert findings(history) == ["DS01 on lines 1, 3"]


def test_entered_in_the_morning_it_was_released_in_the_afternoon(findings: Findings) -> None:
    history = """
        effective  | entered          | entry    | purpose
        2016-04-20 | 2016-04-20 09:00 | dissent  | type-1
                   | 2016-04-20 17:00 | released | type-1
    """
    assert findings(history) == ["DS01 on lines 1, 2"]


def test_entered_in_the_afternoon_it_was_released_in_the_morning(findings: Findings) -> None:
    history = """
        effective  | entered          | entry    | purpose
                   | 2016-04-20 09:00 | released | type-1
        2016-04-20 | 2016-04-20 17:00 | dissent  | type-1
    """
    assert findings(history) == []


def test_withdrawn_before_the_release_there_was_nothing_to_uphold(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-04-01 | 2016-04-01 | dissent    | type-2
        2016-04-10 | 2016-04-10 | withdrawal | type-2
                   | 2016-04-20 | released   | type-2
    """
    assert findings(history) == []


def test_meant_from_after_the_release_it_came_too_late(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose
                   | 2016-04-20 | released | type-2
        2016-04-21 | 2016-04-21 | dissent  | type-2
    """
    assert findings(history) == []


def test_an_objection_to_something_else_was_not_touched(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose
        2016-04-01 | 2016-04-01 | dissent  | type-1
                   | 2016-04-20 | released | type-2
    """
    assert findings(history) == []


def test_a_release_without_the_patient_is_none_of_theirs(findings: Findings) -> None:
    history = """
        effective  | entered    | entry           | purpose
        2016-04-01 | 2016-04-01 | dissent         | type-2
                   | 2016-04-20 | released others | type-2
    """
    assert findings(history) == []


def test_a_record_that_was_withheld_is_no_objection(findings: Findings) -> None:
    history = """
        effective | entered    | entry    | purpose
                  | 2016-04-01 | withheld |
                  | 2016-04-20 | released | type-1
    """
    assert findings(history) == []


def test_a_receipt_attached_later_is_no_second_release(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry    | purpose | id | receipt
        2016-04-01 | 2016-04-01 |            | dissent  | type-2  |    |
                   | 2016-04-20 |            | released | type-2  | a  |
                   | 2016-04-20 | 2016-05-01 | released | type-2  | a  | c1
    """
    assert findings(history) == ["DS01 on lines 1, 2"]


def test_it_closes_when_the_row_says_another_day(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry    | purpose | id
                   | 2016-04-20 |            | released | type-1  |
        2016-04-01 | 2016-05-02 |            | dissent  | type-1  | a
        2016-05-01 | 2016-05-02 | 2016-06-30 | dissent  | type-1  | a
    """
    assert findings(history) == []


def test_it_closes_when_a_withdrawal_from_before_the_release_becomes_known(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
        2016-04-01 | 2016-04-01 |            | dissent    | type-1
        | 2016-04-20 |            | released   | type-1
        2016-04-10 | 2016-04-10 | 2016-05-20 | withdrawal | type-1
    """
    assert findings(history) == []


def test_it_does_not_close_when_the_patient_withdraws_afterwards(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-04-01 | 2016-04-01 | dissent    | type-1
        | 2016-04-20 | released   | type-1
        2016-05-20 | 2016-05-20 | withdrawal | type-1
    """
    assert findings(history) == ["DS01 on lines 1, 2"]


def test_it_says_since_when_and_to_whom() -> None:
    history = """
        effective  | entered    | entry    | purpose
        2016-04-01 | 2016-04-03 | dissent  | type-2
                   | 2016-04-20 | released | type-2
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2016, 4, 20)
    assert sighting.practice == "X99901"
    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The patient's data was in the release of 20 April 2016 to R 2, and they had objected "
        "(type 2) since 1 April 2016."
    )
