"""LC03: a type 2 was to become a national data opt-out, and nothing shows that it did."""

from datetime import date

from ledger.domain.recording_errors import by_code
from tests.builders import a_patient_history
from tests.spec.conftest import Findings
from tests.spec.tables import judged, log

RULES = ("LC03",)


def test_a_dissent_that_stood_on_25_may_is_found_the_day_after(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2016-03-01 | 2016-03-01 | dissent | type-2
    """
    assert findings(history, today="2018-05-26") == ["LC03 on line 1"]


def test_on_25_may_itself_it_may_still_be_converted(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2016-03-01 | 2016-03-01 | dissent | type-2
    """
    assert findings(history, today="2018-05-25") == []


def test_one_entered_later_has_the_weeks_that_a_conversion_takes(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2018-07-02 | 2018-07-02 | dissent | type-2
    """
    assert findings(history, today="2018-08-21") == []
    assert findings(history, today="2018-08-22") == ["LC03 on line 1"]


def test_one_entered_just_before_25_may_has_them_too(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2018-05-20 | 2018-05-20 | dissent | type-2
    """
    assert findings(history, today="2018-07-09") == []
    assert findings(history, today="2018-07-10") == ["LC03 on line 1"]


def test_one_entered_on_the_last_day_was_to_be_converted_in_november(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2018-10-11 | 2018-10-11 | dissent | type-2
    """
    assert findings(history, today="2018-12-01") == ["LC03 on line 1"]


def test_a_removed_or_misspelt_dissent_stands_and_is_found(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | purpose | id | practice
        2016-03-01 | 2016-03-01 | dissent      | type-2  | a  | X99901
                   | 2017-03-01 | removed      |         | a  | X99901
        2016-04-01 | 2016-04-01 | near dissent | type-2  | b  | X99902
    """
    assert findings(history, today="2018-06-30") == ["LC03 on lines 1, 3"]


def test_a_withdrawal_after_the_conversion_was_missed_does_not_undo_that(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-03-01 | 2016-03-01 | dissent    | type-2
        2018-06-20 | 2018-06-20 | withdrawal | type-2
    """
    assert findings(history, today="2018-06-30") == ["LC03 on line 1"]


def test_a_conversion_closes_it_however_late(findings: Findings) -> None:
    history = """
        effective  | entered    | entry     | purpose
        2016-03-01 | 2016-03-01 | dissent   | type-2
                   | 2018-07-06 | converted |
    """
    assert findings(history, today="2018-12-31") == []


def test_one_that_was_withdrawn_by_then_leaves_nothing_to_convert(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | purpose | practice
        2016-03-01 | 2016-03-01 | dissent    | type-2  | X99901
        2018-05-25 | 2018-05-25 | withdrawal | type-2  | X99901
        2018-07-02 | 2018-07-02 | dissent    | type-2  | X99902
        2018-08-01 | 2018-08-01 | withdrawal | type-2  | X99902
    """
    assert findings(history, today="2018-12-31") == []


def test_one_entered_when_type_2_had_ended_does_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2018-10-12 | 2018-10-12 | dissent | type-2
    """
    assert findings(history, today="2019-06-30") == []


def test_type_1_is_not_converted(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2016-03-01 | 2016-03-01 | dissent | type-1
    """
    assert findings(history, today="2018-12-31") == []


def test_it_closes_when_it_turns_out_that_the_patient_had_withdrawn(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
        2016-03-01 | 2016-03-01 |            | dissent    | type-2
        | 2018-06-30 |            | delivery   |
        2018-04-01 | 2018-04-01 | 2018-07-01 | withdrawal | type-2
    """
    assert findings(history) == []


def test_it_becomes_true_by_the_day_and_says_since_when() -> None:
    history = """
        effective  | entered    | entry   | purpose
        2016-03-01 | 2016-03-01 | dissent | type-2
        2018-07-02 | 2018-07-02 | dissent | type-2
    """
    ((_, sighting),) = judged(history, *RULES, today="2018-12-31")

    assert sighting.by_the_day is True
    assert sighting.upheld_meanwhile is False
    assert sighting.since == date(2018, 5, 26)
    assert sighting.summary == (
        "The type 2 dissent entered on 1 March 2016 was to become a national data opt-out by "
        "25 May 2018, and no conversion is known."
    )


def test_it_has_to_be_asked_again_on_the_days_after() -> None:
    rule = by_code("LC03")
    history = a_patient_history(
        log("""
            effective  | entered    | entry   | purpose
            2016-03-01 | 2016-03-01 | dissent | type-2
            2018-07-02 | 2018-07-02 | dissent | type-2
        """)
    )

    assert list(rule.days(history)) == [date(2018, 5, 26), date(2018, 8, 22)]
