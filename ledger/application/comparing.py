"""What would another policy have answered, and of whom is that something else?

For auditors. Histories are read in lists of some thousands of patients, so that all who object in
England never stand in memory at once, and each is put to both policies by the domain's own evaluator.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import projector
from ledger.application.looking import Looking
from ledger.application.records import (
    AnswersRecord,
    ComparisonRecord,
    DifferenceRecord,
    PolicyRecord,
    PracticeDifferenceRecord,
)
from ledger.application.scopes import refusing
from ledger.application.standpoint import Known
from ledger.application.status import because
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.known import KnownPatient, decided
from ledger.domain.looks import Shown
from ledger.domain.points import Point
from ledger.domain.policies import POLICIES, Decision, Policy, policy_asked
from ledger.domain.policies.wording import in_words
from ledger.domain.purposes import Purpose
from ledger.domain.survivors import Survivors
from ledger.projections.statements import STATEMENTS, everybody, known_patients
from ledger.store.identities import numbers_of
from ledger.store.supersessions import survivors


@dataclass(frozen=True, slots=True)
class TwoPolicies:
    """Which two, by their names, for what, on which day (today), as known when (now); of patients
    with an entry at one practice, or of all.
    """

    a: str
    b: str
    purpose: Purpose
    at: date | None = None
    known_at: Point | None = None
    practice: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What such a question means."""

    a: Policy
    b: Policy
    purpose: Purpose
    at: date
    known: Known
    practice: str | None

    @property
    def whole(self) -> bool:
        """Whether either asks for more of a history than its entries."""
        return self.a.needs_more_than_entries or self.b.needs_more_than_entries


class Answers(NamedTuple):
    """What the two answer of a patient, and at which practice that is counted."""

    patient: UUID
    practice: str | None
    a: Decision
    b: Decision

    @property
    def differ(self) -> bool:
        """Whether they answer differently; another reason for one answer is no difference."""
        return self.a.answer is not self.b.answer


class PolicyQuestions(Looking):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def policies(self, *, at: date | None = None, by: Caller = OPERATOR) -> list[PolicyRecord]:
        """Every policy, the ledger's own first. For whoever may ask anything."""
        by.must_be(*Role)
        day = at or self.today()
        return [_policy_record(policy, day) for policy in POLICIES]

    def compared(self, two: TwoPolicies, *, by: Caller = OPERATOR) -> ComparisonRecord:
        """How many the two policies answer alike and how many not, and at which practices."""
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            asked = self._comparison(connection, two)
            every: Counter[tuple[str, str]] = Counter()
            there: Counter[tuple[str, str, str]] = Counter()
            for told in _answers(connection, asked):
                pair = (told.a.answer.value, told.b.answer.value)
                every[pair] += 1
                if told.differ:
                    there[told.practice or "", *pair] += 1
        return ComparisonRecord(
            a=asked.a.name,
            b=asked.b.name,
            a_in_force=asked.a.was_in_force_on(asked.at),
            b_in_force=asked.b.was_in_force_on(asked.at),
            purpose=asked.purpose,
            at=asked.at,
            position=asked.known.position,
            known_at=asked.known.time,
            compared=every.total(),
            different=there.total(),
            answers=[
                AnswersRecord(a=one, b=other, patients=count)
                for (one, other), count in sorted(every.items())
            ],
            practices=[
                PracticeDifferenceRecord(practice=code or None, a=one, b=other, patients=count)
                for (code, one, other), count in sorted(there.items())
            ],
        )

    def answered_differently(
        self,
        two: TwoPolicies,
        *,
        limit: int | None = None,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[DifferenceRecord]:
        """Of whom the two policies say something else, and why each does; in no order but a lasting
        one. `nhs_number` is None of somebody who was erased.
        """
        by.must_be(Role.AUDITOR)
        stop = None if limit is None else offset + limit
        with self.engine.connect() as connection:
            asked = self._comparison(connection, two)
            differing = (told for told in _answers(connection, asked) if told.differ)
            found = list(islice(differing, offset, stop))
            numbers = numbers_of(connection, {told.patient for told in found})
        named = {
            numbers[told.patient]: [told.practice] if told.practice else []
            for told in found
            if told.patient in numbers
        }
        self.keep_look_by_number(Shown.POLICIES, named, at=asked.known.position, by=by)
        return [_difference_record(told, numbers.get(told.patient)) for told in found]

    def _comparison(self, connection: Connection, two: TwoPolicies) -> Comparison:
        day = two.at or self._today(connection)
        a, b = (policy_asked(name, two.purpose, on=day) for name in (two.a, two.b))
        known = self._known(connection, two.known_at)
        reached = projector.position_of(connection, STATEMENTS)
        if reached < known.position:
            # The answer speaks of what its own tables know.
            known = self._known(connection, reached)
        return Comparison(a, b, two.purpose, day, known, two.practice)


def _answers(connection: Connection, asked: Comparison) -> Iterator[Answers]:
    """What both policies say of everybody, each patient once: of two numbers, of who survives."""
    upto = asked.known.position
    for patients, among_them in _people(connection, asked):
        known = known_patients(
            connection, patients, known_at=upto, whole=asked.whole, among_them=among_them
        )
        for patient in patients:
            a, b = (
                decided(known[patient], asked.purpose, asked.at, policy=policy)
                for policy in (asked.a, asked.b)
            )
            yield Answers(patient, _where(a, b, known[patient]), a, b)


def _people(connection: Connection, asked: Comparison) -> Iterator[tuple[list[UUID], Survivors]]:
    upto, practice = asked.known.position, asked.practice
    codes = asked.a.pooled_codes | asked.b.pooled_codes
    here = None if practice is None else [practice]
    later = refusing(connection, codes, known_at=upto, practices=here)
    seen: set[UUID] = set()
    for found in everybody(
        connection, known_at=upto, practices=None if practice is None else [practice]
    ):
        known = survivors(connection, found, upto=upto)
        # Few have two numbers, and only those are looked at twice.
        moved = {p: known.survivor(p) for p in known.met}
        own = [patient for patient in found if moved.get(patient, patient) == patient]
        later |= {moved[patient] for patient in found if moved.get(patient, patient) != patient}
        seen.update(own)
        yield own, known
    # Survivors without an entry of their own, and those who only refuse something close by.
    last = survivors(connection, later, upto=upto)
    yield sorted({last.survivor(patient) for patient in later} - seen), last


def _where(a: Decision, b: Decision, known: tuple[KnownPatient, ...]) -> str | None:
    """Where the entry stands that decided for either; else where the newest entry does."""
    told = because(a) or because(b)
    if told is not None:
        return told.practice
    newest = max(
        (entry for one in known for entry in one.objections.entries),
        key=lambda entry: entry.position,
        default=None,
    )
    if newest is not None:
        return newest.event.practice
    return next((asked.practice for one in known for asked in one.objections.withheld), None)


def _policy_record(policy: Policy, day: date) -> PolicyRecord:
    return PolicyRecord(
        name=policy.name,
        whose=policy.whose,
        sentence=policy.sentence,
        active=policy.active,
        in_force_today=policy.was_in_force_on(day),
        purposes=sorted(policy.answers),
        sources=policy.sources.split(),
        not_told=policy.not_told,
        **in_words(policy)._asdict(),
    )


def _difference_record(told: Answers, number: str | None) -> DifferenceRecord:
    one, other = because(told.a), because(told.b)
    return DifferenceRecord(
        nhs_number=number,
        practice=told.practice,
        a=told.a.answer.value,
        a_rule=told.a.rule,
        a_position=one and one.position,
        b=told.b.answer.value,
        b_rule=told.b.rule,
        b_position=other and other.position,
    )
