"""Each verb, as others script against it: options, fields, exit codes."""

import csv
import io
import json
import sys
from datetime import UTC, date, datetime
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import pytest

from ledger.settings import settings
from tests.cli.conftest import Run
from tests.files import (
    Carried,
    a_collection_file,
    a_setting_change,
    a_sharing_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
)
from tests.pdf import pages
from tests.registers import a_line, a_succession, an_answer, epraccur, ord_file

DATA = Path(__file__).parents[1] / "data"
ADA = "9990000018"
ENDS = datetime(2016, 4, 29, 22, 0, tzinfo=UTC)

FINDING_FIELDS = {
    "id", "rule", "severity", "scope", "practice", "supplier", "purpose", "nhs_number", "state",
    "since", "found_at", "closed_at", "positions", "summary", "expected", "upheld_meanwhile",
}  # fmt: skip
ACTION_FIELDS = {
    "id", "practice", "owner", "due", "state", "rule", "standing", "finding", "title", "advice",
    "taken_at", "taken_by", "note",
}  # fmt: skip
STATUS_FIELDS = {
    "nhs_number", "purpose", "status", "because", "conflicts", "evidence_at", "at", "known_at",
    "position", "policy",
}  # fmt: skip
DELIVERY_FIELDS = {
    "id", "path", "format", "practices", "period_end", "rows_read", "entries_kept", "unchanged",
    "removed", "unmatched", "refused", "state",
}  # fmt: skip


def a_delivery(where: Path) -> Path:
    """One practice, one patient, one type 1 dissent."""
    return a_systmone_delivery(
        where, ends=ENDS, entries=[a_systmone_entry()], patients=[a_systmone_patient(number=ADA)]
    )


def test_a_ledger_is_opened_once(run: Run) -> None:
    first = run("open", "ours", "--re-enactment", "--as-of", "2014-01-01")

    second = run("open", "theirs")

    assert first.code == 0
    assert "re-enactment" in first.out
    assert second.code == 2
    assert "open already" in second.err


def test_a_re_enactment_needs_the_day_it_begins(run: Run) -> None:
    answer = run("open", "ours", "--re-enactment")

    assert answer.code == 2
    assert "--as-of" in answer.err


def test_the_emis_sample_is_taken_in_part(run: Run) -> None:
    answer = run("ingest", DATA / "emis", "--format", "json")

    [delivery] = json.loads(answer.out)
    assert answer.code == 0
    assert delivery.keys() >= DELIVERY_FIELDS
    assert (delivery["rows_read"], delivery["entries_kept"]) == (8, 1)
    assert delivery["state"] == "accepted-in-part"
    [refused] = delivery["refused"]
    assert (refused["row"], refused["column"]) == (2, "OrganisationGuid")


def test_the_systmone_sample_holds_only_test_patients(run: Run) -> None:
    answer = run("ingest", DATA / "systmone" / "20260105_2200", "--format", "json")

    [delivery] = json.loads(answer.out)
    assert (delivery["rows_read"], delivery["entries_kept"], delivery["left_out"]) == (8, 0, 1)
    assert delivery["state"] == "accepted"


def test_the_same_delivery_again_adds_nothing_and_says_so(run: Run, tmp_path: Path) -> None:
    path = a_delivery(tmp_path)
    run("ingest", path)

    answer = run("ingest", path)

    assert answer.code == 0
    assert "add nothing" in answer.out


def test_a_path_that_is_not_there_is_bad_input(run: Run, tmp_path: Path) -> None:
    answer = run("ingest", tmp_path / "nowhere")

    assert answer.code == 2
    assert "nowhere" in answer.err


def test_a_delivery_refused_whole_is_bad_input_and_names_the_reason(
    run: Run, tmp_path: Path
) -> None:
    path = a_delivery(tmp_path)
    (path / "SRCode.csv").unlink()

    answer = run("ingest", path)

    assert answer.code == 2
    assert "SRCode" in answer.out


def test_an_engine_that_is_not_installed_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)

    answer = run("ingest", tmp_path, "--engine", "spark")

    assert answer.code == 2
    assert "needs pyspark: install objection-ledger[spark]" in answer.err


def test_an_engine_without_java_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", ModuleType("pyspark"))
    monkeypatch.setattr(sys.modules["pyspark"], "__spec__", ModuleSpec("pyspark", None))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)

    answer = run("ingest", tmp_path, "--engine", "spark")

    assert answer.code == 2
    assert "needs Java 17 or newer" in answer.err


def test_an_engine_nobody_knows_is_bad_usage_wherever_it_is_told(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = run("ingest", tmp_path, "--engine", "abacus")
    monkeypatch.setenv("LEDGER_ENGINE", "abacus")
    settings.cache_clear()
    told = run("ingest", tmp_path)

    assert (asked.code, told.code) == (2, 2)
    assert "expected polars or spark in LEDGER_ENGINE" in told.err


def test_a_status_is_one_record_with_its_reason(run: Run, tmp_path: Path) -> None:
    run("ingest", a_delivery(tmp_path))

    answer = run("status", ADA, "--purpose", "type-1", "--format", "json")

    status = json.loads(answer.out)
    assert status.keys() >= STATUS_FIELDS
    assert status["status"] == "objecting"
    assert status["because"]["code"] == "XaZ89"


def test_a_mistyped_number_is_told_at_once_and_not_repeated(run: Run) -> None:
    answer = run("status", "9990000019", "--purpose", "type-1")

    assert answer.code == 2
    assert "9990000019" not in answer.out + answer.err


def test_a_purpose_that_does_not_exist_is_bad_usage(run: Run) -> None:
    assert run("status", ADA, "--purpose", "marketing").code == 2


def test_findings_can_be_asked_to_count(run: Run, tmp_path: Path) -> None:
    undated = a_systmone_entry(effective_on=None)
    run(
        "ingest",
        a_systmone_delivery(
            tmp_path, ends=ENDS, entries=[undated], patients=[a_systmone_patient(number=ADA)]
        ),
    )

    errors = run("findings", "--rule", "CO11", "--format", "json", "--fail-on", "error")
    breaches = run("findings", "--rule", "CO11", "--fail-on", "breach")

    [found] = json.loads(errors.out)
    assert found.keys() >= FINDING_FIELDS
    assert found["nhs_number"] == ADA
    assert (errors.code, breaches.code) == (1, 0)


def test_a_finding_is_explained_with_what_proves_it(run: Run, tmp_path: Path) -> None:
    undated = a_systmone_entry(effective_on=None)
    path = a_systmone_delivery(
        tmp_path, ends=ENDS, entries=[undated], patients=[a_systmone_patient(number=ADA)]
    )
    run("ingest", path)
    [found] = json.loads(run("findings", "--rule", "CO11", "--format", "json").out)

    told = run("findings", "show", found["id"])
    assert run("findings", "show", found["id"], "--known-at", "1").code == 2
    [as_json] = json.loads(run("findings", "show", found["id"], "--format", "json").out)
    [as_csv] = csv.DictReader(
        io.StringIO(run("findings", "show", found["id"], "--format", "csv").out)
    )

    for line in (
        "Finding:   CO11 undated-entry, error, open",
        f"Seen:      {found['summary']}",
        "Expected:  An entry gives the day, month and year from which it takes effect.",
        "Meanwhile: The patient's wish is upheld: they count as objecting until this is settled.",
        "Closes:    It closes by itself when the date is added, or when the entry is removed.",
    ):
        assert line in told.out.splitlines()
    assert "Type 1 dissent recorded at X99901" in told.out
    assert "SRCode.csv" in told.out
    assert ADA not in told.out
    [entry] = as_json["evidence"]
    assert as_json["closes_when"] == as_csv["closes_when"] == found["closes_when"]
    assert (entry["file"], entry["row"], entry["delivery_path"]) == ("SRCode.csv", 1, path.name)
    assert entry["position"] == found["positions"][0]


def test_a_finding_there_is_not_is_bad_input(run: Run) -> None:
    answer = run("findings", "show", "none")

    assert answer.code == 2
    assert "there is no such finding" in answer.err


def test_findings_of_another_supplier_are_left_out(run: Run, tmp_path: Path) -> None:
    undated = a_systmone_entry(effective_on=None)
    run(
        "ingest",
        a_systmone_delivery(
            tmp_path, ends=ENDS, entries=[undated], patients=[a_systmone_patient(number=ADA)]
        ),
    )

    tpp = run("findings", "--supplier", "TPP", "--rule", "CO11", "--format", "json")
    emis = run("findings", "--supplier", "EMIS", "--rule", "CO11", "--format", "json")

    assert len(json.loads(tpp.out)) == 1
    assert json.loads(emis.out) == []


def test_actions_have_their_fields_and_start_with_what_is_overdue(run: Run, tmp_path: Path) -> None:
    run("ingest", a_delivery(tmp_path))

    answer = run("actions", "--format", "json")

    asked = json.loads(answer.out)
    assert all(action.keys() >= ACTION_FIELDS for action in asked)
    assert asked[0]["state"] == "overdue"


def test_an_action_is_taken_and_told_beside_what_the_ledger_sees(run: Run, tmp_path: Path) -> None:
    run("ingest", a_delivery(tmp_path))

    taken = run("actions", "take", "SA11-X99901", "--note", "notice amended")
    listed = run("actions", "--state", "taken", "--format", "json")

    assert (taken.code, taken.out) == (0, "taken: Amend your policies and your privacy notice\n")
    assert [(a["id"], a["taken_by"], a["note"]) for a in json.loads(listed.out)] == [
        ("SA11-X99901", "operator", "notice amended")
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("SA99-X99901", "--note", "done"), "there is no such action"),
        (("none", "--note", "done"), "there is no such action"),
        (("SA11-X99901", "--note", f"rang {ADA}"), "may not hold an NHS number"),
        (("SA11-X99901",), "--note"),
    ],
)
def test_an_action_that_cannot_be_taken_is_bad_input(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], expected: str
) -> None:
    run("ingest", a_delivery(tmp_path))

    answer = run("actions", "take", *arguments)

    assert answer.code == 2
    assert expected in answer.err
    assert ADA not in answer.err


def test_what_is_overdue_is_asked_for_by_commissioner_and_owner(run: Run, tmp_path: Path) -> None:
    run("ingest", a_delivery(tmp_path))
    run("practices", "import", epraccur(tmp_path, a_line("X99901")))

    def how_many(*arguments: str) -> int:
        return len(json.loads(run("actions", "--overdue", "--format", "json", *arguments).out))

    every = how_many()
    counts = json.loads(run("actions", "--counts", "--format", "json").out)
    assert every > 0
    assert how_many("--commissioner", "99x") == every
    assert how_many("--commissioner", "00Z") == 0
    assert how_many("--owner", "practice") == every
    assert how_many("--owner", "NHS Digital") == 0
    assert [(c["practice"], c["owner"], c["overdue"]) for c in counts] == [
        ("X99901", "practice", every)
    ]


def test_a_finding_is_dismissed_and_reopened(run: Run, tmp_path: Path) -> None:
    path = a_systmone_delivery(
        tmp_path,
        ends=ENDS,
        entries=[a_systmone_entry(code="xaz89")],
        patients=[a_systmone_patient(number=ADA)],
    )
    run("ingest", path)
    [finding] = json.loads(run("findings", "--rule", "CO07", "--format", "json").out)

    dismissed = run("findings", "dismiss", finding["id"], "--reason", "a research code")
    between = run("status", ADA, "--purpose", "type-1")
    reopened = run("findings", "reopen", finding["id"], "--reason", "they did ask")
    after = run("status", ADA, "--purpose", "type-1")
    again = run("findings", "reopen", finding["id"], "--reason", "they did ask")

    assert dismissed.out == "CO07 at practice X99901 is dismissed\n"
    assert reopened.out == "CO07 at practice X99901 is open\n"
    assert between.out.startswith("not-objecting")
    assert after.out.startswith("objecting")
    assert (again.code, "nothing to re-open" in again.err) == (2, True)


def a_conflict(where: Path) -> Path:
    """One patient who objects and does not, on one day."""
    return a_systmone_delivery(
        where,
        ends=ENDS,
        entries=[a_systmone_entry(1), a_systmone_entry(2, code="XaZ8A")],
        patients=[a_systmone_patient(number=ADA)],
    )


def test_letters_are_written_to_a_folder_and_name_nobody_outside_of_it(
    run: Run, tmp_path: Path
) -> None:
    run("ingest", a_conflict(tmp_path / "sre"))
    out = tmp_path / "out" / "letters"

    answer = run("letters", "--practice", "x99901", "--rule", "co01", out)

    names = [f"letters_CO01_X99901.{suffix}" for suffix in ("csv", "pdf", "txt")]
    assert answer.code == 0
    assert answer.out.endswith("1 letter\n")
    assert sorted(path.name for path in out.iterdir()) == names
    assert {path.stat().st_mode & 0o777 for path in out.iterdir()} == {0o600}
    [row] = csv.DictReader(io.StringIO((out / names[0]).read_text("utf-8-sig")))
    assert (row["nhs_number"], row["days"]) == (ADA, "1 March 2017")
    assert "NHS number: 999 000 0018" in pages((out / names[1]).read_bytes())[0]
    assert ADA not in answer.out + answer.err


def test_where_nobody_is_to_be_written_to_nothing_is_written(run: Run, tmp_path: Path) -> None:
    run("ingest", a_delivery(tmp_path / "sre"))
    out = tmp_path / "out"

    answer = run("letters", "--practice", "X99901", "--rule", "TX01", out)

    assert (answer.code, answer.out) == (0, "nobody is to be written to\n")
    assert not out.exists()


@pytest.mark.parametrize(
    ("practice", "rule", "expected"),
    [
        ("X99901", "SH01", "expected one of CO04, CO01, LC01, TX01"),
        ("no code", "CO04", "takes an ODS code"),
        ("X99901", "CO01", "name a folder that can be written to"),
    ],
)
def test_letters_that_cannot_be_written_are_bad_input(
    run: Run, tmp_path: Path, practice: str, rule: str, expected: str
) -> None:
    run("ingest", a_conflict(tmp_path / "sre"))
    (tmp_path / "file").write_text("")

    answer = run("letters", "--practice", practice, "--rule", rule, tmp_path / "file" / "x")

    assert answer.code == 2
    assert expected in " ".join(answer.err.replace("│", " ").split())


def test_a_sharing_file_changes_settings(run: Run, tmp_path: Path) -> None:
    path = a_sharing_file(tmp_path, dated=ENDS.date(), changes=[a_setting_change()])

    answer = run("ingest", path, "--format", "json")

    assert json.loads(answer.out)[0]["state"] == "accepted"


def test_a_collection_shows_what_was_recorded_beside_what_was_transmitted(
    run: Run, tmp_path: Path
) -> None:
    entry = a_systmone_entry(
        code="XaaVL", entered_at=datetime(2016, 4, 4, 10, tzinfo=UTC), effective_on=date(2016, 4, 4)
    )
    run(
        "ingest",
        a_systmone_delivery(
            tmp_path, ends=ENDS, entries=[entry], patients=[a_systmone_patient(number=ADA)]
        ),
        a_collection_file(tmp_path, period_end=date(2016, 4, 30), members=[Carried()]),
    )

    answer = run("transmission", "--format", "json")

    [line] = [line for line in json.loads(answer.out) if line["supplier"] == "TPP"]
    assert (line["entered"], line["transmitted"], line["backlog"]) == (1, 0, 1)
    assert (line["oldest_waiting_days"], line["median_days"], line["missing"]) == (26, None, 0)
    practices = run("transmission", "--by", "practice", "--format", "csv")
    [row] = csv.DictReader(io.StringIO(practices.out))
    assert (row["practice"], row["state"], row["entered"]) == ("X99901", "took-part", "1")
    assert run("transmission", "--out-of-line").out.strip() == "nobody fell out of line"
    assert run("transmission", "--collection", line["collection"]).code == 2
    assert run("transmission", "--by", "practice", "--out-of-line").code == 2


def test_statistics_are_suppressed_and_of_months_that_are_over(run: Run, tmp_path: Path) -> None:
    run("open", "months", "--re-enactment", "--as-of", "2016-01-01")
    entered = datetime(2016, 2, 4, 10, tzinfo=UTC)
    entry = a_systmone_entry(code="XaZ89", entered_at=entered, effective_on=entered.date())
    patients = [a_systmone_patient(number=ADA)]
    run("ingest", a_systmone_delivery(tmp_path, ends=ENDS, entries=[entry], patients=patients))

    latest = run("statistics", "--format", "json")
    every = run("statistics", "--since", "2016-01", "--level", "practice", "--format", "csv")

    [type_1, _] = json.loads(latest.out)
    assert (type_1["purpose"], type_1["objecting"], type_1["transmitted"]) == ("type-1", "*", None)
    rows = [row for row in csv.DictReader(io.StringIO(every.out)) if row["purpose"] == "type-1"]
    assert [(r["month"], r["objecting"]) for r in rows if r["code"] == "X99901"] == [
        ("2016-03-01", "*"), ("2016-02-01", "*"), ("2016-01-01", "0")
    ]  # fmt: skip
    assert run("statistics", "--level", "patient").code == 2


def test_the_vocabularies_are_told_by_month_and_who_has_not_gone_over(
    run: Run, tmp_path: Path
) -> None:
    entered = datetime(2018, 5, 4, 10, tzinfo=UTC)
    entry = a_systmone_entry(code="XaaVL", entered_at=entered, effective_on=date(2018, 5, 4))
    run(
        "ingest",
        a_systmone_delivery(
            tmp_path, ends=ENDS, entries=[entry], patients=[a_systmone_patient(number=ADA)]
        ),
    )

    months = run("vocabularies", "--since", "2018-05", "--format", "json")
    still = run("vocabularies", "--still-old", "--system", "TPP", "--format", "csv")
    nobody = run("vocabularies", "--still-old", "--system", "emis-web")

    [line] = json.loads(months.out)
    assert (line["month"], line["ctv3"], line["practice"]) == ("2018-05-01", 1, None)
    [old] = csv.DictReader(io.StringIO(still.out))
    assert (old["practice"], old["latest_month"], old["entries"]) == ("X99901", "2018-05-01", "1")
    assert nobody.out.strip() == "no such practice"
    assert run("vocabularies", "--system", "acme").code == 2


def test_csv_has_the_fields_as_its_header(run: Run) -> None:
    answer = run("findings", "--format", "csv")

    [header] = csv.reader(io.StringIO(answer.out))
    assert set(header) >= FINDING_FIELDS


def test_the_register_is_imported_once(run: Run) -> None:
    register = DATA / "organisations" / "epraccur.csv.gz"
    systems = DATA / "organisations" / "ods-to-supplier-2019.csv.gz"

    first = run("practices", "import", register, "--systems", systems)
    second = run("practices", "import", register, "--systems", systems)

    assert first.code == second.code == 0
    assert "14306 practices read, 14306 changed" in first.out
    assert "0 changed" in second.out


def test_a_register_that_is_none_is_refused_with_the_reason(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "epraccur.csv"
    path.write_text("a,b\n1,2\n", encoding="utf-8")

    answer = run("practices", "import", path)

    assert answer.code == 2
    assert "epraccur.csv" in answer.err


@pytest.fixture
def listed(run: Run, tmp_path: Path) -> None:
    """Two GP practices, one of which closed and went to the other, and a prison."""
    told = [a_succession("Successor", "X99902", "2018-04-01")]
    run(
        "practices",
        "import",
        ord_file(
            tmp_path,
            an_answer("X99901", name="MARLOW SURGERY", ended="2018-03-31", successions=told),
            an_answer("X99902", name="HARBOUR SURGERY", commissioner="98X"),
        ),
        "--systems",
        _systems(tmp_path, "X99902,EMIS"),
    )
    run("practices", "import", epraccur(tmp_path, a_line("X99P0", setting="10")))


def _systems(folder: Path, *lines: str) -> Path:
    path = folder / "systems.csv"
    path.write_text("\n".join(["ODSCode,Supplier", *lines, ""]))
    return path


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ((), ["X99901", "X99902"]),
        (("--all",), ["X99901", "X99902", "X99P0"]),
        (("--system", "emis-web"), ["X99902"]),
        (("--supplier", "EMIS"), ["X99902"]),
        (("--status", "closed"), ["X99901"]),
        (("--commissioner", "98x"), ["X99902"]),
        (("--name", "marlow"), ["X99901"]),
        (("--closed-since", "2018-03-31"), ["X99901"]),
        (("--closed-since", "2018-04-01"), []),
    ],
    ids=str,
)
def test_practices_are_listed_and_narrowed(
    run: Run, asked: tuple[str, ...], codes: list[str]
) -> None:
    answer = run("practices", "list", *asked, "--format", "json")

    assert [line["code"] for line in json.loads(answer.out)] == codes


@pytest.mark.usefixtures("listed")
def test_practices_alone_lists_them(run: Run) -> None:
    answer = run("practices")

    assert answer.code == 0
    assert "MARLOW SURGERY" in answer.out
    assert "2018-03-31" in answer.out
    assert run("practices", "list").out == answer.out


@pytest.mark.usefixtures("listed")
def test_a_list_that_was_cut_says_how_long_it_is(run: Run) -> None:
    answer = run("practices", "list", "--limit", 1, "--format", "csv")

    assert len(answer.out.splitlines()) == 2
    assert "1 of 2 practices" in answer.err


def test_a_system_that_nobody_knows_is_bad_usage(run: Run) -> None:
    answer = run("practices", "list", "--system", "abacus")

    assert answer.code == 2
    assert "emis-web" in answer.err


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("<html><body>Sign in</body></html>", "web page"),
        ("[" * 10_000, "nested too deeply"),
        ('{"resourceType": "Bundle"}', "FHIR"),
        ('{"Organisation": ', "line 1"),
    ],
)
def test_what_is_no_register_is_refused_with_the_reason(
    run: Run, tmp_path: Path, written: str, reason: str
) -> None:
    path = tmp_path / "register"
    path.write_text(written)

    answer = run("practices", "import", path)

    assert answer.code == 2
    assert answer.err.startswith("ledger: register: ")
    assert reason in answer.err


def test_a_line_that_is_refused_is_told_by_file_row_and_reason(run: Run, tmp_path: Path) -> None:
    register = epraccur(tmp_path, a_line("X99901"), a_line("5.00E+01"), a_line("X99903"))

    answer = run("practices", "import", register)

    assert answer.code == 0
    assert "2 practices read, 2 changed, 0 known" in answer.out
    assert "refused: epraccur.csv, row 2, Organisation code: expected an ODS code" in answer.out


def test_a_rebuild_of_nothing_known_is_bad_usage(run: Run) -> None:
    answer = run("rebuild", "nothing-known")

    assert answer.code == 2
    assert "statements" in answer.err


def test_a_token_stands_alone_on_standard_output(run: Run) -> None:
    answer = run("token", "--role", "controller", "--practice", "X99901")

    assert answer.code == 0
    assert answer.out.strip().count(".") == 2
    assert len(answer.out.splitlines()) == 1


def test_a_controller_without_a_practice_gets_no_token(run: Run) -> None:
    assert run("token", "--role", "controller").code == 2


def test_each_verb_has_help(run: Run) -> None:
    for verb in (
        "open", "demo", "serve", "work", "ingest", "practices", "status", "findings", "actions",
        "rebuild", "statistics", "token", "transmission", "vocabularies",
    ):  # fmt: skip
        assert run(verb, "--help").code == 0, verb
