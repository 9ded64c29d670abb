"""An entry was made long after the day from which the patient meant it.

In between the practice's system did not know of the objection, and an extract of those days may have
carried the patient's data [D]. A withdrawal entered late is told too: its date may be the slip.

An entry that came with the patient's record, or with the practice's move to another clinical
system, was entered in time somewhere else; so was one of which another row, of whatever practice,
was entered in time. Where a format gives no entered time, and where the date itself is found
wrong, nobody can tell how late it was.
"""

from collections.abc import Iterator
from datetime import timedelta

from ledger.domain.evidence import (
    came_with_the_record,
    came_with_the_system,
    current_entries,
    is_before_the_scheme,
    is_upheld,
    source_record,
)
from ledger.domain.objections import KeptEntry
from ledger.domain.policies import is_impossible
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import counted, entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Find out whether anything was shared in between",
        (
            Advice(
                "Look for extracts between the two days that should have left this patient out. "
                "If the date is a slip, correct it.",
                "[D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the date is corrected, when the entry is removed, or when "
    "another row shows that it was entered in time."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record that was entered late."""
    for entry in current_entries(history):
        effective_on, purpose = entry.event.effective_on, entry.event.purpose
        if effective_on is None or not _is_late(history, entry):
            continue
        days = (entry.entered_on - effective_on).days
        yield Sighting(
            key=source_record(entry),
            since=entry.entered_on,
            positions=(entry.position,),
            summary=(
                f"The {entry_in_words(entry)} takes effect on {in_words(effective_on)}, "
                f"{counted(days, 'day')} before."
            ),
            expected=(
                "An entry is made within "
                f"{counted(history.thresholds.late_entry_days, 'day')} of the day it takes effect."
            ),
            practice=entry.event.practice,
            purpose=purpose,
            upheld_meanwhile=is_upheld(history, purpose),
        )


def _is_late(history: PatientHistory, entry: KeptEntry) -> bool:
    effective_on = entry.event.effective_on
    if effective_on is None or entry.event.entered_at is None:
        return False
    if is_impossible(entry, history.objections.died_on) or is_before_the_scheme(history, entry):
        return False
    in_time = effective_on + timedelta(days=history.thresholds.late_entry_days)
    if entry.entered_on <= in_time:
        return False
    elsewhere = any(
        other.event.entered_at is not None
        and other.entered_on <= in_time
        and other.event.effective_on == effective_on
        and other.event.purpose is entry.event.purpose
        and other.event.statement is entry.event.statement
        and not _is_the_row(other, entry)
        for other in history.objections.entries
    )
    return not (
        elsewhere
        or came_with_the_record(history, entry, meant_by=effective_on)
        or came_with_the_system(history, entry, meant_by=effective_on)
    )


def _is_the_row(one: KeptEntry, other: KeptEntry) -> bool:
    return one.event.key == other.event.key
