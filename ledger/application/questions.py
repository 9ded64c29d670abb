"""What can be asked of the ledger: one method a question, for whoever may ask it."""

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import projector
from ledger.application import actions as action_list
from ledger.application import status as status_of
from ledger.application.comparing import PolicyQuestions
from ledger.application.delivered import eyes_of
from ledger.application.explaining import evidence_record
from ledger.application.exposed import ReleaseQuestions
from ledger.application.figures import FigureQuestions
from ledger.application.policies import chosen_policy
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
from ledger.application.register_then import Register
from ledger.application.scopes import Scope, checked_number
from ledger.application.standpoint import NOW, When
from ledger.application.telling import (
    event_record,
    finding_record,
    sharing_record,
)
from ledger.application.timelines import TimelineQuestions
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.events import Event, FindingDismissed, FindingReopened, Mode
from ledger.domain.looks import Shown
from ledger.domain.points import Point
from ledger.domain.policies import Answer
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact, NotAllowed, UnknownThing
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
from ledger.store.log import events_at, read_events, read_streams
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


class Proved(NamedTuple):
    """A finding explained, and the events that prove it with their positions and times."""

    finding: ExplainedFindingRecord
    events: list[tuple[int, datetime, Event]]


class Questions(FigureQuestions, PolicyQuestions, ReleaseQuestions, TimelineQuestions):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def statuses(
        self,
        numbers: Sequence[str],
        purpose: Purpose,
        *,
        at: date | None = None,
        known_at: Point | None = None,
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
        known_at: Point | None = None,
        policy: str | None = None,
        practice: str | None = None,
        max_age: timedelta | None = None,
        by: Caller = OPERATOR,
    ) -> status_of.Question:
        """What is asked, with all that was left out of it: `statuses_of` answers it, at any time."""
        by.must_be(Role.EXTRACT, Role.AUDITOR, Role.CONTROLLER)
        with self.engine.connect() as connection:
            point = self._known(connection, known_at)
            today = self._today(connection)
            day = at or today
            chosen = chosen_policy(policy, purpose, day, by=by)
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
        self,
        numbers: Sequence[str],
        question: status_of.Question,
        *,
        shown: Shown = Shown.STATUS,
        by: Caller,
    ) -> list[StatusRecord]:
        """The status of each NHS number by a question that leaves nothing out."""
        by.must_be(Role.EXTRACT, Role.AUDITOR, Role.CONTROLLER)
        by = self.acting_for(by)
        checked = [checked_number(number) for number in numbers]
        with self.engine.begin() as connection:
            asked = self.met(connection, checked)
            answers = status_of.statuses(connection, checked, question, patients=asked.patients)
            if by.role is Role.CONTROLLER:
                _only_own_patients(answers, by, told_by=practices_of(connection, checked))
        named = {answer.nhs_number: _practices_named(answer) for answer in answers}
        self.keep_look_at_met(shown, asked, named, at=question.known_at, by=by)
        return answers

    def findings(
        self,
        *,
        practice: str | None = None,
        rule: str | None = None,
        supplier: str | None = None,
        state: str = "open",
        severity: str | None = None,
        when: When = NOW,
        limit: int = 100_000,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[FindingRecord]:
        """Findings, gravest first. A controller sees only their own practices'.

        As known at a point: in the state they had then, told in the words of now.
        """
        by = self.acting_for(by)
        _must_see(practice, by)
        with self.engine.connect() as connection:
            view = self._view(connection, when, found_findings.FINDINGS.name, by=by)
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
                at_position=view.position,
                true_on=when.at,
                limit=limit,
                offset=offset,
            )
            records = self._finding_records(connection, found, by)
        self._keep_look_at(Shown.FINDINGS, found, at=view.known.position, by=by)
        return records

    def finding(self, finding_id: str, *, when: When = NOW, by: Caller = OPERATOR) -> FindingRecord:
        """One finding."""
        by = self.acting_for(by)
        with self.engine.connect() as connection:
            view = self._view(connection, when, found_findings.FINDINGS.name, by=by)
            found = _the_finding(connection, finding_id, by, at_position=view.position)
            [record] = self._finding_records(connection, [found], by)
        self._keep_look_at(Shown.FINDING, [found], at=view.known.position, by=by)
        return record

    def practice_of_finding(
        self, finding_id: str, *, when: When = NOW, by: Caller = OPERATOR
    ) -> str | None:
        """Which practice a finding is about, None if none; nothing of whom it is about is told."""
        return self._finding(finding_id, self.acting_for(by), when=when).practice

    def _finding(
        self, finding_id: str, by: Caller, *, when: When = NOW
    ) -> found_findings.FoundFinding:
        with self.engine.connect() as connection:
            view = self._view(connection, when, by=by)
            return _the_finding(connection, finding_id, by, at_position=view.position)

    def explained(
        self, finding_id: str, *, when: When = NOW, by: Caller = OPERATOR
    ) -> ExplainedFindingRecord:
        """One finding with its evidence. Another practice's is as unknown as one there is not."""
        return self.proved(finding_id, when=when, by=by).finding

    def proved(self, finding_id: str, *, when: When = NOW, by: Caller = OPERATOR) -> Proved:
        """The same, and the events that prove it in the order they became known."""
        by.must_be(Role.CONTROLLER, Role.AUDITOR)
        try:
            found = self.finding(finding_id, when=when, by=by)
        except NotAllowed:
            raise UnknownThing("there is no such finding") from None
        eyes = eyes_of(self.acting_for(by))
        with self.engine.connect() as connection:
            upto = self._view(connection, when, by=by).known.position
            events = [
                kept
                for kept in decoded(events_at(connection, found.positions))
                if kept.position <= upto
            ]
            named = {kept.event.delivery for kept in events if kept.event.delivery is not None}
            seen = (delivery(connection, one, eyes=eyes) for one in sorted(named))
            paths = {line.id: line.path for line in seen if line is not None}
        evidence = [evidence_record(kept, rule=found.rule, paths=paths) for kept in events]
        return Proved(
            ExplainedFindingRecord(**dict(found), evidence=evidence),
            [(kept.position, kept.recorded_at, kept.event) for kept in events],
        )

    def said(self, finding_id: str, *, when: When = NOW, by: Caller = OPERATOR) -> list[Said]:
        """What controllers said of a finding: that it is no error, or is one after all."""
        practice = self.practice_of_finding(finding_id, when=when, by=by)
        if practice is None:
            return []
        stream = practice_stream(practice)
        with self.engine.connect() as connection:
            upto = self._view(connection, when, by=by).known.position
            read = read_streams(connection, [stream], upto=upto, topics=_WORDS)
            return [
                Said(kept.position, kept.recorded_at, kept.event)
                for kept in decoded(read[stream])
                if isinstance(kept.event, FindingDismissed | FindingReopened)
                and kept.event.finding == finding_id
            ]

    def counted(
        self,
        *,
        practice: str | None = None,
        rule: str | None = None,
        state: str = "open",
        when: When = NOW,
        by: Caller = OPERATOR,
    ) -> dict[str, int]:
        """How many findings there are, by severity, gravest first."""
        _must_see(practice, self.acting_for(by))
        with self.engine.connect() as connection:
            return found_findings.counted(
                connection,
                practice=practice,
                rule=rule,
                state=state,
                at_position=self._view(connection, when, by=by).position,
                true_on=when.at,
            )

    def counted_by_practice(
        self, *, when: When = NOW, by: Caller = OPERATOR
    ) -> dict[str, dict[str, int]]:
        """How many findings are open at each practice that has any; a controller's own."""
        by.must_be(Role.CONTROLLER, Role.AUDITOR)
        by = self.acting_for(by)
        with self.engine.connect() as connection:
            view = self._view(connection, when, by=by)
            counts = found_findings.counted_by_practice(connection, at_position=view.position)
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
        when: When = NOW,
        limit: int = 100_000,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[ActionRecord]:
        """What has to be done, first what is overdue. `state` open includes overdue.

        As known at a point, and overdue as of the day asked about: by default the point's own.
        """
        _must_see(practice, self.acting_for(by))
        states = _STATES.get(state, (state,))
        system = None if supplier is None else clinical_system(supplier)
        with self.engine.connect() as connection:
            view = self._view(connection, when, by=by)
            register = Register(connection, view)
            asked = found_findings.asked_actions(
                connection,
                practice=practice,
                owner=owner,
                rule=rule,
                finding=finding_id,
                at_position=view.position,
            )
            wanted = Wanted(
                codes=None if practice is None else [practice],
                clinical_systems=None if system is None else [system],
                commissioner=None if commissioner is None else commissioner.strip().upper(),
            )
            lines = register.lines_of(
                {action.practice for action in asked if action.practice is not None}, wanted
            )
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
                today=view.day,
            )
            if rule is None and finding_id is None and owner in (None, Owner.PRACTICE):
                known = action_list.what_bears_on(
                    connection, practice=practice, known_at=view.position
                )
                with_past = not {"open", "overdue"}.issuperset(states)
                for line in register.lines(replace(wanted, heard=True)):
                    records += action_list.standing(
                        line, known, today=view.day, with_past=with_past
                    )
        if when.at is not None:
            records = [record for record in records if record.owed_from <= view.day]
        ordered = action_list.in_order(r for r in records if r.state in states)
        return ordered[offset : offset + limit]

    def action(self, action: str, *, when: When = NOW, by: Caller = OPERATOR) -> ActionRecord:
        """One action, by its id alone."""
        with self.engine.connect() as connection:
            asked = found_findings.asked_actions(connection, action=action)
        # A standing action's id names the practice.
        standing = _STANDING.fullmatch(action)
        if not asked and standing is None:
            raise UnknownThing("there is no such action")
        practice = asked[0].practice if standing is None else standing["practice"]
        finding = None if standing else asked[0].finding
        for record in self.actions(
            practice=practice, finding_id=finding, state="all", when=when, by=by
        ):
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
        when: When = NOW,
        by: Caller = OPERATOR,
    ) -> list[ActionCountRecord]:
        """How much each owner has to do at each practice, who has most overdue first."""
        asked = self.actions(
            practice=practice,
            rule=rule,
            supplier=supplier,
            owner=owner,
            commissioner=commissioner,
            when=when,
            by=by,
        )
        return action_list.counted(asked)

    def sharing(
        self,
        practice: str,
        *,
        at: date | None = None,
        known_at: Point | None = None,
        policy: str | None = None,
        by: Caller = OPERATOR,
    ) -> SharingRecord:
        """A practice's sharing state on a day, by default today, with its history."""
        self.acting_for(by).must_see(practice)
        with self.engine.connect() as connection:
            day = at or self._today(connection)
            view = self._view(connection, When(day, known_at, policy), SHARING_STATE.name, by=by)
            state = sharing(connection, practice, on=day, known_at=view.known.position)
        return sharing_record(state, view)

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

    def objecting(
        self, practice: str, *, when: When = NOW, by: Caller = OPERATOR
    ) -> dict[Purpose, int]:
        """How many patients object at this practice, by purpose."""
        self.acting_for(by).must_see(practice)
        with self.engine.connect() as connection:
            view = self._view(connection, when, by=by)
            if view.position is None and when.at is None:
                return objecting(connection, practice)
        # What is told of now is kept only of now.
        told = self._replayed(
            Scope(practice=practice), at=view.day, known_at=view.known.position, by=by
        )
        there = Counter(
            Purpose(line.purpose)
            for line in told.lines
            if (line.status, line.practice, line.superseded) == (Answer.OBJECTING, practice, False)
        )
        return dict(sorted(there.items()))

    def practices(
        self,
        wanted: Wanted = _HEARD,
        *,
        code: str | None = None,
        when: When = NOW,
        limit: int = _ALL,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[PracticeLine]:
        """Practices by code: those the ledger hears from, others by `wanted`, one by its code.

        A controller's own, and those whose patients theirs took over.
        """
        wanted = self._seen(wanted if code is None else Wanted(codes=[code]), by)
        with self.engine.connect() as connection:
            view = self._view(connection, when, by=by)
            if view.position is not None:
                return Register(connection, view).lines(wanted)[offset : offset + limit]
            return practice_lines(connection, wanted, today=view.day, limit=limit, offset=offset)

    def practice_codes(
        self, wanted: Wanted = _HEARD, *, when: When = NOW, by: Caller = OPERATOR
    ) -> list[str]:
        """The codes of all of them: how many there are, and which."""
        wanted = self._seen(wanted, by)
        with self.engine.connect() as connection:
            view = self._view(connection, when, by=by)
            if view.position is not None:
                return [line.code for line in Register(connection, view).lines(wanted)]
            return practice_codes(connection, wanted, today=view.day)

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

    def _keep_look_at(
        self,
        shown: Shown,
        found: Sequence[found_findings.FoundFinding],
        *,
        at: int,
        by: Caller,
    ) -> None:
        """Keep whom these findings show to this caller, and at which practices."""
        seen: dict[UUID, set[str]] = {}
        for one in found:
            if one.patient is not None and by.sees_patients_of(one.practice):
                seen.setdefault(one.patient, set()).update([one.practice] if one.practice else [])
        self.keep_look(shown, seen, at=at, by=by)

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


def _the_finding(
    connection: Connection, finding_id: str, by: Caller, *, at_position: int | None
) -> found_findings.FoundFinding:
    found = found_findings.found(
        connection, finding=finding_id, state="all", at_position=at_position
    )
    if not found:
        raise UnknownThing("there is no such finding")
    _must_see(found[0].practice, by)
    return found[0]


def _practices_named(answer: StatusRecord) -> Collection[str]:
    """The practices that a status tells the record of."""
    if answer.because is None and not answer.withheld_by:
        return ()
    entries = [*([answer.because] if answer.because else []), *answer.conflicts]
    return {entry.practice for entry in entries} | set(answer.withheld_by)


def _only_own_patients(
    answers: Sequence[StatusRecord], by: Caller, *, told_by: Mapping[str, Collection[str]]
) -> None:
    """A controller asks about patients their own system told of, or whose entry they made."""
    for row, answer in enumerate(answers, 1):
        known_at = set(told_by.get(answer.nhs_number, ()))
        known_at |= {answer.because.practice} if answer.because else set()
        known_at |= set(answer.withheld_by)
        if not known_at & by.practices:
            raise NotAllowed(
                f"number {row} of the list is of no patient of your practice: "
                "a controller may ask only about their own patients"
            )
