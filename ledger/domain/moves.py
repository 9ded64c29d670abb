"""When did a practice move from one clinical system to another, and to which?"""

from datetime import date
from itertools import pairwise
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.practices import Practice


class Move(NamedTuple):
    """A practice moved to another clinical system, on that day as far as known: often that of the
    new system's first delivery, which may be weeks after.
    """

    before: ClinicalSystem
    to: ClinicalSystem
    on: date
    position: int


def last_move(practice: Practice, day: date) -> Move | None:
    """The last move by that day; None where only one system is known. The first is no move."""
    uses = sorted(practice.systems, key=lambda use: (use.began_on, use.position))
    begun = [use for use in uses if use.began_on <= day]
    moves = [
        Move(before.clinical_system, now.clinical_system, now.began_on, now.position)
        for before, now in pairwise(begun)
        if now.clinical_system is not before.clinical_system
    ]
    return moves[-1] if moves else None
