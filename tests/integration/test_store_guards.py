"""Can what is written be changed, and can a patient leak out of an error?"""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

from ledger.store.append import NewEvent, append
from ledger.store.bulk import upsert
from ledger.store.identities import patient_ids
from ledger.store.tables import patients

NUMBER = "9990000018"
CHANGES = [
    "UPDATE {} SET {} = {}",
    "DELETE FROM {}",
    "TRUNCATE {}",
]


@pytest.fixture
def owner(any_database_url: str) -> Iterator[Engine]:
    """The user who made the tables, and who may otherwise do everything."""
    engine = create_engine(any_database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def an_event_is_kept(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        append(connection, [NewEvent("a", 1, "t", b"{}")], idempotency_key="k")


@pytest.mark.usefixtures("an_event_is_kept")
@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(("table", "column"), [("events", "topic"), ("idempotency_keys", "key")])
def test_the_trigger_refuses_a_change_even_to_the_owner(
    owner: Engine, change: str, table: str, column: str
) -> None:
    statement = change.format(f"log.{table}", column, column)

    with pytest.raises(DBAPIError, match="the log is append-only"), owner.begin() as connection:
        connection.execute(text(statement))


@pytest.mark.usefixtures("an_event_is_kept")
@pytest.mark.parametrize(
    "change",
    [
        *CHANGES,
        "INSERT INTO {} SELECT * FROM {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
    ],
)
def test_the_application_could_not_change_it_without_the_trigger_either(
    owner: Engine, any_engine: Engine, change: str
) -> None:
    with owner.begin() as connection:
        connection.execute(text("DROP TRIGGER events_are_append_only ON log.events"))
    names = ["log.events", "log.events"] if change.startswith("INSERT") else ["log.events"]
    statement = change.format(*names, "topic", "topic")

    with (
        pytest.raises(DBAPIError, match=r"permission denied|must be owner"),
        any_engine.begin() as connection,
    ):
        connection.execute(text(statement))


def test_resetting_the_role_does_not_leave_it(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        connection.execute(text("RESET ROLE"))

        assert connection.execute(text("SELECT current_user")).scalar_one() == "ledger_writer"


def test_the_view_shows_state_as_json(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        append(connection, [NewEvent("a", 1, "t", b'{"purpose":"type-1"}')])

        asked = text("SELECT state ->> 'purpose' FROM log.events_readable")
        assert connection.execute(asked).scalar_one() == "type-1"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO guarded.patients VALUES (gen_random_uuid(), :n)",
        "SELECT CAST(:n AS uuid)",
        "SELECT CAST(:n AS date) AS d FROM guarded.patients",
        "SELECT no_such_column FROM guarded.patients WHERE nhs_number = :n",
    ],
)
def test_no_error_tells_an_nhs_number(any_engine: Engine, statement: str) -> None:
    with any_engine.begin() as connection:
        patient_ids(connection, [NUMBER])

    with pytest.raises(DBAPIError) as caught, any_engine.begin() as connection:
        connection.execute(text(statement), {"n": NUMBER})

    assert_says_nothing_of(NUMBER, caught.value)


def test_no_error_of_a_bulk_statement_tells_an_nhs_number(any_engine: Engine) -> None:
    with any_engine.begin() as connection:
        patient_ids(connection, [NUMBER])

    with pytest.raises(DBAPIError) as caught, any_engine.begin() as connection:
        upsert(connection, patients, [("not a uuid", NUMBER, None)])

    assert_says_nothing_of(NUMBER, caught.value)


def assert_says_nothing_of(number: str, error: BaseException | None) -> None:
    while error is not None:
        assert number not in str(error)
        assert number not in repr(error)
        error = error.__cause__ or error.__context__
