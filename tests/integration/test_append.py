"""Does the log take what it should, refuse what it must, and keep its promises about order?"""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from ledger.store.append import (
    NewEvent,
    Positions,
    RecordedAtGoesBack,
    VersionConflict,
    append,
    import_events,
)
from ledger.store.leaf import leaf_hash
from ledger.store.listen import Listener
from ledger.store.log import KeptEvent, head, position_at, read_events, read_streams

NOON = datetime(2016, 4, 1, 12, tzinfo=UTC)
RE_ENACTMENT = NewEvent("ledger", 1, "ledger-opened", b'{"mode":"re-enactment","name":"demo"}')
LIVE = NewEvent("ledger", 1, "ledger-opened", b'{"mode":"live","name":"ledger"}')


def an_event(stream: str = "patient", version: int = 1, state: bytes = b"{}") -> NewEvent:
    return NewEvent(stream, version, "entry-recorded", state)


def whole_log(connection: Connection) -> list[KeptEvent]:
    return read_events(connection, after=0, limit=100_000)


def test_events_are_kept_as_given_and_in_the_order_given(any_engine: Engine) -> None:
    given = [an_event("b", 1, b'{"n":1}'), an_event("a", 1, b""), an_event("b", 2, b"\x00\xff")]

    with any_engine.begin() as connection:
        positions = append(connection, given)

    with any_engine.begin() as connection:
        kept = whole_log(connection)
    assert positions == Positions(1, 3)
    assert [e.position for e in kept] == [1, 2, 3]
    assert [(e.stream, e.version, e.topic, e.state) for e in kept] == given


def test_a_stale_version_is_refused_and_says_what_was_expected(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        append(connection, [an_event(version=1), an_event(version=2)])

    with (
        pytest.raises(VersionConflict, match="patient is to go on with version 3, but 2 was given"),
        any_engine.begin() as connection,
    ):
        append(connection, [an_event("other"), an_event(version=2)])

    with any_engine.begin() as connection:
        assert head(connection).position == 2


@pytest.mark.parametrize("versions", [[2], [1, 3], [1, 1], [2, 1]])
def test_a_stream_has_no_gaps_and_no_doubles(any_engine: Engine, versions: list[int]) -> None:
    with pytest.raises(VersionConflict), any_engine.begin() as connection:
        append(connection, [an_event(version=version) for version in versions])

    with pytest.raises(VersionConflict), any_engine.begin() as connection:
        import_events(connection, [an_event(version=version) for version in versions])


def test_a_key_used_before_appends_nothing(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        append(connection, [an_event("other")])
        first = append(connection, [an_event(version=1)], idempotency_key="request-1")

    with any_engine.begin() as connection:
        again = append(connection, [an_event(version=1)], idempotency_key="request-1")
        imported = import_events(connection, [an_event(version=1)], idempotency_key="request-1")

    assert first == again == imported == Positions(2, 2)
    with any_engine.begin() as connection:
        assert head(connection).position == 2


def test_what_is_rolled_back_leaves_no_gap(any_engine: Engine) -> None:
    with any_engine.connect() as connection:
        append(connection, [an_event("first"), an_event("second")])
        connection.rollback()

    with any_engine.begin() as connection:
        assert append(connection, [an_event()]) == Positions(1, 1)


def test_the_leaf_hash_is_the_same_in_sql_and_in_python(any_engine: Engine) -> None:
    times = [datetime(1969, 7, 20, 20, 17, 40, 1, tzinfo=UTC), NOON, NOON + timedelta.resolution]
    with any_engine.begin() as connection:
        append(connection, [RE_ENACTMENT], recorded_at=times[0])
        append(connection, [an_event("Tŷ Bryn", 1, "ŵ".encode())], recorded_at=times[1])
        import_events(connection, [an_event("a\tb\\", 1, b""), an_event()], recorded_at=times[2])

        kept = whole_log(connection)

    assert [e.recorded_at for e in kept] == [*times, times[2]]
    assert [e.leaf_hash for e in kept] == [leaf_hash(e) for e in kept]


def test_a_known_leaf_keeps_its_hash() -> None:
    event = KeptEvent(7, "X99901", 2, "practice-listed", b"{}", NOON, b"")

    # printf '\0007\nX99901\n2\npractice-listed\n1459512000000000\n{}' | sha256sum
    assert leaf_hash(event).hex() == (
        "c8b7a3ba0b28e81f50b8f579f8c47a17db2ca0951fd05278dfc7cf8b9978ec9e"
    )


def test_a_live_ledger_takes_the_databases_clock(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        append(connection, [LIVE], recorded_at=NOON)
        import_events(connection, [an_event()], recorded_at=NOON)

        first, second = whole_log(connection)

    assert NOON < first.recorded_at <= second.recorded_at


def test_a_log_that_was_never_opened_counts_as_live(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        append(connection, [an_event()], recorded_at=NOON)

        assert whole_log(connection)[0].recorded_at > NOON


def test_a_re_enactment_takes_the_callers_time_and_never_goes_back(any_engine: Engine) -> None:
    day = timedelta(days=1)
    with any_engine.begin() as connection:
        append(connection, [RE_ENACTMENT], recorded_at=NOON)
        append(connection, [an_event(version=1)], recorded_at=NOON + day)
        append(connection, [an_event(version=2)])
        import_events(connection, [an_event(version=3)])

    for way_in in (append, import_events):
        with pytest.raises(RecordedAtGoesBack), any_engine.begin() as connection:
            way_in(connection, [an_event(version=4)], recorded_at=NOON)

    with any_engine.begin() as connection:
        times = [event.recorded_at for event in whole_log(connection)]
    assert times == [NOON, NOON + day, NOON + day, NOON + day]


def test_the_position_at_a_time_is_the_last_recorded_by_then(any_engine: Engine) -> None:
    day = timedelta(days=1)
    with any_engine.begin() as connection:
        assert position_at(connection, NOON) == 0
        append(connection, [RE_ENACTMENT], recorded_at=NOON)
        append(connection, [an_event(version=1), an_event(version=2)], recorded_at=NOON + day)
        append(connection, [an_event(version=3)], recorded_at=NOON + 2 * day)

        moments = [NOON - day, NOON, NOON + day / 2, NOON + day, NOON + 3 * day]
        assert [position_at(connection, moment) for moment in moments] == [0, 1, 1, 3, 4]


def test_an_import_goes_on_where_its_streams_stand(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        append(connection, [an_event("a", 1)])

        positions = import_events(
            connection, [an_event("a", 2), an_event("b", 1), an_event("a", 3)]
        )

        assert positions == Positions(2, 4)
        assert [e.position for e in read_streams(connection, ["a"])["a"]] == [1, 2, 4]


def test_an_import_of_a_version_there_already_is_refused(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        append(connection, [an_event("a", 1), an_event("a", 2)])

    with (
        pytest.raises(VersionConflict, match="version 2 of stream a was given, but is there"),
        any_engine.begin() as connection,
    ):
        import_events(connection, [an_event("b", 1), an_event("a", 2)])

    with any_engine.begin() as connection:
        assert head(connection).position == 2


def test_an_import_keeps_its_order_over_many_round_trips(any_engine: Engine) -> None:
    given = [an_event(f"patient-{n % 5000}", n // 5000 + 1, str(n).encode()) for n in range(25_000)]

    with any_engine.begin() as connection:
        positions = import_events(connection, iter(given))

        kept = whole_log(connection)
    assert positions == Positions(1, 25_000)
    assert [int(e.state) for e in kept] == list(range(25_000))
    assert all(leaf_hash(e) == e.leaf_hash for e in kept)


def test_an_import_of_nothing_appends_nothing(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        assert import_events(connection, []) is None
        assert import_events(connection, [an_event()]) == Positions(1, 1)


def test_a_staging_table_of_the_callers_own_making_is_refused(any_engine: Engine) -> None:
    """A view would have its functions run with the rights of the log's owner."""
    hostile = "CREATE TEMPORARY VIEW staged_events AS SELECT 1 AS ordinal, 'a' AS stream"

    with any_engine.connect() as connection:
        connection.execute(text(hostile))

        with pytest.raises(DBAPIError, match="nothing is staged"):
            connection.execute(text("SELECT log.append_staged()"))


@pytest.mark.parametrize(
    "attempt",
    [
        "CREATE TRIGGER t BEFORE INSERT ON staged_events EXECUTE FUNCTION log.refuse_change()",
        "CREATE RULE r AS ON INSERT TO staged_events DO NOTHING",
        "DROP TABLE staged_events",
        "ALTER TABLE staged_events ADD COLUMN more text",
        "UPDATE staged_events SET version = 2",
    ],
)
def test_the_writer_may_only_insert_what_it_stages(any_engine: Engine, attempt: str) -> None:
    with any_engine.connect() as connection:
        connection.execute(text("SELECT log.begin_import()"))

        with pytest.raises(DBAPIError, match=r"must be owner|permission denied"):
            connection.execute(text(attempt))


def test_objects_of_the_callers_do_not_stand_in_for_the_logs(any_engine: Engine) -> None:
    """A temporary `events` would be found first by whoever trusts the search path."""
    with any_engine.begin() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE events (LIKE log.events)"))
        connection.execute(text("SET LOCAL search_path = pg_temp, log"))

        append(connection, [an_event()])

        assert connection.execute(text("SELECT count(*) FROM pg_temp.events")).scalar_one() == 0
        assert head(connection).position == 1


def test_a_snapshot_taken_before_the_lock_is_refused(any_engine: Engine) -> None:
    with any_engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ")

        with pytest.raises(DBAPIError, match="appending needs READ COMMITTED"):
            append(connection, [an_event()])


@pytest.mark.parametrize("wrong", [an_event(""), an_event("a\nb"), NewEvent("a", 1, "b\n", b"")])
def test_a_name_that_could_blur_a_leaf_is_refused(any_engine: Engine, wrong: NewEvent) -> None:
    for way_in in (append, import_events):
        with pytest.raises(DBAPIError, match="check constraint"), any_engine.begin() as connection:
            way_in(connection, [wrong])


def test_appending_wakes_whoever_listens_once_it_is_committed(any_engine: Engine) -> None:
    with Listener(any_engine) as listener, any_engine.connect() as connection:
        append(connection, [an_event()])
        assert not listener.wait(timeout=0.05)

        connection.commit()

        assert listener.wait(timeout=5)
        assert not listener.wait(timeout=0.05)


def test_a_function_runs_with_its_owners_rights_only_for_the_writer(any_database_url: str) -> None:
    owner = create_engine(any_database_url)

    with owner.connect() as connection:
        open_to_all = connection.execute(
            text("""
                SELECT p.proname FROM pg_proc AS p
                WHERE p.pronamespace = 'log'::regnamespace
                  AND has_function_privilege('public', p.oid, 'EXECUTE')
            """)
        ).all()
    owner.dispose()

    assert open_to_all == []
