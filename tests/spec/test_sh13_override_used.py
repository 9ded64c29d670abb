"""SH13: a dissent was overridden with no reason, or more than five in a month by one organisation."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH13",)


def overriding(*days: str, organisation: str = "X99C1") -> str:
    lines = [f"{day} | share-in overridden {organisation} | yes" for day in days]
    return "\n".join(["entered | entry | reason", *lines])


MARCH = [f"2018-03-{day:02}" for day in range(1, 32)]


def test_an_override_without_a_reason_is_found(findings: Findings) -> None:
    history = """
        entered    | entry                     | reason
        2018-03-05 | share-in overridden X99C1 | no
    """
    assert findings(history) == ["SH13 on line 1"]


def test_more_than_five_in_a_month_are_found(findings: Findings) -> None:
    history = """
        entered    | entry                     | reason
        2018-03-01 | share-in overridden X99C1 | yes
        2018-03-02 | share-in overridden X99C1 | yes
        2018-03-03 | share-in overridden X99C1 | yes
        2018-03-04 | share-in overridden X99C1 | yes
        2018-03-05 | share-in overridden X99C1 | yes
        2018-03-06 | share-in overridden X99C1 | yes
    """
    assert findings(history) == ["SH13 on lines 1, 2, 3, 4, 5, 6"]


def test_five_in_a_month_are_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry                     | reason
        2018-03-01 | share-in overridden X99C1 | yes
        2018-03-02 | share-in overridden X99C1 | yes
        2018-03-03 | share-in overridden X99C1 | yes
        2018-03-04 | share-in overridden X99C1 | yes
        2018-03-05 | share-in overridden X99C1 | yes
    """
    assert findings(history) == []


def test_five_and_one_in_the_next_month_are_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry                     | reason
        2018-03-27 | share-in overridden X99C1 | yes
        2018-03-28 | share-in overridden X99C1 | yes
        2018-03-29 | share-in overridden X99C1 | yes
        2018-03-30 | share-in overridden X99C1 | yes
        2018-03-31 | share-in overridden X99C1 | yes
        2018-04-01 | share-in overridden X99C1 | yes
    """
    assert findings(history) == []


def test_six_by_two_organisations_are_no_finding(findings: Findings) -> None:
    more = "2018-03-20 | share-in overridden X99C2 | yes"

    assert findings("\n".join([overriding(*MARCH[:5]), more])) == []


def test_where_nobody_says_anything_of_reasons_none_is_missed(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | share-in overridden X99C1
    """
    assert findings(history) == []


def test_share_ins_that_override_nothing_are_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-05 | share-in verified X99C1
        2018-03-05 | share-in unverified X99C2
    """
    assert findings(history) == []


def test_it_closes_when_the_reason_is_told_after_all(findings: Findings) -> None:
    history = """
        entered    | known      | entry                     | reason
        2018-03-05 | 2018-03-05 | share-in overridden X99C1 | no
        2018-03-05 | 2018-04-09 | share-in overridden X99C1 | yes
    """
    assert findings(history) == []


def test_it_closes_when_the_practice_says_it_has_looked(findings: Findings) -> None:
    history = """
        entered    | entry                     | reason
        2018-03-05 | share-in overridden X99C1 | no
        2018-03-20 | SH13 reviewed             |
    """
    assert findings(history) == []


def test_it_does_not_close_when_the_share_in_is_ended(findings: Findings) -> None:
    history = """
        entered    | entry                     | reason
        2018-03-05 | share-in overridden X99C1 | no
        2018-03-06 | share-in ended X99C1      |
    """
    assert findings(history) == ["SH13 on line 1"]


def test_it_says_who_how_often_and_since_when() -> None:
    ((_, often),) = judged(overriding(*MARCH[:6]), *RULES)
    history = """
        entered    | entry                     | reason
        2018-03-05 | share-in overridden X99C1 | no
    """
    ((_, unreasoned),) = judged(history, *RULES)

    assert often.since == date(2018, 3, 6)
    assert often.summary == "X99C1 overrode 6 dissents in March 2018."
    assert unreasoned.since == date(2018, 3, 5)
    assert unreasoned.summary == "X99C1 overrode a dissent on 5 March 2018 and gave no reason."
