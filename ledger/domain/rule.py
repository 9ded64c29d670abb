"""What a rule is: a pure function over one subject's whole history that yields what it saw.

Each scope has a history of its own, loaded in bulk by whoever asks the rules. A rule sees nothing
but the history it is given; `today` is part of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property
from itertools import takewhile
from typing import Generic, NamedTuple, TypeVar

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import SourceKey
from ledger.domain.events import EntryRecorded, EntryUnmatched
from ledger.domain.objections import KeptEntry, Objections
from ledger.domain.policies import Dismissals, Standing, standing
from ledger.domain.practice_facts import Bulk, Edit, InRegister
from ledger.domain.practices import Practice, SystemUse
from ledger.domain.purposes import Purpose
from ledger.domain.releases import Release
from ledger.domain.thresholds import THRESHOLDS_1, Thresholds


class Scope(StrEnum):
    """Whom a rule's findings are about; mostly theirs is the history it looks at."""

    PATIENT = "patient"
    PRACTICE = "practice"
    SUPPLIER = "supplier"


class Severity(StrEnum):
    """How grave a finding is, gravest first."""

    BREACH = "breach"  # someone's wish was, or is, not honoured
    ERROR = "error"  # the record is wrong or will mislead
    REVIEW = "review"  # a person has to look
    NOTE = "note"  # kept and counted, nothing to do


class Owner(StrEnum):
    """Who has to act."""

    PRACTICE = "practice"
    SUPPLIER = "supplier"
    NHS_DIGITAL = "NHS Digital"
    EXTRACT_SERVICE = "extract service"


class Advice(NamedTuple):
    """One thing somebody advises, and who says so (a label of the field's sources)."""

    text: str
    source: str


class ActionAsked(NamedTuple):
    """What a rule asks of somebody when it finds something.

    Due after `days`, or after `working_days` of England; neither: no day is set.
    """

    owner: Owner
    title: str
    advice: tuple[Advice, ...]
    days: int | None = None
    working_days: int | None = None


class Sighting(NamedTuple):
    """What a rule saw in one history.

    `key` tells one sighting of a rule in a history from another of the same rule: the same key
    tomorrow is the same finding. `since` is the day from which it has been true; `positions` are
    the events that prove it, oldest first. `by_the_day` says that it became true because a day
    came (`since`), not because something became known. `severity` is given only where it is not
    the rule's own.
    """

    key: str
    since: date
    positions: tuple[int, ...]
    summary: str
    expected: str
    practice: str | None = None
    purpose: Purpose | None = None
    upheld_meanwhile: bool | None = None
    severity: Severity | None = None
    by_the_day: bool = False


class CollectionTaken(NamedTuple):
    """A collection as far as rules need it: until when, and who took part."""

    collection: str
    period_end: date
    practices: frozenset[str]
    position: int


class Closing(NamedTuple):
    """A practice closed, and who has its patients, where that is known."""

    closed_on: date
    successors: tuple[str, ...]


@dataclass(frozen=True)
class PatientHistory:
    """One patient, with the collections there have been (ordered by period end).

    `dismissals` names, by an entry's position, the rules whose finding about it the controller
    dismissed. `delivering` are the practices that have sent at least one delivery, each with the day
    that the newest bears; `systems` tells,
    for the practices of the patient's entries, which clinical systems each has used, in the order
    that became known. `releases` are those that the patient's data left with, in the order in which
    they became known. `closings` tells which practices closed; `shared_records` names the source
    records of the patient's that still count for somebody else too, with the entries of theirs.
    """

    objections: Objections
    collections: Sequence[CollectionTaken]
    delivering: Mapping[str, date]
    today: date
    dismissals: Dismissals = field(default_factory=dict)
    systems: Mapping[str, Sequence[SystemUse]] = field(default_factory=dict)
    releases: Sequence[Release] = ()
    thresholds: Thresholds = THRESHOLDS_1
    closings: Mapping[str, Closing] = field(default_factory=dict)
    shared_records: Mapping[SourceKey, tuple[KeptEntry, ...]] = field(default_factory=dict)

    @cached_property
    def _standing(self) -> dict[Purpose, tuple[Standing, ...]]:
        purposes = dict.fromkeys(entry.event.purpose for entry in self.objections.entries)
        return {p: standing(self.objections, p, self.dismissals) for p in purposes}

    @cached_property
    def at_several_practices(self) -> bool:
        """Whether the patient has entries or registrations at more than one practice. Of whoever has always been at
        one, nothing can be missing at another: so it is with most, and rules ask this first.
        """
        names = {entry.event.practice for entry in self.objections.entries}
        return len(names | {span.practice for span in self.objections.registrations}) > 1

    @cached_property
    def _dissents(self) -> dict[Purpose, tuple[Standing, ...]]:
        told = self._standing.items()
        return {purpose: tuple(s for s in stands if s.is_dissent) for purpose, stands in told}

    @cached_property
    def _withdrawals(self) -> dict[Purpose, tuple[Standing, ...]]:
        told = self._standing.items()
        return {purpose: tuple(s for s in stands if not s.is_dissent) for purpose, stands in told}

    @property
    def purposes(self) -> Iterable[Purpose]:
        """The purposes the patient has entries of."""
        return self._standing.keys()

    def standing(self, purpose: Purpose) -> tuple[Standing, ...]:
        """The entries of `purpose` that stand by the policy, in the order they became known."""
        return self._standing.get(purpose, ())

    def dissents(self, purpose: Purpose) -> tuple[Standing, ...]:
        """The standing dissents of `purpose`."""
        return self._dissents.get(purpose, ())

    def withdrawals(self, purpose: Purpose) -> tuple[Standing, ...]:
        """The standing withdrawals of `purpose`."""
        return self._withdrawals.get(purpose, ())

    def ended_by(self, dissent: Standing) -> Standing | None:
        """The withdrawal that ended this dissent, the first to be entered if several did.

        A withdrawal of the same day ends only a weak dissent (`policies.decide`).
        """
        ending = [
            w
            for w in self.withdrawals(dissent.entry.event.purpose)
            if w.counts_on > dissent.counts_on
            or (w.counts_on == dissent.counts_on and dissent.weak)
        ]
        return min(ending, key=lambda w: (w.entry.entered_on, w.entry.position), default=None)


class UnmatchedEntry(NamedTuple):
    """An entry that waits for a usable NHS number."""

    position: int
    recorded_at: datetime
    event: EntryUnmatched


class FromPractice(NamedTuple):
    """What one collection had of a practice: how many members (0 where it had nobody to report),
    and a digest that tells whether they are the same ones; nothing where it took no part.
    """

    period_end: date
    position: int
    took_part: bool
    members: int = 0
    digest: int = 0


class Collected(NamedTuple):
    """Every collection, ordered by period end, with what it had of one practice; and what happened
    between the two that are compared.

    Of patients at the practice, `standing` counts those whose type 2 dissents stood at both ends,
    `changes` those who were to join or to leave in between, the first of them on `changed_on`.
    """

    collections: tuple[FromPractice, ...] = ()
    standing: int = 0
    changes: int = 0
    changed_on: date | None = None

    @property
    def same_as_the_last(self) -> tuple[FromPractice, ...]:
        """The last collection the practice took part in, after those before it that had the very
        same members of it.
        """
        took_part = [c for c in self.collections if c.took_part]
        same = takewhile(
            lambda c: (c.members, c.digest) == (took_part[-1].members, took_part[-1].digest),
            reversed(took_part),
        )
        return tuple(same)[::-1]

    @property
    def compared(self) -> tuple[date, date] | None:
        """The period ends of the two collections that are compared: the last, and the first of
        those that are the same, or where nobody is left the one that had somebody last.
        """
        same = self.same_as_the_last
        if not same:
            return None
        first = same[0].period_end
        if not same[-1].members:
            carrying = [c.period_end for c in self.collections if c.members]
            first = carrying[-1] if carrying else first
        return first, same[-1].period_end


NOT_COLLECTED = Collected()


class DoubtfulEntry(NamedTuple):
    """An entry in the practice's record whose NHS number can be nobody's."""

    position: int
    recorded_at: datetime
    event: EntryRecorded


class EnteredOn(NamedTuple):
    """An entry in the practice's record: where it is known from, and the day it was entered."""

    position: int
    day: date


@dataclass(frozen=True)
class PracticeHistory:
    """One practice: its settings, the entries that wait for a usable NHS number, what collections
    have had of it, and what is known beside (`practice_facts`).

    `doubtful` are the entries whose number can be nobody's. `entered` are the days of all its
    entries, told only of a practice that was not a live GP practice all along, as far as the
    register says; `register_known` is whether one was ever imported.

    `register` tells of the organisations on its lists, `edits` those of its entries that may be
    part of a bulk change, `bulks` its bulks, oldest first, `last_heard`, once it has moved, the
    moment up to which each of its clinical systems has told anything. `objectors` are patients of whom the
    clinical system before told an entry here; `dismissals` as for a patient. `reviewed` says, by
    rule and key, at which position the action that a finding asks for was taken last.
    """

    code: str
    practice: Practice
    unmatched: Sequence[UnmatchedEntry]
    today: date
    thresholds: Thresholds = THRESHOLDS_1
    collected: Collected = NOT_COLLECTED
    doubtful: Sequence[DoubtfulEntry] = ()
    entered: Sequence[EnteredOn] = ()
    register_known: bool = False
    register: Mapping[str, InRegister] = field(default_factory=dict)
    edits: Sequence[Edit] = ()
    bulks: Sequence[Bulk] = ()
    last_heard: Mapping[ClinicalSystem, datetime] = field(default_factory=dict)
    objectors: Sequence[Objections] = ()
    dismissals: Dismissals = field(default_factory=dict)
    reviewed: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def successors(self) -> tuple[str, ...]:
        """Who has the practice's patients today, by ODS code, if it closed and that is known."""
        return self.practice.successors_on(self.today)


class Cohort(NamedTuple):
    """The type 2 dissents that one supplier's practices entered, in one code system, since the
    collection before: how many of them this collection carried.

    Counted are patients whose dissent stood at the period end, at practices that took part.
    `settled` of them were carried by this collection or a later one, or withdrew since.
    `others_…` are the same counts for all other suppliers and code systems of the same collection.
    """

    collection: str
    period_end: date
    position: int
    supplier: str
    code_system: str
    entered: int
    transmitted: int
    settled: int
    others_entered: int
    others_transmitted: int
    others_settled: int


class Debut(NamedTuple):
    """The patients of one supplier that a collection carried for the first time, at practices
    that had taken part before; `overdue` of them at least two earlier collections should have
    carried.
    """

    collection: str
    period_end: date
    position: int
    supplier: str
    appeared: int
    overdue: int


class DisagreeingMap(NamedTuple):
    """One line of a supplier's code map that says otherwise than our table, as it stands now.

    `feed` is what its later deliveries have in common with it; `row_id` is the line's own.
    """

    feed: str
    table: str
    row_id: str
    code_system: str
    code: str
    mapped_code_system: str
    mapped_code: str
    our_code_system: str
    our_code: str
    since: date
    position: int


@dataclass(frozen=True)
class SupplierHistory:
    """One supplier's transmissions, ordered by period end, and its code maps that disagree."""

    supplier: str
    cohorts: Sequence[Cohort]
    debuts: Sequence[Debut]
    today: date
    code_maps: Sequence[DisagreeingMap] = ()
    thresholds: Thresholds = THRESHOLDS_1


class Reliance(NamedTuple):
    """A practice whose evidence a release relied on, and the newest delivery there was of it when
    the data left: the moment that bears and its position; None where there was none.
    """

    practice: str
    evidence_at: datetime | None
    position: int | None


@dataclass(frozen=True)
class ReleaseHistory:
    """One release, with what there was to rely on when it left."""

    release: Release
    relied_on: Sequence[Reliance]
    thresholds: Thresholds = THRESHOLDS_1


History = TypeVar("History", PatientHistory, PracticeHistory, SupplierHistory, ReleaseHistory)


def whatever_the_day(_history: object) -> Iterable[date]:
    """A rule that sees the same on every day."""
    return ()


@dataclass(frozen=True, slots=True)
class Rule(Generic[History]):
    """A line of the table: what an auditor reads.

    `days` are the days to come on which the rule may see something else though nothing more became
    known: on those, and no others, it has to be asked again for the calendar's sake.

    `until_reviewed`: it finds what happened, which nothing undoes, so its finding closes when the
    action it asks for is taken.

    `closes` is a sentence that whoever has to act can act on: what closes a finding of the rule.
    `meanwhile` says what an open one means for the patients; None where that is told by whether the
    patient at hand counts as objecting (`upheld_meanwhile`).
    """

    code: str
    name: str
    scope: Scope
    severity: Severity
    find: Callable[[History], Iterable[Sighting]]
    actions: tuple[ActionAsked, ...] = ()
    days: Callable[[History], Iterable[date]] = whatever_the_day
    until_reviewed: bool = False
    closes: str = field(kw_only=True)
    meanwhile: str | None = field(default=None, kw_only=True)


def seen_of(rule: Rule[PracticeHistory], history: PracticeHistory) -> Iterator[Sighting]:
    """What the rule sees of a practice, but for what was looked at when all of it was known."""
    for sighting in rule.find(history):
        reviewed_at = history.reviewed.get((rule.code, sighting.key), 0)
        if not rule.until_reviewed or max(sighting.positions) > reviewed_at:
            yield sighting


@dataclass(frozen=True, slots=True)
class StandingAction:
    """What a controller owes besides what findings ask for, until somebody says it is taken.

    Due on a day; on the day the practice joins the ledger (`at_onboarding`); or at the end of each
    `every_months`, from the turn in which `due_on` lies. `due_with` names a rule whose finding at
    the practice, where it is of a later day, makes it due then.
    """

    code: str
    title: str
    systems: frozenset[ClinicalSystem]
    due_on: date | None
    advice: tuple[Advice, ...]
    every_months: int | None = None
    at_onboarding: bool = False
    due_with: str | None = None
