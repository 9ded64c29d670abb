"""Which vocabulary a clinical system enters codes in, and from when on SNOMED CT in its place."""

from datetime import date

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem

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
