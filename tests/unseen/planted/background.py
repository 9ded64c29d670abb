"""The quiet: patients who object as they should and practices that report them."""

from datetime import date, timedelta

from tests.unseen.practices import EVOLUTION, ORDINARY
from tests.unseen.when import ALL_LOW, NEARLY_VISION, PERIODS, SILENT_EMIS, SILENT_TPP, begins
from tests.unseen.world import World

_COUNTED = {SILENT_TPP, SILENT_EMIS, NEARLY_VISION, ALL_LOW}
BEGAN = date(2014, 3, 3)


def plant(world: World) -> None:
    """People of every ordinary practice, and in each period somebody new."""
    for system, codes in ORDINARY.items():
        for code in codes:
            for _ in range(7):
                settled(world, code, "2+")
            for _ in range(2):
                settled(world, code, "1+")
            for _ in range(0 if system is EVOLUTION else 5):
                world.person(code)
            for period in PERIODS:
                _somebody_new(world, code, period)


def settled(world: World, code: str, what: str) -> None:
    """Somebody who objected before the ledger was opened."""
    who = world.person(code)
    world.enter(who, what, BEGAN + timedelta(days=world.rng.randint(0, 600)))


def _somebody_new(world: World, code: str, period: date) -> None:
    # So that no two collections of a practice carry the same people (TX06).
    who = world.person(code)
    entered = world.day(period)
    world.enter(who, "2+", entered)
    if world.rng.random() < 0.3:
        world.enter(world.person(code), "1+", world.day(period))
    if period not in {PERIODS[-1], *_COUNTED} and world.rng.random() < 0.2:
        later = PERIODS[PERIODS.index(period) + 1]
        world.enter(who, "2-", begins(later) + timedelta(days=20))
