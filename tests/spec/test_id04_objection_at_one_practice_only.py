"""ID04: the patient is registered at two practices at once, and objects at one of them."""

from datetime import date

from ledger.domain.recording_errors import by_code
from tests.builders import a_patient_history
from tests.spec.conftest import Findings
from tests.spec.tables import judged, log

RULES = ("ID04",)


def test_registered_at_two_and_objecting_at_one_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
    """
    assert findings(history, today="2016-10-04") == ["ID04 on lines 1, 2, 3"]


def test_within_13_days_the_practice_that_the_patient_left_may_yet_say_so(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
    """
    assert findings(history, today="2016-10-03") == []


def test_the_days_count_from_when_the_second_registration_became_known(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | known      | entry      | practice
                   | 2010-09-01 | 2010-09-30 | registered | X99901
        2015-03-01 | 2015-03-01 | 2015-03-31 | dissent    | X99901
                   | 2016-09-20 | 2016-10-31 | registered | X99902
    """
    assert findings(history, today="2016-11-13") == []
    assert findings(history, today="2016-11-14") == ["ID04 on lines 1, 2, 3"]


def test_a_patient_of_both_who_objects_later_is_found_at_once(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
                   | 2012-10-01 | registered | X99902
        2015-03-01 | 2015-03-01 | dissent    | X99901
    """
    assert findings(history) == ["ID04 on lines 1, 2, 3"]


def test_a_type_2_too_while_there_was_one(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice | purpose
                   | 2010-09-01 | registered | X99901   |
        2015-03-01 | 2015-03-01 | dissent    | X99901   | type-2
                   | 2016-09-20 | registered | X99902   |
    """
    assert findings(history, today="2018-10-11") == ["ID04 on lines 1, 2, 3"]
    assert findings(history, today="2018-10-12") == []


def test_objecting_at_both_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
        2016-10-01 | 2016-10-01 | dissent    | X99902
    """
    assert findings(history, today="2016-12-31") == []


def test_a_patient_who_has_left_the_first_is_registered_at_one(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
    """
    assert findings(history, today="2016-12-31") == []


def test_a_patient_who_withdrew_objects_at_neither(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
        2016-10-01 | 2016-10-01 | withdrawal | X99902
    """
    assert findings(history, today="2016-12-31") == []


def test_a_registration_at_one_practice_alone_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99902
    """
    assert findings(history) == []


def test_the_successor_of_a_practice_that_closed_has_its_record(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2010-09-01 | registered    | X99901
        2015-03-01 | 2015-03-01 | dissent       | X99901
                   | 2016-09-30 | closed X99902 | X99901
                   | 2016-10-01 | registered    | X99902
    """
    assert findings(history, today="2016-12-31") == []


def test_nobody_is_registered_after_their_death(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
                   | 2016-10-20 | died       | X99902
    """
    assert findings(history, today="2016-12-31") == []


def test_of_a_record_that_is_withheld_nothing_is_known(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
                   | 2016-10-20 | withheld   | X99902
    """
    assert findings(history, today="2016-12-31") == []


def test_it_closes_when_the_objection_is_coded_here_too(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
        | 2016-01-01 | registered | X99901
        | 2016-02-01 | registered | X99902
        2016-03-01 | 2016-03-01 | dissent    | X99901
        2016-03-01 | 2016-05-01 | dissent    | X99902
    """
    assert findings(history, today="2016-12-31") == []


def test_the_second_practice_is_asked_and_the_patient_is_upheld() -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
    """
    ((_, sighting),) = judged(history, *RULES, today="2016-10-20")

    assert sighting.practice == "X99902"
    assert sighting.since.isoformat() == "2016-10-04"
    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "The patient has been registered at two practices at once since 20 September 2016, and a "
        "type 1 dissent is coded at X99901 only."
    )


def test_whoever_has_been_at_one_practice_only_is_asked_again_on_no_day() -> None:
    at_one = """
        effective  | entered    | entry      | practice
                   | 2016-09-20 | registered | X99901
        2016-09-21 | 2016-09-21 | dissent    | X99901
    """
    at_two = f"""{at_one.rstrip()}
                   | 2016-09-22 | registered | X99902
    """
    today = date(2016, 9, 30)

    assert not list(by_code("ID04").days(a_patient_history(log(at_one), today=today)))
    days = by_code("ID04").days(a_patient_history(log(at_two), today=today))
    assert {day for day in days if day > today} == {
        date(2016, 10, 4),
        date(2016, 10, 6),
        date(2018, 10, 12),
    }
