"""How are two ways compared on a machine whose load changes? In turn, and by their medians."""

import os
import time
from collections.abc import Callable, Mapping
from statistics import median

Way = Callable[[], float]


def in_turn(ways: Mapping[str, Way], *, times: int = 3) -> dict[str, float]:
    """The median of what each way measured, each measured in turn (A B A B A B)."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(times):
        for name, way in ways.items():
            found[name].append(way())
    return {name: median(measured) for name, measured in found.items()}


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def rate(count: int, work: Callable[[], object]) -> float:
    """How many of `count` things a second it does."""
    return count / seconds(work)


def load() -> float:
    """How many processes want a CPU, over the last minute."""
    return os.getloadavg()[0]
