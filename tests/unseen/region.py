"""A second region, by somebody who had read the catalogue and formats and not the rules' code.

It writes real deliveries of some twenty practices over three years, plants each kind of recording
error, near misses and the false-alarm traps, and says what must be found, by when. Whatever else
the ledger finds is a false alarm.

| | |
|---|---|
| `when.py`, `practices.py` | the days on which something is delivered; who the practices are |
| `world.py`, `record.py` | what happens: people, what practices enter, who is collected |
| `truth.py`, `comparing.py` | what must be found; what was, beside it |
| `planted/` | the errors, by families of rules, the traps and the quiet background |
| `deliveries/` | the files, a module a format |
| `region.py` | all of it, from a seed |

Each module in `planted/` has a `plant(world)`, which makes things happen and tells what must be found;
a comment beside a near miss says what keeps it from being a finding.
"""

from random import Random

from tests.unseen.planted import (
    background,
    coding,
    dates,
    downstream,
    identity,
    lifecycle,
    sharing,
    transmission,
    traps,
)
from tests.unseen.world import World


def build(seed: int) -> World:
    """What happened, and what must be found of it."""
    world = World(Random(seed))
    for planted in (
        background,
        lifecycle,
        traps,
        coding,
        dates,
        identity,
        sharing,
        downstream,
        transmission,
    ):
        planted.plant(world)
    return world
