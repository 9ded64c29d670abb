"""Which thresholds judge, since when, and how is another version of them proposed and adopted?

A version is a fact of the log, like everything else that changes what the ledger says: from the
position of its adoption on everybody is judged by it, and a replay to before judges by the old.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from difflib import get_close_matches

from pydantic import ValidationError

from ledger.domain.events import Event, Kept, ThresholdsAdopted, ThresholdValue
from ledger.domain.identifiers import holds_nhs_number
from ledger.domain.refusals import NotAFact
from ledger.domain.thresholds import THRESHOLDS_1, Thresholds

VERSION = "version"
NAMES = tuple(name for name in Thresholds.model_fields if name != VERSION)
# What each is a number of.
UNITS: Mapping[str, str] = {
    "missed_collections_for_breach": "collections",
    "silent_cohort_at_least": "dissents",
    "silent_cohort_chance": "probability",
    "backlog_at_least": "patients",
    "backlog_share": "share",
    "backlog_missed_collections": "collections",
    "silent_practice_collections": "collections",
    "late_delivery_days": "days",
    "fell_to_zero_from": "patients",
    "scheme_began_on": "date",
    "late_entry_days": "days",
    "conversion_within_days": "days",
    "record_follows_within_days": "days",
    "left_behind_days": "days",
    "two_practices_days": "days",
    "bulk_change_entries": "entries",
    "bulk_change_minutes": "minutes",
    "collapse_share": "share",
    "lists_possible_from": "date",
    "days_to_set_up_lists": "days",
    "allowed_list_at_most": "organisations",
    "flapped_changes": "changes",
    "flapped_days": "days",
    "settings_follow_days": "days",
    "overrides_a_month": "overrides",
}


def as_adopted(event: ThresholdsAdopted) -> Thresholds:
    """The thresholds that an event tells. One that came into being later is as at the start, and
    one that no rule asks any more is left out.
    """
    told = {one.name: one.value for one in event.values if one.name in NAMES}
    return Thresholds.model_validate_strings({VERSION: event.version, **told}, strict=False)


def in_force(ledger: Iterable[Kept]) -> Thresholds:
    """By which thresholds is judged, once these events of the ledger itself are known."""
    adopted = [kept.event for kept in ledger if isinstance(kept.event, ThresholdsAdopted)]
    return as_adopted(adopted[-1]) if adopted else THRESHOLDS_1


def proposed(told: Mapping[str, object], *, now: Thresholds) -> Thresholds:
    """The version that a file proposes: its name, and what it changes of those in force `now`.

    Raises NotAFact where it names no version or an unknown threshold, has a value that cannot be
    one, or changes nothing.
    """
    unknown = [name for name in told if name not in (VERSION, *NAMES)]
    if unknown:
        near = get_close_matches(unknown[0], NAMES, n=1)
        meant = f"did you mean {near[0]}?" if near else f"the thresholds are {', '.join(NAMES)}"
        raise NotAFact(f"there is no threshold {unknown[0]!r}: {meant}")
    if VERSION not in told:
        raise NotAFact('expected the version\'s name, found none: add version = "thresholds-…"')
    try:
        made = Thresholds.model_validate({**now.model_dump(), **told})
    except ValidationError as error:
        raise NotAFact("; ".join(map(_wrong, error.errors(include_url=False)))) from None
    if not differences(now, made):
        raise NotAFact("every value is as it is now: change one, or leave the thresholds alone")
    return made


def adopt(ledger: Sequence[Kept], wanted: Thresholds, *, reason: str, by: str) -> list[Event]:
    """Let everybody be judged by these thresholds from now on.

    Raises NotAFact without a reason, or where a version of that name has judged before.
    """
    if not reason.strip():
        raise NotAFact("thresholds are adopted with a reason: say why they change")
    if holds_nhs_number(reason):
        raise NotAFact("a reason may not hold an NHS number: say it without")
    used = {THRESHOLDS_1.version: 1} | {
        kept.event.version: kept.position
        for kept in ledger
        if isinstance(kept.event, ThresholdsAdopted)
    }
    if wanted.version in used:
        raise NotAFact(
            f"{wanted.version} has been in force since position {used[wanted.version]}: findings "
            "name the version that judged them, so give this one a name of its own"
        )
    values = tuple(
        ThresholdValue(name=name, value=text_of(getattr(wanted, name))) for name in NAMES
    )
    return [ThresholdsAdopted(version=wanted.version, values=values, reason=reason, by=by)]


def differences(one: Thresholds, other: Thresholds) -> list[str]:
    """The names of those that are not the same in both."""
    return [name for name in NAMES if getattr(one, name) != getattr(other, name)]


def text_of(value: float | date) -> str:
    """A value as it is written."""
    return value.isoformat() if isinstance(value, date) else repr(value)


def _wrong(error: Mapping[str, object]) -> str:
    location, found = error["loc"], error["input"]
    name = location[0] if isinstance(location, tuple) and location else VERSION
    expected = str(error["msg"])[:1].lower() + str(error["msg"])[1:]
    return f"{name}: {expected}; found {found!r}, so correct it in the file"
