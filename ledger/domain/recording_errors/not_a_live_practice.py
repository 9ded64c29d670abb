"""Entries name a practice that was none: unknown to the register, closed, dormant, no GP practice.

Nobody is there to be asked about such an entry, or to see to what is wrong with it. The register of
practices has closed ones by the thousand, whose patients are another's now (D29), and codes of
out-of-hours services and prisons that look like a practice's (G4).

What counts is the day on which an entry was entered: what a practice entered before it closed is in
order. An unknown code is one only where a register was imported at all.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from ledger.domain.live_practices import NotLive, why_not_live
from ledger.domain.rule import (
    ActionAsked,
    Advice,
    EnteredOn,
    Owner,
    PracticeHistory,
    Sighting,
)
from ledger.domain.wording import counted, in_words

ACTIONS = (
    ActionAsked(
        Owner.NHS_DIGITAL,
        "Find out who answers for these patients now",
        (
            Advice(
                "Who is the successor? Correct the register, or ask whoever sent the entries for "
                "the right code.",
                "G4 D29",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a newer register lists the practice, or no longer says that it had "
    "closed, or when the entries are deleted."
)
MEANWHILE = (
    "The entries count, so whoever objected by them is protected. But nobody answers for "
    "them, or can ask the patients."
)

_WORDS = {
    NotLive.UNKNOWN: "is in no register that was imported",
    NotLive.NO_GP_PRACTICE: "is no GP practice by the register",
    NotLive.CLOSED: "had closed",
    NotLive.DORMANT: "was dormant",
}


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each thing that the register has against the practice, with all entries concerned."""
    against: defaultdict[NotLive, list[EnteredOn]] = defaultdict(list)
    for entered in history.entered:
        why = why_not_live(history.practice, entered.day, register_known=history.register_known)
        if why is not None:
            against[why].append(entered)
    for why, entries in against.items():
        first = min(entered.day for entered in entries)
        yield Sighting(
            key=why.value,
            since=first,
            positions=tuple(sorted(entered.position for entered in entries)),
            summary=(
                f"{counted(len(entries), 'objection or withdrawal', 'objections or withdrawals')} "
                f"entered from {in_words(first)} on name {history.code}, which {_WORDS[why]}."
                f"{_successors(history)}"
            ),
            expected="Entries name the GP practice that answered for the patient on that day.",
            practice=history.code,
        )


def days(history: PracticeHistory) -> tuple[date, ...]:
    """The days from which others have the patients of a practice that closed."""
    closed = history.practice.closed
    return tuple(s.since for s in closed.successors if s.since is not None) if closed else ()


def _successors(history: PracticeHistory) -> str:
    if not history.successors:
        return ""
    return f" By the register {', '.join(history.successors)} has its patients."
