"""The facts the ledger keeps: each with a topic of its own and a version. Nothing here identifies
a patient: the stream names a random id, and `patients` alone knows whose it is.

An event is never edited. A new meaning is a new event, or a new version with an upcast in
`store/codec.py` and a test that holds yesterday's bytes.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, NamedTuple

from pydantic import Field

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import (
    OF_ONE_PATIENT,
    Precision,
    RefusedRow,
    Route,
    Setting,
    SourceKey,
    WhyWithheld,
)
from ledger.domain.identifiers import NotifierId, NumberKind, ODSCode, SystemId
from ledger.domain.purposes import Neighbour, Purpose, Statement
from ledger.domain.values import Day, Moment, Value


class Event(Value):
    """What every event tells: who or what made it so, and the delivery or collection it came in."""

    TOPIC: ClassVar[str]
    VERSION: ClassVar[int] = 1

    by: str = Field(min_length=1, max_length=100)
    delivery: str | None = None


# --- the ledger itself


class Mode(StrEnum):
    """Whether the ledger keeps the present (live) or loads an archive of the past."""

    LIVE = "live"
    RE_ENACTMENT = "re-enactment"


class LedgerOpened(Event):
    """Always position 1, so that nobody takes a re-enactment for live evidence."""

    TOPIC: ClassVar[str] = "ledger-opened"

    name: str = Field(min_length=1, max_length=200)
    mode: Mode
    as_of: Day | None = None


class ThresholdValue(Value):
    """One threshold of a version, its value as it is written."""

    name: str
    value: str


class ThresholdsAdopted(Event):
    """From here on rules compare with these numbers: all of them, and why they changed."""

    TOPIC: ClassVar[str] = "thresholds-adopted"

    version: str
    values: tuple[ThresholdValue, ...]
    reason: str = Field(max_length=2000)


# --- a patient


class EntryStated(Event):
    """What an entry says, whoever's it is: shared by an entry kept and one not yet matched."""

    practice: ODSCode
    clinical_system: ClinicalSystem
    entry_id: str
    purpose: Purpose
    statement: Statement
    code_system: CodeSystem
    code: str
    near: bool = False
    also_coded: str | None = None
    term_says: Statement | None = None
    effective_on: Day | None = None
    effective_precision: Precision
    effective_partial: str | None = None
    entered_at: Moment | None = None
    entered_by: str | None = None
    route: Route
    source: str = ""
    content_hash: str

    @property
    def key(self) -> SourceKey:
        """The source record key."""
        return SourceKey(self.practice, self.clinical_system, self.entry_id)


class EntryRecorded(EntryStated):
    """A practice recorded an entry, or changed one: then `replaces` is the earlier one's position.

    `before_birth` and `under_thirteen` are judged when the entry is kept, because the date of
    birth itself is not; `number_kind` because the NHS number is not.
    """

    TOPIC: ClassVar[str] = "entry-recorded"

    replaces: int | None = None
    was_unmatched: int | None = None
    before_birth: bool = False
    under_thirteen: bool = False
    number_kind: NumberKind | None = None


class NeighbourRecorded(Event):
    """A practice recorded that the patient refuses something close to our purposes: no objection,
    and counted by nobody, but perhaps meant for one (CO10).
    """

    TOPIC: ClassVar[str] = "neighbour-recorded"

    practice: ODSCode
    clinical_system: ClinicalSystem
    entry_id: str
    about: Neighbour
    code_system: CodeSystem
    code: str
    effective_on: Day | None = None
    effective_precision: Precision
    effective_partial: str | None = None
    entered_at: Moment | None = None
    entered_by: str | None = None
    route: Route
    source: str = ""
    content_hash: str
    replaces: int | None = None

    @property
    def key(self) -> SourceKey:
        """The source record key."""
        return SourceKey(self.practice, self.clinical_system, self.entry_id)


class EntryRemoved(Event):
    """A practice deleted an entry; the ledger keeps both facts."""

    TOPIC: ClassVar[str] = "entry-removed"

    practice: ODSCode
    clinical_system: ClinicalSystem
    entry_id: str
    removes: int
    source: str = ""

    @property
    def key(self) -> SourceKey:
        """The source record key."""
        return SourceKey(self.practice, self.clinical_system, self.entry_id)


class ObjectionTransmitted(Event):
    """The patient stood in a collection that reached NHS Digital."""

    TOPIC: ClassVar[str] = "objection-transmitted"

    collection: str
    period_end: Day
    supplier: str
    practice: ODSCode
    code_system: CodeSystem
    code: str
    effective_on: Day | None = None


class ObjectionConverted(Event):
    """A type 2 became a national data opt-out (source MG). Opt-out results are never kept (E4)."""

    TOPIC: ClassVar[str] = "objection-converted"

    converted_on: Day
    source: str


class TransmissionUnconfirmed(Event):
    """The patient stood in a collection that was refused as a whole (docs/adr/0027).

    What the refused file did not say so that it could be read is left open.
    """

    TOPIC: ClassVar[str] = "transmission-unconfirmed"

    practice: ODSCode | None = None
    collection: str | None = None


class Registered(Event):
    """Somebody with an objection registered at a practice.

    Told again under the same `registration`, it was said wrongly before; but where the patient had
    left by then, they came back.
    """

    TOPIC: ClassVar[str] = "registered"

    practice: ODSCode
    clinical_system: ClinicalSystem
    registered_on: Day
    registration: str | None = None


class Deregistered(Event):
    """Somebody with an objection left a practice; told again, on another day than was said."""

    TOPIC: ClassVar[str] = "deregistered"

    practice: ODSCode
    clinical_system: ClinicalSystem
    deregistered_on: Day
    registration: str | None = None


class RegistrationRemoved(Event):
    """A practice's system tells no more of a registration that it told of before."""

    TOPIC: ClassVar[str] = "registration-removed"

    practice: ODSCode
    clinical_system: ClinicalSystem
    registration: str


class Died(Event):
    """Somebody with an objection died, as a practice recorded it."""

    TOPIC: ClassVar[str] = "died"

    practice: ODSCode
    died_on: Day


class DeathRemoved(Event):
    """A practice that had said somebody died says so no more."""

    TOPIC: ClassVar[str] = "death-removed"

    practice: ODSCode


class NumberSuperseded(Event):
    """A practice's system gave its patient another NHS number: a merger of two, or a correction.

    `superseded_by` is the random id of the patient whose number it is now (docs/adr/0018), `practice`
    whose system it was. `still_borne` are the practices whose systems have the old number for somebody
    born on another day: then it is somebody else's (docs/adr/0028).
    """

    TOPIC: ClassVar[str] = "number-superseded"

    superseded_by: str
    practice: ODSCode | None = None
    still_borne: tuple[ODSCode, ...] | None = None


class TurnedThirteen(Event):
    """Somebody for whom others had objected, or withdrawn, is now old enough to choose alone.

    Kept by the ledger itself once the day has come, and without the day, which would tell the date
    of birth (docs/adr/0028).
    """

    TOPIC: ClassVar[str] = "turned-thirteen"


class RecordWithheld(Event):
    """A practice was asked for the patient's record and refused it: what it holds is not known."""

    TOPIC: ClassVar[str] = "record-withheld"

    practice: ODSCode
    asked_at: Moment
    answer: WhyWithheld


class RecordAnswered(Event):
    """A practice that had refused the patient's record sent it after all."""

    TOPIC: ClassVar[str] = "record-answered"

    practice: ODSCode
    answered_at: Moment


# --- a practice


class PracticeListed(Event):
    """A practice stands in the register, or its line there changed."""

    TOPIC: ClassVar[str] = "practice-listed"

    name: str = Field(max_length=200)
    status: str = Field(max_length=20)
    gp_practice: bool
    postcode: str | None = None
    commissioner: str | None = None
    opened_on: Day | None = None


class Succession(Value):
    """Who took over the patients of a practice that closed, from which day, and whose line of the
    register says so: the register tells some mergers at one end only.
    """

    practice: ODSCode
    since: Day | None = None
    told_by: ODSCode | None = None


class PracticeClosed(Event):
    """A practice closed; its successors have its patients, where they are known.

    Kept anew when the register tells more or corrects it: the newest counts, whole. `inferred`:
    only a successor's line tells it, and the day is the one on which it took over.
    """

    TOPIC: ClassVar[str] = "practice-closed"
    VERSION: ClassVar[int] = 2

    closed_on: Day
    successors: tuple[Succession, ...] = ()
    inferred: bool = False


class PracticeReopened(Event):
    """The register no longer says that a practice closed: its patients are its own.

    `past` are successions that count no more, although the register may go on telling them.
    """

    TOPIC: ClassVar[str] = "practice-reopened"

    past: tuple[Succession, ...] = ()


class SystemChanged(Event):
    """A practice began to use a clinical system; `since` where the day is known."""

    TOPIC: ClassVar[str] = "system-changed"

    clinical_system: ClinicalSystem
    since: Day | None = None


class SharingSettingChanged(Event):
    """A practice changed a sharing setting: auto-share-out, auto-share-in or share-in-rule."""

    TOPIC: ClassVar[str] = "sharing-setting-changed"

    setting: Setting
    value: str
    changed_at: Moment


class OrganisationListed(Event):
    """An organisation was put on a practice's allowed or prohibited list."""

    TOPIC: ClassVar[str] = "organisation-listed"

    setting: Setting
    organisation: ODSCode
    changed_at: Moment


class OrganisationUnlisted(Event):
    """An organisation was taken off a practice's allowed or prohibited list."""

    TOPIC: ClassVar[str] = "organisation-unlisted"

    setting: Setting
    organisation: ODSCode
    changed_at: Moment


class ShareInCreated(Event):
    """An organisation created a share-in: verified, unverified, or by overriding a dissent.

    `reason_given`: of an override, whether a reason was recorded; the reason itself is free text
    and never kept. None: who told of it does not say.
    """

    TOPIC: ClassVar[str] = "share-in-created"

    organisation: ODSCode
    verified: bool
    overridden: bool
    changed_at: Moment
    reason_given: bool | None = None


class ShareInEnded(Event):
    """An organisation's share-in ended."""

    TOPIC: ClassVar[str] = "share-in-ended"

    organisation: ODSCode
    changed_at: Moment


class AgreementChanged(Event):
    """The state of a practice's EMIS sharing agreement changed. Disabled: freeze and ask."""

    TOPIC: ClassVar[str] = "agreement-changed"

    activated: bool
    disabled: bool
    deleted: bool
    modified_at: Moment | None = None


class PairingApproved(Event):
    """The practice lets a third-party system write for it (IM1-style pairing)."""

    TOPIC: ClassVar[str] = "pairing-approved"

    system: SystemId


class PairingRevoked(Event):
    """The practice no longer lets a third-party system write for it."""

    TOPIC: ClassVar[str] = "pairing-revoked"

    system: SystemId


class WebhookRegistered(Event):
    """The practice has a program told of its breaches, by HTTPS, from here on."""

    TOPIC: ClassVar[str] = "webhook-registered"

    webhook: NotifierId
    url: str = Field(min_length=1, max_length=500)


class WebhookRevoked(Event):
    """The practice no longer has that program told."""

    TOPIC: ClassVar[str] = "webhook-revoked"

    webhook: NotifierId


class FeedTokenIssued(Event):
    """The practice lets a feed reader follow its breaches."""

    TOPIC: ClassVar[str] = "feed-token-issued"

    token: NotifierId


class FeedTokenRevoked(Event):
    """The practice no longer lets that feed reader follow."""

    TOPIC: ClassVar[str] = "feed-token-revoked"

    token: NotifierId


class ActionTaken(Event):
    """Somebody did what an action asked for, and says so."""

    TOPIC: ClassVar[str] = "action-taken"

    action: str
    note: str = Field(max_length=2000)


class FindingDismissed(Event):
    """The controller says that a finding is not an error of theirs, and why.

    `entries` are the positions it was about, so that a status can tell without asking the rules.
    """

    TOPIC: ClassVar[str] = "finding-dismissed"

    finding: str
    rule: str
    entries: tuple[int, ...]
    reason: str = Field(max_length=2000)


class FindingReopened(Event):
    """The controller takes the dismissal of a finding back, and says why.

    What was dismissed of `entries` counts again from here on, as if it had not been.
    """

    TOPIC: ClassVar[str] = "finding-reopened"

    finding: str
    rule: str
    entries: tuple[int, ...]
    reason: str = Field(max_length=2000)


# --- a delivery


class RowsRefused(Event):
    """Rows of a delivery that cannot be facts: where each stands, which column, why; never what it
    says. Before the delivery's `delivery-received`, 500 rows an event at most.
    """

    TOPIC: ClassVar[str] = "rows-refused"

    rows: tuple[RefusedRow, ...] = Field(max_length=500)


class DeliveryNoted(Event):
    """What a reader had to tell a person of a delivery. Before its `delivery-received`."""

    TOPIC: ClassVar[str] = "delivery-noted"

    notes: tuple[str, ...]


class PatientCount(Value):
    """How many patients a bulk holds of one practice."""

    practice: ODSCode
    patients: int


class DeliveryReceived(Event):
    """A delivery was taken in. Always the last of the delivery's events, so that a reader of the
    log who meets it has met all that came with it.

    `bulk` are the practices of which it has every coded entry, `patients` counts for those of
    which it has every patient; `complete` says of a register that it lists everybody it is about.
    None: it is no such delivery, or came before this was told.
    """

    TOPIC: ClassVar[str] = "delivery-received"

    format: str
    path: str
    dated: Moment
    practices: tuple[ODSCode, ...]
    clinical_system: ClinicalSystem | None = None
    period_start: Moment | None = None
    period_end: Moment | None = None
    rows_read: int
    entries_kept: int
    unchanged: int
    removed: int
    unmatched: int
    left_out: int
    refused: int
    bulk: tuple[ODSCode, ...] | None = None
    patients: tuple[PatientCount, ...] | None = None
    complete: bool | None = None

    @property
    def speaks_for_the_practice(self) -> bool:
        """Whether it came from the practice's own system and is not about one patient alone: then
        it tells how new the evidence of all its patients is.
        """
        return self.clinical_system is not None and self.format not in OF_ONE_PATIENT


class DeliveryRefused(Event):
    """A delivery was refused whole; nothing else of it was kept."""

    TOPIC: ClassVar[str] = "delivery-refused"

    format: str
    path: str
    file: str
    reason: str


class Unusable(StrEnum):
    """Why an entry could not be matched to a patient."""

    MISSING = "missing"
    CHECK_DIGIT = "check-digit"
    UNKNOWN_PATIENT = "unknown-patient"


class EntryUnmatched(EntryStated):
    """An entry came with no usable NHS number: kept, never lost, listed until it is matched."""

    TOPIC: ClassVar[str] = "entry-unmatched"

    why: Unusable


class CodeMapStated(Event):
    """A line of a code map that a delivery brought: shared by one that disagrees and one that did.

    `feed` is what deliveries of one source have in common; `row_id` names the line within `table`.
    """

    clinical_system: ClinicalSystem
    feed: str
    table: str
    row_id: str
    source: str = ""


class CodeMapDisagreed(CodeMapStated):
    """A supplier's code map says something else than our table of codes. Only codes, never text.

    `our_code` is what our table has in place of the one of the same vocabulary.
    """

    TOPIC: ClassVar[str] = "code-map-disagreed"

    code_system: CodeSystem
    code: str
    mapped_code_system: CodeSystem
    mapped_code: str
    our_code_system: CodeSystem
    our_code: str


class CodeMapSettled(CodeMapStated):
    """A line that had disagreed agrees now, or is gone from the map."""

    TOPIC: ClassVar[str] = "code-map-settled"


# --- a parcel


class ParcelTaken(Event):
    """What was handed in over HTTP at one time was looked at: these deliveries were in it, and
    each says for itself what became of it. `practices` are those its sender wrote for then.
    """

    TOPIC: ClassVar[str] = "parcel-taken"

    system: SystemId | None = None
    practices: tuple[ODSCode, ...]
    deliveries: tuple[str, ...]
    notes: tuple[str, ...] = ()


class ParcelRefused(Event):
    """What was handed in over HTTP at one time was refused whole; nothing of it was kept."""

    TOPIC: ClassVar[str] = "parcel-refused"

    system: SystemId | None = None
    practices: tuple[ODSCode, ...]
    reason: str


# --- a collection


class CollectionReceived(Event):
    """What reached NHS Digital in one cycle, and who took part. Always after its members' events."""

    TOPIC: ClassVar[str] = "collection-received"

    collection: str
    period_end: Day
    practices: tuple[ODSCode, ...]
    suppliers: tuple[str, ...]
    members: int


# --- a release


class ExtractReleased(Event):
    """Data left for a recipient: what it was for, whose it was, and what it relied on.

    Kept anew when a check's receipt is attached: the newest counts. `cohort` is a keyed hash over
    the random ids of the patients in it, who stand in the guarded table `release_members`
    (docs/adr/0024). In the first version neither the day nor how many they were was told.
    """

    TOPIC: ClassVar[str] = "extract-released"
    VERSION: ClassVar[int] = 2

    recipient: str = Field(min_length=1, max_length=200)
    purpose: Purpose
    released_at: Moment | None = None
    receipt: str | None = Field(default=None, max_length=200)
    relied_on: tuple[ODSCode, ...]
    max_age_days: int | None = None
    cohort: str
    members: int
    refused: int


EVENTS: tuple[type[Event], ...] = (
    LedgerOpened,
    ThresholdsAdopted,
    EntryRecorded,
    NeighbourRecorded,
    EntryRemoved,
    ObjectionTransmitted,
    ObjectionConverted,
    TransmissionUnconfirmed,
    Registered,
    Deregistered,
    RegistrationRemoved,
    Died,
    DeathRemoved,
    NumberSuperseded,
    TurnedThirteen,
    RecordWithheld,
    RecordAnswered,
    PracticeListed,
    PracticeClosed,
    PracticeReopened,
    SystemChanged,
    SharingSettingChanged,
    OrganisationListed,
    OrganisationUnlisted,
    ShareInCreated,
    ShareInEnded,
    AgreementChanged,
    PairingApproved,
    PairingRevoked,
    WebhookRegistered,
    WebhookRevoked,
    FeedTokenIssued,
    FeedTokenRevoked,
    ActionTaken,
    FindingDismissed,
    FindingReopened,
    RowsRefused,
    DeliveryNoted,
    DeliveryReceived,
    DeliveryRefused,
    EntryUnmatched,
    CodeMapDisagreed,
    CodeMapSettled,
    ParcelTaken,
    ParcelRefused,
    CollectionReceived,
    ExtractReleased,
)


class Kept(NamedTuple):
    """An event with its place in the log: what is known, and since when."""

    position: int
    stream: str
    version: int
    recorded_at: datetime
    event: Event
