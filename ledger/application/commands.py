"""What can be done to the ledger: one method a command.

A command reads what is known, asks the domain, and appends what the domain answers.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, text

from ledger.application.actions import must_take
from ledger.application.coming_of_age import come_of_age
from ledger.application.judging_anew import Thresholding, of_the_ledger
from ledger.application.letters import Writing
from ledger.application.memory import Draft, LedgerMemory, Remembering, content_hash
from ledger.application.notifying import Notifying, a_notifier_id
from ledger.application.pairing import (
    for_whom_it_writes,
    must_be_a_practices,
    must_be_paired,
    must_write_for_all,
    only_of_its_own,
    practices_named,
    read_through,
)
from ledger.application.records import (
    ActionRecord,
    DeliveryRecord,
    FindingRecord,
    NewFeedTokenRecord,
    NewWebhookRecord,
    RefusedRowRecord,
    ReleaseRecord,
)
from ledger.application.register import RegisterTally, take_register
from ledger.application.releasing import Told, take_release
from ledger.application.standpoint import Opened
from ledger.application.taking import BY
from ledger.application.taking_in import take_in
from ledger.application.taking_people import facts_of_a_person
from ledger.application.telling import delivery_again, delivery_refused
from ledger.application.unconfirmed import unconfirmed_members
from ledger.domain import notifying, objections
from ledger.domain import practices as settings_of
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.entries import Entry, Precision, SettingChange
from ledger.domain.events import (
    DeliveryReceived,
    Event,
    LedgerOpened,
    Mode,
    ParcelRefused,
    ParcelTaken,
)
from ledger.domain.events import DeliveryRefused as DeliveryRefusedEvent
from ledger.domain.identifiers import kind_to_keep, without_nhs_numbers
from ledger.domain.objections import practice_day
from ledger.domain.refusals import (
    AlreadyOpen,
    Conflict,
    DeliveryRefused,
    NotAFact,
    NotAllowed,
    UnknownThing,
)
from ledger.domain.streams import (
    LEDGER,
    delivery_stream,
    parcel_stream,
    patient_stream,
    practice_stream,
    supplier_stream,
)
from ledger.domain.threshold_versions import adopt
from ledger.domain.thresholds import Thresholds
from ledger.projections import PROMPT
from ledger.projections.deliveries import DELIVERIES
from ledger.projections.practices import PRACTICES
from ledger.readers import finding, organisations
from ledger.readers.cohort import CohortList
from ledger.readers.delivery import Found
from ledger.readers.engines import POLARS, ScanEngine
from ledger.store.append import AppendFailed, VersionConflict, append, import_events
from ledger.store.group_commit import GroupCommit
from ledger.store.identities import patient_ids
from ledger.store.keys import hmac_key
from ledger.store.log import head, read_streams, stream_version
from ledger.store.looks import LooksTogether
from ledger.store.minors import keep_minors
from ledger.store.projection import decoded
from ledger.store.source_patients import born_on
from ledger.store.source_registrations import told_of
from ledger.webhooks.outgoing import Outgoing

# One delivery is decided on at a time: each looks at what the one before left.
_TAKING_IN_LOCK = 2014_2018
_TRIES = 3
# What a ledger is called that nobody has named.
_UNNAMED = "ledger"
T = TypeVar("T")


class Ledger(Writing, Notifying, Thresholding):
    """The ledger, over a database."""

    def __init__(
        self,
        engine: Engine,
        *,
        together: GroupCommit | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        live: bool = False,
        outgoing: Outgoing | None = None,
        operator: str = OPERATOR.name,
        looks: LooksTogether | None = None,
    ) -> None:
        """`together` commits the events of many callers at once, and `looks` their looks; without
        it each commits alone. `operator`: who has the machine, whom looks by commands name.
        `live`: its patients are real, so a number kept for tests is none of theirs (ID02).
        `outgoing`: where webhooks may be; None: nowhere.
        """
        super().__init__(engine, clock=clock, operator=operator, looks=looks)
        self._together = together
        self._live = live
        self.outgoing = outgoing or Outgoing()

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
            _open(connection, name, mode=mode, as_of=as_of)
            return self._opened(connection)

    def ensure_open(self) -> Opened:
        """The ledger's name and mode; an empty ledger opens live."""
        with self.engine.connect() as connection:
            if head(connection).position:
                return self._opened(connection)
        try:
            return self.open(_UNNAMED)
        except (AlreadyOpen, Conflict, AppendFailed):
            # Another process was first.
            with self.engine.connect() as connection:
                return self._opened(connection)

    def ingest(
        self, found: Found, *, by: Caller = OPERATOR, scanning: ScanEngine = POLARS
    ) -> DeliveryRecord:
        """Take in one delivery: all that it says, or nothing with the reason.

        The operator's may speak of any practice; anybody else's only of those they write for.
        """
        self.ensure_open()
        delivery = finding.digest(found.files)

        def take(connection: Connection) -> DeliveryRecord:
            try:
                return self._ingest(connection, found, delivery, by=by, scanning=scanning)
            except NotAllowed as refusal:
                raise DeliveryRefused(str(refusal), file=found.path.name) from refusal

        try:
            return self._trying(take)
        except DeliveryRefused as refusal:
            refused = DeliveryRefusedEvent(
                format=found.format,
                path=without_nhs_numbers(found.path.name),
                file=without_nhs_numbers(refusal.file),
                reason=without_nhs_numbers(refusal.reason),
                by=_sender(by),
                delivery=delivery,
            )
            position = self._trying(
                lambda connection: self._note_refusal(connection, found, delivery, refused, by=by)
            )
            return delivery_refused(found, delivery, reason=str(refusal), position=position)

    def try_out(
        self, found: Iterable[Found], *, scanning: ScanEngine = POLARS
    ) -> Iterator[DeliveryRecord]:
        """What taking in these deliveries, one after another, would come to; nothing is kept.

        Whoever wants to write waits until the last of them has been tried.
        """
        with self.engine.connect() as connection, connection.begin() as everything:
            if not head(connection).position:
                _open(connection, _UNNAMED)
            for one in found:
                delivery = finding.digest(one.files)
                try:
                    with connection.begin_nested():
                        record = self._ingest(
                            connection, one, delivery, by=OPERATOR, scanning=scanning
                        )
                except DeliveryRefused as refusal:
                    record = delivery_refused(one, delivery, reason=str(refusal), position=None)
                # The positions they had will be other events'.
                yield record.model_copy(update={"position": None})
            everything.rollback()

    def handing_in(self, by: Caller) -> Caller:
        """The caller, for those practices alone of which they may hand in deliveries now."""
        by.must_be(Role.CONTROLLER, Role.SYSTEM)
        with self.engine.connect() as connection:
            return for_whom_it_writes(connection, by=by)

    def take_parcel(
        self, parcel: str, found: Sequence[Found], *, left: Sequence[str], by: Caller
    ) -> None:
        """Take in what was handed in at one time: each delivery for itself, and then say so.

        Where one of several speaks of a practice that `by` does not write for, none is taken.
        `left` is what else there was to say of it. The same parcel again adds nothing.
        """
        self.ensure_open()
        if not found:
            return self.refuse_parcel(parcel, " ".join(left) or "it holds no delivery", by=by)
        if len(found) > 1:
            try:
                self._look_through(found, by=by)
            except NotAllowed as refusal:
                return self.refuse_parcel(parcel, str(refusal), by=by)
        deliveries = tuple(self.ingest(one, by=by).id for one in found)
        taken = ParcelTaken(
            system=_system(by),
            practices=tuple(sorted(by.practices)),
            deliveries=deliveries,
            notes=tuple(left),
            by=by.name,
        )
        return self._end_parcel(parcel, taken)

    def refuse_parcel(self, parcel: str, reason: str, *, by: Caller) -> None:
        """Say that nothing was kept of what was handed in at one time, and why."""
        refused = ParcelRefused(
            system=_system(by),
            practices=tuple(sorted(by.practices)),
            reason=reason,
            by=by.name,
        )
        self._end_parcel(parcel, refused)

    def import_practices(self, path: Path | None, *, systems: Path | None = None) -> RegisterTally:
        """Take in a file of the register, a list of who uses which system, or both."""
        registers = [
            *([organisations.read_register(path)] if path else []),
            *([organisations.read_systems(systems)] if systems else []),
        ]
        files = tuple(file for file in (path, systems) if file is not None)
        assert files, "at least one list is imported"
        delivery = finding.digest(files)
        self.ensure_open()
        # Whose word a succession rests on is asked of the read model.
        self.catch_up([PRACTICES])

        def take(connection: Connection) -> RegisterTally:
            _wait_for_turn(connection)
            return take_register(
                connection,
                registers,
                delivery=delivery,
                today=self._today(connection),
                recorded_at=self._recorded_at(connection, None),
            )

        return self._trying(take)

    def release(
        self, told: Told, listed: CohortList, *, by: Caller = OPERATOR
    ) -> tuple[ReleaseRecord, int | None]:
        """An extract service tells what it released, and whose data; with the position of what is
        new of it, None where all of it was known.
        """
        if by is not OPERATOR:
            by.must_be(Role.EXTRACT)
        self.ensure_open()

        def turn(connection: Connection, left_at: datetime) -> datetime | None:
            _wait_for_turn(connection)
            return self._recorded_at(connection, left_at)

        with self.engine.begin() as connection:
            now = self._now(connection)
            self._must_have_left(connection, told, now)
            key = hmac_key(connection)
            id_, position = take_release(
                connection, told, listed, by=by.name, key=key, now=now, turn=turn
            )
        self.catch_up((*PROMPT, DELIVERIES))
        return self.released(id_, by=OPERATOR), position

    # --- what a controller, or a system paired with the practice, does

    def record_objection(self, entry: Entry, nhs_number: str, *, by: Caller) -> int | None:
        """A practice records an objection or its withdrawal; its position, None if known already.

        An entry without the time it was entered is entered now, and means from that day where no
        effective date is given. Sent again, it is the same one.
        """
        by.must_act_for(entry.practice)
        self.ensure_open()
        paired = _paired(entry.practice, by=by)

        def record(connection: Connection) -> Draft:
            patient = patient_ids(connection, [nhs_number])[nhs_number]
            stream = patient_stream(patient)
            history = objections.fold(decoded(read_streams(connection, [stream])[stream]))
            known = history.current(entry.key)
            entered_at = entry.entered_at or (
                known.event.entered_at if known else self._now(connection)
            )
            entered = entry.model_copy(update={"entered_at": entered_at})
            if entry.effective_precision is Precision.MISSING and entered_at is not None:
                day = {
                    "effective_on": practice_day(entered_at),
                    "effective_precision": Precision.DAY,
                }
                entered = entered.model_copy(update=day)
            key = hmac_key(connection)
            birth = born_on(connection, entered.practice, nhs_number)
            events = objections.record_entry(
                history,
                entered,
                content_hash=content_hash(entered, nhs_number, key).hex(),
                by=by.name,
                born_on=birth,
                number_kind=kind_to_keep(nhs_number, live=self._is_live(connection)),
            )
            keep_minors(connection, objections.turns_thirteen(patient, events, birth))
            if events and not history.entries:
                # Where they are registered was told by deliveries, when it concerned nobody.
                told = told_of(connection, [nhs_number])
                events = [
                    *facts_of_a_person(history, told, key=key, by="delivery", delivery=None),
                    *events,
                ]
            return Draft.of(stream, history.version, events)

        position = self._decided(record, provided=paired)
        self.catch_up(PROMPT)
        return position

    def approve_pairing(self, practice: str, system: str, *, by: Caller) -> int | None:
        """The practice lets a third-party system write for it; None if it does already."""
        by.must_control(practice)
        position = self._of_practice(
            practice,
            lambda known: settings_of.approve_pairing(known, system, by=by.name),
            by=by,
        )
        self.catch_up(PROMPT)
        return position

    def revoke_pairing(self, practice: str, system: str, *, by: Caller) -> int | None:
        """The practice no longer lets a third-party system write for it, from this position on."""
        by.must_control(practice)
        position = self._of_practice(
            practice, lambda known: settings_of.revoke_pairing(known, system, by=by.name), by=by
        )
        self.catch_up(PROMPT)
        return position

    def register_webhook(self, practice: str, url: str, *, by: Caller) -> NewWebhookRecord:
        """The practice has a program told of the breaches to come; with its secret, shown once."""
        by = self.acting_for(by)
        by.must_control(practice)
        self.outgoing.must_allow(notifying.webhook_url(url))
        # What is a breach already is none of those to come.
        self.catch_up()
        self.take_notices(again=True)
        webhook = a_notifier_id()
        position = self._of_practice(
            practice,
            lambda known: notifying.register_webhook(known, webhook=webhook, url=url, by=by.name),
            by=by,
        )
        self.catch_up(PROMPT)
        assert position is not None, "a registration is always new"
        return NewWebhookRecord(webhook=webhook, secret=self._secret(webhook), position=position)

    def revoke_webhook(self, practice: str, webhook: str, *, by: Caller) -> int:
        """Nothing more is sent to a webhook, what waits for it included."""
        by = self.acting_for(by)
        by.must_control(practice)
        position = self._of_practice(
            practice, lambda known: notifying.revoke_webhook(known, webhook, by=by.name), by=by
        )
        self.catch_up(PROMPT)
        assert position is not None, "a revocation is always new"
        return position

    def issue_feed_token(self, practice: str, *, by: Caller) -> NewFeedTokenRecord:
        """The practice lets a feed reader follow its breaches; with the password, shown once."""
        by = self.acting_for(by)
        by.must_control(practice)
        token = a_notifier_id()
        position = self._of_practice(
            practice,
            lambda known: notifying.issue_feed_token(known, token=token, by=by.name),
            by=by,
        )
        self.catch_up(PROMPT)
        assert position is not None, "a token is always new"
        return NewFeedTokenRecord(token=token, password=self._password(token), position=position)

    def revoke_feed_token(self, practice: str, token: str, *, by: Caller) -> int:
        """A feed reader with that token is told nothing more."""
        by = self.acting_for(by)
        by.must_control(practice)
        position = self._of_practice(
            practice, lambda known: notifying.revoke_feed_token(known, token, by=by.name), by=by
        )
        self.catch_up(PROMPT)
        assert position is not None, "a revocation is always new"
        return position

    def change_setting(self, change: SettingChange, *, by: Caller) -> int | None:
        """A practice changes a sharing setting."""
        by.must_act_for(change.practice)
        position = self._of_practice(
            change.practice,
            lambda known: settings_of.change_setting(known, change, by=by.name),
            by=by,
        )
        self.catch_up(PROMPT)
        return position

    def take_action(
        self, practice: str | None, action: str, *, note: str, by: Caller
    ) -> ActionRecord:
        """Somebody says that an action of the practice's list is taken.

        `practice` None: of the list of what is asked of NHS Digital and suppliers about a supplier.
        """
        by = self.acting_for(by)
        if practice is None or by.role is Role.AUDITOR:
            by.must_be(Role.AUDITOR)
        else:
            # Who may do nothing for the practice is not told what it has to do.
            by.must_act_for(practice)
            with self.engine.connect() as connection:
                must_be_paired(connection, [practice], by=by)
        asked = self.action(action)
        if asked.practice != practice:
            raise UnknownThing("there is no such action in this list")
        must_take(asked, by=by)

        def take(known: settings_of.Practice) -> list[Event]:
            return settings_of.take_action(known, action, note=note, by=by.name)

        if practice is None:
            assert asked.supplier is not None, "what no practice is asked for is about a supplier"
            self._of_stream(supplier_stream(asked.supplier), take)
        else:
            self._of_practice(practice, take, by=by)
        self.catch_up()
        return self.action(action)

    def dismiss_finding(
        self, practice: str, finding_id: str, *, reason: str, by: Caller
    ) -> FindingRecord:
        """The controller says why a finding of their practice is no error."""
        by = self.acting_for(by)
        by.must_act_for(practice)
        found = self._finding(finding_id, by)
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
            by=by,
        )
        self.catch_up()
        return self.finding(finding_id, by=by)

    def reopen_finding(
        self, practice: str, finding_id: str, *, reason: str, by: Caller
    ) -> FindingRecord:
        """The controller takes back that a finding of their practice is no error, and says why."""
        by = self.acting_for(by)
        by.must_control(practice)
        found = self._finding(finding_id, by)
        if found.practice != practice:
            raise UnknownThing(f"practice {practice} has no such finding")
        self._of_practice(
            practice,
            lambda known: settings_of.reopen_finding(
                known, finding=found.id, reason=reason, by=by.name
            ),
            by=by,
        )
        self.catch_up()
        return self.finding(finding_id, by=by)

    def adopt_thresholds(self, wanted: Thresholds, *, reason: str, by: Caller = OPERATOR) -> int:
        """From now on everybody is judged by these thresholds; the position from which they are."""
        by.must_be(Role.AUDITOR)
        self.ensure_open()

        def adopted(connection: Connection) -> int:
            _wait_for_turn(connection)
            known = of_the_ledger(connection)
            events = adopt(known, wanted, reason=reason, by=by.name)
            recorded_at = self._recorded_at(connection, None)
            draft = Draft.of(LEDGER, known[-1].version, events)
            return append(connection, draft.events, recorded_at=recorded_at).last

        position = self._trying(adopted)
        self.catch_up()
        return position

    def _must_have_left(self, connection: Connection, told: Told, now: datetime) -> None:
        """Refuse a release of the future; in a re-enactment it may be what comes next."""
        live = self._opened(connection).mode is Mode.LIVE
        if live and told.released_at is not None and told.released_at > now:
            raise NotAFact("the release is dated in the future: tell it once the data has left")

    def _ingest(
        self,
        connection: Connection,
        found: Found,
        delivery: str,
        *,
        by: Caller,
        scanning: ScanEngine = POLARS,
    ) -> DeliveryRecord:
        _wait_for_turn(connection)
        handed_in = by is not OPERATOR
        if handed_in:
            must_be_a_practices(found.format)
        earlier = decoded(
            read_streams(connection, [delivery_stream(delivery)])[delivery_stream(delivery)]
        )
        for kept in earlier:
            if isinstance(kept.event, DeliveryReceived):
                if handed_in:
                    must_write_for_all(connection, kept.event.practices, by=by)
                return delivery_again(found, delivery, kept.event, kept.position)
        contents = finding.read(found, LedgerMemory(connection), engine=scanning)
        if handed_in:
            contents = only_of_its_own(connection, contents, by=by)
        tally, position = take_in(
            connection,
            found,
            contents,
            delivery=delivery,
            key=hmac_key(connection),
            recorded_at=self._recorded_at(connection, found.dated),
            by=_sender(by),
            live=self._is_live(connection),
        )
        come_of_age(
            connection,
            self._today(connection),
            recorded_at=self._recorded_at(connection, found.dated),
        )
        # Appending locked the log: what is revoked now is revoked after this delivery.
        must_be_paired(connection, practices_named(contents), by=by)
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
            refused=[RefusedRowRecord(**row._asdict()) for row in tally.refused],
            state="accepted-in-part" if tally.refused else "accepted",
            left_out=tally.left_out,
            notes=list(contents.notes),
            position=position,
            rows_refused=len(tally.refused),
        )

    def _is_live(self, connection: Connection) -> bool:
        """Whether patients are real: said so by who runs it, and sealed so in position 1."""
        return self._live and self._opened(connection).mode is Mode.LIVE

    def _look_through(self, found: Sequence[Found], *, by: Caller) -> None:
        """Refuse a parcel in which any delivery speaks of somebody else's practice.

        Each is read as if those before it had been taken, and nothing is kept.
        """
        with self.engine.connect() as connection:
            memory = Remembering(LedgerMemory(connection))
            for one in found:
                must_be_a_practices(one.format)
                try:
                    contents = finding.read(one, memory)
                except DeliveryRefused:
                    # It says so for itself when its turn comes, and keeps no other from its own.
                    continue
                read_through(only_of_its_own(connection, contents, by=by))
                memory.remember(contents.references)

    def _end_parcel(self, parcel: str, event: ParcelTaken | ParcelRefused) -> None:
        def end(connection: Connection) -> None:
            stream = parcel_stream(parcel)
            _wait_for_turn(connection)
            if not stream_version(connection, stream):
                recorded_at = self._recorded_at(connection, None)
                append(connection, Draft.of(stream, 0, [event]).events, recorded_at=recorded_at)

        self._trying(end)

    def _note_refusal(
        self,
        connection: Connection,
        found: Found,
        delivery: str,
        refused: DeliveryRefusedEvent,
        *,
        by: Caller,
    ) -> int | None:
        # Or else a delivery of a later day might come between its date and its place in the log.
        _wait_for_turn(connection)
        stream = delivery_stream(delivery)
        earlier = decoded(read_streams(connection, [stream])[stream])
        if any(kept.event == refused for kept in earlier):
            return earlier[-1].position
        version = earlier[-1].version if earlier else 0
        recorded_at = self._recorded_at(connection, found.dated)
        draft = Draft()
        # Nobody but the operator may bring a collection.
        if by is OPERATOR:
            draft = unconfirmed_members(connection, found, delivery=delivery, by=refused.by)
        draft.add(stream, version, [refused])
        positions = import_events(connection, draft.events, recorded_at=recorded_at)
        return None if positions is None else positions.last

    def _of_practice(
        self,
        practice: str,
        decide: Callable[[settings_of.Practice], list[Event]],
        *,
        by: Caller,
    ) -> int | None:
        return self._of_stream(practice_stream(practice), decide, provided=_paired(practice, by=by))

    def _of_stream(
        self,
        stream: str,
        decide: Callable[[settings_of.Practice], list[Event]],
        *,
        provided: Callable[[Connection], None] | None = None,
    ) -> int | None:
        self.ensure_open()

        def change(connection: Connection) -> Draft:
            known = settings_of.fold(decoded(read_streams(connection, [stream])[stream]))
            return Draft.of(stream, known.version, decide(known))

        return self._decided(change, provided=provided)

    def _decided(
        self,
        decide: Callable[[Connection], Draft],
        *,
        provided: Callable[[Connection], None] | None,
    ) -> int | None:
        """Decide on what is known and append; the last position, None if nothing was new.

        Where many callers write at once, their events are committed together (`together`): the
        decision is then a transaction of its own, and the stream's version says if it is stale.
        What `provided` asks for has to hold in the transaction that appends.
        """

        def decided(connection: Connection) -> Draft:
            if provided is not None:
                provided(connection)
            return decide(connection)

        def appended(connection: Connection) -> int | None:
            last = _appended(connection, decided(connection))
            if provided is not None:
                provided(connection)
            return last

        if self._together is None:
            return self._trying(appended)
        for _ in range(_TRIES):
            with self.engine.begin() as connection:
                draft = decided(connection)
            if not draft.events:
                return None
            try:
                return self._together.append(draft.events, provided=provided).last
            except VersionConflict:
                continue
        raise _outrun()

    def _trying(self, command: Callable[[Connection], T]) -> T:
        """Run a command in a transaction; again, thrice at most, if a stream grew meanwhile."""
        for _ in range(_TRIES):
            try:
                with self.engine.begin() as connection:
                    return command(connection)
            except VersionConflict:
                continue
        raise _outrun()


def _open(
    connection: Connection, name: str, *, mode: Mode = Mode.LIVE, as_of: date | None = None
) -> None:
    hmac_key(connection)
    opening = LedgerOpened(name=name, mode=mode, as_of=as_of, by=OPERATOR.name)
    begins = None if as_of is None else datetime.combine(as_of, time(), UTC)
    append(connection, Draft.of(LEDGER, 0, [opening]).events, recorded_at=begins)


def _wait_for_turn(connection: Connection) -> None:
    connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": _TAKING_IN_LOCK})


def _appended(connection: Connection, draft: Draft) -> int | None:
    return append(connection, draft.events).last if draft.events else None


def _paired(practice: str, *, by: Caller) -> Callable[[Connection], None] | None:
    """What has to hold for `by` to write for the practice; None of a controller: nothing more."""
    if by.role is not Role.SYSTEM:
        return None
    return lambda connection: must_be_paired(connection, [practice], by=by)


def _system(by: Caller) -> str | None:
    return by.name if by.role is Role.SYSTEM else None


def _sender(by: Caller) -> str:
    """What the events of a delivery bear: whoever handed it in, or that it was delivered."""
    return BY if by is OPERATOR else by.name


def _outrun() -> Conflict:
    return Conflict(f"others changed the same record {_TRIES} times running: try again")
