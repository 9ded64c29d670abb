"""The columns of Vision's tables, live and as in the test pack (docs/formats.md 3.2)."""

from collections.abc import Sequence
from typing import NamedTuple

from ledger.region.sheets import columns


class Layout(NamedTuple):
    """What a practice's files have in which column: no header says so."""

    journal: Sequence[str]
    patient: Sequence[str]


_PATIENT = columns(
    "PID REFERENCE DATE_OF_BIRTH SEX POSTCODE MARITAL_STATUS GP GP_USUAL ACTIVE REGISTERED_DATE "
    "REMOVED_DATE HA PCG SURGERY MILEAGE DISPENSING ETHNIC DATE_OF_DEATH PRACTICE SURNAME FORENAME "
    "TITLE NHS_NUMBER ADDRESS ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 PHONE_NUMBER "
    "MOBILE_NUMBER EMAIL PRACT_NUMBER SERVICE_ID ACTION"
)
LIVE = Layout(
    journal=columns(
        "PID ID DATE RECORDED_DATE CODE SNOMED_CODE BNF_CODE HCP HCP_TYPE GMS EPISODE TEXT RUBRIC "
        "DRUG_FORM DRUG_STRENGTH DRUG_PACKSIZE DMD_CODE IMMS_STATUS IMMS_COMPOUND IMMS_SOURCE "
        "IMMS_BATCH IMMS_REASON IMMS_METHOD IMMS_SITE ENTITY VALUE1_NAME VALUE1 VALUE1_UNITS "
        "VALUE2_NAME VALUE2 VALUE2_UNITS END_DATE TIME CONTEXT CERTAINTY SEVERITY LINKS LINKS_EXT "
        "SERVICE_ID ACTION SUBSET DOCUMENT_ID"
    ),
    patient=_PATIENT,
)
TEST_PACK = Layout(
    journal=columns(
        "PID ID DATE RECORDED_DATE CODE BNF_CODE HCP_CODE HCP_TYPE GMS EPISODE TEXT RUBRIC VALUE1 "
        "VALUE2 END_DATE TIME CONTEXT CERTAINTY SEVERITY LINKS SERVICE_ID SUBSET ACTION"
    ),
    patient=[
        column for column in _PATIENT if column not in {"PHONE_NUMBER", "MOBILE_NUMBER", "EMAIL"}
    ],
)
PRACTICE = columns(
    "ID NAME IDENTIFIER HA ADDRESS ADDRESS_1 ADDRESS_2 ADDRESS_3 ADDRESS_4 ADDRESS_5 POSTCODE PHONE "
    "EMAIL FAX"
)

# Until the end of this year every other practice's files are as in the test pack.
_LAST_OF_THE_TEST_PACK = 2016


def layout(index: int, year: int) -> Layout:
    """How the files of Vision's practice of this index are laid out that year."""
    return TEST_PACK if index % 2 and year <= _LAST_OF_THE_TEST_PACK else LIVE
