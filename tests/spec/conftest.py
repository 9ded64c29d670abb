"""How a spec asks its rules: on the pure functions, and on the findings projection in PostgreSQL."""

from collections.abc import Callable
from datetime import date

import pytest

from ledger.domain.recording_errors import by_code
from ledger.domain.rule import Scope
from ledger.store.engine import open_engine
from tests.databases import Databases
from tests.spec.in_the_database import found_in_the_database
from tests.spec.tables import judged, log, told

Findings = Callable[..., list[str]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Ask twice, but where tables hold counts, which are no events: of rules about suppliers, and
    of others that say so (`COUNTS`).
    """
    if "findings" in metafunc.fixturenames:
        scopes = {by_code(code).scope for code in metafunc.module.RULES}
        counts = Scope.SUPPLIER in scopes or getattr(metafunc.module, "COUNTS", False)
        ways = ["pure"] if counts else ["pure", "projection"]
        metafunc.parametrize("findings", ways, indirect=True)


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> Findings:
    """What the spec's `RULES` find in a table: `findings(history) == ["CO01 on lines 1, 2"]`."""
    rules: tuple[str, ...] = request.module.RULES

    def ask(history: str, *, today: str | None = None) -> list[str]:
        pure = told(judged(history, *rules, today=today))
        if request.param == "pure":
            return pure
        day = date.fromisoformat(today) if today else None
        databases: Databases = request.getfixturevalue("databases")
        with databases.lent() as url:
            engine = open_engine(url)
            held = found_in_the_database(engine, log(history), rules, today=day)
            engine.dispose()
        # A list of findings has no order of its own: take the spec's where they agree.
        return pure if sorted(held) == sorted(pure) else held

    return ask
