"""Recorded beside transmitted: the board that would have shown in April 2016 that SystmOne's new
type 2 objections did not arrive (B1 B3 B4).

keeping  the tables, and how events change them
board    what they tell, by supplier and code system and by practice
windows  who stood untransmitted in a window of time
"""

from ledger.projections.transmission.board import (
    Figures,
    OfPractice,
    Stood,
    Transmitted,
    board,
    carried_spans,
    collections_taken,
    of_practices,
    stood_on,
)
from ledger.projections.transmission.keeping import TRANSMISSION
from ledger.projections.transmission.windows import (
    Untransmitted,
    Window,
    collections_known,
    untransmitted,
    untransmitted_entered,
)

__all__ = [
    "TRANSMISSION",
    "Figures",
    "OfPractice",
    "Stood",
    "Transmitted",
    "Untransmitted",
    "Window",
    "board",
    "carried_spans",
    "collections_known",
    "collections_taken",
    "of_practices",
    "stood_on",
    "untransmitted",
    "untransmitted_entered",
]
