"""Which vocabulary a clinical system enters codes in, and from when on SNOMED CT in its place."""

from datetime import date, datetime

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.events import EntryRecorded
from ledger.domain.objections import practice_day

# SNOMED CT replaces Read v2 and CTV3 in general practice, phased from this day (A1).
SNOMED_CT_FROM = date(2018, 4, 1)

_NATIVE = {
    ClinicalSystem.SYSTMONE: CodeSystem.CTV3,
    ClinicalSystem.EMIS_WEB: CodeSystem.READ_V2,
    ClinicalSystem.VISION: CodeSystem.READ_V2,
    ClinicalSystem.EVOLUTION: CodeSystem.READ_V2,
}


def native_to(system: ClinicalSystem) -> CodeSystem:
    """The vocabulary this system has had all along."""
    return _NATIVE[system]


def in_use(vocabulary: CodeSystem, system: ClinicalSystem, *, on: date) -> bool:
    """Whether entries could be made in this vocabulary, in that system, on that day."""
    if vocabulary is CodeSystem.SNOMED_CT:
        return on >= SNOMED_CT_FROM
    return vocabulary is native_to(system)


def month_entered(event: EntryRecorded, recorded_at: datetime) -> date:
    """The first day of the month in which an entry was made; where that is not told, of the day it
    is effective on or became known, whichever was first.
    """
    day = practice_day(event.entered_at or recorded_at)
    if event.entered_at is None and event.effective_on is not None:
        day = min(day, event.effective_on)
    return day.replace(day=1)
