"""What differs between two points: in what a policy says of a patient, in what a practice shares?

And which events made it so: those after which the answer was another.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID

from ledger.domain.entries import Setting
from ledger.domain.events import Kept
from ledger.domain.known import decided, fold_log
from ledger.domain.objections import practice_day
from ledger.domain.policies import Answer, Policy
from ledger.domain.practices import Agreement, Change, Practice
from ledger.domain.purposes import Purpose

AGREEMENT = "agreement"


class Shared(NamedTuple):
    """What is shared by one setting, and by which event that is known."""

    value: str
    position: int


class SettingMoved(NamedTuple):
    """A setting that is another; None: it was never set."""

    setting: str
    organisation: str | None
    before: str | None
    after: str | None
    position: int


def turning_points(
    events: Sequence[Kept],
    patient: UUID,
    purpose: Purpose,
    *,
    at: date,
    after: int,
    policy: Policy,
) -> list[int]:
    """The events behind the position `after` by which the policy's answer became another.

    `events` are all that bear on the patient, in the order of the log.
    """

    def _answer(told: Sequence[Kept]) -> Answer:
        return decided(fold_log(told).known(patient), purpose, at, policy=policy).answer

    before = [kept for kept in events if kept.position <= after]
    new = events[len(before) :]
    if len(new) == 1:
        return [new[0].position]
    found = []
    answer = _answer(before)
    for number, kept in enumerate(new, 1):
        now = _answer([*before, *new[:number]])
        if now is not answer:
            found.append(kept.position)
        answer = now
    return found


def shared_on(practice: Practice, day: date) -> dict[tuple[str, str | None], Shared]:
    """What was shared at the end of a day, by setting and organisation."""
    told: dict[tuple[str, str | None], Shared] = {}
    for change in sorted(practice.changes, key=lambda one: (one.changed_at, one.position)):
        if practice_day(change.changed_at) <= day:
            told[change.setting.value, change.organisation] = Shared(
                _value(change), change.position
            )
    for agreement in practice.agreements:
        if practice_day(agreement.modified_at or agreement.recorded_at) <= day:
            told[AGREEMENT, None] = Shared(_state(agreement), agreement.position)
    return told


def settings_moved(
    before: Mapping[tuple[str, str | None], Shared], after: Mapping[tuple[str, str | None], Shared]
) -> Iterator[SettingMoved]:
    """The settings that are others, by name and organisation."""
    for setting, organisation in sorted(
        before.keys() | after.keys(), key=lambda key: (key[0], key[1] or "")
    ):
        was, is_ = before.get((setting, organisation)), after.get((setting, organisation))
        if (was and was.value) != (is_ and is_.value):
            told = is_ or was
            assert told is not None, "one of them has the key"
            yield SettingMoved(
                setting, organisation, was and was.value, is_ and is_.value, told.position
            )


def known_by(practice: Practice, position: int) -> Practice:
    """What was known of a practice's sharing at a position."""
    return Practice(
        changes=tuple(one for one in practice.changes if one.position <= position),
        agreements=tuple(one for one in practice.agreements if one.position <= position),
    )


def _value(change: Change) -> str:
    if change.setting in (Setting.ALLOWED, Setting.PROHIBITED):
        return "listed" if change.value == "add" else "not listed"
    return change.value


def _state(agreement: Agreement) -> str:
    if agreement.deleted:
        return "deleted"
    if agreement.disabled:
        return "disabled"
    return "active" if agreement.activated else "not active"
