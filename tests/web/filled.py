"""A small ledger to look at: a SystmOne practice whose objections never arrived, and an EMIS one."""

from datetime import date, datetime
from pathlib import Path

from ledger.application import Ledger
from ledger.domain.events import Mode
from tests.files import (
    Carried,
    Row,
    a_collection_file,
    a_setting_change,
    a_sharing_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    an_emis_delivery,
    an_emis_observation,
    an_emis_patient,
    found_in,
)
from tests.nhs_numbers import nhs_numbers

OURS, THEIRS = "X99901", "X99902"
# A register is a file like any other, and whoever writes it may write anything.
OUR_NAME = "MARLOW <SCRIPT>ALERT(1)</SCRIPT> & SONS"
THEIR_NAME = "HARBOUR SURGERY"
COHORT = 32
NUMBERS = nhs_numbers(2 * COHORT + 4)
OF_OURS, OF_THEIRS = NUMBERS[:COHORT], NUMBERS[COHORT : 2 * COHORT]
UNDECIDED, MISSPELT = NUMBERS[-2], NUMBERS[-1]

_ENTERED = datetime(2016, 3, 1, 10)  # noqa: DTZ001  clinical systems write their clock without zone
_RECORDED = datetime(2016, 3, 31, 22)  # noqa: DTZ001


def fill(ledger: Ledger, folder: Path) -> None:
    """Re-enact from January 2016 to June 2018 in a dozen small files."""
    ledger.open("Two practices", mode=Mode.RE_ENACTMENT, as_of=date(2016, 1, 1))
    ledger.import_practices(_register(folder), systems=_systems(folder))
    for found in found_in(*_deliveries(folder)):
        ledger.ingest(found)
    ledger.catch_up()


def _register(folder: Path) -> Path:
    line = (
        '"{code}","{name}","Y63","Q74","","","","","","TS18 1HU","19740401","","A","B","00K",'
        '"20130401","","","","","","0","","00K","","4",""\r\n'
    )
    path = folder / "epraccur.csv"
    named = {OURS: OUR_NAME, THEIRS: THEIR_NAME}
    path.write_text("".join(line.format(code=c, name=n) for c, n in named.items()), newline="")
    return path


def _systems(folder: Path) -> Path:
    path = folder / "systems.csv"
    path.write_text(f"ODSCode,Supplier\n{OURS},TPP\n{THEIRS},EMIS\n")
    return path


def _deliveries(folder: Path) -> list[Path]:
    settings = [
        a_setting_change(changed_at="2016-02-01T09:30:00Z"),
        a_setting_change("share-in-rule", "verify-unlisted", changed_at="2018-04-01T09:30:00Z"),
        a_setting_change(
            "allowed", "add", changed_at="2018-04-01T09:31:00Z", Organisation="X99903"
        ),
        # What no practice can set is refused, and the page of the delivery says so.
        a_setting_change(value="perhaps", changed_at="2018-04-01T09:32:00Z"),
    ]
    return [
        _systmone(folder),
        _emis(folder),
        *(
            a_collection_file(
                folder / "collections",
                period_end=end,
                members=[
                    Carried(practice=OURS),
                    *(
                        Carried(number, THEIRS, "EMIS", "readv2", "9Nu4.", _ENTERED.date())
                        for number in OF_THEIRS
                    ),
                ],
            )
            for end in (date(2016, 4, 30), date(2016, 5, 31), date(2016, 6, 30), date(2016, 7, 31))
        ),
        a_sharing_file(folder / "sharing", dated=date(2018, 6, 1), changes=settings),
    ]


def _systmone(folder: Path) -> Path:
    return a_systmone_delivery(
        folder / "systmone",
        ends=_RECORDED,
        entries=[
            *(_coded(i, "XaaVL", patient=i) for i in range(1, COHORT + 1)),
            _coded(201, "XaZ89", patient=101),
            _coded(202, "XaZ8A", patient=101),
            _coded(203, "xaz89", patient=102),
        ],
        patients=[
            *(a_systmone_patient(i, number) for i, number in enumerate(OF_OURS, 1)),
            a_systmone_patient(101, UNDECIDED),
            a_systmone_patient(102, MISSPELT),
        ],
    )


def _coded(row: int, code: str, *, patient: int) -> Row:
    return a_systmone_entry(
        row, code=code, patient=patient, entered_at=_ENTERED, effective_on=_ENTERED.date()
    )


def _emis(folder: Path) -> Path:
    return an_emis_delivery(
        folder,
        dated=_RECORDED,
        bulk=True,
        observations=[
            an_emis_observation(
                i, code="9Nu4.", patient=i, entered_at=_ENTERED, effective_on=_ENTERED.date()
            )
            for i in range(1, COHORT + 1)
        ],
        patients=[an_emis_patient(i, number) for i, number in enumerate(OF_THEIRS, 1)],
    )
