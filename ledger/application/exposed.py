"""What was released, and who was released while objecting? And who stood untransmitted?"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger import projector
from ledger.application.looking import Looking
from ledger.application.records import (
    AccountRecord,
    ExposedRecord,
    ExposureCountRecord,
    ExposureRecord,
    RefusedRowRecord,
    ReleaseRecord,
    UntransmittedRecord,
    WindowRecord,
)
from ledger.application.standpoint import Known
from ledger.domain import objections
from ledger.domain.accounts import ACCOUNTS, WINDOW_BEGINS, WINDOW_ENDS
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.clinical_systems import clinical_system
from ledger.domain.events import ObjectionTransmitted
from ledger.domain.exposure import Exposed, exposure, objected
from ledger.domain.known import KnownPatient
from ledger.domain.looks import Shown
from ledger.domain.policies import policy_on
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAFact, NotAllowed, UnknownThing
from ledger.domain.releases import Release
from ledger.domain.rule import CollectionTaken, PatientHistory
from ledger.domain.streams import patient_stream
from ledger.domain.survivors import merged
from ledger.projections import releases as release_lines
from ledger.projections.deliveries import rows_refused
from ledger.projections.findings import FINDINGS, dissenters_in
from ledger.projections.statements import known_patients
from ledger.projections.transmission import (
    TRANSMISSION,
    Window,
    collections_known,
    untransmitted,
    untransmitted_entered,
)
from ledger.store.bulk import chunks
from ledger.store.cohorts import cohort_of
from ledger.store.identities import numbers_of
from ledger.store.keys import hmac_key
from ledger.store.log import position_at, read_streams
from ledger.store.projection import decoded
from ledger.store.supersessions import survivors

# More releases than anybody made in a window.
_ALL = 100_000
_ROWS_SHOWN = 1_000


class _Person(NamedTuple):
    patient: UUID
    exposed: Exposed


class ReleaseQuestions(Looking):
    """For auditors; an extract service sees what it told of itself, and no patient."""

    def releases(
        self, *, limit: int = 50, offset: int = 0, by: Caller = OPERATOR
    ) -> list[ReleaseRecord]:
        """The releases, what left last first."""
        with self.engine.connect() as connection:
            lines = release_lines.listed(
                connection, told_by=_told_by(by), limit=limit, offset=offset
            )
        return [_record(line) for line in lines]

    def counted_releases(self, *, by: Caller = OPERATOR) -> int:
        """How many releases there are to see."""
        with self.engine.connect() as connection:
            return release_lines.counted(connection, told_by=_told_by(by))

    def released(self, release: UUID, *, by: Caller = OPERATOR) -> ReleaseRecord:
        """One release, with the first of the rows of its list that are no NHS number."""
        with self.engine.connect() as connection:
            line = _line(connection, release, by=by)
            refused = rows_refused(connection, str(release), limit=_ROWS_SHOWN)
        return _record(line, [RefusedRowRecord(**row._asdict()) for row in refused])

    def exposure(
        self,
        release: UUID,
        *,
        entered_from: date | None = None,
        entered_to: date | None = None,
        by: Caller = OPERATOR,
    ) -> ExposureRecord:
        """Who was released while objecting: all, or those whose objection was entered between two
        days. Patients are named to an auditor alone.
        """
        if entered_from and entered_to and entered_from > entered_to:
            raise NotAFact(f"expected a first day before the last, found {entered_from} first")
        with self.engine.connect() as connection:
            line = _line(connection, release, by=by)
            key = hmac_key(connection)
            kept = cohort_of(connection, release, key=key)
            point = self._exposures_reach(connection)
            members = dissenters_in(connection, release, line.purpose)
            people = [
                person
                for person in _exposed(connection, line.release, members, point)
                if _entered_between(person, entered_from, entered_to)
            ]
            named = None
            if by.role is Role.AUDITOR:
                numbers = numbers_of(connection, {person.patient for person in people})
                named = [_exposed_record(p, numbers.get(p.patient)) for p in people]
        if named is not None:
            seen = {p.patient: [one.practice] for p, one in zip(people, named, strict=True)}
            self.keep_look(Shown.EXPOSURE, seen, at=point.position, by=by)
        return ExposureRecord(
            release=_record(line),
            cohort_holds=(kept.members, kept.digest) == (line.members, line.cohort),
            entered_from=entered_from,
            entered_to=entered_to,
            exposed=len(people),
            counts=_counts(people),
            patients=named,
            position=point.position,
            known_at=point.time,
            policy=policy_on(line.release.day).name,
        )

    def window(
        self,
        *,
        begin: date = WINDOW_BEGINS,
        end: date = WINDOW_ENDS,
        supplier: str | None = None,
        by: Caller = OPERATOR,
    ) -> WindowRecord:
        """Whose type 2 some collection of a window should have carried and did not, beside what
        was published of it. By default the window of the TPP type 2 issue.
        """
        by.must_be(Role.AUDITOR)
        if begin > end:
            raise NotAFact(f"expected a first day before the last, found {begin} to {end}")
        system = None if supplier is None else clinical_system(supplier)
        name = supplier if system is None else system.supplier.value
        window = Window(begin, end, name)
        with self.engine.connect() as connection:
            left = [
                (line.id, line.release.day)
                for line in release_lines.listed(connection, limit=_ALL)
                if line.purpose is Purpose.TYPE_2 and begin <= line.release.day <= end
            ]
            rows = untransmitted(connection, window, releases=left)
            accounts = [
                AccountRecord(
                    claim=account.claim,
                    entered_from=account.begin,
                    entered_to=account.until,
                    sources=account.sources,
                    patients=untransmitted_entered(
                        connection, window, begin=account.begin, end=account.until
                    ),
                )
                for account in ACCOUNTS
            ]
            point = self._known(connection, projector.position_of(connection, TRANSMISSION))
        return WindowRecord(
            window_from=begin,
            window_to=end,
            supplier=name,
            untransmitted=[UntransmittedRecord(**row._asdict()) for row in rows],
            accounts=accounts,
            position=point.position,
            known_at=point.time,
            policy=policy_on(end).name,
        )

    def _exposures_reach(self, connection: Connection) -> Known:
        """Up to where an exposure is known: how far the tables have come that say who dissented."""
        return self._known(connection, projector.position_of(connection, FINDINGS))


def _told_by(by: Caller) -> str | None:
    """Whose releases a caller sees; None: everybody's."""
    by.must_be(Role.AUDITOR, Role.EXTRACT)
    return by.name if by.role is Role.EXTRACT else None


def _line(connection: Connection, release: UUID, *, by: Caller) -> release_lines.ReleaseLine:
    told_by = _told_by(by)
    line = release_lines.release(connection, release)
    if line is None:
        raise UnknownThing("there is no such release")
    if told_by not in (None, line.by):
        raise NotAllowed("the release is another service's")
    return line


def _exposed(
    connection: Connection, release: Release, members: Sequence[UUID], point: Known
) -> Iterator[_Person]:
    """Whoever of these members objected when the data left, in the order of their random ids."""
    # What the ledger knew when it left: of a release told later that is an earlier position.
    then = min(position_at(connection, release.released_at), release.position - 1)
    taken = collections_known(connection)
    for some in chunks(members):
        now_known = known_patients(connection, some, known_at=point.position)
        then_known = known_patients(connection, some, known_at=then)
        sent = _transmissions(connection, some, upto=point.position)
        for patient in some:
            known = any(
                objected(_history(one, (), taken, release), release) for one in then_known[patient]
            )
            for one in now_known[patient]:
                history = _history(one, sent[patient], taken, release)
                exposed = exposure(history, release, known=known)
                if exposed is not None:
                    yield _Person(patient, exposed)
                    break


def _history(
    known: KnownPatient,
    sent: tuple[objections.Transmission, ...],
    taken: Sequence[CollectionTaken],
    release: Release,
) -> PatientHistory:
    return PatientHistory(
        objections=replace(known.objections, transmissions=sent),
        collections=taken,
        delivering={},
        today=release.day,
        dismissals=known.dismissals,
    )


def _transmissions(
    connection: Connection, patients: Sequence[UUID], *, upto: int
) -> dict[UUID, tuple[objections.Transmission, ...]]:
    """The collections that carried each patient, under whichever of their numbers."""
    known = survivors(connection, patients, upto=upto)
    numbers = {p: known.borne_by(p) | known.bearing_on(p) for p in patients}
    streams = [patient_stream(q) for q in {q for of in numbers.values() for q in of}]
    topics = (ObjectionTransmitted.TOPIC,)
    read = read_streams(connection, streams, upto=upto, topics=topics)
    return {
        patient: objections.fold(merged(decoded(read[patient_stream(q)]) for q in of)).transmissions
        for patient, of in numbers.items()
    }


def _entered_between(person: _Person, begin: date | None, end: date | None) -> bool:
    day = person.exposed.objected.because.entry.entered_on
    return (begin is None or begin <= day) and (end is None or day <= end)


def _counts(people: Iterable[_Person]) -> list[ExposureCountRecord]:
    counted = Counter(
        (
            person.exposed.failure.value,
            person.exposed.objected.because.entry.event.clinical_system.supplier.value,
            person.exposed.known,
        )
        for person in people
    )
    return [
        ExposureCountRecord(failure=failure, supplier=supplier, known=known, patients=patients)
        for (failure, supplier, known), patients in sorted(counted.items())
    ]


def _exposed_record(person: _Person, number: str | None) -> ExposedRecord:
    held, entry = person.exposed.objected, person.exposed.objected.because.entry
    return ExposedRecord(
        nhs_number=number,
        practice=entry.event.practice,
        supplier=entry.event.clinical_system.supplier.value,
        since=held.since,
        until=held.until,
        entered_on=entry.entered_on,
        known_at=entry.recorded_at,
        known=person.exposed.known,
        failure=person.exposed.failure.value,
        rule=held.because.rule,
        position=entry.position,
    )


def _record(
    line: release_lines.ReleaseLine, refused: Sequence[RefusedRowRecord] = ()
) -> ReleaseRecord:
    return ReleaseRecord(
        id=str(line.id),
        recipient=line.recipient,
        purpose=line.purpose.value,
        released_at=line.released_at,
        receipt=line.receipt,
        relied_on=list(line.relied_on),
        max_age=line.max_age_days,
        members=line.members,
        refused=list(refused),
        rows_refused=line.refused,
        by=line.by,
        recorded_at=line.recorded_at,
        position=line.position,
    )
