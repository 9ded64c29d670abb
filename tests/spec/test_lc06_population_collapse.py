"""LC06: a full delivery holds less than half the patients of the one before."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("LC06",)


def test_less_than_half_the_patients_are_found(findings: Findings) -> None:
    history = """
        entered    | entry       | system
        2016-01-31 | bulk of 900 | emis-web
        2016-09-30 | bulk of 449 | emis-web
    """
    assert findings(history) == ["LC06 on lines 1, 2"]


def test_half_the_patients_are_no_finding(findings: Findings) -> None:
    history = """
        entered    | entry       | system
        2016-01-31 | bulk of 900 | emis-web
        2016-09-30 | bulk of 450 | emis-web
    """
    assert findings(history) == []


def test_it_does_not_close_while_full_deliveries_stay_as_low(findings: Findings) -> None:
    history = """
        entered    | entry       | system
        2016-01-31 | bulk of 900 | emis-web
        2016-09-30 | bulk of 9   | emis-web
        2016-10-31 | bulk of 9   | emis-web
    """
    assert findings(history) == ["LC06 on lines 1, 2"]


def test_falling_with_a_move_to_another_system_is_found(findings: Findings) -> None:
    history = """
        entered    | entry             | system
        2016-01-31 | bulk of 900       | systmone
        2016-09-30 | bulk of 300 alone | vision
    """
    assert findings(history) == ["LC06 on lines 1, 2"]


def test_it_closes_when_a_full_delivery_is_whole_again(findings: Findings) -> None:
    history = """
        entered    | entry       | system
        2016-01-31 | bulk of 900 | emis-web
        2016-09-30 | bulk of 9   | emis-web
        2016-10-31 | bulk of 890 | emis-web
    """
    assert findings(history) == []


def test_it_closes_when_it_becomes_known_that_the_practice_had_closed(findings: Findings) -> None:
    history = """
        entered    | known      | entry       | practice
        2016-01-31 | 2016-01-31 | bulk of 900 | X99901
        2016-04-30 | 2016-04-30 | bulk of 9   | X99901
        2016-04-01 | 2016-06-01 | closed      | X99901
    """
    assert findings(history) == []


def test_the_first_full_delivery_has_none_before_it(findings: Findings) -> None:
    history = """
        entered    | entry     | system
        2016-01-31 | bulk of 9 | emis-web
    """
    assert findings(history) == []


def test_a_delta_or_a_bulk_of_entries_alone_tells_of_no_patients(findings: Findings) -> None:
    history = """
        entered    | entry       | system
        2016-01-31 | bulk of 900 | systmone
        2016-02-28 | delivery    | systmone
        2016-09-30 | bulk        | systmone
    """
    assert findings(history) == []


def test_falling_slowly_is_no_collapse(findings: Findings) -> None:
    history = """
        entered    | entry       | system
        2016-01-31 | bulk of 900 | vision
        2016-09-30 | bulk of 500 | vision
        2017-09-30 | bulk of 260 | vision
    """
    assert findings(history) == []


def test_another_practices_patients_are_not_compared(findings: Findings) -> None:
    history = """
        entered    | entry       | practice
        2016-01-31 | bulk of 900 | X99901
        2016-09-30 | bulk of 9   | X99902
    """
    assert findings(history) == []


def test_a_practice_that_had_closed_has_no_patients_to_lose(findings: Findings) -> None:
    history = """
        entered    | entry       | practice
        2016-01-31 | bulk of 900 | X99901
        2016-04-01 | closed      | X99901
        2016-04-30 | bulk of 9   | X99901
    """
    assert findings(history) == []


def test_it_says_how_many_there_were() -> None:
    history = """
        entered    | entry        | system
        2016-01-31 | bulk of 8200 | emis-web
        2016-09-30 | bulk of 71   | emis-web
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2016, 9, 30)
    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The full delivery of 30 September 2016 holds 71 patients, the one before it held 8,200 "
        "patients."
    )
