"""The rest of a practice's record: ten coded rows for each of ours, none of which is one.

Among them are the neighbours of our codes (docs/formats.md 7): objections to something else.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.region.dice import dice
from ledger.region.record import Patient, Record
from ledger.region.region import Region
from ledger.region.spelling import SNOMED_SINCE, TERM_CODE, Spelt
from ledger.region.timeline import Month, clock

_FIRST_ID, _IDS_A_MONTH = 10_000_000, 100_000


class Term(NamedTuple):
    """Something else that is coded in a practice, and the number beside it if there is one."""

    read: str
    ctv3: str
    snomed: str
    text: str
    values: tuple[int, int] | None = None
    unit: str = ""

    def spelt(self, supplier: Supplier, year: int) -> Spelt:
        """Its codes as the supplier's files show them."""
        match supplier:
            case Supplier.TPP:
                return Spelt(self.ctv3, self.snomed if year >= SNOMED_SINCE else "")
            case Supplier.EMIS:
                return Spelt(self.read.rstrip("."), self.snomed)
            case Supplier.INPS | Supplier.MICROTEST:
                return Spelt(self.read + TERM_CODE, self.snomed)


COMMON = (
    Term("2469.", "2469.", "72313002", "Systolic blood pressure", (95, 180), "mmHg"),
    Term("246A.", "246A.", "1091811000000102", "Diastolic blood pressure", (55, 110), "mmHg"),
    Term("22A..", "22A..", "27113001", "Body weight", (45, 130), "kg"),
    Term("22K..", "22K..", "60621009", "Body mass index", (17, 41), "kg/m2"),
    Term("242..", "X773s", "78564009", "Pulse rate", (48, 110), "beats/min"),
    Term("1371.", "XE0oh", "266919005", "Never smoked tobacco"),
    Term("65E..", "Xaa9G", "822851000000102", "Seasonal influenza vaccination"),
    # One letter from the withdrawal 9Nu1. and yet no slip: another chapter of Read.
    Term("9N31.", "9N31.", "185317003", "Telephone encounter"),
    Term("8B3H.", "8B3H.", "182888003", "Medication requested"),
    Term("H33..", "H33..", "195967001", "Asthma"),
)
SHARED_RECORD = Term(
    "93C1.", "XaKRw", "416409005", "Refused consent for upload to local shared record"
)
SUMMARY_CARE_RECORD = Term("9Ndo.", "XaXj6", "", "Express dissent for Summary Care Record")
AUDIT = Term("9M1..", "XaJrC", "", "Informed dissent for national audit")
NEIGHBOURS = (
    SHARED_RECORD,
    Term("93C3.", "XaKRy", "416308001", "Refused consent for upload to national shared record"),
    Term("9Nd1.", "XaKII", "", "No consent for electronic record sharing"),
    SUMMARY_CARE_RECORD,
    Term("9Ndn.", "XaXbZ", "", "Express consent for core and additional Summary Care Record"),
    Term("9NdH.", "XaNwT", "320011000000108", "Declined to share with specified third party"),
    Term("9Ndt.", "XaY7Y", "", "Dissent from key information summary"),
    AUDIT,
)
# Rare, as they are: of a practice's patients a few in a hundred refuse anything.
_TERMS = COMMON * 40 + NEIGHBOURS


class NoiseRow(NamedTuple):
    """One coded row that is none of ours."""

    id: int
    patient: Patient
    term: Term
    entered: datetime
    value: str


def noise_of(region: Region, record: Record, month: Month) -> Iterator[NoiseRow]:
    """The other rows a practice entered in that month: the same each time one asks."""
    rng = dice(region.seed, "noise", record.practice.code, month)
    present = [patient for patient in record.patients if patient.registered <= month.first_day]
    serial = _FIRST_ID + (month.year % 100 * 12 + month.month) * _IDS_A_MONTH
    for i in range(rows_a_month(region)):
        term = rng.choice(_TERMS)
        day = month.first_day.replace(day=rng.randint(1, 28))
        value = "" if term.values is None else str(rng.randint(*term.values))
        yield NoiseRow(serial + i, rng.choice(present), term, clock(day, rng), value)


def rows_a_month(region: Region) -> int:
    """How many other rows stand beside a month's objections, at each practice."""
    plan = region.plan
    ours = plan.type_1.most + plan.type_1_evolution.most
    ours += sum(between.most for between in plan.type_2.values())
    return max(1, plan.noise * ours // len(region.practices))
