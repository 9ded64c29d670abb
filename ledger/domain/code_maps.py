"""Does a supplier's own map of codes say of our codes what our table says?

SystmOne delivers its maps from CTV3 to SNOMED CT and Read v2, EMIS Web a table of which line carries
which codes (docs/formats.md 1.3, 2.2). Our table was put together from public sources, and some of
its codes have but one or none: where a supplier's map says otherwise, a person has to look.
"""

import re
from typing import NamedTuple

from ledger.domain.codes import CODES, Code, CodeSystem

# Those of our codes that no public source confirms (docs/formats.md 7).
UNCONFIRMED: frozenset[str] = frozenset(["XaZ8A", "827261000000102", "881581000000109"])
# What is kept of a map are codes, and never text.
_CODE = re.compile(r"[A-Za-z0-9.+-]{1,20}", re.ASCII)
_OURS = {(code.system, code.code): code for code in CODES}


class Mapped(NamedTuple):
    """One line of a map: a code, and what it is mapped to."""

    code_system: CodeSystem
    code: str
    mapped_code_system: CodeSystem
    mapped_code: str

    @property
    def has_codes(self) -> bool:
        """Whether what stands in both places can be a code at all."""
        return bool(_CODE.fullmatch(self.code) and _CODE.fullmatch(self.mapped_code))


class OurSide(NamedTuple):
    """The code of our table that should stand in place of the one a map has."""

    code_system: CodeSystem
    code: str


def disagreement(line: Mapped) -> OurSide | None:
    """What our table has instead; None where the line agrees with it, or is none of ours.

    A code of ours that is mapped to nothing says nothing.
    """
    if not line.code or not line.mapped_code:
        return None
    ours = _OURS.get((line.code_system, line.code))
    theirs = _OURS.get((line.mapped_code_system, line.mapped_code))
    if ours is not None:
        expected = _in_system(ours, line.mapped_code_system)
        return None if expected.code == line.mapped_code else OurSide(*_place(expected))
    if theirs is not None:
        return OurSide(*_place(_in_system(theirs, line.code_system)))
    return None


def unconfirmed(*codes: str) -> tuple[str, ...]:
    """Those of these codes that stand in our table on nobody's word but their check digit."""
    return tuple(code for code in dict.fromkeys(codes) if code in UNCONFIRMED)


def _in_system(code: Code, system: CodeSystem) -> Code:
    return next(
        c
        for c in CODES
        if (c.system, c.purpose, c.statement) == (system, code.purpose, code.statement)
    )


def _place(code: Code) -> tuple[CodeSystem, str]:
    return code.system, code.code


def ours_in(system: CodeSystem) -> tuple[str, ...]:
    """Our codes of this vocabulary, for a bulk scan."""
    return tuple(code.code for code in CODES if code.system is system)
