"""Which organisations stand in the national register, who took over whom, who uses which system?

Read are the files of docs/formats.md 6.1 and 6.2.
A file is told by its content, because a download loses its name easily, and may be gzipped:

epraccur   `epraccur.csv`, 27 unnamed fields
systems    the practice-to-system list, header ODSCode,Supplier
ord_json   what ODS's API (ORD 2-0-0) answers, in JSON

told       what all of them tell
lines      the rows of a CSV file
"""

import gzip
import io
import zlib
from pathlib import Path

from ledger.domain.refusals import DeliveryRefused
from ledger.readers.organisations.epraccur import epraccur
from ledger.readers.organisations.ord_json import ord_json
from ledger.readers.organisations.systems import is_system_list, system_list
from ledger.readers.organisations.told import Organisation, Register, Succeeded

__all__ = ["Organisation", "Register", "Succeeded", "read_register", "read_systems"]

# All of England's answers together take about 60 MB.
_LARGEST = 500_000_000
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_register(path: Path) -> Register:
    """What a file of the register tells, whichever of them it is; refused whole if it is none."""
    text = _text(path)
    match text.lstrip()[:1]:
        case "{" | "[":
            return ord_json(text, file=path.name)
        case "<":
            reason = "expected epraccur.csv or JSON of the ORD API, found a web page or XML"
            raise DeliveryRefused(f"{reason}: download the file itself", file=path.name)
        case _ if is_system_list(text):
            return system_list(text, file=path.name)
        case _:
            return epraccur(text, file=path.name)


def read_systems(path: Path) -> Register:
    """The practice-to-system list, and nothing else."""
    return system_list(_text(path), file=path.name)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        if content.startswith(b"\x1f\x8b"):
            content = _unzipped(content)
    except (OSError, EOFError, zlib.error) as why:
        reason = f"expected a CSV or JSON file, plain or gzipped, found none that opens: {why}"
        raise DeliveryRefused(reason, file=path.name) from why
    if len(content) > _LARGEST:
        reason = f"expected at most {_LARGEST // 1_000_000} MB, found more: import it in parts"
        raise DeliveryRefused(reason, file=path.name)
    if content.startswith(_UTF_16):
        raise DeliveryRefused("expected UTF-8, found UTF-16: save it as UTF-8", file=path.name)
    # A byte that is not UTF-8 spoils a name, never the list.
    return content.decode("utf-8-sig", errors="replace")


def _unzipped(content: bytes) -> bytes:
    """What was gzipped, as far as anybody would want it: a small file may hold a huge one."""
    with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
        return file.read(_LARGEST + 1)
