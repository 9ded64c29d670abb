"""TX01: a type 2 dissent is in the record, and no collection carried it to NHS Digital."""

from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("TX01",)


def test_a_dissent_that_one_collection_left_out_is_to_be_looked_at(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-2
                   | 2016-05-31 | collection |
    """
    assert findings(history) == ["TX01 (review) on lines 1, 2"]


def test_from_the_second_collection_on_it_is_a_breach(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-2
                   | 2016-05-31 | collection |
                   | 2016-06-30 | collection |
    """
    assert findings(history) == ["TX01 on lines 1, 2, 3"]


def test_the_day_of_the_period_end_is_still_in_the_period(findings: Findings) -> None:
    history = """
        effective  | entered          | entry      | purpose
        2016-05-31 | 2016-05-31 18:00 | dissent    | type-2
                   | 2016-05-31       | collection |
    """
    assert findings(history) == ["TX01 (review) on lines 1, 2"]


def test_what_an_earlier_dissent_was_carried_for_does_not_count_for_a_later_one(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-04-01 | 2016-04-01 | dissent    | type-2
                   | 2016-04-30 | carried    |
                   | 2016-04-30 | collection |
        2016-05-05 | 2016-05-05 | withdrawal | type-2
        2016-06-01 | 2016-06-01 | dissent    | type-2
                   | 2016-06-30 | collection |
                   | 2016-07-31 | collection |
    """
    assert findings(history) == ["TX01 on lines 5, 6, 7"]


def test_each_practice_that_was_left_out_is_told(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | practice
        2016-05-01 | 2016-05-02 | dissent    | type-2  | X99901
        2016-05-01 | 2016-05-20 | dissent    | type-2  | X99902
                   | 2016-05-31 | collection |         | X99901 X99902
    """
    assert findings(history) == ["TX01 (review) on lines 1, 3", "TX01 (review) on lines 2, 3"]


def test_two_dissents_at_one_practice_are_one_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-2
                   | 2016-05-31 | collection |
        2016-06-01 | 2016-06-02 | dissent    | type-2
                   | 2016-06-30 | collection |
    """
    assert findings(history) == ["TX01 on lines 1, 2, 3, 4"]


def test_a_removed_dissent_still_stands_and_was_still_not_sent(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | id
        2016-05-01 | 2016-05-02 | dissent    | type-2  | a
                   | 2016-05-31 | collection |         |
                   | 2016-06-15 | removed    |         | a
                   | 2016-06-30 | collection |         |
    """
    assert findings(history) == ["TX01 on lines 1, 2, 4"]


def test_entered_after_the_last_period_end_it_is_not_due_yet(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2016-05-31 | collection |
        2016-05-31 | 2016-06-01 | dissent    | type-2
    """
    assert findings(history) == []


def test_a_withdrawal_before_the_period_end_leaves_nothing_to_send(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-2
        2016-05-20 | 2016-05-20 | withdrawal | type-2
                   | 2016-05-31 | collection |
    """
    assert findings(history) == []


def test_a_practice_that_sent_nothing_at_all_is_another_matter(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | practice
        2016-05-01 | 2016-05-02 | dissent    | type-2  | X99901
                   | 2016-05-31 | collection |         | X99902
                   | 2016-06-30 | collection |         | X99902
    """
    assert findings(history) == []


def test_a_dissent_that_was_carried_is_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-2
                   | 2016-05-31 | carried    |
                   | 2016-05-31 | collection |
    """
    assert findings(history) == []


def test_it_closes_when_a_collection_carries_the_patient(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2015-05-01 | 2015-05-02 | dissent    | type-2
                   | 2016-04-30 | collection |
                   | 2016-05-31 | collection |
                   | 2018-06-30 | carried    |
                   | 2018-06-30 | collection |
    """
    assert findings(history) == []


def test_carried_in_the_name_of_another_practice_it_is_known_to_nhs_digital(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | purpose | practice
        2016-05-01 | 2016-05-02 | dissent    | type-2  | X99901
                   | 2016-05-31 | carried    |         | X99902
                   | 2016-05-31 | collection |         | X99901 X99902
    """
    assert findings(history) == []


def test_so_it_is_when_this_practice_had_no_part_in_that_collection(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | practice
        2016-05-01 | 2016-05-02 | dissent    | type-2  | X99901
                   | 2016-05-31 | collection |         | X99901
                   | 2016-06-30 | carried    |         | X99902
                   | 2016-06-30 | collection |         | X99902
    """
    assert findings(history) == []


def test_a_collection_that_arrives_late_still_carries_them(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
        2016-05-01 | 2016-05-02 |            | dissent    | type-2
                   | 2016-06-30 | 2016-07-01 | collection |
                   | 2016-05-31 | 2016-08-01 | carried    |
                   | 2016-05-31 | 2016-08-01 | collection |
    """
    assert findings(history) == []


def test_type_1_never_leaves_the_practice(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-1
                   | 2016-05-31 | collection |
    """
    assert findings(history) == []


def test_it_closes_when_the_dissent_is_withdrawn(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-2
                   | 2016-05-31 | collection |
                   | 2016-06-30 | collection |
        2016-07-01 | 2016-07-01 | withdrawal | type-2
    """
    assert findings(history) == []


def test_it_says_since_when_and_that_nobody_upholds_it() -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-2
                   | 2016-05-31 | collection |
                   | 2016-06-30 | collection |
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.since == date(2016, 5, 31)
    assert sighting.upheld_meanwhile is False
    assert sighting.key == "X99901"
    assert sighting.summary == (
        "The type 2 dissent entered on 2 May 2016 did not reach NHS Digital in any of the 2 "
        "collections of 31 May 2016 to 30 June 2016, in which this practice took part."
    )


def test_a_single_collection_is_named() -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-05-01 | 2016-05-02 | dissent    | type-2
                   | 2016-05-31 | collection |
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.summary == (
        "The type 2 dissent entered on 2 May 2016 did not reach NHS Digital in the collection of "
        "31 May 2016, in which this practice took part."
    )
