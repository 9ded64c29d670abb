"""CO07: a code is a slip away from one of ours."""

import pytest

from ledger.domain.codes import read_code
from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO07",)


def test_a_code_near_a_dissent_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | code
        2017-03-01 | 2017-03-01 | near dissent | xaz89
    """
    assert findings(history) == ["CO07 on line 1"]


def test_a_code_near_a_withdrawal_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry           | code
        2017-03-01 | 2017-03-01 | dissent         |
        2017-04-01 | 2017-04-01 | near withdrawal | XaZ8a
    """
    assert findings(history) == ["CO07 on line 2"]


def test_a_rounded_snomed_id_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | code system | code
        2018-05-01 | 2018-05-01 | near dissent | snomed-ct   | 827241000000000
    """
    assert findings(history) == ["CO07 on line 1"]


def test_dismissing_the_finding_of_another_rule_changes_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | near dissent   | a
                   | 2017-03-09 | LC01 dismissed | a
    """
    assert findings(history) == ["CO07 on line 1"]


def test_an_exact_code_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | code
        2017-03-01 | 2017-03-01 | dissent    | XaZ89
        2017-04-01 | 2017-04-01 | withdrawal | XaZ8A
    """
    assert findings(history) == []


def test_it_closes_when_the_code_is_corrected(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | id | code
        2017-03-01 | 2017-03-01 | near dissent | a  | xaz89
        2017-03-01 | 2017-03-01 | dissent      | a  | XaZ89
    """
    assert findings(history) == []


def test_it_closes_when_the_entry_is_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | id
        2017-03-01 | 2017-03-01 | near dissent | a
                   | 2017-03-09 | removed      | a
    """
    assert findings(history) == []


def test_it_is_over_when_the_practice_dismisses_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | near dissent   | a
                   | 2017-03-09 | CO07 dismissed | a
    """
    assert findings(history) == []


def test_it_is_found_again_once_the_practice_takes_its_dismissal_back(findings: Findings) -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | near dissent   | a
                   | 2017-03-09 | CO07 dismissed | a
                   | 2017-03-10 | CO07 reopened  | a
    """
    assert findings(history) == ["CO07 on line 1"]


def test_what_looks_like_a_dissent_is_upheld_meanwhile() -> None:
    history = """
        effective  | entered    | entry        | code
        2017-03-01 | 2017-03-02 | near dissent | xaz89
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The type 1 dissent entered on 2 March 2017 is coded 'xaz89', which is no code of an "
        "objection but close to one."
    )
    assert sighting.expected == "The dissent is coded XaZ89, if that is what the patient said."


def test_what_looks_like_a_withdrawal_ends_nothing_and_starts_nothing() -> None:
    alone = """
        effective  | entered    | entry
        2017-04-01 | 2017-04-01 | near withdrawal
    """
    after_a_dissent = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-04-01 | 2017-04-01 | near withdrawal
    """

    assert [s.upheld_meanwhile for _, s in judged(alone, *RULES)] == [False]
    assert [s.upheld_meanwhile for _, s in judged(after_a_dissent, *RULES)] == [True]


@pytest.mark.parametrize("code", ["9Nu0.", "XaZ89", "9Nd1.", "XaXbZ", "9Ndo."])
def test_our_own_codes_and_those_of_other_purposes_are_no_near_miss(code: str) -> None:
    reading = read_code(code)

    assert reading is None or not reading.near
