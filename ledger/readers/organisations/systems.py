"""The practice-to-system list, header ODSCode,Supplier (docs/formats.md 6.1).

It names no Vision or Evolution practice, so a practice that it leaves out is not known rather
than on no system.
"""

from ledger.domain.clinical_systems import ClinicalSystem, clinical_system
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.organisations.lines import fields, lines_of
from ledger.readers.organisations.told import Register, RowError, a_code, each

_HEADER = ["odscode", "supplier"]


def is_system_list(text: str) -> bool:
    """Whether the first line is the list's header."""
    _, first = next(lines_of(text), (0, ""))
    return [name.strip().strip('"').casefold() for name in first.split(",")][:2] == _HEADER


def system_list(text: str, *, file: str) -> Register:
    """Who uses what. Takes system and supplier by any name they are known by."""
    if not is_system_list(text):
        raise DeliveryRefused("expected the header ODSCode,Supplier, found another", file=file)
    [(header, _), *rows] = lines_of(text)
    # Rows are counted from 1 below the header.
    read, refused = each(((number - header, line) for number, line in rows), _system_of, file)
    return Register(file, systems=tuple(read), refused=tuple(refused))


def _system_of(_number: int, line: object) -> tuple[str, ClinicalSystem]:
    match fields(line):
        case [practice, name, *_]:
            code = a_code(practice, "ODSCode")
        case row:
            raise RowError("", f"expected ODSCode and Supplier, found {len(row)} field")
    if (system := clinical_system(name)) is None:
        raise RowError("Supplier", "expected TPP, EMIS, INPS or MICROTEST, found another")
    return code, system
