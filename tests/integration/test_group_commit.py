"""Does each of many callers get its own answer?"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from ledger.store.append import NewEvent, Positions, VersionConflict, append
from ledger.store.group_commit import GroupCommit
from ledger.store.log import head, read_events

LOCK = text("SELECT pg_advisory_xact_lock(20180626)")


@pytest.fixture
def writer(any_engine: Engine) -> Iterator[GroupCommit]:
    with GroupCommit(any_engine) as writer:
        yield writer


def an_event(stream: str, version: int = 1) -> NewEvent:
    return NewEvent(stream, version, "t", b"{}")


def test_many_callers_get_their_own_positions(any_engine: Engine, writer: GroupCommit) -> None:
    def record(caller: int) -> dict[str, Positions]:
        streams = [f"{caller}-{n}" for n in range(20)]
        return {s: writer.append([an_event(s, 1), an_event(s, 2)]) for s in streams}

    with ThreadPoolExecutor(16) as callers:
        answers = {s: p for answer in callers.map(record, range(16)) for s, p in answer.items()}

    with any_engine.connect() as connection:
        kept = read_events(connection, after=0, limit=1000)
    assert [e.position for e in kept] == list(range(1, 641))
    assert all(answers[e.stream][e.version - 1] == e.position for e in kept)


def test_one_callers_conflict_is_no_others(any_engine: Engine, writer: GroupCommit) -> None:
    writer.append([an_event("taken")])
    requests = {
        "first": [an_event("first")],
        "stale": [an_event("beside-stale"), an_event("taken")],
        "nul": [an_event("nul\0")],
        "empty name": [an_event("")],
        "last": [an_event("last")],
    }

    answers = asked_at_once(any_engine, writer, requests)

    assert isinstance(answers["stale"], VersionConflict)
    assert isinstance(answers["nul"], ValueError)
    assert isinstance(answers["empty name"], DBAPIError)
    assert {answers["first"], answers["last"]} == {Positions(2, 2), Positions(3, 3)}
    with any_engine.connect() as connection:
        assert head(connection).position == 3


def test_of_two_callers_for_one_version_one_is_refused(
    any_engine: Engine, writer: GroupCommit
) -> None:
    requests = {name: [an_event("contested")] for name in ("one", "other")}

    answers = asked_at_once(any_engine, writer, requests)

    assert sorted(type(answer).__name__ for answer in answers.values()) == [
        "Positions",
        "VersionConflict",
    ]


def test_a_key_used_before_returns_the_earlier_positions(
    any_engine: Engine, writer: GroupCommit
) -> None:
    first = writer.append([an_event("a")], idempotency_key="key")
    writer.append([an_event("b")])

    again = writer.append([an_event("a")], idempotency_key="key")

    assert first == again
    with any_engine.connect() as connection:
        assert head(connection).position == 2


def test_a_key_used_twice_at_once_appends_once(any_engine: Engine, writer: GroupCommit) -> None:
    with ThreadPoolExecutor(4) as callers, any_engine.connect() as blocker:
        blocker.execute(LOCK)
        asked = [
            callers.submit(writer.append, [an_event("a")], idempotency_key="key") for _ in range(4)
        ]
        blocker.rollback()
        answers = {future.result(timeout=10) for future in asked}

    assert answers == {Positions(1, 1)}


def test_what_was_asked_before_closing_is_appended(any_engine: Engine) -> None:
    writer = GroupCommit(any_engine)
    answers: list[Positions] = []
    too_late: list[str] = []

    def ask(name: str) -> None:
        try:
            answers.append(writer.append([an_event(name)]))
        except RuntimeError:
            too_late.append(name)

    first, *others = [Thread(target=ask, args=(str(n),)) for n in range(8)]

    with any_engine.connect() as blocker:
        blocker.execute(LOCK)
        first.start()
        while not blocker.scalar(text("SELECT count(*) FROM pg_locks WHERE NOT granted")):
            pass
        # The others come before or after the closing, as their threads happen to run.
        for thread in others:
            thread.start()
        closing = Thread(target=writer.close)
        closing.start()
        blocker.rollback()
    for thread in [first, *others, closing]:
        thread.join(timeout=10)

    assert answers
    assert len(answers) + len(too_late) == 8
    assert sorted(answers) == [Positions(n, n) for n in range(1, len(answers) + 1)]
    with pytest.raises(RuntimeError, match="closed"):
        writer.append([an_event("late")])


def test_closing_twice_does_no_harm(any_engine: Engine) -> None:
    writer = GroupCommit(any_engine)

    writer.close()
    writer.close()


def test_a_lost_connection_is_told_and_the_next_caller_served(
    any_engine: Engine, any_database_url: str, writer: GroupCommit
) -> None:
    with ThreadPoolExecutor(1) as caller, any_engine.begin() as blocker:
        blocker.execute(LOCK)
        asked = caller.submit(writer.append, [an_event("a")])
        terminate_whoever_waits(any_database_url)
        with pytest.raises(OperationalError):
            asked.result(timeout=10)

    assert writer.append([an_event("a")]) == Positions(1, 1)


def test_other_writers_and_the_group_take_turns(any_engine: Engine, writer: GroupCommit) -> None:
    def alone(n: int) -> Positions:
        with any_engine.begin() as connection:
            return append(connection, [an_event(f"alone-{n}")])

    with ThreadPoolExecutor(8) as callers:
        together = callers.map(lambda n: writer.append([an_event(f"group-{n}")]), range(100))
        apart = callers.map(alone, range(100))
        positions = [p.first for p in [*together, *apart]]

    assert sorted(positions) == list(range(1, 201))


def asked_at_once(
    engine: Engine, writer: GroupCommit, requests: dict[str, list[NewEvent]]
) -> dict[str, object]:
    """Each request's answer or failure, with the log locked until they are asked."""
    with ThreadPoolExecutor(len(requests)) as callers, engine.connect() as blocker:
        blocker.execute(LOCK)
        asked = {name: callers.submit(writer.append, new) for name, new in requests.items()}
        blocker.rollback()
        return {
            name: future.exception(timeout=10) or future.result() for name, future in asked.items()
        }


def terminate_whoever_waits(owners_url: str) -> None:
    terminate = text("""
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'advisory'
    """)
    owner = create_engine(owners_url)
    with owner.connect() as connection:
        while not connection.execute(terminate).all():
            connection.rollback()
    owner.dispose()
