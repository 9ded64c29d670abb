"""A full delivery holds less than half the patients of the one before.

It is seldom that half of a practice's patients leave. London's data service records that EMIS once
had practice groups configured so that only patients who had opted in were sent, less than one in a
hundred (docs/formats.md 2.4). Read as it stands, such a delivery says that everybody else is gone, and
their objections with them.

Nothing of the kind is believed. A practice that had closed by then has no patients to lose.
"""

from collections.abc import Iterator

from ledger.domain.objections import practice_day
from ledger.domain.practice_facts import Bulk
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.wording import counted, in_words

ACTIONS = (
    ActionAsked(
        Owner.SUPPLIER,
        "Confirm how many patients the practice has, before anything is believed",
        (
            Advice(
                "Compare the extract's configuration with the one before: whom it leaves out, and "
                "since when. Send everything again.",
                "docs/formats.md 2.4",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a full delivery again holds at least half as many patients as the "
    "last one before the fall, or when the register shows that the practice had closed by then."
)
MEANWHILE = (
    "Objections of the patients who are missing still count: a dissent that is merely missing "
    "stands until a withdrawal is coded."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while the newest bulk holds less than half of what the last good one held."""
    good: Bulk | None = None
    fell: Bulk | None = None
    for bulk in history.bulks:
        if bulk.patients is None or history.practice.closed_by(practice_day(bulk.dated)):
            continue
        if good and bulk.patients < history.thresholds.collapse_share * (good.patients or 0):
            fell = fell or bulk
        else:
            good, fell = bulk, None
    if good is None or fell is None:
        return
    since = practice_day(fell.dated)
    yield Sighting(
        key=fell.dated.isoformat(),
        since=since,
        positions=(good.position, fell.position),
        summary=(
            f"The full delivery of {in_words(since)} holds {counted(fell.patients or 0, 'patient')}, "
            f"the one before it held {counted(good.patients or 0, 'patient')}."
        ),
        expected="A full delivery holds about as many patients as the one before.",
        practice=history.code,
        upheld_meanwhile=True,
    )
