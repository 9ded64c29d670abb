"""A practice that took part in collections is missing from two in a row.

Statistics by practice came out month by month (D37), so a practice that drops out can be seen. What
its patients object to reaches nobody while it is silent, and no rule about one patient says so: a
collection in which the practice had no part is held against none of its entries.

One missed collection may be put right by the next. A practice that closed before the period end has
nothing to send, and one that takes part without anybody to report is not silent.
"""

from collections.abc import Iterator

from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.wording import counted, in_words, period_in_words

_RESTORE = Advice("Find out what keeps the practice out of the collection, and restore it.", "D37")
ACTIONS = tuple(
    ActionAsked(owner, "Restore the practice's part in the collections", (_RESTORE,), None, 10)
    for owner in (Owner.PRACTICE, Owner.SUPPLIER)
)
CLOSES = (
    "It closes by itself when the practice takes part in a collection again, be it in one "
    "that comes late, or when the register shows that it had closed."
)
MEANWHILE = (
    "Objections that patients of the practice made since its last collection do not reach NHS"
    " Digital, and cannot be upheld there."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while the practice stays away."""
    enough = history.thresholds.silent_practice_collections
    collections = history.collected.collections
    took_part = [at for at, collection in enumerate(collections) if collection.took_part]
    if not took_part:
        return
    last = collections[took_part[-1]]
    missed = [
        collection
        for collection in collections[took_part[-1] + 1 :]
        if not history.practice.closed_by(collection.period_end)
    ]
    if len(missed) < enough:
        return
    yield Sighting(
        key=last.period_end.isoformat(),
        since=missed[enough - 1].period_end,
        positions=tuple(sorted(collection.position for collection in (last, *missed))),
        summary=(
            "The practice took part in the collection of "
            f"{in_words(last.period_end)} and is missing from the "
            f"{counted(len(missed), 'collection')} since "
            f"({period_in_words([collection.period_end for collection in missed])})."
        ),
        expected="The practice takes part in each collection, with or without anybody to report.",
        practice=history.code,
        purpose=Purpose.TYPE_2,
        upheld_meanwhile=False,
    )
