"""SH04: an organisation on neither list created a share-in with no verification, after the rule was set."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH04",)


def test_an_unverified_share_in_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
        2018-04-02 | share-in unverified X99C1
    """
    assert findings(history) == ["SH04 on lines 1, 2"]


def test_several_of_one_organisation_are_one_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-all
        2018-04-02 | share-in unverified X99C1
        2018-04-03 | share-in unverified X99C2
        2018-04-04 | share-in unverified X99C1
    """
    assert findings(history) == ["SH04 on lines 1, 2, 4", "SH04 on lines 1, 3"]


def test_it_does_not_close_when_the_organisation_is_listed_afterwards(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
        2018-04-02 | share-in unverified X99C1
        2018-04-03 | allowed add X99C1
    """
    assert findings(history) == ["SH04 on lines 1, 2"]


def test_an_allowed_organisation_needs_no_verification(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
        2018-03-20 | allowed add X99C1
        2018-04-02 | share-in unverified X99C1
    """
    assert findings(history) == []


def test_one_taken_off_the_list_needs_it_again(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
        2018-03-20 | allowed add X99C1
        2018-03-28 | allowed remove X99C1
        2018-04-02 | share-in unverified X99C1
    """
    assert findings(history) == ["SH04 on lines 1, 4"]


def test_of_a_prohibited_one_another_rule_speaks(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
        2018-03-20 | prohibited add X99C1
        2018-04-02 | share-in unverified X99C1
    """
    assert findings(history) == []


def test_verified_or_overridden_it_is_not_unverified(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
        2018-04-02 | share-in verified X99C1
        2018-04-03 | share-in overridden X99C2
    """
    assert findings(history) == []


def test_before_the_rule_was_set_nothing_had_to_be_verified(findings: Findings) -> None:
    history = """
        entered    | entry
        2017-11-06 | share-in unverified X99C1
        2018-03-19 | share-in-rule verify-unlisted
    """
    assert findings(history) == []


def test_while_the_rule_requires_no_verification_none_is_missed(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule none-require-verification
        2018-04-02 | share-in unverified X99C1
        2018-04-09 | share-in-rule verify-all
    """
    assert findings(history) == []


def test_it_closes_when_the_share_in_is_ended(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
        2018-04-02 | share-in unverified X99C1
        2018-04-09 | share-in ended X99C1
    """
    assert findings(history) == []


def test_it_closes_when_it_becomes_known_that_it_was_on_a_list(findings: Findings) -> None:
    history = """
        entered    | known      | entry
        2018-03-19 | 2018-03-19 | share-in-rule verify-unlisted
        2018-04-02 | 2018-04-02 | share-in unverified X99C1
        2018-03-20 | 2018-05-01 | allowed add X99C1
    """
    assert findings(history) == []


def test_it_says_who_and_since_when() -> None:
    history = """
        entered    | entry
        2018-03-19 | share-in-rule verify-unlisted
        2018-04-02 | share-in unverified X99C1
        2018-04-04 | share-in unverified X99C1
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2018, 4, 2)
    assert sighting.summary == (
        "X99C1 created a share-in on 2 April 2018 without verification, and was on neither list."
    )
    assert sighting.expected == (
        "Verification has been required since 19 March 2018 of every organisation that is not "
        "allowed."
    )
