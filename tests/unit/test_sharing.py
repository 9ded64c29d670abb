"""A practice's sharing settings, as our own sharing file writes them (docs/formats.md 8)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ledger.domain.entries import RefusedRow, Setting, SettingChange
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Contents, Format, Found
from ledger.readers.sharing import read
from tests.unit.memory import NoMemory

HEADER = "PracticeCode,ChangedAt,ChangedBy,Setting,Value,Organisation"
FILE = "sharing_X99901_20180525.csv"


def read_lines(folder: Path, *lines: str, header: str = HEADER, ending: str = "\r\n") -> Contents:
    path = folder / FILE
    path.write_text("".join(line + ending for line in (header, *lines)), newline="")
    return read(Found(Format.SHARING, path, (path,), datetime(2018, 5, 25, tzinfo=UTC)), NoMemory())


def test_a_change_is_read_with_who_made_it_and_when_in_utc(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path, "x99901,2018-05-25T09:30:00+01:00,A Manager,auto-share-out,off,"
    )

    assert contents.settings == (
        SettingChange(
            practice="X99901",
            changed_at=datetime(2018, 5, 25, 8, 30, tzinfo=UTC),
            changed_by="A Manager",
            setting=Setting.AUTO_SHARE_OUT,
            value="off",
            source=f"{FILE}:1",
        ),
    )
    assert contents.format is Format.SHARING
    assert contents.practices == ("X99901",)
    assert contents.period_end == datetime(2018, 5, 25, tzinfo=UTC)
    assert contents.rows_read == 1
    assert contents.refused == ()
    assert contents.notes == ()


@pytest.mark.parametrize(
    ("setting", "value", "organisation"),
    [
        ("auto-share-out", "on", ""),
        ("auto-share-out", "off", ""),
        ("auto-share-in", "on", ""),
        ("auto-share-in", "off", ""),
        ("share-in-rule", "none-require-verification", ""),
        ("share-in-rule", "verify-unlisted", ""),
        ("share-in-rule", "verify-all", ""),
        ("allowed", "add", "RAB"),
        ("allowed", "remove", "RAB"),
        ("prohibited", "add", "RAB"),
        ("prohibited", "remove", "RAB"),
        ("share-in", "verified", "RAB"),
        ("share-in", "unverified", "RAB"),
        ("share-in", "overridden", "RAB"),
        ("share-in", "ended", "RAB"),
    ],
)
def test_every_setting_takes_the_values_it_is_listed_with(
    tmp_path: Path, setting: str, value: str, organisation: str
) -> None:
    contents = read_lines(
        tmp_path, f"X99901,2018-05-25T09:30:00Z,A Manager,{setting},{value},{organisation}"
    )

    (change,) = contents.settings
    assert (change.setting.value, change.value, change.organisation or "") == (
        setting,
        value,
        organisation,
    )


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        (
            "!,2018-05-25T09:30:00Z,A Manager,auto-share-out,on,",
            "PracticeCode",
            "expected an ODS code: three to ten letters and digits",
        ),
        (
            "X99901,2018-05-25T09:30:00,A Manager,auto-share-out,on,",
            "ChangedAt",
            "expected a time with its offset, as 2018-05-25T09:30:00+01:00",
        ),
        (
            "X99901,2018-05-25,A Manager,auto-share-out,on,",
            "ChangedAt",
            "expected a time with its offset, as 2018-05-25T09:30:00+01:00",
        ),
        (
            "X99901,2018-02-30T09:30:00Z,A Manager,auto-share-out,on,",
            "ChangedAt",
            "expected a time with its offset, as 2018-05-25T09:30:00+01:00",
        ),
        (
            f"X99901,2018-05-25T09:30:00Z,{'x' * 101},auto-share-out,on,",
            "ChangedBy",
            "expected who changed it, in at most 100 characters",
        ),
        (
            "X99901,2018-05-25T09:30:00Z,A Manager,auto-share,on,",
            "Setting",
            "expected auto-share-out, auto-share-in, share-in-rule, allowed, prohibited, share-in",
        ),
        (
            "X99901,2018-05-25T09:30:00Z,A Manager,auto-share-out,add,",
            "Value",
            "expected on, off for auto-share-out",
        ),
        (
            "X99901,2018-05-25T09:30:00Z,A Manager,share-in,,RAB",
            "Value",
            "expected verified, unverified, overridden, ended for share-in",
        ),
        (
            "X99901,2018-05-25T09:30:00Z,A Manager,allowed,add,",
            "Organisation",
            "expected the ODS code of the organisation allowed is about",
        ),
        (
            "X99901,2018-05-25T09:30:00Z,A Manager,auto-share-in,on,RAB",
            "Organisation",
            "expected no organisation for auto-share-in",
        ),
    ],
)
def test_a_row_that_cannot_be_a_fact_is_refused_alone(
    tmp_path: Path, line: str, column: str, reason: str
) -> None:
    contents = read_lines(
        tmp_path, line, "X99901,2018-05-25T09:30:00Z,A Manager,auto-share-out,on,"
    )

    assert [change.source for change in contents.settings] == [f"{FILE}:2"]
    assert contents.refused == (RefusedRow(FILE, 1, column, reason),)
    assert contents.rows_read == 2


def test_a_change_counts_though_it_does_not_say_who_made_it(tmp_path: Path) -> None:
    contents = read_lines(tmp_path, "X99901,2018-05-25T09:30:00Z,,auto-share-out,off,")

    assert [(change.value, change.changed_by) for change in contents.settings] == [("off", "")]


def test_columns_go_by_their_names_and_an_unknown_one_is_noted(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path,
        "on,auto-share-out,,A Manager,2018-05-25T09:30:00Z,X99901,Tuesday",
        header="\ufeffvalue,SETTING,Organisation,ChangedBy,ChangedAt,PracticeCode,Weekday",
        ending="\n",
    )

    assert [change.practice for change in contents.settings] == ["X99901"]
    assert len(contents.notes) == 1
    assert "Weekday" in contents.notes[0]


def test_of_an_overrides_reason_only_that_there_is_one_is_kept(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path,
        "X99901,2018-05-25T09:30:00Z,A Manager,share-in,overridden,X99C1,found unconscious",
        "X99901,2018-05-25T09:31:00Z,A Manager,share-in,overridden,X99C1, ",
        "X99901,2018-05-25T09:32:00Z,A Manager,share-in,verified,X99C1,why not",
        header="PracticeCode,ChangedAt,ChangedBy,Setting,Value,Organisation,reason",
    )

    assert [change.reason_given for change in contents.settings] == [True, False, None]
    assert "unconscious" not in repr(contents)
    assert contents.notes == ()


def test_without_a_column_of_reasons_nothing_is_said_of_them(tmp_path: Path) -> None:
    contents = read_lines(
        tmp_path, "X99901,2018-05-25T09:30:00Z,A Manager,share-in,overridden,X99C1"
    )

    assert [change.reason_given for change in contents.settings] == [None]


def test_a_file_without_a_mandatory_column_is_refused_whole(tmp_path: Path) -> None:
    with pytest.raises(DeliveryRefused, match="ChangedBy"):
        read_lines(tmp_path, header="PracticeCode,ChangedAt,Setting,Value,Organisation")


def test_a_row_of_another_practice_than_the_file_names_is_read_and_noted(tmp_path: Path) -> None:
    contents = read_lines(tmp_path, "X99902,2018-05-25T09:30:00Z,A Manager,auto-share-out,on,")

    assert contents.practices == ("X99902",)
    assert contents.notes == (
        f"{FILE} names practice X99901, its rows X99902: each row's own practice holds",
    )


def test_a_file_with_no_changes_is_read_as_such(tmp_path: Path) -> None:
    contents = read_lines(tmp_path)

    assert contents.settings == ()
    assert contents.practices == ()
    assert contents.rows_read == 0
