"""CO10: several things close by were refused on one day, and no objection of ours is recorded."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO10",)


def test_two_refusals_of_one_consultation_are_found(findings: Findings) -> None:
    history = """
        effective  | entered          | entry
        2017-03-01 | 2017-03-01 10:00 | refusal of summary-care-record
        2017-03-01 | 2017-03-01 10:05 | refusal of research
    """
    assert findings(history) == ["CO10 on lines 1, 2"]


def test_all_refusals_of_the_day_are_evidence(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | refusal of shared-record
        2017-03-01 | 2017-03-01 | refusal of summary-care-record
        2017-03-01 | 2017-03-01 | refusal of shared-record
    """
    assert findings(history) == ["CO10 on lines 1, 2, 3"]


def test_each_practice_and_day_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry                          | practice
        2017-03-01 | 2017-03-01 | refusal of summary-care-record | X99901
        2017-03-01 | 2017-03-01 | refusal of research            | X99901
        2017-06-01 | 2017-06-01 | refusal of summary-care-record | X99902
        2017-06-01 | 2017-06-01 | refusal of shared-record       | X99902
    """
    assert findings(history) == ["CO10 on lines 1, 2", "CO10 on lines 3, 4"]


def test_whoever_has_an_objection_recorded_was_asked(findings: Findings) -> None:
    objecting = """
        effective  | entered    | entry                          | purpose
        2017-03-01 | 2017-03-01 | refusal of summary-care-record |
        2017-03-01 | 2017-03-01 | refusal of research            |
        2017-03-01 | 2017-03-01 | dissent                        | type-1
    """
    assert findings(objecting) == []

    of_type_2 = """
        effective  | entered    | entry                          | purpose
        2017-03-01 | 2017-03-01 | refusal of summary-care-record |
        2017-03-01 | 2017-03-01 | refusal of research            |
        2016-03-01 | 2016-03-01 | near dissent                   | type-2
    """
    assert findings(of_type_2) == []

    withdrawn = """
        effective  | entered    | entry                          | purpose
        2017-03-01 | 2017-03-01 | refusal of summary-care-record |
        2017-03-01 | 2017-03-01 | refusal of research            |
        2017-03-01 | 2017-03-01 | withdrawal                     | type-1
    """
    assert findings(withdrawn) == []


def test_it_closes_when_the_objection_is_recorded_later(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | refusal of summary-care-record
        2017-03-01 | 2017-03-01 | refusal of research
        2017-03-01 | 2017-05-01 | dissent
    """
    assert findings(history) == []


def test_a_removed_dissent_still_stands_and_says_enough(findings: Findings) -> None:
    history = """
        effective  | entered    | entry                          | id
        2017-03-01 | 2017-03-01 | refusal of summary-care-record | a
        2017-03-01 | 2017-03-01 | refusal of research            | b
        2017-03-01 | 2017-03-01 | dissent                        | c
                   | 2017-05-01 | removed                        | c
    """
    assert findings(history) == []


def test_one_refusal_says_what_it_says(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | refusal of summary-care-record
    """
    assert findings(history) == []


def test_several_codes_of_one_thing_are_one_refusal(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | refusal of shared-record
        2017-03-01 | 2017-03-01 | refusal of shared-record
    """
    assert findings(history) == []


def test_two_days_are_two_consultations(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | refusal of summary-care-record
        2017-03-02 | 2017-03-02 | refusal of research
    """
    assert findings(history) == []


def test_two_practices_are_two_consultations(findings: Findings) -> None:
    history = """
        effective  | entered    | entry                          | practice
        2017-03-01 | 2017-03-01 | refusal of summary-care-record | X99901
        2017-03-01 | 2017-03-01 | refusal of research            | X99902
    """
    assert findings(history) == []


def test_an_old_record_that_only_looks_newly_entered_makes_no_consultation(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry
        2013-01-01 | 2017-03-01 | refusal of summary-care-record
        2015-06-01 | 2017-03-01 | refusal of research
    """
    assert findings(history) == []


def test_without_a_whole_date_nobody_can_say_which_day_it_was(findings: Findings) -> None:
    undated = """
        effective | entered    | entry
        none      | 2017-03-01 | refusal of summary-care-record
        none      | 2017-03-01 | refusal of research
    """
    assert findings(undated) == []

    a_month = """
        effective | entered    | entry
        2017-03   | 2017-03-01 | refusal of summary-care-record
        2017-03   | 2017-03-01 | refusal of research
    """
    assert findings(a_month) == []


def test_without_an_entered_time_nobody_can_say_either(findings: Findings) -> None:
    history = """
        effective  | entered | known      | entry
        2017-03-01 | none    | 2017-03-01 | refusal of summary-care-record
        2017-03-01 | none    | 2017-03-01 | refusal of research
    """
    assert findings(history) == []


def test_it_closes_when_a_refusal_is_removed_or_changed(findings: Findings) -> None:
    removed = """
        effective  | entered    | entry                          | id
        2017-03-01 | 2017-03-01 | refusal of summary-care-record | a
        2017-03-01 | 2017-03-01 | refusal of research            | b
                   | 2017-05-01 | removed                        | b
    """
    assert findings(removed) == []

    changed = """
        effective  | entered    | entry                          | id
        2017-03-01 | 2017-03-01 | refusal of summary-care-record | a
        2017-03-01 | 2017-03-01 | refusal of research            | b
        2016-12-01 | 2017-03-01 | refusal of research            | b
    """
    assert findings(changed) == []


def test_it_is_for_a_person_to_look_and_protects_nobody_meanwhile() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | refusal of summary-care-record
        2017-03-01 | 2017-03-01 | refusal of shared-record
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.upheld_meanwhile is False
    assert sighting.purpose is None
    assert sighting.summary == (
        "On 1 March 2017 refusals of a shared record and of a Summary Care Record were entered, and "
        "no type 1 or type 2 objection is recorded."
    )
