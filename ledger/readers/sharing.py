"""Which sharing settings did a practice change, and which organisations did it allow or prohibit?

No supplier's settings have a public format except EMIS's agreement file, so this one is the
project's own (docs/formats.md 8).
"""

import re
from pathlib import Path

from ledger.domain.entries import RefusedRow, Setting, SettingChange
from ledger.domain.identifiers import ods_code
from ledger.readers.delivery import Contents, Found, Memory
from ledger.readers.scan import Row, open_csv
from ledger.readers.times import rfc_3339

_COLUMNS = ("PracticeCode", "ChangedAt", "ChangedBy", "Setting", "Value", "Organisation")
# Whether an override had a reason. Its words are free text and go no further.
_REASON = "Reason"
_VALUES = {
    Setting.AUTO_SHARE_OUT: ("on", "off"),
    Setting.AUTO_SHARE_IN: ("on", "off"),
    Setting.SHARE_IN_RULE: ("none-require-verification", "verify-unlisted", "verify-all"),
    Setting.ALLOWED: ("add", "remove"),
    Setting.PROHIBITED: ("add", "remove"),
    Setting.SHARE_IN: ("verified", "unverified", "overridden", "ended"),
}
_ABOUT_AN_ORGANISATION = {Setting.ALLOWED, Setting.PROHIBITED, Setting.SHARE_IN}
_LONGEST_NAME = 100
_NAMED = re.compile(r"sharing_([^_]+)_\d{8}", re.IGNORECASE)


def read(found: Found, memory: Memory) -> Contents:
    """One sharing file: the changes it states, and the rows that state none."""
    del memory  # Each row says all that it means.
    (path,) = found.files
    sheet = open_csv(path, needed=_COLUMNS, optional=(_REASON,), any_case=True)
    told_of = _REASON in sheet.present
    read_rows = [_change(row, path.name, reasons=told_of) for row in sheet.pick()]
    changes = tuple(row for row in read_rows if isinstance(row, SettingChange))
    refused = tuple(row for row in read_rows if isinstance(row, RefusedRow))
    practices = tuple(sorted({change.practice for change in changes}))
    unknown = ", ".join(sheet.unknown)
    return Contents(
        format=found.format,
        practices=practices,
        period_end=found.dated,
        rows_read=sheet.rows + len(sheet.broken),
        settings=changes,
        refused=(*sheet.broken, *refused),
        notes=(
            *([f"{path.name} has columns that are not read: {unknown}"] if unknown else []),
            *_named_otherwise(path, practices),
        ),
    )


def _change(row: Row, file: str, *, reasons: bool) -> SettingChange | RefusedRow:
    cells = {column: text.strip() for column, text in row.cells.items()}
    practice, organisation = ods_code(cells["PracticeCode"]), ods_code(cells["Organisation"])
    changed_at, changed_by = rfc_3339(cells["ChangedAt"]), cells["ChangedBy"]
    setting, value = _setting(cells["Setting"]), cells["Value"].lower()
    if practice is None:
        fault = ("PracticeCode", "expected an ODS code: three to ten letters and digits")
    elif changed_at is None:
        fault = ("ChangedAt", "expected a time with its offset, as 2018-05-25T09:30:00+01:00")
    elif len(changed_by) > _LONGEST_NAME:
        fault = ("ChangedBy", f"expected who changed it, in at most {_LONGEST_NAME} characters")
    elif setting is None:
        fault = ("Setting", f"expected {', '.join(Setting)}")
    elif value not in _VALUES[setting]:
        fault = ("Value", f"expected {', '.join(_VALUES[setting])} for {setting}")
    elif setting in _ABOUT_AN_ORGANISATION and organisation is None:
        fault = ("Organisation", f"expected the ODS code of the organisation {setting} is about")
    elif setting not in _ABOUT_AN_ORGANISATION and cells["Organisation"]:
        fault = ("Organisation", f"expected no organisation for {setting}")
    else:
        return SettingChange(
            practice=practice,
            changed_at=changed_at,
            changed_by=changed_by,
            setting=setting,
            value=value,
            organisation=organisation,
            reason_given=bool(cells[_REASON]) if reasons and value == "overridden" else None,
            source=f"{file}:{row.number}",
        )
    return RefusedRow(file, row.number, *fault)


def _setting(text: str) -> Setting | None:
    return next((setting for setting in Setting if setting == text.lower()), None)


def _named_otherwise(path: Path, practices: tuple[str, ...]) -> tuple[str, ...]:
    named = _NAMED.fullmatch(path.stem)
    practice = named[1].upper() if named else None
    others = [other for other in practices if other != practice]
    if practice is None or not others:
        return ()
    rows = ", ".join(others)
    return (
        f"{path.name} names practice {practice}, its rows {rows}: each row's own practice holds",
    )
