"""Is the log signed within two seconds, whatever the read models are busy with?"""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from ledger.application import Ledger
from ledger.cli.serve import follow, keep_sealed
from ledger.settings import settings
from ledger.store.append import NewEvent, import_events
from ledger.store.seal import newest


@pytest.fixture
def followed(
    engine: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Ledger]:
    """A ledger with its followers, as `ledger work` starts them."""
    monkeypatch.setenv("LEDGER_HOME", str(tmp_path))
    settings.cache_clear()
    ledger = Ledger(engine)
    ledger.ensure_open()
    ledger.catch_up()
    stop = threading.Event()
    threads = [threading.Thread(target=run, args=(ledger, stop)) for run in (follow, keep_sealed)]
    for thread in threads:
        thread.start()
    yield ledger
    stop.set()
    for thread in threads:
        thread.join(timeout=30)
    settings.cache_clear()


def sealed(engine: Engine) -> int:
    with engine.connect() as connection:
        found = newest(connection)
    return 0 if found is None else found.size


def wait_until_sealed(engine: Engine, position: int, *, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while sealed(engine) < position:
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_the_seal_does_not_wait_for_read_models_that_catch_up(
    followed: Ledger, engine: Engine
) -> None:
    assert wait_until_sealed(engine, 1, seconds=20)
    with engine.begin() as busy:
        # As a batch of a large delivery does for as long as it takes.
        read_models = "name NOT IN ('seal', 'looks')"
        busy.execute(text(f"SELECT * FROM log.projection_positions WHERE {read_models} FOR UPDATE"))
        for count in (1, 2):
            # What the first brings keeps the follower waiting; the second comes meanwhile.
            with engine.begin() as connection:
                import_events(connection, [NewEvent("s", count, "never-heard-of", b"{}")])

            assert wait_until_sealed(engine, 1 + count, seconds=2)
        assert followed.positions()["statements"] == 1
