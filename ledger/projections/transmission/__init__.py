"""Recorded beside transmitted: the board that would have shown in April 2016 that SystmOne's new
type 2 objections did not arrive (B1 B3 B4).

keeping  the tables, and how events change them
board    what they tell, by supplier and code system and by practice
"""

from ledger.projections.transmission.board import (
    Figures,
    OfPractice,
    Transmitted,
    board,
    carried_spans,
    collections_taken,
    of_practices,
)
from ledger.projections.transmission.keeping import TRANSMISSION

__all__ = [
    "TRANSMISSION",
    "Figures",
    "OfPractice",
    "Transmitted",
    "board",
    "carried_spans",
    "collections_taken",
    "of_practices",
]
