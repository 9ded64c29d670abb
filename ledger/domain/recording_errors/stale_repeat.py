"""Two collections in a row carry the very same members, although entries were made in between.

Figures repeat where a file is sent twice: those of 11 and 18 August 2021 are the same to the last
digit (E20). Counted are patients whose dissent was entered since the first of the equal collections
and who are not carried, and those carried whose objection was withdrawn since: a choice that is only
restated changes no collection. Where nothing of that kind was entered, the same members are right,
and where nobody is carried at all, nothing is repeated.
"""

from collections.abc import Iterator

from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.wording import counted, period_in_words

ACTIONS = (
    ActionAsked(
        Owner.SUPPLIER,
        "Send the collection again, as the record is now",
        (Advice("Find out whether an old extract was sent once more, and send a new one.", "E20"),),
    ),
)
CLOSES = (
    "It closes by itself when the practice's next collection carries other patients than the "
    "ones that are the same."
)
MEANWHILE = (
    "NHS Digital may not know of those who objected or withdrew in between, and so may not do"
    " what they want."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while the newest collections of the practice are the same."""
    collected = history.collected
    same = collected.same_as_the_last
    if len(same) < 2 or not same[-1].members or collected.changed_on is None:  # noqa: PLR2004  to be the same takes two
        return
    ends = [collection.period_end for collection in same]
    yield Sighting(
        key=ends[0].isoformat(),
        since=next(end for end in ends[1:] if end >= collected.changed_on),
        positions=tuple(sorted(collection.position for collection in same)),
        summary=(
            f"The {counted(len(same), 'collection')} of {period_in_words(ends)} carry the same "
            f"{counted(same[-1].members, 'objection')} of this practice, although "
            f"{counted(collected.changes, 'patient')} objected or withdrew in between."
        ),
        expected="A collection shows what was entered since the one before.",
        practice=history.code,
        purpose=Purpose.TYPE_2,
    )
