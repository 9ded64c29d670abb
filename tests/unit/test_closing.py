"""Who has a closed practice's patients, as one register after another tells it?"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import pytest

from ledger.domain.closing import OwnLine, contradicted, ending
from ledger.domain.events import (
    Event,
    Kept,
    PracticeClosed,
    PracticeListed,
    PracticeReopened,
    Succession,
)
from ledger.domain.practices import Practice, evolve
from ledger.domain.rule import PracticeHistory
from tests.builders import at_ten

CLOSED, OTHER, THIRD = "X99901", "X99902", "X99903"
MARCH, APRIL, LATER = date(2018, 3, 31), date(2018, 4, 1), date(2018, 7, 1)
TODAY = date(2019, 1, 1)


def taken_over(by: str = OTHER, since: date = APRIL, told_by: str = CLOSED) -> Succession:
    return Succession(practice=by, since=since, told_by=told_by)


def told(
    practice: Practice,
    *successions: Succession,
    own: OwnLine | None = None,
    speakers: Iterable[str] = (),
) -> list[Any]:
    """What becomes known: events."""
    return ending(
        practice, own=own, told=successions, speakers=set(speakers), by="register", delivery="d"
    )


def with_(practice: Practice, event: Event) -> Practice:
    """The practice after one more event."""
    version = practice.version + 1
    return evolve(practice, Kept(version, f"practice-{CLOSED}", version, at_ten(TODAY), event))


def after(*imports: tuple[OwnLine | None, Sequence[Succession], Iterable[str]]) -> Practice:
    """The practice after imports one by one, each its own line, successions and speakers."""
    practice = Practice()
    for own, successions, speakers in imports:
        events = told(practice, *successions, own=own, speakers=speakers)
        if own is not None:
            listed = PracticeListed(name="A", status=own.status, gp_practice=True, by="register")
            practice = with_(practice, listed)
        for event in events:
            practice = with_(practice, event)
    return practice


SHUT = OwnLine("closed", MARCH)
OPEN = OwnLine("active", None)
ITS_OWN_WORD = (SHUT, [taken_over()], [CLOSED])
ANOTHERS_WORD = (None, [taken_over(told_by=OTHER)], [OTHER])


@pytest.mark.parametrize("word", [ITS_OWN_WORD, ANOTHERS_WORD], ids=["its own", "its successor's"])
def test_either_end_tells_who_has_the_patients(
    word: tuple[OwnLine | None, Sequence[Succession], Iterable[str]],
) -> None:
    practice = after(word)

    assert practice.successors_on(TODAY) == (OTHER,)
    assert practice.closed_by(TODAY)


def test_the_other_end_of_the_same_merger_tells_nothing_new() -> None:
    practice = after(ITS_OWN_WORD)

    assert told(practice, taken_over(told_by=OTHER), speakers=[OTHER]) == []


def test_where_only_the_successor_tells_it_the_practice_closed_when_it_took_over() -> None:
    practice = after(ANOTHERS_WORD)

    assert practice.closed is not None
    assert (practice.closed.closed_on, practice.closed.inferred) == (APRIL, True)


def test_its_own_line_later_tells_the_day() -> None:
    practice = after(ANOTHERS_WORD, (SHUT, [], []))

    assert practice.closed is not None
    assert (practice.closed.closed_on, practice.closed.inferred) == (MARCH, False)
    assert practice.successors_on(TODAY) == (OTHER,)


def test_a_list_that_knows_no_successions_takes_none_back() -> None:
    practice = after(ITS_OWN_WORD)

    assert told(practice, own=SHUT) == []
    assert told(practice, own=OwnLine("dormant", None)) == []


def test_a_list_that_has_it_open_still_takes_nothing_of_its_successors_word_back() -> None:
    practice = after(ANOTHERS_WORD)

    assert told(practice, own=OPEN) == []


def test_a_corrected_day_keeps_the_successor() -> None:
    [event] = told(after(ITS_OWN_WORD), own=OwnLine("closed", LATER))

    assert (event.closed_on, event.successors) == (LATER, (taken_over(),))


def test_a_corrected_successor_takes_the_place_of_the_wrong_one() -> None:
    practice = after(ITS_OWN_WORD, (SHUT, [taken_over(THIRD)], [CLOSED]))

    assert practice.successors_on(TODAY) == (THIRD,)


def test_what_another_told_is_not_withdrawn_by_the_practices_own_line() -> None:
    practice = after(ANOTHERS_WORD, (SHUT, [taken_over(THIRD)], [CLOSED]))

    assert practice.successors_on(TODAY) == (OTHER, THIRD)


def test_a_successor_that_no_longer_says_so_has_its_word_withdrawn() -> None:
    practice = after(ANOTHERS_WORD, (None, [], [OTHER]))

    assert practice.closed is None
    assert practice.successors_on(TODAY) == ()


def test_a_word_that_was_withdrawn_may_be_given_again() -> None:
    practice = after(ANOTHERS_WORD, (None, [], [OTHER]), ANOTHERS_WORD)

    assert practice.successors_on(TODAY) == (OTHER,)


def test_when_one_end_withdraws_it_the_word_of_the_other_holds() -> None:
    own = [taken_over(told_by=CLOSED)]
    practice = after(ANOTHERS_WORD, (SHUT, own, [CLOSED, OTHER]), (None, [], [OTHER]))

    assert practice.successors_on(TODAY) == (OTHER,)


def test_several_successors_are_all_kept() -> None:
    both = [taken_over(), taken_over(THIRD, since=LATER)]
    practice = after((SHUT, both, [CLOSED]))

    assert practice.successors_on(TODAY) == (OTHER, THIRD)
    assert practice.successors_on(APRIL) == (OTHER,)


def test_before_it_closed_its_patients_are_its_own() -> None:
    practice = after((OwnLine("active", MARCH), [taken_over()], [CLOSED]))

    assert not practice.closed_by(date(2018, 3, 30))
    assert practice.successors_on(MARCH) == ()


def test_a_practice_listed_as_open_again_has_its_patients_back() -> None:
    practice = after(ITS_OWN_WORD)

    [event] = told(practice, own=OPEN)

    assert isinstance(event, PracticeReopened)
    assert event.past == (taken_over(),)
    assert not after(ITS_OWN_WORD, (OPEN, [], [])).closed_by(TODAY)


def test_what_the_register_goes_on_telling_does_not_close_it_again() -> None:
    practice = after(ITS_OWN_WORD, (OPEN, [], []))

    assert told(practice, taken_over(told_by=OTHER), speakers=[OTHER]) == []


def test_a_practice_that_was_open_again_may_close_once_more() -> None:
    practice = after(ITS_OWN_WORD, (OPEN, [], []), (OwnLine("closed", LATER), [], []))

    assert practice.closed_by(LATER)
    assert practice.successors_on(LATER) == ()


def test_a_closing_to_come_is_called_off() -> None:
    practice = after((OwnLine("active", date(2030, 1, 1)), [], []))

    [event] = told(practice, own=OPEN)

    assert isinstance(event, PracticeReopened)


@pytest.mark.parametrize("word", [ITS_OWN_WORD, ANOTHERS_WORD], ids=["its own", "its successor's"])
def test_the_same_again_adds_nothing(
    word: tuple[OwnLine | None, Sequence[Succession], Iterable[str]],
) -> None:
    own, successions, speakers = word

    assert told(after(word), *successions, own=own, speakers=speakers) == []


def test_two_ends_that_differ_come_to_rest_at_the_last_word() -> None:
    differing = [taken_over(since=LATER, told_by=OTHER), taken_over(since=APRIL)]
    practice = after((SHUT, differing, [CLOSED, OTHER]))

    assert practice.closed is not None
    assert practice.closed.successors == (taken_over(since=APRIL),)
    assert told(practice, *differing, own=SHUT, speakers=[CLOSED, OTHER]) == []


@pytest.mark.parametrize(
    ("own", "since", "cannot_be"),
    [
        (OPEN, APRIL, True),
        (OPEN, date(2030, 1, 1), False),
        (SHUT, APRIL, False),
        (OwnLine("active", MARCH), APRIL, False),
        (None, APRIL, False),
    ],
    ids=["open", "announced", "closed", "closes on a day", "says nothing"],
)
def test_a_practice_that_is_open_has_not_been_taken_over(
    own: OwnLine | None, since: date, cannot_be: bool
) -> None:
    found = contradicted([taken_over(since=since)], own, today=TODAY)

    assert bool(found) is cannot_be


def test_a_practice_that_merely_stands_in_the_register_did_not_close() -> None:
    assert told(Practice(), own=OPEN) == []
    assert told(Practice(), own=OwnLine("dormant", None)) == []


def test_a_closing_of_the_first_version_has_its_successor_from_that_day() -> None:
    first = PracticeClosed(
        closed_on=MARCH, successors=(Succession(practice=OTHER, since=MARCH),), by="register"
    )
    practice = with_(Practice(), first)

    assert practice.successors_on(MARCH) == (OTHER,)


def test_a_rule_about_a_practice_is_told_its_successors() -> None:
    practice = after((SHUT, [taken_over(), taken_over(THIRD, since=date(2030, 1, 1))], [CLOSED]))

    history = PracticeHistory(code=CLOSED, practice=practice, unmatched=(), today=TODAY)

    assert history.successors == (OTHER,)
