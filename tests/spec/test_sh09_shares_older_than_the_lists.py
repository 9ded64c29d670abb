"""SH09: share-ins created before the lists have never been reviewed."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH09",)


def test_share_ins_older_than_the_lists_are_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-05-03 | share-in verified X99C1
        2017-05-03 | share-in unverified X99C2
        2018-03-19 | allowed add X99C3
        2018-03-20 | prohibited add X99C4
    """
    assert findings(history) == ["SH09 on lines 1, 2, 3"]


def test_being_allowed_is_no_review(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-05-03 | share-in verified X99C1
        2018-03-19 | allowed add X99C1
    """
    assert findings(history) == ["SH09 on lines 1, 2"]


def test_without_lists_nothing_is_older(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-05-03 | share-in verified X99C1
        2018-03-19 | share-in-rule verify-all
    """
    assert findings(history) == []


def test_share_ins_that_came_after_the_lists_are_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | allowed add X99C1
        2018-05-03 | share-in verified X99C1
    """
    assert findings(history) == []


def test_one_that_was_ended_needs_no_review(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-05-03 | share-in verified X99C1
        2018-03-19 | allowed add X99C3
        2018-04-02 | share-in ended X99C1
    """
    assert findings(history) == []


def test_it_closes_when_the_practice_says_it_has_reviewed_them(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-05-03 | share-in verified X99C1
        2018-03-19 | allowed add X99C3
        2018-04-02 | SH09 reviewed
    """
    assert findings(history) == []


def test_another_old_one_that_becomes_known_has_to_be_reviewed_too(findings: Findings) -> None:
    history = """
        entered    | known      | entry
        2016-05-03 | 2016-05-03 | share-in verified X99C1
        2018-03-19 | 2018-03-19 | allowed add X99C3
        2018-04-02 | 2018-04-02 | SH09 reviewed
        2016-06-07 | 2018-05-07 | share-in verified X99C2
    """
    assert findings(history) == ["SH09 on lines 1, 2, 4"]


def test_it_says_how_many_and_since_when() -> None:
    history = """
        entered    | entry
        2016-05-03 | share-in verified X99C1
        2016-06-03 | share-in verified X99C1
        2017-05-03 | share-in unverified X99C2
        2018-03-19 | allowed add X99C3
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2018, 3, 19)
    assert sighting.summary == (
        "The share-ins of 2 organisations are older than the lists, which began on 19 March 2018."
    )
