"""Is a zip from outside unpacked without harm, or refused without a trace?"""

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from ledger.domain.refusals import DeliveryRefused
from ledger.readers import unpack as unpacking
from ledger.readers.unpack import names_in, unpack


def a_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def assert_refused(archive: Path, into: Path, why: str) -> None:
    with pytest.raises(DeliveryRefused, match=why) as refused:
        unpack([archive], into)

    assert refused.value.file == archive.name
    assert not into.exists()


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "scratch" / "1"


def test_the_zips_of_a_set_are_unpacked_into_one_folder(tmp_path: Path, into: Path) -> None:
    first = a_zip(tmp_path / "1.zip", {"20260105_2200/SRCode.csv": b"a", "20260105_2200/": b""})
    second = a_zip(tmp_path / "2.zip", {"20260105_2200\\SRPatient.csv": b"b"})

    unpack([first, second], into)

    folder = into / "20260105_2200"
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "SRCode.csv": b"a",
        "SRPatient.csv": b"b",
    }
    assert names_in(first) == {"20260105_2200/srcode.csv"}


@pytest.mark.parametrize(
    "name",
    ["../SRCode.csv", "a/../../b.csv", "/etc/cron.d/x", "..\\x.csv", "C:\\x.csv", "c:x.csv", "."],
)
def test_a_name_that_leads_out_of_the_folder_is_refused(
    tmp_path: Path, into: Path, name: str
) -> None:
    archive = a_zip(tmp_path / "x.zip", {"good.csv": b"a", name: b"b"})

    assert_refused(archive, into, "leads out of the folder")

    assert {path.name for path in tmp_path.rglob("*.csv")} == set()


@pytest.mark.parametrize("name", ["x" * 256 + ".csv", "a/" * 30 + "x.csv"])
def test_a_name_no_folder_can_hold_is_refused(tmp_path: Path, into: Path, name: str) -> None:
    assert_refused(a_zip(tmp_path / "x.zip", {name: b""}), into, "too long")


def test_a_link_is_refused(tmp_path: Path, into: Path) -> None:
    link = zipfile.ZipInfo("SRCode.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")

    assert_refused(tmp_path / "x.zip", into, "a link or a device")


def test_an_encrypted_member_is_refused(tmp_path: Path, into: Path) -> None:
    archive = a_zip(tmp_path / "x.zip", {"SRCode.csv": b"a"})
    content = bytearray(archive.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 0x1
    archive.write_bytes(content)

    assert_refused(archive, into, "encrypted")


@pytest.mark.parametrize("names", [("SRCode.csv", "srcode.csv"), ("a", "a/b.csv")])
def test_two_members_in_one_place_are_refused(
    tmp_path: Path, into: Path, names: tuple[str, str]
) -> None:
    archive = a_zip(tmp_path / "x.zip", dict.fromkeys(names, b""))

    assert_refused(archive, into, "expected")


def test_too_many_members_are_refused(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "MOST_MEMBERS", 3)

    archive = a_zip(tmp_path / "x.zip", {f"{i}.csv": b"" for i in range(4)})

    assert_refused(archive, into, "at most 3 files")


def test_a_zip_that_swells_is_refused(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "RATIO_COUNTS_FROM", 1 << 20)

    archive = a_zip(tmp_path / "x.zip", {"SRCode.csv": bytes(8 << 20)})

    assert_refused(archive, into, "found more")


def test_bytes_are_counted_and_not_believed(
    tmp_path: Path, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unpacking, "RATIO_COUNTS_FROM", 1 << 20)
    archive = a_zip(tmp_path / "x.zip", {"SRCode.csv": bytes(8 << 20)})
    content = archive.read_bytes()
    honest, false = struct.pack("<L", 8 << 20), struct.pack("<L", 10)
    archive.write_bytes(content.replace(honest, false))

    assert_refused(archive, into, "expected")


def test_a_zip_cut_off_or_damaged_anywhere_is_refused(tmp_path: Path, into: Path) -> None:
    whole = a_zip(tmp_path / "x.zip", {"SRCode.csv": bytes(range(256)) * 40}).read_bytes()
    damaged = tmp_path / "damaged.zip"

    for at in range(0, len(whole), 7):
        damaged.write_bytes(whole[:at])
        assert_refused(damaged, into, "damaged, cut off")

    body = whole.index(b"SRCode.csv") + 40
    damaged.write_bytes(whole[:body] + b"\xff\xff\xff" + whole[body + 3 :])
    assert_refused(damaged, into, "damaged, cut off")


def test_something_else_called_zip_is_refused(tmp_path: Path, into: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"RowIdentifier\n")

    assert_refused(tmp_path / "x.zip", into, "damaged, cut off")
    with pytest.raises(DeliveryRefused, match="damaged"):
        names_in(tmp_path / "x.zip")
