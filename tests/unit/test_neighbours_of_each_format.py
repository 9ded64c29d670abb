"""Each reader: refusals of something close to our purposes are told, and apart from objections (CO10)."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import NEIGHBOURS, REFUSALS, read_row
from ledger.domain.purposes import Neighbour, Purpose
from ledger.readers import finding
from ledger.readers.delivery import Contents
from tests import files
from tests.nhs_numbers import nhs_number
from tests.unit.memory import KnownMemory

ENDS = datetime(2017, 4, 1, 22, 45)  # noqa: DTZ001  a practice's clock
SUMMARY_CARE_RECORD = "summary-care-record"
Delivers = Callable[[Path, str], Path]


def systmone(where: Path, read: str) -> Path:
    ctv3 = {"9Ndo.": "XaXj6", "9Nu0.": "XaZ89", "9Ndn.": "XaXbZ"}[read]
    rows = [files.a_systmone_entry(code=ctv3)]
    return files.a_systmone_delivery(where, ends=ENDS, begins=ENDS, entries=rows)


def emis(where: Path, read: str) -> Path:
    rows = [files.an_emis_observation(code=read)]
    return files.an_emis_delivery(where, dated=ENDS, observations=rows)


def vision(where: Path, read: str) -> Path:
    rows = [{**files.a_vision_entry(), "CODE": f"{read}00"}]
    return files.a_vision_delivery(where, dated=ENDS, entries=rows)


def gp_connect(where: Path, read: str) -> Path:
    observations = [files.a_fhir_observation(code=f"{read}00")]
    return files.a_gp_connect_file(where, dated=ENDS, observations=observations)


def gp2gp(where: Path, read: str) -> Path:
    statements = [files.a_gp2gp_statement(code=f"{read}00")]
    return files.a_gp2gp_file(where, dated=ENDS, statements=statements)


def entries(where: Path, read: str) -> Path:
    lines = [files.an_entry_line(code=read)]
    return files.an_entries_file(where, dated=ENDS.date(), lines=lines)


FORMATS = (systmone, emis, vision, gp_connect, gp2gp, entries)
# A message of GP2GP says nothing of what it does not repeat, so it removes nothing.
THAT_REMOVE = tuple(delivers for delivers in FORMATS if delivers is not gp2gp)
each_format = pytest.mark.parametrize("delivers", FORMATS, ids=lambda f: f.__name__)
each_that_removes = pytest.mark.parametrize("delivers", THAT_REMOVE, ids=lambda f: f.__name__)


def contents_of(path: Path, known: Iterable[str] = ()) -> Contents:
    ids = list(known)
    practices = (
        files.PRACTICE,
        files.EMIS_PRACTICE,
        files.VISION_PRACTICE,
        files.GP_CONNECT_PRACTICE,
    )
    memory = KnownMemory(
        entries=dict.fromkeys(practices, ids),
        patients={nhs_number(): ids},
        systems={files.GP_CONNECT_PRACTICE: ClinicalSystem.EVOLUTION},
    )
    contents = finding.read(files.the_delivery(path), memory)
    assert contents.refused == ()
    return contents


@each_format
def test_a_refusal_of_something_else_is_told_as_such(delivers: Delivers, tmp_path: Path) -> None:
    (entry,) = contents_of(delivers(tmp_path, "9Ndo.")).entries

    assert entry.purpose is Neighbour.SUMMARY_CARE_RECORD
    assert entry.entry_id.endswith(f"#{SUMMARY_CARE_RECORD}")
    assert entry.code in {"9Ndo.", "XaXj6"}
    assert entry.effective_on == files.A_DAY
    assert entry.term_says is None


@each_that_removes
def test_an_objection_that_becomes_a_refusal_of_something_else_is_removed(
    delivers: Delivers, tmp_path: Path
) -> None:
    (objection,) = contents_of(delivers(tmp_path / "1", "9Nu0.")).entries

    contents = contents_of(delivers(tmp_path / "2", "9Ndo."), [objection.entry_id])

    assert [removal.key.entry_id for removal in contents.removals] == [objection.entry_id]
    assert [e.entry_id for e in contents.entries] == [f"{objection.entry_id}#{SUMMARY_CARE_RECORD}"]


@each_that_removes
def test_a_refusal_that_becomes_an_objection_is_removed(delivers: Delivers, tmp_path: Path) -> None:
    (refusal,) = contents_of(delivers(tmp_path / "1", "9Ndo.")).entries

    contents = contents_of(delivers(tmp_path / "2", "9Nu0."), [refusal.entry_id])

    assert [removal.key.entry_id for removal in contents.removals] == [refusal.entry_id]
    assert [entry.purpose for entry in contents.entries] == [Purpose.TYPE_1]


def test_of_every_refusal_the_scan_lets_the_code_through_and_the_row_says_what_it_is() -> None:
    for refusal in REFUSALS:
        assert refusal.code in NEIGHBOURS
        (stated,) = read_row((refusal.code,))
        assert (stated.purpose, stated.code_system) == (refusal.about, refusal.system)


def test_a_row_with_a_code_of_ours_too_states_ours_alone() -> None:
    (stated,) = read_row(("XaXj6", "827241000000103"))

    assert stated.purpose is Purpose.TYPE_1


@pytest.mark.parametrize("code", ["9Ndl.", "9Ndm.", "9Ndn.", "9Nd7.", "XaXbZ", "425691002"])
def test_a_consent_is_read_by_nobody(code: str) -> None:
    assert read_row((code,)) == ()
