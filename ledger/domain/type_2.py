"""Type 2 codes entered after their end: which entries they are, and which only came along.

The last day was 11 October 2018 (D7 D8 D33). A code entered later does nothing, and nothing tells
the patient so.
"""

from ledger.domain.evidence import came_with_the_record, current_entries
from ledger.domain.objections import KeptEntry
from ledger.domain.policies import TYPE_2_ENDED_ON
from ledger.domain.purposes import Purpose
from ledger.domain.rule import PatientHistory


def entered_after_the_end(history: PatientHistory) -> tuple[KeptEntry, ...]:
    """The current entries with an exact type 2 code, either statement, entered too late."""
    return tuple(
        entry
        for entry in current_entries(history)
        if entry.event.purpose is Purpose.TYPE_2 and not entry.event.near and _is_late(entry)
    )


def came_along(history: PatientHistory, entry: KeptEntry) -> bool:
    """Whether an old entry came with the patient's record and only looks newly entered (D9 D10)."""
    effective_on = entry.event.effective_on
    return (
        effective_on is not None
        and effective_on <= TYPE_2_ENDED_ON
        and came_with_the_record(history, entry)
    )


def _is_late(entry: KeptEntry) -> bool:
    # Where a format has no entered time, a practice's first delivery would make every old entry
    # look new: there the effective date decides, which such an entry has had all along.
    if entry.event.entered_at is None and entry.event.effective_on is not None:
        return entry.event.effective_on > TYPE_2_ENDED_ON
    return entry.entered_on > TYPE_2_ENDED_ON
