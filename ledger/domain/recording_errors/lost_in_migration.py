"""The practice moved to another clinical system, and objections were left behind in the old one.

The new system's first full delivery shows what came along. An objection that stood and is not in it
is gone from the practice's record, and with it from everything the practice sends from then on; the
patient was not asked [D].

It came along if the new system tells any entry of that purpose of the patient at the practice, under
whatever id, with its dates. Nothing is missed of a patient who has withdrawn, died or left. A
system that never sends everything, as GP Connect, is not judged.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.moves import last_move
from ledger.domain.objections import KeptEntry, Objections, practice_day
from ledger.domain.policies import Answer, decide, standing
from ledger.domain.practice_facts import Bulk
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.wording import in_words

_RESTORE = (
    Advice(
        "Compare the objections below with the record, and enter those that are missing with the "
        "dates they had.",
        "[D]",
    ),
)
ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Restore the objections that the move to another system lost",
        _RESTORE,
        working_days=5,
    ),
    ActionAsked(
        Owner.SUPPLIER,
        "Find out why the objections did not come along, and restore them",
        _RESTORE,
        working_days=5,
    ),
)
CLOSES = (
    "It closes by itself when each of these objections has come in a delivery of the new system "
    "or was withdrawn, or its patient has left or died."
)
MEANWHILE = (
    "The ledger goes on upholding these objections, but what the practice sends from its new "
    "system no longer has them."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while objections that stood before the last move have not come along."""
    move = last_move(history.practice, history.today)
    if move is None:
        return
    new = move.to
    first = next(
        (
            bulk
            for bulk in history.bulks
            if bulk.entries and bulk.clinical_system is new and bulk.position > move.position
        ),
        None,
    )
    if first is None:
        return
    lost = [
        entry
        for patient in history.objectors
        if patient.died_on is None and not _has_left(patient, history)
        for entry in _left_behind(patient, history, new, first)
    ]
    if not lost:
        return
    several = len(lost) > 1
    were = f"{len(lost):,} objections that stood are" if several else "An objection that stood is"
    yield Sighting(
        key=f"{new}|{move.on}",
        since=practice_day(first.dated),
        positions=tuple(sorted({move.position, first.position, *(e.position for e in lost)})),
        summary=(
            f"{were} missing since the practice moved to {new.full_name}, whose first full "
            f"delivery was of {in_words(practice_day(first.dated))}."
        ),
        expected="Every objection that stands comes along to the new system.",
        practice=history.code,
        upheld_meanwhile=True,
    )


def days(history: PracticeHistory) -> Iterator[date]:
    """When a move that is told ahead takes place, a patient leaves, or what they said counts."""
    yield from (use.began_on for use in history.practice.systems)
    for patient in history.objectors:
        for span in patient.registrations:
            yield span.registered_on
            if span.deregistered_on is not None:
                yield span.deregistered_on
        for purpose in {entry.event.purpose for entry in patient.entries}:
            for stood in standing(patient, purpose, history.dismissals):
                yield stood.counts_on


def _left_behind(
    patient: Objections, history: PracticeHistory, new: ClinicalSystem, first: Bulk
) -> Iterator[KeptEntry]:
    """The newest standing dissent of each purpose that the new system tells nothing of."""
    here = [entry for entry in patient.entries if entry.event.practice == history.code]
    for purpose in dict.fromkeys(entry.event.purpose for entry in here):
        stands = standing(patient, purpose, history.dismissals)
        left = [
            stood.entry
            for stood in stands
            if stood.is_dissent
            and stood.entry.event.practice == history.code
            and stood.entry.event.clinical_system is not new
            and stood.entry.position < first.position
        ]
        came_along = any(
            entry.event.purpose is purpose and entry.event.clinical_system is new for entry in here
        )
        objecting = decide(stands, history.today).answer is Answer.OBJECTING
        if left and objecting and not came_along:
            yield left[-1]


def _has_left(patient: Objections, history: PracticeHistory) -> bool:
    """Whether the patient's last registration here ended, or they have registered elsewhere since."""
    here = [span for span in patient.registrations if span.practice == history.code]
    ended = [
        span.deregistered_on
        for span in here
        if span.deregistered_on is not None and span.deregistered_on <= history.today
    ]
    came = max((span.registered_on for span in here), default=None)
    elsewhere = [s.registered_on for s in patient.registrations if s.practice != history.code]
    return (bool(ended) and came is not None and came < max(ended)) or (
        came is not None and any(came < day <= history.today for day in elsewhere)
    )
