"""What can be done to the ledger, and what can be asked of it: one method a command or question.

memory      what earlier deliveries told
taking_in   a delivery becomes events
register    the list of practices becomes events
status      a policy's answer with its reason
actions     one list a practice
records     what leaves the ledger, field by field
tokens      who is asking
pulse       how the ledger is doing
"""

import json
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import starmap
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from ledger import projector
from ledger.application import actions as action_list
from ledger.application import status as status_of
from ledger.application.memory import Draft, LedgerMemory, content_hash
from ledger.application.pulse import Pulse, pulse
from ledger.application.records import (
    ActionRecord,
    AgreementRecord,
    ChangeRecord,
    DeliveryRecord,
    EventRecord,
    FindingRecord,
    RefusedRowRecord,
    SettingRecord,
    SharingRecord,
    StatusRecord,
    TransmissionRecord,
)
from ledger.application.register import RegisterTally, take_register
from ledger.application.taking_in import take_in
from ledger.domain import objections
from ledger.domain import practices as settings_of
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.clinical_systems import clinical_system
from ledger.domain.entries import Entry, Setting, SettingChange
from ledger.domain.events import (
    DeliveryReceived,
    Event,
    LedgerOpened,
    Mode,
)
from ledger.domain.events import (
    DeliveryRefused as DeliveryRefusedEvent,
)
from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.objections import practice_day
from ledger.domain.policies import policy_named, policy_on
from ledger.domain.purposes import Purpose
from ledger.domain.recording_errors import by_code
from ledger.domain.refusals import (
    AlreadyOpen,
    Conflict,
    DeliveryRefused,
    NotAFact,
    NotAllowed,
    UnknownThing,
)
from ledger.domain.streams import LEDGER, delivery_stream, patient_stream, practice_stream
from ledger.projections import PROJECTIONS, PROMPT
from ledger.projections import deliveries as delivery_lines
from ledger.projections import findings as found_findings
from ledger.projections.practices import (
    PracticeLine,
    practice_lines,
    suppliers_of,
    users_of,
)
from ledger.projections.sharing_state import SHARING_STATE, SharingState, sharing
from ledger.projections.standing_objections import objecting
from ledger.projections.statements import STATEMENTS
from ledger.projections.transmission import board
from ledger.readers import finding, organisations
from ledger.readers.delivery import Format, Found
from ledger.store.append import AppendFailed, VersionConflict, append
from ledger.store.identities import numbers_of, patient_ids
from ledger.store.keys import hmac_key
from ledger.store.log import (
    KeptEvent,
    events_at,
    head,
    position_at,
    read_events,
    read_streams,
)
from ledger.store.projection import Projection, decoded
from ledger.store.source_patients import practices_of

# One delivery is decided on at a time: each looks at what the one before left.
_TAKING_IN_LOCK = 2014_2018
_TRIES = 3
_NAMED = {projection.name: projection for projection in PROJECTIONS}
T = TypeVar("T")

# What is raised while the database cannot be reached: the edges say "try again" and know no SQL.
UNAVAILABLE = (OperationalError, InterfaceError, PoolTimeoutError)


@dataclass(frozen=True, slots=True)
class Known:
    """The ledger's point in time an answer speaks of: a position, and when it was recorded."""

    position: int
    time: datetime | None


@dataclass(frozen=True, slots=True)
class Opened:
    """The ledger's name and mode, from position 1."""

    name: str
    mode: Mode
    at: datetime


class Ledger:
    """The ledger, over a database. `clock` is handed in: tests and re-enactments have their own."""

    def __init__(
        self,
        engine: Engine,
        *,
        live_numbers: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.engine = engine
        self.live_numbers = live_numbers
        self._clock = clock

    # --- the ledger itself

    def open(self, name: str, *, mode: Mode = Mode.LIVE, as_of: date | None = None) -> Opened:
        """Write position 1: the ledger's name, and whether it lives or re-enacts."""
        if not name.strip():
            raise NotAFact("a ledger has a name: give it one")
        if (mode is Mode.RE_ENACTMENT) != (as_of is not None):
            raise NotAFact("a re-enactment begins on a date (--as-of), and a live ledger now")
        with self.engine.begin() as connection:
            if head(connection).position:
                opened = self._opened(connection)
                raise AlreadyOpen(f"this ledger is open already: {opened.name} ({opened.mode})")
            hmac_key(connection)
            self._append(
                connection,
                LEDGER,
                0,
                [LedgerOpened(name=name, mode=mode, as_of=as_of, by=OPERATOR.name)],
                recorded_at=None if as_of is None else _dawn(as_of),
            )
            return self._opened(connection)

    def ensure_open(self) -> Opened:
        """The ledger's name and mode; an empty ledger opens live."""
        with self.engine.connect() as connection:
            if head(connection).position:
                return self._opened(connection)
        try:
            return self.open("ledger")
        except (AlreadyOpen, Conflict, AppendFailed):
            # Another process was first.
            with self.engine.connect() as connection:
                return self._opened(connection)

    def opened(self) -> Opened:
        """The ledger's name and mode, without opening it: an empty one would open live."""
        with self.engine.connect() as connection:
            return self._opened(connection)

    def known(self, at: int | datetime | None = None) -> Known:
        """The point in time that a position or a moment names; None: the newest."""
        with self.engine.connect() as connection:
            return self._known(connection, at)

    def reached(self, projection: str, *, upto: int | None = None) -> Known:
        """The point in time a projection's answers speak of: how far it has come, or `upto`."""
        with self.engine.connect() as connection:
            reached = projector.position_of(connection, _NAMED[projection])
            return self._known(connection, reached if upto is None else min(upto, reached))

    def now(self) -> datetime:
        """The clock's time; in a re-enactment the newest event's."""
        with self.engine.connect() as connection:
            return self._now(connection)

    def today(self) -> date:
        """The clock's day; in a re-enactment the day of the newest event."""
        with self.engine.connect() as connection:
            return self._today(connection)

    # --- deliveries

    def ingest(self, found: Found, *, by: Caller = OPERATOR) -> DeliveryRecord:
        """Take in one delivery: all that it says, or nothing with the reason."""
        del by
        self.ensure_open()
        delivery = finding.digest(found)
        try:
            return self._trying(lambda connection: self._ingest(connection, found, delivery))
        except DeliveryRefused as refusal:
            refused = DeliveryRefusedEvent(
                format=found.format,
                path=found.path.name,
                file=refusal.file,
                reason=refusal.reason,
                by="delivery",
                delivery=delivery,
            )
            position = self._trying(
                lambda connection: self._note_refusal(connection, delivery, refused, found.dated)
            )
            return _delivery_record(
                found, delivery, state="refused", reason=str(refusal), position=position
            )

    def import_practices(self, path: Path | None, *, systems: Path | None = None) -> RegisterTally:
        """Take in the register of practices, and the list of who uses which system."""
        self.ensure_open()
        lines, refused = organisations.read_epraccur(path) if path else ([], [])
        used, refused_systems = organisations.read_systems(systems) if systems else ([], [])
        files = tuple(file for file in (path, systems) if file is not None)
        assert files, "at least one list is imported"
        register = Found(Format.SHARING, files[0], files, self._clock())
        delivery = finding.digest(register)
        return self._trying(
            lambda connection: take_register(
                connection,
                lines,
                used,
                delivery=delivery,
                path=files[0],
                refused=[*refused, *refused_systems],
                recorded_at=self._recorded_at(connection, None),
            )
        )

    # --- what a controller, or a system paired with the practice, does

    def record_objection(self, entry: Entry, nhs_number: str, *, by: Caller) -> int | None:
        """A practice records an objection or its withdrawal; its position, None if known already.

        An entry without the time it was entered is entered now; sent again, it is the same one.
        """
        by.must_act_for(entry.practice)
        self.ensure_open()

        def record(connection: Connection) -> int | None:
            patient = patient_ids(connection, [nhs_number])[nhs_number]
            stream = patient_stream(patient)
            history = objections.fold(decoded(read_streams(connection, [stream])[stream]))
            known = history.current(entry.key)
            entered_at = entry.entered_at or (
                known.event.entered_at if known else self._now(connection)
            )
            entered = entry.model_copy(update={"entered_at": entered_at})
            events = objections.record_entry(
                history,
                entered,
                content_hash=content_hash(entered, nhs_number, hmac_key(connection)).hex(),
                by=by.name,
            )
            return self._append(connection, stream, history.version, events)

        position = self._trying(record)
        self.catch_up(PROMPT)
        return position

    def change_setting(self, change: SettingChange, *, by: Caller) -> int | None:
        """A practice changes a sharing setting."""
        by.must_act_for(change.practice)
        position = self._of_practice(
            change.practice, lambda known: settings_of.change_setting(known, change, by=by.name)
        )
        self.catch_up(PROMPT)
        return position

    def take_action(self, practice: str, action: str, *, note: str, by: Caller) -> ActionRecord:
        """Somebody says that an action of the practice's list is taken."""
        by.must_act_for(practice)
        self._action(practice, action, by=by)
        self._of_practice(
            practice, lambda known: settings_of.take_action(known, action, note=note, by=by.name)
        )
        self.catch_up()
        return self._action(practice, action, by=by)

    def dismiss_finding(
        self, practice: str, finding_id: str, *, reason: str, by: Caller
    ) -> FindingRecord:
        """The controller says why a finding of their practice is no error."""
        by.must_act_for(practice)
        found = self.finding(finding_id, by=by)
        if found.practice != practice:
            raise UnknownThing(f"practice {practice} has no such finding")
        self._of_practice(
            practice,
            lambda known: settings_of.dismiss_finding(
                known,
                finding=found.id,
                rule=found.rule,
                entries=tuple(found.positions),
                reason=reason,
                by=by.name,
            ),
        )
        self.catch_up()
        return self.finding(finding_id, by=by)

    # --- questions

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
        by.must_be(Role.EXTRACT, Role.AUDITOR, Role.CONTROLLER)
        checked = [_checked(number) for number in numbers]
        with self.engine.connect() as connection:
            point = self._known(connection, known_at)
            today = self._today(connection)
            day = at or today
            chosen = policy_on(day) if policy is None else policy_named(policy)
            if chosen is None:
                raise UnknownThing(f"there is no policy {policy!r}")
            if not chosen.active and by.role is not Role.AUDITOR:
                raise NotAFact(f"policy {chosen.name} is not active: only an auditor may ask it")
            opened = self._opened(connection)
            now = self._clock() if opened.mode is Mode.LIVE else point.time or self._clock()
            question = status_of.Question(
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

    def counted(
        self,
        *,
        practice: str | None = None,
        rule: str | None = None,
        state: str = "open",
        by: Caller = OPERATOR,
    ) -> dict[str, int]:
        """How many findings there are, by severity, gravest first."""
        _must_see(practice, by)
        with self.engine.connect() as connection:
            return found_findings.counted(connection, practice=practice, rule=rule, state=state)

    def counted_by_practice(self, *, by: Caller = OPERATOR) -> dict[str, dict[str, int]]:
        """How many findings are open at each practice that has any; a controller's own."""
        by.must_be(Role.CONTROLLER, Role.AUDITOR)
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
        state: str = "open",
        finding_id: str | None = None,
        limit: int = 100_000,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[ActionRecord]:
        """What has to be done, first what is overdue. `state` open includes overdue."""
        _must_see(practice, by)
        with self.engine.connect() as connection:
            today = self._today(connection)
            system = None if supplier is None else clinical_system(supplier)
            lines = [
                line
                for line in practice_lines(connection, code=practice, limit=20_000)
                if system is None or line.clinical_system is system
            ]
            codes = {line.code for line in lines}
            asked = found_findings.asked_actions(
                connection, practice=practice, owner=owner, rule=rule, finding=finding_id
            )
            records = action_list.from_findings(
                (a for a in asked if system is None or a.practice in codes), today=today
            )
            if rule is None and finding_id is None and owner in (None, "practice"):
                done = found_findings.taken(connection, practice=practice)
                for line in lines:
                    records += action_list.standing(
                        line.code, line.clinical_system, done, today=today
                    )
        wanted = _STATES.get(state, (state,))
        ordered = action_list.in_order(r for r in records if r.state in wanted)
        return ordered[offset : offset + limit]

    def sharing(
        self,
        practice: str,
        *,
        at: date | None = None,
        known_at: int | datetime | None = None,
        by: Caller = OPERATOR,
    ) -> SharingRecord:
        """A practice's sharing state on a day, with its history."""
        by.must_see(practice)
        with self.engine.connect() as connection:
            point = self._known(connection, known_at)
            reached = projector.position_of(connection, SHARING_STATE)
            if known_at is None and reached < point.position:
                # The answer speaks of what its own tables know.
                point = self._known(connection, reached)
            day = at or self._today(connection)
            state = sharing(connection, practice, on=day, known_at=point.position)
        return _sharing_record(state, point)

    def transmission(
        self, *, supplier: str | None = None, by: Caller = OPERATOR
    ) -> list[TransmissionRecord]:
        """Recorded beside transmitted, by collection, supplier and code system."""
        by.must_be(Role.AUDITOR)
        system = None if supplier is None else clinical_system(supplier)
        name = supplier if system is None else system.supplier.value
        with self.engine.connect() as connection:
            return [
                TransmissionRecord(**line._asdict()) for line in board(connection, supplier=name)
            ]

    def objecting(self, practice: str, *, by: Caller = OPERATOR) -> dict[Purpose, int]:
        """How many patients object at this practice, by purpose."""
        by.must_see(practice)
        with self.engine.connect() as connection:
            return objecting(connection, practice)

    def practices(self, *, code: str | None = None, by: Caller = OPERATOR) -> list[PracticeLine]:
        """The practices the ledger hears from; a controller's own."""
        with self.engine.connect() as connection:
            lines = practice_lines(connection, code=code, limit=20_000)
        if by.role in (Role.AUDITOR, Role.EXTRACT):
            return lines
        return [line for line in lines if line.code in by.practices]

    def deliveries(
        self, *, practice: str | None = None, limit: int = 50, by: Caller = OPERATOR
    ) -> list[delivery_lines.DeliveryLine]:
        """The latest deliveries, newest first. A controller sees only their own practices'."""
        _must_see(practice, by)
        with self.engine.connect() as connection:
            return delivery_lines.latest(connection, practice=practice, limit=limit)

    def events(
        self, *, after: int = 0, limit: int = 100, by: Caller = OPERATOR
    ) -> list[EventRecord]:
        """The log itself behind a position, in its order."""
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            return [
                _event_record(kept) for kept in read_events(connection, after=after, limit=limit)
            ]

    # --- projections

    def pulse(self) -> Pulse:
        """How the ledger is doing: whether its tables are as they should be, and who is behind."""
        with self.engine.connect() as connection:
            return pulse(connection)

    def catch_up(self, projections: Iterable[Projection[Any]] = PROJECTIONS) -> int:
        """Bring the projections up to the head of the log; how many events were applied."""
        return projector.catch_up(self.engine, projections)

    def turn_day(self) -> None:
        """Ask again what may have become true because a day came; in a re-enactment none does."""
        if self.opened().mode is Mode.LIVE:
            now = self._clock()
            projector.ask_again(
                self.engine,
                found_findings.FINDINGS,
                lambda connection, position: found_findings.turn_day(connection, position, now),
            )

    def rebuild(self, name: str | None = None) -> dict[str, int]:
        """Build one projection, or all, anew from the log; how many events each took."""
        chosen = [p for p in PROJECTIONS if name in (None, p.name)]
        if not chosen:
            names = ", ".join(p.name for p in PROJECTIONS)
            raise UnknownThing(f"there is no projection {name!r}: the projections are {names}")
        for projection in chosen:
            projector.prepare(self.engine, projection)
        return {p.name: projector.rebuild(self.engine, p) for p in chosen}

    def positions(self) -> dict[str, int]:
        """How far each projection has come, and under "log" the head."""
        with self.engine.connect() as connection:
            return {
                "log": head(connection).position,
                **{p.name: projector.position_of(connection, p) for p in PROJECTIONS},
            }

    def wait_for(self, position: int, *, seconds: float) -> bool:
        """Wait until every projection has come to a position; whether it did in time."""
        until = time.monotonic() + seconds
        while True:
            reached = self.positions()
            if reached["log"] >= position and min(reached.values()) >= position:
                return True
            if time.monotonic() > until:
                return False
            time.sleep(0.02)

    # --- how it is done

    def _ingest(self, connection: Connection, found: Found, delivery: str) -> DeliveryRecord:
        connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _TAKING_IN_LOCK})
        earlier = decoded(
            read_streams(connection, [delivery_stream(delivery)])[delivery_stream(delivery)]
        )
        for kept in earlier:
            if isinstance(kept.event, DeliveryReceived):
                return _already(found, delivery, kept.event, kept.position)
        contents = finding.read(found, LedgerMemory(connection))
        tally, position = take_in(
            connection,
            found,
            contents,
            delivery=delivery,
            key=hmac_key(connection),
            recorded_at=self._recorded_at(connection, found.dated),
        )
        collection = contents.collection
        return DeliveryRecord(
            id=delivery,
            path=str(found.path),
            format=contents.format,
            practices=list(collection.practices if collection else contents.practices),
            period_end=collection.period_end if collection else contents.period_end,
            rows_read=contents.rows_read,
            entries_kept=tally.entries_kept,
            unchanged=tally.unchanged,
            removed=tally.removed,
            unmatched=tally.unmatched,
            refused=list(starmap(_refused_row, tally.refused)),
            state="accepted-in-part" if tally.refused else "accepted",
            left_out=tally.left_out,
            notes=list(contents.notes),
            position=position,
        )

    def _note_refusal(
        self,
        connection: Connection,
        delivery: str,
        refused: DeliveryRefusedEvent,
        dated: datetime,
    ) -> int | None:
        stream = delivery_stream(delivery)
        earlier = decoded(read_streams(connection, [stream])[stream])
        if any(kept.event == refused for kept in earlier):
            return earlier[-1].position
        version = earlier[-1].version if earlier else 0
        recorded_at = self._recorded_at(connection, dated)
        return self._append(connection, stream, version, [refused], recorded_at=recorded_at)

    def _of_practice(
        self, practice: str, decide: Callable[[settings_of.Practice], list[Event]]
    ) -> int | None:
        self.ensure_open()

        def change(connection: Connection) -> int | None:
            stream = practice_stream(practice)
            known = settings_of.fold(decoded(read_streams(connection, [stream])[stream]))
            return self._append(connection, stream, known.version, decide(known))

        return self._trying(change)

    def _append(
        self,
        connection: Connection,
        stream: str,
        version: int,
        events: Sequence[Event],
        *,
        recorded_at: datetime | None = None,
    ) -> int | None:
        if not events:
            return None
        draft = Draft()
        draft.add(stream, version, events)
        return append(connection, draft.events, recorded_at=recorded_at).last

    def _trying(self, command: Callable[[Connection], T]) -> T:
        """Run a command in a transaction; again, thrice at most, if a stream grew meanwhile."""
        for attempt in range(_TRIES):
            try:
                with self.engine.begin() as connection:
                    return command(connection)
            except VersionConflict:
                if attempt == _TRIES - 1:
                    raise Conflict(
                        "the same record was changed by others three times running: try again"
                    ) from None
        raise AssertionError("unreachable")

    def _recorded_at(self, connection: Connection, dated: datetime | None) -> datetime | None:
        """In a re-enactment the date a delivery bears, or the newest so far where that is later."""
        if self._opened(connection).mode is Mode.LIVE:
            return None
        newest = head(connection).recorded_at
        return max((moment for moment in (dated, newest) if moment is not None), default=None)

    def _opened(self, connection: Connection) -> Opened:
        kept = decoded(read_streams(connection, [LEDGER])[LEDGER])
        if not kept:
            return Opened("ledger", Mode.LIVE, self._clock())
        event = kept[0].event
        assert isinstance(event, LedgerOpened), "it is always position 1"
        return Opened(event.name, event.mode, kept[0].recorded_at)

    def _known(self, connection: Connection, at: int | datetime | None) -> Known:
        newest = head(connection)
        if at is None:
            return Known(newest.position, newest.recorded_at)
        if isinstance(at, datetime):
            return Known(position_at(connection, at), at)
        kept = events_at(connection, [min(at, newest.position)])
        return Known(at, kept[0].recorded_at if kept else None)

    def _today(self, connection: Connection) -> date:
        return practice_day(self._now(connection))

    def _now(self, connection: Connection) -> datetime:
        newest = head(connection).recorded_at
        if newest is not None and self._opened(connection).mode is Mode.RE_ENACTMENT:
            return newest
        return self._clock()

    def _action(self, practice: str, action: str, *, by: Caller) -> ActionRecord:
        del by
        for record in self.actions(practice=practice, state="all"):
            if record.id == action:
                return record
        raise UnknownThing(f"practice {practice} has no such action")

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
            _finding_record(
                f,
                number=numbers.get(f.patient) if f.patient else None,
                supplier=f.supplier or suppliers.get(f.practice or ""),
            )
            for f in found
        ]


_STATES: Mapping[str, tuple[str, ...]] = {
    "open": ("open", "overdue"),
    "all": ("open", "overdue", "taken", "not-needed"),
}


def _must_see(practice: str | None, by: Caller) -> None:
    if practice is None:
        by.must_be(Role.AUDITOR)
    else:
        by.must_see(practice)


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
        if not known_at & by.practices:
            raise NotAllowed(
                f"number {row} of the list is of no patient of your practice: "
                "a controller may ask only about their own patients"
            )


def _dawn(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _refused_row(file: str, row: int, column: str, reason: str) -> RefusedRowRecord:
    return RefusedRowRecord(file=file, row=row, column=column, reason=reason)


def _delivery_record(
    found: Found,
    delivery: str,
    *,
    state: Literal["accepted", "accepted-in-part", "refused"],
    reason: str | None,
    position: int | None,
) -> DeliveryRecord:
    return DeliveryRecord(
        id=delivery,
        path=str(found.path),
        format=found.format,
        practices=[],
        period_end=None,
        rows_read=0,
        entries_kept=0,
        unchanged=0,
        removed=0,
        unmatched=0,
        refused=[],
        state=state,
        reason=reason,
        position=position,
    )


def _already(
    found: Found, delivery: str, received: DeliveryReceived, position: int
) -> DeliveryRecord:
    """The same files again: nothing is added, and the record says so."""
    return DeliveryRecord(
        id=delivery,
        path=str(found.path),
        format=received.format,
        practices=list(received.practices),
        period_end=received.period_end,
        rows_read=received.rows_read,
        entries_kept=0,
        unchanged=received.entries_kept + received.unchanged,
        removed=0,
        unmatched=0,
        refused=[],
        state="accepted",
        already_taken=True,
        notes=["taken in before: the same files again add nothing"],
        position=position,
    )


def _event_record(kept: KeptEvent) -> EventRecord:
    return EventRecord(
        position=kept.position,
        stream=kept.stream,
        version=kept.version,
        topic=kept.topic,
        recorded_at=kept.recorded_at,
        state=json.loads(kept.state),
    )


def _finding_record(
    found: found_findings.FoundFinding, *, number: str | None, supplier: str | None
) -> FindingRecord:
    return FindingRecord(
        **{
            **found._asdict(),
            "positions": list(found.positions),
            "nhs_number": number,
            "supplier": supplier,
            "name": by_code(found.rule).name,
        }
    )


def _sharing_record(state: SharingState, point: Known) -> SharingRecord:
    settings = {
        Setting.AUTO_SHARE_OUT: state.auto_share_out,
        Setting.AUTO_SHARE_IN: state.auto_share_in,
        Setting.SHARE_IN_RULE: state.share_in_rule,
    }
    return SharingRecord(
        practice=state.practice,
        at=state.on,
        settings=[
            SettingRecord(
                setting=setting,
                value=change.value if change else None,
                changed_at=change.changed_at if change else None,
                changed_by=change.by if change else None,
                position=change.position if change else None,
            )
            for setting, change in settings.items()
        ],
        allowed=list(state.allowed),
        prohibited=list(state.prohibited),
        agreement=None
        if state.agreement is None
        else AgreementRecord(
            **{
                name: value
                for name, value in state.agreement._asdict().items()
                if name != "recorded_at"
            }
        ),
        history=[
            ChangeRecord(
                setting=change.setting,
                value=change.value,
                organisation=change.organisation,
                changed_at=change.changed_at,
                changed_by=change.by,
                position=change.position,
            )
            for change in state.history
        ],
        position=point.position,
        known_at=point.time,
        policy=policy_on(state.on).name,
    )
