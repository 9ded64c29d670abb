"""DS03: a release names no receipt of a check that it relied on."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("DS03",)


def test_a_release_without_a_receipt_is_told_to_the_practice_relied_on(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | receipt
        2016-04-20 | released | X99901   |
    """
    assert findings(history) == ["DS03 on line 1"]


def test_it_is_told_to_each_practice_relied_on(findings: Findings) -> None:
    history = """
        entered    | entry    | practice      | receipt
        2016-04-20 | released | X99901 X99902 |
    """
    assert findings(history) == ["DS03 on line 1", "DS03 on line 1"]


def test_of_a_release_that_names_no_practice_it_is_told_once(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | receipt
        2016-04-20 | released |          |
    """
    assert findings(history) == ["DS03 on line 1"]


def test_a_release_with_its_receipt_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | receipt
        2016-04-20 | released | X99901   | c1
    """
    assert findings(history) == []


def test_it_closes_when_the_receipt_is_attached(findings: Findings) -> None:
    history = """
        entered    | known      | entry    | practice | receipt | id
        2016-04-20 |            | released | X99901   |         | a
        2016-04-20 | 2016-05-01 | released | X99901   | c1      | a
    """
    assert findings(history) == []


def test_the_receipt_of_another_release_does_not_count(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | receipt | id
        2016-04-20 | released | X99901   |         | a
        2016-04-20 | released | X99901   | c1      | b
    """
    assert findings(history) == ["DS03 on line 1"]


def test_it_says_which_release_and_of_whom() -> None:
    history = """
        entered    | entry    | practice | receipt
        2016-04-20 | released | X99901   |
    """
    ((_, sighting),) = judged(history, *RULES)

    assert (sighting.key, sighting.practice, sighting.since) == (
        "X99901", "X99901", date(2016, 4, 20),
    )  # fmt: skip
    assert sighting.summary == ("The release of 20 April 2016 to R 1 names no receipt of a check.")


def test_of_no_practice_it_is_nobodys_but_who_sees_all() -> None:
    history = """
        entered    | entry    | practice | receipt
        2016-04-20 | released |          |
    """
    ((_, sighting),) = judged(history, *RULES)

    assert (sighting.key, sighting.practice) == ("release", None)
