"""TX05: a practice that had many patients in the collections takes part and sends none."""

from dataclasses import replace
from datetime import date

from ledger.domain.events import PracticeClosed, Succession
from ledger.domain.practices import Practice
from ledger.domain.recording_errors import by_code
from tests.builders import BY
from tests.spec.conftest import Findings
from tests.spec.tables import from_collections, judged

RULES = ("TX05",)
COUNTS = True


def test_a_practice_that_sent_ten_and_sends_none_is_found(findings: Findings) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 10 a    |
        2016-05-31 | 0       | 10
    """
    assert findings(history) == ["TX05 on lines 1, 2"]


def test_it_goes_on_for_as_long_as_nobody_is_sent(findings: Findings) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 40 a    |
        2016-05-31 | 0       |
        2016-06-30 | 0       | 12
    """
    assert findings(history) == ["TX05 on lines 1, 2, 3"]


def test_a_collection_without_the_practice_in_between_changes_nothing(findings: Findings) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 40 a    |
        2016-05-31 | none    |
        2016-06-30 | 0       | 12
    """
    assert findings(history) == ["TX05 on lines 1, 3"]


def test_fewer_than_ten_may_all_leave(findings: Findings) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 9 a     |
        2016-05-31 | 0       | 9
    """
    assert findings(history) == []


def test_where_nothing_stands_any_more_none_is_right(findings: Findings) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 10 a    |
        2016-05-31 | 0       | 0
    """
    assert findings(history) == []


def test_a_practice_that_never_had_anybody_fell_from_nowhere(findings: Findings) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 0       |
        2016-05-31 | 0       | 20
    """
    assert findings(history) == []


def test_a_practice_that_is_missing_has_sent_nothing_that_could_be_empty(
    findings: Findings,
) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 20 a    |
        2016-05-31 | none    | 20
    """
    assert findings(history) == []


def test_it_closes_when_the_practice_sends_somebody_again(findings: Findings) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 20 a    |
        2016-05-31 | 0       |
        2016-06-30 | 20 a    | 20
    """
    assert findings(history) == []


def test_patients_who_moved_with_a_merger_are_sent_by_another_practice() -> None:
    fell = from_collections("""
        period end | members | standing
        2016-04-30 | 20 a    |
        2016-05-31 | 0       | 20
    """)
    closed = PracticeClosed(
        closed_on=date(2016, 5, 1), successors=(Succession(practice="X99902"),), by=BY
    )
    merged = replace(fell, practice=Practice(closed=closed), today=date(2016, 6, 3))

    assert len(list(by_code("TX05").find(fell))) == 1
    assert not list(by_code("TX05").find(merged))


def test_a_closed_practice_whose_successor_nobody_knows_is_found() -> None:
    fell = from_collections("""
        period end | members | standing
        2016-04-30 | 20 a    |
        2016-05-31 | 0       | 20
    """)
    closed = PracticeClosed(closed_on=date(2016, 5, 1), by=BY)
    gone = replace(fell, practice=Practice(closed=closed), today=date(2016, 6, 3))

    assert len(list(by_code("TX05").find(gone))) == 1


def test_it_closes_when_no_dissent_stands_any_more(findings: Findings) -> None:
    history = """
        period end | members | standing
        2016-04-30 | 10 a    |
        2016-05-31 | 0       | 0
    """
    assert findings(history) == []


def test_it_says_since_when() -> None:
    history = """
        period end | members | standing
        2016-04-30 | 20 a    |
        2016-05-31 | 0       |
        2016-06-30 | 0       | 18
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2016, 5, 31)
    assert sighting.summary == (
        "The practice sent 20 objections in the collection of 30 April 2016 and none in that of "
        "31 May 2016, although 18 patients still object by its record."
    )
