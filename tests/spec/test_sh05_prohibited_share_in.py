"""SH05: an organisation on the prohibited list created a share-in."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH05",)


def test_a_share_in_of_a_prohibited_organisation_is_found_however_it_came(
    findings: Findings,
) -> None:
    history = """
        entered    | entry
        2018-03-19 | prohibited add X99C1
        2018-03-19 | prohibited add X99C2
        2018-03-19 | prohibited add X99C3
        2018-04-02 | share-in verified X99C1
        2018-04-02 | share-in unverified X99C2
        2018-04-02 | share-in overridden X99C3
    """
    assert findings(history) == ["SH05 on lines 1, 4", "SH05 on lines 2, 5", "SH05 on lines 3, 6"]


def test_it_is_found_although_the_organisation_is_allowed_too(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | prohibited add X99C1
        2018-03-19 | allowed add X99C1
        2018-04-02 | share-in verified X99C1
    """
    assert findings(history) == ["SH05 on lines 1, 3"]


def test_it_does_not_close_when_it_is_taken_off_the_list_afterwards(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | prohibited add X99C1
        2018-04-02 | share-in verified X99C1
        2018-04-03 | prohibited remove X99C1
    """
    assert findings(history) == ["SH05 on lines 1, 2"]


def test_prohibited_only_afterwards_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in verified X99C1
        2018-04-02 | prohibited add X99C1
    """
    assert findings(history) == []


def test_off_the_list_by_then_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | prohibited add X99C1
        2018-03-28 | prohibited remove X99C1
        2018-04-02 | share-in verified X99C1
    """
    assert findings(history) == []


def test_another_organisations_share_in_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | prohibited add X99C1
        2018-04-02 | share-in verified X99C2
    """
    assert findings(history) == []


def test_it_closes_when_the_share_in_is_ended(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | prohibited add X99C1
        2018-04-02 | share-in verified X99C1
        2018-04-09 | share-in ended X99C1
    """
    assert findings(history) == []


def test_it_closes_when_it_becomes_known_that_it_was_off_the_list(findings: Findings) -> None:
    history = """
        entered    | known      | entry
        2018-03-19 | 2018-03-19 | prohibited add X99C1
        2018-04-02 | 2018-04-02 | share-in verified X99C1
        2018-03-28 | 2018-05-01 | prohibited remove X99C1
    """
    assert findings(history) == []


def test_it_says_who_and_since_when() -> None:
    history = """
        entered    | entry
        2018-03-19 | prohibited add X99C1
        2018-04-02 | share-in verified X99C1
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2018, 4, 2)
    assert sighting.summary == (
        "X99C1, prohibited since 19 March 2018, created a share-in on 2 April 2018."
    )
