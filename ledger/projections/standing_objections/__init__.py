"""Who objects to what now, and how many did at the end of each month.

keeping   one line a patient and purpose, with the entry that decided it
counting  how many they are
"""

from ledger.projections.standing_objections.counting import Change, Measure, changes, objecting
from ledger.projections.standing_objections.keeping import (
    STANDING_OBJECTIONS,
    standing_objections,
    withheld,
)

__all__ = [
    "STANDING_OBJECTIONS",
    "Change",
    "Measure",
    "changes",
    "objecting",
    "standing_objections",
    "withheld",
]
