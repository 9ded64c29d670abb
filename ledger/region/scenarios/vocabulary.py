"""Codes in a vocabulary that the practice's system did not use then, and those that only seem so (CO06)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import timedelta

from ledger.domain.purposes import Purpose
from ledger.region.misspelling import FOREIGN
from ledger.region.scene import Scene
from ledger.region.spelling import Spelt


def foreign_code(s: Scene) -> None:
    s.dissent(code=FOREIGN[s.practice.supplier])
    s.find("CO06", "a template brought along from another supplier's system")


def foreign_code_corrected(s: Scene) -> None:
    entry = s.dissent(code=FOREIGN[s.practice.supplier])
    s.amend(entry, s.later(months=1), code=s.exact(Purpose.TYPE_1))
    s.find("CO06", "coded in the practice's own vocabulary a month later", closed=True)


def snomed_too_early(s: Scene) -> None:
    s.dissent(code=_snomed_alone(s))
    s.find("CO06", "SNOMED CT alone, before any system entered it")


def snomed_in_time(s: Scene) -> None:
    s.dissent(code=_snomed_alone(s))
    s.quiet("SNOMED CT alone", "CO06 CO09", "entered after 1 April 2018, when it was right")


def foreign_code_of_another_practice(s: Scene) -> None:
    s.newcomer(s.month.first_day)
    s.dissent(code=FOREIGN[s.practice.supplier], effective=s.month.first_day - timedelta(days=500))
    s.quiet("GP2GP in another vocabulary", "CO06", "entered at the patient's former practice")


def _snomed_alone(s: Scene) -> Spelt:
    # A line of EMIS's table always has a code of EMIS's own beside it, which is no Read code.
    return Spelt("ESCTDI2" if s.is_emis else "", s.exact(Purpose.TYPE_1).snomed)
