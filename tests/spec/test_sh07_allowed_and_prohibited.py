"""SH07: an organisation is on both lists."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH07",)


def test_an_organisation_on_both_lists_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | allowed add X99C1
        2018-04-02 | prohibited add X99C1
    """
    assert findings(history) == ["SH07 on lines 1, 2"]


def test_each_organisation_is_a_finding_of_its_own(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | allowed add X99C1
        2018-03-19 | allowed add X99C2
        2018-04-02 | prohibited add X99C2
        2018-04-02 | prohibited add X99C1
    """
    assert findings(history) == ["SH07 on lines 1, 4", "SH07 on lines 2, 3"]


def test_on_one_list_after_the_other_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | allowed add X99C1
        2018-04-01 | allowed remove X99C1
        2018-04-02 | prohibited add X99C1
    """
    assert findings(history) == []


def test_two_organisations_on_a_list_each_are_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | allowed add X99C1
        2018-04-02 | prohibited add X99C2
    """
    assert findings(history) == []


def test_two_practices_may_differ(findings: Findings) -> None:
    history = """
        entered    | entry                | practice
        2018-03-19 | allowed add X99C1    | X99901
        2018-04-02 | prohibited add X99C1 | X99902
    """
    assert findings(history) == []


def test_it_closes_when_the_practice_has_chosen(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | allowed add X99C1
        2018-04-02 | prohibited add X99C1
        2018-04-09 | prohibited remove X99C1
    """
    assert findings(history) == []


def test_it_is_true_since_the_second_list() -> None:
    history = """
        entered    | entry
        2018-04-02 | prohibited add X99C1
        2018-03-19 | allowed add X99C1
    """
    ((_, sighting),) = judged(history, *RULES, today="2018-05-01")

    assert sighting.since == date(2018, 4, 2)
    assert sighting.summary == (
        "X99C1 has been on both the allowed and the prohibited list since 2 April 2018."
    )
