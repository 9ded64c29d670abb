"""How does each clinical system write the four objections, and what is said beside them?

`1+` is a type 1 dissent, `1-` its withdrawal; `2+` and `2-` those of type 2 (docs/formats.md 7).
"""

from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from tests.unseen.practices import EMIS, EVOLUTION, TPP, VISION


class Spelt(NamedTuple):
    """The code of the system's own vocabulary, the SNOMED CT id, the words."""

    native: str
    snomed: str
    term: str


_ROWS = {
    "1+": ("9Nu0", "XaZ89", "827241000000103", "Dissent from secondary use of GP data"),
    "1-": ("9Nu1", "XaZ8A", "827261000000102", "Dissent withdrawn secondary use of GP data"),
    "2+": ("9Nu4", "XaaVL", "881561000000100", "Dissent from disclosure of data by HSCIC"),
    "2-": ("9Nu5", "XaaVM", "881581000000109", "Dissent withdrawn disclosure of data HSCIC"),
}
_REFUSALS = {
    "scr": ("9Ndo", "XaXj6", "", "Express dissent for Summary Care Record"),
    "local": ("93C1", "XaKRw", "416409005", "Refused consent for upload to local shared record"),
}
# What every practice enters all day, so that its record is never only objections.
BLOOD_PRESSURE = {TPP: "2469.", EMIS: "2469", VISION: "2469.00", EVOLUTION: "2469."}


def spelt(what: str, system: ClinicalSystem) -> Spelt:
    """As that system's users enter it."""
    read, ctv3, snomed, term = (_ROWS | _REFUSALS)[what]
    native = {TPP: ctv3, EMIS: read, VISION: f"{read}.00", EVOLUTION: f"{read}."}[system]
    return Spelt(native, snomed, term)


def collected_as(system: ClinicalSystem) -> tuple[str, str]:
    """Vocabulary and code under which a type 2 dissent stands in a collection."""
    return ("ctv3", "XaaVL") if system is TPP else ("readv2", "9Nu4.")
