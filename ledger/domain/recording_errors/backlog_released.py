"""Most of the patients a supplier sends for the first time should have been sent long before.

So it was that the failure of 2018 was noticed: a supplier changed its coding system, and a large
batch of old objections suddenly arrived (B4). A sudden rise is no alarm in itself, because
publicity causes one too; but publicity brings new dissents, and a backlog brings old ones.
"""

from collections.abc import Iterator

from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Debut, Owner, Sighting, SupplierHistory
from ledger.domain.thresholds import Thresholds
from ledger.domain.wording import in_words, share

ACTIONS = (
    ActionAsked(
        Owner.NHS_DIGITAL,
        "Ask the supplier what was held back, and open an exposure report",
        (
            Advice(
                "Ask the supplier what was held back, since when and why, and find out whose data "
                "was released while they objected.",
                "B4",
            ),
        ),
    ),
)
CLOSES = (
    "It does not close by itself, because what a collection brought stays true. Only an older"
    " collection that comes late, and shows that most of these patients had been carried in "
    "time, closes it."
)
MEANWHILE = (
    "From this collection on NHS Digital can uphold these objections. Before it, the data of "
    "these patients may have been released although they objected."
)


def find(history: SupplierHistory) -> Iterator[Sighting]:
    """One for each collection that brought a backlog."""
    for debut in history.debuts:
        if _is_backlog(debut, history.thresholds):
            yield Sighting(
                key=debut.collection,
                since=debut.period_end,
                positions=(debut.position,),
                summary=(
                    f"The collection of {in_words(debut.period_end)} carried "
                    f"{debut.appeared:,} patients of {history.supplier} for the first time; "
                    f"{debut.overdue:,} of them ({share(debut.overdue, debut.appeared)}) should "
                    "have stood in two or more earlier collections."
                ),
                expected="A dissent is carried by the first collection after it was entered.",
                purpose=Purpose.TYPE_2,
            )


def _is_backlog(debut: Debut, thresholds: Thresholds) -> bool:
    return (
        debut.overdue >= thresholds.backlog_at_least
        and debut.overdue > thresholds.backlog_share * debut.appeared
    )
