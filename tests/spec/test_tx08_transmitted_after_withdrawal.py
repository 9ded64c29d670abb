"""TX08: NHS Digital was told that a patient objects who had withdrawn before."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("TX08",)


def test_a_patient_carried_a_whole_period_after_the_withdrawal_is_found(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
                   | 2016-04-30 | carried    |
                   | 2016-04-30 | collection |
        2016-05-10 | 2016-05-10 | withdrawal | type-2
                   | 2016-05-31 | collection |
                   | 2016-06-30 | carried    |
                   | 2016-06-30 | collection |
    """
    assert findings(history) == ["TX08 on lines 4, 6"]


def test_a_withdrawal_on_the_day_of_the_period_end_before_was_in_time(findings: Findings) -> None:
    history = """
        effective  | entered          | entry      | purpose
        2016-03-01 | 2016-03-01       | dissent    | type-2
        2016-04-30 | 2016-04-30 17:00 | withdrawal | type-2
                   | 2016-04-30       | collection |
                   | 2016-05-31       | carried    |
                   | 2016-05-31       | collection |
    """
    assert findings(history) == ["TX08 on lines 2, 4"]


def test_each_practice_that_goes_on_sending_is_told(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | practice
        2016-03-01 | 2016-03-01 | dissent    | type-2  | X99901
        2016-04-10 | 2016-04-10 | withdrawal | type-2  | X99902
                   | 2016-04-30 | collection |         | X99901 X99902
                   | 2016-05-31 | carried    |         | X99901
                   | 2016-05-31 | carried    |         | X99902
                   | 2016-05-31 | collection |         | X99901 X99902
    """
    assert findings(history) == ["TX08 on lines 2, 4", "TX08 on lines 2, 5"]


def test_all_collections_that_carried_them_are_one_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
        2016-04-10 | 2016-04-10 | withdrawal | type-2
                   | 2016-04-30 | collection |
                   | 2016-05-31 | carried    |
                   | 2016-05-31 | collection |
                   | 2016-06-30 | carried    |
                   | 2016-06-30 | collection |
                   | 2016-07-31 | collection |
    """
    assert findings(history) == ["TX08 on lines 2, 4, 6"]


def test_a_withdrawal_within_the_period_may_come_too_late_for_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
                   | 2016-04-30 | carried    |
                   | 2016-04-30 | collection |
        2016-05-10 | 2016-05-10 | withdrawal | type-2
                   | 2016-05-31 | carried    |
                   | 2016-05-31 | collection |
    """
    assert findings(history) == []


def test_of_the_first_collection_nobody_knows_when_its_period_began(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
        2016-03-10 | 2016-03-10 | withdrawal | type-2
                   | 2016-04-30 | carried    |
                   | 2016-04-30 | collection |
    """
    assert findings(history) == []


def test_a_withdrawal_dated_back_but_entered_within_the_period_is_in_time(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
                   | 2016-04-30 | collection |
        2016-04-02 | 2016-05-10 | withdrawal | type-2
                   | 2016-05-31 | carried    |
                   | 2016-05-31 | collection |
    """
    assert findings(history) == []


def test_a_same_day_conflict_that_the_dissent_wins_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
        2016-03-01 | 2016-03-05 | withdrawal | type-2
                   | 2016-04-30 | carried    |
                   | 2016-04-30 | collection |
                   | 2016-05-31 | carried    |
                   | 2016-05-31 | collection |
    """
    assert findings(history) == []


def test_a_patient_who_objected_again_is_rightly_carried(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
        2016-04-10 | 2016-04-10 | withdrawal | type-2
                   | 2016-04-30 | collection |
        2016-05-05 | 2016-05-05 | dissent    | type-2
                   | 2016-05-31 | carried    |
                   | 2016-05-31 | collection |
    """
    assert findings(history) == []


def test_a_withdrawal_that_was_removed_counts_no_more(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | id
        2016-03-01 | 2016-03-01 | dissent    | type-2  | a
        2016-04-10 | 2016-04-10 | withdrawal | type-2  | b
                   | 2016-04-30 | collection |         |
                   | 2016-05-31 | carried    |         |
                   | 2016-05-31 | collection |         |
                   | 2016-06-05 | removed    |         | b
    """
    assert findings(history) == []


def test_whoever_never_said_anything_is_another_matter(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2016-04-30 | collection |
                   | 2016-05-31 | carried    |
                   | 2016-05-31 | collection |
    """
    assert findings(history) == []


def test_a_collection_that_arrives_late_is_put_in_its_place(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
        2016-03-01 | 2016-03-01 | 2016-03-02 | dissent    | type-2
                   | 2016-04-30 | 2016-05-03 | collection |
        2016-05-10 | 2016-05-10 | 2016-05-11 | withdrawal | type-2
                   | 2016-07-31 | 2016-08-03 | collection |
                   | 2016-05-31 | 2016-09-01 | carried    |
                   | 2016-05-31 | 2016-09-01 | collection |
    """
    assert findings(history) == []


def test_it_does_not_close_when_the_next_collection_leaves_the_patient_out(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
        2016-04-10 | 2016-04-10 | withdrawal | type-2
        | 2016-04-30 | collection |
        | 2016-05-31 | carried    |
        | 2016-05-31 | collection |
        | 2016-06-30 | collection |
    """
    assert findings(history) == ["TX08 on lines 2, 4"]


def test_it_closes_when_a_dissent_of_the_withdrawals_day_or_later_becomes_known(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
        2016-03-01 | 2016-03-01 |            | dissent    | type-2
        2016-04-10 | 2016-04-10 |            | withdrawal | type-2
        | 2016-04-30 |            | collection |
        | 2016-05-31 |            | carried    |
        | 2016-05-31 |            | collection |
        2016-05-05 | 2016-05-05 | 2016-06-20 | dissent    | type-2
    """
    assert findings(history) == []


def test_it_says_since_when_and_what_was_known() -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
        2016-04-10 | 2016-04-10 | withdrawal | type-2
                   | 2016-04-30 | collection |
                   | 2016-05-31 | carried    |
                   | 2016-05-31 | collection |
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2016, 5, 31)
    assert sighting.summary == (
        "1 collection (31 May 2016) carried this patient, whose withdrawal was entered on "
        "10 April 2016."
    )
