"""ID03: entries name a practice that was none on the day they were entered."""

import pytest

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("ID03",)


def test_an_entry_made_after_the_practice_closed_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2014-01-02 | listed active | X99901
                   | 2016-03-31 | closed X99902 | X99901
        2016-04-01 | 2016-04-01 | dissent       | X99901
    """
    assert findings(history) == ["ID03 on line 3"]


def test_what_a_practice_entered_before_it_closed_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | practice
                   | 2014-01-02 |            | listed active | X99901
                   | 2016-03-31 |            | closed X99902 | X99901
        2016-03-31 | 2016-03-31 | 2016-04-02 | dissent       | X99901
    """
    assert findings(history) == []


def test_a_code_that_no_register_has_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2014-01-02 | listed active | X99902
                   | 2016-02-28 | delivery      | X99901
        2016-03-01 | 2016-03-01 | dissent       | X99901
    """
    assert findings(history) == ["ID03 on line 3"]


def test_without_a_register_no_code_is_unknown(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | practice
                   | 2016-02-28 | delivery | X99901
        2016-03-01 | 2016-03-01 | dissent  | X99901
    """
    assert findings(history) == []


@pytest.mark.parametrize("status", ["dormant", "closed", "other"])
def test_what_the_register_lists_as_no_live_gp_practice_is_found(
    findings: Findings, status: str
) -> None:
    found = findings(f"""
        effective  | entered    | entry           | practice
                   | 2014-01-02 | listed {status} | X99901
        2013-03-01 | 2013-03-01 | dissent         | X99901
    """)

    assert found == ["ID03 on line 2"]


def test_a_practice_that_fell_dormant_is_none_from_when_that_became_known(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry          | practice
                   | 2014-01-02 | listed active  | X99901
        2016-03-01 | 2016-03-01 | dissent        | X99901
                   | 2016-06-01 | listed dormant | X99901
        2016-07-01 | 2016-07-01 | dissent        | X99901
    """
    assert findings(history) == ["ID03 on line 4"]


def test_a_live_practices_entries_are_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2014-01-02 | listed active | X99901
        2016-03-01 | 2016-03-01 | dissent       | X99901
    """
    assert findings(history) == []


def test_a_practice_that_is_to_open_is_a_live_one(findings: Findings) -> None:
    history = """
        effective  | entered    | entry           | practice
                   | 2014-01-02 | listed proposed | X99901
        2016-03-01 | 2016-03-01 | dissent         | X99901
    """
    assert findings(history) == []


def test_all_entries_of_one_practice_are_one_finding_until_they_are_deleted(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry         | practice | id
                   | 2014-01-02 | listed active | X99901   |
                   | 2016-03-31 | closed X99902 | X99901   |
        2016-04-01 | 2016-04-01 | dissent       | X99901   | a
        2016-04-02 | 2016-04-02 | withdrawal    | X99901   | b
        2016-04-03 | 2016-04-03 | dissent       | X99901   | c
                   | 2016-05-03 | removed       |          | c
    """
    assert findings(history) == ["ID03 on lines 3, 4"]


def test_it_closes_when_a_newer_register_lists_the_practice(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2014-01-02 | listed active | X99902
                   | 2016-02-28 | delivery      | X99901
        2016-03-01 | 2016-03-01 | dissent       | X99901
                   | 2016-04-01 | listed active | X99901
    """
    assert findings(history) == []


def test_the_summary_names_the_successor_the_register_tells() -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2014-01-02 | listed active | X99901
                   | 2016-03-31 | closed X99902 | X99901
        2016-04-01 | 2016-04-01 | dissent       | X99901
        2016-04-05 | 2016-04-05 | dissent       | X99901
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.summary == (
        "2 objections or withdrawals entered from 1 April 2016 on name X99901, which had closed. "
        "By the register X99902 has its patients."
    )
    assert (sighting.practice, sighting.key) == ("X99901", "closed")
