"""DT03: a type 1 or type 2 entry takes effect before patients were offered the choice."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("DT03",)


def test_a_type_1_or_type_2_from_before_the_scheme_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2013-08-31 | 2016-03-01 | dissent    | type-1
        2012-03-01 | 2016-03-01 | dissent    | type-2
        2010-03-01 | 2016-04-01 | withdrawal | type-1
    """
    assert findings(history) == ["DT03 on line 1", "DT03 on line 2", "DT03 on line 3"]


def test_the_first_day_of_the_scheme_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2013-09-01 | 2016-03-01 | dissent
    """
    assert findings(history) == []


def test_an_impossible_date_is_told_as_that_alone(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | born
        1900-01-01 | 2016-03-01 | dissent |
        1970-01-01 | 2016-03-01 | dissent |
        2010-03-01 | 2016-03-01 | dissent | 2011-01-01
    """
    assert findings(history) == []


def test_an_entry_without_a_date_is_another_matter(findings: Findings) -> None:
    history = """
        effective | entered    | entry
        none      | 2016-03-01 | dissent
        2012      | 2016-03-01 | dissent
    """
    assert findings(history) == []


def test_it_closes_when_the_date_is_corrected(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2006-03-01 | 2016-03-01 | dissent | a
        2016-03-01 | 2016-03-01 | dissent | a
    """
    assert findings(history) == []


def test_the_patient_objects_all_the_same() -> None:
    history = """
        effective  | entered    | entry
        2006-03-01 | 2016-03-01 | dissent
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.expected == "A type 1 or type 2 takes effect on or after 1 September 2013."
    assert sighting.summary == (
        "The type 1 dissent entered on 1 March 2016 takes effect on 1 March 2006, when the choice "
        "was not offered yet."
    )
