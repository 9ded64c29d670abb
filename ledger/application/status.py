"""May this person's data be used? The policy's answer, with its reason and the age of its evidence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from ledger.application.records import BecauseRecord, StatusRecord
from ledger.domain import practices
from ledger.domain.events import PracticeClosed, PracticeListed, PracticeReopened
from ledger.domain.known import KnownPatient, decided
from ledger.domain.objections import KeptEntry, KeptNeighbour, Objections, practice_day
from ledger.domain.policies import UNSEEN, Answer, Decision, Policy
from ledger.domain.purposes import Purpose
from ledger.domain.streams import practice_stream
from ledger.projections.deliveries import newest_delivery
from ledger.projections.statements import known_patients
from ledger.store.log import read_streams
from ledger.store.projection import decoded, topics_of


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a status.

    `at` is the effective day; `known_at` the last position that counts, with its time. `practice`
    and `max_age` ask that its newest delivery be no older; `reached` is how far the answer's own
    tables have come.
    """

    purpose: Purpose
    at: date
    known_at: int
    known_time: datetime | None
    policy: Policy
    now: datetime
    reached: int
    practice: str | None = None
    max_age: timedelta | None = None


def statuses(
    connection: Connection,
    numbers: Sequence[str],
    question: Question,
    *,
    patients: Mapping[str, UUID],
) -> list[StatusRecord]:
    """The status of each NHS number, in the order asked; `patients` are those the log has met."""
    known = known_patients(
        connection,
        patients.values(),
        known_at=question.known_at,
        whole=question.policy.needs_more_than_entries,
    )
    evidence_at = None
    if question.practice is not None:
        evidence_at = _evidence_of(connection, question.practice, question)
    blind = _cannot_see(question, evidence_at)
    answers = []
    for number in numbers:
        patient = patients.get(number)
        record = _status(number, known[patient] if patient else _NOBODY, question)
        if blind and record.status == Answer.NOT_OBJECTING.value:
            # Stale evidence never turns into "may be shared".
            record = record.model_copy(update={"status": Answer.CANNOT_TELL.value, "rule": UNSEEN})
        if evidence_at is not None:
            record = record.model_copy(update={"evidence_at": evidence_at})
        answers.append(record)
    return answers


def _evidence_of(connection: Connection, practice: str, question: Question) -> datetime | None:
    """The moment up to which this practice's newest delivery bears witness.

    A closed practice's patients are its successors', so it is theirs that counts, and the oldest
    where there are several: which of them a patient went to is not asked.
    """
    day = practice_day(question.now)
    asked, left, found = set[str](), [practice], list[datetime | None]()
    while left:
        code = left.pop()
        if code in asked:
            continue
        asked.add(code)
        stream = practice_stream(code)
        events = read_streams(connection, [stream], upto=question.known_at, topics=_ENDING)
        successors = practices.fold(decoded(events[stream])).successors_on(day)
        left += successors
        if not successors:
            found.append(newest_delivery(connection, code, known_at=question.known_at))
    dated = [at for at in found if at is not None]
    # A register that leads in a circle leads to nobody's evidence.
    return min(dated) if dated and len(dated) == len(found) else None


# Of whom nothing is known, a list of those who may be used has no word either.
_NOBODY = (KnownPatient(Objections(), {}),)
_ENDING = topics_of(PracticeListed, PracticeClosed, PracticeReopened)


def _cannot_see(question: Question, evidence_at: datetime | None) -> bool:
    """Whether the ledger cannot know what it is asked: its tables are behind the position asked
    for, or the practice named has sent nothing, or nothing new enough.
    """
    if question.reached < question.known_at:
        return True
    if question.practice is None:
        return False
    if evidence_at is None:
        return True
    return question.max_age is not None and question.now - evidence_at > question.max_age


def _status(number: str, known: Iterable[KnownPatient], question: Question) -> StatusRecord:
    decision = decided(known, question.purpose, question.at, policy=question.policy)
    return StatusRecord(
        nhs_number=number,
        purpose=question.purpose,
        status=decision.answer.value,
        because=because(decision),
        conflicts=[_told(against.entry, against.rule) for against in decision.conflicts],
        evidence_at=decision.known_since,
        at=question.at,
        known_at=question.known_time,
        position=question.known_at,
        policy=question.policy.name,
        rule=decision.rule,
        withheld_by=[asked.practice for asked in decision.withheld],
    )


def because(decision: Decision) -> BecauseRecord | None:
    """The entry that decided, or the refusal that a policy takes for one."""
    if decision.because is not None:
        return _told(decision.because.entry, decision.rule)
    return None if decision.refusal is None else _told(decision.refusal, decision.rule)


def _told(kept: KeptEntry | KeptNeighbour, rule: str) -> BecauseRecord:
    event = kept.event
    return BecauseRecord(
        position=kept.position,
        practice=event.practice,
        effective_on=event.effective_on,
        entered_at=event.entered_at,
        code=event.code,
        code_system=event.code_system,
        rule=rule,
    )
