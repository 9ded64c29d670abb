"""DT04: the entry was made before the patient registered at that practice."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("DT04",)


def test_an_entry_made_before_the_registration_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice
                   | 2017-05-01 | 2017-05-31 | registered | X99901
        2017-04-20 | 2017-04-20 | 2017-05-31 | dissent    | X99901
    """
    assert findings(history) == ["DT04 on lines 1, 2"]


def test_on_the_day_of_registering_it_is_in_order(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice
                   | 2017-05-01 | 2017-05-31 | registered | X99901
        2017-05-01 | 2017-05-01 | 2017-05-31 | withdrawal | X99901
    """
    assert findings(history) == []


def test_what_gp2gp_brought_was_entered_elsewhere(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice | route
                   | 2017-05-01 | 2017-05-31 | registered | X99901   |
        2015-04-20 | 2015-04-20 | 2017-05-31 | dissent    | X99901   | gp2gp
    """
    assert findings(history) == []


def test_what_is_known_from_another_practice_came_from_there(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice
        2015-04-20 | 2015-04-20 | 2015-04-30 | dissent    | X99902
                   | 2017-05-01 | 2017-05-31 | registered | X99901
        2015-04-20 | 2015-04-20 | 2017-05-31 | dissent    | X99901
    """
    assert findings(history) == []


def test_another_choice_at_another_practice_explains_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice
        2014-04-20 | 2014-04-20 | 2015-04-30 | dissent    | X99902
                   | 2017-05-01 | 2017-05-31 | registered | X99901
        2015-04-20 | 2015-04-20 | 2017-05-31 | dissent    | X99901
    """
    assert findings(history) == ["DT04 on lines 2, 3"]


def test_an_earlier_registration_at_the_practice_is_one(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice
                   | 2010-05-01 | 2014-05-31 | registered | X99901
                   | 2016-05-01 | 2016-05-31 | left       | X99901
                   | 2017-05-01 | 2017-05-31 | registered | X99901
        2015-04-20 | 2015-04-20 | 2017-05-31 | dissent    | X99901
    """
    assert findings(history) == []


def test_a_merger_brings_its_patients_entries_along(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | practice
                   | 2017-04-30 | 2017-04-30 | closed X99901 | X99902
                   | 2017-05-01 | 2017-05-31 | registered    | X99901
        2015-04-20 | 2015-04-20 | 2017-05-31 | dissent       | X99901
    """
    assert findings(history) == []


def test_whoever_registered_long_after_a_merger_did_not_come_by_it(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | practice
                   | 2015-04-30 | 2015-04-30 | closed X99901 | X99902
                   | 2017-05-01 | 2017-05-31 | registered    | X99901
        2015-04-20 | 2015-04-20 | 2017-05-31 | dissent       | X99901
    """
    assert findings(history) == ["DT04 on lines 2, 3"]


def test_without_a_registration_there_nothing_is_said(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice
                   | 2017-05-01 | 2017-05-31 | registered | X99902
        2015-04-20 | 2015-04-20 | 2017-05-31 | dissent    | X99901
    """
    assert findings(history) == []


def test_without_an_entered_time_nothing_is_said(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice
                   | 2017-05-01 | 2017-03-31 | registered | X99901
        2015-04-20 | none       | 2017-03-31 | dissent    | X99901
    """
    assert findings(history) == []


def test_a_deleted_entry_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice | id
                   | 2017-05-01 | 2017-05-31 | registered | X99901   |
        2017-04-20 | 2017-04-20 | 2017-05-31 | dissent    | X99901   | a
                   | 2017-06-01 | 2017-06-01 | removed    | X99901   | a
    """
    assert findings(history) == []


def test_it_closes_when_an_earlier_registration_becomes_known(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry
        | 2016-05-01 |            | registered
        2016-03-01 | 2016-03-01 | 2016-05-02 | dissent
        | 2016-01-01 | 2016-06-01 | registered
    """
    assert findings(history) == []


def test_the_summary_says_both_days_and_the_patient_is_upheld() -> None:
    history = """
        effective  | entered    | known      | entry      | practice
                   | 2017-05-01 | 2017-05-31 | registered | X99901
        2017-04-20 | 2017-04-20 | 2017-05-31 | dissent    | X99901
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "There is a type 1 dissent entered on 20 April 2017, and the patient registered here only "
        "on 1 May 2017."
    )
