"""SH11: the practice's EMIS sharing agreement is disabled."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("SH11",)


def test_a_disabled_agreement_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-01-01 | agreement enabled
        2018-02-01 | agreement disabled
    """
    assert findings(history) == ["SH11 on line 2"]


def test_disabled_from_the_first_it_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-02-01 | agreement disabled
    """
    assert findings(history) == ["SH11 on line 1"]


def test_told_again_it_is_the_same_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-02-01 | agreement disabled
        2018-03-01 | agreement disabled
    """
    assert findings(history) == ["SH11 on lines 1, 2"]


def test_an_enabled_agreement_is_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-01-01 | agreement enabled
    """
    assert findings(history) == []


def test_it_closes_when_the_agreement_is_enabled_again(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-02-01 | agreement disabled
        2018-03-01 | agreement enabled
    """
    assert findings(history) == []


def test_a_practice_without_an_agreement_has_none_to_disable(findings: Findings) -> None:
    history = """
        entered    | entry
        2018-02-01 | uses systmone
    """
    assert findings(history) == []


def test_it_says_since_when_though_it_was_told_again() -> None:
    history = """
        entered    | known      | entry
        2018-02-01 | 2018-02-05 | agreement disabled
        2018-03-01 | 2018-03-05 | agreement disabled
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2018, 2, 1)
    assert sighting.upheld_meanwhile is None
    assert sighting.summary == "The EMIS sharing agreement has been disabled since 1 February 2018."
