"""The practice's EMIS sharing agreement is disabled, so what EMIS sends is no longer the whole truth.

While an agreement is disabled, deliveries may delete everything they ever sent. None of that is the
patients' wish: the ledger freezes what it has, refuses such deletes row by row and asks the
practice (docs/formats.md 2.2). A row that marks the agreement as deleted besides changes nothing in
this.
"""

from collections.abc import Iterator
from itertools import takewhile

from ledger.domain.objections import practice_day
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Confirm whether you meant to disable the sharing agreement",
        (
            Advice(
                "If you did not, enable it again. If you did, say so here: what the ledger holds "
                "stays as it was, and grows old.",
                "docs/formats.md 2.2",
            ),
        ),
    ),
)
CLOSES = "It closes by itself when a delivery says that the sharing agreement is enabled again."
MEANWHILE = (
    "Objections that the ledger holds are upheld as before. What patients of the practice "
    "have said since may be missing."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while the agreement is disabled."""
    states = reversed(history.practice.agreements)
    disabled = list(takewhile(lambda agreement: agreement.disabled, states))
    if not disabled:
        return
    first = disabled[-1]
    since = practice_day(first.modified_at or first.recorded_at)
    yield Sighting(
        key="agreement",
        since=since,
        positions=tuple(sorted(agreement.position for agreement in disabled)),
        summary=f"The EMIS sharing agreement has been disabled since {in_words(since)}.",
        expected="The agreement is enabled while the practice's objections are relied on.",
        practice=history.code,
    )
