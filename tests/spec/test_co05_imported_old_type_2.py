"""CO05: an old type 2 entry looks newly entered, because it came along with the record."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO05",)


def test_an_old_entry_that_came_with_a_new_registration_is_noted(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-02-01 | registered |
        2016-03-01 | 2019-03-01 | dissent    | type-2
    """
    assert findings(history) == ["CO05 on line 2"]


def test_it_may_come_on_the_day_of_registering(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-03-01 | registered |
        2016-03-01 | 2019-03-01 | withdrawal | type-2
    """
    assert findings(history) == ["CO05 on line 2"]


def test_the_last_day_of_type_2_is_still_an_old_date(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-01-01 | registered |
        2018-10-11 | 2019-03-02 | dissent    | type-2
    """
    assert findings(history) == ["CO05 on line 2"]


def test_a_date_after_the_end_is_no_old_entry(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-02-01 | registered |
        2018-10-12 | 2019-03-01 | dissent    | type-2
    """
    assert findings(history) == []


def test_an_undated_entry_is_not_taken_for_an_old_one(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-02-01 | registered |
        none       | 2019-03-01 | dissent    | type-2
    """
    assert findings(history) == []


def test_61_days_after_registering_it_did_not_come_along(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-01-01 | registered |
        2016-03-01 | 2019-03-03 | dissent    | type-2
    """
    assert findings(history) == []


def test_an_entry_made_in_time_is_nothing_to_note(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2018-02-01 | registered |
        2016-03-01 | 2018-03-01 | dissent    | type-2
    """
    assert findings(history) == []


def test_a_type_1_that_came_along_is_nothing_to_note(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2019-02-01 | registered |
        2016-03-01 | 2019-03-01 | dissent    | type-1
    """
    assert findings(history) == []


def test_it_closes_when_the_entry_is_no_longer_in_the_record(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | id
        | 2019-02-01 | registered |         |
        2016-03-01 | 2019-03-01 | dissent    | type-2  | a
        | 2019-04-01 | removed    |         | a
    """
    assert findings(history) == []


def test_the_objection_made_at_the_old_practice_in_time_is_still_upheld() -> None:
    history = """
        effective  | entered    | entry      | practice | purpose
        2016-03-01 | 2016-03-01 | dissent    | X99901   | type-2
                   | 2019-02-01 | registered | X99902   |
        2016-03-01 | 2019-03-01 | dissent    | X99902   | type-2
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The type 2 dissent entered on 1 March 2019 dates from 1 March 2016 and came with the "
        "patient's record."
    )
