"""Facts for tests, each with an article and sensible defaults; what matters is said by keyword."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from ledger.domain import held, objections, practices, releases
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CODES, REFUSALS, CodeSystem
from ledger.domain.entries import Precision, Route, Setting, WhyWithheld
from ledger.domain.events import (
    ActionTaken,
    AgreementChanged,
    CollectionReceived,
    DeliveryReceived,
    Deregistered,
    Died,
    EntryRecorded,
    EntryRemoved,
    EntryUnmatched,
    Event,
    ExtractReleased,
    FindingDismissed,
    FindingReopened,
    Kept,
    NeighbourRecorded,
    NumberSuperseded,
    ObjectionConverted,
    ObjectionTransmitted,
    OrganisationListed,
    OrganisationUnlisted,
    PatientCount,
    PracticeClosed,
    PracticeListed,
    RecordAnswered,
    RecordWithheld,
    Registered,
    ShareInCreated,
    ShareInEnded,
    SharingSettingChanged,
    Succession,
    SystemChanged,
    TransmissionUnconfirmed,
    TurnedThirteen,
    Unusable,
)
from ledger.domain.objections import PRACTICE_CLOCK, practice_day
from ledger.domain.policies import DISMISSIBLE, say
from ledger.domain.practice_facts import InRegister, bulks_told_by, edit_told_by, heard_by
from ledger.domain.purposes import Neighbour, Purpose, Statement
from ledger.domain.recording_errors import by_code
from ledger.domain.releases import Release
from ledger.domain.rule import (
    Closing,
    Collected,
    CollectionTaken,
    DoubtfulEntry,
    EnteredOn,
    FromPractice,
    PatientHistory,
    PracticeHistory,
    ReleaseHistory,
    Reliance,
    UnmatchedEntry,
)
from ledger.domain.streams import (
    collection_stream,
    delivery_stream,
    patient_of,
    patient_stream,
    practice_of,
    practice_stream,
    release_of,
    release_stream,
)
from ledger.domain.survivors import Supersession, Survivors

PRACTICE = "X99901"
PATIENT = UUID("00000000-0000-4000-8000-000000000001")
BY = "a test"
REGISTER = "register"
FIRST_DAY = date(2014, 1, 1)


def at_ten(day: date) -> datetime:
    """Ten in the morning at the practice."""
    return datetime.combine(day, time(10), PRACTICE_CLOCK).astimezone(UTC)


def a_code(
    purpose: Purpose, statement: Statement, code_system: CodeSystem = CodeSystem.CTV3
) -> str:
    """The exact code of a statement in one vocabulary."""
    return next(
        code.code
        for code in CODES
        if (code.purpose, code.statement, code.system) == (purpose, statement, code_system)
    )


def _stated(statement: Statement, **told: Any) -> dict[str, Any]:
    """The fields of an entry, with defaults for what was not told."""
    purpose = told.setdefault("purpose", Purpose.TYPE_1)
    code_system = told.setdefault("code_system", CodeSystem.CTV3)
    told.setdefault("code", a_code(purpose, statement, code_system))
    effective_on = told.setdefault("effective_on", date(2017, 3, 1))
    dated = Precision.DAY if effective_on is not None else Precision.MISSING
    told.setdefault("effective_precision", dated)
    told.setdefault("entered_at", at_ten(effective_on or date(2017, 3, 1)))
    told.setdefault("practice", PRACTICE)
    told.setdefault("clinical_system", ClinicalSystem.SYSTMONE)
    told.setdefault("entry_id", "1")
    told.setdefault("route", Route.DELIVERY)
    told.setdefault("content_hash", "0" * 64)
    told.setdefault("by", BY)
    return {"statement": statement, **told}


def an_entry(statement: Statement, **told: Any) -> EntryRecorded:
    """An entry a practice recorded."""
    return EntryRecorded(**_stated(statement, **told))


def a_dissent(**told: Any) -> EntryRecorded:
    """A dissent, of type 1 where nothing else is said."""
    return an_entry(Statement.DISSENT, **told)


def a_withdrawal(**told: Any) -> EntryRecorded:
    """A withdrawal, of type 1 where nothing else is said."""
    return an_entry(Statement.WITHDRAWAL, **told)


def a_neighbour(about: Neighbour, **told: Any) -> NeighbourRecorded:
    """A refusal of something close to our purposes, in CTV3."""
    codes = (r.code for r in REFUSALS if (r.about, r.system) == (about, CodeSystem.CTV3))
    fields = _stated(Statement.DISSENT, **{"code": next(codes), **told})
    return NeighbourRecorded(
        about=about, **{name: fields[name] for name in fields if name not in _OF_AN_OBJECTION}
    )


_OF_AN_OBJECTION = ("purpose", "statement")


def an_unmatched_entry(
    statement: Statement = Statement.DISSENT, *, why: Unusable = Unusable.MISSING, **told: Any
) -> EntryUnmatched:
    """An entry that came with no usable NHS number."""
    return EntryUnmatched(why=why, **_stated(statement, **told))


def a_removal(
    entry: EntryRecorded | NeighbourRecorded,
    *,
    removes: int,
    delivery: str | None = None,
    source: str = "",
) -> EntryRemoved:
    """The practice deleted that entry, which was kept at position `removes`."""
    return EntryRemoved(
        practice=entry.practice,
        clinical_system=entry.clinical_system,
        entry_id=entry.entry_id,
        removes=removes,
        source=source,
        by=BY,
        delivery=delivery,
    )


def a_registration(
    registered_on: date,
    *,
    practice: str = PRACTICE,
    clinical_system: ClinicalSystem = ClinicalSystem.SYSTMONE,
) -> Registered:
    """The patient registered at a practice."""
    return Registered(
        practice=practice,
        clinical_system=clinical_system,
        registered_on=registered_on,
        by=BY,
    )


def a_deregistration(deregistered_on: date, *, practice: str = PRACTICE) -> Deregistered:
    """The patient left a practice."""
    return Deregistered(
        practice=practice,
        clinical_system=ClinicalSystem.SYSTMONE,
        deregistered_on=deregistered_on,
        by=BY,
    )


def a_death(died_on: date, *, practice: str = PRACTICE) -> Died:
    """The patient died, as the practice says."""
    return Died(practice=practice, died_on=died_on, by=BY)


def a_new_number(
    patient: UUID, *, practice: str = PRACTICE, still_borne: Sequence[str] = ()
) -> NumberSuperseded:
    """A practice's system gave its patient the number of `patient`."""
    borne = tuple(still_borne) or None
    return NumberSuperseded(superseded_by=str(patient), practice=practice, still_borne=borne, by=BY)


def a_thirteenth_birthday() -> TurnedThirteen:
    """The patient has turned thirteen."""
    return TurnedThirteen(by=BY)


def a_listing(*, status: str = "active", gp_practice: bool = True) -> PracticeListed:
    """The practice stands in the register."""
    return PracticeListed(name="A SURGERY", status=status, gp_practice=gp_practice, by=BY)


def a_closing(closed_on: date, *successors: str) -> PracticeClosed:
    """The practice closed, and others have its patients."""
    told = tuple(Succession(practice=code, since=closed_on) for code in successors)
    return PracticeClosed(closed_on=closed_on, successors=told, by=BY)


def a_refusal(asked_at: datetime, *, practice: str = PRACTICE) -> RecordWithheld:
    """A practice was asked for the patient's record and refused it."""
    return RecordWithheld(
        practice=practice, asked_at=asked_at, answer=WhyWithheld.NO_PATIENT_CONSENT, by=BY
    )


def an_answer(answered_at: datetime, *, practice: str = PRACTICE) -> RecordAnswered:
    """A practice that had refused the patient's record sent it after all."""
    return RecordAnswered(practice=practice, answered_at=answered_at, by=BY)


def a_collection(period_end: date, *, practices: Iterable[str] = (PRACTICE,)) -> CollectionReceived:
    """What reached NHS Digital by the period end, named after it."""
    return CollectionReceived(
        collection=period_end.isoformat(),
        period_end=period_end,
        practices=tuple(practices),
        suppliers=("TPP",),
        members=1,
        by=BY,
    )


def a_transmission(period_end: date, *, practice: str = PRACTICE) -> ObjectionTransmitted:
    """The patient stood in the collection of that period end."""
    return ObjectionTransmitted(
        collection=period_end.isoformat(),
        period_end=period_end,
        supplier="TPP",
        practice=practice,
        code_system=CodeSystem.CTV3,
        code=a_code(Purpose.TYPE_2, Statement.DISSENT),
        by=BY,
    )


def a_conversion(converted_on: date) -> ObjectionConverted:
    """The patient's type 2 became a national data opt-out."""
    return ObjectionConverted(converted_on=converted_on, source="MG", by=BY)


def a_refused_batch(
    *, practice: str | None = PRACTICE, collection: str | None = None
) -> TransmissionUnconfirmed:
    """The patient stood in a collection that was refused as a whole."""
    return TransmissionUnconfirmed(practice=practice, collection=collection, by=BY)


def a_delivery(dated: date, *, practice: str = PRACTICE) -> DeliveryReceived:
    """The practice's system sent something, on that day."""
    counts = dict.fromkeys(
        ("rows_read", "entries_kept", "unchanged", "removed", "unmatched", "left_out", "refused"), 0
    )
    return DeliveryReceived(
        format="systmone-sre",
        path="",
        dated=at_ten(dated),
        practices=(practice,),
        clinical_system=ClinicalSystem.SYSTMONE,
        by=BY,
        **counts,
    )


# What stands in place of a cohort's digest: whether the patient of the test was in the release.
THEIRS, OTHERS = "the patient's", "others'"


def a_release(released_at: datetime, **told: Any) -> ExtractReleased:
    """Data left for a recipient, the patient's among it where nothing else is said."""
    defaults = {"recipient": "Harbour Institute", "purpose": Purpose.TYPE_2, "cohort": THEIRS}
    counts = {"members": 1, "refused": 0, "relied_on": (), "by": BY}
    return ExtractReleased(released_at=released_at, **{**defaults, **counts, **told})


def a_release_id(recipient: str) -> UUID:
    """The id of the release to that recipient: in a test each has its own."""
    return uuid5(NAMESPACE_OID, recipient)


def a_bulk(
    dated: date,
    *,
    practice: str = PRACTICE,
    clinical_system: ClinicalSystem = ClinicalSystem.SYSTMONE,
    entries: bool = True,
    patients: int | None = None,
) -> DeliveryReceived:
    """The practice's system sent everything, on that day."""
    counted = () if patients is None else (PatientCount(practice=practice, patients=patients),)
    return a_delivery(dated, practice=practice).model_copy(
        update={
            "clinical_system": clinical_system,
            "bulk": (practice,) if entries else None,
            "patients": counted or None,
        }
    )


def a_register(dated: date, *, complete: bool = True) -> DeliveryReceived:
    """A register was imported; every organisation of these tests stands in it by its delivery."""
    return a_delivery(dated).model_copy(
        update={
            "format": "practice-register",
            "practices": (),
            "clinical_system": None,
            "complete": complete or None,
            "delivery": REGISTER,
        }
    )


def a_line_of_the_register(status: str = "active") -> PracticeListed:
    """An organisation stands in the register."""
    return PracticeListed(
        name="AN ORGANISATION", status=status, gp_practice=False, by=BY, delivery=REGISTER
    )


def a_change_of_a_list(
    setting: Setting, value: str, organisation: str, changed_at: datetime
) -> OrganisationListed | OrganisationUnlisted:
    """An organisation was put on a list or taken off it."""
    kind = OrganisationListed if value == "add" else OrganisationUnlisted
    return kind(setting=setting, organisation=organisation, changed_at=changed_at, by=BY)


def a_share_in(
    value: str, organisation: str, changed_at: datetime, *, reason_given: bool | None = None
) -> ShareInCreated | ShareInEnded:
    """An organisation created a share-in, or it ended."""
    if value == "ended":
        return ShareInEnded(organisation=organisation, changed_at=changed_at, by=BY)
    return ShareInCreated(
        organisation=organisation,
        verified=value == "verified",
        overridden=value == "overridden",
        reason_given=reason_given,
        changed_at=changed_at,
        by=BY,
    )


def a_review(rule: str) -> ActionTaken:
    """The practice did what the findings of that rule ask for."""
    return ActionTaken(action=rule, note="looked at", by=BY)


def a_setting(setting: Setting, value: str, changed_at: datetime) -> SharingSettingChanged:
    """A practice set a sharing setting."""
    return SharingSettingChanged(setting=setting, value=value, changed_at=changed_at, by=BY)


def an_agreement(*, disabled: bool, modified_at: datetime | None = None) -> AgreementChanged:
    """The state of the EMIS sharing agreement."""
    return AgreementChanged(
        activated=True, disabled=disabled, deleted=False, modified_at=modified_at, by=BY
    )


def a_system(clinical_system: ClinicalSystem, *, since: date | None = None) -> SystemChanged:
    """The practice began to use a clinical system."""
    return SystemChanged(clinical_system=clinical_system, since=since, by=BY)


def a_dismissal(rule: str, *entries: int) -> FindingDismissed:
    """The controller dismissed what `rule` said of these entries."""
    return FindingDismissed(
        finding="", rule=rule, entries=entries, reason="entered in error", by=BY
    )


def a_reopening(rule: str, *entries: int) -> FindingReopened:
    """The controller took back that what `rule` said of these entries was no error."""
    return FindingReopened(
        finding="", rule=rule, entries=entries, reason="it was one after all", by=BY
    )


def kept(
    *events: Event
    | tuple[Event, datetime]
    | tuple[Event, datetime, str]
    | tuple[Event, datetime, str, UUID],
    patient: UUID = PATIENT,
    practice: str = PRACTICE,
) -> list[Kept]:
    """The events in the order the ledger learnt of them: positions from 1, each in its stream.

    An event may bring the moment it was recorded (else that of the one before; it never goes
    back), and the practice or patient whose stream it belongs to.
    """
    versions: Counter[str] = Counter()
    log: list[Kept] = []
    last = at_ten(FIRST_DAY)
    for position, given in enumerate(events, 1):
        event, *rest = given if isinstance(given, tuple) else (given,)
        recorded_at, whose, of = (*rest, *(last, practice, patient)[len(rest) :])
        last = max(last, recorded_at)
        stream = _stream(event, patient=of, practice=whose)
        versions[stream] += 1
        log.append(Kept(position, stream, versions[stream], last, event))
    return log


def _stream(event: Event, *, patient: UUID, practice: str) -> str:
    match event:
        case CollectionReceived():
            return collection_stream(event.collection)
        case DeliveryReceived() | EntryUnmatched():
            return delivery_stream(event.delivery or "0")
        case ExtractReleased():
            return release_stream(a_release_id(event.recipient))
        case (
            SharingSettingChanged()
            | OrganisationListed()
            | OrganisationUnlisted()
            | ShareInCreated()
            | ShareInEnded()
            | AgreementChanged()
            | SystemChanged()
            | FindingDismissed()
            | FindingReopened()
            | ActionTaken()
            | PracticeListed()
            | PracticeClosed()
        ):
            return practice_stream(practice)
        case _:
            return patient_stream(patient)


def a_patient_history(
    log: Sequence[Kept], *, today: date | None = None, patient: UUID = PATIENT
) -> PatientHistory:
    """What a rule sees of the patient of this log; today is the newest event's day."""
    known = the_survivors(log)
    own = known.borne_by(patient)
    everybody = {p for k in log if (p := patient_of(k.stream)) is not None}
    others = {known.borne_by(known.survivor(p)) for p in everybody - own}
    histories = (_of_patients(log, other, today=today) for other in others if not other & own)
    history = _of_patients(log, own, today=today)
    return replace(history, shared_records=held.shared(histories))


def patients_of(log: Sequence[Kept]) -> list[UUID]:
    """Whom the rules judge: everybody in the log but those whom others survive."""
    known = the_survivors(log)
    met = dict.fromkeys(patient_of(k.stream) for k in log)
    return [p for p in met if p is not None and known.survivor(p) == p]


def the_survivors(log: Iterable[Kept]) -> Survivors:
    """Who survives whom by these events."""
    return Survivors(
        [
            Supersession(kept.position, patient, UUID(kept.event.superseded_by))
            for kept in log
            if isinstance(kept.event, NumberSuperseded)
            and (patient := patient_of(kept.stream)) is not None
        ]
    )


def _of_patients(
    log: Sequence[Kept], patients: Collection[UUID], *, today: date | None
) -> PatientHistory:
    events = [k.event for k in log]
    dismissals: dict[int, set[str]] = {}
    for event in events:
        is_word = isinstance(event, FindingDismissed | FindingReopened)
        if is_word and event.rule in DISMISSIBLE:
            say(dismissals, event)
    collections = [
        CollectionTaken(
            k.event.collection, k.event.period_end, frozenset(k.event.practices), k.position
        )
        for k in log
        if isinstance(k.event, CollectionReceived)
    ]
    return PatientHistory(
        objections=objections.fold(k for k in log if patient_of(k.stream) in patients),
        collections=sorted(collections, key=lambda c: (c.period_end, c.position)),
        delivering=_newest_deliveries(events),
        today=today or practice_day(log[-1].recorded_at),
        dismissals=dismissals,
        systems={
            code: practices.fold(k for k in log if k.stream == practice_stream(code)).systems
            for code in filter(None, {practice_of(k.stream) for k in log})
        },
        releases=tuple(
            folded(
                k for k in log if isinstance(k.event, ExtractReleased) and k.event.cohort == THEIRS
            ).values()
        ),
        closings={
            code: Closing(k.event.closed_on, tuple(s.practice for s in k.event.successors))
            for k in log
            if isinstance(k.event, PracticeClosed) and (code := practice_of(k.stream))
        },
    )


def _newest_deliveries(events: Iterable[Event]) -> dict[str, date]:
    newest: dict[str, date] = {}
    for event in events:
        if isinstance(event, DeliveryReceived):
            day = practice_day(event.dated)
            newest |= {code: max(day, newest.get(code, day)) for code in event.practices}
    return newest


def a_release_history(log: Sequence[Kept], release: Release) -> ReleaseHistory:
    """What a rule sees of a release of this log."""
    deliveries = [
        (k.event.dated, k.position, k.event.practices)
        for k in log
        if isinstance(k.event, DeliveryReceived)
        and k.position < release.position
        and k.recorded_at <= release.released_at
    ]
    relied_on = []
    for code in release.relied_on:
        theirs = [(dated, at) for dated, at, practices_ in deliveries if code in practices_]
        newest = max(theirs, default=(None, None))
        relied_on.append(Reliance(code, *newest))
    return ReleaseHistory(release, relied_on)


def folded(events: Iterable[Kept]) -> dict[UUID, Release]:
    """The releases that these events tell of."""
    told: dict[UUID, Release] = {}
    for k in events:
        told[release_of(k.stream)] = releases.evolve(told.get(release_of(k.stream)), k)
    return told


def a_practice_history(
    log: Sequence[Kept], *, today: date | None = None, practice: str = PRACTICE
) -> PracticeHistory:
    """What a rule sees of the practice of this log; today is the newest event's day."""
    return PracticeHistory(
        code=practice,
        practice=practices.fold(k for k in log if k.stream == practice_stream(practice)),
        unmatched=[
            UnmatchedEntry(k.position, k.recorded_at, k.event)
            for k in log
            if isinstance(k.event, EntryUnmatched) and k.event.practice == practice
            if not any(getattr(later.event, "was_unmatched", None) == k.position for later in log)
        ],
        today=today or practice_day(log[-1].recorded_at),
        collected=Collected(tuple(_from_practice(log, practice))),
        doubtful=[
            DoubtfulEntry(k.position, k.recorded_at, k.event)
            for k in _standing(log, practice)
            if isinstance(k.event, EntryRecorded) and k.event.number_kind is not None
            if not _put_right(log, k)
        ],
        entered=[
            EnteredOn(k.position, practice_day(k.event.entered_at or k.recorded_at))
            for k in _standing(log, practice)
            if isinstance(k.event, EntryRecorded)
        ],
        register_known=any(isinstance(k.event, PracticeListed) for k in log),
        register=_in_register(log),
        edits=[
            edit
            for k in log
            if getattr(k.event, "practice", None) == practice
            and (edit := edit_told_by(k)) is not None
        ],
        bulks=[bulk for k in log for whose, bulk in bulks_told_by(k) if whose == practice],
        last_heard={
            told.clinical_system: told.dated
            for told in sorted(told for k in log for told in heard_by(k))
            if told.practice == practice
        },
        objectors=[
            objections.fold(k for k in log if k.stream == stream)
            for stream in dict.fromkeys(k.stream for k in log if patient_of(k.stream))
        ],
        reviewed=_reviewed(log, practice),
    )


def _standing(log: Sequence[Kept], practice: str) -> list[Kept]:
    """The entries in the practice's record: neither removed nor replaced."""
    gone = {k.event.removes for k in log if isinstance(k.event, EntryRemoved)}
    gone |= {k.event.replaces for k in log if isinstance(k.event, EntryRecorded)} - {None}
    return [
        k
        for k in log
        if isinstance(k.event, EntryRecorded) and k.event.practice == practice
        if k.position not in gone
    ]


def _put_right(log: Sequence[Kept], entry: Kept) -> bool:
    """Whether the practice's system has given the patient another number since, and nobody of that
    practice has the old one still.
    """
    practice = getattr(entry.event, "practice", "")
    return any(
        isinstance(k.event, NumberSuperseded)
        and (k.stream, k.event.practice) == (entry.stream, practice)
        and practice not in (k.event.still_borne or ())
        and k.position > entry.position
        for k in log
    )


def _from_practice(log: Sequence[Kept], practice: str) -> Iterator[FromPractice]:
    """What the collections of this log had of the practice; not what was entered in between."""
    collections = [k for k in log if isinstance(k.event, CollectionReceived)]
    for k in sorted(collections, key=lambda k: k.event.period_end):
        took_part = practice in k.event.practices
        sent = [
            e.stream
            for e in log
            if isinstance(e.event, ObjectionTransmitted)
            and (e.event.collection, e.event.practice) == (k.event.collection, practice)
        ]
        digest = hash(frozenset(sent)) if sent else 0
        yield FromPractice(k.event.period_end, k.position, took_part, len(sent), digest)


def _in_register(log: Sequence[Kept]) -> dict[str, InRegister]:
    """What the register says of each organisation on a list; unknown, where a whole one was seen."""
    told: dict[str, InRegister] = {}
    whole = any(isinstance(k.event, DeliveryReceived) and k.event.complete for k in log)
    if whole:
        listed = (OrganisationListed, OrganisationUnlisted)
        named = [k.event.organisation for k in log if isinstance(k.event, listed)]
        told = dict.fromkeys(named, InRegister(known=False))
    for k in log:
        match k.event:
            case PracticeListed(status=status):
                day = practice_day(k.recorded_at) if status == "closed" else None
            case PracticeClosed(closed_on=day):
                pass
            case _:
                continue
        told[str(practice_of(k.stream))] = InRegister(
            known=True, closed_on=day, position=k.position, recorded_at=k.recorded_at
        )
    return told


def _reviewed(log: Sequence[Kept], practice: str) -> dict[tuple[str, str], int]:
    """Which of the rules' findings, as far as there were any by then, were looked at when."""
    return {
        (k.event.action, sighting.key): k.position
        for i, k in enumerate(log)
        if isinstance(k.event, ActionTaken) and k.stream == practice_stream(practice)
        for sighting in by_code(k.event.action).find(a_practice_history(log[:i], practice=practice))
    }
