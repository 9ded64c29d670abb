"""Does the tree follow the log, and does any alteration show where it was made?"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.event import listens_for
from sqlalchemy.exc import DBAPIError

from ledger.domain.refusals import SealBroken, TreeBroken
from ledger.store.append import NewEvent, import_events
from ledger.store.checkpoint import Signer, read_checkpoint
from ledger.store.log import read_events
from ledger.store.merkle import EMPTY_ROOT, consistency, inclusion
from ledger.store.seal import newest, reader, seal
from ledger.store.verifying import Wrong, some_hold, verify
from tests.proofs import extends, leaf_root

SIGNER = Signer("ledger.example", Ed25519PrivateKey.generate())


def append(engine: Engine, count: int, *, stream: str = "s") -> None:
    with engine.begin() as connection:
        begins = connection.scalar(
            text("SELECT count(*) FROM log.events WHERE stream = :stream"), {"stream": stream}
        )
        import_events(
            connection,
            [NewEvent(stream, begins + n, "t", b'{"n":%d}' % n) for n in range(1, count + 1)],
        )


def test_an_empty_log_has_the_root_of_no_leaves(any_engine: Engine) -> None:
    assert seal(any_engine, SIGNER)[:2] == (0, EMPTY_ROOT)


def test_each_checkpoint_extends_the_one_before(any_engine: Engine) -> None:
    sealed = []
    for count in (1, 299, 300, 7):
        append(any_engine, count)
        sealed.append(seal(any_engine, SIGNER))

    assert [one.size for one in sealed] == [1, 300, 600, 607]
    with any_engine.connect() as connection:
        for old, new in pairwise(sealed):
            proof = consistency(old.size, new.size, reader(connection))
            assert extends(old[:2], new[:2], proof)


def test_every_event_is_proved_to_be_in_the_tree(any_engine: Engine) -> None:
    append(any_engine, 300)
    sealed = seal(any_engine, SIGNER)

    with any_engine.connect() as connection:
        for event in read_events(connection, after=0, limit=300):
            proof = inclusion(event.position - 1, sealed.size, reader(connection))
            found = leaf_root(event.position - 1, sealed.size, event.leaf_hash, proof)
            assert found == sealed.root


def test_sealing_again_signs_nothing_new(any_engine: Engine) -> None:
    append(any_engine, 3)

    assert seal(any_engine, SIGNER) == seal(any_engine, SIGNER)


def test_many_who_seal_at_once_make_one_tree(any_engine: Engine) -> None:
    append(any_engine, 1_000)

    with ThreadPoolExecutor(4) as pool:
        sealed = set(pool.map(lambda _: seal(any_engine, SIGNER), range(4)))

    assert len(sealed) == 1
    with any_engine.connect() as connection:
        assert verify(connection, [SIGNER.verifier]) == (1_000, 1, None)


def test_a_sealed_log_verifies(any_engine: Engine) -> None:
    append(any_engine, 300)
    seal(any_engine, SIGNER)
    append(any_engine, 20)
    seal(any_engine, SIGNER)
    append(any_engine, 5)

    with any_engine.connect() as connection:
        assert verify(connection, [SIGNER.verifier]) == (325, 2, None)


Alter = Callable[[Connection], None]


def sql(*statements: str) -> Alter:
    def alter(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return alter


REHASHED = """
    UPDATE log.events SET leaf_hash =
        log.leaf_hash(position, stream, version, topic, recorded_at, state)
    WHERE position = 270
"""


@pytest.mark.parametrize(
    ("alter", "position"),
    [
        (sql("UPDATE log.events SET state = '\\x7b7d' WHERE position = 270"), 270),
        (sql("UPDATE log.events SET stream = 'other' WHERE position = 270"), 270),
        (sql("UPDATE log.events SET recorded_at = now() WHERE position = 270"), 270),
        # A time that is none, and no time of Python's.
        (sql("UPDATE log.events SET recorded_at = 'infinity' WHERE position = 270"), 270),
        (sql("UPDATE log.events SET recorded_at = '294276-12-31' WHERE position = 270"), 270),
        (sql("UPDATE log.events SET leaf_hash = sha256('') WHERE position = 270"), 270),
        # Whoever also makes the hash anew is betrayed by the tree.
        (sql("UPDATE log.events SET state = '\\x7b7d' WHERE position = 270", REHASHED), 270),
        (sql("DELETE FROM log.events WHERE position = 270"), 270),
        (sql("DELETE FROM log.events WHERE position <= 256"), 1),
        (sql("DELETE FROM log.events WHERE position IN (20, 270)"), 20),
        (sql("DELETE FROM log.events WHERE position > 290"), 291),
        (sql("DELETE FROM log.events WHERE position > 256"), 257),
        (sql("DELETE FROM log.events"), 1),
        *(
            (
                sql(
                    "ALTER TABLE log.events DROP CONSTRAINT pk_events, "
                    "DROP CONSTRAINT uq_events_stream_version",
                    f"INSERT INTO log.events SELECT * FROM log.events WHERE position = {twice}",
                ),
                twice,
            )
            for twice in (10, 256, 300)
        ),
        # What the table would refuse, had nobody told it not to: fields that run into each other.
        (
            sql(
                "ALTER TABLE log.events DROP CONSTRAINT ck_events_stream, "
                "ALTER version DROP NOT NULL, ALTER topic DROP NOT NULL",
                r"UPDATE log.events SET stream = E's\n270\nt', version = NULL, topic = NULL "
                "WHERE position = 270",
            ),
            270,
        ),
        (
            sql(
                "ALTER TABLE log.events DROP CONSTRAINT ck_events_leaf_hash",
                "UPDATE log.events SET leaf_hash = substring(leaf_hash || (SELECT leaf_hash "
                "FROM log.events WHERE position = 271) FOR 33) WHERE position = 270",
                "UPDATE log.events SET leaf_hash = substring(leaf_hash FROM 2) "
                "WHERE position = 271",
            ),
            270,
        ),
        (sql("UPDATE log.tiles SET hashes = repeat('x', 8192)::bytea WHERE level = 0"), 1),
        (sql("DELETE FROM log.tiles WHERE level = 0 AND index = 0"), 1),
        (sql("DELETE FROM log.tiles WHERE level = 0 AND index = 1"), 257),
        (sql("UPDATE log.tiles SET hashes = substring(hashes FOR 320) WHERE index = 1"), 267),
        (sql("UPDATE log.tiles SET hashes = repeat('x', 32)::bytea WHERE level = 1"), None),
        (sql("DELETE FROM log.tiles WHERE level = 1"), None),
        (sql("DELETE FROM log.tiles"), 1),
        (sql("UPDATE log.checkpoints SET note = replace(note, '300', '299')"), 300),
    ],
)
def test_what_a_superuser_altered_is_named(
    any_engine: Engine, any_database_url: str, alter: Alter, position: int | None
) -> None:
    append(any_engine, 300)
    seal(any_engine, SIGNER)
    owner = create_engine(any_database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        alter(connection)
    owner.dispose()

    with any_engine.connect() as connection:
        verified = verify(connection, [SIGNER.verifier])

    assert isinstance(verified.wrong, Wrong)
    assert verified.wrong.position == position


@pytest.mark.parametrize("position", [10, 270])
def test_a_tile_that_was_altered_is_told_from_an_event_that_was(
    any_engine: Engine, any_database_url: str, position: int
) -> None:
    append(any_engine, 300)
    seal(any_engine, SIGNER)
    number, offset = divmod(position - 1, 256)
    owner = create_engine(any_database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(
            text(
                "UPDATE log.tiles SET hashes = overlay(hashes PLACING sha256('') FROM :from) "
                "WHERE level = 0 AND index = :number"
            ),
            {"from": offset * 32 + 1, "number": number},
        )
    owner.dispose()

    with any_engine.connect() as connection:
        wrong = verify(connection, [SIGNER.verifier]).wrong

    assert wrong == Wrong(position, "the event stands, and its tile was altered", tree=True)


def test_the_first_of_several_is_named_in_a_log_of_many_tiles(
    any_engine: Engine, any_database_url: str
) -> None:
    append(any_engine, 66_000)
    seal(any_engine, SIGNER)
    with any_engine.connect() as connection:
        assert verify(connection, [SIGNER.verifier]) == (66_000, 1, None)
    owner = create_engine(any_database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for position in (65_900, 65_700, 65_990):
            connection.execute(
                text("UPDATE log.events SET state = '' WHERE position = :position"),
                {"position": position},
            )
    owner.dispose()

    with any_engine.connect() as connection:
        events, _, wrong = verify(connection, [SIGNER.verifier])

    assert wrong == Wrong(65_700, "the event is not what was appended")
    assert events == 65_536


def test_what_is_appended_and_signed_meanwhile_is_left_to_the_next_time(any_engine: Engine) -> None:
    append(any_engine, 300)
    seal(any_engine, SIGNER)

    with any_engine.connect() as connection:

        @listens_for(connection, "before_cursor_execute")
        def meanwhile(*_: object) -> None:
            append(any_engine, 1)
            seal(any_engine, SIGNER)

        events, checkpoints, wrong = verify(connection, [SIGNER.verifier])

    assert wrong is None
    assert events >= 300
    assert checkpoints >= 1
    with any_engine.connect() as connection:
        signed = newest(connection)
    assert signed is not None
    assert signed.size > events


def test_a_checkpoint_kept_elsewhere_outlives_those_that_were_removed_here(
    any_engine: Engine, any_database_url: str
) -> None:
    append(any_engine, 300)
    seal(any_engine, SIGNER)
    append(any_engine, 300)
    kept = read_checkpoint(seal(any_engine, SIGNER).note, [SIGNER.verifier])
    owner = create_engine(any_database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("DELETE FROM log.checkpoints WHERE size = 600"))
        connection.execute(text("DELETE FROM log.tiles WHERE index = 2"))
    owner.dispose()

    with any_engine.connect() as connection:
        assert verify(connection, [SIGNER.verifier]) == (600, 1, None)
        verified = verify(connection, [SIGNER.verifier], held=kept)

    assert verified.wrong is not None
    assert verified.wrong.position == 600


def test_a_log_written_anew_is_betrayed_by_a_checkpoint_kept_elsewhere(
    any_engine: Engine, any_databases: object, any_database_url: str
) -> None:
    append(any_engine, 10)
    kept = read_checkpoint(seal(any_engine, SIGNER).note, [SIGNER.verifier])
    owner = create_engine(any_database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        for table in ("events", "tiles", "checkpoints"):
            connection.execute(text(f"DELETE FROM log.{table}"))
        connection.execute(text("DELETE FROM log.projection_positions"))
    owner.dispose()
    append(any_engine, 12, stream="another")
    seal(any_engine, SIGNER)

    with any_engine.connect() as connection:
        assert verify(connection, [SIGNER.verifier]).wrong is None
        verified = verify(connection, [SIGNER.verifier], held=kept)

    assert verified.wrong is not None
    assert verified.wrong.position == 10


def test_nothing_is_signed_over_a_tree_that_was_altered(
    any_engine: Engine, any_database_url: str
) -> None:
    append(any_engine, 10)
    seal(any_engine, SIGNER)
    owner = create_engine(any_database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("UPDATE log.tiles SET hashes = repeat('x', 320)::bytea"))
    owner.dispose()
    append(any_engine, 1)

    with pytest.raises(SealBroken, match="position 10"):
        seal(any_engine, SIGNER)


def test_where_a_tile_is_gone_nothing_is_signed_and_no_receipt_holds(
    any_engine: Engine, any_database_url: str
) -> None:
    append(any_engine, 300)
    kept = read_checkpoint(seal(any_engine, SIGNER).note, [SIGNER.verifier])
    owner = create_engine(any_database_url)
    with owner.begin() as connection:
        connection.execute(text("SET session_replication_role = replica"))
        connection.execute(text("DELETE FROM log.tiles WHERE level = 1"))
    owner.dispose()

    with any_engine.connect() as connection:
        wrong = some_hold(connection, {}, kept)
    append(any_engine, 1)
    with pytest.raises(TreeBroken, match="tile 0 of level 1"):
        seal(any_engine, SIGNER)

    assert wrong is not None
    assert wrong.tree


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE log.tiles SET hashes = repeat('x', 320)::bytea",
        "UPDATE log.tiles SET hashes = substring(hashes FOR 32)",
        "DELETE FROM log.tiles",
        "TRUNCATE log.tiles",
        "UPDATE log.checkpoints SET note = ''",
        "DELETE FROM log.checkpoints",
    ],
)
def test_the_tree_and_its_checkpoints_are_kept(
    any_engine: Engine, any_database_url: str, statement: str
) -> None:
    append(any_engine, 10)
    seal(any_engine, SIGNER)
    owner = create_engine(any_database_url)

    for engine in (any_engine, owner):
        with engine.begin() as connection, pytest.raises(DBAPIError):
            connection.execute(text(statement))
    owner.dispose()
    with any_engine.connect() as connection:
        kept = newest(connection)
    assert kept is not None
    assert kept.size == 10
