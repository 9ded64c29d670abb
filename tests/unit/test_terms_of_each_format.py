"""Each reader: what the words beside a code say, where that is the opposite of it (CO08)."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Entry
from ledger.domain.purposes import Statement
from ledger.readers import finding
from tests import files
from tests.unit.memory import KnownMemory

ENDS = datetime(2017, 4, 1, 22, 45)  # noqa: DTZ001  a practice's clock
WORDED_AS_A_DISSENT = "Type 1 opt-out"
Delivers = Callable[[Path, str], Path]


def systmone(where: Path, term: str) -> Path:
    row = files.a_systmone_entry(code="XaZ8A", CTV3Text=term)
    return files.a_systmone_delivery(where, ends=ENDS, entries=[row])


def systmone_in_snomed_ct(where: Path, term: str) -> Path:
    row = files.a_systmone_entry(code="", SNOMEDCode="827261000000102", SNOMEDText=term)
    return files.a_systmone_delivery(where, ends=ENDS, entries=[row])


def emis(where: Path, term: str) -> Path:
    row = files.an_emis_observation(code="9Nu1.", term=term)
    return files.an_emis_delivery(where, dated=ENDS, bulk=True, observations=[row])


def vision(where: Path, term: str) -> Path:
    row = {**files.a_vision_entry(), "CODE": "9Nu1.00", "RUBRIC": term}
    return files.a_vision_delivery(where, dated=ENDS, entries=[row])


def gp_connect(where: Path, term: str) -> Path:
    codings = [files.a_coding("readv2", "9Nu1.00", chosen=True, display=term)]
    observation = files.a_fhir_observation(codings=codings)
    return files.a_gp_connect_file(where, dated=ENDS, observations=[observation])


def gp_connect_as_text(where: Path, term: str) -> Path:
    observation = files.a_fhir_observation(code="9Nu1.00")
    observation["code"] |= {"text": term} if term else {}
    return files.a_gp_connect_file(where, dated=ENDS, observations=[observation])


def gp2gp(where: Path, term: str) -> Path:
    statement = files.a_gp2gp_statement(code="9Nu1.00", term=term)
    return files.a_gp2gp_file(where, dated=ENDS, statements=[statement])


def gp2gp_as_text(where: Path, term: str) -> Path:
    statement = files.a_gp2gp_statement(code="9Nu1.00").replace(
        "</code>", f"<originalText>{term}</originalText></code>"
    )
    return files.a_gp2gp_file(where, dated=ENDS, statements=[statement])


def entries(where: Path, term: str) -> Path:
    line = files.an_entry_line(code="9Nu1.", Term=term)
    return files.an_entries_file(where, dated=ENDS.date(), lines=[line])


FORMATS = (
    systmone,
    systmone_in_snomed_ct,
    emis,
    vision,
    gp_connect,
    gp_connect_as_text,
    gp2gp,
    gp2gp_as_text,
    entries,
)
each_format = pytest.mark.parametrize("delivers", FORMATS, ids=lambda f: f.__name__)


def the_entry(path: Path) -> Entry:
    systems = {files.GP_CONNECT_PRACTICE: ClinicalSystem.EVOLUTION}
    contents = finding.read(files.the_delivery(path), KnownMemory(systems=systems))
    assert contents.refused == ()
    (entry,) = contents.entries
    return entry


@each_format
def test_a_withdrawal_in_the_words_of_a_dissent_is_told(delivers: Delivers, tmp_path: Path) -> None:
    entry = the_entry(delivers(tmp_path, WORDED_AS_A_DISSENT))

    assert entry.statement is Statement.WITHDRAWAL
    assert entry.term_says is Statement.DISSENT
    assert WORDED_AS_A_DISSENT not in entry.model_dump_json()


@each_format
def test_without_words_there_is_nothing_to_tell(delivers: Delivers, tmp_path: Path) -> None:
    entry = the_entry(delivers(tmp_path, ""))

    assert entry.statement is Statement.WITHDRAWAL
    assert entry.term_says is None


def test_the_two_terms_of_a_row_that_contradict_each_other_tell_nothing(tmp_path: Path) -> None:
    row = files.a_systmone_entry(
        code="XaZ8A",
        CTV3Text="Dissent withdrawn second use GP patient identifiable data",
        SNOMEDCode="827261000000102",
        SNOMEDText=WORDED_AS_A_DISSENT,
    )
    delivery = files.a_systmone_delivery(tmp_path, ends=ENDS, entries=[row])

    assert the_entry(delivery).term_says is None


def test_what_the_free_text_of_vision_says_is_never_read(tmp_path: Path) -> None:
    row = {**files.a_vision_entry(), "CODE": "9Nu1.00", "TEXT": WORDED_AS_A_DISSENT}
    delivery = files.a_vision_delivery(tmp_path, dated=ENDS, entries=[row])

    assert the_entry(delivery).term_says is None


def test_what_a_code_of_emis_is_called_is_remembered(tmp_path: Path) -> None:
    memory = KnownMemory()
    told = finding.read(files.the_delivery(emis(tmp_path / "1", WORDED_AS_A_DISSENT)), memory)
    remembered = {r.key: r.value for r in told.references if r.kind == "code"}

    assert remembered["1007"] == "9Nu1.||dissent"
    assert remembered["1002"] == "9Nu1.|827261000000102"
