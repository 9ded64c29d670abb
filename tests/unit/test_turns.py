"""When is a standing action due, and which of its turns have gone by?"""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.rule import StandingAction
from ledger.domain.standing_actions import STANDING_ACTIONS
from ledger.domain.thresholds import THRESHOLDS_1
from ledger.domain.turns import Turn, first_day, turns

_BY_CODE = {action.code: action for action in STANDING_ACTIONS}
MONTHLY = StandingAction("SA99", "", frozenset(ClinicalSystem), None, (), every_months=1)
QUARTERLY = replace(MONTHLY, every_months=3)


def told(action: StandingAction, joined_on: str, today: str) -> list[str]:
    days = {"joined_on": date.fromisoformat(joined_on), "today": date.fromisoformat(today)}
    return [f"{t.name}: {t.owed_from} to {t.due}" for t in turns(action, **days)]


def test_every_standing_action_has_its_own_code() -> None:
    assert [action.code for action in STANDING_ACTIONS] == [f"SA{n:02}" for n in range(1, 16)]


@pytest.mark.parametrize(
    ("code", "due"),
    [
        ("SA01", "2017-03-09"),  # at onboarding
        ("SA02", "2018-05-25"),
        ("SA03", "2018-05-25"),
        ("SA04", "2018-05-30"),
        ("SA05", "2018-05-30"),
        ("SA06", None),
        ("SA07", None),
        ("SA08", "2018-06-30"),  # the quarter's end
        ("SA09", "2018-10-11"),
        ("SA10", "2018-11-30"),  # the first whole month since type 2 ended
        ("SA11", "2018-10-11"),
        ("SA12", None),
        ("SA13", "2022-07-31"),
        ("SA14", None),
        ("SA15", None),
    ],
)
def test_each_is_due_as_the_catalogue_says(code: str, due: str | None) -> None:
    days = {"joined_on": date(2017, 3, 9), "today": date(2018, 6, 1)}

    last = turns(_BY_CODE[code], **days)[-1]

    assert last.due == (None if due is None else date.fromisoformat(due))


def test_the_lists_are_due_on_the_day_from_which_their_rule_finds_them_missing() -> None:
    assert {a.due_on for a in STANDING_ACTIONS if a.due_with == "SH03"} == {
        THRESHOLDS_1.lists_possible_from + timedelta(days=THRESHOLDS_1.days_to_set_up_lists)
    }


@pytest.mark.parametrize(
    ("today", "ends"),
    [
        ("2020-02-01", "2020-02-29"),
        ("2020-02-29", "2020-02-29"),
        ("2020-03-01", "2020-03-31"),
        ("2019-02-28", "2019-02-28"),
        ("2100-02-10", "2100-02-28"),
        ("2018-12-31", "2018-12-31"),
        ("2018-04-30", "2018-04-30"),
    ],
)
def test_a_month_ends_on_its_own_last_day(today: str, ends: str) -> None:
    assert turns(MONTHLY, joined_on=date(2018, 1, 1), today=date.fromisoformat(today))[-1].due == (
        date.fromisoformat(ends)
    )


def test_a_quarter_is_one_of_the_years_and_is_owed_from_the_day_of_joining() -> None:
    assert told(QUARTERLY, "2019-02-14", "2019-11-01") == [
        "2019-03: 2019-02-14 to 2019-03-31",
        "2019-06: 2019-04-01 to 2019-06-30",
        "2019-09: 2019-07-01 to 2019-09-30",
        "2019-12: 2019-10-01 to 2019-12-31",
    ]


def test_turns_go_on_over_the_years_end_and_a_leap_day() -> None:
    assert told(MONTHLY, "2019-12-31", "2020-03-01") == [
        "2019-12: 2019-12-31 to 2019-12-31",
        "2020-01: 2020-01-01 to 2020-01-31",
        "2020-02: 2020-02-01 to 2020-02-29",
        "2020-03: 2020-03-01 to 2020-03-31",
    ]


def test_the_first_search_is_the_same_turn_before_its_month_as_in_it() -> None:
    search = _BY_CODE["SA10"]

    assert told(search, "2016-01-01", "2018-06-01") == ["2018-11: 2016-01-01 to 2018-11-30"]
    assert told(search, "2016-01-01", "2018-11-30") == ["2018-11: 2018-11-01 to 2018-11-30"]
    assert told(search, "2016-01-01", "2018-12-01")[-1] == "2018-12: 2018-12-01 to 2018-12-31"


def test_who_joins_later_owes_no_turn_of_before() -> None:
    assert told(_BY_CODE["SA10"], "2020-05-20", "2020-06-02") == [
        "2020-05: 2020-05-20 to 2020-05-31",
        "2020-06: 2020-06-01 to 2020-06-30",
    ]


def test_a_turn_begins_where_the_one_before_ended() -> None:
    turn = Turn("2020-03", date(2020, 2, 14), date(2020, 3, 31))

    assert first_day(turn, months=3) == date(2020, 1, 1)
    assert first_day(turn, months=1) == date(2020, 3, 1)
