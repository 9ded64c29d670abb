"""Codes as people and spreadsheets misspell them: nearly ours (CO07), or not theirs (CO06)."""

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose, Statement
from ledger.region.spelling import TERMS, Spelt

_ROUNDED = "8.27241E+14"
_READ_WITH_TERM_CODE = (
    (Spelt("9nu0.00", ""), "case alone"),
    (Spelt("9Nuo.00", ""), "the letter o for nought"),
    (Spelt("9N u0.00", ""), "a blank inside"),
)

# Nearly a type 1 dissent; case first, then what else happens.
MISSPELT = {
    Supplier.TPP: (
        (Spelt("xaz89", ""), "case alone"),
        (Spelt("XZa89", ""), "two letters swapped"),
        (Spelt("XaZ 89", ""), "a blank inside"),
        (Spelt("", _ROUNDED), "a SNOMED CT id that a spreadsheet rounded"),
    ),
    Supplier.EMIS: (
        (Spelt("9nu0.", ""), "case alone"),
        (Spelt("9Nuo.", ""), "the letter o for nought"),
        (Spelt("9N u0.", ""), "a blank inside"),
        (Spelt("ESCTDI1", _ROUNDED), "a SNOMED CT id that a spreadsheet rounded"),
    ),
    Supplier.INPS: (
        *_READ_WITH_TERM_CODE,
        (Spelt("9Nu000", ""), "the full stop lost"),
        (Spelt("", "827241000000000"), "garbage for a SNOMED CT id: its last digits lost"),
    ),
    Supplier.MICROTEST: (
        *_READ_WITH_TERM_CODE,
        (Spelt("", _ROUNDED), "a SNOMED CT id that a spreadsheet rounded"),
    ),
}
MISSPELT_TYPE_2 = {
    Supplier.TPP: Spelt("xaaVL", ""),
    Supplier.EMIS: Spelt("9nu4.", ""),
    Supplier.INPS: Spelt("9nu4.00", ""),
    Supplier.MICROTEST: Spelt("9nu4.00", ""),
}
# A type 1 dissent rightly spelt, in the vocabulary of another supplier's system.
FOREIGN = {
    Supplier.TPP: Spelt("9Nu0.", ""),
    Supplier.EMIS: Spelt("XaZ89", ""),
    Supplier.INPS: Spelt("XaZ89", ""),
    Supplier.MICROTEST: Spelt("XaZ89", ""),
}
# XaZ8a stands in a public query for the withdrawal (docs/formats.md 7).
MISSPELT_WITHDRAWAL = {
    Supplier.TPP: Spelt("XaZ8a", ""),
    Supplier.EMIS: Spelt("9nu1.", ""),
    Supplier.INPS: Spelt("9nu1.00", ""),
    Supplier.MICROTEST: Spelt("9nu1.00", ""),
}
# Lines of EMIS's table whose term is not the code's own: an observation has no term beside it.
OLD_NAME = "Dissent from disclosure of personal confidential data by HSCIC"
EMIS_WORDED = {
    (Statement.WITHDRAWAL, TERMS[Purpose.TYPE_1, Statement.DISSENT]): Spelt("9Nu1-2", ""),
    (Statement.DISSENT, TERMS[Purpose.TYPE_1, Statement.WITHDRAWAL]): Spelt("9Nu0-2", ""),
    (Statement.DISSENT, OLD_NAME): Spelt("9Nu4-1", ""),
}
# What Vision is known to hold beside a code: too long for a SNOMED CT id (docs/formats.md 3.2).
GARBAGE = "29993973518322896898"
