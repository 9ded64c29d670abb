"""What objections does a record hold that one practice sent to another by GP2GP?

The layout is docs/formats.md 4.2: HL7 version 3, a whole message, its EhrExtract, or a lone
ObservationStatement. What it holds is the sending practice's record. It says nothing of what is not
in it, so nothing is ever removed. The same statement as FHIR, a lone Observation, is read too.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import ParseError, parse  # type: ignore[import-untyped]

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodedStatement, read_row
from ledger.domain.entries import GP2GP_ID, Entry, PatientLink, RefusedRow, Route
from ledger.domain.identifiers import ods_code
from ledger.domain.refusals import DeliveryRefused
from ledger.domain.terms import contradiction
from ledger.readers import fhir
from ledger.readers.delivery import Contents, Found, Memory
from ledger.readers.observations import stated_by
from ledger.readers.read_codes import without_term_code
from ledger.readers.times import Effective, hl7_effective, hl7_moment

if TYPE_CHECKING:
    # A type: only defusedxml parses.
    from xml.etree.ElementTree import Element

NAME = re.compile(
    r"gp2gp_(?P<practice>[A-Z0-9]{3,10})_(?P<stamp>\d{8}T\d{6}Z)_\d{4,}\.xml",
    re.IGNORECASE | re.ASCII,
)
ROOT = re.compile(r"RCMR_IN030000UK\d\d|EhrExtract|ObservationStatement", re.ASCII)
MOST_BYTES = 256 << 20
_NHS_NUMBER, _ODS = "2.16.840.1.113883.2.1.4.1", "1.2.826.0.1285.0.1.10"
_READ_V2 = "2.16.840.1.113883.2.1.6.2"
# CTV3 by one public program and by another; for EMIS the second is its own codes, none of them ours.
_CTV3 = ("2.16.840.1.113883.2.1.3.2.4.14", "2.16.840.1.113883.2.1.6.3")
_SNOMED = "2.16.840.1.113883.2.1.3.2.4.15"
_OURS = {_READ_V2, *_CTV3, _SNOMED}
_IDENTIFIER = re.compile(r"[A-Za-z0-9.-]{1,100}", re.ASCII)
_LONGEST_CODE = 64
_NO_ONE = "expected a statement within an EhrExtract that says whose it is, found it without"
_TWICE = "expected an id of its own, found that of an earlier statement: both are left out"


def read(found: Found, memory: Memory) -> Contents:
    """The message; refused whole only where it is no sound XML, or no system of its sender is known."""
    (path,) = found.files
    if path.suffix.lower() == ".json":
        return _lone_observation(found, path)
    root = _parsed(path)
    extract = next((e for e in root.iter() if _name(e) == "EhrExtract"), None)
    sender = None if extract is None else _sender(extract)
    _check_name(path, sender)
    statements = list(_statements(root))
    ours = [told for told in statements if told.stated]
    # Of a message without anything of ours nothing is kept, so nobody has to know its sender.
    system = memory.clinical_system(sender) if sender and ours else None
    if sender and ours and system is None:
        raise DeliveryRefused(
            f"expected a sender whose clinical system is known, found {sender}; say which it "
            "uses: ledger practices import --systems FILE",
            file=path.name,
        )
    entries: dict[str, list[Entry]] = {}
    refused = []
    link = _link(extract, sender, system, path.name)
    for told in ours:
        record = _record_id(told)
        if link is None:
            refused.append(RefusedRow(path.name, told.row, "EhrExtract", _NO_ONE))
        elif fault := _fault(told, link):
            refused.append(RefusedRow(path.name, told.row, *fault))
        elif record in entries:
            # Which of the two holds cannot be told, so neither may count.
            entries[record] = []
            refused.append(RefusedRow(path.name, told.row, "id", _TWICE))
        else:
            entries[record] = list(_entries(told, link, path.name))
    return Contents(
        format=found.format,
        practices=(link.practice,) if link else (),
        clinical_system=link.clinical_system if link else None,
        period_end=found.dated,
        rows_read=len(statements),
        links=(link,) if link else (),
        entries=tuple(entry for of_record in entries.values() for entry in of_record),
        refused=tuple(refused),
    )


def _lone_observation(found: Found, path: Path) -> Contents:
    """One Observation by itself says neither whose it is nor whose record it stands in."""
    observation = fhir.observation(fhir.load(path), file=path.name)
    ours = stated_by(observation)
    why = "expected a whole record, found one Observation, which does not say whose it is"
    refused = (RefusedRow(path.name, 1, "resourceType", why),) if ours else ()
    return Contents(format=found.format, period_end=found.dated, rows_read=1, refused=refused)


# --- the message


def _parsed(path: Path) -> "Element":
    if path.stat().st_size > MOST_BYTES:
        raise DeliveryRefused(f"expected at most {MOST_BYTES:,} bytes, found more", file=path.name)
    try:
        root: Element = parse(path, forbid_dtd=True).getroot()
    except DefusedXmlException:
        raise DeliveryRefused(
            "expected XML without a document type or entities of its own, found one with them, "
            "which no GP2GP message has; do not open it, and ask its sender",
            file=path.name,
        ) from None
    except ParseError as error:
        line, column = error.position
        raise _no_xml(path, f"a fault in line {line}, column {column + 1}") from None
    except (ValueError, LookupError):
        # An encoding that nobody knows, or bytes that are not of it.
        raise _no_xml(path, "characters that cannot be read") from None
    if not ROOT.fullmatch(_name(root)):
        raise _no_xml(path, "another element at its root")
    return root


def _no_xml(path: Path, found: str) -> DeliveryRefused:
    return DeliveryRefused(
        f"expected XML of a GP2GP message, EhrExtract or ObservationStatement, found {found}; "
        "ask for it again",
        file=path.name,
    )


def _name(element: "Element") -> str:
    """An element's name without its namespace: published examples come with and without it."""
    tag = element.tag if isinstance(element.tag, str) else ""
    return tag.rsplit("}", 1)[-1]


def _at(element: "Element | None", *names: str) -> "Element | None":
    """The first element along these names."""
    for name in names:
        if element is None:
            return None
        element = next((child for child in element if _name(child) == name), None)
    return element


def _value(element: "Element | None") -> str:
    return "" if element is None else element.get("value", "")


def _id_of(element: "Element | None", root: str) -> str:
    """The extension of the element's id of this root."""
    ids = () if element is None else (child for child in element if _name(child) == "id")
    return next((i.get("extension", "").strip() for i in ids if i.get("root") == root), "")


# --- whose record, and where


def _sender(extract: "Element") -> str | None:
    organisation = _at(extract, "author", "AgentOrgSDS", "agentOrganizationSDS")
    return ods_code(_id_of(organisation, _ODS))


def _check_name(path: Path, sender: str | None) -> None:
    named = NAME.fullmatch(path.name)
    if named is not None and sender is not None and named["practice"].upper() != sender:
        raise DeliveryRefused(
            f"expected the practice {named['practice'].upper()} as in the file's name, found "
            f"{sender} in the message: whose record it is cannot be told",
            file=path.name,
        )


def _link(
    extract: "Element | None", sender: str | None, system: ClinicalSystem | None, file: str
) -> PatientLink | None:
    """Whose record it is; None where there is no extract, no sender, or nothing of ours in it."""
    if extract is None or sender is None or system is None:
        return None
    message = _at(extract, "id")
    root = "" if message is None else message.get("root", "")
    if not _IDENTIFIER.fullmatch(root):
        return None
    return PatientLink(
        practice=sender,
        clinical_system=system,
        # A message names the patient by nothing but the NHS number; so each has one of its own.
        source_patient=f"{GP2GP_ID}{root}",
        number_as_sent=_id_of(_at(extract, "recordTarget", "patient"), _NHS_NUMBER),
        left_out=False,
        born_on=None,
        died_on=None,
        source=f"{file}:recordTarget",
        death_untold=True,
    )


# --- what was recorded


class _Told(NamedTuple):
    """One ObservationStatement, and the ehrComposition in which it was entered, if it is in one."""

    row: int
    statement: "Element"
    composition: "Element | None"
    stated: tuple[CodedStatement, ...]


def _statements(root: "Element") -> Iterator[_Told]:
    entered_in = {
        statement: composition
        for composition in root.iter()
        if _name(composition) == "ehrComposition"
        for statement in composition.iter()
        if _name(statement) == "ObservationStatement"
    }
    statements = (element for element in root.iter() if _name(element) == "ObservationStatement")
    for row, statement in enumerate(statements, 1):
        yield _Told(row, statement, entered_in.get(statement), _stated(statement))


def _stated(statement: "Element") -> tuple[CodedStatement, ...]:
    """What the code states, as it was entered; its translations say the same in other words."""
    return read_row(
        tuple(
            (without_term_code(text) if spelling.get("codeSystem") == _READ_V2 else text)[
                :_LONGEST_CODE
            ]
            for spelling in _spellings(statement)
            if spelling.get("codeSystem") in _OURS and (text := spelling.get("code", "").strip())
        )
    )


def _spellings(statement: "Element") -> "list[Element]":
    """The code of a statement, and each of its translations."""
    code = _at(statement, "code")
    if code is None:
        return []
    return [code, *(child for child in code if _name(child) == "translation")]


def _terms(statement: "Element") -> Iterator[str]:
    """The code in words: as it was entered, and as each vocabulary has it."""
    for spelling in _spellings(statement):
        original = _at(spelling, "originalText")
        yield spelling.get("displayName", "")
        yield "" if original is None else original.text or ""


def _record_id(told: _Told) -> str:
    element = _at(told.statement, "id")
    return "" if element is None else element.get("root", "")


def _fault(told: _Told, link: PatientLink) -> tuple[str, str] | None:
    record = _record_id(told)
    status = _at(told.statement, "statusCode")
    if not _IDENTIFIER.fullmatch(record):
        return "id", "expected an id of letters, digits, full stops and hyphens"
    if link.number_as_sent and link.number_as_sent in record:
        return "id", "expected the id of a record, found the patient's number in it"
    if status is not None and status.get("code", "").upper() != "COMPLETE":
        return "statusCode", "expected COMPLETE"
    return None


def _entries(told: _Told, link: PatientLink, file: str) -> Iterator[Entry]:
    effective = _effective(told.statement)
    author = _at(told.composition, "author")
    who = _at(author, "agentRef", "id")
    entered_by = "" if who is None else who.get("root", "")
    for place, stated in enumerate(told.stated):
        entry_id = f"{GP2GP_ID}{_record_id(told)}"
        yield Entry(
            practice=link.practice,
            clinical_system=link.clinical_system,
            entry_id=stated.entry_id(entry_id, place),
            source_patient=link.source_patient,
            purpose=stated.purpose,
            statement=stated.statement,
            code_system=stated.code_system,
            code=stated.code,
            near=stated.near,
            also_coded=stated.also_coded,
            term_says=contradiction(stated.statement, *_terms(told.statement)),
            effective_on=effective.day,
            effective_precision=effective.precision,
            effective_partial=effective.partial,
            entered_at=hl7_moment(_value(_at(author, "time"))),
            entered_by=entered_by if _IDENTIFIER.fullmatch(entered_by) else None,
            route=Route.GP2GP,
            source=f"{file}:{told.row}",
        )


def _effective(statement: "Element") -> Effective:
    """When it was meant from: the effective time where it has a value, else the availability time."""
    time = _at(statement, "effectiveTime")
    told = (_value(_at(time, "center")), _value(_at(time, "low")), _value(time))
    available = _value(_at(statement, "availabilityTime"))
    return hl7_effective(next((text for text in told if text), available))
