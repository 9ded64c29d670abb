"""What looks like an error and is none: each must leave the ledger quiet, or at most to review."""

from ledger.domain.recording_errors import RULES as ALL_RULES
from ledger.domain.recording_errors import by_code
from ledger.domain.rule import Severity
from tests.spec.tables import judged, told

RULES = tuple(rule.code for rule in ALL_RULES)
# Each rule takes the histories of its own scope.
OF_A_SUPPLIER = tuple(code for code in RULES if by_code(code).scope == "supplier")
OF_OTHERS = tuple(code for code in RULES if code not in OF_A_SUPPLIER)


def alarms(history: str, *rules: str) -> list[str]:
    """What is graver than a review."""
    grave = (Severity.BREACH, Severity.ERROR)
    return told(
        (code, sighting)
        for code, sighting in judged(history, *rules)
        if (sighting.severity or by_code(code).severity) in grave
    )


def test_a_record_that_follows_its_patient_re_enters_everything() -> None:
    history = """
        effective  | entered          | entry      | practice      | purpose
                   | 2015-01-01       | delivery   | X99901        |
        2015-02-01 | 2015-02-01       | dissent    | X99901        | type-1
        2016-02-01 | 2016-02-01       | withdrawal | X99901        | type-1
        2017-02-01 | 2017-02-01       | dissent    | X99901        | type-1
        2017-02-01 | 2017-02-01       | dissent    | X99901        | type-2
                   | 2017-02-28       | carried    | X99901        |
                   | 2017-02-28       | collection | X99901 X99902 |
                   | 2018-05-25       | converted  |               |
                   | 2019-01-05       | registered | X99902        |
        2016-02-01 | 2019-01-20 09:02 | withdrawal | X99902        | type-1
        2015-02-01 | 2019-01-20 09:01 | dissent    | X99902        | type-1
        2017-02-01 | 2019-01-20 09:00 | dissent    | X99902        | type-1
        2017-02-01 | 2019-01-20 09:00 | dissent    | X99902        | type-2
    """
    assert alarms(history, *OF_OTHERS) == []


def test_a_practice_moves_to_another_system_with_its_entries_own_dates() -> None:
    history = """
        effective  | entered          | known      | entry   | code system | id | delivery
        2016-02-01 | 2016-02-01 09:30 |            | dissent | ctv3        | a  | old
                   | 2018-06-01       |            | removed |             | a  | last
        2016-02-01 | 2016-02-01 09:30 | 2018-06-02 | dissent | snomed-ct   | b  | new
    """
    assert alarms(history, *OF_OTHERS) == []


def test_a_restated_choice_is_counted_once() -> None:
    history = """
        effective  | entered    | entry      | purpose
        2016-02-01 | 2016-02-01 | dissent    | type-2
                   | 2016-02-29 | carried    |
                   | 2016-02-29 | collection |
        2016-03-05 | 2016-03-05 | dissent    | type-2
                   | 2016-03-31 | carried    |
                   | 2016-03-31 | collection |
    """
    assert alarms(history, *OF_OTHERS) == []


def test_a_delivery_loaded_late_brings_old_entries() -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
                   | 2016-02-29 | 2016-03-01 | carried    |
                   | 2016-02-29 | 2016-03-01 | collection |
        2016-02-01 | 2016-02-01 | 2017-01-01 | dissent    | type-2
                   | 2017-01-01 | 2017-01-01 | delivery   |
    """
    assert alarms(history, *OF_OTHERS) == []


def test_a_first_delivery_without_entered_times_brings_old_entries() -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
                   | 2016-02-29 | 2016-03-01 | carried    |
                   | 2016-02-29 | 2016-03-01 | collection |
        2016-02-01 | none       | 2019-01-01 | dissent    | type-2
        2016-02-01 | none       | 2019-01-01 | dissent    | type-1
                   | 2019-01-01 | 2019-01-01 | delivery   |
    """
    assert alarms(history, *OF_OTHERS) == []


def test_a_collection_loaded_late_is_put_in_its_place() -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
        2016-02-01 | 2016-02-01 | 2016-02-02 | dissent    | type-2
                   | 2016-03-31 | 2016-04-01 | collection |
                   | 2016-02-29 | 2016-06-01 | carried    |
                   | 2016-02-29 | 2016-06-01 | collection |
    """
    assert alarms(history, *OF_OTHERS) == []


def test_a_week_of_publicity_brings_very_many_new_objections() -> None:
    first_time = """
        period end | appeared | overdue
        2021-06-09 | 569376   | 900
    """
    assert alarms(first_time, "TX03") == []

    new = """
        period end | entered | transmitted | settled | others entered | others transmitted | others settled
        2021-06-09 | 190000  | 186200      | 186200  | 379376         | 371788             | 371788
    """
    assert alarms(new, "TX02") == []
