"""The fictional region: repeatable, readable by the readers, and true to its own truth."""

import csv
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from zipfile import ZipFile

import pytest

from ledger.domain.clinical_systems import ClinicalSystem, Supplier
from ledger.domain.codes import NEIGHBOURS, read_code
from ledger.domain.entries import Route
from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.refusals import DeliveryRefused
from ledger.readers import finding
from ledger.readers.collection import members_of_refused
from ledger.readers.delivery import Contents, Format, Found, Reference
from ledger.readers.organisations import read_register, read_systems
from ledger.region import Truth, build_region, read_truth
from ledger.region.noise import COMMON
from ledger.region.noise import NEIGHBOURS as NEIGHBOURS_IN_NOISE

# fmt: off
PLANTED = (
    "TX01", "TX02", "TX07", "CO01", "CO02", "CO03", "CO04", "CO05", "CO06", "CO07", "CO08", "CO09", "CO10", "CO11", "CO13", "DT01",
    "ID01", "LC01", "SH01", "SH02", "SH03", "SH11",
)
# fmt: on
BY_SUPPLIER = ("TX02", "TX03", "CO13")
EVERYBODY = {"TPP", "EMIS", "INPS", "MICROTEST"}
OF_SOME_ONLY = {
    "TX02": {"TPP"},
    "CO13": {"TPP"},
    "SH01": {"TPP"},
    "SH02": {"TPP"},
    "SH03": {"TPP"},
    "SH11": {"EMIS"},
    # GP Connect is asked by NHS number.
    "ID01": {"TPP", "EMIS", "INPS"},
    # It is the turn of Evolution's practice that lists entries by hand, which tells no deaths.
    "LC02": {"TPP", "EMIS", "INPS"},
}
NEVER_OPEN = {"TX02"}


@pytest.fixture(scope="module")
def region(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("region")
    build_region(directory)
    return directory


@pytest.fixture(scope="module")
def truth(region: Path) -> Truth:
    return read_truth(region)


def digest(directory: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(path for path in directory.rglob("*") if path.is_file()):
        whole.update(str(path.relative_to(directory)).encode() + path.read_bytes())
    return whole.hexdigest()


def sheet(path: Path, encoding: str = "utf-8") -> list[dict[str, str]]:
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


class Memory:
    """What earlier deliveries told, kept as the ledger would keep it."""

    def __init__(self, systems: Iterable[tuple[str, ClinicalSystem]]) -> None:
        self._told: dict[tuple[object, str, str], dict[str, str]] = defaultdict(dict)
        self._entries: dict[tuple[str, object], set[str]] = defaultdict(set)
        self._of_patients: dict[str, set[str]] = defaultdict(set)
        self._systems = dict(systems)

    def references(self, system: object, scope: str, kind: str) -> dict[str, str]:
        return self._told[system, scope, kind]

    def entry_ids(self, practice: str, system: object) -> frozenset[str]:
        return frozenset(self._entries[practice, system])

    def entries_of(self, practice: str, system: object, nhs_number: str) -> frozenset[str]:
        return frozenset(self._of_patients[nhs_number])

    def clinical_system(self, practice: str) -> ClinicalSystem | None:
        return self._systems.get(practice)

    def keep(self, contents: Contents) -> None:
        if contents.format is Format.GP_CONNECT:
            (link,) = contents.links
            self._of_patients[link.number_as_sent] |= {e.entry_id for e in contents.entries}
            self._of_patients[link.number_as_sent] -= {r.key.entry_id for r in contents.removals}
        for told in contents.references:
            assert isinstance(told, Reference)
            self._told[told.clinical_system, told.scope, told.kind][told.key] = told.value
        for entry in contents.entries:
            self._entries[entry.practice, entry.clinical_system].add(entry.entry_id)


# INPS's own part of a collection, which lacks a column (TX09).
REFUSED = "collection_GP2016-07_20160802.csv"


def test_a_suppliers_own_part_of_a_collection_cannot_be_taken_in(region: Path) -> None:
    (found,) = finding.find(region / "collections" / REFUSED, scratch=region)[0]

    with pytest.raises(DeliveryRefused, match="expected the column Supplier"):
        finding.read(found, Memory({}))
    members = members_of_refused(found)
    assert len(members) == 137
    assert {member.practice for member in members} == {"X99914", "X99915"}
    assert {member.collection for member in members} == {"GP2016-07"}


@pytest.fixture(scope="module")
def deliveries(
    region: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[tuple[Found, Contents]]:
    """Every delivery but one, read in the order of the dates they bear."""
    found: list[Found] = []
    for folder in ("deliveries", "collections", "conversions", "sharing"):
        here, strangers = finding.find(region / folder, scratch=tmp_path_factory.mktemp("scratch"))
        assert strangers == []
        found += here
    memory = Memory(read_systems(region / "register" / "systems.csv").systems)
    read = []
    for one in sorted(found, key=finding.order):
        if one.path.name == REFUSED:
            continue
        contents = finding.read(one, memory)
        memory.keep(contents)
        read.append((one, contents))
    return read


def test_the_same_seed_gives_the_same_bytes(region: Path, tmp_path: Path) -> None:
    build_region(tmp_path / "again")

    assert digest(tmp_path / "again") == digest(region)


def test_another_seed_gives_another_region(region: Path, tmp_path: Path) -> None:
    build_region(tmp_path / "other", seed=2019)

    assert digest(tmp_path / "other") != digest(region)


def test_the_truth_reads_as_it_was_built(tmp_path: Path) -> None:
    assert build_region(tmp_path) == read_truth(tmp_path)


@pytest.mark.parametrize("rule", PLANTED)
def test_each_rule_is_planted_twice_at_different_practices(truth: Truth, rule: str) -> None:
    found = [finding for finding in truth.findings if finding.rule == rule]
    states = {finding.state for finding in found}

    assert len(found) >= 2
    assert rule in BY_SUPPLIER or len({finding.practice for finding in found}) >= 2
    assert states == {"open", "closed"} - ({"open"} if rule in NEVER_OPEN else set())
    assert {finding.supplier for finding in found} == OF_SOME_ONLY.get(rule, EVERYBODY)


def test_the_silence_of_one_supplier_shows_in_each_collection(truth: Truth) -> None:
    silent = [finding for finding in truth.findings if finding.rule == "TX02"]

    assert len(silent) == 26  # April 2016 to May 2018
    assert {(finding.supplier, finding.state) for finding in silent} == {("TPP", "closed")}
    assert (silent[0].since, silent[-1].since) == ("2016-04-30", "2018-05-31")


def test_the_backlog_comes_once(truth: Truth) -> None:
    backlog = [finding for finding in truth.findings if finding.rule == "TX03"]

    assert [(finding.supplier, finding.since) for finding in backlog] == [("TPP", "2018-06-30")]


def test_no_trap_is_a_finding(truth: Truth) -> None:
    found = {(f.rule, f.practice, f.nhs_number) for f in truth.findings if f.nhs_number}

    for trap in truth.traps:
        for rule in trap.rules.split():
            assert (rule, trap.practice, trap.nhs_number) not in found, trap


def test_nobody_in_it_can_exist(truth: Truth, region: Path) -> None:
    numbers = {f.nhs_number for f in truth.findings} - {""}

    assert all(usable_nhs_number(number) and number.startswith("9") for number in numbers)
    assert all(
        organisation.code.startswith("X99")
        for organisation in read_register(region / "register" / "epraccur.csv").organisations
    )


def test_the_register_reads(region: Path) -> None:
    register = read_register(region / "register" / "epraccur.csv")
    systems = read_systems(region / "register" / "systems.csv")

    assert register.refused == systems.refused == ()
    assert sum(organisation.gp_practice for organisation in register.organisations) == 19
    assert Counter(system.supplier for _, system in systems.systems) == {
        "TPP": 8,  # one of them moves to Vision later
        "EMIS": 6,
        "INPS": 2,
        "MICROTEST": 3,
    }


def test_noise_is_never_one_of_our_codes() -> None:
    for term in (*COMMON, *NEIGHBOURS_IN_NOISE):
        assert [read_code(code) for code in (term.read, term.ctv3, term.snomed)] == [None] * 3
        assert {
            read_code(code) for supplier in Supplier for code in term.spelt(supplier, 2018)
        } == {None}
    for term in NEIGHBOURS_IN_NOISE:
        assert {term.read, term.ctv3} & NEIGHBOURS


def test_the_chain_of_manifests_is_unbroken(region: Path) -> None:
    ends: dict[str, str] = {}
    for folder in sorted((region / "deliveries" / "systmone").iterdir()):
        manifest = {row["FileName"]: row for row in sheet(folder / "SRManifest.csv")}
        assert {row["DateExtractTo"] for row in manifest.values()} == {folder.name}
        practices = {
            row["IDOrganisationVisibleTo"] for row in sheet(folder / "SRCode.csv", "cp1252")
        }
        begin = manifest["SRPatient"]["DateExtractFrom"]
        for practice in practices:
            assert begin <= ends.get(practice, "")
            ends[practice] = folder.name

    assert len(ends) == 8
    # The practice that moves to Vision sends its last before that.
    assert Counter(ends.values()) == {"20181231_2200": 7, "20151231_2100": 1}


def test_systmone_files_are_written_as_tpp_writes_them(region: Path) -> None:
    first = region / "deliveries" / "systmone" / "20140131_2200"
    last = region / "deliveries" / "systmone" / "20181231_2200"
    raw = (first / "SRPatient.csv").read_bytes()

    assert raw.startswith(b'"RowIdentifier",')
    assert raw.count(b"\r\n") == raw.count(b"\n")
    assert "Zoë".encode("cp1252") in raw
    assert len(sheet(first / "SRCode.csv", "cp1252")[0]) == 23
    assert len(sheet(last / "SRCode.csv", "cp1252")[0]) == 27


def zips(region: Path, practice: str) -> dict[str, dict[str, list[list[str]]]]:
    """The tables of each of a Vision practice's batches, by when it was made."""
    batches: dict[str, dict[str, list[list[str]]]] = defaultdict(dict)
    for path in sorted((region / "deliveries" / "vision" / practice).iterdir()):
        with ZipFile(path) as archive:
            for name in archive.namelist():
                kind, _, table, _, _, made = re.split("_|(?<=extract)-", name.removesuffix(".csv"))
                text = archive.read(name).decode()
                batches[f"{made} {kind}"][table] = list(csv.reader(text.splitlines()))
    return batches


def test_vision_files_are_laid_out_live_or_as_in_the_test_pack(region: Path) -> None:
    live, older = zips(region, "X99914"), zips(region, "X99915")

    def fields(batch: dict[str, list[list[str]]]) -> tuple[set[int], set[int]]:
        journal, patient = ({len(row) for row in batch[name]} for name in ("journal", "patient"))
        return journal, patient

    assert fields(live["2014-01-31-200500 FULL"]) == ({42}, {35})
    assert fields(older["2014-01-31-200500 FULL"]) == ({23}, {32})
    assert fields(older["2016-12-31-200500 INCREMENTAL"])[0] == {23}
    assert fields(older["2017-01-31-200500 INCREMENTAL"])[0] == {42}


def test_vision_sends_bulks_then_changes_now_and_then_in_several_zips(region: Path) -> None:
    names = {path.name for path in (region / "deliveries" / "vision" / "X99914").iterdir()}
    journals = {made: batch["journal"] for made, batch in zips(region, "X99914").items()}
    actions = {row[39] for journal in journals.values() for row in journal}
    codes = {row[4] for row in journals["2014-01-31-200500 FULL"]}

    assert sum("2014-04-30" in name for name in names) == 3
    assert sum("2014-05-31" in name for name in names) == 1
    assert [made[:7] for made in journals if made.endswith("FULL")] == ["2014-01", "2016-09"]
    assert actions == {"I", "U", "D"}
    assert "9Nu0.00" in codes


def test_a_journal_id_is_unique_only_within_its_patient(region: Path) -> None:
    (bulk,) = [
        batch["journal"]
        for made, batch in zips(region, "X99914").items()
        if made.startswith("2016-09")
    ]
    ids = [(row[0], row[1]) for row in bulk]

    assert len(set(ids)) == len(ids)
    assert len({number for _, number in ids}) < len(ids)


def test_a_bulk_lacks_those_who_object_at_two_vision_practices(
    deliveries: list[tuple[Found, Contents]],
) -> None:
    bulks = {
        found.path.name: (contents.whole, contents.notes)
        for found, contents in deliveries
        if found.format is Format.VISION and "FULL" in found.files[0].name
    }

    whole = [name for name, (practices, _) in bulks.items() if practices]
    noted = [notes for practices, notes in bulks.values() if not practices]
    # Two bulks each of two practices, and the first of the one that moved there.
    assert len(whole) == 5
    # One hides those who object, and the one that moved there loses most of its patients.
    assert len(noted) == 2
    assert all("of the patients who objected" in notes[0] for notes in noted)


def of_format(
    deliveries: list[tuple[Found, Contents]], format_: Format
) -> list[tuple[Found, Contents]]:
    return [(found, contents) for found, contents in deliveries if found.format is format_]


def test_a_reply_tells_of_one_patient_with_the_code_as_entered_first(region: Path) -> None:
    files = sorted((region / "deliveries" / "gp-connect").glob("gpconnect_*.json"))
    replies = [json.loads(path.read_text(encoding="utf-8")) for path in files]
    resources = [[entry["resource"] for entry in reply["entry"]] for reply in replies]
    observations = [r for of_one in resources for r in of_one if r["resourceType"] == "Observation"]
    ours = [o for o in observations if o["code"]["coding"][0]["code"].startswith("9Nu")]
    chosen = Counter(c["system"] for o in ours for c in o["code"]["coding"] if "userSelected" in c)

    assert all(Counter(r["resourceType"] for r in of_one)["Patient"] == 1 for of_one in resources)
    assert set(chosen) == {"http://read.info/readv2"}
    assert sum(chosen.values()) == len(ours)
    assert {len(o.get("effectiveDateTime", "")) for o in ours} == {0, 4, 7, 10}


def test_a_reply_that_lacks_an_entry_of_before_removes_it(
    deliveries: list[tuple[Found, Contents]],
) -> None:
    replies = of_format(deliveries, Format.GP_CONNECT)

    assert sum(len(contents.removals) for _, contents in replies) >= 3
    assert {len(contents.answered) for _, contents in replies} == {1}


def test_a_record_that_is_sent_on_tells_of_the_practice_that_sends_it(
    deliveries: list[tuple[Found, Contents]],
) -> None:
    sent = of_format(deliveries, Format.GP2GP)
    entries = [entry for _, contents in sent for entry in contents.entries]

    assert {contents.clinical_system for _, contents in sent} == set(ClinicalSystem)
    assert all(entry.practice in found.path.name for found, c in sent for entry in c.entries)
    assert {entry.route for entry in entries} == {Route.GP2GP}
    assert {entry.entered_at.year for entry in entries if entry.entered_at} == {2014, 2018}


def test_what_is_listed_by_hand_is_recorded_and_removed(
    deliveries: list[tuple[Found, Contents]],
) -> None:
    listed = of_format(deliveries, Format.ENTRIES)

    assert {contents.practices for _, contents in listed} == {("X99918",)}
    assert sum(len(contents.entries) for _, contents in listed) > 40
    assert sum(len(contents.removals) for _, contents in listed) >= 3


def test_a_refusal_names_whom_it_was_about(deliveries: list[tuple[Found, Contents]]) -> None:
    refusals = [w for _, c in of_format(deliveries, Format.WITHHELD) for w in c.withheld]

    assert len(refusals) == 3
    assert all(refusal.practice.startswith("X999") for refusal in refusals)


def test_every_delivery_reads_and_none_has_unknown_columns(
    deliveries: list[tuple[Found, Contents]],
) -> None:
    formats = Counter(found.format for found, _ in deliveries)

    assert formats[Format.SYSTMONE] == 62  # one failed, one practice joined, one sent two
    assert formats[Format.EMIS] == 61
    assert formats[Format.VISION] == 156  # two practices, sixty months; one, thirty-six
    assert 80 < formats[Format.GP_CONNECT] < 160  # one a patient and asking
    assert 20 < formats[Format.ENTRIES] <= 60  # where anything happened
    assert formats[Format.GP2GP] == 8
    assert formats[Format.WITHHELD] == 3
    assert formats[Format.COLLECTION] == 28
    assert formats[Format.CONVERSION] == 6
    assert not [note for _, contents in deliveries for note in contents.notes if "column" in note]


def test_only_deletes_under_a_disabled_agreement_are_refused(
    deliveries: list[tuple[Found, Contents]],
) -> None:
    refused = {
        found.path.name: {row.reason for row in contents.refused}
        for found, contents in deliveries
        if contents.refused
    }

    assert [name[:8] for name in refused] == ["20170630", "20181130"]
    assert all("disabled" in reason for reasons in refused.values() for reason in reasons)


def test_one_row_in_eleven_is_ours(deliveries: list[tuple[Found, Contents]]) -> None:
    entries = sum(len(contents.entries) for _, contents in deliveries)
    months = [
        len(contents.entries)
        for found, contents in deliveries
        # Not the practice that goes its own way.
        if found.format is Format.SYSTMONE and not contents.whole and len(contents.practices) > 1
    ]

    assert 4_500 < entries < 8_000
    assert min(months[:30]) >= 40


def test_every_practice_takes_part_in_the_last_collection(
    deliveries: list[tuple[Found, Contents]],
) -> None:
    collections = [contents.collection for _, contents in deliveries if contents.collection]
    sizes = [len(collection.members) for collection in collections]

    assert len(collections[0].practices) == 17
    assert len(collections[-1].practices) == 18
    assert collections[-1].suppliers == ("EMIS", "INPS", "MICROTEST", "TPP")
    # Everything held back came at once.
    assert sizes[-2] > 1.8 * sizes[-3]


def test_a_practice_with_nobody_to_report_still_takes_part(region: Path) -> None:
    first = sheet(region / "collections" / "collection_GP2016-04_20160503.csv")
    nobody = [row for row in first if not row["NHSNumber"]]

    assert [row["PracticeCode"] for row in nobody] == ["X99912"]
