"""CO08: the words of an entry say the opposite of its code."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO08",)


def test_a_withdrawal_whose_term_says_dissent_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | term says
        2017-03-01 | 2017-03-01 | dissent    |
        2017-06-01 | 2017-06-01 | withdrawal | dissent
    """
    assert findings(history) == ["CO08 on line 2"]


def test_a_dissent_whose_term_says_withdrawn_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | term says
        2017-03-01 | 2017-03-01 | dissent | withdrawal
    """
    assert findings(history) == ["CO08 on line 1"]


def test_a_type_2_is_found_too(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | term says
        2017-03-01 | 2017-03-01 | withdrawal | type-2  | dissent
    """
    assert findings(history) == ["CO08 on line 1"]


def test_each_entry_is_found_by_itself(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice | term says
        2017-03-01 | 2017-03-01 | withdrawal | X99901   | dissent
        2017-04-01 | 2017-04-01 | withdrawal | X99902   | dissent
    """
    assert findings(history) == ["CO08 on line 1", "CO08 on line 2"]


def test_dismissing_the_finding_of_another_rule_changes_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry          | id | term says
        2017-03-01 | 2017-03-01 | withdrawal     | a  | dissent
                   | 2017-03-09 | CO07 dismissed | a  |
    """
    assert findings(history) == ["CO08 on line 1"]


def test_an_entry_whose_term_says_what_its_code_says_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-06-01 | 2017-06-01 | withdrawal
    """
    assert findings(history) == []


def test_it_closes_when_the_row_is_corrected(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id | term says
        2017-03-01 | 2017-03-01 | withdrawal | a  | dissent
        2017-03-01 | 2017-03-09 | withdrawal | a  |
    """
    assert findings(history) == []


def test_it_closes_when_the_row_is_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id | term says
        2017-03-01 | 2017-03-01 | withdrawal | a  | dissent
                   | 2017-03-09 | removed    | a  |
    """
    assert findings(history) == []


def test_it_is_over_when_the_practice_dismisses_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry          | id | term says
        2017-03-01 | 2017-03-01 | withdrawal     | a  | dissent
                   | 2017-03-09 | CO08 dismissed | a  |
    """
    assert findings(history) == []


def test_the_patient_is_taken_to_object_meanwhile() -> None:
    history = """
        effective  | entered    | entry      | term says
        2017-03-01 | 2017-03-02 | withdrawal | dissent
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The type 1 withdrawal entered on 2 March 2017 is coded 'XaZ8A', and its term says that it "
        "is a dissent."
    )
