"""What becomes of a finding that a controller dismissed and then takes up again?"""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ledger.application import Ledger
from ledger.application.standpoint import When
from ledger.domain.callers import Caller, Role
from ledger.domain.events import FindingReopened, Mode
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact, NotAllowed, UnknownThing
from ledger.store.log import read_events
from ledger.store.projection import decoded
from tests.files import (
    Carried,
    a_collection_file,
    a_systmone_delivery,
    a_systmone_entry,
    found_in,
)
from tests.nhs_numbers import nhs_number
from tests.projected import assert_the_same, everything

PRACTICE = "X99901"
NUMBER = nhs_number()
CONTROLLER = Caller("a practice manager", Role.CONTROLLER, frozenset({PRACTICE}))


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    return opened


def evening(day: int) -> datetime:
    return datetime(2017, 3, day, 22)  # noqa: DTZ001  clinical systems write their clock without zone


def take_in(ledger: Ledger, where: Path, day: int, *, code: str, begins: int | None = None) -> None:
    path = a_systmone_delivery(
        where,
        begins=None if begins is None else evening(begins),
        ends=evening(day),
        entries=[a_systmone_entry(code=code)],
    )
    for found in found_in(path):
        ledger.ingest(found)
    ledger.catch_up()


@pytest.fixture
def mistyped(ledger: Ledger, tmp_path: Path) -> str:
    """The finding about a code that is nearly a dissent's: it counts until it is dismissed."""
    take_in(ledger, tmp_path, 2, code="xaz89")
    return ledger.findings(rule="CO07")[0].id


def status(ledger: Ledger, *, known_at: int | None = None) -> str:
    (answer,) = ledger.statuses([NUMBER], Purpose.TYPE_1, known_at=known_at)
    return answer.status


def listed_as_objecting(ledger: Ledger) -> int:
    return ledger.objecting(PRACTICE).get(Purpose.TYPE_1, 0)


def dismiss(ledger: Ledger, finding: str, reason: str = "a research code") -> int:
    ledger.dismiss_finding(PRACTICE, finding, reason=reason, by=CONTROLLER)
    return ledger.known().position


def reopen(ledger: Ledger, finding: str, reason: str = "they did ask") -> int:
    ledger.reopen_finding(PRACTICE, finding, reason=reason, by=CONTROLLER)
    return ledger.known().position


def test_its_entry_counts_again_from_then_on_and_never_before(
    ledger: Ledger, mistyped: str
) -> None:
    found = ledger.known().position
    dismissed = dismiss(ledger, mistyped)
    while_dismissed = status(ledger), listed_as_objecting(ledger)

    reopened = reopen(ledger, mistyped)

    assert while_dismissed == ("not-objecting", 0)
    assert (status(ledger), listed_as_objecting(ledger)) == ("objecting", 1)
    assert [status(ledger, known_at=at) for at in (found, dismissed, reopened)] == [
        "objecting",
        "not-objecting",
        "objecting",
    ]


def test_it_is_the_same_finding_and_is_told_as_it_stood_at_each_position(
    ledger: Ledger, mistyped: str
) -> None:
    positions = [ledger.known().position]
    positions.append(dismiss(ledger, mistyped))
    positions.append(reopen(ledger, mistyped))
    positions.append(dismiss(ledger, mistyped))
    positions.append(reopen(ledger, mistyped))

    states = [ledger.findings(rule="CO07", state="all", when=When(known_at=at)) for at in positions]

    assert [[f.state for f in found] for found in states] == [
        ["open"],
        ["dismissed"],
        ["open"],
        ["dismissed"],
        ["open"],
    ]
    assert {f.id for found in states for f in found} == {mistyped}
    in_state = {
        state: [
            bool(ledger.findings(rule="CO07", state=state, when=When(known_at=at)))
            for at in positions
        ]
        for state in ("open", "dismissed")
    }
    assert in_state == {
        "open": [True, False, True, False, True],
        "dismissed": [False, True, False, True, False],
    }


def test_what_it_asks_for_is_asked_for_again(ledger: Ledger, mistyped: str) -> None:
    before = ledger.actions(practice=PRACTICE, rule="CO07")
    dismiss(ledger, mistyped)
    without = ledger.actions(practice=PRACTICE, rule="CO07", state="all")

    reopen(ledger, mistyped)

    assert without == []
    assert ledger.actions(practice=PRACTICE, rule="CO07") == before != []


def test_what_was_put_right_meanwhile_is_closed_at_once(
    ledger: Ledger, mistyped: str, tmp_path: Path
) -> None:
    dismiss(ledger, mistyped)
    take_in(ledger, tmp_path, 3, code="XaZ89", begins=2)

    reopen(ledger, mistyped)

    assert ledger.finding(mistyped).state == "closed"
    assert status(ledger) == "objecting"


def test_a_finding_that_is_about_no_entry_is_dismissed_and_reopened_too(
    ledger: Ledger, tmp_path: Path
) -> None:
    take_in(ledger, tmp_path, 2, code="XaZ89")
    carried = a_collection_file(
        tmp_path / "c", period_end=date(2017, 2, 28), members=[Carried(NUMBER)]
    )
    for found in found_in(carried):
        ledger.ingest(found)
    ledger.catch_up()
    (finding,) = ledger.findings(rule="TX07")

    dismiss(ledger, finding.id)
    dismissed = ledger.finding(finding.id).state
    reopen(ledger, finding.id)

    assert dismissed == "dismissed"
    assert ledger.finding(finding.id).state == "open"


def test_a_rebuild_and_one_batch_give_what_was_said_one_by_one(
    ledger: Ledger, mistyped: str
) -> None:
    for _ in range(2):
        dismiss(ledger, mistyped)
        reopen(ledger, mistyped)
    one_by_one = everything(ledger.engine)

    ledger.rebuild()

    assert_the_same(one_by_one, everything(ledger.engine))


def test_who_reopened_it_and_why_stands_in_the_log(ledger: Ledger, mistyped: str) -> None:
    dismiss(ledger, mistyped)
    dismiss(ledger, mistyped, "twice said")

    reopen(ledger, mistyped)

    with ledger.engine.connect() as connection:
        last = decoded(read_events(connection, after=0, limit=1_000))[-1].event
    assert isinstance(last, FindingReopened)
    entries = tuple(ledger.finding(mistyped).positions)
    assert last == FindingReopened(
        finding=mistyped, rule="CO07", entries=entries, reason="they did ask", by=CONTROLLER.name
    )


def test_only_a_dismissed_finding_is_reopened(ledger: Ledger, mistyped: str) -> None:
    with pytest.raises(UnknownThing, match="nothing to re-open"):
        reopen(ledger, mistyped)

    dismiss(ledger, mistyped)
    reopen(ledger, mistyped)
    with pytest.raises(UnknownThing, match="nothing to re-open"):
        reopen(ledger, mistyped)


@pytest.mark.parametrize("reason", [" ", f"rang {NUMBER}"])
def test_it_takes_a_reason_that_names_nobody(ledger: Ledger, mistyped: str, reason: str) -> None:
    dismiss(ledger, mistyped)

    with pytest.raises(NotAFact):
        reopen(ledger, mistyped, reason)

    assert ledger.finding(mistyped).state == "dismissed"


@pytest.mark.parametrize(
    "by",
    [
        Caller("another practice", Role.CONTROLLER, frozenset({"X99902"})),
        Caller("an auditor", Role.AUDITOR),
        Caller("acme-triage", Role.SYSTEM, frozenset({PRACTICE})),
    ],
    ids=lambda by: by.role,
)
def test_nobody_else_reopens_it(ledger: Ledger, mistyped: str, by: Caller) -> None:
    dismiss(ledger, mistyped)

    with pytest.raises(NotAllowed):
        ledger.reopen_finding(PRACTICE, mistyped, reason="they did ask", by=by)


def test_what_was_found_of_a_finding_without_turns_is_told(ledger: Ledger, mistyped: str) -> None:
    with ledger.engine.connect() as connection:
        turns = connection.execute(text("select turns from projection.findings")).scalars().all()

    assert all(turn == [] for turn in turns)
    assert [
        f.state for f in ledger.findings(rule="CO07", when=When(known_at=ledger.known().position))
    ] == ["open"]
