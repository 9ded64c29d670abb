"""The policy `precedence-1`: who counts as objecting, sentence by sentence (docs/adr/0006)."""

from datetime import date

import pytest

from ledger.domain.events import Died, Kept
from ledger.domain.policies import decide, policy_named, policy_on, standing
from ledger.domain.purposes import Purpose
from tests.builders import BY, PRACTICE, a_dissent, a_patient_history, a_withdrawal, at_ten, kept
from tests.spec.tables import log

MARCH = date(2017, 3, 1)


def answer(history: str, *, at: str = "2020-01-01", purpose: str = "type-1") -> str:
    """What the policy answers on a day: `objecting by line 1 (latest-effective)`."""
    return _answer(log(history), at=at, purpose=purpose)


def _answer(events: list[Kept], *, at: str = "2020-01-01", purpose: str = "type-1") -> str:
    seen = a_patient_history(events)
    stands = standing(seen.objections, Purpose(purpose), seen.dismissals)
    decision = decide(stands, date.fromisoformat(at), withheld=seen.objections.withheld)
    if decision.because is None:
        refused = " and ".join(asked.practice for asked in decision.withheld)
        return decision.answer.value + (f" (withheld by {refused})" if refused else "")
    position, rule = decision.because.entry.position, decision.because.rule
    lines = [conflict.entry.position for conflict in decision.conflicts]
    against = f" against line {lines[0]}" if lines else ""
    return f"{decision.answer.value} by line {position} ({rule}){against}"


def test_without_an_entry_nobody_objects() -> None:
    history = """
        effective  | entered    | entry
                   | 2017-03-01 | registered
    """
    assert answer(history) == "not-objecting"


def test_a_dissent_starts_an_objection_and_a_withdrawal_ends_it() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-06-01 | 2017-06-01 | withdrawal
    """
    assert answer(history, at="2017-02-28") == "not-objecting"
    assert answer(history, at="2017-03-01") == "objecting by line 1 (latest-effective)"
    assert answer(history, at="2017-05-31") == "objecting by line 1 (latest-effective)"
    assert answer(history, at="2017-06-01") == "not-objecting by line 2 (latest-effective)"


def test_an_entry_at_any_practice_counts() -> None:
    history = """
        effective  | entered    | entry      | practice
        2017-03-01 | 2017-03-01 | withdrawal | X99901
        2017-06-01 | 2017-06-01 | dissent    | X99902
    """
    assert answer(history) == "objecting by line 2 (latest-effective)"


def test_purposes_are_never_mixed() -> None:
    history = """
        effective  | entered    | entry      | purpose
        2017-03-01 | 2017-03-01 | dissent    | type-1
        2017-06-01 | 2017-06-01 | withdrawal | type-2
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"
    assert answer(history, purpose="type-2") == "not-objecting by line 2 (latest-effective)"


def test_the_latest_effective_date_wins_whatever_was_entered_last() -> None:
    history = """
        effective  | entered    | entry
        2017-06-01 | 2017-06-01 | dissent
        2017-03-01 | 2018-03-01 | withdrawal
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"


@pytest.mark.parametrize("effective", ["none", "unreadable", "2017", "2017-02"])
def test_an_undated_entry_counts_from_the_day_it_was_entered(effective: str) -> None:
    history = f"""
        effective   | entered    | entry
        {effective} | 2017-03-01 | dissent
    """
    assert answer(history, at="2017-02-28") == "not-objecting"
    assert answer(history, at="2017-03-01") == "objecting by line 1 (CO11)"


def test_an_undated_withdrawal_counts_too() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        none       | 2017-04-01 | withdrawal
    """
    assert answer(history) == "not-objecting by line 2 (CO11)"


def test_without_an_entered_time_the_day_it_became_known_stands_in() -> None:
    history = """
        effective | entered | known      | entry
        none      | none    | 2017-03-01 | dissent
    """
    assert answer(history, at="2017-02-28") == "not-objecting"
    assert answer(history, at="2017-03-01") == "objecting by line 1 (CO11)"


def test_a_dissent_dated_in_the_future_counts_from_the_day_it_was_entered() -> None:
    history = """
        effective  | entered    | entry
        2071-03-01 | 2017-03-01 | dissent
    """
    assert answer(history, at="2017-03-01") == "objecting by line 1 (DT01)"


def test_a_withdrawal_dated_in_the_future_never_counts() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-09-01 | 2017-06-01 | withdrawal
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"


def test_one_day_ahead_is_a_night_shift_and_keeps_its_date() -> None:
    history = """
        effective  | entered          | entry
        2017-03-02 | 2017-03-01 23:55 | dissent
    """
    assert answer(history, at="2017-03-01") == "not-objecting"
    assert answer(history, at="2017-03-02") == "objecting by line 1 (latest-effective)"


@pytest.mark.parametrize("default", ["1900-01-01", "1970-01-01"])
def test_a_system_default_is_no_date(default: str) -> None:
    dissent = f"""
        effective  | entered    | entry
        2017-01-01 | 2017-01-01 | withdrawal
        {default}  | 2017-03-01 | dissent
    """
    assert answer(dissent) == "objecting by line 2 (DT02)"

    withdrawal = f"""
        effective  | entered    | entry
        2017-01-01 | 2017-01-01 | dissent
        {default}  | 2017-03-01 | withdrawal
    """
    assert answer(withdrawal) == "objecting by line 1 (latest-effective)"


def test_no_date_before_birth_counts() -> None:
    born_later = kept(
        a_dissent(effective_on=date(2001, 1, 1), entered_at=at_ten(MARCH), before_birth=True)
    )

    assert _answer(born_later) == "objecting by line 1 (DT02)"


def test_no_date_after_death_counts() -> None:
    dead_before = kept(
        a_dissent(effective_on=date(2016, 1, 1)),
        a_withdrawal(effective_on=MARCH),
        Died(practice=PRACTICE, died_on=date(2017, 2, 1), by=BY),
    )

    assert _answer(dead_before) == "objecting by line 1 (latest-effective)"


def test_a_changed_row_counts_with_its_new_values_only() -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-03-01 | 2017-03-01 | withdrawal | a
    """
    assert answer(history) == "not-objecting by line 2 (latest-effective)"


def test_a_removed_withdrawal_no_longer_counts() -> None:
    history = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-06-01 | 2017-06-01 | withdrawal | b
                   | 2017-07-01 | removed    | b
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"


def test_on_one_date_a_dissent_beats_a_withdrawal() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-01 | 2017-03-02 | withdrawal
    """
    assert answer(history) == "objecting by line 1 (CO01) against line 2"


def test_a_later_date_settles_a_conflict_of_one_day() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-01 | 2017-03-02 | withdrawal
        2017-03-09 | 2017-03-09 | withdrawal
    """
    assert answer(history) == "not-objecting by line 3 (latest-effective)"


def test_a_removed_dissent_goes_on_counting() -> None:
    history = """
        effective  | entered    | entry   | id
        2017-03-01 | 2017-03-01 | dissent | a
                   | 2017-05-01 | removed | a
    """
    assert answer(history) == "objecting by line 1 (LC01)"


def test_a_withdrawal_of_the_same_day_or_later_ends_a_removed_dissent() -> None:
    same_day = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
                   | 2017-05-01 | removed    | a
        2017-03-01 | 2017-05-02 | withdrawal | b
    """
    assert answer(same_day) == "not-objecting by line 3 (latest-effective)"

    earlier = """
        effective  | entered    | entry      | id
        2017-03-01 | 2017-03-01 | dissent    | a
                   | 2017-05-01 | removed    | a
        2017-02-28 | 2017-05-02 | withdrawal | b
    """
    assert answer(earlier) == "objecting by line 1 (LC01)"


def test_a_dismissed_finding_ends_a_removed_dissent() -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | dissent        | a
                   | 2017-05-01 | removed        | a
                   | 2017-05-09 | LC01 dismissed | a
    """
    assert answer(history) == "not-objecting"


def test_a_dissent_replaced_in_the_same_delivery_counts_with_its_new_values_only() -> None:
    history = """
        effective  | entered    | entry   | id | delivery
        2017-03-01 | 2017-03-01 | dissent | a  | january
                   | 2017-05-01 | removed | a  | february
        2017-04-01 | 2017-05-01 | dissent | b  | february
    """
    assert answer(history, at="2017-03-31") == "not-objecting"
    assert answer(history, at="2017-04-01") == "objecting by line 3 (latest-effective)"


def test_a_code_near_a_dissent_counts() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | near dissent
    """
    assert answer(history) == "objecting by line 1 (CO07)"


def test_a_withdrawal_of_the_same_day_ends_a_code_near_a_dissent() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | near dissent
        2017-03-01 | 2017-03-01 | withdrawal
    """
    assert answer(history) == "not-objecting by line 2 (latest-effective)"


def test_a_dismissed_finding_ends_a_code_near_a_dissent() -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | near dissent   | a
                   | 2017-05-09 | CO07 dismissed | a
    """
    assert answer(history) == "not-objecting"


def test_a_reopened_finding_makes_its_entry_count_again() -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | dissent        | a
                   | 2017-05-01 | removed        | a
                   | 2017-05-09 | LC01 dismissed | a
                   | 2017-05-10 | LC01 reopened  | a
    """
    assert answer(history) == "objecting by line 1 (LC01)"


def test_reopening_another_finding_brings_nothing_back() -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | near dissent   | a
                   | 2017-05-09 | CO07 dismissed | a
                   | 2017-05-10 | LC01 reopened  | a
    """
    assert answer(history) == "not-objecting"


def test_dismissing_another_finding_ends_nothing() -> None:
    history = """
        effective  | entered    | entry          | id
        2017-03-01 | 2017-03-01 | dissent        | a
                   | 2017-05-09 | CO07 dismissed | a
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"


def test_a_code_near_a_withdrawal_does_not_count() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-06-01 | 2017-06-01 | near withdrawal
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"


def test_a_withdrawal_whose_term_says_dissent_counts_as_one() -> None:
    history = """
        effective  | entered    | entry      | term says
        2017-03-01 | 2017-03-01 | dissent    |
        2017-06-01 | 2017-06-01 | withdrawal | dissent
    """
    assert answer(history, at="2017-03-01") == "objecting by line 1 (latest-effective)"
    assert answer(history, at="2017-06-01") == "objecting by line 2 (CO08)"


def test_nothing_has_to_be_there_for_it_to_withdraw() -> None:
    history = """
        effective  | entered    | entry      | term says
        2017-06-01 | 2017-06-01 | withdrawal | dissent
    """
    assert answer(history) == "objecting by line 1 (CO08)"


def test_a_withdrawal_whose_code_and_term_agree_ends_it_even_on_the_same_day() -> None:
    history = """
        effective  | entered    | entry      | term says
        2017-06-01 | 2017-06-01 | withdrawal | dissent
        2017-06-01 | 2017-06-02 | withdrawal |
    """
    assert answer(history) == "not-objecting by line 2 (latest-effective)"


def test_a_dissent_whose_term_says_withdrawn_stays_a_dissent() -> None:
    history = """
        effective  | entered    | entry   | term says
        2017-03-01 | 2017-03-01 | dissent | withdrawal
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"


def test_a_dismissed_contradiction_leaves_what_the_code_says() -> None:
    withdrawal = """
        effective  | entered    | entry          | id | term says
        2017-03-01 | 2017-03-01 | dissent        | a  |
        2017-06-01 | 2017-06-01 | withdrawal     | b  | dissent
                   | 2017-06-09 | CO08 dismissed | b  |
    """
    assert answer(withdrawal) == "not-objecting by line 2 (latest-effective)"

    dissent = """
        effective  | entered    | entry          | id | term says
        2017-03-01 | 2017-03-01 | dissent        | a  | withdrawal
                   | 2017-06-09 | CO08 dismissed | a  |
    """
    assert answer(dissent) == "objecting by line 1 (latest-effective)"


def test_a_contradiction_that_is_corrected_or_removed_is_over() -> None:
    corrected = """
        effective  | entered    | entry      | id | term says
        2017-03-01 | 2017-03-01 | withdrawal | a  | dissent
        2017-03-01 | 2017-03-09 | withdrawal | a  |
    """
    assert answer(corrected) == "not-objecting by line 2 (latest-effective)"

    removed = """
        effective  | entered    | entry      | id | term says
        2017-03-01 | 2017-03-01 | withdrawal | a  | dissent
                   | 2017-03-09 | removed    | a  |
    """
    assert answer(removed) == "not-objecting"


def test_a_withdrawal_in_the_words_of_a_dissent_is_dated_as_a_dissent_is() -> None:
    history = """
        effective  | entered    | entry      | term says
        2071-03-01 | 2017-03-01 | withdrawal | dissent
    """
    assert answer(history, at="2017-02-28") == "not-objecting"
    assert answer(history, at="2017-03-01") == "objecting by line 1 (CO08)"


def test_a_code_near_a_withdrawal_in_the_words_of_a_dissent_counts_as_one() -> None:
    history = """
        effective  | entered    | entry           | term says
        2017-03-01 | 2017-03-01 | near withdrawal | dissent
    """
    assert answer(history) == "objecting by line 1 (CO08)"


@pytest.mark.parametrize("entry", ["dissent", "withdrawal", "near dissent"])
def test_a_type_2_entry_of_after_11_october_2018_never_counts(entry: str) -> None:
    history = f"""
        effective  | entered    | entry   | purpose
        2018-10-01 | 2018-10-12 | {entry} | type-2
    """
    assert answer(history, purpose="type-2") == "not-objecting"


def test_a_type_2_entry_of_the_last_day_counts_for_good() -> None:
    history = """
        effective  | entered          | entry      | purpose
        2018-10-11 | 2018-10-11 23:30 | dissent    | type-2
        2018-12-01 | 2018-12-01       | withdrawal | type-2
    """
    assert answer(history, purpose="type-2") == "objecting by line 1 (latest-effective)"


def test_a_type_1_entry_counts_on_any_day() -> None:
    history = """
        effective  | entered    | entry
        2019-03-01 | 2019-03-01 | dissent
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"


# --- records that a practice withheld (docs/adr/0014)


def test_of_a_record_that_was_withheld_nobody_can_tell() -> None:
    history = """
        entered    | entry    | practice
        2017-03-01 | withheld | X99901
    """
    for purpose in Purpose:
        assert answer(history, purpose=purpose) == "cannot-tell (withheld by X99901)"


def test_nor_on_a_day_before_it_was_asked_for() -> None:
    history = """
        entered    | entry
        2017-03-01 | withheld
    """
    # What is in it may have been meant from any day.
    assert answer(history, at="2016-01-01") == "cannot-tell (withheld by X99901)"


def test_a_dissent_counts_though_a_record_was_withheld() -> None:
    history = """
        effective  | entered    | entry    | practice
        2017-03-01 | 2017-03-01 | dissent  | X99901
                   | 2017-06-01 | withheld | X99902
    """
    assert answer(history) == "objecting by line 1 (latest-effective)"
    # Before the dissent the record that was withheld may have held another.
    assert answer(history, at="2017-02-01") == "cannot-tell (withheld by X99902)"


def test_a_withdrawal_does_not_tell_what_is_in_a_record_that_was_withheld() -> None:
    history = """
        effective  | entered    | entry      | practice
        2017-03-01 | 2017-03-01 | withdrawal | X99901
                   | 2017-06-01 | withheld   | X99902
    """
    assert answer(history) == "cannot-tell (withheld by X99902)"


def test_a_record_that_was_sent_after_all_ends_the_doubt() -> None:
    history = """
        effective  | entered    | entry      | practice
        2017-03-01 | 2017-03-01 | withdrawal | X99901
                   | 2017-06-01 | withheld   | X99902
                   | 2017-07-01 | answered   | X99902
    """
    assert answer(history) == "not-objecting by line 1 (latest-effective)"


def test_another_practices_answer_ends_no_doubt() -> None:
    history = """
        entered    | entry    | practice
        2017-06-01 | withheld | X99901
        2017-06-01 | withheld | X99902
        2017-07-01 | answered | X99902
    """
    assert answer(history) == "cannot-tell (withheld by X99901)"


def test_what_counts_is_when_the_practice_was_asked_and_not_when_it_became_known() -> None:
    history = """
        known      | entered          | entry
        2017-08-01 | 2017-07-01 10:00 | answered
        2017-08-02 | 2017-06-01 10:00 | withheld
    """
    assert answer(history) == "not-objecting"


def test_of_two_answers_of_one_moment_the_refusal_counts() -> None:
    history = """
        entered          | entry
        2017-06-01 10:00 | withheld
        2017-06-01 10:00 | answered
    """
    assert answer(history) == "cannot-tell (withheld by X99901)"


def test_a_record_refused_again_is_in_doubt_again() -> None:
    history = """
        entered    | entry
        2017-06-01 | withheld
        2017-07-01 | answered
        2017-08-01 | withheld
    """
    assert answer(history) == "cannot-tell (withheld by X99901)"


def test_precedence_1_is_in_force_from_the_start() -> None:
    policy = policy_on(date(2014, 1, 1))

    assert policy is policy_named("precedence-1")
    assert policy.active
    assert policy_named("precedence-0") is None
