"""Chance that comes out the same each time: a throw is told by the seed and what it is for."""

from random import Random


def dice(seed: int, *what: object) -> Random:
    """A source of chance of its own for each thing, so that one more throw here changes none there."""
    return Random("/".join(map(str, (seed, *what))))  # noqa: S311  a fiction, not a secret
