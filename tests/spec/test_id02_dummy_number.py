"""ID02: an entry came with an NHS number that can be nobody's."""

import pytest

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("ID02",)


def test_an_entry_with_a_dummy_for_a_number_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | number
                   | 2017-02-28 | delivery |
        2017-03-01 | 2017-03-01 | dissent  | dummy
    """
    assert findings(history) == ["ID02 on line 2"]


def test_a_number_kept_for_tests_is_found_where_patients_are_real(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | number
                   | 2017-02-28 | delivery   |
        2017-03-01 | 2017-03-01 | withdrawal | synthetic
    """
    assert findings(history) == ["ID02 on line 2"]


def test_each_entry_is_a_finding_of_its_practice(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | practice | number | patient
                   | 2017-02-28 | delivery | X99901   |        |
                   | 2017-02-28 | delivery | X99902   |        |
        2017-03-01 | 2017-03-01 | dissent  | X99901   | dummy  | a
        2017-03-02 | 2017-03-02 | dissent  | X99901   | dummy  | b
        2017-03-03 | 2017-03-03 | dissent  | X99902   | dummy  | a
    """
    assert findings(history) == ["ID02 on line 3", "ID02 on line 4", "ID02 on line 5"]


def test_a_changed_row_is_still_the_same_entry(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | number | id
                   | 2017-02-28 | delivery |        |
        2017-03-01 | 2017-03-01 | dissent  | dummy  | a
        2017-03-02 | 2017-03-01 | dissent  | dummy  | a
    """
    assert findings(history) == ["ID02 on line 3"]


def test_a_number_that_may_be_somebodys_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | number
                   | 2017-02-28 | delivery |
        2017-03-01 | 2017-03-01 | dissent  |
    """
    assert findings(history) == []


def test_a_deleted_entry_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | number | id
                   | 2017-02-28 | delivery |        |
        2017-03-01 | 2017-03-01 | dissent  | dummy  | a
                   | 2017-04-01 | removed  |        | a
    """
    assert findings(history) == []


def test_it_closes_when_the_practice_has_given_the_patient_their_own_number(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry        | number
                   | 2017-02-28 | delivery     |
        2017-03-01 | 2017-03-01 | dissent      | dummy
                   | 2017-04-01 | renumbered b |
    """
    assert findings(history) == []


def test_another_practices_correction_does_not_close_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | number | practice
                   | 2017-02-28 | delivery     |        | X99901
        2017-03-01 | 2017-03-01 | dissent      | dummy  | X99901
                   | 2017-04-01 | renumbered b |        | X99902
    """
    assert findings(history) == ["ID02 on line 2"]


def test_it_stays_while_another_patient_of_the_practice_bears_the_same_dummy(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry        | number | still borne
                   | 2017-02-28 | delivery     |        |
        2017-03-01 | 2017-03-01 | dissent      | dummy  |
                   | 2017-04-01 | renumbered b |        | X99901
    """
    assert findings(history) == ["ID02 on line 2"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [("dummy", "a dummy such as 1111111111"), ("synthetic", "one of those kept for tests")],
)
def test_the_summary_says_which_and_nobody_is_upheld(kind: str, words: str) -> None:
    history = f"""
        effective  | entered    | known      | entry   | purpose | number | id
        2017-03-01 | 2017-03-01 | 2017-03-09 | dissent | type-2  | {kind} | a
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is False
    assert sighting.key == "systmone|a"
    assert sighting.summary == (
        f"A type 2 dissent arrived on 9 March 2017 with an NHS number that is {words}."
    )
