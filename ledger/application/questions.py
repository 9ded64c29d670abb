"""What can be asked of the ledger: one method a question, for whoever may ask it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import projector
from ledger.application import actions as action_list
from ledger.application import status as status_of
from ledger.application.comparing import PolicyQuestions
from ledger.application.delivered import eyes_of
from ledger.application.explaining import evidence_record
from ledger.application.exposed import ReleaseQuestions
from ledger.application.figures import FigureQuestions
from ledger.application.records import (
    ActionCountRecord,
    ActionRecord,
    EventRecord,
    ExplainedFindingRecord,
    FindingRecord,
    SharingRecord,
    StatusRecord,
    StillOldRecord,
    VocabularyRecord,
)
from ledger.application.telling import (
    event_record,
    finding_record,
    sharing_record,
)
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.events import Event, FindingDismissed, FindingReopened, Mode
from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.policies import Policy, policy_asked
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact, NotAllowed, PastTheEnd, UnknownThing
from ledger.domain.rule import Owner
from ledger.domain.streams import practice_stream
from ledger.projections import findings as found_findings
from ledger.projections.deliveries import delivery
from ledger.projections.practices import (
    PracticeLine,
    Wanted,
    practice_codes,
    practice_lines,
    suppliers_of,
    users_of,
)
from ledger.projections.sharing_state import SHARING_STATE, sharing
from ledger.projections.standing_objections import objecting
from ledger.projections.statements import STATEMENTS
from ledger.projections.vocabularies import entered_in, still_old
from ledger.store.identities import numbers_of
from ledger.store.log import events_at, head, read_events, read_streams
from ledger.store.projection import decoded
from ledger.store.source_patients import practices_of

# More than any register has.
_ALL = 100_000
_HEARD = Wanted(heard=True)
_WORDS = (FindingDismissed.TOPIC, FindingReopened.TOPIC)


class Said(NamedTuple):
    """What a controller said of a finding, and since where it is known."""

    position: int
    recorded_at: datetime
    word: FindingDismissed | FindingReopened


class Questions(FigureQuestions, PolicyQuestions, ReleaseQuestions):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def statuses(
        self,
        numbers: Sequence[str],
        purpose: Purpose,
        *,
        at: date | None = None,
        known_at: int | datetime | None = None,
        policy: str | None = None,
        practice: str | None = None,
        max_age: timedelta | None = None,
        by: Caller = OPERATOR,
    ) -> list[StatusRecord]:
        """The status of each NHS number, in the order asked."""
        question = self.status_question(
            purpose,
            at=at,
            known_at=known_at,
            policy=policy,
            practice=practice,
            max_age=max_age,
            by=by,
        )
        return self.statuses_of(numbers, question, by=by)

    def status_question(
        self,
        purpose: Purpose,
        *,
        at: date | None = None,
        known_at: int | datetime | None = None,
        policy: str | None = None,
        practice: str | None = None,
        max_age: timedelta | None = None,
        by: Caller = OPERATOR,
    ) -> status_of.Question:
        """What is asked, with all that was left out of it: `statuses_of` answers it, at any time."""
        by.must_be(Role.EXTRACT, Role.AUDITOR, Role.CONTROLLER)
        with self.engine.connect() as connection:
            point = self._known(connection, known_at)
            newest = head(connection).position
            if point.position > newest:
                raise PastTheEnd(
                    f"the ledger ends at position {newest}: expected that or an earlier one"
                )
            today = self._today(connection)
            day = at or today
            chosen = policy_asked(policy, purpose, on=day)
            if not chosen.active:
                _must_audit(chosen, by)
            opened = self._opened(connection)
            now = self._clock() if opened.mode is Mode.LIVE else point.time or self._clock()
            return status_of.Question(
                purpose=purpose,
                at=day,
                known_at=point.position,
                known_time=point.time,
                policy=chosen,
                now=now,
                reached=projector.position_of(connection, STATEMENTS),
                practice=practice,
                max_age=max_age,
            )

    def statuses_of(
        self, numbers: Sequence[str], question: status_of.Question, *, by: Caller
    ) -> list[StatusRecord]:
        """The status of each NHS number by a question that leaves nothing out."""
        by.must_be(Role.EXTRACT, Role.AUDITOR, Role.CONTROLLER)
        by = self.acting_for(by)
        checked = [_checked(number) for number in numbers]
        with self.engine.connect() as connection:
            answers = status_of.statuses(connection, checked, question)
            if by.role is Role.CONTROLLER:
                _only_own_patients(connection, answers, by)
        return answers

    def findings(
        self,
        *,
        practice: str | None = None,
        rule: str | None = None,
        supplier: str | None = None,
        state: str = "open",
        severity: str | None = None,
        at_position: int | None = None,
        limit: int = 100_000,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[FindingRecord]:
        """Findings, gravest first. A controller sees only their own practices'."""
        by = self.acting_for(by)
        _must_see(practice, by)
        with self.engine.connect() as connection:
            system = None if supplier is None else clinical_system(supplier)
            name = supplier if system is None else system.supplier.value
            users = [] if system is None else users_of(connection, system)
            found = found_findings.found(
                connection,
                practice=practice,
                rule=rule,
                supplier=name,
                suppliers_practices=users,
                state=state,
                severity=severity,
                at_position=at_position,
                limit=limit,
                offset=offset,
            )
            return self._finding_records(connection, found, by)

    def finding(self, finding_id: str, *, by: Caller = OPERATOR) -> FindingRecord:
        """One finding."""
        by = self.acting_for(by)
        with self.engine.connect() as connection:
            found = found_findings.found(connection, finding=finding_id, state="all")
            if not found:
                raise UnknownThing("there is no such finding")
            _must_see(found[0].practice, by)
            return self._finding_records(connection, found, by)[0]

    def evidence(
        self, finding_id: str, *, by: Caller = OPERATOR
    ) -> list[tuple[int, datetime, Event]]:
        """The events that prove a finding, in the order they became known."""
        found = self.finding(finding_id, by=by)
        with self.engine.connect() as connection:
            return [
                (kept.position, kept.recorded_at, kept.event)
                for kept in decoded(events_at(connection, found.positions))
            ]

    def explained(self, finding_id: str, *, by: Caller = OPERATOR) -> ExplainedFindingRecord:
        """One finding with its evidence. Another practice's is as unknown as one there is not."""
        by.must_be(Role.CONTROLLER, Role.AUDITOR)
        try:
            found = self.finding(finding_id, by=by)
        except NotAllowed:
            raise UnknownThing("there is no such finding") from None
        eyes = eyes_of(self.acting_for(by))
        with self.engine.connect() as connection:
            events = decoded(events_at(connection, found.positions))
            named = {kept.event.delivery for kept in events if kept.event.delivery is not None}
            seen = (delivery(connection, one, eyes=eyes) for one in sorted(named))
            paths = {line.id: line.path for line in seen if line is not None}
        evidence = [evidence_record(kept, rule=found.rule, paths=paths) for kept in events]
        return ExplainedFindingRecord(**dict(found), evidence=evidence)

    def said(self, finding_id: str, *, by: Caller = OPERATOR) -> list[Said]:
        """What controllers said of a finding: that it is no error, or is one after all."""
        practice = self.finding(finding_id, by=by).practice
        if practice is None:
            return []
        stream = practice_stream(practice)
        with self.engine.connect() as connection:
            return [
                Said(kept.position, kept.recorded_at, kept.event)
                for kept in decoded(read_streams(connection, [stream], topics=_WORDS)[stream])
                if isinstance(kept.event, FindingDismissed | FindingReopened)
                and kept.event.finding == finding_id
            ]

    def counted(
        self,
        *,
        practice: str | None = None,
        rule: str | None = None,
        state: str = "open",
        by: Caller = OPERATOR,
    ) -> dict[str, int]:
        """How many findings there are, by severity, gravest first."""
        _must_see(practice, self.acting_for(by))
        with self.engine.connect() as connection:
            return found_findings.counted(connection, practice=practice, rule=rule, state=state)

    def counted_by_practice(self, *, by: Caller = OPERATOR) -> dict[str, dict[str, int]]:
        """How many findings are open at each practice that has any; a controller's own."""
        by.must_be(Role.CONTROLLER, Role.AUDITOR)
        by = self.acting_for(by)
        with self.engine.connect() as connection:
            counts = found_findings.counted_by_practice(connection)
        if by.role is Role.AUDITOR:
            return counts
        return {code: count for code, count in counts.items() if code in by.practices}

    def actions(
        self,
        *,
        practice: str | None = None,
        rule: str | None = None,
        supplier: str | None = None,
        owner: str | None = None,
        commissioner: str | None = None,
        state: str = "open",
        finding_id: str | None = None,
        limit: int = 100_000,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[ActionRecord]:
        """What has to be done, first what is overdue. `state` open includes overdue."""
        _must_see(practice, self.acting_for(by))
        states = _STATES.get(state, (state,))
        system = None if supplier is None else clinical_system(supplier)
        wanted = Wanted(
            codes=None if practice is None else [practice],
            clinical_systems=None if system is None else [system],
            commissioner=None if commissioner is None else commissioner.strip().upper(),
        )
        with self.engine.connect() as connection:
            today = self._today(connection)
            asked = found_findings.asked_actions(
                connection, practice=practice, owner=owner, rule=rule, finding=finding_id
            )
            codes = {action.practice for action in asked if action.practice is not None}
            lines = _lines(connection, wanted, codes, today=today)
            narrowed = system is not None or commissioner is not None
            records = action_list.from_findings(
                (
                    a
                    for a in asked
                    if not narrowed
                    or a.practice in lines
                    or (system is not None and a.supplier == system.supplier.value)
                ),
                lines,
                today=today,
            )
            if rule is None and finding_id is None and owner in (None, Owner.PRACTICE):
                known = action_list.what_bears_on(connection, practice=practice)
                with_past = not {"open", "overdue"}.issuperset(states)
                for line in practice_lines(
                    connection, replace(wanted, heard=True), today=today, limit=_ALL
                ):
                    records += action_list.standing(line, known, today=today, with_past=with_past)
        ordered = action_list.in_order(r for r in records if r.state in states)
        return ordered[offset : offset + limit]

    def action(self, action: str, *, by: Caller = OPERATOR) -> ActionRecord:
        """One action, by its id alone."""
        with self.engine.connect() as connection:
            asked = found_findings.asked_actions(connection, action=action)
        # A standing action's id names the practice.
        standing = _STANDING.fullmatch(action)
        if not asked and standing is None:
            raise UnknownThing("there is no such action")
        practice = asked[0].practice if standing is None else standing["practice"]
        finding = None if standing else asked[0].finding
        for record in self.actions(practice=practice, finding_id=finding, state="all", by=by):
            if record.id == action:
                return record
        raise UnknownThing("there is no such action")

    def action_counts(
        self,
        *,
        practice: str | None = None,
        rule: str | None = None,
        supplier: str | None = None,
        owner: str | None = None,
        commissioner: str | None = None,
        by: Caller = OPERATOR,
    ) -> list[ActionCountRecord]:
        """How much each owner has to do at each practice, who has most overdue first."""
        asked = self.actions(
            practice=practice,
            rule=rule,
            supplier=supplier,
            owner=owner,
            commissioner=commissioner,
            by=by,
        )
        return action_list.counted(asked)

    def sharing(
        self,
        practice: str,
        *,
        at: date | None = None,
        known_at: int | datetime | None = None,
        by: Caller = OPERATOR,
    ) -> SharingRecord:
        """A practice's sharing state on a day, with its history."""
        self.acting_for(by).must_see(practice)
        with self.engine.connect() as connection:
            point = self._known(connection, known_at)
            reached = projector.position_of(connection, SHARING_STATE)
            if known_at is None and reached < point.position:
                # The answer speaks of what its own tables know.
                point = self._known(connection, reached)
            day = at or self._today(connection)
            state = sharing(connection, practice, on=day, known_at=point.position)
        return sharing_record(state, point)

    def vocabularies(
        self,
        *,
        practice: str | None = None,
        system: str | None = None,
        since: date | None = None,
        by: Caller = OPERATOR,
    ) -> list[VocabularyRecord]:
        """How many entries stand in each vocabulary, by month, system and purpose."""
        _must_see(practice, self.acting_for(by))
        name = _system_named(system)
        with self.engine.connect() as connection:
            lines = entered_in(connection, practice=practice, clinical_system=name, since=since)
        return [VocabularyRecord(**line._asdict()) for line in lines]

    def still_old(
        self,
        *,
        practice: str | None = None,
        system: str | None = None,
        since: date | None = None,
        by: Caller = OPERATOR,
    ) -> list[StillOldRecord]:
        """Who has entered Read v2 or CTV3 since SNOMED CT began, the latest first."""
        _must_see(practice, self.acting_for(by))
        name = _system_named(system)
        with self.engine.connect() as connection:
            lines = still_old(connection, practice=practice, clinical_system=name, since=since)
        return [StillOldRecord(**line._asdict()) for line in lines]

    def objecting(self, practice: str, *, by: Caller = OPERATOR) -> dict[Purpose, int]:
        """How many patients object at this practice, by purpose."""
        self.acting_for(by).must_see(practice)
        with self.engine.connect() as connection:
            return objecting(connection, practice)

    def practices(
        self,
        wanted: Wanted = _HEARD,
        *,
        code: str | None = None,
        limit: int = _ALL,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[PracticeLine]:
        """Practices by code: those the ledger hears from, others by `wanted`, one by its code.

        A controller's own, and those whose patients theirs took over.
        """
        wanted = self._seen(wanted if code is None else Wanted(codes=[code]), by)
        with self.engine.connect() as connection:
            today = self._today(connection)
            return practice_lines(connection, wanted, today=today, limit=limit, offset=offset)

    def practice_codes(self, wanted: Wanted = _HEARD, *, by: Caller = OPERATOR) -> list[str]:
        """The codes of all of them: how many there are, and which."""
        wanted = self._seen(wanted, by)
        with self.engine.connect() as connection:
            return practice_codes(connection, wanted, today=self._today(connection))

    def _seen(self, wanted: Wanted, by: Caller) -> Wanted:
        if by.role in (Role.AUDITOR, Role.EXTRACT):
            return wanted
        own = self.acting_for(by).practices
        return replace(wanted, codes=own if wanted.codes is None else own & set(wanted.codes))

    def events(
        self, *, after: int = 0, limit: int = 100, by: Caller = OPERATOR
    ) -> list[EventRecord]:
        """The log itself behind a position, in its order."""
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            return [
                event_record(kept) for kept in read_events(connection, after=after, limit=limit)
            ]

    def _finding_records(
        self,
        connection: Connection,
        found: Sequence[found_findings.FoundFinding],
        by: Caller,
    ) -> list[FindingRecord]:
        shown = {f.patient for f in found if f.patient and by.sees_patients_of(f.practice)}
        numbers = numbers_of(connection, shown)
        suppliers = suppliers_of(connection, {f.practice for f in found if f.practice})
        return [
            finding_record(
                f,
                number=numbers.get(f.patient) if f.patient else None,
                supplier=f.supplier or suppliers.get(f.practice or ""),
            )
            for f in found
        ]


_STATES: Mapping[str, tuple[str, ...]] = {
    "open": ("open", "overdue"),
    "closed": ("taken", "not-needed"),
    "all": ("open", "overdue", "missed", "taken", "not-needed"),
}
# The action's code, the practice's, and the turn of what recurs.
_STANDING = re.compile(r"SA\d\d-(?P<practice>[A-Z0-9]{3,10})(-\d{4}-\d\d)?")


def _lines(
    connection: Connection, wanted: Wanted, codes: set[str], *, today: date
) -> dict[str, PracticeLine]:
    """What the register tells of these practices, as far as they are wanted."""
    if wanted.codes is not None:
        codes = codes & set(wanted.codes)
    wanted = replace(wanted, codes=codes)
    lines = practice_lines(connection, wanted, today=today, limit=_ALL)
    return {line.code: line for line in lines}


def _system_named(name: str | None) -> str | None:
    system = None if name is None else clinical_system(name)
    if name is not None and system is None:
        known = ", ".join(ClinicalSystem)
        raise NotAFact(f"expected a clinical system or its supplier, one of {known}")
    return system


def _must_see(practice: str | None, by: Caller) -> None:
    if practice is None:
        by.must_be(Role.AUDITOR)
    else:
        by.must_see(practice)


def _must_audit(policy: Policy, by: Caller) -> None:
    """No live service answers by such a policy, so none may take its answer for the ledger's."""
    if by.role is not Role.AUDITOR:
        raise NotAllowed(
            f"the policy {policy.name} is there to be compared with, and only an auditor may ask "
            "by it: leave the policy out"
        )


def _checked(number: str) -> str:
    """The only place where a person is told at once: they typed it."""
    usable = usable_nhs_number(number)
    if usable is None:
        raise NotAFact("an NHS number has ten digits, the last of which checks the others")
    return usable


def _only_own_patients(connection: Connection, answers: Sequence[StatusRecord], by: Caller) -> None:
    """A controller asks about patients their own system told of, or whose entry they made."""
    told_by = practices_of(connection, {answer.nhs_number for answer in answers})
    for row, answer in enumerate(answers, 1):
        known_at = set(told_by.get(answer.nhs_number, ()))
        known_at |= {answer.because.practice} if answer.because else set()
        known_at |= set(answer.withheld_by)
        if not known_at & by.practices:
            raise NotAllowed(
                f"number {row} of the list is of no patient of your practice: "
                "a controller may ask only about their own patients"
            )
