"""EMIS's central code table, Coding_ClinicalCode: an observation names only a line of it."""

from collections.abc import Iterator
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose, Statement
from ledger.region.misspelling import (
    EMIS_WORDED,
    FOREIGN,
    MISSPELT,
    MISSPELT_TYPE_2,
    MISSPELT_WITHDRAWAL,
)
from ledger.region.noise import COMMON, NEIGHBOURS
from ledger.region.sheets import Cells
from ledger.region.spelling import TERMS, Spelt, spelt

_FIRST = 1_000_001


class _Known(NamedTuple):
    code: Spelt
    term: str


def _exact(meaning: tuple[Purpose, Statement]) -> Spelt:
    return spelt(Supplier.EMIS, *meaning, year=2018)


_OURS = [((purpose, s), t) for (purpose, s), t in TERMS.items() if isinstance(purpose, Purpose)]
_TYPE_1 = (Purpose.TYPE_1, Statement.DISSENT)
_TABLE: tuple[_Known, ...] = (
    *(_Known(_exact(meaning), term) for meaning, term in _OURS),
    # A synonym, and one concept in two lines, one for each vocabulary.
    _Known(Spelt("9Nu0-1", _exact(_TYPE_1).snomed), "Dissent from secondary use of GP data"),
    _Known(Spelt("9Nu0", ""), TERMS[_TYPE_1]),
    _Known(Spelt("ESCTDI2", _exact(_TYPE_1).snomed), TERMS[_TYPE_1]),
    # Lines that somebody typed or a spreadsheet rounded.
    *(_Known(code, TERMS[_TYPE_1]) for code, _ in MISSPELT[Supplier.EMIS]),
    _Known(MISSPELT_TYPE_2[Supplier.EMIS], TERMS[Purpose.TYPE_2, Statement.DISSENT]),
    _Known(MISSPELT_WITHDRAWAL[Supplier.EMIS], TERMS[Purpose.TYPE_1, Statement.WITHDRAWAL]),
    *(_Known(code, term) for (_, term), code in EMIS_WORDED.items()),
    _Known(FOREIGN[Supplier.EMIS], TERMS[_TYPE_1]),
    *(_Known(term.spelt(Supplier.EMIS, 2018), term.text) for term in (*COMMON, *NEIGHBOURS)),
)
_IDS = {known.code: str(_FIRST + i) for i, known in enumerate(_TABLE)}


def code_id(code: Spelt) -> str:
    """The CodeId by which an observation names this line."""
    return _IDS[code]


def code_table() -> Iterator[Cells]:
    """Every line, as the file tells it: all at once, since it replaces what was told before."""
    for known in _TABLE:
        yield {
            "CodeId": _IDS[known.code],
            "Term": known.term,
            "ReadTermId": known.code.native,
            "SnomedCTConceptId": known.code.snomed,
            "EmisCodeCategoryDescription": "Administration",
        }
