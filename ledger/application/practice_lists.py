"""Which practices does somebody ask for, in words, and how is one told?"""

from datetime import date

from ledger.application.records import PracticeRecord
from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.refusals import NotAFact
from ledger.projections.practices import PracticeLine, Wanted


def wanted(
    *,
    system: str | None = None,
    supplier: str | None = None,
    status: str | None = None,
    commissioner: str | None = None,
    name: str | None = None,
    closed_since: date | None = None,
    gp_practice: bool = True,
) -> Wanted:
    """The practices asked for; an empty word narrows nothing. Refuses a system nobody knows."""
    systems = [_system(told) for told in (system, supplier) if told]
    return Wanted(
        clinical_systems=set(ClinicalSystem).intersection(*systems) if systems else None,
        status=status or None,
        commissioner=commissioner.strip().upper() if commissioner else None,
        name=name.strip() if name else None,
        closed_since=closed_since,
        gp_practice=gp_practice,
    )


def _system(told: str) -> set[ClinicalSystem]:
    known = clinical_system(told)
    if known is None:
        names = ", ".join(system.value for system in ClinicalSystem)
        raise NotAFact(f"expected a clinical system or its supplier, as {names}; found another")
    return {known}


def practice_record(line: PracticeLine) -> PracticeRecord:
    """A practice as it leaves the ledger."""
    system = line.clinical_system
    return PracticeRecord.model_validate(
        {
            **line._asdict(),
            "clinical_system": system,
            "supplier": None if system is None else system.supplier,
            "successors": list(line.successors),
            "predecessors": list(line.predecessors),
        }
    )
