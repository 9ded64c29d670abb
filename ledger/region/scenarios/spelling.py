"""Codes that are nearly ours, and one that only looks odd (CO07)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from ledger.domain.purposes import Purpose
from ledger.region.misspelling import GARBAGE, MISSPELT, MISSPELT_TYPE_2, MISSPELT_WITHDRAWAL
from ledger.region.scene import Scene
from ledger.region.spelling import Spelt


def malformed_codes(s: Scene) -> None:
    for code, how in MISSPELT[s.practice.supplier]:
        s.newcomer(s.patient.registered)
        s.dissent(code=code, exact=False)
        s.find("CO07", how)


def malformed_code_corrected(s: Scene) -> None:
    for code, how in MISSPELT[s.practice.supplier][:2]:
        s.newcomer(s.patient.registered)
        entry = s.dissent(code=code, exact=False)
        s.amend(entry, s.later(months=1), code=s.exact(Purpose.TYPE_1))
        s.find("CO07", f"{how}; corrected in the same row", closed=True)


def malformed_withdrawal(s: Scene) -> None:
    s.dissent()
    code = MISSPELT_WITHDRAWAL[s.practice.supplier]
    s.withdrawal(code=code, exact=False, entered=s.later(months=3))
    s.find("CO07", "nearly a withdrawal: never taken for one")
    s.quiet("a code near a withdrawal", "CO01 CO02 CO03", "it does not count as a withdrawal")


def malformed_type_2(s: Scene) -> None:
    s.dissent(Purpose.TYPE_2, code=MISSPELT_TYPE_2[s.practice.supplier], exact=False)
    s.find("CO07", "nearly a type 2 dissent, so no collection knows it", purpose=Purpose.TYPE_2)


def other_spellings(s: Scene) -> None:
    s.dissent(code=Spelt("9Nu0-1", s.exact(Purpose.TYPE_1).snomed))
    s.quiet("a synonym", "CO07", "EMIS writes synonyms with -1")


def garbage_beside(s: Scene) -> None:
    s.dissent(code=Spelt(s.exact(Purpose.TYPE_1).native, GARBAGE))
    s.quiet("garbage beside an exact code", "CO07", "too many digits for a SNOMED CT id")
