"""ID09: one entry arrived for two NHS numbers, or two people answer for each other's."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("ID09",)


def test_a_row_that_named_one_patient_and_then_another_is_found_of_both(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | known      | entry        | id | patient
        2017-03-01 | 2017-03-01 | 2017-03-31 | dissent      | 1  | a
                   |            | 2017-04-30 | removed      | 1  | a
        2017-03-01 | 2017-03-01 | 2017-04-30 | dissent      | 1  | b
    """
    assert findings(history) == ["ID09 on lines 1, 3", "ID09 on lines 1, 3"]


def test_a_row_that_stands_for_both_at_once_is_found_of_both(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | id | patient
        2017-03-01 | 2017-03-01 | withdrawal | 1  | a
        2017-03-01 | 2017-03-01 | withdrawal | 1  | b
    """
    assert findings(history) == ["ID09 on lines 1, 2", "ID09 on lines 1, 2"]


def test_it_closes_when_it_is_withdrawn_for_one_of_them(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry        | id | patient
        2017-03-01 | 2017-03-01 | 2017-03-31 | dissent      | 1  | a
                   |            | 2017-04-30 | removed      | 1  | a
        2017-03-01 | 2017-03-01 | 2017-04-30 | dissent      | 1  | b
        2017-05-05 | 2017-05-05 | 2017-05-31 | withdrawal   | 2  | a
    """
    assert findings(history) == []


def test_it_closes_for_both_whoever_of_them_it_is_withdrawn_for(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry        | id | patient
        2017-03-01 | 2017-03-01 | 2017-03-31 | dissent      | 1  | a
                   |            | 2017-04-30 | removed      | 1  | a
        2017-03-01 | 2017-03-01 | 2017-04-30 | dissent      | 1  | b
        2017-05-05 | 2017-05-05 | 2017-05-31 | withdrawal   | 2  | b
    """
    assert findings(history) == []


def test_it_closes_when_the_practice_says_that_the_first_was_an_error(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry        | id | patient
        2017-03-01 | 2017-03-01 | 2017-03-31 | dissent      | 1  | a
                   |            | 2017-04-30 | removed      | 1  | a
        2017-03-01 | 2017-03-01 | 2017-04-30 | dissent      | 1  | b
                   |            | 2017-05-31 | LC01 dismissed | 1  | a
    """
    assert findings(history) == []


def test_a_withdrawal_that_moved_counts_for_its_patient_alone(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | id | patient
        2017-03-01 | 2017-03-01 | 2017-03-31 | withdrawal | 1  | a
                   |            | 2017-04-30 | removed    | 1  | a
        2017-03-01 | 2017-03-01 | 2017-04-30 | withdrawal | 1  | b
    """
    assert findings(history) == []


def test_another_practices_row_of_the_same_id_is_another_entry(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id | patient | practice
        2017-03-01 | 2017-03-01 | dissent | 1  | a       | X99901
        2017-03-01 | 2017-03-01 | dissent | 1  | b       | X99902
    """
    assert findings(history) == []


def test_a_number_that_changed_and_is_nobody_elses_was_one_patient_all_along(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | known      | entry        | id | patient | delivery
        2017-03-01 | 2017-03-01 | 2017-03-31 | dissent      | 1  | a       | first
                   |            | 2017-04-30 | renumbered b |    | a       | second
                   |            | 2017-04-30 | removed      | 1  | a       | second
        2017-03-01 | 2017-03-01 | 2017-04-30 | dissent      | 1  | b       | second
    """
    assert findings(history) == []


def test_an_old_number_that_is_somebody_elses_joins_two_people(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | patient | still borne
        2017-03-01 | 2017-03-01 | dissent      | a       |
                   | 2017-04-30 | renumbered b | a       | X99902
    """
    assert findings(history) == ["ID09 on lines 1, 2"]


def test_they_are_parted_as_soon_as_nothing_stands_between_them(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | patient | still borne
        2017-03-01 | 2017-03-01 | dissent      | a       |
                   | 2017-04-30 | renumbered b | a       | X99902
        2017-05-05 | 2017-05-05 | withdrawal   | b       |
    """
    assert findings(history) == []


def test_the_finding_says_since_when_and_both_are_upheld() -> None:
    history = """
        effective  | entered    | known      | entry        | id | patient
        2017-03-01 | 2017-03-01 | 2017-03-31 | dissent      | 1  | a
                   |            | 2017-04-30 | removed      | 1  | a
        2017-03-01 | 2017-03-01 | 2017-04-30 | dissent      | 1  | b
    """
    sightings = [sighting for _, sighting in judged(history, *RULES)]

    assert {sighting.upheld_meanwhile for sighting in sightings} == {True}
    assert {sighting.since for sighting in sightings} == {date(2017, 4, 30)}
    assert {sighting.summary for sighting in sightings} == {
        "The type 1 dissent entered on 1 March 2017 arrived for two NHS numbers."
    }


def test_the_practice_that_changed_the_number_is_asked() -> None:
    history = """
        effective  | entered    | entry        | patient | still borne | practice
        2017-03-01 | 2017-03-01 | dissent      | a       |             | X99901
                   | 2017-04-30 | renumbered b | a       | X99902      | X99901
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.practice == "X99901"
    assert sighting.summary == (
        "On 30 April 2017 the patient got another NHS number here. The old one is somebody else's "
        "too, and a type 1 dissent now counts for both."
    )
