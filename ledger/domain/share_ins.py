"""What did the share-in rule and the lists say of an organisation when it created a share-in?

A share-in is judged by what stood when it was created: lists that came later leave it untouched
(C3). It stands until the organisation's share-in is ended.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.practices import Change, Practice

ENDED, OVERRIDDEN, UNVERIFIED = "ended", "overridden", "unverified"
LISTS = (Setting.ALLOWED, Setting.PROHIBITED)


class ShareIn(NamedTuple):
    """A share-in that stands, and the changes that had made things what they were at its moment.

    None: the rule had never been set, or the organisation was not on the list.
    """

    created: Change
    rule: Change | None
    allowed: Change | None
    prohibited: Change | None

    @property
    def organisation(self) -> str:
        """Who created it."""
        assert self.created.organisation is not None, "a share-in is somebody's"
        return self.created.organisation


@dataclass(slots=True)
class _Lists:
    """Who is on which list, by the change that put them there."""

    on: dict[tuple[Setting, str], Change] = field(default_factory=dict)

    def change(self, change: Change) -> None:
        assert change.organisation is not None, "a list is of organisations"
        key = (change.setting, change.organisation)
        if change.value == "remove":
            self.on.pop(key, None)
        else:
            # Put on it twice, it has been on it since the first time.
            self.on.setdefault(key, change)


def changes_by(practice: Practice, day: date) -> list[Change]:
    """Every change until the end of that day, in the order in which the practice made them."""
    made = [change for change in practice.changes if practice_day(change.changed_at) <= day]
    return sorted(made, key=lambda change: (change.changed_at, change.position))


def share_ins(practice: Practice, day: date) -> list[ShareIn]:
    """The share-ins that stand at the end of that day, by when they were created."""
    lists = _Lists()
    rule: Change | None = None
    stand: dict[str, list[ShareIn]] = {}
    for change in changes_by(practice, day):
        match change.setting:
            case Setting.SHARE_IN_RULE:
                rule = change
            case Setting.ALLOWED | Setting.PROHIBITED:
                lists.change(change)
            case Setting.SHARE_IN:
                who = str(change.organisation)
                if change.value == ENDED:
                    stand.pop(who, None)
                else:
                    on = [lists.on.get((setting, who)) for setting in LISTS]
                    stand.setdefault(who, []).append(ShareIn(change, rule, *on))
            case _:
                pass
    created = [share for shares in stand.values() for share in shares]
    return sorted(created, key=lambda share: (share.created.changed_at, share.created.position))


def listed_by(practice: Practice, day: date) -> dict[Setting, dict[str, Change]]:
    """Who is on each list at the end of that day, by ODS code, and the change that put them there."""
    lists = _Lists()
    for change in changes_by(practice, day):
        if change.setting in LISTS:
            lists.change(change)
    return {
        setting: {who: change for (of, who), change in sorted(lists.on.items()) if of is setting}
        for setting in LISTS
    }


def organisations(practice: Practice) -> Iterator[str]:
    """Every organisation that was ever put on a list of the practice."""
    for change in practice.changes:
        if change.setting in LISTS and change.organisation is not None:
            yield change.organisation


def drawn_up_at(practice: Practice, day: date) -> datetime | None:
    """When the practice put the first organisation on a list of its own; None: it has none yet."""
    added = [c for c in changes_by(practice, day) if c.setting in LISTS and c.value == "add"]
    return added[0].changed_at if added else None


def days_of_changes(practice: Practice, after: date) -> list[date]:
    """The days to come on which a change that is known already takes effect."""
    days = {practice_day(change.changed_at) for change in practice.changes}
    return sorted(day for day in days if day > after)
