"""LC05: the practice changed clinical system, and standing objections did not come along."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("LC05",)


def test_an_objection_that_did_not_come_along_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
    """
    assert findings(history) == ["LC05 on lines 2, 3, 4"]


def test_a_practice_has_one_finding_for_all_of_them(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2016-04-01 | 2016-04-01 | 2016-04-30 | dissent       | systmone | b  | type-2
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
    """
    assert findings(history) == ["LC05 on lines 2, 3, 4, 5"]


def test_it_is_not_judged_before_the_first_full_delivery(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry             | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone     |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent           | systmone | a  | type-1
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web     |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | delivery          | emis-web |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk of 900 alone | emis-web |    |
    """
    assert findings(history) == []


def test_a_full_delivery_of_the_old_system_says_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2017-04-30 | 2017-04-30 | 2017-04-30 | bulk          | systmone |    |
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
    """
    assert findings(history) == []


def test_carried_over_with_its_dates_under_a_new_id_it_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id  | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |     |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a   | type-1
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |     |
        2016-03-01 | 2016-03-01 | 2017-05-31 | dissent       | emis-web | new | type-1
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |     |
    """
    assert findings(history) == []


def test_another_purpose_is_another_objection(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id  | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |     |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a   | type-1
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |     |
        2016-03-01 | 2016-03-01 | 2017-05-31 | dissent       | emis-web | new | type-2
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |     |
    """
    assert findings(history) == ["LC05 on lines 2, 3, 5"]


def test_withdrawn_before_the_move_it_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2016-09-01 | 2016-09-01 | 2016-09-30 | withdrawal    | systmone | b  | type-1
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
    """
    assert findings(history) == []


def test_a_patient_who_had_died_has_nothing_to_bring(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2017-01-01 | 2017-01-01 | 2017-01-31 | died          |          |    |
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
    """
    assert findings(history) == []


def test_a_patient_who_had_left_has_nothing_to_bring(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2015-01-01 | 2015-01-01 | 2016-03-31 | registered    |          |    |
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
    """
    assert findings(history) == ["LC05 on lines 2, 4, 5"]

    after_leaving = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2015-01-01 | 2015-01-01 | 2016-03-31 | registered    |          |    |
        2017-01-01 | 2017-01-01 | 2017-01-31 | left          |          |    |
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
    """
    assert findings(after_leaving) == []


def test_a_patient_who_had_registered_elsewhere_has_left(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose | practice
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |         |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1  |
        2015-01-01 | 2015-01-01 | 2016-03-31 | registered    |          |    |         |
        2017-01-01 | 2017-01-01 | 2017-01-31 | registered    |          |    |         | X99902
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |         |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |         |
    """
    assert findings(history) == []


def test_it_closes_when_the_objection_arrives(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id  | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |     |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a   | type-1
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |     |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |     |
        2016-03-01 | 2016-03-01 | 2017-06-30 | dissent       | emis-web | new | type-1
    """
    assert findings(history) == []


def test_it_closes_when_the_objection_is_withdrawn(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
        2017-07-03 | 2017-07-03 | 2017-07-31 | withdrawal    | emis-web | w  | type-1
    """
    assert findings(history) == []


def test_it_closes_when_the_patient_leaves_or_dies(findings: Findings) -> None:
    left = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2015-01-01 | 2015-01-01 | 2016-03-31 | registered    |          |    |
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
        2017-07-01 | 2017-07-01 | 2017-07-31 | left          |          |    |
    """
    assert findings(left) == []

    died = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
        2017-07-01 | 2017-07-01 | 2017-07-31 | died          |          |    |
    """
    assert findings(died) == []


def test_a_practice_that_never_moved_has_lost_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | systmone |    |
    """
    assert findings(history) == []


def test_what_was_entered_elsewhere_is_not_looked_for_here(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id  | purpose | practice
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |     |         |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a   | type-1  |
        2016-04-01 | 2016-04-01 | 2016-04-30 | dissent       | systmone | b   | type-2  | X99902
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |     |         |
        2016-03-01 | 2016-03-01 | 2017-05-31 | dissent       | emis-web | new | type-1  |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |     |         |
    """
    assert findings(history) == []


def test_it_says_how_many_since_when_and_that_they_are_upheld() -> None:
    history = """
        effective  | entered    | known      | entry         | system   | id | purpose
        2014-01-06 | 2014-01-06 | 2014-01-06 | uses systmone |          |    |
        2016-03-01 | 2016-03-01 | 2016-03-31 | dissent       | systmone | a  | type-1
        2016-04-01 | 2016-04-01 | 2016-04-30 | dissent       | systmone | b  | type-2
        2017-05-01 | 2017-05-01 | 2017-05-01 | uses emis-web |          |    |
        2017-05-31 | 2017-05-31 | 2017-05-31 | bulk          | emis-web |    |
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2017, 5, 31)
    assert sighting.upheld_meanwhile is True
    assert sighting.summary == (
        "2 objections that stood are missing since the practice moved to EMIS Web, whose first "
        "full delivery was of 31 May 2017."
    )
