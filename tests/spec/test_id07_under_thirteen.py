"""ID07: the patient was under thirteen when the entry was made."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("ID07",)


def test_an_entry_made_for_a_child_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | child
        2017-03-01 | 2017-03-01 | dissent | yes
    """
    assert findings(history) == ["ID07 on line 1"]


def test_so_is_a_withdrawal(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | child
        2017-03-01 | 2017-03-01 | withdrawal | yes
    """
    assert findings(history) == ["ID07 on line 1"]


def test_each_entry_is_a_finding_of_its_own(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose | child
        2017-03-01 | 2017-03-01 | dissent | type-1  | yes
        2017-03-01 | 2017-03-01 | dissent | type-2  | yes
    """
    assert findings(history) == ["ID07 on line 1", "ID07 on line 2"]


def test_an_entry_made_from_thirteen_on_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | child
        2017-03-01 | 2017-03-01 | dissent |
    """
    assert findings(history) == []


def test_a_deleted_entry_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | child | id
        2017-03-01 | 2017-03-01 | dissent | yes   | a
                   | 2017-04-01 | removed |       | a
    """
    assert findings(history) == []


def test_it_closes_when_the_entry_comes_again_with_a_day_on_which_the_patient_was_old_enough(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | known      | entry   | child | id
        2015-03-01 | 2015-03-01 |            | dissent | yes   | a
        2018-03-01 | 2018-03-01 | 2018-03-02 | dissent |       | a
    """
    assert findings(history) == []


def test_the_summary_says_what_was_made_and_that_it_counts() -> None:
    history = """
        effective  | entered    | entry   | child
        2017-03-01 | 2017-03-01 | dissent | yes
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "At the type 1 dissent entered on 1 March 2017 the patient was under thirteen."
    )
