"""ID06: the patient objected at their new practice, and the old copy of the record does not say so."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("ID06",)


def test_an_objection_made_after_moving_is_missing_from_the_old_copy(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2010-09-01 | registered    | X99901
                   | 2016-09-20 | left          | X99901
                   | 2016-09-20 | registered    | X99902
        2017-03-01 | 2017-03-01 | dissent       | X99902
    """
    assert findings(history) == ["ID06 on lines 2, 3, 4"]


def test_every_copy_that_is_still_held_is_a_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
                   | 2014-09-20 | left       | X99901
                   | 2014-09-20 | registered | X99902
                   | 2016-09-20 | left       | X99902
                   | 2016-09-20 | registered | X99903
        2017-03-01 | 2017-03-01 | dissent    | X99903
    """
    assert findings(history) == ["ID06 on lines 2, 5, 6", "ID06 on lines 4, 5, 6"]


def test_it_closes_when_the_old_practice_codes_it_too(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2010-09-01 | registered    | X99901
                   | 2016-09-20 | left          | X99901
                   | 2016-09-20 | registered    | X99902
        2017-03-01 | 2017-03-01 | dissent       | X99902
        2017-03-01 | 2017-05-01 | dissent       | X99901
    """
    assert findings(history) == []


def test_a_patient_who_withdrew_again_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2010-09-01 | registered    | X99901
                   | 2016-09-20 | left          | X99901
                   | 2016-09-20 | registered    | X99902
        2017-03-01 | 2017-03-01 | dissent       | X99902
        2017-05-01 | 2017-05-01 | withdrawal    | X99902
    """
    assert findings(history) == []


def test_an_objection_made_before_moving_is_in_the_old_copy(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
        2015-03-01 | 2016-09-25 | dissent    | X99902
    """
    assert findings(history) == []


def test_what_came_along_with_the_record_was_said_before_moving(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
        2015-03-01 | 2016-09-25 | dissent    | X99902
    """
    assert findings(history) == []


def test_without_a_registration_elsewhere_no_copy_is_known_of(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2016-09-20 | registered | X99902
        2017-03-01 | 2017-03-01 | dissent    | X99902
    """
    assert findings(history) == []


def test_of_who_is_registered_at_both_another_rule_speaks(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
                   | 2016-09-20 | registered | X99902
        2017-03-01 | 2017-03-01 | dissent    | X99902
    """
    assert findings(history) == []


def test_a_practice_that_closed_holds_no_copy_any_more(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2010-09-01 | registered    | X99901
                   | 2016-09-20 | left          | X99901
                   | 2016-09-20 | registered    | X99902
        2017-03-01 | 2017-03-01 | dissent       | X99902
                   | 2017-06-30 | closed X99903 | X99901
    """
    assert findings(history) == []


def test_the_holder_of_the_old_copy_is_asked() -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2010-09-01 | registered    | X99901
                   | 2016-09-20 | left          | X99901
                   | 2016-09-20 | registered    | X99902
        2017-03-01 | 2017-03-01 | dissent       | X99902
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.practice == "X99901"
    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "A type 1 dissent was entered on 1 March 2017 at X99902, to which the patient had moved. "
        "The record still held here does not have it."
    )
