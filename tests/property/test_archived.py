"""What an archive says of everybody is what the database says, at any point in both times."""

import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ledger.application import Ledger
from ledger.application.archived import replayed
from ledger.application.archiving import archive
from ledger.application.scopes import EVERYBODY, Scope
from ledger.domain.policies import POLICIES
from ledger.store.seal import seal
from tests.databases import Databases
from tests.integration.test_seal import SIGNER
from tests.property.histories import DAYS, PRACTICES, History, of_everything
from tests.property.kept import a_ledger, keep_and_catch_up
from tests.property.tries import tries

NOW = datetime(2018, 12, 1, tzinfo=UTC)


@tries(3, shrink=False)
@given(
    history=of_everything(patients=4, steps=24), days=st.lists(st.sampled_from(DAYS), min_size=1)
)
def test_an_archive_answers_as_the_database_does(
    databases: Databases, history: History, days: list[date]
) -> None:
    with a_ledger(databases) as ledger, tempfile.TemporaryDirectory() as folder:
        keep_and_catch_up(ledger.engine, history.log, [50])
        seal(ledger.engine, SIGNER)
        archive(ledger, Path(folder), width=16)
        at = days[0]

        for known_at in {history.last, 2 * history.last // 3, history.last // 3}:
            assert_both_say_the_same(ledger, folder, EVERYBODY, at=at, known_at=known_at)
        for scope in (Scope(practice=PRACTICES[1]), Scope(practice="X99909")):
            assert_both_say_the_same(ledger, folder, scope, at=at)
        for policy in POLICIES:
            assert_both_say_the_same(ledger, folder, EVERYBODY, at=at, policy=policy.name)


def assert_both_say_the_same(
    ledger: Ledger, folder: str, scope: Scope, *, at: date, **asked: Any
) -> None:
    by_tables = ledger.replay(scope, at=at, **asked)
    with replayed(Path(folder), scope, at=at, now=NOW, ledger=ledger, **asked) as by_archive:
        assert list(by_archive.lines) == list(by_tables.lines)
        assert by_archive.known == by_tables.known
