"""Is the log of looks as safe as that of events: append-only, without gaps, and sealed?"""

from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from ledger.application import Seal
from ledger.domain.refusals import AnotherLog, ProofBroken
from ledger.store.checkpoint import Signer, read_checkpoint
from ledger.store.keys import look_key
from ledger.store.looked_at import is_stranger, met
from ledger.store.looks import (
    LooksTogether,
    NewLook,
    WantedLooks,
    append_looks,
    found_looks,
)
from ledger.store.seal import LOOKS, newest, seal
from ledger.store.verifying import verify
from tests.nhs_numbers import nhs_numbers

SIGNER = Signer("ledger.example", Ed25519PrivateKey.generate())
PATIENT = UUID("11111111-1111-4111-8111-111111111111")


def a_look(**told: object) -> NewLook:
    usual = NewLook(
        request="r-1",
        way="api",
        who='Dr "O\'Neill"\\\n\tof Xÿ\x1f\x7f',
        role="auditor",
        acting_for=["X99901", "X99902"],
        shown="status",
        spoke_of=7,
        practices=["X99901"],
        patients=[str(PATIENT)],
        reason=None,
    )
    return usual._replace(**told)  # type: ignore[arg-type]


def append(engine: Engine, count: int) -> None:
    with engine.begin() as connection:
        append_looks(connection, [a_look(request=f"r-{n}") for n in range(count)])


def as_superuser(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE NONE"))
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in statements:
            connection.execute(text(statement))


def wrong_of(engine: Engine) -> tuple[int | None, str | None, str | None]:
    found = Seal(engine, SIGNER).verify_looks()
    return found.position, found.reason, found.part


@pytest.mark.parametrize("table", ["looks", "look_tiles", "look_checkpoints"])
@pytest.mark.parametrize("statement", ["DELETE FROM log.{}", "TRUNCATE log.{}"])
def test_nothing_of_the_looks_is_removed(any_engine: Engine, table: str, statement: str) -> None:
    with any_engine.begin() as connection:
        connection.execute(text("SET LOCAL ROLE NONE"))
        with pytest.raises(DBAPIError) as refused:
            connection.execute(text(statement.format(table)))
        connection.rollback()

    assert getattr(refused.value.orig, "pgcode", None) == "LG001"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO log.looks SELECT * FROM log.looks",
        "UPDATE log.looks SET who = 'nobody'",
        "SELECT log.look_hash(1, now(), '', '', '', '', '{}', '', 1, '{}', '{}', '')",
    ],
)
def test_the_application_can_only_append_a_look(any_engine: Engine, statement: str) -> None:
    with any_engine.begin() as connection, pytest.raises(DBAPIError) as refused:
        connection.execute(text(statement))

    assert getattr(refused.value.orig, "pgcode", None) == "42501"


def test_looks_of_many_callers_have_positions_without_gaps_and_times_in_order(
    any_engine: Engine,
) -> None:
    with LooksTogether(any_engine) as together, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: together.append([a_look(request=f"{n}")] * 3), range(40)))

    with any_engine.connect() as connection:
        found = found_looks(connection, WantedLooks(), limit=1_000)[::-1]
    assert [look.position for look in found] == list(range(1, 121))
    assert [look.looked_at for look in found] == sorted(look.looked_at for look in found)
    # Nobody's looks come between another's.
    assert all(found[n].request == found[n + 2].request for n in range(0, 120, 3))


def test_a_look_that_cannot_be_kept_keeps_out_nobody_elses(any_engine: Engine) -> None:
    with LooksTogether(any_engine) as together, ThreadPoolExecutor(8) as pool:
        asked = [
            pool.submit(
                together.append, [a_look(patients=["nobody" if n % 4 == 0 else str(PATIENT)])]
            )
            for n in range(20)
        ]
        failed = [n for n, one in enumerate(asked) if one.exception() is not None]

    assert failed == [0, 4, 8, 12, 16]
    with any_engine.connect() as connection:
        assert len(found_looks(connection, WantedLooks(), limit=100)) == 15


def test_a_sealed_log_of_looks_verifies(any_engine: Engine) -> None:
    append(any_engine, 300)
    seal(any_engine, SIGNER, of=LOOKS)
    append(any_engine, 7)
    with any_engine.begin() as connection:
        append_looks(connection, [a_look(reason="line", practices=[], acting_for=[])])
    seal(any_engine, SIGNER, of=LOOKS)

    with any_engine.connect() as connection:
        assert verify(connection, [LOOKS.verifier(SIGNER.verifier)], of=LOOKS) == (308, 2, None)
    assert Seal(any_engine, SIGNER).verify_looks().holds


def rehashed() -> str:
    columns = (
        "position, looked_at, request, way, who, role, acting_for, shown, spoke_of, practices, "
        "patients, reason"
    )
    return f"UPDATE log.looks SET leaf_hash = log.look_hash({columns}) WHERE position = 9"


@pytest.mark.parametrize(
    ("statements", "told"),
    [
        (["UPDATE log.looks SET who = 'nobody' WHERE position = 9"], (9, "look")),
        (["UPDATE log.looks SET reason = 'null' WHERE position = 9"], (9, "look")),
        (["UPDATE log.looks SET practices = '{}' WHERE position = 9"], (9, "look")),
        (["UPDATE log.looks SET patients[1] = gen_random_uuid() WHERE position = 9"], (9, "look")),
        (["UPDATE log.looks SET shown = 'finding' WHERE position = 9", rehashed()], (9, "look")),
        (["DELETE FROM log.looks WHERE position = 9"], (9, "look")),
        (["DELETE FROM log.looks WHERE position > 9"], (10, "look")),
        (
            ["UPDATE log.look_tiles SET hashes = repeat('x', 640)::bytea WHERE level = 0"],
            (1, "tree-of-looks"),
        ),
    ],
)
def test_any_alteration_shows_where_it_was_made(
    any_engine: Engine, statements: list[str], told: tuple[int, str]
) -> None:
    append(any_engine, 20)
    seal(any_engine, SIGNER, of=LOOKS)

    as_superuser(any_engine, *statements)

    position, _, part = wrong_of(any_engine)
    assert (position, part) == told


def test_a_changed_look_is_named_and_the_log_of_events_holds(engine: Engine) -> None:
    append(engine, 3)
    Seal(engine, SIGNER).follow()

    as_superuser(engine, "UPDATE log.looks SET who = 'nobody' WHERE position = 2")

    assert wrong_of(engine) == (2, "the look is not what was appended", "look")
    assert Seal(engine, SIGNER).verify().holds


def test_neither_logs_checkpoint_counts_as_the_others(engine: Engine) -> None:
    append(engine, 3)
    own = Seal(engine, SIGNER)
    own.follow()
    looks, events = own.looks_checkpoint(), own.checkpoint()

    assert read_checkpoint(looks, [LOOKS.verifier(SIGNER.verifier)])[:2] == (
        "ledger.example/looks",
        3,
    )
    with pytest.raises(AnotherLog):
        own.verify(held=looks)
    with pytest.raises(AnotherLog):
        own.verify_looks(held=events)


def test_a_checkpoint_held_elsewhere_shows_that_looks_were_written_anew(engine: Engine) -> None:
    append(engine, 3)
    own = Seal(engine, SIGNER)
    own.follow()
    held = own.looks_checkpoint()
    as_superuser(
        engine,
        "DELETE FROM log.looks",
        "DELETE FROM log.look_tiles",
        "DELETE FROM log.look_checkpoints",
        "UPDATE log.projection_positions SET position = 0 WHERE name = 'looks'",
    )
    append(engine, 5)
    own.follow()

    assert own.verify_looks().holds
    assert not own.verify_looks(held=held).holds
    with pytest.raises(ProofBroken):
        own.verify_looks(held="no checkpoint")


def test_a_look_signed_by_a_new_key_is_still_a_trusted_ones(engine: Engine) -> None:
    append(engine, 2)
    Seal(engine, SIGNER).follow()
    append(engine, 2)
    changed = Seal(engine, Signer(SIGNER.origin, Ed25519PrivateKey.generate()))

    # No event came meanwhile, so the events' tree is not signed with the new key.
    changed.follow()

    assert changed.verify_looks().holds
    with engine.connect() as connection:
        signed = newest(connection, of=LOOKS)
        assert signed is not None
        assert signed.size == 4


def test_what_stands_for_an_unknown_number_is_the_same_each_time_and_tells_nothing(
    engine: Engine,
) -> None:
    ada, ben = nhs_numbers(2)
    with engine.begin() as connection:
        first, again = met(connection, [ada, ben]), met(connection, [ada])
        key = look_key(connection)

    stands = UUID(first.stands_as(ada))
    assert stands == UUID(again.stands_as(ada)) != UUID(first.stands_as(ben))
    assert is_stranger(stands)
    assert stands.variant == RFC_4122
    assert not is_stranger(uuid4())
    assert ada not in str(stands.int)
    assert len(key) == 32


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (WantedLooks(), [3, 2, 1]),
        (WantedLooks(practices=["X99902"]), [3, 2]),
        (WantedLooks(practices=[]), []),
        (WantedLooks(who="Ben"), [3]),
        (WantedLooks(shown="finding"), [2]),
        (WantedLooks(patients=[PATIENT]), [3, 1]),
        (WantedLooks(practices=["X99902"], patients=[PATIENT]), [3]),
    ],
)
def test_looks_are_found_by_practice_person_sort_and_patient(
    engine: Engine, wanted: WantedLooks, found: list[int]
) -> None:
    with engine.begin() as connection:
        append_looks(
            connection,
            [
                a_look(),
                a_look(practices=["X99901", "X99902"], shown="finding", patients=[str(uuid4())]),
                a_look(practices=["X99902"], who="Ben"),
            ],
        )
        told = found_looks(connection, wanted, limit=10)

    assert [look.position for look in told] == found


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (WantedLooks(practices=["X99901"]), [3, 1]),
        (WantedLooks(practices=["X99902"]), [3, 2]),
        (WantedLooks(patients=[PATIENT], known_at=["X99901"]), [3, 1]),
        (WantedLooks(patients=[PATIENT], known_at=[]), [3]),
    ],
)
def test_a_look_at_all_of_a_practice_or_at_everybody_is_at_each_of_them(
    engine: Engine, wanted: WantedLooks, found: list[int]
) -> None:
    with engine.begin() as connection:
        at_all = [a_look(practices=told, patients=[]) for told in (["X99901"], ["X99902"], [])]
        append_looks(connection, at_all)
        told = found_looks(connection, wanted, limit=10)

    assert [look.position for look in told] == found


def test_a_lost_connection_is_made_again_and_no_look_is_lost(any_engine: Engine) -> None:
    others = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with LooksTogether(any_engine) as together:
        together.append([a_look()])
        with any_engine.connect() as connection:
            connection.execute(text("SET ROLE NONE"))
            connection.execute(others)

        together.append([a_look(who="Ben")])

    with any_engine.connect() as connection:
        told = found_looks(connection, WantedLooks(), limit=10)
    assert [look.who for look in told] == ["Ben", a_look().who]
