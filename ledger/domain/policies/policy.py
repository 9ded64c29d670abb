"""What is there to say of a rule of who counts as objecting, so that it can be evaluated, listed and
compared?

A policy is data. What no two services do alike stands in its fields; what all of them share (a
changed row counts with its new values, the latest date wins) stands in `precedence`.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.purposes import Purpose


class Period(NamedTuple):
    """The days on which a policy was in force, the first and the last; None where no end is known,
    and as `since` where no source tells the beginning.
    """

    since: date | None
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it was in force that day."""
        return (self.since or date.min) <= day <= (self.until or date.max)


class Tie(StrEnum):
    """Which of two entries of one day decides."""

    DISSENT = "dissent"
    LAST_ROW = "last-row"


@dataclass(frozen=True, slots=True)
class AsTyped:
    """How a service reads rows that stand in practices' records as they were typed: exact codes of
    these vocabularies, dates as they are. What was removed is gone, and a nearly right code is none.

    `drops_undated` is of entries without a whole date: they count for nothing, where else they
    count from the day they were entered.
    """

    vocabularies: frozenset[CodeSystem] = frozenset(CodeSystem)
    counts_withdrawals: bool = True
    drops_undated: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """A dated rule of who counts as objecting. Only an `active` one serves an extract; the others
    are there to be compared with.

    name            how it is asked for
    whose           the service it is, or was, the rule of
    sentence        what it says, for whoever has no table at hand
    sources         labels of docs/sources.md
    not_told        what no source says, and what is taken instead
    in_force        its periods, in order; none where it never was
    answers         the purposes it can be asked about
    pools           entries of these purposes count too, whichever is asked about
    pooled_codes    refusals of something close by with exactly these codes count as dissents
    as_typed        how rows are read; None: with the ledger's care, mistakes and all (docs/adr/0006)
    system          only what stands in this clinical system is seen
    own_practice    only entries of the practices count where the patient is registered that day
    needs_registration  of whom nobody knows a registration (in `system`), but for those who died
                    registered, nobody can tell: they may have objected elsewhere
    tie             of one day's entries, which decides
    """

    name: str
    whose: str
    sentence: str
    sources: str
    in_force: tuple[Period, ...]
    answers: frozenset[Purpose]
    not_told: str = ""
    active: bool = False
    pools: frozenset[Purpose] = frozenset()
    pooled_codes: frozenset[str] = frozenset()
    as_typed: AsTyped | None = None
    system: ClinicalSystem | None = None
    own_practice: bool = False
    needs_registration: bool = False
    tie: Tie = Tie.DISSENT

    @property
    def in_force_from(self) -> date:
        """The first day of which it is known, or taken, that it was in force."""
        return next((period.since for period in self.in_force if period.since), date.min)

    @property
    def needs_more_than_entries(self) -> bool:
        """Whether registrations or refusals of something close by bear on its answer."""
        return self.own_practice or self.needs_registration or bool(self.pooled_codes)

    def reads(self, purpose: Purpose) -> frozenset[Purpose]:
        """Entries of which purposes it reads when asked about one."""
        return self.pools | {purpose}

    def was_in_force_on(self, day: date) -> bool:
        """Whether any of its periods holds that day."""
        return any(period.holds_on(day) for period in self.in_force)
