"""LC02: a dissent that stood went from the record when the patient died, or after."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("LC02",)


def test_a_dissent_removed_after_death_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2016-03-01 | 2016-03-01 | dissent | a
                   | 2017-05-01 | died    |
                   | 2017-05-31 | removed | a
    """
    assert findings(history) == ["LC02 on lines 1, 3"]


def test_so_is_one_removed_on_the_day_of_death(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2016-03-01 | 2016-03-01 | dissent | a
                   | 2017-05-01 | died    |
                   | 2017-05-01 | removed | a
    """
    assert findings(history) == ["LC02 on lines 1, 3"]


def test_a_death_told_after_the_removal_tells_it_then(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry   | id
        2016-03-01 | 2016-03-01 | 2016-03-01 | dissent | a
                   | 2017-05-31 | 2017-05-31 | removed | a
                   | 2017-05-01 | 2017-06-30 | died    |
    """
    assert findings(history) == ["LC02 on lines 1, 2"]


def test_a_dissent_removed_before_death_is_another_matter(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2016-03-01 | 2016-03-01 | dissent | a
                   | 2017-04-30 | removed | a
                   | 2017-05-01 | died    |
    """
    assert findings(history) == []


def test_a_dissent_that_stays_in_the_record_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2016-03-01 | 2016-03-01 | dissent
                   | 2017-05-01 | died
    """
    assert findings(history) == []


def test_a_dissent_that_was_withdrawn_in_life_was_over(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2016-03-01 | 2016-03-01 | dissent    | a
        2017-02-01 | 2017-02-01 | withdrawal | b
                   | 2017-05-01 | died       |
                   | 2017-05-31 | removed    | a
    """
    assert findings(history) == []


def test_a_duplicate_tidied_up_after_death_loses_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2016-03-01 | 2016-03-01 | dissent | a
        2016-03-01 | 2016-03-01 | dissent | b
                   | 2017-05-01 | died    |
                   | 2017-05-31 | removed | b
    """
    assert findings(history) == []


def test_a_withdrawal_that_went_is_nothing_to_restore(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id
        2016-03-01 | 2016-03-01 | dissent    | a
        2017-02-01 | 2017-02-01 | withdrawal | b
                   | 2017-05-01 | died       |
                   | 2017-05-31 | removed    | b
    """
    assert findings(history) == []


def test_it_closes_when_the_dissent_is_restored(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2016-03-01 | 2016-03-01 | dissent | a
                   | 2017-05-01 | died    |
                   | 2017-05-31 | removed | a
        2016-03-01 | 2017-06-15 | dissent | b
    """
    assert findings(history) == []


def test_the_objection_is_upheld_meanwhile() -> None:
    history = """
        effective  | entered    | entry   | id
        2016-03-01 | 2016-03-01 | dissent | a
                   | 2017-05-01 | died    |
                   | 2017-05-31 | removed | a
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.since == date(2017, 5, 31)
    assert sighting.summary == (
        "The type 1 dissent entered on 1 March 2016 was gone from the practice's record on 31 May "
        "2017, and the patient had died on 1 May 2017."
    )
