"""TX03: most of the patients sent for the first time should have been sent long before."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("TX03",)


def test_a_batch_of_overdue_patients_is_found(findings: Findings) -> None:
    history = """
        period end | appeared | overdue
        2018-05-31 | 210      | 4
        2018-06-30 | 9000     | 8700
    """
    assert findings(history) == ["TX03 on line 2"]


def test_30_overdue_patients_are_enough(findings: Findings) -> None:
    history = """
        period end | appeared | overdue
        2018-06-30 | 59       | 30
    """
    assert findings(history) == ["TX03 on line 1"]


def test_29_are_late_paperwork(findings: Findings) -> None:
    history = """
        period end | appeared | overdue
        2018-06-30 | 29       | 29
    """
    assert findings(history) == []


def test_half_of_them_is_not_more_than_half(findings: Findings) -> None:
    history = """
        period end | appeared | overdue
        2018-06-30 | 60       | 30
    """
    assert findings(history) == []


def test_a_surge_of_new_dissents_is_no_backlog(findings: Findings) -> None:
    history = """
        period end | appeared | overdue
        2018-06-30 | 569376   | 212
    """
    assert findings(history) == []


def test_the_first_collection_of_a_practice_and_a_migration_bring_nobody_overdue(
    findings: Findings,
) -> None:
    history = """
        period end | appeared | overdue
        2018-06-30 | 0        | 0
    """
    assert findings(history) == []


def test_it_closes_when_an_older_collection_turns_out_to_have_carried_most_of_them(
    findings: Findings,
) -> None:
    history = """
        period end | appeared | overdue
        2018-05-31 | 8900     | 20
        2018-06-30 | 300      | 40
    """
    assert findings(history) == []


def test_it_says_how_many() -> None:
    history = """
        period end | appeared | overdue
        2018-06-30 | 9000     | 8700
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.summary == (
        "The collection of 30 June 2018 carried 9,000 patients of TPP for the first time; 8,700 "
        "of them (96.7%) should have stood in two or more earlier collections."
    )
