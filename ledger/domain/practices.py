"""One practice's history: its place in the register, its sharing settings, what it has done.

Settings bear the time the practice changed them (`changed_at`), which may be long before the
ledger knew: the state on a day is the last change on or before it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import reduce
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import AgreementChange, Setting, SettingChange
from ledger.domain.events import (
    ActionTaken,
    AgreementChanged,
    Event,
    FeedTokenIssued,
    FeedTokenRevoked,
    FindingDismissed,
    FindingReopened,
    Kept,
    OrganisationListed,
    OrganisationUnlisted,
    PairingApproved,
    PairingRevoked,
    PracticeClosed,
    PracticeListed,
    PracticeReopened,
    ShareInCreated,
    ShareInEnded,
    SharingSettingChanged,
    SystemChanged,
    WebhookRegistered,
    WebhookRevoked,
)
from ledger.domain.identifiers import holds_nhs_number, system_id
from ledger.domain.objections import practice_day
from ledger.domain.refusals import NotAFact, UnknownThing

ON, OFF = "on", "off"
# The share-in rules of SystmOne's screen, and what it reads if never touched (C4).
SHARE_IN_RULES = ("none-require-verification", "verify-unlisted", "verify-all")
NO_VERIFICATION = SHARE_IN_RULES[0]


class Change(NamedTuple):
    """One change of a setting, a list or a share-in: what, when at the practice, known where.

    `reason_given` is said of an override alone, and there not by all.
    """

    setting: Setting
    value: str
    organisation: str | None
    changed_at: datetime
    by: str
    position: int
    recorded_at: datetime
    reason_given: bool | None = None


class Agreement(NamedTuple):
    """The state of the EMIS sharing agreement, and where it is known from."""

    activated: bool
    disabled: bool
    deleted: bool
    modified_at: datetime | None
    position: int
    recorded_at: datetime


class Listing(NamedTuple):
    """What the register's line says of a practice, and from where that is known."""

    event: PracticeListed
    position: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class SystemUse:
    """The practice began to use a clinical system."""

    clinical_system: ClinicalSystem
    since: date | None
    position: int
    recorded_at: datetime

    @property
    def began_on(self) -> date:
        """The day it began, as far as known: else the day the ledger learnt of it."""
        return self.since or practice_day(self.recorded_at)


@dataclass(frozen=True, slots=True)
class Practice:
    """Everything known of one practice, in the order it became known.

    `dismissals` are those that stand: a finding that was re-opened has none.
    """

    version: int = 0
    listings: tuple[Listing, ...] = ()
    closed: PracticeClosed | None = None
    systems: tuple[SystemUse, ...] = ()
    changes: tuple[Change, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    actions_taken: tuple[tuple[int, datetime, ActionTaken], ...] = ()
    dismissals: tuple[tuple[int, datetime, FindingDismissed], ...] = ()
    paired_with: frozenset[str] = frozenset()
    # Those that stand, each with its URL.
    webhooks: Mapping[str, str] = field(default_factory=dict)
    feed_tokens: frozenset[str] = frozenset()
    past_successions: frozenset[tuple[str, date | None]] = frozenset()

    @property
    def listed(self) -> PracticeListed | None:
        """What the register says of it now."""
        return self.listings[-1].event if self.listings else None

    def closed_by(self, day: date) -> bool:
        """Whether the practice is known to have closed by that day."""
        return self.closed is not None and self.closed.closed_on <= day

    def successors_on(self, day: date) -> tuple[str, ...]:
        """Who has the patients of a closed practice on that day, by ODS code; none: not known."""
        if self.closed is None or not self.closed_by(day):
            return ()
        return tuple(s.practice for s in self.closed.successors if (s.since or day) <= day)

    @property
    def clinical_system(self) -> ClinicalSystem | None:
        """The system the practice uses now, as far as known."""
        return self.systems[-1].clinical_system if self.systems else None

    @property
    def agreement(self) -> Agreement | None:
        """The latest state of the EMIS sharing agreement."""
        return self.agreements[-1] if self.agreements else None

    def setting_on(self, setting: Setting, day: date) -> Change | None:
        """The change that made `setting` what it was at the end of `day`; None: never set."""
        changes = [
            change
            for change in self.changes
            if change.setting is setting and practice_day(change.changed_at) <= day
        ]
        return max(changes, key=lambda change: (change.changed_at, change.position), default=None)

    def listed_on(self, setting: Setting, day: date) -> tuple[str, ...]:
        """The organisations on the allowed or prohibited list at the end of `day`, in order."""
        last: dict[str, Change] = {}
        for change in sorted(self.changes, key=lambda c: (c.changed_at, c.position)):
            in_time = practice_day(change.changed_at) <= day
            if change.setting is setting and change.organisation is not None and in_time:
                last[change.organisation] = change
        return tuple(sorted(code for code, change in last.items() if change.value == "add"))


def system_on(uses: Sequence[SystemUse], day: date) -> ClinicalSystem | None:
    """The system a practice used on a day; before all that is known, the first it is known to use."""
    in_order = sorted(uses, key=lambda use: (use.began_on, use.position))
    begun = [use for use in in_order if use.began_on <= day]
    used = begun[-1:] or in_order[:1]
    return used[0].clinical_system if used else None


def fold(events: Iterable[Kept]) -> Practice:
    """The history these events make."""
    return reduce(evolve, events, Practice())


def evolve(practice: Practice, kept: Kept) -> Practice:
    """The history after one more event."""
    practice = replace(practice, version=kept.version)
    at = (kept.position, kept.recorded_at)
    match kept.event:
        case PracticeListed() as event:
            return replace(practice, listings=(*practice.listings, Listing(event, *at)))
        case PracticeClosed() as event:
            return replace(practice, closed=event)
        case PracticeReopened() as event:
            past = practice.past_successions.union((s.practice, s.since) for s in event.past)
            return replace(practice, closed=None, past_successions=past)
        case SystemChanged() as event:
            use = SystemUse(event.clinical_system, event.since, *at)
            return replace(practice, systems=(*practice.systems, use))
        case AgreementChanged() as event:
            agreement = Agreement(
                event.activated, event.disabled, event.deleted, event.modified_at, *at
            )
            return replace(practice, agreements=(*practice.agreements, agreement))
        case ActionTaken() as event:
            return replace(practice, actions_taken=(*practice.actions_taken, (*at, event)))
        case FindingDismissed() as event:
            return replace(practice, dismissals=(*practice.dismissals, (*at, event)))
        case FindingReopened() as event:
            dismissed = tuple(d for d in practice.dismissals if d[2].finding != event.finding)
            return replace(practice, dismissals=dismissed)
        case PairingApproved() as event:
            return replace(practice, paired_with=practice.paired_with | {event.system})
        case PairingRevoked() as event:
            return replace(practice, paired_with=practice.paired_with - {event.system})
        case WebhookRegistered() as event:
            return replace(practice, webhooks={**practice.webhooks, event.webhook: event.url})
        case WebhookRevoked() as event:
            stand = {id_: url for id_, url in practice.webhooks.items() if id_ != event.webhook}
            return replace(practice, webhooks=stand)
        case FeedTokenIssued() as event:
            return replace(practice, feed_tokens=practice.feed_tokens | {event.token})
        case FeedTokenRevoked() as event:
            return replace(practice, feed_tokens=practice.feed_tokens - {event.token})
        case event:
            told = _change_told_by(event)
            if told is None:
                return practice
            reason_given = event.reason_given if isinstance(event, ShareInCreated) else None
            change = Change(*told, event.by, *at, reason_given)
            return replace(practice, changes=(*practice.changes, change))


def _change_told_by(event: Event) -> tuple[Setting, str, str | None, datetime] | None:
    match event:
        case SharingSettingChanged():
            return event.setting, event.value, None, event.changed_at
        case OrganisationListed():
            return event.setting, "add", event.organisation, event.changed_at
        case OrganisationUnlisted():
            return event.setting, "remove", event.organisation, event.changed_at
        case ShareInCreated():
            value = "overridden" if event.overridden else "unverified"
            value = "verified" if event.verified else value
            return Setting.SHARE_IN, value, event.organisation, event.changed_at
        case ShareInEnded():
            return Setting.SHARE_IN, "ended", event.organisation, event.changed_at
        case _:
            return None


def change_setting(
    practice: Practice, change: SettingChange, *, by: str, delivery: str | None = None
) -> list[Event]:
    """The practice changed a sharing setting: nothing new if the ledger holds that very change.

    That an override had a reason, or had none, may be told of it later.
    """
    told = (change.setting, change.value, change.organisation, change.changed_at)
    if any(
        (known.setting, known.value, known.organisation, known.changed_at) == told
        and change.reason_given in (None, known.reason_given)
        for known in practice.changes
    ):
        return []
    who = {"by": by, "delivery": delivery, "changed_at": change.changed_at}
    about_override = change.setting is Setting.SHARE_IN and change.value == "overridden"
    _expect(about_override or change.reason_given is None, "a reason is given for an override")
    about_another = change.setting in (Setting.ALLOWED, Setting.PROHIBITED, Setting.SHARE_IN)
    _expect(about_another or change.organisation is None, f"{change.setting} names no organisation")
    match change.setting:
        case Setting.AUTO_SHARE_OUT | Setting.AUTO_SHARE_IN:
            _expect(change.value in (ON, OFF), f"{change.setting} is on or off")
            changed = {**who, "setting": change.setting, "value": change.value}
            return [SharingSettingChanged.model_validate(changed)]
        case Setting.SHARE_IN_RULE:
            _expect(change.value in SHARE_IN_RULES, f"{change.setting} is one of {SHARE_IN_RULES}")
            changed = {**who, "setting": change.setting, "value": change.value}
            return [SharingSettingChanged.model_validate(changed)]
        case Setting.ALLOWED | Setting.PROHIBITED:
            _expect(change.value in ("add", "remove"), f"{change.setting} takes add or remove")
            _expect(change.organisation is not None, f"{change.setting} names an organisation")
            listed = {**who, "setting": change.setting, "organisation": change.organisation}
            kind = OrganisationListed if change.value == "add" else OrganisationUnlisted
            return [kind.model_validate(listed)]
        case Setting.SHARE_IN:
            _expect(change.organisation is not None, "share-in names an organisation")
            share = {**who, "organisation": change.organisation}
            if change.value == "ended":
                return [ShareInEnded.model_validate(share)]
            _expect(
                change.value in ("verified", "unverified", "overridden"),
                "share-in is verified, unverified, overridden or ended",
            )
            how = {
                "verified": change.value == "verified",
                "overridden": change.value == "overridden",
                "reason_given": change.reason_given,
            }
            return [ShareInCreated.model_validate({**share, **how})]


def _expect(holds: bool, expected: str) -> None:  # noqa: FBT001  the fact and what was expected
    if not holds:
        raise NotAFact(f"expected: {expected}")


def change_agreement(
    practice: Practice, change: AgreementChange, *, by: str, delivery: str | None = None
) -> list[Event]:
    """EMIS told the state of the practice's sharing agreement: nothing new if it is as it was."""
    known = practice.agreement
    told = (change.activated, change.disabled, change.deleted, change.modified_at)
    if known is not None and known[:4] == told:
        return []
    return [
        AgreementChanged(
            activated=change.activated,
            disabled=change.disabled,
            deleted=change.deleted,
            modified_at=change.modified_at,
            by=by,
            delivery=delivery,
        )
    ]


def use_system(
    practice: Practice,
    system: ClinicalSystem,
    *,
    since: date | None,
    by: str,
    delivery: str | None = None,
) -> list[Event]:
    """The practice is known to use a clinical system, from a list or from its own delivery."""
    if practice.clinical_system is system:
        return []
    return [SystemChanged(clinical_system=system, since=since, by=by, delivery=delivery)]


def approve_pairing(practice: Practice, system: str, *, by: str) -> list[Event]:
    """The practice lets a third-party system write for it. The same again adds nothing."""
    if system_id(system) is None:
        raise NotAFact(
            "expected the system's id as its token gives it: 2 to 64 letters, digits, dots, "
            "hyphens and underscores, and no NHS number"
        )
    return [] if system in practice.paired_with else [PairingApproved(system=system, by=by)]


def revoke_pairing(practice: Practice, system: str, *, by: str) -> list[Event]:
    """From now on the system writes nothing more for the practice."""
    if system not in practice.paired_with:
        raise UnknownThing("no pairing of the practice with that system stands: nothing to revoke")
    return [PairingRevoked(system=system, by=by)]


def take_action(practice: Practice, action: str, *, note: str, by: str) -> list[Event]:
    """Somebody did what an action asks for. The same again adds nothing."""
    _no_number_in(note)
    if any(taken.action == action and taken.note == note for _, _, taken in practice.actions_taken):
        return []
    return [ActionTaken(action=action, note=note, by=by)]


def dismiss_finding(
    practice: Practice,
    *,
    finding: str,
    rule: str,
    entries: tuple[int, ...],
    reason: str,
    by: str,
) -> list[Event]:
    """The controller says why a finding is no error of theirs. The same again adds nothing."""
    _no_number_in(reason)
    if not reason.strip():
        raise NotAFact("a finding is dismissed with a reason: say why it is no error")
    if any(d.finding == finding and d.reason == reason for _, _, d in practice.dismissals):
        return []
    return [FindingDismissed(finding=finding, rule=rule, entries=entries, reason=reason, by=by)]


def reopen_finding(practice: Practice, *, finding: str, reason: str, by: str) -> list[Event]:
    """The controller takes back that a finding is no error. Refuses one that is not dismissed."""
    _no_number_in(reason)
    if not reason.strip():
        raise NotAFact("a finding is re-opened with a reason: say why it is an error after all")
    stand = [d for _, _, d in practice.dismissals if d.finding == finding]
    if not stand:
        raise UnknownThing("no dismissal of that finding stands: nothing to re-open")
    entries = tuple(sorted({entry for d in stand for entry in d.entries}))
    return [
        FindingReopened(finding=finding, rule=stand[-1].rule, entries=entries, reason=reason, by=by)
    ]


def _no_number_in(text: str) -> None:
    """The log holds no identifiers, and a note is where a hurried person would type one."""
    if holds_nhs_number(text):
        raise NotAFact("a note may not hold an NHS number: say it without")
