"""CO04: a type 2 code was entered after its end. CO05: it only came along with the record."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO04", "CO05")


def test_a_type_2_dissent_entered_after_11_october_2018_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2018-10-12 | 2018-10-12 | dissent | type-2
    """
    assert findings(history) == ["CO04 on line 1"]


def test_so_is_a_type_2_withdrawal(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-10-12 | 2016-10-12 | dissent    | type-2
        2018-12-01 | 2018-12-01 | withdrawal | type-2
    """
    assert findings(history) == ["CO04 on line 2"]


def test_an_old_date_alone_does_not_make_it_an_old_entry(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2016-03-01 | 2019-03-01 | dissent | type-2
    """
    assert findings(history) == ["CO04 on line 1"]


def test_a_date_after_the_end_did_not_come_along_with_a_record(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-02-01 | registered |
        2018-10-12 | 2019-03-01 | dissent    | type-2
    """
    assert findings(history) == ["CO04 on line 2"]


def test_after_61_days_the_record_has_long_arrived(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-01-01 | registered |
        2016-03-01 | 2019-03-03 | dissent    | type-2
    """
    assert findings(history) == ["CO04 on line 2"]


def test_registering_elsewhere_or_later_explains_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice | purpose
                   | 2019-02-01 | registered | X99902   |
        2016-03-01 | 2019-03-01 | dissent    | X99901   | type-2
                   | 2019-03-02 | registered | X99901   |
    """
    assert findings(history) == ["CO04 on line 2"]


def test_without_an_entered_time_a_date_after_the_end_tells(findings: Findings) -> None:
    history = """
        effective  | entered | known      | entry   | purpose
        2018-11-01 | none    | 2019-01-01 | dissent | type-2
    """
    assert findings(history) == ["CO04 on line 1"]


def test_an_old_entry_that_came_along_within_60_days_is_noted(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-01-01 | registered |
        2018-10-11 | 2019-03-02 | dissent    | type-2
    """
    assert findings(history) == ["CO05 on line 2"]


def test_an_old_entry_marked_as_transferred_is_noted(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose | route
        2016-03-01 | 2019-03-02 | dissent | type-2  | gp2gp
    """
    assert findings(history) == ["CO05 on line 1"]


def test_entered_on_the_last_day_it_is_in_time(findings: Findings) -> None:
    history = """
        effective  | entered          | entry   | purpose
        2018-10-11 | 2018-10-11 23:30 | dissent | type-2
    """
    assert findings(history) == []


def test_type_1_goes_on(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2019-03-01 | 2019-03-01 | dissent | type-1
    """
    assert findings(history) == []


def test_a_code_only_near_a_type_2_code_is_another_matter(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | purpose
        2019-03-01 | 2019-03-01 | near dissent | type-2
    """
    assert findings(history) == []


def test_it_closes_when_the_code_is_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose | id
        2019-03-01 | 2019-03-01 | dissent | type-2  | a
                   | 2019-03-09 | removed |         | a
    """
    assert findings(history) == []


def test_a_first_delivery_without_entered_times_makes_no_old_entry_new(
    findings: Findings,
) -> None:
    history = """
        effective  | entered | known      | entry   | purpose
        2016-03-01 | none    | 2019-01-01 | dissent | type-2
    """
    assert findings(history) == []


def test_it_is_not_upheld_and_says_so() -> None:
    history = """
        effective  | entered    | entry   | purpose
        2018-12-01 | 2018-12-03 | dissent | type-2
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is False
    assert sighting.summary == (
        "There is a type 2 dissent entered on 3 December 2018, after type 2 codes ended on "
        "11 October 2018. It has no effect."
    )
