"""The records that follow patients who move practice: GP2GP's EhrExtracts (docs/formats.md 4.2).

HL7 version 3, of the practice that sends the record: each entry with the code as it was entered
there, the day it was meant from, and in the composition around it when it was entered and by whom.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent
from zoneinfo import ZoneInfo

from ledger.domain.clinical_systems import Supplier
from ledger.domain.codes import CodeSystem
from ledger.domain.purposes import Neighbour
from ledger.region.record import Patient, Record, Said
from ledger.region.region import Region, Transfer
from ledger.region.spelling import NATIVE, TERM_CODE, Spelt, code_of

_CLOCK = ZoneInfo("Europe/London")
_NAMESPACE = "urn:hl7-org:v3"
_NHS_NUMBER, _ODS = "2.16.840.1.113883.2.1.4.1", "1.2.826.0.1285.0.1.10"
_SNOMED = "2.16.840.1.113883.2.1.3.2.4.15"
_NATIVE = {
    CodeSystem.READ_V2: "2.16.840.1.113883.2.1.6.2",
    CodeSystem.CTV3: "2.16.840.1.113883.2.1.3.2.4.14",
}


class _Entry(NamedTuple):
    number: int
    said: Said


def write_gp2gp(directory: Path, region: Region) -> None:
    """Write a message for each patient whose record was sent on."""
    directory.mkdir(parents=True)
    for n, transfer in enumerate(sorted(region.transfers, key=lambda sent: sent.at), start=1):
        sender = transfer.patient.practice
        at = transfer.at.replace(tzinfo=_CLOCK).astimezone(UTC)
        path = directory / f"gp2gp_{sender.code}_{at:%Y%m%dT%H%M%SZ}_{n:04d}.xml"
        message = _message(transfer, n, region.record(sender))
        indent(message)
        ElementTree(message).write(path, encoding="utf-8", xml_declaration=True)


def _message(transfer: Transfer, n: int, record: Record) -> Element:
    moment = _hl7(transfer.at)
    message = Element("RCMR_IN030000UK06", xmlns=_NAMESPACE)
    _guid(message, "D", n)
    SubElement(message, "creationTime", value=moment)
    act = SubElement(message, "ControlActEvent", classCode="CACT", moodCode="EVN")
    subject = SubElement(act, "subject", typeCode="SUBJ", contextConductionInd="false")
    extract = SubElement(subject, "EhrExtract", classCode="EXTRACT", moodCode="EVN")
    _guid(extract, "E", n)
    _complete(extract, available=moment)
    target = SubElement(extract, "recordTarget", typeCode="RCT")
    patient = SubElement(target, "patient", classCode="PAT")
    number = transfer.patient.number_sent(transfer.at)
    SubElement(patient, "id", root=_NHS_NUMBER, extension=number)
    author = SubElement(extract, "author", typeCode="AUT")
    SubElement(author, "time", value=moment)
    _organisation(author, transfer.patient.practice.code)
    _organisation(SubElement(extract, "destination", typeCode="DST"), transfer.to)
    component = SubElement(extract, "component", typeCode="COMP")
    folder = SubElement(component, "ehrFolder", classCode="FOLDER", moodCode="EVN")
    _guid(folder, "F", n)
    _complete(folder, available=moment)
    for entry in _entries(record, transfer.patient, transfer.at):
        _composition(folder, transfer.patient, entry)
    return message


def _entries(record: Record, patient: Patient, at: datetime) -> list[_Entry]:
    """What stands of ours in the sender's own record, whether an extract ever showed it or not."""
    latest: dict[int, Said | None] = {}
    for line in sorted(record.lines, key=lambda line: line.at):
        shown_late = line.said is not None and line.said.entered <= at
        if line.patient is patient and (line.at <= at or shown_late):
            latest[line.entry] = line.said
    return [_Entry(number, said) for number, said in latest.items() if said is not None]


def _composition(folder: Element, patient: Patient, entry: _Entry) -> None:
    said = entry.said
    entered = _hl7(said.entered)
    outer = SubElement(folder, "component", typeCode="COMP")
    composition = SubElement(outer, "ehrComposition", classCode="COMPOSITION", moodCode="EVN")
    _guid(composition, "C", patient.practice.number, entry.number)
    _complete(composition, available=entered)
    author = SubElement(composition, "author", typeCode="AUT", contextControlCode="OP")
    SubElement(author, "time", value=entered)
    _guid(SubElement(author, "agentRef", classCode="AGNT"), "A", said.user)
    inner = SubElement(composition, "component", typeCode="COMP")
    statement = SubElement(inner, "ObservationStatement", classCode="OBS", moodCode="EVN")
    _guid(statement, "B", patient.practice.number, entry.number)
    system = NATIVE[patient.practice.supplier]
    codes, term = _codes(patient.practice.supplier, said), said.shown
    code = SubElement(
        statement, "code", code=codes.native, codeSystem=_NATIVE[system], displayName=term
    )
    if codes.snomed:
        SubElement(code, "translation", code=codes.snomed, codeSystem=_SNOMED, displayName=term)
    SubElement(statement, "statusCode", code="COMPLETE")
    meant = SubElement(statement, "effectiveTime")
    SubElement(meant, "center", nullFlavor="NI")
    if said.effective:
        SubElement(statement, "availabilityTime", value=said.effective.replace("-", ""))


def _codes(supplier: Supplier, said: Said) -> Spelt:
    """As GP2GP spells them, which is 5+2 for Read v2 whatever the system's own extract does."""
    if not said.exact or isinstance(said.purpose, Neighbour):
        return said.spelt
    native = code_of(NATIVE[supplier], said.purpose, said.statement)
    term_code = "" if NATIVE[supplier] is CodeSystem.CTV3 else TERM_CODE
    snomed = code_of(CodeSystem.SNOMED_CT, said.purpose, said.statement)
    return Spelt(native + term_code, snomed)


def _organisation(within: Element, code: str) -> None:
    agent = SubElement(within, "AgentOrgSDS", classCode="AGNT")
    organisation = SubElement(
        agent, "agentOrganizationSDS", classCode="ORG", determinerCode="INSTANCE"
    )
    SubElement(organisation, "id", root=_ODS, extension=code)


def _complete(element: Element, *, available: str) -> None:
    SubElement(element, "statusCode", code="COMPLETE")
    SubElement(element, "availabilityTime", value=available)


def _guid(element: Element, kind: str, *numbers: int) -> None:
    first, last = numbers[0], numbers[-1]
    SubElement(element, "id", root=f"{first:08X}-000{kind}-4000-8000-{last:012X}")


def _hl7(local: datetime) -> str:
    return f"{local:%Y%m%d%H%M%S}"
