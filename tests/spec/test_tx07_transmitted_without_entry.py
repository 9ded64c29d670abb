"""TX07: NHS Digital was told of an objection that no practice ever recorded."""

from datetime import date

from ledger.domain.recording_errors import by_code
from tests.builders import a_patient_history
from tests.spec.conftest import Findings
from tests.spec.tables import judged, log

RULES = ("TX07",)


def test_a_patient_sent_without_any_entry_is_found(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-01-01 | delivery
        2016-05-31 | carried
        2016-05-31 | collection
    """
    assert findings(history, today="2016-09-01") == ["TX07 on line 2"]


def test_all_such_collections_are_one_finding_for_each_practice(findings: Findings) -> None:
    history = """
        entered    | entry    | practice
        2016-01-01 | delivery | X99901
        2016-01-01 | delivery | X99902
        2016-05-31 | carried  | X99901
        2016-06-30 | carried  | X99901
        2016-06-30 | carried  | X99902
    """
    assert findings(history, today="2016-09-01") == ["TX07 on lines 3, 4", "TX07 on line 5"]


def test_a_dissent_entered_after_the_period_end_explains_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose
                   | 2016-01-01 | delivery |
                   | 2016-05-31 | carried  |
        2016-05-01 | 2016-06-01 | dissent  | type-2
                   | 2016-06-30 | carried  |
    """
    assert findings(history, today="2016-09-01") == ["TX07 on line 2"]


def test_type_1_and_withdrawals_explain_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2016-01-01 | delivery   |
        2016-02-01 | 2016-02-01 | dissent    | type-1
        2016-02-01 | 2016-02-01 | withdrawal | type-2
                   | 2016-05-31 | carried    |
    """
    assert findings(history, today="2016-09-01") == ["TX07 on line 4"]


def test_a_dissent_entered_on_the_last_day_of_the_period_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered          | entry    | purpose
                   | 2016-01-01       | delivery |
        2016-05-31 | 2016-05-31 18:00 | dissent  | type-2
                   | 2016-05-31       | carried  |
    """
    assert findings(history, today="2016-09-01") == []


def test_a_dissent_at_another_practice_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry    | purpose | practice
                   | 2016-01-01 | delivery |         | X99901
        2016-05-01 | 2016-05-01 | dissent  | type-2  | X99902
                   | 2016-05-31 | carried  |         | X99901
    """
    assert findings(history, today="2016-09-01") == []


def test_a_dissent_explains_it_though_withdrawn_or_removed_or_changed(findings: Findings) -> None:
    withdrawn = """
        effective  | entered    | entry      | purpose
                   | 2016-01-01 | delivery   |
        2016-02-01 | 2016-02-01 | dissent    | type-2
        2016-03-01 | 2016-03-01 | withdrawal | type-2
                   | 2016-05-31 | carried    |
    """
    assert findings(withdrawn, today="2016-09-01") == []

    removed = """
        effective  | entered    | entry    | purpose | id
                   | 2016-01-01 | delivery |         |
        2016-02-01 | 2016-02-01 | dissent  | type-2  | a
                   | 2016-03-01 | removed  |         | a
                   | 2016-05-31 | carried  |         |
    """
    assert findings(removed, today="2016-09-01") == []

    changed = """
        effective  | entered    | entry    | purpose | id
                   | 2016-01-01 | delivery |         |
        2016-02-01 | 2016-02-01 | dissent  | type-2  | a
        2016-02-01 | 2016-06-01 | dissent  | type-1  | a
                   | 2016-05-31 | carried  |         |
    """
    assert findings(changed, today="2016-09-01") == []


def test_a_code_near_a_dissent_explains_it(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | purpose
                   | 2016-01-01 | delivery     |
        2016-02-01 | 2016-02-01 | near dissent | type-2
                   | 2016-05-31 | carried      |
    """
    assert findings(history, today="2016-09-01") == []


def test_a_practice_that_never_delivered_cannot_be_compared(findings: Findings) -> None:
    history = """
        entered    | entry    | practice
        2016-01-01 | delivery | X99902
        2016-05-31 | carried  | X99901
    """
    assert findings(history, today="2016-09-01") == []


def test_a_delivery_that_is_as_new_as_the_collection_and_lacks_the_entry_is_enough(
    findings: Findings,
) -> None:
    history = """
        entered    | entry
        2016-05-31 | delivery
        2016-05-31 | carried
    """
    assert findings(history) == ["TX07 on line 2"]


def test_it_is_found_when_the_late_delivery_has_come_without_the_entry(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-04-30 | delivery
        2016-05-31 | carried
        2016-06-05 | delivery
    """
    assert findings(history) == ["TX07 on line 2"]


def test_it_is_found_when_a_late_delivery_should_have_come_long_ago(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-04-30 | delivery
        2016-05-31 | carried
    """
    assert findings(history, today="2016-07-05") == ["TX07 on line 2"]


def test_while_the_practices_delivery_is_late_the_entry_may_be_too(findings: Findings) -> None:
    history = """
        entered    | entry
        2016-04-30 | delivery
        2016-05-31 | carried
    """
    assert findings(history, today="2016-06-03") == []
    assert findings(history, today="2016-07-04") == []


def test_only_the_collections_that_a_late_delivery_may_explain_wait_for_it(
    findings: Findings,
) -> None:
    history = """
        entered    | entry
        2016-04-30 | delivery
        2016-04-30 | carried
        2016-05-31 | carried
    """
    assert findings(history, today="2016-06-03") == ["TX07 on line 2"]


def test_another_practices_delivery_is_not_waited_for(findings: Findings) -> None:
    history = """
        entered    | entry    | practice
        2016-05-31 | delivery | X99901
        2016-04-30 | delivery | X99902
        2016-05-31 | carried  | X99901
    """
    assert findings(history, today="2016-06-03") == ["TX07 on line 3"]


def test_the_late_delivery_brings_the_entry(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry    | purpose
                   | 2016-04-30 |            | delivery |
                   | 2016-05-31 |            | carried  |
        2016-05-20 | 2016-05-20 | 2016-06-05 | dissent  | type-2
                   | 2016-06-05 |            | delivery |
    """
    assert findings(history, today="2016-09-01") == []


def test_it_closes_when_the_entry_comes_after_all(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry    | purpose
                   | 2016-05-31 |            | delivery |
                   | 2016-05-31 |            | carried  |
        2016-05-20 | 2016-05-20 | 2016-07-05 | dissent  | type-2
    """
    assert findings(history) == []


def test_it_has_to_be_asked_again_on_the_day_a_late_delivery_is_overdue() -> None:
    history = """
        entered    | entry
        2016-04-30 | delivery
        2016-05-31 | carried
    """
    before = a_patient_history(log(history), today=date(2016, 6, 3))
    after = a_patient_history(log(history), today=date(2016, 7, 5))

    assert list(by_code("TX07").days(before)) == [date(2016, 7, 5)]
    assert list(by_code("TX07").days(after)) == []


def test_without_an_entered_time_an_old_entry_may_have_been_there_all_along(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | known      | entry    | purpose
                   | 2016-05-31 | 2016-05-31 | carried  |
        2015-02-01 | none       | 2018-01-01 | dissent  | type-2
                   | 2018-01-01 | 2018-01-01 | delivery |
    """
    assert findings(history) == []


def test_it_says_which_collections() -> None:
    history = """
        entered    | entry
        2016-01-01 | delivery
        2016-05-31 | carried
        2016-06-30 | carried
    """
    ((_, sighting),) = judged(history, *RULES, today="2016-09-01")

    assert sighting.since == date(2016, 5, 31)
    assert sighting.upheld_meanwhile is None
    assert sighting.summary == (
        "2 collections (31 May 2016 to 30 June 2016) carried this patient for this practice, and "
        "no practice had recorded a type 2 dissent by then."
    )
