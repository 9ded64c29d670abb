"""When did a thing happen so often in so short a time that somebody should look?"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Protocol, TypeVar


class Happened(Protocol):
    """Something that happened at a moment, and where it is known."""

    @property
    def at(self) -> datetime:
        """When it happened."""
        ...

    @property
    def position(self) -> int:
        """Its place in the log."""
        ...


Thing = TypeVar("Thing", bound=Happened)


def bursts(
    things: Iterable[Thing], *, at_least: int, within: timedelta
) -> list[tuple[Sequence[Thing], datetime]]:
    """The runs of at least so many within so long, oldest first, and when each became one.

    Things exactly so far apart still count. Two stretches that share a thing are one run.
    """
    ordered = sorted(things, key=lambda thing: (thing.at, thing.position))
    runs: list[tuple[int, int, datetime]] = []
    for last in range(at_least - 1, len(ordered)):
        first = last - at_least + 1
        became = ordered[last].at
        if became - ordered[first].at > within:
            continue
        if runs and first <= runs[-1][1]:
            begun, _, became = runs.pop()
            first = begun
        runs.append((first, last, became))
    return [(ordered[first : last + 1], became) for first, last, became in runs]
