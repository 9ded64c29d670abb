"""TX06: two collections in a row carry the very same members, although entries were made in between."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("TX06",)
COUNTS = True


def test_the_same_members_although_somebody_objected_in_between_are_found(
    findings: Findings,
) -> None:
    history = """
        period end | members | changed | first on
        2016-04-30 | 5 a     |         |
        2016-05-31 | 5 a     | 1       | 2016-05-12
    """
    assert findings(history) == ["TX06 on lines 1, 2"]


def test_all_that_are_the_same_are_one_finding(findings: Findings) -> None:
    history = """
        period end | members | changed | first on
        2016-03-31 | 4 b     |         |
        2016-04-30 | 5 a     |         |
        2016-05-31 | 5 a     |         |
        2016-06-30 | 5 a     | 3       | 2016-06-02
    """
    assert findings(history) == ["TX06 on lines 2, 3, 4"]


def test_a_collection_without_the_practice_lies_between_in_vain(findings: Findings) -> None:
    history = """
        period end | members | changed | first on
        2016-04-30 | 5 a     |         |
        2016-05-31 | none    |         |
        2016-06-30 | 5 a     | 1       | 2016-05-12
    """
    assert findings(history) == ["TX06 on lines 1, 3"]


def test_where_nothing_was_entered_in_between_the_same_members_are_right(
    findings: Findings,
) -> None:
    history = """
        period end | members | changed | first on
        2016-04-30 | 5 a     |         |
        2016-05-31 | 5 a     | 0       |
    """
    assert findings(history) == []


def test_as_many_others_are_not_the_same(findings: Findings) -> None:
    history = """
        period end | members | changed | first on
        2016-04-30 | 5 a     |         |
        2016-05-31 | 5 b     | 2       | 2016-05-12
    """
    assert findings(history) == []


def test_nobody_twice_is_no_repetition(findings: Findings) -> None:
    history = """
        period end | members | changed | first on
        2016-04-30 | 0       |         |
        2016-05-31 | 0       | 2       | 2016-05-12
    """
    assert findings(history) == []


def test_one_collection_repeats_nothing(findings: Findings) -> None:
    history = """
        period end | members | changed | first on
        2016-04-30 | none    |         |
        2016-05-31 | 5 a     | 0       |
    """
    assert findings(history) == []


def test_it_closes_when_a_collection_carries_others(findings: Findings) -> None:
    history = """
        period end | members | changed | first on
        2016-04-30 | 5 a     |         |
        2016-05-31 | 5 a     |         |
        2016-06-30 | 6 b     | 0       |
    """
    assert findings(history) == []


def test_it_is_true_since_the_first_collection_that_should_have_differed() -> None:
    history = """
        period end | members | changed | first on
        2016-04-30 | 5 a     |         |
        2016-05-31 | 5 a     |         |
        2016-06-30 | 5 a     |         |
        2016-07-31 | 5 a     | 3       | 2016-06-02
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2016, 6, 30)
    assert sighting.summary == (
        "The 4 collections of 30 April 2016 to 31 July 2016 carry the same 5 objections of this "
        "practice, although 3 patients objected or withdrew in between."
    )
