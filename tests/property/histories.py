"""Histories to try: what practices did, as the events of the log and as the oracle's plain facts.

They happen in the days around 11 October 2018, so that the end of type 2 is among the things
tried; to few patients, each with few rows at two practices, so that much happens to the same ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from hypothesis import note
from hypothesis import strategies as st

from ledger.domain import objections, practices
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import (
    AgreementChange,
    Entry,
    Precision,
    RecordAnswer,
    Registration,
    Setting,
    SettingChange,
    SourceKey,
    WhyWithheld,
    Withholding,
)
from ledger.domain.events import (
    CollectionReceived,
    DeliveryReceived,
    Event,
    FindingDismissed,
    FindingReopened,
    Kept,
    LedgerOpened,
    Mode,
    NumberSuperseded,
    ObjectionConverted,
    ObjectionTransmitted,
)
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.registrations import register
from ledger.domain.streams import (
    LEDGER,
    collection_stream,
    delivery_stream,
    patient_stream,
    practice_stream,
)
from tests.builders import a_code
from tests.property.oracle import Fact

PATIENTS = tuple(UUID(int=number, version=4) for number in range(1, 7))
PRACTICES = ("X99901", "X99902")
FIRST_DAY = date(2018, 10, 6)
DAYS = [FIRST_DAY + timedelta(days=i) for i in range(12)]
SYSTEM_DEFAULT = date(1970, 1, 1)
BY = "a test"
Steps = st.SearchStrategy[NamedTuple]
_SYSTEMS = {
    "X99901": (ClinicalSystem.SYSTMONE, CodeSystem.CTV3),
    "X99902": (ClinicalSystem.EMIS_WEB, CodeSystem.READ_V2),
}
_OPPOSITE = {
    Statement.DISSENT: Statement.WITHDRAWAL,
    Statement.WITHDRAWAL: Statement.DISSENT,
}


class Enters(NamedTuple):
    """A practice's row says this from now on, whether it is new or said something else before."""

    row: int
    patient: int
    practice: str
    purpose: Purpose
    statement: Statement
    near: bool
    contradicted: bool
    effective_on: date | None
    entered_on: date | None
    before_birth: bool


class Removes(NamedTuple):
    """A practice deletes a row, if it has it."""

    row: int
    practice: str


class Dismisses(NamedTuple):
    """A practice dismisses what a rule says of an entry, counted from the newest."""

    rule: str
    back: int


class Reopens(NamedTuple):
    """A practice takes a dismissal back, be there one or not."""

    rule: str
    back: int


class Dies(NamedTuple):
    """A practice's system says when a patient died."""

    patient: int
    on: date


class Answers(NamedTuple):
    """A practice was asked for a patient's record: it refused, or sent all of it."""

    patient: int
    practice: str
    on: date
    refused: bool


class Registers(NamedTuple):
    """A practice's system says when a patient came, and perhaps left."""

    patient: int
    practice: str
    on: date
    until: date | None


class IsRenumbered(NamedTuple):
    """A practice's system gives a patient the number of another."""

    patient: int
    by: int


class IsCarried(NamedTuple):
    """A collection carries these patients, and perhaps others know of no objection of theirs."""

    patients: frozenset[int]
    practices: frozenset[str]
    period_end: date


class IsConverted(NamedTuple):
    """A patient's type 2 objection became a national data opt-out."""

    patient: int
    on: date


class Sets(NamedTuple):
    """A practice changes a sharing setting."""

    practice: str
    setting: Setting
    value: str
    on: date


class Agrees(NamedTuple):
    """The state of a practice's sharing agreement changes."""

    practice: str
    disabled: bool


class Delivers(NamedTuple):
    """What came since the last of these came in one delivery; `days` pass until the next."""

    practice: str
    days: int


_practices = st.sampled_from(PRACTICES)
_days = st.sampled_from(DAYS)
# Two rows of each patient at each practice; one in eight times it is about somebody else.
_ROWS = 2


def _kinds(patients: int) -> tuple[list[Steps], list[Steps]]:
    """The kinds of steps, each as often as it stands here: about entries, and about the rest."""
    whose = st.integers(0, patients - 1)
    rows = st.integers(0, _ROWS * patients - 1)

    def entering(row: int, other: int, *, moves: bool) -> Steps:
        return st.builds(
            Enters,
            row=st.just(row),
            patient=st.just(other if moves else row // _ROWS),
            practice=_practices,
            purpose=st.sampled_from([Purpose.TYPE_1, Purpose.TYPE_2]),
            statement=st.sampled_from(Statement),
            near=st.sampled_from([False, False, False, True]),
            contradicted=st.sampled_from([False, False, False, True]),
            effective_on=_days | st.sampled_from([None, SYSTEM_DEFAULT]),
            entered_on=_days | st.none(),
            before_birth=st.sampled_from([False] * 7 + [True]),
        )

    enters = st.builds(entering, rows, whose, moves=st.sampled_from([False] * 7 + [True])).flatmap(
        _itself
    )
    removes = st.builds(Removes, row=rows, practice=_practices)
    delivers = st.builds(Delivers, practice=_practices, days=st.integers(0, 2))
    dismisses = st.builds(
        Dismisses, rule=st.sampled_from(["LC01", "CO07", "CO08", "CO01"]), back=st.integers(0, 5)
    )
    reopens = st.builds(
        Reopens, rule=st.sampled_from(["LC01", "CO07", "CO01"]), back=st.integers(0, 5)
    )
    dies = st.builds(Dies, patient=whose, on=_days)
    answers = st.builds(
        Answers, patient=whose, practice=_practices, on=_days, refused=st.booleans()
    )
    renumbers = st.builds(IsRenumbered, patient=whose, by=whose)
    about_entries = [
        *[enters] * 8, *[removes] * 4, *[delivers] * 3, dismisses, reopens, dies, *[answers] * 2,
        renumbers,
    ]  # fmt: skip
    about_the_rest = [
        st.builds(Registers, patient=whose, practice=_practices, on=_days, until=st.none() | _days),
        st.builds(
            IsCarried,
            patients=st.frozensets(whose),
            practices=st.frozensets(_practices, min_size=1),
            period_end=_days,
        ),
        st.builds(IsConverted, patient=whose, on=_days),
        st.builds(
            Sets,
            practice=_practices,
            setting=st.sampled_from([Setting.AUTO_SHARE_OUT, Setting.AUTO_SHARE_IN]),
            value=st.sampled_from(["on", "off"]),
            on=_days,
        ),
        st.builds(Agrees, practice=_practices, disabled=st.booleans()),
    ]
    return about_entries, about_the_rest


@dataclass(repr=False)
class History:
    """The log that the steps made, and the same as facts."""

    steps: Sequence[NamedTuple] = ()
    patients: Sequence[UUID] = PATIENTS
    log: list[Kept] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    now: datetime = datetime(FIRST_DAY.year, FIRST_DAY.month, FIRST_DAY.day, 9, tzinfo=UTC)
    deliveries: int = 1

    def __repr__(self) -> str:
        return f"a history of {len(self.steps)} steps"

    @property
    def last(self) -> int:
        """The newest position."""
        return len(self.log)

    @property
    def delivery(self) -> str:
        """The digest of the delivery under way."""
        return f"{self.deliveries:064}"

    def of(self, stream: str) -> list[Kept]:
        """The events of one stream."""
        return [kept for kept in self.log if kept.stream == stream]

    def append(self, stream: str, *events: Event) -> None:
        """Keep events."""
        for event in events:
            version = len(self.of(stream)) + 1
            self.log.append(Kept(self.last + 1, stream, version, self.now, event))

    def state(self, what: str, **told: Any) -> None:
        """Note a fact of the event kept last."""
        self.facts.append({"what": what, "position": self.last, "recorded_at": self.now, **told})

    def take(self, step: NamedTuple) -> None:
        """What one step adds."""
        match step:
            case Enters():
                self._enter(step)
            case Removes():
                self._remove(step)
            case Dismisses() | Reopens():
                self._say(step)
            case Dies():
                self._die(step)
            case Answers():
                self._answer(step)
            case Registers():
                self._register(step)
            case IsRenumbered():
                self._renumber(step)
            case IsCarried():
                self._carry(step)
            case IsConverted():
                event = ObjectionConverted(
                    converted_on=step.on, source="MG", by=BY, delivery=self.delivery
                )
                self.append(patient_stream(self.patients[step.patient]), event)
            case Sets() | Agrees():
                self._change(step)
            case Delivers():
                self.close(step)

    def _enter(self, step: Enters) -> None:
        system, vocabulary = _SYSTEMS[step.practice]
        key = SourceKey(step.practice, system, str(step.row))
        patient = self.patients[step.patient]
        for other in self.patients:
            if other != patient:
                self._drop(other, key)
        entry = Entry(
            practice=step.practice,
            clinical_system=system,
            entry_id=str(step.row),
            source_patient=str(step.patient),
            purpose=step.purpose,
            statement=step.statement,
            code_system=vocabulary,
            code=a_code(step.purpose, step.statement, vocabulary),
            near=step.near,
            term_says=_OPPOSITE[step.statement] if step.contradicted else None,
            effective_on=step.effective_on,
            effective_precision=Precision.DAY if step.effective_on else Precision.MISSING,
            entered_at=None
            if step.entered_on is None
            else datetime.combine(step.entered_on, self.now.time(), UTC),
        )
        stream = patient_stream(patient)
        events = objections.record_entry(
            objections.fold(self.of(stream)),
            entry,
            content_hash=repr(step),
            by=BY,
            delivery=self.delivery,
            born_on=date(2019, 1, 1) if step.before_birth else None,
        )
        self.append(stream, *events)
        if events:
            self.state(
                "entry",
                delivery=self.delivery,
                source=(key, step.patient),
                patient=step.patient,
                purpose=step.purpose.value,
                says=step.statement.value,
                near_miss=step.near,
                term_says_otherwise=step.contradicted,
                effective_on=step.effective_on,
                entered_on=step.entered_on or self.now.date(),
                entered_unknown=step.entered_on is None,
                before_birth=step.before_birth and step.effective_on is not None,
            )

    def _remove(self, step: Removes) -> None:
        system, _ = _SYSTEMS[step.practice]
        for patient in self.patients:
            self._drop(patient, SourceKey(step.practice, system, str(step.row)))

    def _drop(self, patient: UUID, key: SourceKey) -> None:
        stream = patient_stream(patient)
        history = objections.fold(self.of(stream))
        events = objections.remove_entry(
            history, key, by=BY, delivery=self.delivery, source="SRCode.csv:1"
        )
        self.append(stream, *events)
        if events:
            whose = self.patients.index(patient)
            self.state("removed", delivery=self.delivery, source=(key, whose))

    def _say(self, step: Dismisses | Reopens) -> None:
        entries = [fact["position"] for fact in self.facts if fact["what"] == "entry"]
        if not entries:
            return
        about = entries[-1 - step.back % len(entries)]
        dismissed = isinstance(step, Dismisses)
        event = (FindingDismissed if dismissed else FindingReopened)(
            finding=f"{about:020}",
            rule=step.rule,
            entries=(about,),
            reason="entered in error",
            by=BY,
        )
        self.append(practice_stream(PRACTICES[0]), event)
        what = "dismissed" if dismissed else "reopened"
        self.state(what, delivery=None, rule=step.rule, entry=about)

    def _die(self, step: Dies) -> None:
        stream = patient_stream(self.patients[step.patient])
        history = objections.fold(self.of(stream))
        events = objections.die(history, PRACTICES[0], step.on, by=BY, delivery=self.delivery)
        self.append(stream, *events)
        if events:
            self.state("died", delivery=self.delivery, patient=step.patient, on=step.on)

    def _answer(self, step: Answers) -> None:
        at = datetime.combine(step.on, self.now.time(), UTC)
        patient = self.patients[step.patient]
        history = objections.fold(self.of(patient_stream(patient)))
        who = {"by": BY, "delivery": self.delivery}
        if step.refused:
            why = WhyWithheld.NO_PATIENT_CONSENT
            withholding = Withholding(step.practice, "", at, why, "withheld.csv:1")
            events = objections.withhold(history, withholding, **who)
        else:
            events = objections.answer(history, RecordAnswer(step.practice, "", at), **who)
        self.append(patient_stream(patient), *events)
        if events:
            what = "refused" if step.refused else "sent"
            self.state(what, patient=step.patient, practice=step.practice, at=at)

    def _register(self, step: Registers) -> None:
        system, _ = _SYSTEMS[step.practice]
        stream = patient_stream(self.patients[step.patient])
        registration = Registration(
            step.practice, system, str(step.patient), step.on, step.until, f"row {step.patient}"
        )
        history = objections.fold(self.of(stream))
        self.append(
            stream,
            *register(history.registrations, registration, by=BY, delivery=self.delivery),
        )

    def _renumber(self, step: IsRenumbered) -> None:
        if step.patient != step.by:
            by = self.patients[step.by]
            event = NumberSuperseded(superseded_by=str(by), by=BY, delivery=self.delivery)
            self.append(patient_stream(self.patients[step.patient]), event)
            self.state("renumbered", delivery=self.delivery, patient=step.patient, by=step.by)

    def _carry(self, step: IsCarried) -> None:
        # A collection is a delivery of its own.
        self.close()
        collection = step.period_end.isoformat()
        again = {
            k.stream
            for k in self.log
            if isinstance(k.event, ObjectionTransmitted) and k.event.collection == collection
        }
        for number in sorted(step.patients):
            stream = patient_stream(self.patients[number])
            if stream not in again:
                transmitted = ObjectionTransmitted(
                    collection=collection,
                    period_end=step.period_end,
                    supplier="TPP",
                    practice=min(step.practices),
                    code_system=CodeSystem.CTV3,
                    code="XaaVL",
                    by=BY,
                    delivery=self.delivery,
                )
                self.append(stream, transmitted)
        received = CollectionReceived(
            collection=collection,
            period_end=step.period_end,
            practices=tuple(sorted(step.practices)),
            suppliers=("TPP",),
            members=len(step.patients),
            by=BY,
            delivery=self.delivery,
        )
        self.append(collection_stream(collection), received)
        self.close(collection=True)

    def _change(self, step: Sets | Agrees) -> None:
        stream = practice_stream(step.practice)
        practice = practices.fold(self.of(stream))
        if isinstance(step, Sets):
            change = SettingChange(
                practice=step.practice,
                changed_at=datetime.combine(step.on, self.now.time(), UTC),
                changed_by=BY,
                setting=step.setting,
                value=step.value,
            )
            events = practices.change_setting(practice, change, by=BY, delivery=self.delivery)
        else:
            agreement = AgreementChange(
                practice=step.practice,
                activated=True,
                disabled=step.disabled,
                deleted=False,
                modified_at=None,
            )
            events = practices.change_agreement(practice, agreement, by=BY, delivery=self.delivery)
        self.append(stream, *events)

    def close(self, step: Delivers | None = None, *, collection: bool = False) -> None:
        """The delivery under way is whole."""
        practice = PRACTICES[0] if step is None else step.practice
        system, _ = _SYSTEMS[practice]
        counts = dict.fromkeys(
            (
                "rows_read",
                "entries_kept",
                "unchanged",
                "removed",
                "unmatched",
                "left_out",
                "refused",
            ),
            0,
        )
        event = DeliveryReceived(
            format="collection" if collection else "systmone-sre",
            path="a delivery",
            dated=self.now,
            practices=(practice,),
            clinical_system=None if collection else system,
            by=BY,
            delivery=self.delivery,
            **counts,
        )
        self.append(delivery_stream(self.delivery), event)
        self.deliveries += 1
        self.now += timedelta(days=0 if step is None else step.days)


def _history(steps: Sequence[NamedTuple], *, patients: Sequence[UUID] = PATIENTS) -> History:
    for step in steps:
        # Shown where a test fails.
        note(repr(step))
    history = History(steps, patients)
    opened = LedgerOpened(name="tried", mode=Mode.RE_ENACTMENT, as_of=FIRST_DAY, by=BY)
    history.append(LEDGER, opened)
    for step in steps:
        history.take(step)
    history.close()
    return history


@st.composite
def of_entries(draw: st.DrawFn, patients: int = 2, steps: int = 4) -> History:
    """A history of at least so many steps, of entries and whatever else a status depends on."""
    about_entries, _ = _kinds(patients)
    return _history(draw(_steps(about_entries, steps)))


@st.composite
def of_everything(draw: st.DrawFn, patients: int = 2, steps: int = 8) -> History:
    """A history of which every projection has something to tell."""
    about_entries, about_the_rest = _kinds(patients)
    return _history(draw(_steps([*about_entries, *about_the_rest * 2], steps)))


def _steps(kinds: Sequence[Steps], at_least: int) -> st.SearchStrategy[list[NamedTuple]]:
    # `one_of` would give each kind of step the same chance, however often it is named.
    step = st.sampled_from(kinds).flatmap(_itself)
    return st.lists(step, min_size=at_least, max_size=at_least + 12)


def _itself(strategy: Steps) -> Steps:
    return strategy
