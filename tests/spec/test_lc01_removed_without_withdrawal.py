"""LC01: a dissent was deleted from the record, and nothing says that the patient agreed."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("LC01",)


def test_a_dissent_removed_without_a_withdrawal_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2017-03-01 | 2017-03-01 | dissent | a
                   | 2017-05-01 | removed | a
    """
    assert findings(history) == ["LC01 on lines 1, 2"]


def test_a_withdrawal_of_an_earlier_date_does_not_end_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2016-01-01 | 2016-01-01 | withdrawal | a
        2017-03-01 | 2017-03-01 | dissent    | b
                   | 2017-05-01 | removed    | b
    """
    assert findings(history) == ["LC01 on lines 2, 3"]


def test_a_withdrawal_of_another_purpose_does_not_end_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | id
        2017-03-01 | 2017-03-01 | dissent    | type-1  | a
        2017-04-01 | 2017-04-01 | withdrawal | type-2  | b
                   | 2017-05-01 | removed    |         | a
    """
    assert findings(history) == ["LC01 on lines 1, 3"]


def test_a_removed_or_merely_similar_withdrawal_does_not_end_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry           | id
        2017-03-01 | 2017-03-01 | dissent         | a
        2017-04-01 | 2017-04-01 | withdrawal      | b
        2017-04-02 | 2017-04-02 | near withdrawal | c
                   | 2017-05-01 | removed         | a
                   | 2017-05-01 | removed         | b
    """
    assert findings(history) == ["LC01 on lines 1, 4"]


def test_a_dissent_of_another_delivery_does_not_replace_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id | delivery
        2017-03-01 | 2017-03-01 | dissent | a  | january
                   | 2017-05-01 | removed | a  | february
        2017-06-01 | 2017-06-01 | dissent | b  | march
    """
    assert findings(history) == ["LC01 on lines 1, 2"]


def test_a_dissent_of_another_purpose_does_not_replace_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose | id | delivery
        2017-03-01 | 2017-03-01 | dissent | type-1  | a  | january
                   | 2017-05-01 | removed |         | a  | february
        2017-05-01 | 2017-05-01 | dissent | type-2  | b  | february
    """
    assert findings(history) == ["LC01 on lines 1, 2"]


def test_a_code_near_a_dissent_may_be_lost_too(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | id
        2017-03-01 | 2017-03-01 | near dissent | a
                   | 2017-05-01 | removed      | a
    """
    assert findings(history) == ["LC01 on lines 1, 2"]


def test_a_withdrawal_of_the_same_day_ends_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
                   | 2017-05-01 | removed    | a
        2017-03-01 | 2017-05-02 | withdrawal | b
    """
    assert findings(history) == []


def test_a_withdrawal_coded_before_the_removal_had_ended_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-04-01 | 2017-04-01 | withdrawal | b
                   | 2017-05-01 | removed    | a
    """
    assert findings(history) == []


def test_a_dissent_of_the_same_delivery_replaces_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id | delivery
        2017-03-01 | 2017-03-01 | dissent | a  | january
                   | 2017-05-01 | removed | a  | february
        2017-03-01 | 2017-05-01 | dissent | b  | february
    """
    assert findings(history) == []


def test_a_changed_row_is_not_a_removed_one(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2017-03-01 | 2017-03-01 | dissent | a
        2017-03-02 | 2017-03-01 | dissent | a
    """
    assert findings(history) == []


def test_a_removed_withdrawal_is_nothing_to_find(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-04-01 | 2017-04-01 | withdrawal | b
                   | 2017-05-01 | removed    | b
    """
    assert findings(history) == []


def test_a_type_2_code_that_never_counted_may_be_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose | id
        2018-12-01 | 2018-12-01 | dissent | type-2  | a
                   | 2019-01-01 | removed |         | a
    """
    assert findings(history) == []


def test_it_is_over_when_the_practice_dismisses_it_as_entered_in_error(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | dissent        | a
                   | 2017-05-01 | removed        | a
                   | 2017-05-09 | LC01 dismissed | a
    """
    assert findings(history) == []


def test_it_is_found_again_once_the_practice_takes_its_dismissal_back(findings: Findings) -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | dissent        | a
                   | 2017-05-01 | removed        | a
                   | 2017-05-09 | LC01 dismissed | a
                   | 2017-05-10 | LC01 reopened  | a
    """
    assert findings(history) == ["LC01 on lines 1, 2"]


def test_it_closes_when_the_dissent_is_restored(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id | delivery
        2017-03-01 | 2017-03-01 | dissent | a  | january
                   | 2017-05-01 | removed | a  | february
        2017-03-01 | 2017-05-09 | dissent | a  | march
    """
    assert findings(history) == []


def test_removing_one_of_two_rows_of_one_dissent_loses_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id | code system
        2017-03-01 | 2017-03-01 | dissent | a  | ctv3
        2017-03-01 | 2018-05-01 | dissent | b  | snomed-ct
                   | 2018-06-01 | removed | a  |
    """
    assert findings(history) == []


def test_the_same_dissent_at_another_practice_does_not_restore_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id | practice
        2017-03-01 | 2017-03-01 | dissent | a  | X99901
        2017-03-01 | 2018-05-01 | dissent | b  | X99902
                   | 2018-06-01 | removed | a  | X99901
    """
    assert findings(history) == ["LC01 on lines 1, 3"]


def test_it_closes_when_a_withdrawal_is_coded_afterwards(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2016-03-01 | 2016-03-01 | dissent    | a
        | 2016-04-01 | removed    | a
        2016-03-01 | 2016-05-01 | withdrawal |
    """
    assert findings(history) == []


def test_the_objection_is_upheld_meanwhile() -> None:
    history = """
        effective  | entered    | entry   | id
        2017-03-01 | 2017-03-01 | dissent | a
                   | 2017-05-01 | removed | a
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.since == date(2017, 5, 1)
    assert sighting.summary == (
        "The type 1 dissent entered on 1 March 2017 was gone from the practice's record on "
        "1 May 2017, and no withdrawal was coded."
    )
