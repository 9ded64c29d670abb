"""What did the ledger find, beside what it had to?"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from tests.unseen.truth import Expected
from tests.unseen.world import World

Finding = Mapping[str, Any]
_MILD = ("review", "note")


class Outcome(NamedTuple):
    """What differs, in words; which disagreements known of are none; and what was left open and
    found.
    """

    missed: list[str]
    untimely: list[str]
    false_alarms: list[str]
    agreed_after_all: list[str]
    left_open: list[str]

    @property
    def wrong(self) -> list[str]:
        """What the test fails for."""
        return [*self.missed, *self.untimely, *self.false_alarms, *self.agreed_after_all]


def compare(world: World, findings: Sequence[Finding], *, until: date | None = None) -> Outcome:
    """Every truth needs a finding in its time, and every finding a truth.

    Where the region was taken in `until` a day, what is to be found later is not asked for, nor how
    it ends.
    """
    told: dict[tuple[str, str], list[Expected]] = defaultdict(list)
    for one in world.truth:
        told[one.rule, one.who].append(one)
    found: dict[tuple[str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding["rule"], who_of(finding)].append(finding)
    known = {(one.rule, one.who): one for one in world.disagreed}

    outcome = Outcome([], [], [], [], [])
    for key, expected in sorted(told.items()):
        for one in expected:
            if one.may or (until is not None and one.by > until):
                continue
            if key not in found:
                if key not in known:
                    outcome.missed.append(_line(one))
            elif not any(_fits(one, finding, until) for finding in found[key]):
                seen = [f"{f['found_at'][:10]} {f['state']}" for f in found[key]]
                outcome.untimely.append(f"{_line(one)}: found {', '.join(seen)}")
    for key, seen_all in sorted(found.items()):
        for finding in seen_all:
            fitting = [one for one in told[key] if _fits(one, finding, until)]
            if key in known or any(not one.may for one in fitting):
                continue
            line = " ".join([*key, finding["found_at"][:10], finding["state"], finding["summary"]])
            mild = key[1] in world.trapped and finding["severity"] in _MILD
            if mild or fitting:
                why = world.trapped[key[1]] if mild else fitting[0].why
                outcome.left_open.append(f"{line} ({why})")
            else:
                outcome.false_alarms.append(line)
    if until is None:
        for key, disagreed in known.items():
            if disagreed.found != (key in found):
                outcome.agreed_after_all.append(f"{disagreed.rule} {disagreed.who}")
    return outcome


def who_of(finding: Finding) -> str:
    """Whom it is about: the patient, else the practice, else the supplier."""
    who = finding["nhs_number"] or finding["practice"] or finding["supplier"]
    return str(who)


def _fits(one: Expected, finding: Finding, until: date | None) -> bool:
    found = date.fromisoformat(finding["found_at"][:10])
    ends_so = until is not None or one.state in {None, finding["state"]}
    return one.after <= found <= one.by and ends_so


def _line(one: Expected) -> str:
    state = f" {one.state}" if one.state else ""
    return f"{one.rule} {one.who} from {one.after} by {one.by}{state} {one.why}".rstrip()
