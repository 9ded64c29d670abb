"""What each policy answers of the same entries, sentence by sentence (docs/adr/0033).

Written from the sources' own words, which docs/policies.md names. `o` is objecting, `n` not objecting
and `?` cannot tell, in the order of `POLICIES` below.
"""

from datetime import date

import pytest

from ledger.domain.policies import POLICIES as ALL
from ledger.domain.policies import Answer, answer, policy_asked, policy_named, policy_on
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact, UnknownPolicy
from tests.builders import a_patient_history
from tests.spec.tables import log

POLICIES = (
    "precedence-1",
    "registered-practice-2024",
    "vision",
    "ncl-2025",
    "wsic-2020",
    "opensafely-deny-list",
    "opensafely-allow-list",
)
_LETTERS = {Answer.OBJECTING: "o", Answer.NOT_OBJECTING: "n", Answer.CANNOT_TELL: "?"}


def answers(history: str, *, at: str = "2026-01-01", purpose: str = "type-1") -> str:
    """What all of them answer, a letter each."""
    return "".join(one(name, history, at=at, purpose=purpose)[0] for name in POLICIES)


def one(name: str, history: str, *, at: str = "2026-01-01", purpose: str = "type-1") -> str:
    """What one of them answers, and why: `o by line 1 (latest-effective)`."""
    asked = Purpose(purpose)
    policy = policy_asked(name, asked, on=date.fromisoformat(at))
    seen = a_patient_history(log(history))
    told = answer(policy, seen.objections, asked, date.fromisoformat(at), seen.dismissals)
    kept = told.refusal or (told.because and told.because.entry)
    where = f"by line {kept.position} " if kept else ""
    return f"{_LETTERS[told.answer]} {where}({told.rule})"


def test_every_policy_of_the_table_is_specified_here() -> None:
    assert tuple(policy.name for policy in ALL) == POLICIES


# --- where they agree


def test_nobody_is_silent_about_a_dissent_that_stands_where_they_look() -> None:
    systmone = """
        effective  | entered    | entry
        2017-01-01 | 2017-01-01 | registered
        2017-03-01 | 2017-03-01 | dissent
    """
    #                            Vision alone looks at another system.
    assert answers(systmone) == "oonoooo"


def test_vision_looks_at_vision_and_reads_read_codes() -> None:
    vision = """
        effective  | entered    | entry      | system | code system
        2017-01-01 | 2017-01-01 | registered | vision | readv2
        2017-03-01 | 2017-03-01 | dissent    | vision | {system}
    """
    assert one("vision", vision.format(system="readv2")) == "o by line 2 (latest-effective)"
    assert one("vision", vision.format(system="snomed-ct")) == "n (no-entry)"


def test_a_row_coded_twice_is_read_by_either_code() -> None:
    history = """
        effective  | entered    | entry   | system | code system | code            | also coded
        2019-03-01 | 2019-03-01 | dissent | vision | snomed-ct   | 827241000000103 | 9Nu0.
    """
    assert one("vision", history) == "o by line 1 (latest-effective)"
    assert one("wsic-2020", history) == "o by line 1 (latest-effective)"


def test_of_whom_nothing_is_known_only_a_list_of_the_allowed_says_that_it_cannot_tell() -> None:
    nothing = """
        entered    | entry
        2017-03-01 | delivery
    """
    assert answers(nothing) == "n?nnnn?"


# --- withdrawals


def test_a_later_withdrawal_ends_an_objection_where_withdrawals_are_read() -> None:
    history = """
        effective  | entered    | entry
                   | 2017-01-01 | registered
        2017-03-01 | 2017-03-01 | dissent
        2017-06-01 | 2017-06-01 | withdrawal
    """
    assert answers(history) == "nnnnooo"
    assert answers(history, at="2017-05-31") == "oonoooo"


def test_in_vision_a_later_withdrawal_counts_and_one_of_the_same_day_is_not_later() -> None:
    history = """
        effective  | entered    | entry      | system | code system
        2017-03-01 | 2017-03-01 | dissent    | vision | readv2
        {day}      | 2017-06-01 | withdrawal | vision | readv2
    """
    assert one("vision", history.format(day="2017-06-01")) == "n by line 2 (latest-effective)"
    assert one("vision", history.format(day="2017-03-01")) == "o by line 1 (CO01)"


def test_of_one_day_a_dissent_wins_or_whichever_row_came_last() -> None:
    dissent_first = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2017-03-01 | 2017-03-02 | withdrawal
    """
    withdrawal_first = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | withdrawal
        2017-03-01 | 2017-03-02 | dissent
    """
    assert one("precedence-1", dissent_first) == "o by line 1 (CO01)"
    assert one("ncl-2025", dissent_first) == "n by line 2 (last-row)"
    assert one("precedence-1", withdrawal_first) == "o by line 2 (CO01)"
    assert one("ncl-2025", withdrawal_first) == "o by line 2 (last-row)"


# --- dates


def test_an_undated_dissent_is_dropped_by_the_warehouse_alone() -> None:
    history = """
        effective | entered    | entry
                  | 2017-01-01 | registered
        none      | 2017-03-01 | dissent
    """
    assert answers(history) == "oonnooo"


def test_an_undated_withdrawal_is_dropped_too() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        none       | 2017-04-01 | withdrawal
    """
    assert one("precedence-1", history) == "n by line 2 (CO11)"
    assert one("ncl-2025", history) == "o by line 1 (latest-effective)"


def test_a_withdrawal_dated_in_the_future_ends_an_objection_where_nobody_looks_at_dates() -> None:
    history = """
        effective  | entered    | entry
        2017-03-01 | 2017-03-01 | dissent
        2071-06-01 | 2017-06-01 | withdrawal
    """
    assert one("precedence-1", history) == "o by line 1 (latest-effective)"
    assert one("ncl-2025", history, at="2017-05-31") == "o by line 1 (latest-effective)"
    assert one("ncl-2025", history, at="2017-06-01") == "n by line 2 (latest-effective)"


def test_a_back_dated_entry_is_asked_about_on_the_day_it_is_meant_from() -> None:
    history = """
        effective  | entered    | entry
        2015-03-01 | 2017-03-01 | dissent
    """
    assert one("ncl-2025", history, at="2015-02-28") == "n (no-entry)"
    assert one("ncl-2025", history, at="2015-03-01") == "o by line 1 (latest-effective)"


# --- what the ledger reads with care


def test_a_removed_dissent_is_gone_for_whoever_has_only_the_rows() -> None:
    history = """
        effective  | entered    | entry      | id
                   | 2017-01-01 | registered |
        2017-03-01 | 2017-03-01 | dissent    | a
                   | 2017-05-01 | removed    | a
    """
    assert answers(history) == "oonnnnn"


def test_a_code_that_is_nearly_ours_is_none_for_whoever_compares_exactly() -> None:
    history = """
        effective  | entered    | entry
                   | 2017-01-01 | registered
        2017-03-01 | 2017-03-01 | near dissent
    """
    assert answers(history) == "oonnnnn"


def test_a_withdrawal_whose_term_says_dissent_is_a_withdrawal_for_whoever_reads_codes() -> None:
    history = """
        effective  | entered    | entry      | term says
        2017-03-01 | 2017-03-01 | dissent    |
        2017-06-01 | 2017-06-01 | withdrawal | dissent
    """
    assert one("precedence-1", history) == "o by line 2 (CO08)"
    assert one("ncl-2025", history) == "n by line 2 (latest-effective)"


def test_a_changed_row_says_what_it_says_now_to_everybody() -> None:
    history = """
        effective  | entered    | entry      | id
                   | 2017-01-01 | registered |
        2017-03-01 | 2017-03-01 | dissent    | a
        2017-03-01 | 2017-03-01 | withdrawal | a
    """
    assert answers(history) == "nnnnnnn"


def test_a_record_withheld_is_no_doubt_of_whoever_never_asked_for_it() -> None:
    history = """
        entered    | entry
        2017-01-01 | registered
        2017-06-01 | withheld
    """
    assert answers(history) == "??nnnnn"


# --- whose entries


def test_an_objection_at_a_practice_the_patient_left_is_not_seen_from_their_new_one() -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2017-01-01 | registered | X99901
        2017-03-01 | 2017-03-01 | dissent    | X99901
                   | 2017-06-01 | left       | X99901
                   | 2017-06-01 | registered | X99902
    """
    assert one("precedence-1", history) == "o by line 2 (latest-effective)"
    assert one("registered-practice-2024", history) == "n (no-entry)"
    assert one("registered-practice-2024", history, at="2017-05-31") == (
        "o by line 2 (latest-effective)"
    )
    assert one("opensafely-deny-list", history) == "o by line 2 (latest-effective)"


def test_of_two_registrations_at_once_both_practices_are_asked() -> None:
    history = """
        effective  | entered    | entry      | practice
                   | 2017-01-01 | registered | X99901
                   | 2017-02-01 | registered | X99902
        2017-03-01 | 2017-03-01 | dissent    | X99902
    """
    assert one("registered-practice-2024", history) == "o by line 3 (latest-effective)"


def test_who_left_may_have_objected_elsewhere() -> None:
    history = """
        effective  | entered    | entry
                   | 2017-01-01 | registered
        2017-03-01 | 2017-03-01 | dissent
        2017-04-01 | 2017-04-01 | withdrawal
                   | 2017-06-01 | left
    """
    assert one("registered-practice-2024", history) == "? (not-registered)"
    assert one("registered-practice-2024", history, at="2017-05-31") == (
        "n by line 3 (latest-effective)"
    )
    no_dissent = """
        entered    | entry
        2017-01-01 | registered
        2017-06-01 | left
    """
    assert answers(no_dissent) == "n?nnnn?"
    assert answers(no_dissent, at="2017-05-31") == "nnnnnnn"


@pytest.mark.parametrize(("died", "expected"), [("2017-06-01", "n"), ("2017-06-02", "?")])
def test_who_died_registered_cannot_have_objected_elsewhere_later(died: str, expected: str) -> None:
    history = f"""
        entered    | entry
        2017-01-01 | registered
        2017-06-01 | left
        {died}     | died
    """
    assert one("registered-practice-2024", history)[0] == expected
    assert one("opensafely-allow-list", history)[0] == expected


def test_a_registration_on_another_system_does_not_put_anybody_on_the_list_of_the_allowed() -> None:
    history = """
        effective  | entered    | entry      | practice | system   | code system
                   | 2017-01-01 | registered | X99902   | emis-web | readv2
        2017-03-01 | 2017-03-01 | dissent    | X99902   | emis-web | readv2
        2017-06-01 | 2017-06-01 | withdrawal | X99902   | emis-web | readv2
    """
    assert one("opensafely-allow-list", history) == "? (not-registered)"
    assert one("registered-practice-2024", history) == "n by line 3 (latest-effective)"


def test_an_objection_on_another_system_is_not_on_the_list_of_those_denied() -> None:
    history = """
        effective  | entered    | entry      | practice | system   | code system
                   | 2017-01-01 | registered | X99902   | emis-web | readv2
        2017-03-01 | 2017-03-01 | dissent    | X99902   | emis-web | readv2
    """
    assert one("opensafely-deny-list", history) == "n (no-entry)"
    assert one("opensafely-allow-list", history) == "? (not-registered)"


# --- purposes and codes


def test_one_list_of_codes_takes_a_type_2_for_a_type_1() -> None:
    history = """
        effective  | entered    | entry      | purpose
                   | 2017-01-01 | registered |
        2017-03-01 | 2017-03-01 | dissent    | type-2
    """
    assert answers(history) == "nnnnonn"
    assert one("wsic-2020", history, purpose="type-2") == "o by line 2 (latest-effective)"


def test_one_list_of_codes_takes_a_refused_summary_care_record_for_an_objection() -> None:
    history = """
        effective  | entered    | entry                          | id
                   | 2017-01-01 | registered                     |
        2017-03-01 | 2017-03-01 | refusal of summary-care-record | a
    """
    removed = (
        history.rstrip()
        + "\n                   | 2017-06-01 | removed                        | a\n"
    )

    assert answers(history) == "nnnnonn"
    assert one("wsic-2020", history) == "o by line 2 (pooled-refusal)"
    assert one("wsic-2020", history, at="2017-02-28") == "n (no-entry)"
    assert one("wsic-2020", removed) == "n (no-entry)"


def test_one_list_of_codes_has_no_snomed_ct() -> None:
    history = """
        effective  | entered    | entry      | code system
                   | 2019-01-01 | registered | snomed-ct
        2019-03-01 | 2019-03-01 | dissent    | snomed-ct
    """
    assert answers(history) == "oononoo"


# --- names and days


def test_live_services_are_answered_by_precedence_1_whatever_the_day() -> None:
    days = [date(2014, 1, 1), date(2024, 9, 1), date(2026, 1, 1)]

    assert {policy_on(day).name for day in days} == {"precedence-1"}
    assert [policy.name for policy in ALL if policy.active] == ["precedence-1"]


@pytest.mark.parametrize(
    ("day", "lists"),
    [
        ("2023-11-02", []),
        ("2023-11-03", ["opensafely-deny-list"]),
        ("2024-08-01", ["opensafely-deny-list"]),
        ("2024-08-02", ["opensafely-allow-list"]),
        ("2024-10-27", ["opensafely-allow-list"]),
        ("2024-10-28", ["opensafely-deny-list"]),
    ],
)
def test_the_list_went_from_denied_to_allowed_and_back(day: str, lists: list[str]) -> None:
    on = date.fromisoformat(day)

    in_force = [p.name for p in ALL if p.name.startswith("opensafely") and p.was_in_force_on(on)]

    assert in_force == lists


def test_a_policy_nobody_knows_is_told_with_those_there_are() -> None:
    with pytest.raises(UnknownPolicy, match=r"expected one of precedence-1, .*, ncl-2025, "):
        policy_asked("kindness", Purpose.TYPE_1, on=date(2018, 6, 1))


def test_a_policy_is_not_asked_what_its_service_never_answered() -> None:
    assert policy_named("ncl-2025") is not None
    with pytest.raises(NotAFact, match="answers for type-1 alone, not for share-out"):
        policy_asked("ncl-2025", Purpose.SHARE_OUT, on=date(2026, 1, 1))
