"""One user entered or removed twenty objections and more within ten minutes.

Patients do not come in by the dozen in ten minutes: it was a search-and-replace, a template applied
to a list, or a clean-up, and it may have touched patients whose wish it was not [D].

Entries are told apart by the user and the time that the practice's system recorded, which a first
delivery or a move to another system leaves as they were. Where a format tells no time, as Vision, or
a day alone, nothing is judged. No format tells who removed an entry or when, so for removals one
delivery stands in for the user and the ten minutes: those that its rows say were deleted, not
those that a bulk merely lacks.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from ledger.domain.bursts import bursts
from ledger.domain.objections import practice_day
from ledger.domain.practice_facts import Edit
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.wording import counted, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Was this a search-and-replace? Check the entries, and say that you did",
        (
            Advice(
                "Ask the user what was done. Where it was not the patients' wish, put the entries "
                "back as they were.",
                "[D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes when the practice marks its action as done. Putting the entries back does not "
    "close it."
)
MEANWHILE = (
    "The entries count as they stand, so patients may count as objecting who never asked for "
    "it. An objection that was deleted with no withdrawal is still upheld."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each time that a user, or a delivery, changed so many at once."""
    thresholds = history.thresholds
    within = timedelta(minutes=thresholds.bulk_change_minutes)
    edits: dict[tuple[bool, str], list[Edit]] = {}
    for edit in history.edits:
        edits.setdefault((edit.removed, edit.who), []).append(edit)
    for theirs in edits.values():
        for run, became in bursts(theirs, at_least=thresholds.bulk_change_entries, within=within):
            yield _sighting(history, run, became)


def _sighting(history: PracticeHistory, run: Sequence[Edit], became: datetime) -> Sighting:
    first, many = run[0], counted(len(run), "objection")
    since = practice_day(became)
    return Sighting(
        key=f"{'removed' if first.removed else 'entered'}|{first.who}|{first.at.isoformat()}",
        since=since,
        positions=tuple(sorted(edit.position for edit in run)),
        summary=(
            f"One delivery told on {in_words(since)} that {many} had been deleted."
            if first.removed
            else f"One user entered {many} within minutes on {in_words(practice_day(first.at))}."
        ),
        expected="Objections are entered and removed as patients ask for it, one by one.",
        practice=history.code,
    )
