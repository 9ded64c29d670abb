"""What differs between two points in either time, and which events made it so?

Between two points at which something was known, of one effective day; or between two days, as known
at one point. Who objects otherwise, which settings are others, which findings stand otherwise.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.application.made_so import made_so
from ledger.application.policies import chosen_policy
from ledger.application.records import MovedRecord
from ledger.application.replaying import ReplayQuestions, known_to
from ledger.application.scopes import EVERYBODY, Scope, Whom, must_see
from ledger.application.standpoint import View, When
from ledger.domain.callers import OPERATOR, Caller
from ledger.domain.differences import SettingMoved, known_by, settings_moved, shared_on
from ledger.domain.known import KnownPatient, decided, purposes_told
from ledger.domain.looks import Shown
from ledger.domain.objections import KeptEntry, KeptNeighbour
from ledger.domain.points import Point
from ledger.domain.policies import Decision, Policy
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAPoint
from ledger.projections import findings as found_findings
from ledger.projections.findings import FINDINGS, FoundFinding
from ledger.projections.sharing_state import SHARING_STATE, practices_of_sharing
from ledger.projections.statements import STATEMENTS, patients_touched
from ledger.store.bulk import chunks
from ledger.store.identities import numbers_of
from ledger.store.supersessions import survivors_of_all

_TOLD_BY = (STATEMENTS.name, SHARING_STATE.name, FINDINGS.name)
# More findings than anybody has.
_ALL = 10_000_000
_Key = tuple[UUID, Purpose]
_Known = Mapping[UUID, tuple[KnownPatient, ...]]
# What was said of a patient and purpose at the one point and at the other.
_Changed = Mapping[_Key, tuple[Decision, Decision]]
_Lines = Iterator[MovedRecord]


@dataclass(frozen=True, slots=True)
class Differences:
    """The two points, and what differs: objections, settings, findings gravest first."""

    before: View
    after: View
    lines: Sequence[MovedRecord]


class DifferenceQuestions(ReplayQuestions):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def known_differences(
        self,
        before: Point,
        after: Point,
        scope: Scope = EVERYBODY,
        *,
        at: date | None = None,
        policy: str | None = None,
        by: Caller = OPERATOR,
    ) -> Differences:
        """What was known otherwise at the second point than at the first, of one day: by default
        today. Of a practice: of whoever an entry or a refused record of theirs was known.
        """
        must_see(scope, self, by=by)
        with self.engine.connect() as connection:
            day = at or self._today(connection)
            was, is_ = (
                self._view(connection, When(day, point, policy), *_TOLD_BY, by=by)
                for point in (before, after)
            )
            chosen = chosen_policy(policy, None, day, by=by)
            between = _Between(connection, was.known.position, is_.known.position, day, chosen)
            if between.was > between.is_:
                raise NotAPoint(
                    f"expected the earlier point first: position {between.is_}, then {between.was}"
                )
            whom = Whom.of(connection, scope, known_at=between.is_)
            lines = [
                *between.objections(whom),
                *between.settings(whom),
                *between.findings(whom),
            ]
        return self._looked_at(Differences(was, is_, lines), scope, by=by)

    def effective_differences(
        self,
        before: date,
        after: date,
        scope: Scope = EVERYBODY,
        *,
        known_at: Point | None = None,
        policy: str | None = None,
        by: Caller = OPERATOR,
    ) -> Differences:
        """What was otherwise on the second day than on the first, as known at one point: by default
        now. Of findings, those that became true in between.
        """
        must_see(scope, self, by=by)
        if before > after:
            raise NotAPoint(f"expected the earlier day first: {after}, then {before}")
        with self.engine.connect() as connection:
            was, is_ = (
                self._view(connection, When(day, known_at, policy), *_TOLD_BY, by=by)
                for day in (before, after)
            )
            chosen = chosen_policy(policy, None, after, by=by)
            days = _Days(connection, before, after, is_.known.position, chosen)
            whom = Whom.of(connection, scope, known_at=days.known_at)
            lines = [*days.objections(whom), *days.settings(whom), *days.findings(whom)]
        return self._looked_at(Differences(was, is_, lines), scope, by=by)

    def _looked_at(self, told: Differences, scope: Scope, *, by: Caller) -> Differences:
        """The same, once it is kept whom it names."""
        named: defaultdict[str, set[str]] = defaultdict(set)
        for line in told.lines:
            if line.nhs_number is not None:
                concerned = (scope.practice, line.practice)
                named[line.nhs_number].update(code for code in concerned if code is not None)
        at = told.after.known.position
        self.keep_look_by_number(Shown.DIFFERENCES, named, at=at, by=self.acting_for(by))
        return told


class _Between(NamedTuple):
    """Between two positions, of one day."""

    connection: Connection
    was: int
    is_: int
    day: date
    policy: Policy

    def objections(self, whom: Whom) -> _Lines:
        """Looks only at whom anything became known of in between: nobody else can have changed."""
        asked = whom.patients(self.connection, known_at=self.is_, policy=self.policy)
        for chunk in chunks(sorted(self._touched() & asked)):
            before, after = (
                known_to(self.connection, chunk, known_at=position, policy=self.policy)
                for position in (self.was, self.is_)
            )
            changed = _changed((before, self.day), (after, self.day), self.policy)
            events = made_so(
                self.connection,
                changed,
                at=self.day,
                after=self.was,
                upto=self.is_,
                policy=self.policy,
            )
            yield from _objections(self.connection, changed, events)

    def _touched(self) -> set[UUID]:
        touched = patients_touched(
            self.connection, after=self.was, upto=self.is_, policy=self.policy
        )
        known = survivors_of_all(self.connection, upto=self.is_)
        for told in known.known:
            if told.position > self.was:
                touched |= {told.patient, told.by}
        ahead = [known.bearing_on(patient) for patient in touched]
        return {other for met in ahead for one in met for other in known.borne_by(one)}

    def settings(self, whom: Whom) -> _Lines:
        told = practices_of_sharing(self.connection, practices=whom.practices, known_at=self.is_)
        for code, practice in sorted(told.items()):
            before = shared_on(known_by(practice, self.was), self.day)
            yield from _settings(code, settings_moved(before, shared_on(practice, self.day)))

    def findings(self, whom: Whom) -> _Lines:
        moved = found_findings.moved(
            self.connection, after=self.was, upto=self.is_, practices=whom.practices
        )
        numbers = _numbers(self.connection, (one.finding for one in moved))
        for one in moved:
            evidence = [p for p in one.finding.positions if self.was < p <= self.is_]
            positions = sorted({*evidence, *one.at})
            yield _finding(one.finding, one.before, positions, numbers)


class _Days(NamedTuple):
    """Between two days, as known at a position."""

    connection: Connection
    before: date
    after: date
    known_at: int
    policy: Policy

    def objections(self, whom: Whom) -> _Lines:
        patients = whom.patients(self.connection, known_at=self.known_at, policy=self.policy)
        for chunk in chunks(sorted(patients)):
            known = known_to(self.connection, chunk, known_at=self.known_at, policy=self.policy)
            changed = _changed((known, self.before), (known, self.after), self.policy)
            events = {key: _decided_by(is_, was) for key, (was, is_) in changed.items()}
            yield from _objections(self.connection, changed, events)

    def settings(self, whom: Whom) -> _Lines:
        told = practices_of_sharing(
            self.connection, practices=whom.practices, known_at=self.known_at
        )
        for code, practice in sorted(told.items()):
            before = shared_on(practice, self.before)
            yield from _settings(code, settings_moved(before, shared_on(practice, self.after)))

    def findings(self, whom: Whom) -> _Lines:
        found = [
            one
            for one in found_findings.found(
                self.connection,
                state="all",
                at_position=self.known_at,
                true_on=self.after,
                limit=_ALL,
            )
            if one.since > self.before
            and (whom.practices is None or one.practice in whom.practices)
        ]
        numbers = _numbers(self.connection, found)
        for one in found:
            yield _finding(one, None, list(one.positions), numbers)


def _changed(was: tuple[_Known, date], is_: tuple[_Known, date], policy: Policy) -> _Changed:
    """Of what the policy says something else on the one day, as known then, than on the other."""
    (before, one_day), (after, other_day) = was, is_
    found = {}
    for patient, known in after.items():
        told = purposes_told(before[patient], policy) | purposes_told(known, policy)
        for purpose in sorted(told):
            one = decided(before[patient], purpose, one_day, policy=policy)
            other = decided(known, purpose, other_day, policy=policy)
            if one.answer is not other.answer:
                found[patient, purpose] = one, other
    return found


def _decided_by(*decisions: Decision) -> list[int]:
    """The entry or the refusal that decides, or did before."""
    return [kept.position for kept in map(_decider, decisions) if kept is not None][:1]


def _decider(decision: Decision) -> KeptEntry | KeptNeighbour | None:
    return decision.refusal if decision.because is None else decision.because.entry


def _objections(
    connection: Connection, changed: _Changed, events: Mapping[_Key, Sequence[int]]
) -> _Lines:
    numbers = numbers_of(connection, {patient for patient, _ in changed})
    for key in sorted(changed, key=lambda key: (numbers.get(key[0], ""), key[1])):
        before, after = changed[key]
        kept = _decider(after) or _decider(before)
        yield _line(
            what="objection",
            practice=kept and kept.event.practice,
            nhs_number=numbers.get(key[0]),
            purpose=key[1].value,
            before=before.answer.value,
            after=after.answer.value,
            positions=list(events[key]),
        )


def _settings(practice: str, moved: Iterable[SettingMoved]) -> _Lines:
    for one in moved:
        yield _line(
            what="setting",
            practice=practice,
            setting=one.setting,
            organisation=one.organisation,
            before=one.before,
            after=one.after,
            positions=[one.position],
        )


def _numbers(connection: Connection, found: Iterable[FoundFinding]) -> dict[UUID, str]:
    return numbers_of(connection, {one.patient for one in found if one.patient is not None})


def _finding(
    found: FoundFinding,
    before: str | None,
    positions: list[int],
    numbers: Mapping[UUID, str],
) -> MovedRecord:
    return _line(
        what="finding",
        practice=found.practice,
        nhs_number=None if found.patient is None else numbers.get(found.patient),
        purpose=found.purpose,
        rule=found.rule,
        finding=found.id,
        before=before,
        after=found.state,
        positions=positions,
    )


def _line(**told: object) -> MovedRecord:
    return MovedRecord.model_validate(dict.fromkeys(MovedRecord.model_fields) | told)
