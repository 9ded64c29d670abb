"""An organisation that the practice prohibits opened a share-in all the same.

SystmOne says that an organisation on the prohibited list cannot create one (C3), verified or not. So
if one did, the list does not do what the practice was told, and the supplier has to say why.

The list counts as it stood when the share-in was created: one that was there before the
organisation was prohibited is untouched by it (C3).
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.objections import practice_day
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import ShareIn, days_of_changes, share_ins
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.SUPPLIER,
        "Explain how a prohibited organisation could create a share-in",
        (
            Advice("An organisation on the prohibited list cannot create a share-in.", "C3"),
            Advice("End the share-in, and say which other practices it happened to.", "[D]"),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the ledger is told that the share-in has ended, or that the "
    "organisation was off the prohibited list when it was created. Taking it off the list now "
    "does not close it."
)
MEANWHILE = (
    "Patients' records can be looked into by an organisation that the practice had shut out."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each organisation, while a share-in stands that it created though prohibited."""
    shares: dict[str, list[ShareIn]] = {}
    for share in share_ins(history.practice, history.today):
        if share.prohibited is not None:
            shares.setdefault(share.organisation, []).append(share)
    for organisation, theirs in shares.items():
        since = practice_day(theirs[0].created.changed_at)
        lists = [share.prohibited for share in theirs if share.prohibited is not None]
        evidence = {change.position for change in (*lists, *(s.created for s in theirs))}
        listed_on = in_words(practice_day(lists[0].changed_at))
        yield Sighting(
            key=organisation,
            since=since,
            positions=tuple(sorted(evidence)),
            summary=(
                f"{organisation}, prohibited since {listed_on}, created a share-in on "
                f"{in_words(since)}."
            ),
            expected="An organisation on the prohibited list cannot create a share-in.",
            practice=history.code,
            purpose=Purpose.SHARE_IN,
        )


def days(history: PracticeHistory) -> list[date]:
    """When a change that is told ahead takes effect."""
    return days_of_changes(history.practice, history.today)
