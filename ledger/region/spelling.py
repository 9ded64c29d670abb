"""How each supplier's system spells what a patient said: the native code and its SNOMED CT twin."""

from collections.abc import Mapping
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.domain.codes import CODES, CodeSystem
from ledger.domain.purposes import Neighbour, Purpose, Statement

NATIVE = {
    Supplier.TPP: CodeSystem.CTV3,
    Supplier.EMIS: CodeSystem.READ_V2,
    Supplier.INPS: CodeSystem.READ_V2,
    Supplier.MICROTEST: CodeSystem.READ_V2,
}
# Vision and GP Connect show a Read code with the number of its preferred term (docs/formats.md 3.2).
TERM_CODE = "00"
# The year in which SystmOne's extract began to carry a SNOMED CT id beside the native code.
SNOMED_SINCE = 2015

_BY_MEANING = {(c.system, c.purpose, c.statement): c.code for c in CODES}

# The codes' names as the screen shows them (docs/formats.md 7: the body's name never changed).
TERMS: Mapping[tuple[Purpose | Neighbour, Statement], str] = {
    (Purpose.TYPE_1, Statement.DISSENT): (
        "Dissent from secondary use of GP patient identifiable data"
    ),
    (Purpose.TYPE_1, Statement.WITHDRAWAL): (
        "Dissent withdrawn from secondary use of GP patient identifiable data"
    ),
    (Purpose.TYPE_2, Statement.DISSENT): (
        "Dissent from disclosure of personal confidential data by Health and Social Care "
        "Information Centre"
    ),
    (Purpose.TYPE_2, Statement.WITHDRAWAL): (
        "Dissent withdrawn disclosure personal confidential dta HSCIC"
    ),
}


class Spelt(NamedTuple):
    """The codes of one row, as its file shows them; either may be empty."""

    native: str
    snomed: str


def spelt(supplier: Supplier, purpose: Purpose, statement: Statement, *, year: int) -> Spelt:
    """The codes a supplier's file shows for this statement when nobody makes a mistake."""
    native = code_of(NATIVE[supplier], purpose, statement)
    snomed = code_of(CodeSystem.SNOMED_CT, purpose, statement)
    match supplier:
        case Supplier.TPP:
            return Spelt(native, snomed if year >= SNOMED_SINCE else "")
        case Supplier.EMIS:
            return Spelt(native.rstrip("."), snomed)  # EMIS leaves out the padding
        case Supplier.INPS | Supplier.MICROTEST:
            return Spelt(native + TERM_CODE, snomed)


def code_of(system: CodeSystem, purpose: Purpose, statement: Statement) -> str:
    """The one exact code of this vocabulary."""
    return _BY_MEANING[system, purpose, statement]
