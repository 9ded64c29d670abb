"""SH06: an organisation on the allowed or prohibited list today is unknown or closed."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH06",)


def test_an_organisation_that_closed_is_found(findings: Findings) -> None:
    history = """
        entered    | entry             | practice
        2014-01-06 | register has active | X99C1
        2014-01-06 | register          |
        2018-03-19 | allowed add X99C1 | X99901
        2018-06-01 | closed            | X99C1
    """
    assert findings(history) == ["SH06 on lines 3, 4"]


def test_on_the_prohibited_list_it_is_found_too(findings: Findings) -> None:
    history = """
        entered    | entry                | practice
        2018-02-01 | closed               | X99C1
        2018-03-19 | prohibited add X99C1 | X99901
    """
    assert findings(history) == ["SH06 on lines 1, 2"]


def test_listed_as_closed_without_a_day_it_is_found(findings: Findings) -> None:
    history = """
        entered    | entry             | practice
        2018-02-01 | register has closed | X99C1
        2018-03-19 | allowed add X99C1 | X99901
    """
    assert findings(history) == ["SH06 on lines 1, 2"]


def test_one_that_the_register_does_not_have_is_found(findings: Findings) -> None:
    history = """
        entered    | entry             | practice
        2014-01-06 | register has active | X99C1
        2014-01-06 | register          |
        2018-03-19 | allowed add X99C9 | X99901
    """
    assert findings(history) == ["SH06 on line 3"]


def test_an_open_organisation_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry             | practice
        2014-01-06 | register has active | X99C1
        2014-01-06 | register          |
        2018-03-19 | allowed add X99C1 | X99901
    """
    assert findings(history) == []


def test_a_dormant_one_has_not_closed(findings: Findings) -> None:
    history = """
        entered    | entry             | practice
        2014-01-06 | register has dormant | X99C1
        2018-03-19 | allowed add X99C1 | X99901
    """
    assert findings(history) == []


def test_without_a_register_nobody_is_unknown(findings: Findings) -> None:
    history = """
        entered    | entry             | practice
        2018-03-19 | allowed add X99C9 | X99901
    """
    assert findings(history) == []


def test_it_closes_when_the_organisation_is_taken_off_the_list(findings: Findings) -> None:
    history = """
        entered    | entry                | practice
        2018-03-19 | allowed add X99C1    | X99901
        2018-06-01 | closed               | X99C1
        2018-07-01 | allowed remove X99C1 | X99901
    """
    assert findings(history) == []


def test_it_closes_when_a_newer_register_says_that_it_is_open(findings: Findings) -> None:
    history = """
        entered    | entry               | practice
        2018-02-01 | register has closed | X99C1
        2018-03-19 | allowed add X99C1   | X99901
        2018-06-01 | register has active | X99C1
    """
    assert findings(history) == []


def test_it_does_not_close_while_the_other_list_names_it(findings: Findings) -> None:
    history = """
        entered    | entry                | practice
        2018-03-19 | allowed add X99C1    | X99901
        2018-03-19 | prohibited add X99C1 | X99901
        2018-06-01 | closed               | X99C1
        2018-07-01 | allowed remove X99C1 | X99901
    """
    assert findings(history) == ["SH06 on lines 2, 3"]


def test_a_closing_to_come_is_found_when_its_day_comes(findings: Findings) -> None:
    history = """
        entered    | known      | entry             | practice
        2018-03-19 | 2018-03-19 | allowed add X99C1 | X99901
        2018-06-01 | 2018-04-01 | closed            | X99C1
    """
    assert findings(history, today="2018-05-31") == []
    assert findings(history, today="2018-06-01") == ["SH06 on lines 1, 2"]


def test_it_says_on_which_list_and_since_when() -> None:
    history = """
        entered    | entry                | practice
        2018-02-01 | closed               | X99C1
        2018-03-19 | prohibited add X99C1 | X99901
        2018-03-20 | allowed add X99C1    | X99901
    """
    ((_, sighting),) = judged(history, *RULES)

    assert (sighting.since, sighting.by_the_day) == (date(2018, 3, 19), False)
    assert sighting.summary == (
        "X99C1 is on the allowed and prohibited list, and closed on 1 February 2018."
    )
