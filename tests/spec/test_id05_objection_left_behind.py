"""ID05: the patient moved, and their type 1 objection did not come along."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("ID05",)


def test_an_objection_left_at_the_old_practice_for_14_days_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
    """
    assert findings(history, today="2016-10-04") == ["ID05 on lines 2, 4"]


def test_within_13_days_a_new_practice_has_coding_to_do(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
    """
    assert findings(history, today="2016-10-03") == []


def test_it_is_found_where_nobody_told_of_the_old_registration(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
    """
    assert findings(history, today="2016-10-20") == ["ID05 on lines 1, 2"]


def test_an_objection_coded_at_the_new_practice_is_in_order(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
        2015-03-01 | 2016-09-25 | dissent    | X99902
    """
    assert findings(history, today="2016-10-20") == []


def test_a_patient_who_withdrew_left_nothing_behind(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
        2016-09-25 | 2016-09-25 | withdrawal | X99902
    """
    assert findings(history, today="2016-10-20") == []


def test_a_patient_who_left_again_is_no_finding_there(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
                   | 2016-10-01 | left       | X99902
    """
    assert findings(history, today="2016-10-20") == []


def test_a_patient_who_came_back_has_it_in_the_record(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
                   | 2016-10-01 | left       | X99902
                   | 2016-10-01 | registered | X99901
    """
    assert findings(history, today="2016-10-20") == []


def test_a_patient_who_died_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
                   | 2016-10-01 | died       | X99902
    """
    assert findings(history, today="2016-10-20") == []


def test_the_successor_of_a_practice_that_closed_has_its_record(findings: Findings) -> None:
    history = """
        effective  | entered    | entry         | practice
                   | 2010-09-01 | registered    | X99901
        2015-03-01 | 2015-03-01 | dissent       | X99901
                   | 2016-09-20 | closed X99903 | X99901
                   | 2016-09-20 | left          | X99901
                   | 2016-09-21 | registered    | X99902
                   | 2016-09-20 | closed X99902 | X99903
    """
    assert findings(history, today="2016-10-20") == []


def test_a_record_that_was_sent_by_gp2gp_has_the_objection_in_it(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | practice | route
                   | 2010-09-01 |            | registered | X99901   |
        2015-03-01 | 2015-03-01 |            | dissent    | X99901   |
                   | 2016-09-20 |            | left       | X99901   |
                   | 2016-09-20 |            | registered | X99902   |
        2015-03-01 | 2015-03-01 | 2016-09-22 | dissent    | X99901   | gp2gp
    """
    assert findings(history, today="2016-10-20") == []


def test_a_type_2_need_not_be_coded_again(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice | purpose
                   | 2010-09-01 | registered | X99901   |
        2015-03-01 | 2015-03-01 | dissent    | X99901   | type-2
                   | 2016-09-20 | left       | X99901   |
                   | 2016-09-20 | registered | X99902   |
    """
    assert findings(history, today="2016-10-20") == []


def test_of_who_is_registered_at_both_another_rule_speaks(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | registered | X99902
    """
    assert findings(history, today="2016-10-20") == []


def test_what_a_temporary_resident_says_elsewhere_was_not_left_behind(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99902
        2015-03-01 | 2015-03-01 | dissent    | X99901
    """
    assert findings(history, today="2016-10-20") == []


def test_of_a_record_that_is_withheld_nothing_is_known(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
                   | 2016-10-01 | withheld   | X99902
    """
    assert findings(history, today="2016-10-20") == []


def test_it_closes_when_the_new_practice_codes_it_at_last(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice
        | 2015-01-01 | registered | X99901
        2016-03-01 | 2016-03-01 | dissent    | X99901
        | 2016-05-01 | left       | X99901
        | 2016-05-01 | registered | X99902
        2016-03-01 | 2016-09-01 | dissent    | X99902
    """
    assert findings(history) == []


def test_the_new_practice_is_asked_and_the_patient_is_upheld() -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2010-09-01 | registered | X99901
        2015-03-01 | 2015-03-01 | dissent    | X99901
                   | 2016-09-20 | left       | X99901
                   | 2016-09-20 | registered | X99902
    """
    ((_, sighting),) = judged(history, *RULES, today="2016-10-20")

    assert sighting.practice == "X99902"
    assert sighting.upheld_meanwhile is True
    assert sighting.since.isoformat() == "2016-10-04"
    assert sighting.summary == (
        "The patient registered here on 20 September 2016. Their type 1 dissent stands at X99901, "
        "which they left, and not here."
    )
