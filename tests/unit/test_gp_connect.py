"""A reply of GP Connect: one entry in two spellings, dates in part, and whatever may be wrong with it."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import (
    Entry,
    PatientLink,
    Precision,
    RecordAnswer,
    Registration,
    Removal,
    Route,
    SourceKey,
)
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Contents, Format, Found, Reference
from ledger.readers.gp_connect import read
from tests.files import (
    GP_CONNECT_PRACTICE,
    Json,
    a_bundle,
    a_coding,
    a_fhir_observation,
    a_gp_connect_file,
)
from tests.nhs_numbers import nhs_number
from tests.unit.memory import KnownMemory

SAMPLE = Path(__file__).parents[1] / "data" / "gp_connect" / "uncategorised_response1.json"
NUMBER = nhs_number()
UNUSABLE = NUMBER[:-1] + str((int(NUMBER[-1]) + 1) % 10)
DATED = datetime(2018, 6, 1, 9, 30, tzinfo=UTC)
EVOLUTION = ClinicalSystem.EVOLUTION
FILE = f"gpconnect_{GP_CONNECT_PRACTICE}_20180601T093000Z_0001.json"
SCOPE = f"{GP_CONNECT_PRACTICE}/patient-1"


def knowing(*ids: str, references: tuple[Reference, ...] = ()) -> KnownMemory:
    """What the ledger holds of the patient, and that the practice uses Evolution."""
    return KnownMemory(references, patients={NUMBER: ids}, systems={GP_CONNECT_PRACTICE: EVOLUTION})


def read_file(path: Path, memory: KnownMemory, *, dated: datetime = DATED) -> Contents:
    return read(Found(Format.GP_CONNECT, path, (path,), dated), memory)


def read_bundle(folder: Path, memory: KnownMemory | None = None, **told: Any) -> Contents:
    return read_file(a_gp_connect_file(folder, dated=DATED, **told), memory or knowing())


def read_one(folder: Path, **told: Any) -> Entry:
    (entry,) = read_bundle(folder, observations=[a_fhir_observation(**told)]).entries
    return entry


def refusal(folder: Path, bundle: Json | str | bytes, memory: KnownMemory | None = None) -> str:
    path = folder / FILE
    text = json.dumps(bundle) if isinstance(bundle, dict) else bundle
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DeliveryRefused) as refused:
        read_file(path, memory or knowing())
    return str(refused.value)


# --- what is there


def test_an_observation_of_ours_is_an_entry(tmp_path: Path) -> None:
    contents = read_bundle(tmp_path, observations=[a_fhir_observation()])

    assert contents.entries == (
        Entry(
            practice=GP_CONNECT_PRACTICE,
            clinical_system=EVOLUTION,
            entry_id="gpc:1",
            source_patient="gpc:patient-1",
            purpose=Purpose.TYPE_1,
            statement=Statement.DISSENT,
            code_system=CodeSystem.READ_V2,
            code="9Nu0.",
            effective_on=date(2017, 3, 1),
            effective_precision=Precision.DAY,
            entered_at=datetime(2017, 3, 1, 10, tzinfo=UTC),
            entered_by="practitioner-1",
            route=Route.GP_CONNECT,
            source=f"{FILE}:4",
        ),
    )
    assert contents.practices == (GP_CONNECT_PRACTICE,)
    assert contents.clinical_system is EVOLUTION
    assert (contents.rows_read, contents.refused, contents.notes) == (1, (), ())
    assert contents.whole == frozenset()


def test_the_patient_and_their_registration_are_told(tmp_path: Path) -> None:
    contents = read_bundle(tmp_path, deceasedDateTime="2018-05-02")

    assert contents.links == (
        PatientLink(
            practice=GP_CONNECT_PRACTICE,
            clinical_system=EVOLUTION,
            source_patient="gpc:patient-1",
            number_as_sent=NUMBER,
            left_out=False,
            born_on=date(1950, 4, 2),
            died_on=date(2018, 5, 2),
            source=f"{FILE}:Patient",
        ),
    )
    assert contents.registrations == (
        Registration(
            GP_CONNECT_PRACTICE,
            EVOLUTION,
            "gpc:patient-1",
            date(2001, 2, 3),
            None,
            registration="gpc:patient-1",
        ),
    )


def test_a_registration_is_known_by_the_tail_of_its_url_and_whatever_the_case(
    tmp_path: Path,
) -> None:
    part = {
        "url": "RegistrationPeriod",
        "valuePeriod": {"start": "2001-02-03", "end": "2018-01-09"},
    }
    url = "http://fhir.hl7.org.uk/STU3/StructureDefinition/extension-RegistrationDetails-1"

    contents = read_bundle(tmp_path, extension=[{"url": url, "extension": [part]}])

    (registration,) = contents.registrations
    assert registration.registered_on == date(2001, 2, 3)
    assert registration.deregistered_on == date(2018, 1, 9)


def test_the_published_reply_is_read_in_spite_of_a_blank_in_a_code_and_a_list_without_id() -> None:
    memory = KnownMemory(systems={"O001": EVOLUTION})

    contents = read_file(SAMPLE, memory)

    assert (contents.rows_read, contents.entries, contents.refused) == (3, (), ())
    (link,) = contents.links
    assert (link.practice, link.number_as_sent) == ("O001", "9999999999")
    (registration,) = contents.registrations
    assert registration.registered_on == date(1962, 7, 13)
    assert contents.notes == ()


# --- codes


@pytest.mark.parametrize(
    ("codings", "code_system", "code", "also_coded"),
    [
        # The one that was entered is said by userSelected, in either order.
        ("+readv2 9Nu0.00, snomed 827241000000103", "readv2", "9Nu0.", "827241000000103"),
        ("readv2 9Nu0.00, +snomed 827241000000103", "snomed-ct", "827241000000103", "9Nu0."),
        ("+snomed 827241000000103, ctv3 XaZ89", "snomed-ct", "827241000000103", "XaZ89"),
        # Where it is not said, it was the native one.
        ("snomed 827241000000103, readv2 9Nu0.00", "readv2", "9Nu0.", "827241000000103"),
        ("snomed 827241000000103, ctv3 XaZ89", "ctv3", "XaZ89", "827241000000103"),
        ("snomed 827241000000103", "snomed-ct", "827241000000103", None),
        ("+readv2 9Nu0.00, snomed  827241000000103 ", "readv2", "9Nu0.", "827241000000103"),
        ("https://read.info/readv2 9Nu0., snomed 827241000000103", "readv2", "9Nu0.", "827241000000103"),
        # EMIS's own code says nothing to us, though it was entered.
        ("+https://fhir.hl7.org.uk/Id/egton-codes EMISNQ1, ctv3 XaZ89", "ctv3", "XaZ89", None),
    ],
)  # fmt: skip
def test_an_observation_in_two_spellings_is_one_entry(
    tmp_path: Path, codings: str, code_system: str, code: str, also_coded: str | None
) -> None:
    spelt = [
        a_coding(system.lstrip("+"), text, chosen=system.startswith("+"))
        for system, _, text in (coding.partition(" ") for coding in codings.split(", "))
    ]

    entry = read_one(tmp_path, codings=spelt)

    assert (entry.code_system, entry.code, entry.also_coded) == (code_system, code, also_coded)
    assert (entry.statement, entry.near) == (Statement.DISSENT, False)


@pytest.mark.parametrize("code", ["9nu0.00", "9Nu0 .00", "9Nu00"])
def test_a_code_nearly_ours_is_kept_as_such(tmp_path: Path, code: str) -> None:
    assert read_one(tmp_path, code=code).near


@pytest.mark.parametrize("code", ["9h12.00", "9Nd7.00", "2469.00"])
def test_a_code_of_something_else_is_left_alone(tmp_path: Path, code: str) -> None:
    contents = read_bundle(tmp_path, observations=[a_fhir_observation(code=code)])

    assert (contents.rows_read, contents.entries, contents.refused) == (1, (), ())


def test_two_spellings_that_disagree_never_remove_a_protection(tmp_path: Path) -> None:
    codings = [a_coding("readv2", "9Nu1.00", chosen=True), a_coding("snomed", "827241000000103")]

    assert read_one(tmp_path, codings=codings).statement is Statement.DISSENT


def test_two_codes_of_two_purposes_are_two_entries(tmp_path: Path) -> None:
    codings = [a_coding("readv2", "9Nu0.00", chosen=True), a_coding("snomed", "881561000000100")]

    contents = read_bundle(tmp_path, observations=[a_fhir_observation(codings=codings)])

    assert {(e.entry_id, e.purpose) for e in contents.entries} == {
        ("gpc:1", "type-1"),
        ("gpc:1#type-2", "type-2"),
    }


# --- times


@pytest.mark.parametrize(
    ("effective", "day", "precision", "partial"),
    [
        ("2010-03-24", date(2010, 3, 24), "day", None),
        ("2010-03", None, "month", "2010-03"),
        ("2010", None, "year", "2010"),
        (None, None, "missing", None),
        # Late in the evening in summer it is the next day at the practice.
        ("2010-06-24T23:30:00Z", date(2010, 6, 25), "day", None),
        ("2010-03-24T09:04:17.47+00:00", date(2010, 3, 24), "day", None),
        ("0201-03-24", None, "unreadable", None),
        ("0201", None, "unreadable", None),
        ("0001-01-01T00:00:00+14:00", None, "unreadable", None),
    ],
)
def test_an_effective_date_is_read_as_far_as_it_is_known(
    tmp_path: Path, effective: str | None, day: date | None, precision: str, partial: str | None
) -> None:
    entry = read_one(tmp_path, effective=effective)

    assert (entry.effective_on, entry.effective_precision) == (day, precision)
    assert entry.effective_partial == partial


def test_a_period_is_meant_from_its_start(tmp_path: Path) -> None:
    entry = read_one(tmp_path, effective=None, effectivePeriod={"start": "2010-03"})

    assert (entry.effective_precision, entry.effective_partial) == (Precision.MONTH, "2010-03")


def test_when_it_was_entered_is_kept_in_utc(tmp_path: Path) -> None:
    entry = read_one(tmp_path, issued="2017-06-01T10:00:00+01:00")

    assert entry.entered_at == datetime(2017, 6, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("performer", "entered_by"),
    [
        ({"reference": "Practitioner/6D340A1B-BC15"}, "6D340A1B-BC15"),
        ({"reference": "https://gp.example/STU3/PractitionerRole/7"}, "7"),
        ({"reference": "Organization/1"}, None),
        ({"reference": "Practitioner/Dr Jane Doe"}, None),
        ({"display": "Dr Jane Doe"}, None),
    ],
)
def test_who_entered_it_is_told_by_an_id_alone(
    tmp_path: Path, performer: Json, entered_by: str | None
) -> None:
    assert read_one(tmp_path, performer=[performer]).entered_by == entered_by


# --- which record it is


@pytest.mark.parametrize(
    ("elements", "entry_id"),
    [
        ({}, "gpc:1"),
        ({"identifier": [{"value": "no id"}, {"value": "A-2.3"}]}, "gpc:A-2.3"),
        ({"identifier": []}, "gpc:observation-1"),
    ],
)
def test_an_entry_is_known_by_the_suppliers_own_id(
    tmp_path: Path, elements: Json, entry_id: str
) -> None:
    observation = a_fhir_observation() | elements
    observation = {name: value for name, value in observation.items() if value != []}

    (entry,) = read_bundle(tmp_path, observations=[observation]).entries

    assert entry.entry_id == entry_id


@pytest.mark.parametrize(
    ("elements", "column"),
    [
        ({"identifier": [{"value": "Jane Doe"}]}, "identifier"),
        ({"identifier": [{"value": "x" * 101}]}, "identifier"),
        ({"identifier": [{"value": f"r-{NUMBER}"}]}, "identifier"),
        ({"subject": {"reference": "Patient/somebody-else"}}, "subject"),
        ({"status": "cancelled"}, "status"),
    ],
)
def test_a_row_of_ours_that_cannot_be_kept_is_refused_by_itself(
    tmp_path: Path, elements: Json, column: str
) -> None:
    other = a_fhir_observation(2)

    contents = read_bundle(tmp_path, observations=[a_fhir_observation(**elements), other])

    assert [entry.entry_id for entry in contents.entries] == ["gpc:2"]
    assert [(row.file, row.row, row.column) for row in contents.refused] == [(FILE, 4, column)]
    assert not any(
        text in row.reason for row in contents.refused for text in ("Jane", NUMBER, "somebody")
    )


def test_of_two_observations_of_one_id_neither_counts(tmp_path: Path) -> None:
    twice = [a_fhir_observation(), a_fhir_observation(code="9Nu1.00", id="observation-2")]

    contents = read_bundle(tmp_path, observations=twice)

    assert contents.entries == ()
    assert [(row.row, row.column) for row in contents.refused] == [(5, "identifier")]


# --- what is gone


def removed(contents: Contents) -> list[str]:
    return [removal.key.entry_id for removal in contents.removals]


def test_an_entry_in_error_is_removed(tmp_path: Path) -> None:
    observation = a_fhir_observation(status="entered-in-error")

    contents = read_bundle(tmp_path, knowing("gpc:1"), observations=[observation])

    key = SourceKey(GP_CONNECT_PRACTICE, EVOLUTION, "gpc:1")
    assert contents.entries == ()
    assert contents.removals == (Removal(key, f"{FILE}:4"),)


def test_an_entry_that_says_something_else_now_is_removed(tmp_path: Path) -> None:
    observation = a_fhir_observation(code="2469.00")

    assert removed(read_bundle(tmp_path, knowing("gpc:1"), observations=[observation])) == ["gpc:1"]


def test_what_a_whole_record_does_not_have_any_more_was_removed(tmp_path: Path) -> None:
    memory = knowing("gpc:1", "gpc:2", "gpc:3#type-2", "8899", "gp2gp:7")

    contents = read_bundle(tmp_path, memory, observations=[a_fhir_observation(2)])

    assert removed(contents) == ["gpc:1", "gpc:3#type-2"]
    assert contents.answered == [RecordAnswer(GP_CONNECT_PRACTICE, NUMBER, DATED)]


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"listed": False}, "no list of miscellaneous records"),
        ({"warning": "confidential-items"}, "a warning that its list"),
        ({"observations": [a_fhir_observation(status="unknown")]}, "rows that had to be refused"),
    ],
)
def test_what_a_record_in_part_lacks_is_not_taken_for_removed(
    tmp_path: Path, told: Json, why: str
) -> None:
    contents = read_bundle(tmp_path, knowing("gpc:9"), **told)

    assert removed(contents) == []
    assert contents.answered == []
    (note,) = contents.notes
    assert why in note
    assert "not taken for removed" in note


def test_a_list_that_names_what_is_not_there_is_no_whole_record(tmp_path: Path) -> None:
    bundle = a_bundle(observations=[a_fhir_observation()])
    bundle["entry"].pop()

    contents = read_bundle(tmp_path, knowing("gpc:1"), bundle=bundle)

    assert removed(contents) == []
    assert "names 1 records which are not there" in contents.notes[0]


def test_of_somebody_without_a_usable_number_nothing_is_removed(tmp_path: Path) -> None:
    contents = read_bundle(tmp_path, knowing("gpc:9"), number=UNUSABLE)

    assert (removed(contents), contents.answered) == ([], [])


def test_a_reply_older_than_the_last_one_of_this_patient_is_refused(tmp_path: Path) -> None:
    told = Reference(EVOLUTION, SCOPE, "record-as-of", "last", "2018-06-01T09:30:01+00:00")

    message = refusal(tmp_path, a_bundle(), knowing(references=(told,)))

    assert "no older than the one of 2018-06-01T09:30:01+00:00" in message


def test_the_moment_of_a_reply_is_remembered_by_patient(tmp_path: Path) -> None:
    contents = read_bundle(tmp_path)

    assert contents.references == (
        Reference(EVOLUTION, SCOPE, "record-as-of", "last", "2018-06-01T09:30:00+00:00"),
    )


# --- whose it is


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("https://EMISWeb/A82038", ClinicalSystem.EMIS_WEB),
        ("https://tpp/id", ClinicalSystem.SYSTMONE),
        ("https://microtest.example/id", EVOLUTION),
    ],
)
def test_a_system_that_nobody_told_of_is_guessed_from_the_suppliers_identifiers(
    tmp_path: Path, system: str, expected: ClinicalSystem
) -> None:
    observation = a_fhir_observation(identifier=[{"system": system, "value": "1"}])

    contents = read_bundle(tmp_path, KnownMemory(), observations=[observation])

    assert contents.clinical_system is expected


@pytest.mark.parametrize(
    "systems",
    [
        ["https://provider.nhs.uk/vision"],
        ["https://television.example"],
        ["https://[x"],
        ["https://tpp/id", "https://EMISWeb/A82038"],
    ],
)
def test_a_system_that_cannot_be_told_is_asked_for(tmp_path: Path, systems: list[str]) -> None:
    identifiers = [{"system": system, "value": "1"} for system in systems]
    bundle = a_bundle(observations=[a_fhir_observation(identifier=identifiers)])

    assert "ledger practices import --systems" in refusal(tmp_path, bundle, KnownMemory())


def without_managing(bundle: Json) -> Json:
    del bundle["entry"][0]["resource"]["managingOrganization"]
    return bundle


def test_without_a_managing_organisation_the_one_that_is_named_holds(tmp_path: Path) -> None:
    bundle = without_managing(a_bundle(observations=[a_fhir_observation()]))

    assert read_bundle(tmp_path, bundle=bundle).practices == (GP_CONNECT_PRACTICE,)


def test_of_several_practices_that_of_a_role_holds(tmp_path: Path) -> None:
    bundle = without_managing(a_bundle())
    another = dict(bundle["entry"][1]["resource"], id="another")
    another["identifier"] = [{**another["identifier"][0], "value": "X99905"}]
    role = {
        "resourceType": "PractitionerRole",
        "organization": {"reference": "Organization/organisation-1"},
    }
    bundle["entry"] += [{"resource": another}]

    assert "found 2" in refusal(tmp_path, bundle)
    bundle["entry"] += [{"resource": role}]
    assert read_bundle(tmp_path, bundle=bundle).practices == (GP_CONNECT_PRACTICE,)


def change(path: str, value: object) -> Callable[[Json], None]:
    """Set or take away what stands at `entry.0.resource...` of a Bundle."""

    def apply(bundle: Json) -> None:
        *way, last = path.split(".")
        within: Any = bundle
        for step in way:
            within = within[int(step) if isinstance(within, list) else step]
        if isinstance(within, list):
            within[int(last)] = value
        else:
            within[last] = value

    return apply


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (change("entry.1.resource.identifier.0.value", "no code!"), "the ODS code"),
        (change("entry.1.resource.identifier.0.system", "elsewhere"), "found 0"),
        (change("entry.1.resource.identifier.0.value", "X99909"), "as in the file's name"),
        (change("entry.0.resource.id", None), "expected one Patient"),
        (change("entry.0", {}), "expected one Patient"),
        (change("entry.1.resource", {"resourceType": "Patient", "id": "2"}), "found 2"),
    ],
)
def test_a_record_of_nobody_knows_whom_or_where_is_refused(
    tmp_path: Path, changed: Callable[[Json], None], said: str
) -> None:
    bundle = a_bundle(observations=[a_fhir_observation()])
    changed(bundle)

    assert said in refusal(tmp_path, bundle)


def test_two_numbers_of_one_patient_are_refused_but_for_one_that_is_old(tmp_path: Path) -> None:
    bundle = a_bundle()
    identifiers = bundle["entry"][0]["resource"]["identifier"]
    other = {**identifiers[0], "value": nhs_number(1)}
    identifiers.append(other)

    message = refusal(tmp_path, bundle)
    other["use"] = "old"
    contents = read_bundle(tmp_path, bundle=bundle)

    assert "expected one NHS number, found 2" in message
    assert [link.number_as_sent for link in contents.links] == [NUMBER]


# --- what is no Bundle, or no sound one

DEEP = 10_000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a":' * DEEP + "1" + "}" * DEEP, "at most 50 levels"),
        ("[" * DEEP + "]" * DEEP, "at most 50 levels"),
        ('{"a":' * 60 + "1" + "}" * 60, "at most 50 levels"),
        ("", "a fault in line 1, column 1"),
        ('{"resourceType": "Bundle"', "a fault in line 1, column 26"),
        ("[]", "no object"),
        ('"Bundle"', "no object"),
        ('{"a": 1, "a": 2}', "names something twice"),
        ('{"a": NaN}', "NaN or Infinity"),
        ('{"a": -Infinity}', "NaN or Infinity"),
        ('{"a": ' + "9" * 5_000 + "}", "cannot be read"),
        (b'{"a": "\xff"}', "cannot be read"),
        (b"\xff\xfe{\x00", "cannot be read"),
        ('{"a": "x\\u0000y"}', "a NUL or half a character"),
        ('{"x\\ud800": 1}', "a NUL or half a character"),
        (b'{"a": "\x00"}', "a fault in line 1, column 8"),
        ('{"resourceType": "Patient"}', "found at resourceType: not Bundle"),
        ("{}", "found at resourceType: not Bundle"),
        ('{"resourceType": 5}', "found at resourceType: not Bundle"),
    ],
)
def test_what_is_no_sound_json_or_no_bundle_is_refused(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    assert said in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (change("entry", "Jane"), "found at entry: list type"),
        (change("entry.3", "Jane"), "found at entry.3.resource: no resource"),
        (change("entry.3.resource", "Jane"), "found at entry.3.resource: no resource"),
        (change("entry.3.resource", '{"resourceType":"Patient"}'), "entry.3.resource: no resource"),
        (change("entry.3.resource", []), "found at entry.3.resource: no resource"),
        (change("entry.3.resource.resourceType", "Jane"), "a resource of no type of STU3"),
        (change("entry.3.resource.resourceType", {"Jane": 1}), "entry.3.resource: no resource"),
        (change("entry.3.resource.status", None), "entry.3.resource.status: model field"),
        (change("entry.3.resource.status", 5), "entry.3.resource.status: string type"),
        (change("entry.3.resource.issued", "Jane"), "entry.3.resource.issued: value error"),
        (change("entry.3.resource.effectiveDateTime", "2018-02-31"), "resource.effectiveDateTime"),
        (change("entry.3.resource.code.coding.0.code", "Jane  D"), "code.coding.0.code: string"),
        (change(f"entry.3.resource.{NUMBER}", "Jane"), "entry.3.resource: extra forbidden"),
        (change("entry.0.resource.birthDate", "Jane"), "entry.0.resource.birthDate"),
        (change("type", 5), "found at type"),
    ],
)
def test_what_is_no_fhir_is_refused_with_its_place_and_never_with_what_stands_there(
    tmp_path: Path, changed: Callable[[Json], None], said: str
) -> None:
    bundle = a_bundle(observations=[a_fhir_observation()])
    changed(bundle)

    message = refusal(tmp_path, bundle)

    assert said in message
    assert "Jane" not in message
    assert NUMBER not in message


def test_a_byte_order_mark_is_no_fault(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_text(json.dumps(a_bundle()), encoding="utf-8-sig")

    assert read_file(path, knowing()).refused == ()


def test_a_file_too_large_to_be_a_record_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ledger.readers.fhir.MOST_BYTES", 10)

    assert "expected at most 10 bytes" in refusal(tmp_path, a_bundle())


def test_a_resource_by_itself_and_an_entry_without_one_are_passed_over(tmp_path: Path) -> None:
    bundle = a_bundle(observations=[a_fhir_observation()])
    bundle["entry"] += [{"resource": None}, {"fullUrl": "urn:uuid:1"}]

    assert len(read_bundle(tmp_path, bundle=bundle).entries) == 1
