"""What was the state of objections at a point in both times: of a patient, a practice, a region, or
everybody?

Answered from the read model `statements` by position; or, to hold it against that, by folding the
log itself with the domain alone.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import projector
from ledger.application.looking import Looking
from ledger.application.policies import chosen_policy
from ledger.application.records import ReplayRecord
from ledger.application.scopes import (
    EVERYBODY,
    Scope,
    Whom,
    checked_number,
    must_see,
    with_survivors,
)
from ledger.application.standpoint import Known
from ledger.domain.callers import OPERATOR, Caller
from ledger.domain.known import KnownPatient, decided, fold_log, purposes_told
from ledger.domain.looks import Shown
from ledger.domain.points import Point
from ledger.domain.policies import Decision, Policy
from ledger.domain.purposes import Purpose
from ledger.domain.survivors import Survivors
from ledger.projections.statements import STATEMENTS, known_patients, topics_bearing_on
from ledger.store.bulk import chunks
from ledger.store.identities import numbers_of
from ledger.store.log import KeptEvent, read_events
from ledger.store.projection import decoded
from ledger.store.supersessions import survivors

_EVENTS_A_READ = 20_000


class Stand(NamedTuple):
    """What the policy says of a patient and purpose; `superseded`: they are somebody else now, whose
    own line says so too.
    """

    patient: UUID
    purpose: Purpose
    decision: Decision
    superseded: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """A point in both times, the policy asked, and a line a patient and purpose, by NHS number.

    The lines are made as they are asked for, of everybody too.
    """

    at: date
    known: Known
    policy: str
    lines: Iterable[ReplayRecord]


class ReplayQuestions(Looking):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def replay(
        self,
        scope: Scope = EVERYBODY,
        *,
        at: date | None = None,
        known_at: Point | None = None,
        policy: str | None = None,
        purpose: Purpose | None = None,
        from_log: bool = False,
        by: Caller = OPERATOR,
    ) -> Replay:
        """What was known at a point of who objects on a day. Of a practice: whoever an entry or a
        refused record of theirs is known of. A policy is asked for the purposes that it answers.
        `from_log` folds the log instead of asking any table.
        """
        told = self._replayed(
            scope,
            at=at,
            known_at=known_at,
            policy=policy,
            purpose=purpose,
            from_log=from_log,
            by=by,
        )
        self.keep_look_at_scope(Shown.REPLAY, scope, known_at=told.known.position, by=by)
        return told

    def keep_look_at_scope(self, shown: Shown, scope: Scope, *, known_at: int, by: Caller) -> None:
        """Keep that `by` is shown this of the one patient, or of all whom the scope takes in."""
        if scope.nhs_number is not None:
            number = checked_number(scope.nhs_number)
            self.keep_look_by_number(shown, {number: ()}, at=known_at, by=by)
            return
        with self.engine.connect() as connection:
            practices = Whom.of(connection, scope, known_at=known_at).practices
        self.keep_look_at_all(shown, practices, at=known_at, by=self.acting_for(by))

    def _replayed(
        self,
        scope: Scope,
        *,
        at: date | None = None,
        known_at: Point | None = None,
        policy: str | None = None,
        purpose: Purpose | None = None,
        from_log: bool = False,
        by: Caller,
    ) -> Replay:
        must_see(scope, self, by=by)
        with self.engine.connect() as connection:
            point = self._known(connection, known_at)
            day = at or self._today(connection)
            reached = projector.position_of(connection, STATEMENTS)
            if known_at is None and reached < point.position and not from_log:
                # The answer speaks of what its own tables know.
                point = self._known(connection, reached)
            chosen = chosen_policy(policy, purpose, day, by=by)
            whom = Whom.of(connection, scope, known_at=point.position)
        told = Told(day, point, chosen)
        return Replay(day, point, chosen.name, self._lines(whom, told, purpose, from_log=from_log))

    def _lines(
        self, whom: Whom, told: "Told", purpose: Purpose | None, *, from_log: bool
    ) -> Iterator[ReplayRecord]:
        with self.engine.connect() as connection:
            found_in = stands_in_log if from_log else stands_in_tables
            for stand, number in found_in(connection, whom, told):
                if purpose in (None, stand.purpose):
                    yield record(stand, number, told)


class Told(NamedTuple):
    """What every line of a replay says."""

    at: date
    known: Known
    policy: Policy

    @property
    def known_at(self) -> int:
        """The last position that counts."""
        return self.known.position


def stands_in_tables(
    connection: Connection, whom: Whom, told: Told
) -> Iterator[tuple[Stand, str | None]]:
    """What the policy says of each patient and purpose, by NHS number, by the read model."""
    patients = whom.patients(connection, known_at=told.known_at, policy=told.policy)
    for chunk in chunks(in_order(connection, patients)):
        numbers = dict(chunk)
        known = known_to(connection, numbers, known_at=told.known_at, policy=told.policy)
        survived = survivors(connection, numbers, upto=told.known_at)
        for patient, number in chunk:
            for stand in stands(patient, known[patient], survived, told):
                yield stand, number


def known_to(
    connection: Connection, patients: Collection[UUID], *, known_at: int, policy: Policy
) -> dict[UUID, tuple[KnownPatient, ...]]:
    """As much of what was known of these patients as the policy asks for."""
    return known_patients(
        connection, patients, known_at=known_at, whole=policy.needs_more_than_entries
    )


def stands_in_log(
    connection: Connection, whom: Whom, told: Told
) -> Iterator[tuple[Stand, str | None]]:
    """The same by the log and the domain alone."""
    log = fold_log(kept for read in _reads(connection, told) for kept in decoded(read))
    if whom.patient is None:
        found = log.patients(whom.practices, pooled_codes=told.policy.pooled_codes)
        patients = with_survivors(found, log.survivors)
    else:
        patients = {whom.patient}
    for patient, number in in_order(connection, patients):
        for stand in stands(patient, log.known(patient), log.survivors, told):
            yield stand, number


def _reads(connection: Connection, told: Told) -> Iterator[list[KeptEvent]]:
    after, topics = 0, topics_bearing_on(told.policy)
    while read := read_events(
        connection, after=after, limit=_EVENTS_A_READ, topics=topics, upto=told.known_at
    ):
        yield read
        after = read[-1].position


def in_order(connection: Connection, patients: Collection[UUID]) -> list[tuple[UUID, str | None]]:
    """These with their NHS numbers, by that; the erased at the end."""
    numbers = numbers_of(connection, patients)
    return sorted(
        ((patient, numbers.get(patient)) for patient in patients),
        key=lambda one: (one[1] is None, one[1] or "", one[0]),
    )


def stands(
    patient: UUID, known: Sequence[KnownPatient], survived: Survivors, told: Told
) -> Iterator[Stand]:
    """One for each purpose that anything is known of."""
    superseded = survived.survivor(patient) != patient
    for purpose in sorted(purposes_told(known, told.policy)):
        decision = decided(known, purpose, told.at, policy=told.policy)
        yield Stand(patient, purpose, decision, superseded)


def record(
    stand: Stand, number: str | None, told: Told, *, patient: UUID | None = None
) -> ReplayRecord:
    """A line of a replay; `patient` is told where nobody is at hand who knows the number."""
    decision = stand.decision
    because = decision.because
    event = None if because is None else because.entry.event
    return ReplayRecord(
        nhs_number=number,
        patient=None if patient is None else str(patient),
        purpose=stand.purpose.value,
        status=decision.answer.value,
        rule=decision.rule,
        practice=event and event.practice,
        entry=because and because.entry.position,
        effective_on=event and event.effective_on,
        counts_on=because and because.counts_on,
        entered_at=event and event.entered_at,
        code=event and event.code,
        code_system=event and event.code_system.value,
        conflicts=[against.entry.position for against in decision.conflicts],
        withheld_by=[asked.practice for asked in decision.withheld],
        evidence_at=decision.known_since,
        superseded=stand.superseded,
        at=told.at,
        known_at=told.known.time,
        position=told.known.position,
        policy=told.policy.name,
    )
