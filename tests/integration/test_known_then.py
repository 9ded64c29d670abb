"""What stood on each day of what was found, closed and found again."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.application.scopes import Scope
from ledger.application.standpoint import When
from ledger.domain.callers import Caller, Role
from ledger.domain.events import Mode
from ledger.domain.refusals import (
    InTheFuture,
    NotAFact,
    NotAllowed,
    NotAPoint,
    PastTheEnd,
    UnknownPolicy,
)
from tests.files import (
    Carried,
    a_collection_file,
    a_setting_change,
    a_sharing_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    found_in,
)
from tests.nhs_numbers import nhs_numbers

PRACTICE = "X99901"
CONTROLLER = Caller("a practice manager", Role.CONTROLLER, frozenset({PRACTICE}))
# Share-out was recorded automatically, then it was not, and then it was again.
DAYS = {date(2018, 6, 1): "on", date(2018, 6, 5): "off", date(2018, 6, 9): "on"}


@pytest.fixture
def ledger(engine: Engine, tmp_path: Path) -> Ledger:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2018, 1, 1))
    for day, value in DAYS.items():
        change = a_setting_change(value=value, changed_at=f"{day}T09:30:00+01:00")
        [found] = found_in(a_sharing_file(tmp_path, dated=day, changes=[change]))
        opened.ingest(found)
        opened.catch_up()
    return opened


def test_a_finding_that_came_back_was_closed_in_between(ledger: Ledger) -> None:
    states = {}
    for day in (date(2018, 5, 31), *DAYS):
        found = ledger.findings(rule="SH01", state="all", when=When(known_at=day))
        states[day] = [
            (one.state, None if one.closed_at is None else one.closed_at.date()) for one in found
        ]
    by_state = {
        state: [
            len(ledger.findings(rule="SH01", state=state, when=When(known_at=day))) for day in DAYS
        ]
        for state in ("open", "closed", "dismissed")
    }

    assert states == {
        date(2018, 5, 31): [],
        date(2018, 6, 1): [("open", None)],
        date(2018, 6, 5): [("closed", date(2018, 6, 5))],
        date(2018, 6, 9): [("open", None)],
    }
    assert by_state == {"open": [1, 0, 1], "closed": [0, 1, 0], "dismissed": [0, 0, 0]}
    [now] = ledger.findings(rule="SH01")
    [then] = ledger.findings(rule="SH01", when=When(known_at=date(2018, 6, 1)))
    assert now == then


def test_what_it_asks_for_was_not_needed_while_it_was_closed(ledger: Ledger) -> None:
    states = {
        day: [
            one.state for one in ledger.actions(rule="SH01", state="all", when=When(known_at=day))
        ]
        for day in (date(2018, 5, 31), *DAYS)
    }

    assert states == {
        date(2018, 5, 31): [],
        date(2018, 6, 1): ["open"],
        date(2018, 6, 5): ["not-needed"],
        date(2018, 6, 9): ["open"],
    }


def test_an_action_is_told_as_taken_only_from_when_it_was(ledger: Ledger) -> None:
    [action] = ledger.actions(rule="SH01")
    before = ledger.known().position
    ledger.take_action(PRACTICE, action.id, note="switched off by the manager", by=CONTROLLER)

    then = ledger.action(action.id, when=When(known_at=before))

    assert (then.state, then.note) == ("open", None)
    assert ledger.action(action.id).state == "taken"


def test_a_finding_is_true_from_its_day_whenever_it_was_known(ledger: Ledger) -> None:
    true_on = {
        day: len(ledger.findings(rule="SH01", when=When(at=day)))
        for day in (date(2018, 6, 8), date(2018, 6, 9))
    }

    assert true_on == {date(2018, 6, 8): 0, date(2018, 6, 9): 1}


def test_a_setting_is_what_it_was_known_to_be_on_the_day_asked_about(ledger: Ledger) -> None:
    def auto_share_out(at: date, known_at: date) -> str | None:
        return ledger.sharing(PRACTICE, at=at, known_at=known_at).settings[0].value

    ninth = date(2018, 6, 9)
    assert [auto_share_out(day, ninth) for day in DAYS] == ["on", "off", "on"]
    assert auto_share_out(ninth, date(2018, 6, 5)) == "off"
    assert auto_share_out(ninth, date(2018, 5, 31)) is None


def test_nobody_knows_what_will_be_known(ledger: Ledger) -> None:
    end = ledger.known().position
    today = ledger.today()
    tonight = datetime(2018, 6, 9, 22, 59, tzinfo=UTC)

    assert ledger.view(When(known_at=end)).position == end
    assert ledger.view(When(known_at=today)).position == end
    assert ledger.view(When(known_at=tonight)).position == end
    for point, refused in (
        (end + 1, PastTheEnd),
        (today + timedelta(days=1), InTheFuture),
        (tonight + timedelta(minutes=1), InTheFuture),
    ):
        with pytest.raises(refused):
            ledger.view(When(known_at=point))


def test_in_a_live_ledger_the_next_minute_has_not_come(engine: Engine) -> None:
    now = datetime.now(UTC) + timedelta(minutes=1)
    live = Ledger(engine, clock=lambda: now)
    live.open("live")

    assert live.known(now).position == 1
    assert live.known(now - timedelta(hours=1)).position == 0
    with pytest.raises(InTheFuture):
        live.known(now + timedelta(minutes=1))


def test_a_policy_is_known_by_its_name(ledger: Ledger) -> None:
    assert ledger.view(When(policy="precedence-1")).policy == "precedence-1"
    with pytest.raises(UnknownPolicy):
        ledger.findings(when=When(policy="precedence-0"))


def test_a_position_before_the_first_knows_nothing(ledger: Ledger) -> None:
    before = When(known_at=0)

    assert ledger.findings(state="all", when=before) == []
    assert ledger.actions(state="all", when=before) == []
    assert ledger.transmission(when=before) == []
    assert list(ledger.replay(known_at=0).lines) == []
    with pytest.raises(NotAFact):
        ledger.replay(Scope("1234567890"))


def test_what_differs_are_settings_and_findings_with_the_events_that_made_them_so(
    ledger: Ledger,
) -> None:
    first, second, third = DAYS
    changed = {
        day: [one.position for one in ledger.sharing(PRACTICE, known_at=day).history][-1]
        for day in DAYS
    }
    judged = {day: ledger.known(day).position for day in DAYS}

    def told(before: date, after: date) -> list[tuple[object, ...]]:
        return [
            (one.what, one.setting or one.rule, one.before, one.after, one.positions)
            for one in ledger.known_differences(before, after, Scope(practice=PRACTICE)).lines
            if one.rule != "SH03"
        ]

    setting = ("setting", "auto-share-out")
    assert told(date(2018, 5, 31), first) == [
        (*setting, None, "on", [changed[first]]),
        ("finding", "SH01", None, "open", [judged[first]]),
    ]
    assert told(first, second) == [
        (*setting, "on", "off", [changed[second]]),
        ("finding", "SH01", "open", "closed", [judged[second]]),
    ]
    assert told(second, third)[1:] == [
        ("finding", "SH01", "closed", "open", [changed[third], judged[third]])
    ]
    # What is as it was is no difference, whatever happened in between.
    assert told(first, third) == []


def test_what_differs_between_two_days_is_told_as_known_now(ledger: Ledger) -> None:
    first, second, third = DAYS

    def told(before: date, after: date, known_at: date) -> list[tuple[object, ...]]:
        lines = ledger.effective_differences(before, after, known_at=known_at).lines
        return [(one.setting or one.rule, one.before, one.after) for one in lines]

    assert told(first, second, third) == [("auto-share-out", "on", "off")]
    assert told(first, second, first) == []
    assert told(date(2018, 5, 1), third, third) == [
        ("auto-share-out", None, "on"),
        ("SH01", None, "open"),
    ]


def test_the_earlier_point_comes_first_and_a_practice_sees_its_own_alone(ledger: Ledger) -> None:
    with pytest.raises(NotAPoint):
        ledger.known_differences(3, 2)
    with pytest.raises(NotAPoint):
        ledger.effective_differences(date(2018, 6, 2), date(2018, 6, 1))
    with pytest.raises(NotAllowed):
        ledger.known_differences(1, 2, by=CONTROLLER)
    with pytest.raises(NotAllowed):
        ledger.known_differences(1, 2, Scope(practice="X99902"), by=CONTROLLER)
    assert ledger.known_differences(1, 2, Scope(practice=PRACTICE), by=CONTROLLER).lines


def test_who_was_known_to_nhs_digital_is_told_beside_who_objected(
    engine: Engine, tmp_path: Path
) -> None:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2018, 1, 1))
    ada, ben = nhs_numbers(2)
    entries = [
        a_systmone_entry(
            row,
            code="XaaVL",
            patient=row,
            effective_on=date(2018, 1, 2),
            entered_at=datetime(2018, 1, 2, 9),  # noqa: DTZ001  a practice's clock
        )
        for row in (1, 2)
    ]
    delivery = a_systmone_delivery(
        tmp_path / "told",
        ends=datetime(2018, 1, 31, 22),  # noqa: DTZ001  a practice's clock
        entries=entries,
        patients=[a_systmone_patient(1, ada), a_systmone_patient(2, ben)],
    )
    may, june = (
        a_collection_file(
            tmp_path / "collections",
            period_end=end,
            members=[Carried(number, PRACTICE) for number in carried],
            collection=end.isoformat(),
        )
        for end, carried in ((date(2018, 5, 31), [ada]), (date(2018, 6, 30), [ada, ben]))
    )
    for found in found_in(delivery, may, june):
        opened.ingest(found)
    opened.catch_up()

    def stood(at: date, known_at: date) -> list[tuple[str, int, int, int]]:
        lines = opened.stood(when=When(at=at, known_at=known_at))
        return [(one.supplier, one.objecting, one.transmitted, one.waiting) for one in lines]

    june_25, june_30, today = date(2018, 6, 25), date(2018, 6, 30), opened.today()
    assert stood(june_25, june_25) == [("TPP", 2, 1, 1)]
    # What the collection of June carried was carried on its last day, and known when it came.
    assert stood(june_30, june_25) == [("TPP", 2, 1, 1)]
    assert stood(june_30, today) == [("TPP", 2, 2, 0)]
    assert stood(june_25, today) == [("TPP", 2, 1, 1)]
    assert stood(date(2018, 1, 1), today) == []
