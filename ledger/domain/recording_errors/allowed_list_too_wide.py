"""The allowed list says nothing: it is empty while all must verify, or it has nearly everybody on it.

The list is for the services a practice really uses (C4). Where verification is required of all and
nobody is allowed, every one of them has to ask the patient for a code each time, which is seldom
meant [D]. Where hundreds are allowed, nobody chose them, and their share-ins are verified by no one.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.practices import Change
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import changes_by, days_of_changes, listed_by
from ledger.domain.sharing import held_on
from ledger.domain.wording import counted, in_words

_OF_ALL = "verify-all"

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Review the allowed list",
        (Advice("List the services you really use, and nobody else.", "C4"),),
    ),
)
CLOSES = (
    "Where the list is empty, it closes by itself when the ledger is told of an organisation on "
    "it, or that not all have to verify any more. Where it is too long, it closes when enough "
    "organisations are taken off."
)
MEANWHILE = (
    "Either every organisation has to ask patients for a code each time, or very many may look "
    "into their records without one."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while the list is empty though all have to verify, or has too many on it."""
    allowed = listed_by(history.practice, history.today)[Setting.ALLOWED]
    most = history.thresholds.allowed_list_at_most
    if not allowed:
        yield from _empty(history)
    elif len(allowed) > most:
        changes = sorted(allowed.values(), key=lambda c: (c.changed_at, c.position))
        since = practice_day(changes[most].changed_at)
        summary = f"{counted(len(allowed), 'organisation')} are on the allowed list."
        yield _sighting(history, "too-wide", since, changes, summary)


def days(history: PracticeHistory) -> list[date]:
    """When a change that is told ahead takes effect."""
    return days_of_changes(history.practice, history.today)


def _empty(history: PracticeHistory) -> Iterator[Sighting]:
    held = held_on(history.practice, Setting.SHARE_IN_RULE, history.today)
    if held is None or held.value != _OF_ALL:
        return
    changes = changes_by(history.practice, history.today)
    # The last organisation that was taken off, if there ever was one.
    emptied = [change for change in changes if change.setting is Setting.ALLOWED][-1:]
    ruled = [change for change in changes if change.position in held.positions]
    since = max([held.set_on, *(practice_day(change.changed_at) for change in emptied)])
    summary = (
        f"Nobody is on the allowed list, while since {in_words(held.set_on)} all organisations "
        "need verification."
    )
    yield _sighting(history, "empty", since, [*ruled, *emptied], summary)


def _sighting(
    history: PracticeHistory, key: str, since: date, evidence: Sequence[Change], summary: str
) -> Sighting:
    return Sighting(
        key=key,
        since=since,
        positions=tuple(sorted(change.position for change in evidence)),
        summary=summary,
        expected="The allowed list has the services that the practice really uses.",
        practice=history.code,
        purpose=Purpose.SHARE_IN,
    )
