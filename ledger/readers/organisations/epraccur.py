"""`epraccur.csv`: the prescribing organisations of England and Wales, 27 unnamed fields a line
(docs/formats.md 6.1). It tells when a practice closed, and never who has its patients.
"""

import re
from datetime import date

from ledger.domain.closing import ACTIVE, CLOSED, DORMANT, PROPOSED
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.organisations.lines import fields, lines_of
from ledger.readers.organisations.told import (
    Organisation,
    Register,
    RowError,
    a_code,
    a_name,
    a_postcode,
    each,
    the_last_of_each,
)

_FIELDS = 27
_STATUSES = {"A": ACTIVE, "C": CLOSED, "D": DORMANT, "P": PROPOSED}
_EIGHT_DIGITS = re.compile("[0-9]{8}")
# Prescribing setting: 0 other, 1 walk-in centre, 2 out of hours, and so on. Reports made since
# 2024 have the organisation's roles there instead, with bars between them.
_GP_PRACTICE = {"4", "RO76"}


def epraccur(text: str, *, file: str) -> Register:
    """What `epraccur.csv` tells."""
    read, refused = each(lines_of(text), _organisation, file)
    if not read:
        # A wrong file is one in which nothing reads; a bad line among good ones is only that.
        raise DeliveryRefused(
            f"expected the {_FIELDS} fields of epraccur.csv in each row, found none that reads"
            + (f"; in the first, {refused[0].reason}" if refused else ""),
            file=file,
        )
    organisations, again = the_last_of_each(read, file=file, column="Organisation code")
    return Register(file, organisations, refused=(*refused, *again), complete=True)


def _organisation(number: int, line: object) -> Organisation:
    row = fields(line)
    if len(row) != _FIELDS:
        raise RowError("", f"expected {_FIELDS} fields, found {len(row)}")
    # The field numbers of docs/formats.md 6.1, which count from 1.
    field = ["", *row].__getitem__
    if (status := _STATUSES.get(field(13))) is None:
        raise RowError("Status", "expected A, C, D or P")
    return Organisation(
        code=a_code(field(1), "Organisation code"),
        name=a_name(field(2), "Name"),
        status=status,
        gp_practice=not _GP_PRACTICE.isdisjoint(field(26).split("|")),
        postcode=a_postcode(field(10), "Postcode"),
        commissioner=a_code(field(15), "Commissioner") if field(15) else None,
        opened_on=_day(field(11), "Open date"),
        closed_on=_day(field(12), "Close date"),
        row=number,
    )


def _day(text: str, column: str) -> date | None:
    if not text:
        return None
    try:
        # Eight digits first: `fromisoformat` alone would take other spellings too.
        return date.fromisoformat(text if _EIGHT_DIGITS.fullmatch(text) else "")
    except ValueError:
        raise RowError(column, "expected a date as yyyymmdd, or nothing") from None
