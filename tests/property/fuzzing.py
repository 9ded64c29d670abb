"""What does every reader owe to any bytes whatever?

It takes the delivery, row by row where rows can be told apart, or refuses it whole with a reason.
It never fails in another way, never hangs and never says what stood in a row.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.refusals import DeliveryRefused
from ledger.readers import finding, organisations
from tests.files import (
    Carried,
    a_collection_file,
    a_conversion_file,
    a_fhir_observation,
    a_gp2gp_file,
    a_gp2gp_statement,
    a_gp_connect_file,
    a_setting_change,
    a_sharing_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    a_systmone_registration,
    a_withheld_file,
    an_emis_agreement,
    an_emis_delivery,
    an_emis_observation,
    an_entries_file,
    an_entry_line,
)
from tests.nhs_numbers import nhs_number
from tests.unit.memory import NoMemory

DATA = Path(__file__).parents[1] / "data"
MAY = date(2018, 5, 25)
NIGHT = datetime(2018, 5, 25, 22, 0, tzinfo=UTC)
# Whoever the deliveries below are about: the number that no message may hold.
ADA = nhs_number()


def _systmone(where: Path) -> None:
    a_systmone_delivery(
        where,
        ends=NIGHT,
        entries=[a_systmone_entry(), a_systmone_entry(2, code="XaaVL", SNOMEDCode="8.8156E+14")],
        patients=[a_systmone_patient()],
        registrations=[a_systmone_registration()],
    )


def _emis(where: Path) -> None:
    an_emis_delivery(
        where,
        dated=NIGHT,
        bulk=True,
        observations=[an_emis_observation(), an_emis_observation(2, code="9nu0.")],
        agreements=[an_emis_agreement()],
    )


def _vision(where: Path) -> None:
    for file in (DATA / "vision").glob("*.csv"):
        shutil.copy(file, where)


def _collection(where: Path) -> None:
    a_collection_file(where, period_end=MAY, members=[Carried(ADA), Carried(practice="X99902")])


def _conversion(where: Path) -> None:
    a_conversion_file(where, converted_on=MAY, numbers=[ADA])


def _sharing(where: Path) -> None:
    a_sharing_file(where, dated=MAY, changes=[a_setting_change()])


def _entries(where: Path) -> None:
    lines = [an_entry_line(), an_entry_line(2, ADA, code="9Nu4.", ClinicalSystem="evolution")]
    an_entries_file(where, dated=MAY, lines=[{**lines[0], "ClinicalSystem": ""}, lines[1]])


def _withheld(where: Path) -> None:
    a_withheld_file(where, dated=MAY, numbers=[ADA])


def _gp_connect(where: Path) -> None:
    observations = [a_fhir_observation(), a_fhir_observation(2, code="9Nu4.00", effective="2017")]
    a_gp_connect_file(where, dated=NIGHT, number=ADA, observations=observations)


def _gp2gp(where: Path) -> None:
    statements = [a_gp2gp_statement(), a_gp2gp_statement(2, snomed="881561000000100")]
    a_gp2gp_file(where, dated=NIGHT, number=ADA, statements=statements)


# A sound delivery of each format, to be spoilt.
SOUND: Mapping[str, Callable[[Path], None]] = {
    "systmone": _systmone,
    "emis": _emis,
    "vision": _vision,
    "collection": _collection,
    "conversion": _conversion,
    "sharing": _sharing,
    "entries": _entries,
    "withheld": _withheld,
    "gp-connect": _gp_connect,
    "gp2gp": _gp2gp,
}


class OnEvolution(NoMemory):
    """A ledger that has read nothing yet, but the list of who uses which system."""

    def clinical_system(self, practice: str) -> ClinicalSystem | None:
        del practice
        return ClinicalSystem.EVOLUTION


def sound_files(name: str) -> dict[str, bytes]:
    """The files of a sound delivery, by their path below its folder."""
    with TemporaryDirectory() as folder:
        where = Path(folder)
        SOUND[name](where)
        return {str(file.relative_to(where)): file.read_bytes() for file in _files(where)}


def read_whole(files: Mapping[str, bytes], where: Path) -> None:
    """Find and read what these files are, to the last row; whatever is refused has a reason."""
    for name, content in files.items():
        path = where / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    said = []
    try:
        found, left = finding.find(where, scratch=where.parent / f"{where.name}-scratch")
        said += [other.reason for other in left]
        for one in found:
            said += _read_one(one)
    except DeliveryRefused as refusal:
        said.append(str(refusal))
    assert all(said), "every refusal says why"
    assert not any(ADA in reason for reason in said), "no refusal says whose row it was"


def _read_one(found: finding.Found) -> list[str]:
    finding.because(found)
    try:
        contents = finding.read(found, OnEvolution())
        # Links and registrations are read when somebody asks for them.
        for _ in contents.links:
            pass
        for _ in contents.registrations:
            pass
    except DeliveryRefused as refusal:
        return [refusal.reason]
    return [row.reason for row in contents.refused] + list(contents.notes)


def read_register(content: bytes, where: Path) -> None:
    """Read these bytes as any file of the register, and as the list of who uses which system."""
    path = where / "register.csv"
    path.write_bytes(content)
    for reader in (organisations.read_register, organisations.read_systems):
        with suppress(DeliveryRefused):
            reader(path)


def _files(where: Path) -> Iterator[Path]:
    return (file for file in sorted(where.rglob("*")) if file.is_file())
