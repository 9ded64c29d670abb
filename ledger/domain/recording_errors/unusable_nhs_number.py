"""An entry came with no NHS number that can be used, so nobody knows whose wish it is.

Everything downstream drops such a patient without a word: a check file with one bad number is
rejected whole (E3), and suppliers stopped sending people who have none (E21). The ledger keeps the
entry and lists it here until the practice has traced the number. Meanwhile it cannot be upheld.
"""

from collections.abc import Iterator

from ledger.domain.events import Unusable
from ledger.domain.objections import practice_day
from ledger.domain.rule import (
    ActionAsked,
    Advice,
    Owner,
    PracticeHistory,
    Sighting,
    UnmatchedEntry,
)
from ledger.domain.wording import in_words, purpose_in_words

_WHY = {
    Unusable.MISSING: "no NHS number",
    Unusable.CHECK_DIGIT: "an NHS number whose check digit is wrong",
    Unusable.UNKNOWN_PATIENT: "a patient whom no delivery has described",
}

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Trace the patient's NHS number",
        (
            Advice(
                "Find the entry by the identifier your clinical system gave it, trace the "
                "patient's NHS number and correct it; the next delivery will match the entry.",
                "E3 E21",
            ),
        ),
        working_days=5,
    ),
)
CLOSES = (
    "It closes by itself when a delivery brings the entry with an NHS number that can be "
    "used, or tells that the entry is deleted."
)
MEANWHILE = "The objection cannot be upheld: nobody knows yet whose it is."


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each entry that waits; sent again or changed, it is still the same entry."""
    waiting: dict[str, list[UnmatchedEntry]] = {}
    for unmatched in history.unmatched:
        key = f"{unmatched.event.clinical_system}|{unmatched.event.entry_id}"
        waiting.setdefault(key, []).append(unmatched)
    for key, arrivals in waiting.items():
        latest = max(arrivals, key=lambda unmatched: unmatched.position)
        event = latest.event
        since = practice_day(min(unmatched.recorded_at for unmatched in arrivals))
        yield Sighting(
            key=key,
            since=since,
            positions=tuple(sorted(unmatched.position for unmatched in arrivals)),
            summary=(
                f"A {purpose_in_words(event.purpose)} {event.statement} arrived on "
                f"{in_words(since)} with {_WHY[event.why]}."
            ),
            expected="Every objection comes with the NHS number of the patient who made it.",
            practice=history.code,
            purpose=event.purpose,
            upheld_meanwhile=False,
        )
