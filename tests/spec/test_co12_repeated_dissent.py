"""CO12: a patient who objects already objects again."""

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("CO12",)


def test_a_dissent_while_one_stands_is_noted(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2016-02-01 | 2016-02-01 | dissent
        2017-03-05 | 2017-03-05 | dissent
    """
    assert findings(history) == ["CO12 on lines 1, 2"]


def test_each_repetition_is_noted_beside_the_first(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2016-02-01 | 2016-02-01 | dissent
        2017-03-05 | 2017-03-05 | dissent
        2018-03-05 | 2018-03-05 | dissent
    """
    assert findings(history) == ["CO12 on lines 1, 2", "CO12 on lines 1, 3"]


def test_so_is_one_at_another_practice(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | practice
        2016-02-01 | 2016-02-01 | dissent | X99901
        2017-03-05 | 2017-03-05 | dissent | X99902
    """
    assert findings(history) == ["CO12 on lines 1, 2"]


def test_so_is_one_of_the_same_day_entered_at_another_moment(findings: Findings) -> None:
    history = """
        effective  | entered          | entry
        2016-02-01 | 2016-02-01 09:00 | dissent
        2016-02-01 | 2016-02-01 16:30 | dissent
    """
    assert findings(history) == ["CO12 on lines 1, 2"]


def test_one_that_is_dated_back_is_a_repetition_too(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-02-01 | 2017-04-01 | dissent
    """
    assert findings(history) == ["CO12 on lines 1, 2"]


def test_a_dissent_that_was_removed_without_a_withdrawal_stands_for_this_too(
    findings: Findings,
) -> None:
    history = """
        effective  | entered    | entry   | id
        2016-02-01 | 2016-02-01 | dissent | a
                   | 2016-05-01 | removed | a
        2017-03-05 | 2017-03-05 | dissent | b
    """
    assert findings(history) == ["CO12 on lines 1, 3"]


def test_a_dissent_after_a_withdrawal_is_a_new_choice(findings: Findings) -> None:
    history = """
        effective  | entered    | entry
        2016-02-01 | 2016-02-01 | dissent
        2016-09-01 | 2016-09-01 | withdrawal
        2017-03-05 | 2017-03-05 | dissent
    """
    assert findings(history) == []


def test_another_purpose_is_another_objection(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose
        2016-02-01 | 2016-02-01 | dissent | type-1
        2016-02-01 | 2016-02-01 | dissent | type-2
    """
    assert findings(history) == []


def test_one_statement_by_extract_and_gp_connect_and_gp2gp_is_no_repetition(
    findings: Findings,
) -> None:
    history = """
        effective  | entered          | known      | entry   | id       | route      | code system
        2016-02-01 | 2016-02-01 09:30 | 2016-02-29 | dissent | 17       | delivery   | ctv3
        2016-02-01 | 2016-02-01 09:30 | 2016-03-29 | dissent | gpc:17   | gp-connect | ctv3
        2016-02-01 | 2016-02-01 09:30 | 2016-04-29 | dissent | gp2gp:17 | gp2gp      | ctv3
    """
    assert findings(history) == []


def test_one_statement_in_two_vocabularies_is_coded_twice_and_no_repetition(
    findings: Findings,
) -> None:
    history = """
        effective  | entered          | entry   | code system
        2018-05-01 | 2018-05-01 09:30 | dissent | ctv3
        2018-05-01 | 2018-05-01 09:30 | dissent | snomed-ct
    """
    assert findings(history) == []


def test_a_copy_that_came_with_the_record_is_no_repetition(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | practice | route
        2016-02-01 | 2016-02-01 | dissent    | X99901   | delivery
                   | 2017-01-05 | registered | X99902   |
        2016-02-01 | 2017-01-20 | dissent    | X99902   | delivery
        2016-02-01 | 2018-01-20 | dissent    | X99903   | gp2gp
    """
    assert findings(history) == []


def test_entries_that_a_practice_took_to_another_system_are_none(findings: Findings) -> None:
    history = """
        effective  | entered          | known      | entry   | id | delivery | system
        2016-02-01 | 2016-02-01 09:30 | 2016-02-29 | dissent | a  | old      | systmone
        2016-02-01 | 2016-02-01 09:30 | 2018-06-02 | dissent | b  | new      | emis
    """
    assert findings(history) == []


def test_a_row_restored_or_rightly_coded_is_the_same_dissent(findings: Findings) -> None:
    history = """
        effective  | entered    | entry        | id | practice
        2016-02-01 | 2016-02-01 | dissent      | a  | X99901
                   | 2016-05-01 | removed      | a  | X99901
        2016-02-01 | 2016-06-01 | dissent      | b  | X99901
        2017-03-05 | 2017-03-05 | near dissent | c  | X99902
        2017-03-05 | 2017-04-01 | dissent      | d  | X99902
    """
    assert findings(history) == ["CO12 on lines 1, 4"]


def test_rows_without_an_entered_time_cannot_be_told_apart(findings: Findings) -> None:
    history = """
        effective  | entered | known      | entry   | id
        2016-02-01 | none    | 2016-02-29 | dissent | a
        2016-02-01 | none    | 2016-09-30 | dissent | b
    """
    assert findings(history) == []


def test_a_changed_row_is_one_dissent(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | id
        2016-02-01 | 2016-02-01 | dissent | a
        2016-02-02 | 2016-02-01 | dissent | a
    """
    assert findings(history) == []


def test_it_closes_when_a_withdrawal_between_the_two_becomes_known(findings: Findings) -> None:
    history = """
        effective  | entered    | known      | entry      | purpose
        2016-03-01 | 2016-03-01 |            | dissent    | type-1
        2017-03-01 | 2017-03-01 |            | dissent    | type-1
        2016-09-01 | 2016-09-01 | 2017-06-01 | withdrawal | type-1
    """
    assert findings(history) == []


def test_it_does_not_close_when_the_repetition_is_removed(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | purpose | id
        2016-03-01 | 2016-03-01 | dissent | type-1  | a
        2017-03-01 | 2017-03-01 | dissent | type-1  | b
        | 2017-04-01 | removed |         | b
    """
    assert findings(history) == ["CO12 on lines 1, 2"]


def test_nothing_is_asked_of_anybody() -> None:
    history = """
        effective  | entered    | entry
        2016-02-01 | 2016-02-01 | dissent
        2017-03-05 | 2017-03-05 | dissent
    """
    ((_, sighting),) = judged(history, *RULES)

    assert sighting.expected == "Nothing: it is counted once."
    assert sighting.summary == (
        "The type 1 dissent entered on 5 March 2017 repeats a dissent that stood already, entered "
        "on 1 February 2016."
    )


def test_a_withdrawal_in_the_words_of_a_dissent_repeats_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry      | term says
        2016-02-01 | 2016-02-01 | dissent    |
        2017-03-05 | 2017-03-05 | withdrawal | dissent
    """
    assert findings(history) == []


def test_what_a_new_practice_coded_anew_with_its_date_repeats_nothing(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | practice
        2016-02-01 | 2016-02-01 | dissent | X99901
        2016-02-01 | 2017-03-05 | dissent | X99902
    """
    assert findings(history) == []


def test_what_came_with_its_date_to_another_system_repeats_nothing(findings: Findings) -> None:
    history = """
        effective  | entered          | entry   | system
        2016-02-01 | 2016-02-01 10:13 | dissent | systmone
        2016-02-01 | 2016-02-01 00:00 | dissent | vision
    """
    assert findings(history) == []


def test_what_is_said_on_another_day_in_another_system_is_said_again(findings: Findings) -> None:
    history = """
        effective  | entered    | entry   | system
        2016-02-01 | 2016-02-01 | dissent | systmone
        2017-03-05 | 2017-03-05 | dissent | vision
    """
    assert findings(history) == ["CO12 on lines 1, 2"]
