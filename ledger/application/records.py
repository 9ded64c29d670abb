"""The records others script against (docs/formats.md 9): the same names on the command line, over
HTTP and in CSV headers. Fields may be added, never renamed.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, JsonValue

from ledger.domain.disclosure import Published


class Record(BaseModel):
    """A record as it leaves the ledger."""

    model_config = ConfigDict(frozen=True)


class RefusedRowRecord(Record):
    """A row that cannot be a fact; never its content."""

    file: str
    row: int
    column: str
    reason: str


class FoundRecord(Record):
    """A delivery as it lies on disk, before it is read: its place among the others, and why it was
    taken for one of its format.
    """

    order: int
    path: str
    format: str
    dated: datetime
    files: list[str]
    because: str


class DeliveryRecord(Record):
    """What became of a delivery."""

    id: str
    path: str
    format: str
    practices: list[str]
    period_end: datetime | date | None
    rows_read: int
    entries_kept: int
    unchanged: int
    removed: int
    unmatched: int
    refused: list[RefusedRowRecord]
    state: Literal["accepted", "accepted-in-part", "refused"]
    left_out: int = 0
    already_taken: bool = False
    reason: str | None = None
    notes: list[str] = []
    position: int | None = None
    rows_refused: int = 0
    by: str | None = None
    recorded_at: datetime | None = None


class DeliveryLineRecord(Record):
    """A delivery in a list of them: `rows_refused` counts the rows that cannot be facts."""

    id: str
    path: str
    format: str
    practices: list[str]
    period_end: datetime | None
    rows_read: int
    entries_kept: int
    unchanged: int
    removed: int
    unmatched: int
    left_out: int
    rows_refused: int
    state: Literal["accepted", "accepted-in-part", "refused"]
    reason: str | None
    by: str
    recorded_at: datetime
    position: int


class ParcelRecord(Record):
    """What became of a zip that was handed in: waiting, or the deliveries that were in it."""

    id: str
    state: Literal["waiting", "accepted", "accepted-in-part", "refused"]
    by: str
    handed_in_at: datetime | None = None
    reason: str | None = None
    notes: list[str] = []
    deliveries: list[DeliveryLineRecord] = []
    recorded_at: datetime | None = None
    position: int | None = None


class PairingRecord(Record):
    """A third-party system that may write for a practice, or could until it was revoked."""

    practice: str
    system: str
    state: Literal["standing", "revoked"]
    approved_at: datetime
    approved_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    positions: list[int]


class WebhookRecord(Record):
    """A program that a practice has told of its breaches, and how far that has come."""

    practice: str
    webhook: str
    url: str
    state: Literal["standing", "revoked"]
    waiting: int
    delivered: int
    dead: int
    registered_at: datetime
    registered_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    positions: list[int]


class NewWebhookRecord(Record):
    """A webhook just registered; its `secret` is told now and never again."""

    webhook: str
    secret: str
    position: int


class NewFeedTokenRecord(Record):
    """A feed token just issued: a reader's user name and its `password`, told now and never again."""

    token: str
    password: str
    position: int


class FeedTokenRecord(Record):
    """With what a feed reader follows a practice's breaches, or could until it was revoked."""

    practice: str
    token: str
    state: Literal["standing", "revoked"]
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    positions: list[int]


class NoticeRecord(Record):
    """A breach as a practice is told of it; what closed and came back has another `turn`."""

    id: UUID
    number: int
    finding: str
    turn: int
    practice: str
    rule: str
    severity: str
    since: date
    found_at: datetime
    noticed_at: datetime


class DeadLetterRecord(Record):
    """A notice that a webhook could not be told of; `last_error` is a word and never its own."""

    webhook: str
    finding: str
    turn: int
    practice: str
    rule: str
    severity: str
    since: date
    found_at: datetime
    noticed_at: datetime
    attempts: int
    tried_at: datetime | None
    last_error: str


class BecauseRecord(Record):
    """The entry that decided a status, and the rule by which it did."""

    position: int
    practice: str
    effective_on: date | None
    entered_at: datetime | None
    code: str
    code_system: str
    rule: str


class StatusRecord(Record):
    """May this person's data be used for this purpose? `cannot-tell` counts as objecting.

    `rule` is the one it was decided by: that of `because`, or `no-entry`, `record-withheld` (the
    practices in `withheld_by` were asked for the record and refused it), or `evidence-unseen` (the
    practice named in the question sent nothing, or nothing new enough). By a policy that asks for a
    registration, it is `not-registered` where none is known.
    """

    nhs_number: str
    purpose: str
    status: Literal["objecting", "not-objecting", "cannot-tell"]
    because: BecauseRecord | None
    conflicts: list[BecauseRecord]
    evidence_at: datetime | None
    at: date
    known_at: datetime | None
    position: int
    policy: str
    rule: str
    withheld_by: list[str] = []


class PolicyRecord(Record):
    """A rule of who counts as objecting. Each choice is told in half a sentence, and `not_told` says
    what no source says and what is taken instead; only an `active` one serves an extract.
    """

    name: str
    whose: str
    sentence: str
    in_force: str
    in_force_today: bool
    active: bool
    purposes: list[str]
    entries: str
    rows: str
    withdrawals: str
    same_day: str
    undated: str
    silence: str
    sources: list[str]
    not_told: str


class AnswersRecord(Record):
    """How many patients two policies answer so."""

    a: str
    b: str
    patients: int


class PracticeDifferenceRecord(Record):
    """How many patients two policies answer differently, by the practice of the entry that decided
    for either; None where nothing tells of one.
    """

    practice: str | None
    a: str
    b: str
    patients: int


class ComparisonRecord(Record):
    """Two policies put to the same histories: everybody of whom an entry is known, or that their
    record was withheld; where a policy pools other refusals, those who made one too.
    """

    a: str
    b: str
    a_in_force: bool
    b_in_force: bool
    purpose: str
    at: date
    known_at: datetime | None
    position: int
    compared: int
    different: int
    answers: list[AnswersRecord]
    practices: list[PracticeDifferenceRecord]


class DifferenceRecord(Record):
    """Somebody whom two policies answer differently, by which rule and entry each does."""

    nhs_number: str | None
    practice: str | None
    a: str
    a_rule: str
    a_position: int | None
    b: str
    b_rule: str
    b_position: int | None


class ReplayRecord(Record):
    """What was known at a point of one patient and purpose, flat so that it fits a column each.

    `practice` to `code_system` are of the entry that decides, at the position `entry`; `conflicts`
    are the positions of those of the same day against it. `superseded`: the number is another's by
    now, who has a line of their own; `nhs_number` is null for who was erased.
    `patient` is the random id, told where an archive answers and no ledger is at hand to name them.
    """

    nhs_number: str | None
    purpose: str
    status: Literal["objecting", "not-objecting", "cannot-tell"]
    rule: str
    practice: str | None
    entry: int | None
    effective_on: date | None
    counts_on: date | None
    entered_at: datetime | None
    code: str | None
    code_system: str | None
    conflicts: list[int]
    withheld_by: list[str]
    evidence_at: datetime | None
    superseded: bool
    at: date
    known_at: datetime | None
    position: int
    policy: str
    patient: str | None = None


class MovedRecord(Record):
    """One thing that is otherwise at the second of two points than at the first.

    `before` and `after` are a status, the value of a setting or the state of a finding; null where
    nothing was known, set or found. `positions` are the events that made it so.
    """

    what: Literal["objection", "setting", "finding"]
    practice: str | None
    nhs_number: str | None
    purpose: str | None
    rule: str | None
    finding: str | None
    setting: str | None
    organisation: str | None
    before: str | None
    after: str | None
    positions: list[int]


class TimelineRecord(Record):
    """One event with both its times: from which day what it tells is so, and since when and where
    it is known. `told` are its fields; they name a patient by a random id only.
    """

    position: int
    topic: str
    so_from: date
    known_from: datetime
    by: str
    told: dict[str, JsonValue]


class StandingRecord(Record):
    """Of one supplier, how many patients stood as objecting to type 2 on a day, and of how many of
    them that had reached NHS Digital.
    """

    supplier: str
    objecting: int
    transmitted: int
    waiting: int


class FindingRecord(Record):
    """What a rule says about a history. `closes_when` is what closes it; `meanwhile`, while it is
    open, what it means for the patients.
    """

    id: str
    rule: str
    severity: str
    scope: str
    practice: str | None
    supplier: str | None
    purpose: str | None
    nhs_number: str | None
    state: Literal["open", "closed", "dismissed"]
    since: date
    found_at: datetime
    closed_at: datetime | None
    positions: list[int]
    summary: str
    expected: str
    upheld_meanwhile: bool | None
    name: str
    thresholds: str
    closes_when: str
    meanwhile: str | None


class EvidenceRecord(Record):
    """One event that proves a finding: where it stands in the log, what it said, and when.

    `file` and `row` tell where it stood in the delivery; null where no row of it is kept, as of a
    collection. `delivery_path` is null for those who may not see the delivery.
    """

    position: int
    known_at: datetime
    event: str
    said: str
    practice: str | None
    code: str | None
    code_system: str | None
    effective_on: date | None
    effective_precision: str | None
    entered_at: datetime | None
    period_end: datetime | date | None
    delivery: str | None
    delivery_path: str | None
    file: str | None
    row: int | None


class ExplainedFindingRecord(FindingRecord):
    """A finding with its evidence, in the order in which it became known."""

    evidence: list[EvidenceRecord]


class ThresholdRecord(Record):
    """A number that rules compare with, and why it is that number; `version` is the one in force."""

    name: str
    value: int | float | date
    unit: str
    reason: str
    version: str


class ThresholdsChangeRecord(Record):
    """How many findings of a rule other thresholds would open, close, or find graver or less grave;
    of a practice, or of a supplier. `version` names those thresholds.
    """

    rule: str
    practice: str | None
    supplier: str | None
    opens: int
    closes: int
    changes_severity: int
    version: str


class AdviceRecord(Record):
    """One piece of advice and who gives it; contradictory advice stands side by side."""

    text: str
    source: str


class ActionRecord(Record):
    """What a named owner has to do by a day.

    `missed` is a turn of what recurs that nobody answered while it lasted. `ledger_sees` stands
    beside what was said (`note`): `seen_done` tells whether it shows the thing done, null where it
    shows neither. `days_open`: from `owed_from` until it was taken or no longer needed, or today.
    """

    id: str
    practice: str | None
    owner: str
    due: date | None
    state: Literal["open", "taken", "overdue", "missed", "not-needed"]
    rule: str | None
    standing: str | None
    finding: str | None
    title: str
    advice: list[AdviceRecord]
    taken_at: datetime | None
    taken_by: str | None
    note: str | None
    owed_from: date
    days_open: int
    ledger_sees: str | None = None
    seen_done: bool | None = None
    supplier: str | None = None
    commissioner: str | None = None


class ActionCountRecord(Record):
    """How much one owner has to do at one practice, or about one supplier where `practice` is null."""

    practice: str | None
    supplier: str | None
    commissioner: str | None
    owner: str
    open: int
    overdue: int
    oldest_due: date | None


class LettersRecord(Record):
    """A letter that findings of one rule ask for: who writes it, and how many findings ask."""

    rule: str
    writer: str
    title: str
    findings: int


class TransmissionRecord(Record):
    """Recorded beside transmitted, for one collection, supplier and code system."""

    collection: str
    period_end: date
    supplier: str
    code_system: str
    entered: int
    transmitted: int
    ratio: float | None
    first_seen: int
    backlog: int
    carried: int
    median_days: int | None
    p95_days: int | None
    oldest_waiting_days: int | None
    out_of_line: bool
    practices: int
    missing: int
    unvalidated: bool


class PracticeTransmissionRecord(Record):
    """Recorded beside transmitted, for one collection and practice. `not-yet` took part in none so
    far, and has dissents waiting.
    """

    collection: str
    period_end: date
    practice: str
    supplier: str | None
    state: Literal["took-part", "missing", "not-yet"]
    entered: int
    transmitted: int
    ratio: float | None
    backlog: int
    median_days: int | None
    p95_days: int | None
    oldest_waiting_days: int | None


class OutOfLineRecord(Record):
    """From which collection a supplier's new dissents in a code system stayed away, until which."""

    supplier: str
    code_system: str
    fell_out_on: date
    came_back_on: date | None
    collections: int
    entered: int
    transmitted: int


class StatisticsRecord(Record):
    """Counts of patients at the end of a month, as they may be published: `*` is 1 to 7."""

    month: date
    purpose: str
    level: Literal["all", "commissioner", "practice"]
    code: str | None
    name: str | None
    commissioner: str | None
    practices: int
    objecting: Published
    cannot_tell: Published
    transmitted: Published | None


class ReleaseRecord(Record):
    """One release: what left, when, for whom, and what it relied on.

    `members` counts the patients in it, each once; `rows_refused` the rows of its list that are no
    NHS number, of which `refused` holds the first; `max_age` is in days.
    """

    id: str
    recipient: str
    purpose: str
    released_at: datetime
    receipt: str | None
    relied_on: list[str]
    max_age: int | None
    members: int
    refused: list[RefusedRowRecord] = []
    rows_refused: int
    by: str
    recorded_at: datetime
    position: int


class ExposureCountRecord(Record):
    """How many patients were exposed through one failure, at practices of one supplier.

    `known`: the ledger could have told when the data left.
    """

    failure: str
    supplier: str
    known: bool
    patients: int


class ExposedRecord(Record):
    """A patient who was released while objecting: since when, until when, through whose failure.

    `position` is that of the entry which decides; `until` is null where the objection still holds.
    """

    nhs_number: str | None
    practice: str
    supplier: str
    since: date
    until: date | None
    entered_on: date
    known_at: datetime
    known: bool
    failure: str
    rule: str
    position: int


class ExposureRecord(Record):
    """Who was released while objecting, by one release.

    `exposed` counts them; `patients` is null for who may not see them. `cohort_holds`: whether the
    table of members is the one whose digest the log has.
    """

    release: ReleaseRecord
    cohort_holds: bool
    entered_from: date | None
    entered_to: date | None
    exposed: int
    counts: list[ExposureCountRecord]
    patients: list[ExposedRecord] | None
    position: int
    known_at: datetime | None
    policy: str


class UntransmittedRecord(Record):
    """The patients of one supplier whose type 2 dissent some collection of a window should have
    carried and did not; when it was entered, and which collections missed any of them.

    `released` of them were in a release for type 2 in the window, while it was so.
    """

    supplier: str
    patients: int
    entered_from: date
    entered_to: date
    missed_from: date
    missed_to: date
    released: int


class AccountRecord(Record):
    """What somebody published of when the objections were recorded that never arrived, and how many
    patients of this ledger's window recorded theirs then.
    """

    claim: str
    entered_from: date
    entered_to: date | None
    sources: str
    patients: int


class WindowRecord(Record):
    """Who stood untransmitted in a window of time, beside the published accounts of it."""

    window_from: date
    window_to: date
    supplier: str | None
    untransmitted: list[UntransmittedRecord]
    accounts: list[AccountRecord]
    position: int
    known_at: datetime | None
    policy: str


class PracticeRecord(Record):
    """A practice's place in the register. `successors` have a closed practice's patients;
    `predecessors` are those whose patients it has.
    """

    code: str
    name: str
    status: Literal["active", "closed", "dormant", "proposed", "unknown"]
    clinical_system: str | None
    supplier: str | None
    gp_practice: bool | None
    postcode: str | None
    commissioner: str | None
    opened_on: date | None
    closed_on: date | None
    successors: list[str]
    predecessors: list[str]


class VocabularyRecord(Record):
    """How many entries of one month stand in each vocabulary; `practice` null: of all practices."""

    practice: str | None
    clinical_system: str
    purpose: str
    month: date
    readv2: int
    ctv3: int
    snomed_ct: int
    also_snomed_ct: int
    share_snomed_ct: float


class StillOldRecord(Record):
    """A practice that has entered Read v2 or CTV3 since SNOMED CT began, on 1 April 2018."""

    practice: str
    clinical_system: str
    first_month: date
    latest_month: date
    months: int
    entries: int
    also_snomed_ct: int


class SettingRecord(Record):
    """One sharing setting as it stands: `value` None was never set."""

    setting: str
    value: str | None
    changed_at: datetime | None
    changed_by: str | None
    position: int | None


class ChangeRecord(Record):
    """One change of a sharing setting, list or share-in."""

    setting: str
    value: str
    organisation: str | None
    changed_at: datetime
    changed_by: str
    position: int


class AgreementRecord(Record):
    """The state of a practice's EMIS sharing agreement."""

    activated: bool
    disabled: bool
    deleted: bool
    modified_at: datetime | None
    position: int


class SharingRecord(Record):
    """A practice's sharing state on a day."""

    practice: str
    at: date
    settings: list[SettingRecord]
    allowed: list[str]
    prohibited: list[str]
    agreement: AgreementRecord | None
    history: list[ChangeRecord]
    position: int
    known_at: datetime | None
    policy: str


class EventRecord(Record):
    """One event as the log keeps it; `state` names a patient by a random id only."""

    position: int
    stream: str
    version: int
    topic: str
    recorded_at: datetime
    state: dict[str, JsonValue]


class SealRecord(Record):
    """The head of the tree over the log: its size in events, its root in base64, who signed it."""

    size: int
    root: str
    sealed_at: datetime
    key: str
    checkpoint: str


class InclusionRecord(Record):
    """What proves that an event is in a tree (RFC 6962, section 2.1.1); hashes in base64."""

    position: int
    size: int
    leaf_hash: str
    hashes: list[str]


class ConsistencyRecord(Record):
    """What proves that a tree continues an older one (RFC 6962, section 2.1.2)."""

    old: int
    new: int
    hashes: list[str]


class ArchiveRecord(Record):
    """An archive once it was written: how many events stand in how many files, how many of these
    were written just now, their bytes in all, and the checkpoint they lead to.
    """

    ledger: str
    mode: Literal["live", "re-enactment"]
    events: int
    files: int
    written: int
    bytes: int
    checkpoint: str


class VerificationRecord(Record):
    """Whether the log is what was signed, and the first position that is not; `part` says what is
    wrong there. The log of looks has positions of its own, and is gone through last.
    """

    holds: bool
    events: int
    checkpoints: int
    position: int | None
    reason: str | None
    part: Literal["event", "tree", "look", "tree-of-looks"] | None = None
    looks: int = 0


class LookRecord(Record):
    """That somebody was shown something of patients: who, in which role and acting for whom, what,
    and what for if they said so.

    `spoke_of` is the position of the log that the answer spoke of, `request` the id that it bore.
    `patients` are random ids; `unknown` counts those asked about of whom nobody had told the ledger.
    `at_all`: neither is told, for it was a look at all patients of the practices, or at everybody.
    """

    position: int
    looked_at: datetime
    who: str
    role: str
    acting_for: list[str]
    way: str
    shown: str
    reason: str | None
    practices: list[str]
    patients: list[UUID]
    unknown: int
    at_all: bool
    spoke_of: int
    request: str


class StatusAskedRecord(Record):
    """The question of a receipt for a status: what was left out of it when it was asked is told.

    `now` is the moment from which the age of the practice's evidence counts, in days.
    """

    nhs_numbers: list[str]
    purpose: str
    at: date
    known_at: datetime | None
    policy: str
    practice: str | None
    max_age: int | None
    now: datetime


class StatusSaidRecord(Record):
    """The answer in a receipt for a status."""

    statuses: list[StatusRecord]


class ProvedRecord(Record):
    """An event that an answer rests on: the hash of its leaf, and a tlog-proof of that."""

    position: int
    leaf_hash: str
    proof: str


class ReceiptRecord(Record):
    """An answer of the ledger, signed: what was asked, what was said, and from which history.

    `signature` is a line of a signed note, over `receipt`, a newline, all the other fields as
    canonical JSON (RFC 8785), and a newline (docs/formats.md 10).
    """

    receipt: Literal["objection-ledger/receipt/v1"]
    kind: Literal["status"]
    origin: str
    ledger: str
    mode: str
    issued_at: datetime
    question: StatusAskedRecord
    answer: StatusSaidRecord
    policy: str
    at: date
    position: int
    known_at: datetime | None
    checkpoint: str
    evidence: list[ProvedRecord]
    signature: str


class AnswerDifferenceRecord(Record):
    """Where an answer came out otherwise: which row of it, which field, what it was and is now."""

    row: int
    field: str
    was: JsonValue
    now: JsonValue


class ReceiptCheckRecord(Record):
    """Whether the ledger still gives the answer that a receipt holds."""

    same: bool
    kind: str
    position: int
    policy: str
    rows: int
    events: int
    differences: list[AnswerDifferenceRecord]
