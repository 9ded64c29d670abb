"""ID01: an entry came with no NHS number that can be used."""

from datetime import date

import pytest

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("ID01",)


def test_an_entry_without_a_usable_nhs_number_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry             | why
        2017-03-01 | 2017-03-01 | unmatched dissent | missing
    """
    assert findings(history) == ["ID01 on line 1"]


def test_each_entry_that_waits_is_a_finding_of_its_own(findings: Findings) -> None:
    history = """
        effective  | entered    | entry                | practice | why
        2017-03-01 | 2017-03-01 | unmatched dissent    | X99901   | check-digit
        2017-03-02 | 2017-03-02 | unmatched withdrawal | X99901   | missing
        2017-03-03 | 2017-03-03 | unmatched dissent    | X99902   | unknown-patient
    """
    assert findings(history) == ["ID01 on line 1", "ID01 on line 2", "ID01 on line 3"]


def test_one_entry_sent_twice_is_one_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry             | id
        2017-03-01 | 2017-03-01 | unmatched dissent | a
        2017-03-02 | 2017-03-01 | unmatched dissent | a
    """
    assert findings(history) == ["ID01 on lines 1, 2"]


def test_an_entry_with_a_patient_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
    """
    assert findings(history) == []


def test_it_closes_when_a_delivery_brings_the_number(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry             | id
        | 2017-02-28 |            | delivery          |
        2017-03-01 | 2017-03-01 |            | unmatched dissent | a
        2017-03-01 | 2017-03-01 | 2017-04-01 | matched dissent   | a
    """
    assert findings(history) == []


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("missing", "no NHS number"),
        ("check-digit", "an NHS number whose check digit is wrong"),
        ("unknown-patient", "a patient whom no delivery has described"),
    ],
)
def test_the_summary_says_why_and_nobody_is_upheld(why: str, words: str) -> None:
    history = f"""
        effective  | entered    | known      | entry             | purpose | why   | id
        2017-03-01 | 2017-03-01 | 2017-03-09 | unmatched dissent | type-2  | {why} | a
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is False
    assert sighting.since == date(2017, 3, 9)
    assert sighting.key == "systmone|a"
    assert sighting.practice == "X99901"
    assert sighting.summary == f"A type 2 dissent arrived on 9 March 2017 with {words}."
