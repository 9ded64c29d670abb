"""The practice allows or prohibits an organisation that has closed, or that nobody has heard of.

A code that closed may mean nobody any more, while whoever took over its services stands on no list;
a code that the register does not have was mistyped (G4). Either way the list does not say what the
practice meant.

An organisation counts as unknown only where a register that would list it was imported: the list of
practices and other prescribing organisations holds no trusts' own codes, for example
(docs/adr/0029). A dormant organisation has not closed.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.practice_facts import InRegister
from ledger.domain.practices import Change
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.share_ins import LISTS, days_of_changes, listed_by
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Correct the list",
        (
            Advice(
                "Look the code up in the register of organisations: take it off the list, or put "
                "the organisation you meant in its place.",
                "G4",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the ledger is told that the organisation is on neither list any "
    "more, or when a newer register says that it is open."
)
MEANWHILE = (
    "Patients' records may be open to an organisation that the practice meant to keep out, or "
    "closed to one that it meant to let in."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each organisation on a list today that is unknown or has closed."""
    lists = listed_by(history.practice, history.today)
    for organisation in sorted({*lists[Setting.ALLOWED], *lists[Setting.PROHIBITED]}):
        told = history.register.get(organisation)
        if told is None or not _is_wrong(told, history.today):
            continue
        on = [
            (setting, lists[setting][organisation])
            for setting in LISTS
            if organisation in lists[setting]
        ]
        yield _sighting(history, organisation, told, on)


def days(history: PracticeHistory) -> list[date]:
    """When an organisation on a list closes, or a change that is told ahead takes effect."""
    closing = [told.closed_on for told in history.register.values() if told.closed_on is not None]
    return [*days_of_changes(history.practice, history.today), *closing]


def _is_wrong(told: InRegister, today: date) -> bool:
    return not told.known or (told.closed_on is not None and told.closed_on <= today)


def _sighting(
    history: PracticeHistory,
    organisation: str,
    told: InRegister,
    on: list[tuple[Setting, Change]],
) -> Sighting:
    listed_on = min(practice_day(change.changed_at) for _, change in on)
    positions = {change.position for _, change in on}
    since, state = listed_on, "is not in the register of organisations"
    learnt = [practice_day(change.recorded_at) for _, change in on]
    if told.known and told.closed_on is not None:
        since, state = max(listed_on, told.closed_on), f"closed on {in_words(told.closed_on)}"
        positions |= {told.position} if told.position is not None else set()
        learnt += [practice_day(told.recorded_at)] if told.recorded_at is not None else []
    names = " and ".join(setting.value for setting, _ in on)
    return Sighting(
        key=organisation,
        since=since,
        positions=tuple(sorted(positions)),
        summary=f"{organisation} is on the {names} list, and {state}.",
        expected="Every organisation on a list is open, and known to the register.",
        practice=history.code,
        purpose=Purpose.SHARE_IN,
        by_the_day=max(learnt) < since,
    )
