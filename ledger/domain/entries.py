"""What readers yield: entries, removals, registrations and settings, as a practice's system wrote them.

An NHS number is not here but in `PatientLink`: supplier files name a patient by an id of their
own, and a delta does not repeat which NHS number that id means.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.code_maps import Mapped, OurSide
from ledger.domain.codes import CodeSystem
from ledger.domain.identifiers import ODSCode
from ledger.domain.purposes import Neighbour, Purpose, Statement
from ledger.domain.values import Day, Moment, Value


class Precision(StrEnum):
    """How much of an effective date a practice's system gave (EMIS: EffectiveDatePrecision)."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    MISSING = "missing"
    UNREADABLE = "unreadable"


class Route(StrEnum):
    """How an entry came to the ledger."""

    DELIVERY = "delivery"
    GP_CONNECT = "gp-connect"
    GP2GP = "gp2gp"
    API = "api"


# What came of one patient at a time, rather than of a whole practice: formats as deliveries name
# them, and how the ids of their entries begin, so that no extract of the same practice has them.
OF_ONE_PATIENT = frozenset({"gp-connect-structured", "gp2gp"})
GP_CONNECT_ID, GP2GP_ID = "gpc:", "gp2gp:"


def is_of_an_extract(entry_id: str) -> bool:
    """Whether an entry came in a practice's extract, so that a later bulk has to have it too."""
    return not entry_id.startswith((GP_CONNECT_ID, GP2GP_ID))


class SourceKey(NamedTuple):
    """What makes two rows the same entry: practice, clinical system and the system's own entry id."""

    practice: str
    clinical_system: ClinicalSystem
    entry_id: str


class Entry(Value):
    """One coded line of a practice's record that states an objection or ends it, or that refuses
    something close by (then its purpose is a `Neighbour`).

    `effective_on` is given only where the whole day is known; `effective_partial` keeps a year
    ("2016") or month ("2016-03"). `entered_at` is None where the format has none. `term_says` is
    what the row's term says, where that is the opposite of its code (CO08).
    `source` is where it stood: file and row number, counted from 1 below the header.
    """

    practice: ODSCode
    clinical_system: ClinicalSystem
    entry_id: str = Field(min_length=1, max_length=200)
    source_patient: str = Field(max_length=200)
    purpose: Purpose | Neighbour
    statement: Statement
    code_system: CodeSystem
    code: str = Field(max_length=64)
    near: bool = False
    also_coded: str | None = Field(default=None, max_length=64)
    term_says: Statement | None = None
    effective_on: Day | None
    effective_precision: Precision
    effective_partial: str | None = Field(default=None, pattern=r"^\d{4}(-\d{2})?$")
    entered_at: Moment | None
    entered_by: str | None = Field(default=None, max_length=100)
    route: Route = Route.DELIVERY
    source: str = Field(default="", max_length=300)

    @property
    def key(self) -> SourceKey:
        """The source record key."""
        return SourceKey(self.practice, self.clinical_system, self.entry_id)


class Removal(NamedTuple):
    """A row that says an entry, perhaps one of ours, was deleted or now says something else."""

    key: SourceKey
    source: str


class PatientLink(NamedTuple):
    """What a patient row tells: which NHS number a supplier's own patient id means, and dates.

    `left_out`: a test or dummy patient, kept out of everything downstream. `death_untold`: the
    row does not say whether the patient died, so what was told of it before stays. `of_entry`: the
    id is an entry's and not the system's own of a patient, so the row may come to be about somebody
    else.
    """

    practice: str
    clinical_system: ClinicalSystem
    source_patient: str
    number_as_sent: str
    left_out: bool
    born_on: date | None
    died_on: date | None
    source: str
    death_untold: bool = False
    of_entry: bool = False


class Registration(NamedTuple):
    """A patient's registration at the practice that publishes the row, not elsewhere.

    `registration` is the supplier's own id of the row: a row that is told again with other dates was
    corrected, or the patient came back. Without `registered_on` the row tells of none any more; a row
    that was deleted may not even say whose it was (`source_patient` empty).
    """

    practice: str
    clinical_system: ClinicalSystem
    source_patient: str
    registered_on: date | None
    deregistered_on: date | None
    registration: str


class Setting(StrEnum):
    """What a sharing file can change (docs/formats.md 8; as in SystmOne: C3 C4 C6)."""

    AUTO_SHARE_OUT = "auto-share-out"
    AUTO_SHARE_IN = "auto-share-in"
    SHARE_IN_RULE = "share-in-rule"
    ALLOWED = "allowed"
    PROHIBITED = "prohibited"
    SHARE_IN = "share-in"


class SettingChange(Value):
    """One change of a practice's sharing settings, as our own sharing file writes it.

    `reason_given`: of an override, whether there is a reason; None where nobody says.
    """

    practice: ODSCode
    changed_at: Moment
    changed_by: str = Field(max_length=100)
    setting: Setting
    value: str = Field(max_length=40)
    organisation: ODSCode | None = None
    reason_given: bool | None = None
    source: str = Field(default="", max_length=300)


class AgreementChange(Value):
    """The state of a practice's EMIS sharing agreement (docs/formats.md 2.2)."""

    practice: ODSCode
    activated: bool
    disabled: bool
    deleted: bool
    modified_at: Moment | None
    source: str = Field(default="", max_length=300)


class CodeMapLine(NamedTuple):
    """A line of a supplier's code map about our codes whose verdict is new.

    `mapped` and `ours` say how it disagrees with our table; None: it had, and no longer does.
    """

    feed: str
    table: str
    row_id: str
    source: str
    mapped: Mapped | None
    ours: OurSide | None


class Member(NamedTuple):
    """One row of a collection: this patient's objection reached NHS Digital."""

    supplier: str
    practice: str
    nhs_number: str
    code_system: CodeSystem
    code: str
    effective_on: date | None
    source: str


class Conversion(NamedTuple):
    """One row of a conversion file: a type 2 objection became a national data opt-out."""

    nhs_number: str
    converted_on: date
    conversion_source: str
    source: str


class WhyWithheld(StrEnum):
    """How a practice's system refuses a patient's record (docs/formats.md 4.1)."""

    NO_PATIENT_CONSENT = "NO_PATIENT_CONSENT"


class Withholding(NamedTuple):
    """A practice was asked for a patient's record and refused it."""

    practice: str
    nhs_number: str
    asked_at: datetime
    answer: WhyWithheld
    source: str


class RecordAnswer(NamedTuple):
    """A practice was asked for a patient's record and sent all that may hold an objection."""

    practice: str
    nhs_number: str
    answered_at: datetime


class RefusedRow(NamedTuple):
    """A row that cannot be a fact: where it stands, which column, and why. Never its content."""

    file: str
    row: int
    column: str
    reason: str
