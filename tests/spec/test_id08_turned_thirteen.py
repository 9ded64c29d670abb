"""ID08: the patient turned thirteen, and the objection that stands was made for them."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("ID08",)


def test_an_objection_made_for_a_child_who_is_thirteen_now_is_noted(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | child
        2015-03-01 | 2015-03-01 | dissent  | yes
                   | 2018-06-30 | thirteen |
    """
    assert findings(history) == ["ID08 on lines 1, 2"]


def test_each_purpose_is_a_finding_of_its_own(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose | child
        2015-03-01 | 2015-03-01 | dissent  | type-1  | yes
        2015-03-01 | 2015-03-01 | dissent  | type-2  | yes
                   | 2018-06-30 | thirteen |         |
    """
    assert findings(history) == ["ID08 on lines 1, 3", "ID08 on lines 2, 3"]


def test_before_the_day_it_is_nobodys_turn(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | child
        2015-03-01 | 2015-03-01 | dissent | yes
    """
    assert findings(history, today="2030-01-01") == []


def test_an_objection_that_was_withdrawn_needs_no_confirming(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | child
        2015-03-01 | 2015-03-01 | dissent    | yes
        2016-03-01 | 2016-03-01 | withdrawal | yes
                   | 2018-06-30 | thirteen   |
    """
    assert findings(history) == []


def test_what_the_patient_says_themselves_answers_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | child
        2015-03-01 | 2015-03-01 | dissent  | yes
                   | 2018-06-30 | thirteen |
        2018-09-01 | 2018-09-01 | dissent  |
    """
    assert findings(history) == []


def test_it_may_be_learnt_long_after_the_day(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry    | child
        2009-03-01 | 2009-03-01 | 2018-06-30 | dissent  | yes
                   | 2018-06-30 | 2018-06-30 | thirteen |
    """
    assert findings(history) == ["ID08 on lines 1, 2"]


def test_it_closes_when_the_patient_has_said_it_themselves(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | child
        2015-03-01 | 2015-03-01 | dissent  | yes
        | 2018-06-30 | thirteen |
        2018-09-01 | 2018-09-01 | dissent  |
    """
    assert findings(history) == []


def test_it_is_true_since_the_ledger_kept_it_and_the_objection_counts() -> None:
    history = """
        effective  | entered    | entry    | child
        2015-03-01 | 2015-03-01 | dissent  | yes
                   | 2018-06-30 | thirteen |
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2018, 6, 30)
    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "By 30 June 2018 the patient had turned thirteen, and a type 1 dissent that was made for "
        "them stands."
    )
