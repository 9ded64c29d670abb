"""TX09: the patient stood in a batch that was refused as a whole."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("TX09",)


def test_a_patient_in_a_refused_batch_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry              | purpose | collection
        2016-05-01 | 2016-05-01 | dissent            | type-2  |
                   | 2016-06-03 | in a refused batch |         | 2016-05-31
    """
    assert findings(history) == ["TX09 on line 2"]


def test_having_been_carried_before_does_not_confirm_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry              | purpose | collection
        2016-04-01 | 2016-04-01 | dissent            | type-2  |
                   | 2016-04-30 | carried            |         |
                   | 2016-04-30 | collection         |         |
                   | 2016-06-03 | in a refused batch |         | 2016-05-31
                   | 2016-06-04 | in a refused batch |         | 2016-05-31
    """
    assert findings(history) == ["TX09 on lines 4, 5"]


def test_it_closes_when_the_corrected_batch_is_taken_in(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry              | purpose | collection
        2016-05-01 | 2016-05-01 | 2016-05-02 | dissent            | type-2  |
                   | 2016-06-03 | 2016-06-03 | in a refused batch |         | 2016-05-31
                   | 2016-05-31 | 2016-06-05 | carried            |         |
                   | 2016-05-31 | 2016-06-05 | collection         |         |
    """
    assert findings(history) == []


def test_it_closes_when_a_later_collection_carries_the_patient(findings: Findings) -> None:
    history = """
        effective  | entered    | entry              | purpose
        2016-05-01 | 2016-05-01 | dissent            | type-2
                   | 2016-06-03 | in a refused batch |
                   | 2016-06-30 | carried            |
                   | 2016-06-30 | collection         |
    """
    assert findings(history) == []


def test_a_later_collection_without_the_patient_does_not(findings: Findings) -> None:
    history = """
        effective  | entered    | entry              | purpose
        2016-05-01 | 2016-05-01 | dissent            | type-2
                   | 2016-06-03 | in a refused batch |
                   | 2016-06-30 | collection         |
    """
    assert findings(history) == ["TX09 on line 2"]


def test_a_copy_refused_after_the_collection_was_taken_in_leaves_nothing_open(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry              | purpose | collection
        2016-05-01 | 2016-05-01 | dissent            | type-2  |
                   | 2016-05-31 | carried            |         |
                   | 2016-05-31 | collection         |         |
                   | 2016-06-09 | in a refused batch |         | 2016-05-31
    """
    assert findings(history) == []


def test_whoever_has_withdrawn_has_nothing_left_to_confirm(findings: Findings) -> None:
    history = """
        effective  | entered    | entry              | purpose
        2016-05-01 | 2016-05-01 | dissent            | type-2
                   | 2016-06-03 | in a refused batch |
        2016-06-20 | 2016-06-20 | withdrawal         | type-2
    """
    assert findings(history) == []


def test_it_says_since_when() -> None:
    history = """
        effective  | entered    | entry              | purpose
        2016-05-01 | 2016-05-01 | dissent            | type-2
                   | 2016-06-03 | in a refused batch |
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2016, 6, 3)
    assert sighting.practice == "X99901"
    assert sighting.summary == (
        "This patient stood in a collection that was refused as a whole on 3 June 2016, and none "
        "has carried them since."
    )
