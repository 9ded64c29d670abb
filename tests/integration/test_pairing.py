"""Does a third-party system write while its pairing stands, and not one second longer?"""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from ledger.application import Ledger
from ledger.application.memory import Draft
from ledger.domain.callers import Caller, Role
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Entry, Precision, Route, Setting, SettingChange
from ledger.domain.events import PairingRevoked
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import NotAFact, NotAllowed, PairingMissing, UnknownThing
from ledger.domain.streams import practice_stream
from ledger.readers.delivery import Found
from ledger.store.append import NewEvent, append
from ledger.store.group_commit import GroupCommit
from ledger.store.log import stream_version
from tests.files import (
    PRACTICE,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    the_delivery,
)
from tests.nhs_numbers import nhs_number

ANOTHER = "X99902"
SYSTEM, OTHER_SYSTEM = "acme-triage", "other-triage"
MANAGER = Caller("the manager", Role.CONTROLLER, frozenset({PRACTICE}))
ACME = Caller(SYSTEM, Role.SYSTEM, frozenset({PRACTICE, ANOTHER}))
LOCK = text("SELECT pg_advisory_xact_lock(20180626)")
WAITING = text("""
    SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
    WHERE datname = current_database() AND locktype = 'advisory' AND NOT granted
""")
NIGHT = datetime(2017, 3, 2, 22, 45)  # noqa: DTZ001  clinical systems write their clock without zone


@pytest.fixture(params=["together", "alone"])
def ledger(request: pytest.FixtureRequest, engine: Engine) -> Iterator[Ledger]:
    """A ledger that commits the events of many callers at once, and one that does not."""
    if request.param == "alone":
        opened = Ledger(engine)
        opened.ensure_open()
        yield opened
        return
    with GroupCommit(engine) as together:
        opened = Ledger(engine, together=together)
        opened.ensure_open()
        yield opened


def an_entry(practice: str = PRACTICE, *, entry_id: str = "e-1") -> Entry:
    return Entry(
        practice=practice,
        clinical_system=ClinicalSystem.SYSTMONE,
        entry_id=entry_id,
        source_patient="",
        purpose=Purpose.TYPE_1,
        statement=Statement.DISSENT,
        code_system=CodeSystem.CTV3,
        code="XaZ89",
        effective_on=None,
        effective_precision=Precision.MISSING,
        entered_at=datetime(2018, 5, 1, 9, tzinfo=UTC),
        route=Route.API,
    )


def a_change(value: str = "on") -> SettingChange:
    return SettingChange(
        practice=PRACTICE,
        changed_at=datetime(2018, 5, 1, 9, tzinfo=UTC),
        changed_by=SYSTEM,
        setting=Setting.AUTO_SHARE_OUT,
        value=value,
    )


def record(ledger: Ledger, *, by: Caller = ACME, entry_id: str = "e-1") -> int | None:
    return ledger.record_objection(an_entry(entry_id=entry_id), nhs_number(1), by=by)


def written_by(ledger: Ledger, name: str) -> list[int]:
    events = ledger.events(limit=1000)
    return [e.position for e in events if e.state["by"] == name]


# --- what a practice says


def test_a_pairing_is_approved_once_and_revoked_once(ledger: Ledger) -> None:
    first = ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)

    again = ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)
    revoked = ledger.revoke_pairing(PRACTICE, SYSTEM, by=MANAGER)

    assert (first, again, revoked) == (2, None, 3)
    with pytest.raises(UnknownThing, match="nothing to revoke"):
        ledger.revoke_pairing(PRACTICE, SYSTEM, by=MANAGER)


def test_a_pairing_that_never_stood_is_not_revoked(ledger: Ledger) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)

    with pytest.raises(UnknownThing):
        ledger.revoke_pairing(PRACTICE, OTHER_SYSTEM, by=MANAGER)


def test_what_stands_and_what_stood_is_told_with_who_said_so(ledger: Ledger) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)
    ledger.revoke_pairing(PRACTICE, SYSTEM, by=MANAGER)
    ledger.approve_pairing(PRACTICE, OTHER_SYSTEM, by=MANAGER)
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)

    told = ledger.pairings(PRACTICE, by=MANAGER)

    assert [(p.system, p.state, p.positions) for p in told] == [
        (SYSTEM, "standing", [5]),
        (OTHER_SYSTEM, "standing", [4]),
        (SYSTEM, "revoked", [2, 3]),
    ]
    assert {p.approved_by for p in told} == {"the manager"}
    assert [p.revoked_by for p in told] == [None, None, "the manager"]


@pytest.mark.parametrize("system", ["", "a", "two words", "a/b", "../x", "-x", "x" * 65, "é-1"])
def test_what_cannot_be_a_systems_id_is_refused(ledger: Ledger, system: str) -> None:
    with pytest.raises(NotAFact, match="letters, digits"):
        ledger.approve_pairing(PRACTICE, system, by=MANAGER)


@pytest.mark.parametrize(
    "parted", ["{}", "s-{}", "{0[0]}{0[1]}{0[2]}-{0[3]}{0[4]}{0[5]}-{0[6]}{0[7]}{0[8]}{0[9]}"]
)
def test_no_systems_id_holds_an_nhs_number(ledger: Ledger, parted: str) -> None:
    with pytest.raises(NotAFact, match="no NHS number"):
        ledger.approve_pairing(PRACTICE, parted.format(nhs_number(1)), by=MANAGER)


@pytest.mark.parametrize(
    "by",
    [
        ACME,
        Caller("an auditor", Role.AUDITOR),
        Caller("an extract", Role.EXTRACT, frozenset({PRACTICE})),
        Caller("a neighbour", Role.CONTROLLER, frozenset({ANOTHER})),
    ],
    ids=lambda by: by.role.value,
)
def test_only_the_practices_controller_approves_or_revokes(ledger: Ledger, by: Caller) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)

    with pytest.raises(NotAllowed):
        ledger.approve_pairing(PRACTICE, OTHER_SYSTEM, by=by)
    with pytest.raises(NotAllowed):
        ledger.revoke_pairing(PRACTICE, SYSTEM, by=by)


# --- what a system may then write


def test_a_paired_system_writes_and_is_named(ledger: Ledger) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)

    written = [record(ledger), ledger.change_setting(a_change(), by=ACME)]

    assert written == [3, 4]
    assert written_by(ledger, SYSTEM) == [3, 4]


def test_without_a_pairing_of_that_system_with_that_practice_nothing_is_written(
    ledger: Ledger,
) -> None:
    ledger.approve_pairing(PRACTICE, OTHER_SYSTEM, by=MANAGER)
    neighbour = Caller("a neighbour", Role.CONTROLLER, frozenset({ANOTHER}))
    ledger.approve_pairing(ANOTHER, SYSTEM, by=neighbour)
    before = ledger.known().position

    with pytest.raises(PairingMissing, match=f"{SYSTEM} with practice {PRACTICE}"):
        record(ledger)
    with pytest.raises(PairingMissing):
        ledger.change_setting(a_change(), by=ACME)
    with pytest.raises(PairingMissing):
        ledger.take_action(PRACTICE, f"SA11-{PRACTICE}", note="done", by=ACME)

    assert ledger.known().position == before
    with ledger.engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM guarded.patients")) == 0


def test_a_pairing_gives_no_practice_that_the_token_does_not(ledger: Ledger) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)

    with pytest.raises(NotAllowed):
        record(ledger, by=Caller(SYSTEM, Role.SYSTEM, frozenset({ANOTHER})))


def test_what_adds_nothing_is_refused_too_once_the_pairing_is_revoked(ledger: Ledger) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)
    record(ledger)
    ledger.revoke_pairing(PRACTICE, SYSTEM, by=MANAGER)

    with pytest.raises(PairingMissing):
        record(ledger)


def test_a_controller_needs_no_pairing(ledger: Ledger) -> None:
    assert record(ledger, by=MANAGER) == 2


# --- and not one second longer


def test_a_revocation_committed_while_a_write_waits_refuses_it(ledger: Ledger) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)

    error = while_the_log_is_locked(ledger.engine, lambda: record(ledger), then=revoke)

    assert isinstance(error, PairingMissing)
    assert written_by(ledger, SYSTEM) == []


def test_a_write_that_waited_is_kept_where_the_pairing_still_stands(ledger: Ledger) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)

    error = while_the_log_is_locked(ledger.engine, lambda: record(ledger), then=lambda _: None)

    assert error is None
    assert written_by(ledger, SYSTEM) == [3]


def test_a_revocation_committed_while_a_delivery_is_appended_refuses_it_whole(
    ledger: Ledger, tmp_path: Path
) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)
    # The system that the practice uses is known: nothing more comes into the practice's own stream.
    ledger.ingest(a_night(tmp_path / "before", ends=NIGHT - timedelta(days=1), row=1))
    kept = guarded(ledger)
    records = []

    error = while_the_log_is_locked(
        ledger.engine,
        lambda: records.append(ledger.ingest(a_night(tmp_path, ends=NIGHT, row=2), by=ACME)),
        then=revoke,
    )

    assert error is None
    assert (records[0].state, records[0].entries_kept) == ("refused", 0)
    assert f"no pairing of {SYSTEM} with practice {PRACTICE} stands" in str(records[0].reason)
    topics = [event.topic for event in ledger.events()]
    assert topics[-3:] == ["delivery-received", "pairing-revoked", "delivery-refused"]
    assert guarded(ledger) == kept


def test_of_many_writers_none_writes_behind_the_revocation(ledger: Ledger) -> None:
    ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)
    refused = threading.Event()

    def write(writer: int) -> int:
        for n in range(200):
            try:
                ledger.record_objection(
                    an_entry(entry_id=f"{writer}-{n}"), nhs_number(writer), by=ACME
                )
            except PairingMissing:
                refused.set()
                return n
        return 200

    with ThreadPoolExecutor(6) as callers:
        writing = [callers.submit(write, writer) for writer in range(6)]
        while len(written_by(ledger, SYSTEM)) < 6:
            time.sleep(0.01)
        revoked = ledger.revoke_pairing(PRACTICE, SYSTEM, by=MANAGER)
        done = [future.result(timeout=60) for future in writing]

    assert refused.is_set()
    assert revoked is not None
    positions = written_by(ledger, SYSTEM)
    assert len(positions) == sum(done)
    assert len(positions) >= 6
    assert max(positions) < revoked


def test_in_one_group_a_refused_system_keeps_nobody_else_out(engine: Engine) -> None:
    with GroupCommit(engine) as together:
        ledger = Ledger(engine, together=together)
        ledger.approve_pairing(PRACTICE, SYSTEM, by=MANAGER)
        asked = {
            "the system": lambda: record(ledger),
            "the manager": lambda: record(ledger, by=MANAGER, entry_id="e-2"),
            "another manager": lambda: ledger.change_setting(a_change(), by=MANAGER),
        }
        with ThreadPoolExecutor(3) as callers, engine.connect() as blocker:
            blocker.execute(LOCK)
            futures = {}
            for who, ask in asked.items():
                futures[who] = callers.submit(ask)
                # One after another into the queue, behind the one that waits for the lock.
                time.sleep(0.2)
            revoke(blocker)
            blocker.commit()
            errors = {who: future.exception(timeout=10) for who, future in futures.items()}

    assert isinstance(errors.pop("the system"), PairingMissing)
    assert errors.pop("the manager") is None


def a_night(where: Path, *, ends: datetime, row: int) -> Found:
    """What a practice's system exports: everything, which is one dissent."""
    return the_delivery(
        a_systmone_delivery(
            where, ends=ends, entries=[a_systmone_entry(row)], patients=[a_systmone_patient()]
        )
    )


def guarded(ledger: Ledger) -> list[object]:
    tables = ("patients", "source_patients", "source_records", "source_references")
    with ledger.engine.connect() as connection:
        return [
            sorted(connection.execute(text(f"SELECT * FROM guarded.{table}")).all(), key=str)
            for table in tables
        ]


def while_the_log_is_locked(
    engine: Engine, write: Callable[[], object], *, then: Callable[[Connection], None]
) -> BaseException | None:
    """What a write raised that had decided, and waited for the log while `then` was committed."""
    with ThreadPoolExecutor(1) as caller, engine.connect() as blocker:
        blocker.execute(LOCK)
        writing = caller.submit(write)
        until = time.monotonic() + 20
        while not blocker.execute(WAITING).scalar_one():
            assert time.monotonic() < until, "the write never came to the lock"
            assert not writing.done(), writing.exception()
            time.sleep(0.01)
        then(blocker)
        blocker.commit()
        return writing.exception(timeout=20)


def revoke(connection: Connection) -> None:
    """The practice revokes, in a transaction that holds the lock of the log already."""
    stream = practice_stream(PRACTICE)
    event = PairingRevoked(system=SYSTEM, by=MANAGER.name)
    new: list[NewEvent] = Draft.of(stream, stream_version(connection, stream), [event]).events
    append(connection, new)
