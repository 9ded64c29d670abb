"""How a spec asks its rules: on the pure functions, and wherever else they are to hold."""

from collections.abc import Callable

import pytest

from tests.spec.tables import judged, told

Findings = Callable[..., list[str]]


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> Findings:
    """What the spec's `RULES` find in a table: `findings(history) == ["CO01 on lines 1, 2"]`."""
    rules: tuple[str, ...] = request.module.RULES

    def ask(history: str, *, today: str | None = None) -> list[str]:
        return told(judged(history, *rules, today=today))

    return ask
