"""Terms that contradict their code, and refusals of something else, from a supplier's file to the answer."""

from datetime import date, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.application.records import DeliveryRecord
from ledger.domain.callers import Caller, Role
from ledger.domain.events import EntryUnmatched, Mode, NeighbourRecorded, Registered
from ledger.domain.purposes import Purpose
from ledger.store.log import read_events
from ledger.store.projection import decoded
from tests.files import (
    PRACTICE,
    Row,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    a_systmone_registration,
    the_delivery,
)
from tests.nhs_numbers import nhs_number

NUMBER = nhs_number(0)
CONTROLLER = Caller("the controller", Role.CONTROLLER, frozenset({PRACTICE}))
WITHDRAWN = a_systmone_entry(code="XaZ8A", CTV3Text="Dissent withdrawn second use GP data")
WORDED_AS_A_DISSENT = {**WITHDRAWN, "CTV3Text": "Dissent from secondary use of GP data"}
REFUSED = (a_systmone_entry(1, code="XaXj6"), a_systmone_entry(2, code="XaJrC"))


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    opened = Ledger(engine)
    opened.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2017, 1, 1))
    return opened


def deliver(
    ledger: Ledger, where: Path, *entries: Row, day: int = 2, number: str = NUMBER
) -> DeliveryRecord:
    """A bulk of that day of March."""
    ends = datetime(2017, 3, day, 22, 45)  # noqa: DTZ001  the practice's clock
    path = a_systmone_delivery(
        where,
        ends=ends,
        entries=entries,
        patients=[a_systmone_patient(1, number)],
        registrations=[a_systmone_registration()],
    )
    delivered = ledger.ingest(the_delivery(path))
    ledger.catch_up()
    return delivered


def answer(ledger: Ledger) -> tuple[str, str]:
    """The status of type 1, and the rule of it."""
    (status,) = ledger.statuses([NUMBER], Purpose.TYPE_1)
    return status.status, status.rule


def states(ledger: Ledger, rule: str) -> list[str]:
    return [f.state for f in ledger.findings(practice=PRACTICE, rule=rule, state="all")]


def test_a_contradicted_withdrawal_is_a_dissent_until_its_term_alone_is_corrected(
    ledger: Ledger, tmp_path: Path
) -> None:
    deliver(ledger, tmp_path, WORDED_AS_A_DISSENT)
    assert (answer(ledger), states(ledger, "CO08")) == (("objecting", "CO08"), ["open"])

    corrected = deliver(ledger, tmp_path, WITHDRAWN, day=3)

    assert (corrected.entries_kept, corrected.unchanged, corrected.removed) == (1, 0, 0)
    assert answer(ledger) == ("not-objecting", "latest-effective")
    assert states(ledger, "CO08") == ["closed"]


def test_dismissing_the_contradiction_leaves_what_the_code_says(
    ledger: Ledger, tmp_path: Path
) -> None:
    deliver(ledger, tmp_path, WORDED_AS_A_DISSENT)
    (finding,) = ledger.findings(practice=PRACTICE, rule="CO08")

    ledger.dismiss_finding(PRACTICE, finding.id, reason="the code is right", by=CONTROLLER)
    ledger.catch_up()

    assert answer(ledger) == ("not-objecting", "latest-effective")
    assert states(ledger, "CO08") == ["dismissed"]


def test_another_way_to_word_the_same_is_no_change(ledger: Ledger, tmp_path: Path) -> None:
    deliver(ledger, tmp_path, WITHDRAWN)

    again = deliver(ledger, tmp_path, {**WITHDRAWN, "CTV3Text": ""}, day=3)

    assert (again.entries_kept, again.unchanged) == (0, 1)


def test_refusals_of_something_else_are_kept_once_and_no_status_knows_them(
    ledger: Ledger, tmp_path: Path
) -> None:
    first = deliver(ledger, tmp_path, *REFUSED)
    again = deliver(ledger, tmp_path, *REFUSED, day=3)

    assert (first.entries_kept, again.entries_kept, again.unchanged) == (2, 0, 2)
    for purpose in Purpose:
        (status,) = ledger.statuses([NUMBER], purpose)
        assert (status.status, status.rule) == ("not-objecting", "no-entry")
    assert states(ledger, "CO10") == ["open"]


def test_of_somebody_with_nothing_but_refusals_no_registration_is_told(
    ledger: Ledger, engine: Engine, tmp_path: Path
) -> None:
    deliver(ledger, tmp_path, *REFUSED)
    assert kinds(engine, Registered, NeighbourRecorded) == ["NeighbourRecorded"] * 2

    deliver(ledger, tmp_path, *REFUSED, a_systmone_entry(3), day=3)
    assert "Registered" in kinds(engine, Registered)
    assert states(ledger, "CO10") == ["closed"]


def test_a_practice_may_dismiss_what_was_no_objection(ledger: Ledger, tmp_path: Path) -> None:
    deliver(ledger, tmp_path, *REFUSED)
    (finding,) = ledger.findings(practice=PRACTICE, rule="CO10")

    ledger.dismiss_finding(PRACTICE, finding.id, reason="no objection", by=CONTROLLER)
    ledger.catch_up()

    assert states(ledger, "CO10") == ["dismissed"]


def test_a_refusal_of_nobody_does_not_wait(ledger: Ledger, engine: Engine, tmp_path: Path) -> None:
    deliver(ledger, tmp_path, *REFUSED, number="")

    assert kinds(engine, EntryUnmatched, NeighbourRecorded) == []


def test_a_refusal_gone_from_a_bulk_is_removed(ledger: Ledger, tmp_path: Path) -> None:
    deliver(ledger, tmp_path, *REFUSED)

    without = deliver(ledger, tmp_path, REFUSED[0], day=3)

    assert (without.unchanged, without.removed) == (1, 1)
    assert states(ledger, "CO10") == ["closed"]


def kinds(engine: Engine, *events: type) -> list[str]:
    """The events of these kinds in the log, by name."""
    with engine.connect() as connection:
        kept = decoded(read_events(connection, after=0, limit=1_000))
    return [type(k.event).__name__ for k in kept if isinstance(k.event, events)]
