"""A practice that had many patients in the collections takes part and sends none.

Its entries still stand in what it delivers to the ledger, so nobody withdrew: what went wrong lies
between the record and the collection, a mass deletion or a migration most of all [D]. Where patients
moved with a merger (D29), another practice sends them now: with a known successor, it is none.

A practice whose entries the ledger does not hold cannot be compared.
"""

from collections.abc import Iterator

from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.wording import counted, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Check your record for a mass deletion or a migration",
        (
            Advice(
                "See whether the entries are still there. If your patients moved to another "
                "practice, have the register say so; if not, have the entries sent again.",
                "D29 [D]",
            ),
        ),
        working_days=5,
    ),
)
CLOSES = (
    "It closes by itself when a collection carries patients of the practice again, when none "
    "of its type 2 dissents stands any more, or when the register names who has its patients."
)
MEANWHILE = (
    "NHS Digital is told of no objection at this practice any more, and may uphold none of them."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while the practice sends nobody."""
    collected = history.collected
    took_part = [collection for collection in collected.collections if collection.took_part]
    carrying = [at for at, collection in enumerate(took_part) if collection.members]
    if not carrying or carrying[-1] == len(took_part) - 1:
        return
    last, empty = took_part[carrying[-1]], took_part[carrying[-1] + 1 :]
    many = last.members >= history.thresholds.fell_to_zero_from
    if not many or not collected.standing or history.successors:
        return
    yield Sighting(
        key=empty[0].period_end.isoformat(),
        since=empty[0].period_end,
        positions=tuple(sorted(collection.position for collection in (last, *empty))),
        summary=(
            f"The practice sent {counted(last.members, 'objection')} in the collection of "
            f"{in_words(last.period_end)} and none in that of {in_words(empty[0].period_end)}, "
            f"although {counted(collected.standing, 'patient')} still "
            f"{'objects' if collected.standing == 1 else 'object'} by its record."
        ),
        expected="A collection carries each patient whose type 2 dissent stands.",
        practice=history.code,
        purpose=Purpose.TYPE_2,
        upheld_meanwhile=False,
    )
