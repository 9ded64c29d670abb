"""Are deliveries found, told apart and put in order, and is everything else named?"""

import shutil
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Format, Found
from ledger.readers.finding import NotRecognised, digest, find, order, read
from ledger.readers.recognising import recognised
from tests.unit.memory import NoMemory

SAMPLE = Path(__file__).parents[1] / "data" / "systmone" / "20260105_2200"
VISION_SAMPLE = SAMPLE.parents[1] / "vision"
AGREEMENT = "45E7CD20-0000-4000-8000-000000000001"
OTHER = "45E7CD20-0000-4000-8000-000000000002"


@pytest.fixture
def region(tmp_path: Path) -> Path:
    (tmp_path / "region").mkdir()
    return tmp_path / "region"


def search(path: Path) -> tuple[list[Found], list[NotRecognised]]:
    return find(path, scratch=path.parent / "scratch")


def touch(folder: Path, *names: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        (folder / name).write_text("x\n")


def zip_of(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def sample_files(prefix: str = "") -> dict[str, bytes]:
    return {f"{prefix}{path.name}": path.read_bytes() for path in SAMPLE.iterdir()}


def reasons(others: list[NotRecognised], region: Path) -> dict[str, str]:
    return {str(other.path.relative_to(region)): other.reason for other in others}


def test_a_folder_with_a_manifest_is_one_delivery_of_systmone(region: Path) -> None:
    shutil.copytree(SAMPLE, region / "tpp" / "20260105_2200")

    (found,), others = search(region)

    assert found.format is Format.SYSTMONE
    assert found.path == region / "tpp" / "20260105_2200"
    assert len(found.files) == 5
    assert found.dated == datetime(2026, 1, 5, 22, tzinfo=UTC)
    assert others == []


def test_a_damaged_manifest_is_found_all_the_same(region: Path) -> None:
    touch(region / "20260704_2200", "SRManifest.csv")
    touch(region / "latest", "srmanifest.CSV")

    found, others = search(region)

    by_name = {delivery.path.name: delivery.dated for delivery in found}
    assert by_name["20260704_2200"] == datetime(2026, 7, 4, 21, tzinfo=UTC)
    assert by_name["latest"].tzinfo is not None
    assert others == []
    with pytest.raises(DeliveryRefused, match="expected the column FileName"):
        read(found[0], NoMemory())


def test_emis_files_of_one_timestamp_and_agreement_are_one_delivery(region: Path) -> None:
    touch(
        region / "emis",
        f"12_Admin_Patient_20260105043213_{AGREEMENT}.csv",
        f"9_CareRecord_Observation_20260105043213_{AGREEMENT.lower()}.csv",
        f"100-104_Coding_ClinicalCode_20260105043213_{AGREEMENT}.csv",
        f"bulk_7_Admin_Patient_20260705043213_{AGREEMENT}.csv",
        f"9_Admin_Patient_20260105043213_{OTHER}.csv",
    )

    found, others = search(region)

    assert [[path.name.split("_")[0] for path in each.files] for each in found] == [
        ["9", "12", "100-104"],
        ["9"],
        ["bulk"],
    ]
    assert found[0].path == region / "emis" / f"20260105043213_{AGREEMENT}"
    assert found[2].dated == datetime(2026, 7, 5, 3, 32, 13, tzinfo=UTC)
    assert others == []


def test_an_encrypted_emis_file_holds_back_its_delivery(region: Path) -> None:
    patients = f"1_Admin_Patient_20260105043213_{AGREEMENT}.csv"
    observations = f"2_CareRecord_Observation_20260105043213_{AGREEMENT}.csv.gpg"
    touch(region, patients, observations)

    found, others = search(region)

    assert found == []
    assert reasons(others, region) == {
        observations: "an encrypted EMIS file: decrypt it first",
        patients: "a part of its delivery is still encrypted",
    }


def test_an_encrypted_file_beside_its_plain_one_is_in_nobodys_way(region: Path) -> None:
    name = f"1_Admin_Patient_20260105043213_{AGREEMENT}.csv"
    touch(region, name, f"{name}.gpg")

    (found,), others = search(region)

    assert [path.name for path in found.files] == [name]
    assert others == []


def test_vision_files_of_one_practice_and_timestamp_are_one_delivery(region: Path) -> None:
    extract = "data_extract-2026-07-05-000500.csv"
    touch(
        region / "vision",
        f"INCREMENTAL_X99903_journal_{extract}",
        f"INCREMENTAL_X99903_patient_check_sum_{extract}",
        f"FULL_x99903_patient_{extract}",
        f"ADDITIONAL_X99904_journal_{extract}",
    )
    touch(region / "again", f"ADDITIONAL_X99904_journal_{extract}")
    touch(region, "INCREMENTAL_X99903_journal_data_extract-2026-99-05-000500.csv")

    found, others = search(region)

    assert [(each.format, each.path.name, len(each.files)) for each in found] == [
        (Format.VISION, "X99904_2026-07-05-000500", 1),
        (Format.VISION, "X99903_2026-07-05-000500", 3),
    ]
    assert found[0].dated == datetime(2026, 7, 4, 23, 5, tzinfo=UTC)
    assert reasons(others, region) == {
        "INCREMENTAL_X99903_journal_data_extract-2026-99-05-000500.csv": (
            "a Vision file whose name gives no possible time"
        ),
        f"vision/ADDITIONAL_X99904_journal_{extract}": (
            "a file of the same name as another of its delivery"
        ),
    }


def test_the_zips_of_a_vision_batch_are_one_delivery(region: Path) -> None:
    files = {path.name: path.read_bytes() for path in VISION_SAMPLE.glob("*.csv")}
    for name, content in files.items():
        subject = name.split("_")[2].upper()
        zip_of(
            region / f"INCREMENTAL_{subject}_X99903-(1)-V1.0.0_2026-01-05-000500.zip",
            {name: content},
        )

    (found,), others = search(region)

    assert read(found, NoMemory()).rows_read == 4
    assert others == []


def test_our_own_files_bear_the_day_in_their_names(region: Path) -> None:
    touch(
        region,
        "collection_2026-06_20260630.csv",
        "Conversion_c1_20260701.csv",
        "sharing_X99901_20260702.csv",
    )

    found, _ = search(region)

    assert [(each.format, each.dated) for each in found] == [
        (Format.COLLECTION, datetime(2026, 6, 30, tzinfo=UTC)),
        (Format.CONVERSION, datetime(2026, 7, 1, tzinfo=UTC)),
        (Format.SHARING, datetime(2026, 7, 2, tzinfo=UTC)),
    ]


def test_what_is_not_recognised_is_named_with_the_reason(region: Path) -> None:
    touch(
        region,
        "README.md",
        ".DS_Store",
        "SRCode.csv",
        "collection_c1_20261399.csv",
        f"1_Admin_Patient_20269905043213_{AGREEMENT}.csv",
        "broken.zip",
    )
    (region / "link.csv").symlink_to(region / "README.md")
    touch(region / "again", f"1_Admin_Patient_20260105043213_{AGREEMENT}.csv")
    touch(region / "once", f"1_Admin_Patient_20260105043213_{AGREEMENT}.csv")
    (region / "loop").symlink_to(region)

    found, others = search(region)

    told = reasons(others, region)
    assert [each.format for each in found] == [Format.EMIS]
    assert told.pop("broken.zip").startswith("expected a zip")
    assert told.pop(f"once/1_Admin_Patient_20260105043213_{AGREEMENT}.csv").startswith(
        "a file of the same name as"
    )
    assert told == {
        "README.md": "not the name of a file of any format we read",
        "SRCode.csv": "a SystmOne table without SRManifest.csv beside it",
        "collection_c1_20261399.csv": "a file whose name ends in no possible day",
        f"1_Admin_Patient_20269905043213_{AGREEMENT}.csv": (
            "an EMIS file whose name gives no possible time"
        ),
        "link.csv": "a link or a device, not a file",
    }


def test_one_file_or_one_zip_is_a_path_too(region: Path) -> None:
    touch(region, "collection_c1_20260630.csv", "other.txt")
    zip_of(region / "tpp.zip", sample_files("20260105_2200/"))

    (one,), _ = search(region / "collection_c1_20260630.csv")
    (zipped,), others = search(region / "tpp.zip")

    assert one.format is Format.COLLECTION
    assert zipped.path == region / "tpp.zip" / "20260105_2200"
    assert others == []


def test_a_path_where_nothing_is_is_refused(region: Path) -> None:
    with pytest.raises(DeliveryRefused, match="found nothing"):
        search(region / "nowhere")


def test_zips_that_are_parts_of_one_delivery_are_put_together(region: Path) -> None:
    files = sample_files()
    code = {"SRCode.csv": files.pop("SRCode.csv")}
    zip_of(region / "part1.zip", files)
    zip_of(region / "part2.zip", code)

    (found,), others = search(region)

    assert len(found.files) == 5
    assert read(found, NoMemory()).rows_read == 8
    assert others == []


def test_zips_that_are_deliveries_of_their_own_stay_apart(region: Path) -> None:
    later = {
        name: content.replace(b"20260105_2200", b"20260106_2200").replace(
            b"20260104_2200", b"20260105_2200"
        )
        for name, content in sample_files().items()
    }
    zip_of(region / "b.zip", sample_files())
    zip_of(region / "a.zip", later)

    found, _ = search(region)

    assert [each.path for each in found] == [region / "b.zip", region / "a.zip"]


def test_a_bad_zip_does_not_hold_up_the_others(region: Path) -> None:
    zip_of(region / "good.zip", sample_files("20260105_2200/"))
    zip_of(region / "bad.zip", {"../x.csv": b""})
    zip_of(region / "nested.zip", {"inner.zip": b""})

    (found,), others = search(region)

    assert found.path == region / "good.zip" / "20260105_2200"
    told = reasons(others, region)
    assert "leads out of the folder" in told["bad.zip"]
    assert told["nested.zip/inner.zip"] == "a zip inside a zip; unpack it by hand"


def test_a_collection_comes_after_what_was_delivered_on_its_day(region: Path) -> None:
    touch(
        region,
        "collection_c1_20260705.csv",
        "conversion_c1_20260705.csv",
        "sharing_X99901_20260705.csv",
        "sharing_X99901_20260706.csv",
        "entries_X99904_20260705.csv",
        f"1_Admin_Patient_20260705233000_{AGREEMENT}.csv",
        f"2_Admin_Patient_20260706003000_{AGREEMENT}.csv",
    )

    found, _ = search(region)

    assert [each.path.name for each in found] == [
        "entries_X99904_20260705.csv",
        "sharing_X99901_20260705.csv",
        f"20260705233000_{AGREEMENT}",
        "collection_c1_20260705.csv",
        "conversion_c1_20260705.csv",
        f"20260706003000_{AGREEMENT}",
        "sharing_X99901_20260706.csv",
    ]
    assert order(found[3])[:2] == (date(2026, 7, 5), 1)


def test_the_digest_tells_deliveries_apart_by_names_and_contents(region: Path) -> None:
    shutil.copytree(SAMPLE, region / "first")
    shutil.copytree(SAMPLE, region / "same")
    shutil.copytree(SAMPLE, region / "changed")
    shutil.copytree(SAMPLE, region / "renamed")
    with (region / "changed" / "SRCode.csv").open("ab") as file:
        file.write(b"\r\n")
    (region / "renamed" / "SRCode.csv").rename(region / "renamed" / "SRCodes.csv")

    found, _ = search(region)

    digests = {each.path.name: digest(each.files) for each in found}
    assert digests["first"] == digests["same"]
    assert len(set(digests.values())) == 3
    assert len(digests["first"]) == 64


# --- one patient's record


def test_names_of_our_client_bear_their_moment_in_utc(region: Path) -> None:
    touch(
        region,
        "gpconnect_X99904_20180601T093000Z_0001.json",
        "gp2gp_x99904_20180602T093000Z_12345.xml",
        "withheld_X99904_20180603.csv",
    )

    found, others = search(region)

    assert [(each.format, each.dated) for each in found] == [
        (Format.GP_CONNECT, datetime(2018, 6, 1, 9, 30, tzinfo=UTC)),
        (Format.GP2GP, datetime(2018, 6, 2, 9, 30, tzinfo=UTC)),
        (Format.WITHHELD, datetime(2018, 6, 3, tzinfo=UTC)),
    ]
    assert others == []


def test_a_name_with_no_possible_moment_is_left_with_the_reason(region: Path) -> None:
    touch(region, "gpconnect_X99904_20180231T093000Z_0001.json")

    found, others = search(region)

    assert found == []
    assert [other.reason for other in others] == ["a file whose name gives no possible time"]


@pytest.mark.parametrize(
    ("name", "text", "format_", "dated"),
    [
        (
            "reply.json",
            '{"meta": {"lastUpdated": "2018-06-01T09:30:00+01:00"}, "resourceType": "Bundle"}',
            Format.GP_CONNECT,
            datetime(2018, 6, 1, 8, 30, tzinfo=UTC),
        ),
        (
            "REPLY.JSON",
            (
                '{"resourceType": "Bundle", "entry": ['
                '{"resource": {"resourceType": "Observation", "issued": "2018-06-01T09:30:00Z"}},'
                '{"resource": {"resourceType": "Observation", "issued": "2018-06-03T09:30:00Z"}},'
                '{"resource": {"resourceType": "Observation", "issued": "soon"}}, {}, null]}'
            ),
            Format.GP_CONNECT,
            datetime(2018, 6, 3, 9, 30, tzinfo=UTC),
        ),
        (
            "cut off.json",
            '{"resourceType": "Bundle", "entry": [',
            Format.GP_CONNECT,
            None,
        ),
        (
            "lone.json",
            '{"resourceType": "Observation", "issued": "2018-06-01T09:30:00Z"}',
            Format.GP2GP,
            datetime(2018, 6, 1, 9, 30, tzinfo=UTC),
        ),
        (
            "message.xml",
            (
                '<?xml version="1.0"?><RCMR_IN030000UK06 xmlns="urn:hl7-org:v3">'
                '<creationTime value="20180601093000"/></RCMR_IN030000UK06>'
            ),
            Format.GP2GP,
            datetime(2018, 6, 1, 8, 30, tzinfo=UTC),
        ),
        ("bomb.xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><v3:EhrExtract/>", Format.GP2GP, None),
        ("wide.xml", "<EhrExtract/>", Format.GP2GP, None),
    ],
)
def test_one_patients_record_is_known_by_how_it_begins(
    region: Path, name: str, text: str, format_: Format, dated: datetime | None
) -> None:
    path = region / name
    path.write_text(text, encoding="utf-16" if name == "wide.xml" else "utf-8")
    saved = datetime.fromtimestamp(path.stat().st_mtime, UTC)

    found, others = search(region)

    assert [(each.format, each.dated) for each in found] == [(format_, dated or saved)]
    assert others == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("receipt.json", "{}"),
        ("list.json", "[1]"),
        ("broken.json", "{"),
        ("odd.json", '{"resourceType": ["Bundle"]}'),
        ("deep.json", '{"resourceType":' * 5_000),
        ("page.xml", "<html/>"),
        ("empty.xml", ""),
    ],
)
def test_json_and_xml_of_something_else_is_left(region: Path, name: str, text: str) -> None:
    (region / name).write_text(text)

    found, others = search(region)

    assert found == []
    assert [other.reason for other in others] == ["not the name of a file of any format we read"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"resourceType": "Parameters"}', "a Parameters of FHIR, and no patient's record"),
        (
            '{"resourceType": "Bundle", "type": "searchset"}',
            "the answer to a search of FHIR, and no patient's record",
        ),
    ],
)
def test_other_resources_of_fhir_are_left_by_their_names(
    region: Path, text: str, reason: str
) -> None:
    (region / "other.json").write_text(text)

    found, others = search(region)

    assert found == []
    assert [other.reason for other in others] == [reason]


@pytest.mark.parametrize("name", ["epraccur.csv", "ods-to-supplier-2019.csv.gz"])
def test_a_list_of_practices_is_told_to_be_imported(region: Path, name: str) -> None:
    touch(region, name)

    _, (other,) = search(region)

    assert "ledger practices import" in other.reason


def test_a_refusal_by_itself_is_left_since_it_names_no_patient(region: Path) -> None:
    (region / "refused.json").write_text('{"resourceType": "OperationOutcome", "issue": []}')

    found, (other,) = search(region)

    assert found == []
    assert "withheld_<ods>_<yyyymmdd>.csv" in other.reason


@pytest.mark.parametrize("name", ["9990000018.json", "reply 999-000-0018 of May.json"])
def test_a_record_whose_name_may_hold_an_nhs_number_is_not_taken(region: Path, name: str) -> None:
    (region / name).write_text('{"resourceType": "Bundle"}')

    found, (other,) = search(region)

    assert found == []
    assert "may hold an NHS number" in other.reason


def test_a_file_that_is_gone_when_it_is_looked_at_is_left(region: Path) -> None:
    assert recognised(region / "gone.json") == "a file that cannot be opened"
