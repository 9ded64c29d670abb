"""TPP's own maps from CTV3 to SNOMED CT and Read v2, whole each time they come (docs/formats.md 1.3).

One line of each is wrong (CO13): the type 2 withdrawal's SNOMED CT id, which stays so, and the type
1 dissent's Read code, which the next edition of the map corrects.
"""

from collections.abc import Iterator

from ledger.domain.clinical_systems import Supplier
from ledger.domain.codes import CODES, CodeSystem
from ledger.domain.purposes import Purpose, Statement
from ledger.region.noise import COMMON, NEIGHBOURS
from ledger.region.sheets import Cells
from ledger.region.spelling import code_of
from ledger.region.truth import CLOSED, OPEN, Expected

_WRONG_SNOMED, _WRONG_READ = ("XaaVM", "705025004"), ("XaZ89", "9Ndm.")


def snomed_map() -> Iterator[Cells]:
    """SRCtv3ToSnomed, every edition alike."""
    pairs = {code: code_of(CodeSystem.SNOMED_CT, *meaning) for code, meaning in _ours()}
    pairs |= {term.ctv3: term.snomed for term in (*COMMON, *NEIGHBOURS) if term.snomed}
    yield from _rows("SnomedCode", pairs | dict([_WRONG_SNOMED]))


def version_2_map(*, corrected: bool) -> Iterator[Cells]:
    """SRCtv3ToVersion2, in its first edition or the next."""
    pairs = {code: code_of(CodeSystem.READ_V2, *meaning) for code, meaning in _ours()}
    pairs |= {term.ctv3: term.read for term in (*COMMON, *NEIGHBOURS)}
    yield from _rows("Version2Code", pairs if corrected else pairs | dict([_WRONG_READ]))


def wrong_lines() -> Iterator[Expected]:
    """What the ledger has to find of them."""
    for purpose, state, why in (
        (Purpose.TYPE_2, OPEN, "the map has another SNOMED CT id for the type 2 withdrawal"),
        (Purpose.TYPE_1, CLOSED, "the map had another Read code for the type 1 dissent"),
    ):
        yield Expected("CO13", "", Supplier.TPP, "", purpose, state, "", why)


def _ours() -> Iterator[tuple[str, tuple[Purpose, Statement]]]:
    for code in CODES:
        if code.system is CodeSystem.CTV3:
            yield code.code, (code.purpose, code.statement)


def _rows(column: str, pairs: dict[str, str]) -> Iterator[Cells]:
    for number, (ctv3, code) in enumerate(sorted(pairs.items()), 1):
        yield {
            "RowIdentifier": str(number),
            "Ctv3Code": ctv3,
            column: code,
            "RemovedData": "0",
        }
