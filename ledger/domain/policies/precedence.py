"""Which entries stand, and which of them decides?

By `precedence-1` where no policy is named. It is decided in the ledger's design (docs/adr/0006):
public services differ, no source gives a same-day rule, and one source says only that a dissent
counts unless a later withdrawal exists (D4). How the others differ is told by their data
(docs/adr/0033).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from ledger.domain.codes import read_code
from ledger.domain.events import FindingDismissed, FindingReopened
from ledger.domain.objections import Asked, KeptEntry, KeptNeighbour, Objections
from ledger.domain.policies.policy import AsTyped, Policy, Tie
from ledger.domain.policies.table import PRECEDENCE_1
from ledger.domain.purposes import Purpose, Statement

# From this day on the national data opt-out took the place of type 2 (D38).
OPT_OUT_BEGAN_ON = date(2018, 5, 25)
# The last day on which a type 2 could be entered with effect (D7 D8 D33).
TYPE_2_ENDED_ON = date(2018, 10, 11)
# What clinical systems write where nobody typed a date.
SYSTEM_DEFAULT_DATES = frozenset({date(1900, 1, 1), date(1970, 1, 1)})
# An entry at night may bear the next day's date; later than that is a mistake (DT01).
CLOCK_TOLERANCE = timedelta(days=1)


class Answer(StrEnum):
    """What a status says. `CANNOT_TELL` counts as objecting."""

    OBJECTING = "objecting"
    NOT_OBJECTING = "not-objecting"
    CANNOT_TELL = "cannot-tell"


class Standing(NamedTuple):
    """An entry that counts: from which day, and which rule of the catalogue bears on that.

    `counts_as` is what its code says, but for a withdrawal whose term contradicts it (CO08).
    `weak` marks a dissent that counts only for want of anything better, one removed without a
    withdrawal (LC01), written in a code that is nearly ours (CO07) or coded as a withdrawal
    (CO08): a withdrawal of the same day ends it, whereas it does not end a dissent that stands in
    the record.
    """

    entry: KeptEntry
    counts_on: date
    rule: str
    weak: bool
    counts_as: Statement

    @property
    def is_dissent(self) -> bool:
        """Whether it starts an objection; otherwise it ends one."""
        return self.counts_as is Statement.DISSENT


class Decision(NamedTuple):
    """The answer of a policy, the entry that decided it, and those of the same day against it.

    `withheld` are the refusals of a record for which nobody can tell; `refusal` is of something
    close by, where a policy takes that for a dissent.
    """

    answer: Answer
    because: Standing | None
    conflicts: tuple[Standing, ...]
    withheld: tuple[Asked, ...] = ()
    refusal: KeptNeighbour | None = None

    @property
    def rule(self) -> str:
        """What it was decided by: the entry's rule, or why there is an answer without an entry."""
        if self.because is not None:
            return self.because.rule
        if self.refusal is not None:
            return POOLED
        if self.answer is Answer.CANNOT_TELL:
            return WITHHELD if self.withheld else NOT_REGISTERED
        return NO_ENTRY

    @property
    def known_since(self) -> datetime | None:
        """When what it rests on became known: the entry, or the newest refusal."""
        if self.because is not None:
            return self.because.entry.recorded_at
        if self.refusal is not None:
            return self.refusal.recorded_at
        return max((asked.recorded_at for asked in self.withheld), default=None)


LATEST, LAST_ROW = "latest-effective", "last-row"
# Why an answer is given for which no entry is the reason (docs/adr/0014, docs/adr/0033).
NO_ENTRY, WITHHELD, UNSEEN = "no-entry", "record-withheld", "evidence-unseen"
NOT_REGISTERED, POOLED = "not-registered", "pooled-refusal"
# Which rules a controller may dismiss as entered in error, so that the entry no longer counts.
DISMISSIBLE = frozenset({"LC01", "CO07", "CO08"})
Dismissals = Mapping[int, Collection[str]]
NO_DISMISSALS: Dismissals = {}


def say(dismissals: dict[int, set[str]], word: FindingDismissed | FindingReopened) -> None:
    """Note what a controller said of a finding: of each entry and rule the newest word counts."""
    for entry in word.entries:
        rules = dismissals.setdefault(entry, set())
        if isinstance(word, FindingDismissed):
            rules.add(word.rule)
        else:
            rules.discard(word.rule)


def standing(
    history: Objections,
    purpose: Purpose,
    dismissals: Dismissals = NO_DISMISSALS,
    *,
    policy: Policy = PRECEDENCE_1,
) -> tuple[Standing, ...]:
    """The entries of `purpose` that stand by the policy, in the order they became known.

    `dismissals` names, by an entry's position, the rules whose finding about it was dismissed.
    """
    if policy.as_typed is not None:
        return _as_typed(history, policy.reads(purpose), policy, policy.as_typed)
    return tuple(
        counted
        for entry in history.entries
        if entry.event.purpose is purpose
        and (counted := _stands(entry, history, dismissals.get(entry.position, ()))) is not None
    )


def _as_typed(
    history: Objections, purposes: Collection[Purpose], policy: Policy, reading: AsTyped
) -> tuple[Standing, ...]:
    """What a service counts that takes rows as they were typed, and has only what is still there."""
    stands = []
    for entry in history.entries:
        event = entry.event
        seen = event.purpose in purposes and policy.system in (None, event.clinical_system)
        there = entry.removed is None and entry.replaced_by is None
        if not (seen and there and _has_a_code_of(entry, reading)):
            continue
        if event.statement is Statement.WITHDRAWAL and not reading.counts_withdrawals:
            continue
        if event.effective_on is None and reading.drops_undated:
            continue
        dated = (event.effective_on, LATEST) if event.effective_on else (entry.entered_on, "CO11")
        stands.append(Standing(entry, *dated, weak=False, counts_as=event.statement))
    return tuple(stands)


def _has_a_code_of(entry: KeptEntry, reading: AsTyped) -> bool:
    """Whether one of the row's codes is exactly ours, in a vocabulary that is read."""
    event = entry.event
    if not event.near and event.code_system in reading.vocabularies:
        return True
    also = None if event.also_coded is None else read_code(event.also_coded)
    return also is not None and not also.near and also.code.system in reading.vocabularies


def _stands(entry: KeptEntry, history: Objections, dismissed: Collection[str]) -> Standing | None:
    event = entry.event
    says = counts_as(entry, dismissed)
    dissent = says is Statement.DISSENT
    contradicted = says is not event.statement
    if entry.replaced_by is not None:
        return None
    if is_too_late(entry):
        return None
    if event.near and (not dissent or "CO07" in dismissed):
        return None
    if entry.removed is not None and (
        not dissent or contradicted or "LC01" in dismissed or replaced_by_another(entry, history)
    ):
        return None
    dated = _counts_on(entry, history, says=says)
    if dated is None:
        return None
    counts_on, rule = dated
    if event.near:
        rule = "CO07"
    if contradicted:
        rule = "CO08"
    if entry.removed is not None:
        rule = "LC01"
    weak = event.near or contradicted or entry.removed is not None
    return Standing(entry, counts_on, rule, weak, says)


def counts_as(entry: KeptEntry, dismissed: Collection[str] = ()) -> Statement:
    """What an entry counts as: what its code says, unless it is a withdrawal whose term says that
    it is a dissent, and that finding was not dismissed (CO08).
    """
    event = entry.event
    if event.term_says is Statement.DISSENT and "CO08" not in dismissed:
        return Statement.DISSENT
    return event.statement


def replaced_by_another(entry: KeptEntry, history: Objections) -> bool:
    """Whether the delivery that removed a dissent brought another of the same purpose, which is
    still there and still says so: a row that was changed since has to be a dissent all the same.
    """
    removed = entry.removed
    return (
        removed is not None
        and removed.delivery is not None
        and any(
            other.event.delivery == removed.delivery
            and _is_dissent(other, entry.event.purpose)
            and (now := history.newest(other)).removed is None
            and _is_dissent(now, entry.event.purpose)
            and not is_too_late(now)
            for other in history.entries
        )
    )


def is_too_late(entry: KeptEntry) -> bool:
    """Whether this is a type 2 entered when type 2 had ended, which never counts (D8 D9 D10).

    Where a format tells no entered time, the effective date says: an old objection that only became
    known later must not lapse.
    """
    if entry.event.purpose is not Purpose.TYPE_2:
        return False
    entered_on = entry.entered_on
    if entry.event.entered_at is None and entry.event.effective_on is not None:
        entered_on = min(entered_on, entry.event.effective_on)
    return entered_on > TYPE_2_ENDED_ON


def _is_dissent(entry: KeptEntry, purpose: Purpose) -> bool:
    return entry.event.purpose is purpose and entry.event.statement is Statement.DISSENT


def _counts_on(
    entry: KeptEntry, history: Objections, *, says: Statement
) -> tuple[date, str] | None:
    """The day an entry counts from, and why; None where its date keeps it from counting."""
    effective_on = entry.event.effective_on
    if effective_on is None:
        return entry.entered_on, "CO11"
    if effective_on > entry.entered_on + CLOCK_TOLERANCE:
        rule = "DT01"
    elif is_impossible(entry, history.died_on):
        rule = "DT02"
    else:
        return effective_on, LATEST
    return (entry.entered_on, rule) if says is Statement.DISSENT else None


def is_impossible(entry: KeptEntry, died_on: date | None) -> bool:
    """Whether the effective date is a system's default, before birth or after death (DT02)."""
    effective_on = entry.event.effective_on
    return effective_on is not None and (
        effective_on in SYSTEM_DEFAULT_DATES
        or entry.event.before_birth
        or (died_on is not None and effective_on > died_on)
    )


def decide(
    stands: Sequence[Standing],
    at: date,
    *,
    withheld: Sequence[Asked] = (),
    policy: Policy = PRECEDENCE_1,
) -> Decision:
    """The answer of a policy on the day `at`: the latest effective date wins; on one date a
    dissent beats a withdrawal, which beats a weak dissent: removed, nearly coded or contradicted;
    or, where the policy says so, the row that became known last beats both.

    Where no entry makes the patient objecting and a practice has `withheld` their record, nobody
    can tell, whatever the day: absence of data is not absence of objection (docs/adr/0014).
    """
    decision = _latest(stands, at, policy)
    if withheld and decision.answer is Answer.NOT_OBJECTING:
        return Decision(Answer.CANNOT_TELL, None, (), tuple(withheld))
    return decision


def _latest(stands: Sequence[Standing], at: date, policy: Policy) -> Decision:
    considered = [
        s for s in stands if (s.counts_on if policy.as_typed is None else _there(s)) <= at
    ]
    if not considered:
        return Decision(Answer.NOT_OBJECTING, None, ())
    by_row = policy.tie is Tie.LAST_ROW
    best = max(considered, key=_last_row if by_row else _precedence)
    against = tuple(
        s
        for s in considered
        if s.counts_on == best.counts_on and s.is_dissent is not best.is_dissent and not s.weak
    )
    if against and (by_row or best.is_dissent):
        best = best._replace(rule=LAST_ROW if by_row else "CO01")
    answer = Answer.OBJECTING if best.is_dissent else Answer.NOT_OBJECTING
    return Decision(answer, best, against)


def most_protective(decisions: Iterable[Decision]) -> Decision:
    """Of the answers for each who survives a patient, the one that protects more; the first of them."""
    answers = (*decisions, Decision(Answer.NOT_OBJECTING, None, ()))
    return max(answers, key=lambda d: (_PROTECTION.index(d.answer), d.because is not None))


class Span(NamedTuple):
    """From which day until which (None: no end is known) a patient objects by entries, and at which
    practice the entry was made that decides it.
    """

    since: date
    until: date | None
    practice: str


def spans(histories: Sequence[Sequence[Standing]]) -> list[Span]:
    """When the patient objects, day by day as `decide` says, in order. `histories` are the entries
    that stand of each who survives the patient.
    """
    found: list[Span] = []
    for day in sorted({stands.counts_on for history in histories for stands in history}):
        decision = most_protective(decide(history, day) for history in histories)
        if found and found[-1].until is None:
            found[-1] = found[-1]._replace(until=day)
        if decision.answer is Answer.OBJECTING:
            assert decision.because is not None, "an objection has an entry"
            practice = decision.because.entry.event.practice
            if found and found[-1].until == day and found[-1].practice == practice:
                found[-1] = found[-1]._replace(until=None)
            else:
                found.append(Span(day, None, practice))
    return found


_PROTECTION = (Answer.NOT_OBJECTING, Answer.CANNOT_TELL, Answer.OBJECTING)


def _precedence(stands: Standing) -> tuple[date, int, date, int]:
    strength = 1 if not stands.is_dissent else (0 if stands.weak else 2)
    return (stands.counts_on, strength, stands.entry.entered_on, stands.entry.position)


def _last_row(stands: Standing) -> tuple[date, int]:
    return (stands.counts_on, stands.entry.position)


def _there(stands: Standing) -> date:
    """From which day a row as typed is considered: one that bears a date to come, once it is typed."""
    return min(stands.counts_on, stands.entry.entered_on)
