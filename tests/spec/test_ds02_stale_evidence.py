"""DS02: a release relied on a practice whose newest delivery was older than the release allows."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("DS02",)


def test_a_delivery_older_than_the_limit_is_found(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | max age
        2016-03-01 | delivery | X99901   |
        2016-04-20 | released | X99901   | 30
    """
    assert findings(history) == ["DS02 on lines 1, 2"]


def test_the_newest_delivery_before_the_release_is_what_counts(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | max age
        2016-02-01 | delivery | X99901   |
        2016-03-01 | delivery | X99901   |
        2016-04-20 | released | X99901   | 30
        2016-04-21 | delivery | X99901   |
    """
    assert findings(history) == ["DS02 on lines 2, 3"]


def test_a_practice_never_heard_from_is_older_than_any_limit(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | max age
        2016-04-20 | released | X99901   | 30
    """
    assert findings(history) == ["DS02 on line 1"]


def test_each_practice_relied_on_is_looked_at(findings: Findings) -> None:
    history = """
        entered    | entry    | practice      | max age
        2016-03-01 | delivery | X99901        |
        2016-04-01 | delivery | X99902        |
        2016-04-20 | released | X99901 X99902 | 30
    """
    assert findings(history) == ["DS02 on lines 1, 3"]


def test_what_was_taken_in_after_the_data_had_left_was_not_relied_on(findings: Findings) -> None:
    history = """
        entered    | known      | entry    | practice | max age
        2016-03-01 |            | delivery | X99901   |
        2016-04-10 | 2016-04-25 | delivery | X99901   |
        2016-04-20 | 2016-05-01 | released | X99901   | 30
    """
    assert findings(history) == ["DS02 on lines 1, 3"]


def test_a_delivery_of_the_last_day_allowed_is_new_enough(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | max age
        2016-04-01 | delivery | X99901   |
        2016-05-01 | released | X99901   | 30
    """
    assert findings(history) == []


def test_a_release_without_a_limit_is_held_to_none(findings: Findings) -> None:
    history = """
        entered    | entry    | practice
        2014-04-01 | delivery | X99901
        2016-05-01 | released | X99901
    """
    assert findings(history) == []


def test_a_release_that_names_no_practice_relied_on_nobodys_evidence(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | max age
        2014-04-01 | delivery | X99901   |
        2016-05-01 | released |          | 30
    """
    assert findings(history) == []


def test_it_does_not_close_when_a_newer_delivery_comes(findings: Findings) -> None:
    history = """
        entered    | entry    | practice | max age
        2016-03-01 | delivery | X99901   |
        2016-04-20 | released | X99901   | 30
        2016-04-22 | delivery | X99901   |
    """
    assert findings(history) == ["DS02 on lines 1, 2"]


def test_it_says_how_old_the_evidence_was() -> None:
    history = """
        entered    | entry    | practice | max age
        2016-03-01 | delivery | X99901   |
        2016-04-20 | released | X99901   | 30
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2016, 4, 20)
    assert sighting.practice == "X99901"
    assert sighting.summary == (
        "The release of 20 April 2016 to R 2 relied on this practice, whose newest delivery was "
        "49 days old; the release allows 30 days."
    )


def test_it_says_where_there_was_no_evidence_at_all() -> None:
    history = """
        entered    | entry    | practice | max age
        2016-04-20 | released | X99901   | 1
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.summary == (
        "The release of 20 April 2016 to R 1 relied on this practice, of which nothing had been "
        "delivered; the release allows 1 day."
    )
