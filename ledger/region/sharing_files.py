"""What SystmOne practices did about eDSM: settings from 2014 on, some put right in time.

THE TABLE below is what is planted: one line a way of going about it; practices take them in turn.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from ledger.domain.clinical_systems import Supplier
from ledger.domain.entries import Setting
from ledger.domain.purposes import Purpose
from ledger.region.practices import Practice
from ledger.region.region import Region, Settled
from ledger.region.register_files import COMMUNITY_SERVICE
from ledger.region.truth import CLOSED, OPEN, Expected, Trap

_CLOCK = ZoneInfo("Europe/London")
_ON_SINCE = date(2014, 1, 6)
# Consent by silence ended with the GDPR; ninety days after the share-in rule could first be set
# it had to be.
_CONSENT_FROM, _RULE_DUE = date(2018, 5, 25), date(2018, 5, 30)
_NONE, _UNLISTED, _ALL = "none-require-verification", "verify-unlisted", "verify-all"
_HEADER = ("PracticeCode", "ChangedAt", "ChangedBy", "Setting", "Value", "Organisation")


class Conduct(NamedTuple):
    """When a practice unticked the two boxes, if ever, and what share-in rules it set."""

    out_off: date | None
    in_off: date | None
    rules: tuple[tuple[date, str], ...]


CONDUCTS: tuple[Conduct, ...] = (
    # Everything in time, after the press reports of 2017.
    Conduct(date(2017, 4, 3), date(2017, 4, 3), ((date(2018, 3, 19), _UNLISTED),)),
    # On the last days.
    Conduct(date(2018, 5, 21), date(2018, 5, 21), ((date(2018, 5, 29), _ALL),)),
    # Share-out and the rule too late.
    Conduct(date(2018, 7, 9), date(2018, 5, 11), ((date(2018, 7, 9), _UNLISTED),)),
    # Nothing at all.
    Conduct(None, None, ()),
    # Share-in too late, and the rule set to what it was anyway.
    Conduct(date(2017, 11, 6), date(2018, 9, 12), ((date(2018, 4, 16), _NONE),)),
    # The boxes never, the rule too late.
    Conduct(None, None, ((date(2018, 4, 16), _NONE), (date(2018, 10, 22), _UNLISTED))),
    # Both boxes too late, the rule in time.
    Conduct(date(2018, 6, 11), date(2018, 8, 6), ((date(2018, 5, 14), _ALL),)),
)


def write_sharing(directory: Path, region: Region) -> None:
    """Write each practice's changes, a file for each day it changed anything."""
    directory.mkdir(parents=True)
    for practice in region.practices:
        if practice.supplier is Supplier.TPP:
            region.truth.findings.extend(_findings(practice, conduct_of(practice)))
    for practice in (*region.practices, *(mover.before.practice for mover in region.movers)):
        own = (change for change in region.settled if change.practice.code == practice.code)
        changes = sorted((*_changes(practice, region), *own), key=lambda change: change.day)
        for day in sorted({change.day for change in changes}):
            path = directory / f"sharing_{practice.code}_{day:%Y%m%d}.csv"
            _write(path, practice, [change for change in changes if change.day == day])
    for practice in region.practices:
        if practice.supplier is not Supplier.TPP:
            why = "only SystmOne has such a screen: that it was never set means nothing"
            region.truth.traps.append(Trap("share-in rule", practice.code, "", "SH03", why))


def conduct_of(practice: Practice) -> Conduct:
    """How a SystmOne practice went about it."""
    return CONDUCTS[practice.index % len(CONDUCTS)]


def verifies(practice: Practice, day: date) -> bool:
    """Whether a SystmOne practice requires verification on that day."""
    rules = [rule for since, rule in conduct_of(practice).rules if since <= day]
    return bool(rules) and rules[-1] != _NONE


def _changes(practice: Practice, region: Region) -> Iterator[Settled]:
    if practice not in region.practices or practice.supplier is not Supplier.TPP:
        return
    conduct = conduct_of(practice)
    for setting, off in (
        (Setting.AUTO_SHARE_OUT, conduct.out_off),
        (Setting.AUTO_SHARE_IN, conduct.in_off),
    ):
        yield Settled(practice, _ON_SINCE, setting, "on")
        if off is not None:
            yield Settled(practice, off, setting, "off")
    for day, rule in conduct.rules:
        yield Settled(practice, day, Setting.SHARE_IN_RULE, rule)
        if rule != _NONE:
            yield Settled(practice, day, Setting.ALLOWED, "add", COMMUNITY_SERVICE)


def _findings(practice: Practice, conduct: Conduct) -> Iterator[Expected]:
    for rule, purpose, off in (
        ("SH01", Purpose.SHARE_OUT, conduct.out_off),
        ("SH02", Purpose.SHARE_IN, conduct.in_off),
    ):
        if off is None or off > _CONSENT_FROM:
            yield _finding(rule, practice, purpose, since=_CONSENT_FROM, right_from=off)
    verified = next((day for day, rule in conduct.rules if rule != _NONE), None)
    if verified is None or verified > _RULE_DUE:
        yield _finding("SH03", practice, Purpose.SHARE_IN, since=_RULE_DUE, right_from=verified)


def _finding(
    rule: str, practice: Practice, purpose: Purpose, *, since: date, right_from: date | None
) -> Expected:
    return Expected(
        rule=rule,
        practice=practice.code,
        supplier=practice.supplier,
        nhs_number="",
        purpose=purpose,
        state=CLOSED if right_from else OPEN,
        since=since.isoformat(),
        why=f"put right on {right_from}" if right_from else "never put right",
    )


def _write(path: Path, practice: Practice, changes: list[Settled]) -> None:
    # Only files about overrides have a column for their reasons.
    reasons = any(change.reason is not None for change in changes)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((*_HEADER, "Reason") if reasons else _HEADER)
        for change in changes:
            at = datetime.combine(change.day, time(9, 30), _CLOCK)
            writer.writerow(
                (
                    practice.code, at.isoformat(), "practice manager", change.setting.value,
                    change.value, change.organisation, *([change.reason or ""] if reasons else []),
                )
            )  # fmt: skip
