"""CO01: a dissent and a withdrawal of one purpose bear the same date."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO01",)


def test_a_dissent_and_a_withdrawal_of_one_day_are_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice | purpose
        2017-03-01 | 2017-03-01 | dissent    | X99901   | type-2
        2017-03-01 | 2017-03-02 | withdrawal | X99901   | type-2
    """
    assert findings(history) == ["CO01 on lines 1, 2"]


def test_the_two_may_come_from_two_practices(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
        2017-03-01 | 2017-03-02 | withdrawal | X99901
        2017-03-01 | 2017-04-01 | dissent    | X99902
    """
    assert findings(history) == ["CO01 on lines 1, 2"]


def test_every_entry_of_that_day_is_evidence_of_one_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-01 | 2017-03-02 | withdrawal
        2017-03-01 | 2017-03-03 | withdrawal
    """
    assert findings(history) == ["CO01 on lines 1, 2, 3"]


def test_an_undated_dissent_stands_on_the_day_it_was_entered(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        none       | 2017-03-01 | dissent
        2017-03-01 | 2017-03-02 | withdrawal
    """
    assert findings(history) == ["CO01 on lines 1, 2"]


def test_an_answer_of_the_same_date_settles_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-01 | 2017-03-02 | withdrawal
        2017-03-01 | 2017-03-09 | dissent
    """
    assert findings(history) == ["CO01 on lines 1, 2, 3"]


def test_a_later_statement_entered_before_the_conflict_is_no_answer_to_it(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry
        2017-06-01 | 2017-06-01 | dissent
        2017-03-01 | 2017-06-02 | dissent
        2017-03-01 | 2017-06-03 | withdrawal
    """
    assert findings(history) == ["CO01 on lines 2, 3"]


def test_two_days_are_no_conflict(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-02 | 2017-03-02 | withdrawal
    """
    assert findings(history) == []


def test_two_purposes_are_no_conflict(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2017-03-01 | 2017-03-01 | dissent    | type-1
        2017-03-01 | 2017-03-01 | withdrawal | type-2
    """
    assert findings(history) == []


def test_it_closes_when_the_withdrawal_is_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-03-01 | 2017-03-02 | withdrawal | b
                   | 2017-03-09 | removed    | b
    """
    assert findings(history) == []


def test_a_removed_dissent_is_no_conflict_any_more(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-03-01 | 2017-03-02 | withdrawal | b
                   | 2017-03-09 | removed    | a
    """
    assert findings(history) == []


def test_it_closes_when_one_of_the_two_gets_another_date(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-03-01 | 2017-03-02 | withdrawal | b
        2017-03-02 | 2017-03-02 | withdrawal | b
    """
    assert findings(history) == []


def test_it_closes_when_the_patient_has_been_asked_and_the_answer_coded(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-01 | 2017-03-02 | withdrawal
        2017-03-09 | 2017-03-09 | dissent
    """
    assert findings(history) == []


def test_a_code_only_near_a_withdrawal_is_no_conflict(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-01 | 2017-03-02 | near withdrawal
    """
    assert findings(history) == []


def test_a_code_only_near_a_dissent_gives_way_to_a_withdrawal_of_its_day(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | near dissent
        2017-03-01 | 2017-03-02 | withdrawal
    """
    assert findings(history) == []


def test_type_2_codes_that_never_counted_are_no_conflict(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2018-11-01 | 2018-11-01 | dissent    | type-2
        2018-11-01 | 2018-11-02 | withdrawal | type-2
    """
    assert findings(history) == []


def test_the_objection_is_upheld_meanwhile_and_whoever_entered_last_is_asked() -> None:
    history = """
        effective  | entered    | entry      | practice
        2017-03-01 | 2017-03-01 | dissent    | X99901
        2017-03-01 | 2017-04-02 | withdrawal | X99902
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.practice == "X99902"
    assert sighting.since == date(2017, 4, 2)
    assert sighting.key == "type-1|2017-03-01"
    assert sighting.summary == (
        "A type 1 dissent and a withdrawal of it both take effect on 1 March 2017."
    )


def test_it_is_not_called_upheld_where_a_later_withdrawal_ended_both() -> None:
    history = """
        effective  | entered    | entry
        2017-06-01 | 2017-06-01 | withdrawal
        2017-03-01 | 2017-07-01 | dissent
        2017-03-01 | 2017-07-02 | withdrawal
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is False
