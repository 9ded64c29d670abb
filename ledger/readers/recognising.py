"""Is a file of JSON or XML a record of GP Connect or GP2GP, and which moment does it bear?

Names say it where our own client wrote the file. Any other is recognised by how it begins, because
whoever saves a reply or a message names it as they please.
"""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.refusals import DeliveryRefused
from ledger.readers import fhir, gp2gp, gp_connect
from ledger.readers.delivery import Format
from ledger.readers.times import hl7_moment, rfc_3339

NOT_OURS = "not the name of a file of any format we read"
_ALONE = (
    "a refusal of GP Connect by itself: it has to come with the patient it is about, as "
    "withheld_<ods>_<yyyymmdd>.csv"
)
_NUMBER_IN_NAME = (
    "a name that may hold an NHS number, and names are kept: rename it to "
    "gpconnect_<ods>_<yyyymmddThhmmssZ>_<nnnn>.json or gp2gp_<ods>_<yyyymmddThhmmssZ>_<nnnn>.xml"
)
_BEGINNING = 1 << 16
_TEN_DIGITS = re.compile(r"(?<!\d)\d{3}[ -]?\d{3}[ -]?\d{4}(?!\d)")
_RESOURCE = re.compile(r"[A-Z][A-Za-z]{2,40}", re.ASCII)
_ELEMENT = re.compile(r"<(?:[\w.-]+:)?(" + gp2gp.ROOT.pattern + r")[\s/>]", re.ASCII)
_TIME = re.compile(
    r"<(?:[\w.-]+:)?(?:creationTime|availabilityTime)\s+value\s*=\s*[\"'](\d+)", re.ASCII
)


class Recognised(NamedTuple):
    """A record, and the moment it bears."""

    format: Format
    dated: datetime


def recognised(file: Path) -> Recognised | str:
    """What the file is, or why it is no delivery."""
    try:
        return _recognised(file)
    except OSError:
        return "a file that cannot be opened"


def _recognised(file: Path) -> Recognised | str:
    named = gp_connect.NAME.fullmatch(file.name) or gp2gp.NAME.fullmatch(file.name)
    if named is not None:
        moment = _stamp(named["stamp"])
        if moment is None:
            return "a file whose name gives no possible time"
        is_xml = file.suffix.lower() == ".xml"
        return Recognised(Format.GP2GP if is_xml else Format.GP_CONNECT, moment)
    found = _xml(file) if file.suffix.lower() == ".xml" else _json(file)
    # Its name goes into the log, as that of every delivery.
    if isinstance(found, Recognised) and any(
        usable_nhs_number(digits) for digits in _TEN_DIGITS.findall(file.name)
    ):
        return _NUMBER_IN_NAME
    return found


def _stamp(text: str) -> datetime | None:
    """The moment of `yyyymmddThhmmssZ`, which is in UTC."""
    return hl7_moment(f"{text[:8]}{text[9:15]}+0000")


def _json(file: Path) -> Recognised | str:
    try:
        told = fhir.load(file)
    except DeliveryRefused:
        # What began as a record is refused by its reader, which says why.
        told = {"resourceType": fhir.first_type(_beginning(file))}
    match fhir.type_of(told):
        case "Bundle" if told.get("type") == "searchset":
            return "the answer to a search of FHIR, and no patient's record"
        case "Bundle":
            return Recognised(Format.GP_CONNECT, _dated(told, file))
        case "Observation":
            return Recognised(Format.GP2GP, _dated({"entry": [{"resource": told}]}, file))
        case "OperationOutcome":
            return _ALONE
        case str() as other if _RESOURCE.fullmatch(other):
            return f"a {other} of FHIR, and no patient's record"
        case _:
            return NOT_OURS


def _dated(bundle: dict[str, Any], file: Path) -> datetime:
    """When the Bundle was made, else when the newest of its records was."""
    made = _moment(bundle.get("meta"), "lastUpdated")
    if made is not None:
        return made
    entries = bundle.get("entry")
    issued = [
        moment
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and (moment := _moment(entry.get("resource"), "issued"))
    ]
    return max(issued, default=_saved(file))


def _moment(within: object, name: str) -> datetime | None:
    told = within.get(name) if isinstance(within, dict) else None
    return rfc_3339(told) if isinstance(told, str) else None


def _xml(file: Path) -> Recognised | str:
    beginning = _beginning(file)
    encoding = "utf-16" if beginning[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8"
    text = beginning.decode(encoding, "replace")
    if _ELEMENT.search(text) is None:
        return NOT_OURS
    made = _TIME.search(text)
    return Recognised(Format.GP2GP, (made and hl7_moment(made[1])) or _saved(file))


def _beginning(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_BEGINNING)


def _saved(file: Path) -> datetime:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)
