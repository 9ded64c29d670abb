"""Taking in one delivery: what it says becomes events, all of them or none, in one transaction.

The same delivery twice adds nothing; a row that says the same adds nothing; a changed row names
the one it replaces; an entry without a usable NHS number waits. The event that closes the delivery
is its last, so whoever follows the log knows when it is whole.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from ledger.application.taking import BY, Tally
from ledger.application.taking_entries import TakingEntries
from ledger.domain import objections, practices
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.deliveries import remarks
from ledger.domain.entries import (
    Conversion,
    Member,
    RecordAnswer,
    RefusedRow,
    SettingChange,
    Withholding,
)
from ledger.domain.events import (
    CodeMapDisagreed,
    CodeMapSettled,
    CollectionReceived,
    DeliveryReceived,
    Event,
    ObjectionConverted,
    ObjectionTransmitted,
    PatientCount,
)
from ledger.domain.identifiers import without_nhs_numbers
from ledger.domain.refusals import NotAFact
from ledger.domain.streams import (
    collection_stream,
    delivery_stream,
    patient_stream,
    practice_stream,
)
from ledger.readers.delivery import CollectionRead, Contents, Found
from ledger.store.bulk import chunks
from ledger.store.identities import find_patients, patient_ids
from ledger.store.log import stream_version, stream_versions
from ledger.store.references import PUBLISHES, keep_references


def take_in(
    connection: Connection,
    found: Found,
    contents: Contents,
    *,
    delivery: str,
    key: bytes,
    recorded_at: datetime | None,
    by: str = BY,
    live: bool = False,
) -> tuple[Tally, int]:
    """Keep what the delivery says; returns what it came to and the position of its last event."""
    taking = _Taking(connection, found, contents, delivery, key, by, live)
    taking.everything()
    return taking.tally, taking.keep(recorded_at)


@dataclass(slots=True)
class _Taking(TakingEntries):
    """One delivery on its way into the log: what it says, in the order a reader should meet it."""

    def everything(self) -> None:
        """Everything the delivery says, in the order a reader of the log should meet it."""
        self.tally.refused += self.contents.refused
        # An earlier attempt at this delivery may have been refused.
        self.attempts = stream_version(self.connection, delivery_stream(self.delivery))
        self._references()
        self._practices()
        told_of = self._links()
        told_of |= self._registrations()
        self._entries(told_of)
        if self.contents.collection is not None:
            self._collection(self.contents.collection)
        self._conversions(self.contents.conversions)
        self._withheld(self.contents.withheld)
        self._answered(self.contents.answered)
        self._code_maps()
        self._close()

    # --- what the delivery tells of practices

    def _references(self) -> None:
        by_kind: defaultdict[tuple[ClinicalSystem, str, str], dict[str, str]] = defaultdict(dict)
        for reference in self.contents.references:
            kind = (reference.clinical_system, reference.scope, reference.kind)
            by_kind[kind][reference.key] = reference.value
        for (system, scope, kind_), values in by_kind.items():
            keep_references(self.connection, system, scope, kind_, values)
        # Whose an agreement is: nobody else may then change what its rows are understood by.
        publishing = dict.fromkeys(self.contents.practices, "")
        for system, scope in {(system, scope) for system, scope, _ in by_kind}:
            if scope not in publishing:
                keep_references(self.connection, system, scope, PUBLISHES, publishing)

    def _practices(self) -> None:
        system = self.contents.clinical_system
        settings = defaultdict(list)
        for change in self.contents.settings:
            settings[change.practice].append(change)
        agreements = {change.practice: change for change in self.contents.agreements}
        codes = {*settings, *agreements, *(self.contents.practices if system else ())}
        histories = self._read([practice_stream(code) for code in sorted(codes)])
        for code in sorted(codes):
            practice = practices.fold(histories[practice_stream(code)])
            version = practice.version
            events: list[Event] = []
            if system is not None and code in self.contents.practices:
                since = self.contents.period_start or self.contents.period_end
                day = None if since is None else objections.practice_day(since)
                events += practices.use_system(
                    practice, system, since=day, by=self.by, delivery=self.delivery
                )
            if code in agreements:
                events += practices.change_agreement(
                    practice, agreements[code], by=self.by, delivery=self.delivery
                )
            for change in settings[code]:
                try:
                    events += practices.change_setting(
                        practice, change, by=self._changed_by(change), delivery=self.delivery
                    )
                except NotAFact as refusal:
                    file, _, row = change.source.rpartition(":")
                    self.tally.refused.append(RefusedRow(file, int(row), "Value", str(refusal)))
            self.draft.add(practice_stream(code), version, events)

    # --- collections and conversions

    def _collection(self, read: CollectionRead) -> None:
        ids = patient_ids(self.connection, {member.nhs_number for member in read.members})
        again = stream_version(self.connection, collection_stream(read.collection)) > 0
        for members in chunks(read.members):
            streams = [patient_stream(ids[member.nhs_number]) for member in members]
            versions = stream_versions(self.connection, streams)
            carried = self._carried(streams, read.collection) if again else set()
            for member in dict.fromkeys(members):
                stream = patient_stream(ids[member.nhs_number])
                event = _transmitted(read, member, by=self.by, delivery=self.delivery)
                told = (stream, event.practice, event.code)
                if told in carried:
                    self.tally.unchanged += 1
                    continue
                carried.add(told)
                self.tally.entries_kept += 1
                self._add(stream, versions.get(stream, 0), [event])
        received = CollectionReceived(
            collection=read.collection,
            period_end=read.period_end,
            practices=tuple(sorted(set(read.practices))),
            suppliers=tuple(sorted(set(read.suppliers))),
            members=len({member.nhs_number for member in read.members}),
            by=self.by,
            delivery=self.delivery,
        )
        stream = collection_stream(read.collection)
        self._add(stream, stream_version(self.connection, stream), [received])

    def _carried(self, streams: Collection[str], collection: str) -> set[tuple[str, str, str]]:
        return {
            (kept.stream, kept.event.practice, kept.event.code)
            for kept_events in self._read(set(streams)).values()
            for kept in kept_events
            if isinstance(kept.event, ObjectionTransmitted) and kept.event.collection == collection
        }

    def _conversions(self, conversions: Sequence[Conversion]) -> None:
        ids = patient_ids(self.connection, {c.nhs_number for c in conversions})
        for rows in chunks(dict.fromkeys(conversions)):
            streams = self._read({patient_stream(ids[c.nhs_number]) for c in rows})
            for conversion in rows:
                stream = patient_stream(ids[conversion.nhs_number])
                history = objections.fold(streams[stream])
                if any(c.converted_on == conversion.converted_on for c in history.conversions):
                    self.tally.unchanged += 1
                    continue
                self.tally.entries_kept += 1
                event = ObjectionConverted(
                    converted_on=conversion.converted_on,
                    source=conversion.conversion_source,
                    by=self.by,
                    delivery=self.delivery,
                )
                self._add(stream, history.version, [event])

    # --- records withheld, and sent after all

    def _withheld(self, withheld: Sequence[Withholding]) -> None:
        ids = patient_ids(self.connection, {w.nhs_number for w in withheld})
        # Said twice in one file it is one fact.
        facts = {(w.practice, w.nhs_number, w.asked_at): w for w in withheld}
        for rows in chunks(facts.values()):
            streams = self._read({patient_stream(ids[w.nhs_number]) for w in rows})
            for withholding in rows:
                stream = patient_stream(ids[withholding.nhs_number])
                history = objections.fold(streams[stream])
                events = objections.withhold(
                    history, withholding, by=self.by, delivery=self.delivery
                )
                self.tally.entries_kept += len(events)
                self.tally.unchanged += not events
                self._add(stream, history.version, events)
        self.tally.unchanged += len(withheld) - len(facts)

    def _answered(self, answered: Sequence[RecordAnswer]) -> None:
        ids = find_patients(self.connection, {given.nhs_number for given in answered})
        streams = self._read([patient_stream(patient) for patient in ids.values()])
        for given in answered:
            if (patient := ids.get(given.nhs_number)) is not None:
                stream = patient_stream(patient)
                history = objections.fold(streams[stream])
                events = objections.answer(history, given, by=self.by, delivery=self.delivery)
                self._add(stream, history.version, events)

    def _code_maps(self) -> None:
        system = self.contents.clinical_system
        for line in self.contents.code_maps:
            assert system is not None, "a code map is a clinical system's"
            told = {
                "clinical_system": system,
                "feed": line.feed,
                "table": line.table,
                "row_id": line.row_id,
                "source": line.source,
                "by": self.by,
                "delivery": self.delivery,
            }
            event: Event = CodeMapSettled.model_validate(told)
            if line.mapped is not None and line.ours is not None:
                ours = {f"our_{name}": value for name, value in line.ours._asdict().items()}
                event = CodeMapDisagreed.model_validate({**told, **line.mapped._asdict(), **ours})
            self._add(delivery_stream(self.delivery), self.attempts, [event])

    def _close(self) -> None:
        contents, tally = self.contents, self.tally
        event = DeliveryReceived(
            format=contents.format,
            path=without_nhs_numbers(self.found.path.name),
            dated=self.found.dated,
            practices=tuple(sorted(set(contents.practices))),
            clinical_system=contents.clinical_system,
            period_start=contents.period_start,
            period_end=contents.period_end,
            rows_read=contents.rows_read,
            entries_kept=tally.entries_kept,
            unchanged=tally.unchanged,
            removed=tally.removed,
            unmatched=tally.unmatched,
            left_out=tally.left_out,
            refused=len(tally.refused),
            bulk=tuple(sorted(contents.bulk)) or None,
            patients=tuple(
                PatientCount(practice=practice, patients=count)
                for practice, count in sorted(contents.patients.items())
            )
            or None,
            by=self.by,
            delivery=self.delivery,
        )
        told = remarks(tally.refused, contents.notes, by=self.by, delivery=self.delivery)
        self._add(delivery_stream(self.delivery), self.attempts, [*told, event])

    def _changed_by(self, change: SettingChange) -> str:
        """Who the file says it was; of a file that was handed in, whoever answers for it."""
        return change.changed_by or BY if self.by == BY else self.by


def _transmitted(
    read: CollectionRead, member: Member, *, by: str, delivery: str
) -> ObjectionTransmitted:
    return ObjectionTransmitted(
        collection=read.collection,
        period_end=read.period_end,
        supplier=member.supplier,
        practice=member.practice,
        code_system=member.code_system,
        code=member.code,
        effective_on=member.effective_on,
        by=by,
        delivery=delivery,
    )
