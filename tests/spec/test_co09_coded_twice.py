"""CO09: one statement stands in two rows, in an older code and in SNOMED CT."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO09",)


def test_one_statement_in_ctv3_and_in_snomed_ct_is_noted(findings: Findings) -> None:
    history = """
        effective  | entered          | entry   | code system
        2018-05-01 | 2018-05-01 09:30 | dissent | ctv3
        2018-05-01 | 2018-05-01 09:30 | dissent | snomed-ct
    """
    assert findings(history) == ["CO09 on lines 1, 2"]


def test_so_is_one_in_read_v2_and_in_snomed_ct_without_a_date(findings: Findings) -> None:
    history = """
        effective | entered          | entry      | code system
        none      | 2018-05-01 09:30 | withdrawal | snomed-ct
        none      | 2018-05-01 09:30 | withdrawal | readv2
    """
    assert findings(history) == ["CO09 on lines 1, 2"]


def test_two_dates_are_two_statements(findings: Findings) -> None:
    history = """
        effective  | entered          | entry   | code system
        2018-05-01 | 2018-05-02 09:30 | dissent | ctv3
        2018-05-02 | 2018-05-02 09:30 | dissent | snomed-ct
    """
    assert findings(history) == []


def test_two_moments_are_two_statements(findings: Findings) -> None:
    history = """
        effective  | entered          | entry   | code system
        2018-05-01 | 2018-05-01 09:30 | dissent | ctv3
        2018-05-01 | 2018-05-01 09:31 | dissent | snomed-ct
    """
    assert findings(history) == []


def test_two_practices_or_purposes_or_statements_are_two(findings: Findings) -> None:
    history = """
        effective  | entered          | entry      | practice | purpose | code system
        2018-05-01 | 2018-05-01 09:30 | dissent    | X99901   | type-1  | ctv3
        2018-05-01 | 2018-05-01 09:30 | dissent    | X99902   | type-1  | snomed-ct
        2018-05-01 | 2018-05-01 09:30 | dissent    | X99901   | type-2  | snomed-ct
        2018-05-01 | 2018-05-01 09:30 | withdrawal | X99901   | type-1  | snomed-ct
    """
    assert findings(history) == []


def test_two_rows_in_one_vocabulary_are_not_coded_twice(findings: Findings) -> None:
    history = """
        effective  | entered          | entry   | code system
        2018-05-01 | 2018-05-01 09:30 | dissent | snomed-ct
        2018-05-01 | 2018-05-01 09:30 | dissent | snomed-ct
    """
    assert findings(history) == []


def test_rows_without_an_entered_time_cannot_be_told_apart(findings: Findings) -> None:
    history = """
        effective  | entered | known      | entry   | code system
        2018-05-01 | none    | 2018-05-02 | dissent | readv2
        2018-05-01 | none    | 2018-05-02 | dissent | snomed-ct
    """
    assert findings(history) == []


def test_it_closes_when_one_of_the_two_is_removed(findings: Findings) -> None:
    history = """
        effective  | entered          | entry   | code system | id
        2018-05-01 | 2018-05-01 09:30 | dissent | ctv3        | a
        2018-05-01 | 2018-05-01 09:30 | dissent | snomed-ct   | b
                   | 2018-05-09       | removed |             | a
    """
    assert findings(history) == []


def test_nothing_is_asked_of_anybody() -> None:
    history = """
        effective  | entered          | entry   | code system
        2018-05-01 | 2018-05-01 09:30 | dissent | ctv3
        2018-05-01 | 2018-05-01 09:30 | dissent | snomed-ct
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is True
    assert sighting.expected == "Nothing: it is counted once."
