"""What does the ledger see of a standing action, beside what is said of it?"""

from datetime import UTC, date, datetime

import pytest

from ledger.domain.entries import Setting
from ledger.domain.practices import Change, Practice
from ledger.domain.purposes import Purpose
from ledger.domain.seen import EnteredInMonth, Facts, Seen, seen
from ledger.domain.turns import Turn

TODAY = date(2019, 2, 10)
ONCE = Turn(None, date(2016, 1, 1), None)
JANUARY = Turn("2019-01", date(2019, 1, 1), date(2019, 1, 31))
QUARTER = Turn("2019-03", date(2019, 1, 1), date(2019, 3, 31))


def a_change(setting: Setting, value: str, day: str, organisation: str = "RX1") -> Change:
    at = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    return Change(setting, value, organisation, at, "a test", 7, at)


def settings(*changes: Change) -> Facts:
    return Facts(Practice(changes=changes))


def months(*lines: str, heard_until: str = "2019-02-01") -> Facts:
    """Each line: the month, the purpose, how many entries, and how many of them in SNOMED CT."""
    told = [line.split() for line in lines]
    return Facts(
        months=[
            EnteredInMonth(
                date.fromisoformat(f"{month}-01"), Purpose(purpose), int(entries), int(snomed_ct)
            )
            for month, purpose, entries, snomed_ct in told
        ],
        heard_until=date.fromisoformat(heard_until),
    )


def test_a_list_that_holds_somebody_is_drawn_up() -> None:
    facts = settings(
        a_change(Setting.ALLOWED, "add", "2018-04-01"),
        a_change(Setting.ALLOWED, "add", "2018-04-02", "RX2"),
    )

    assert seen("SA04", facts, ONCE, today=TODAY) == Seen(
        "the allowed list holds 2 organisations", done=True
    )
    assert seen("SA05", facts, ONCE, today=TODAY) is None


def test_a_list_from_which_all_were_taken_is_not_there_any_more() -> None:
    facts = settings(
        a_change(Setting.PROHIBITED, "add", "2018-04-01"),
        a_change(Setting.PROHIBITED, "remove", "2018-05-01"),
    )

    assert seen("SA05", facts, ONCE, today=TODAY) == Seen(
        "the prohibited list is empty", done=False
    )


def test_what_was_never_told_shows_nothing() -> None:
    assert seen("SA04", Facts(), ONCE, today=TODAY) is None
    assert seen("SA08", Facts(), QUARTER, today=TODAY) is None
    assert seen("SA10", Facts(), JANUARY, today=TODAY) is None
    assert seen("SA15", Facts(), ONCE, today=TODAY) is None


@pytest.mark.parametrize("code", ["SA01", "SA02", "SA03", "SA06", "SA07", "SA11", "SA13", "SA14"])
def test_what_is_done_on_paper_shows_nowhere(code: str) -> None:
    assert seen(code, months("2019-01 type-1 3 3"), ONCE, today=TODAY) is None


def test_the_overrides_of_a_quarter_are_there_to_review_and_do_not_say_that_anybody_did() -> None:
    facts = settings(
        a_change(Setting.SHARE_IN, "overridden", "2018-12-31"),
        a_change(Setting.SHARE_IN, "overridden", "2019-01-01"),
        a_change(Setting.SHARE_IN, "verified", "2019-01-02"),
    )

    assert seen("SA08", facts, QUARTER, today=TODAY) == Seen(
        "1 share-in by override from 1 January 2019 to 31 March 2019", done=None
    )


def test_a_month_without_a_type_2_code_has_been_searched() -> None:
    facts = months("2018-12 type-2 1 1", "2019-01 type-1 4 4")

    assert seen("SA10", facts, JANUARY, today=TODAY) == Seen(
        "no type 2 code entered in January 2019", done=True
    )


def test_a_month_with_one_has_not_been_cleaned() -> None:
    facts = months("2019-01 type-2 2 0")

    assert seen("SA10", facts, JANUARY, today=TODAY) == Seen(
        "2 type 2 codes entered in January 2019 still stand", done=False
    )


def test_a_month_of_which_the_end_was_not_delivered_is_not_known_to_be_clean() -> None:
    facts = months(heard_until="2019-01-30")

    assert seen("SA10", facts, JANUARY, today=TODAY) == Seen(
        "no type 2 code entered in January 2019, up to 30 January 2019", done=None
    )
    assert seen("SA10", months(heard_until="2018-12-31"), JANUARY, today=TODAY) is None


def test_type_2_codes_since_it_ended_show_that_recording_went_on() -> None:
    facts = months("2018-09 type-2 9 9", "2018-11 type-2 1 1", "2019-01 type-2 2 0")

    assert seen("SA09", facts, ONCE, today=TODAY) == Seen(
        "3 type 2 codes entered since 1 November 2018, the latest in January 2019", done=False
    )
    assert seen("SA09", months("2018-10 type-2 9 9"), ONCE, today=TODAY) is None


def test_three_months_of_snomed_ct_alone_are_a_habit() -> None:
    facts = months(
        "2018-04 type-1 5 0", "2018-08 type-1 1 1", "2018-09 type-1 1 1", "2018-11 type-2 2 2"
    )

    assert seen("SA15", facts, ONCE, today=TODAY) == Seen(
        "every entry since August 2018 is in SNOMED CT", done=True
    )


def test_one_old_code_among_them_is_none() -> None:
    facts = months("2018-08 type-1 1 1", "2018-09 type-1 4 3", "2018-11 type-1 2 2")

    assert seen("SA15", facts, ONCE, today=TODAY) == Seen(
        "1 entry in Read v2 or CTV3 since August 2018", done=False
    )
