"""How often is a property tried? From a fixed seed in CI; from a new one, and twenty times as often,
where `LEDGER_TESTS=nightly` is in the environment.
"""

import os

from hypothesis import HealthCheck, Phase, settings

NIGHTLY = os.environ.get("LEDGER_TESTS") == "nightly"


def tries(how_many: int, *, shrink: bool = True) -> settings:
    """The settings of a test that is worth this many examples each time.

    Where an example takes a database, the first that fails is shown as it is: to make it smaller
    would take many minutes.
    """
    return settings(
        max_examples=how_many * (20 if NIGHTLY else 1),
        derandomize=not NIGHTLY,
        print_blob=NIGHTLY,
        database=None,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        # A shared machine is slower at some times than at others.
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
