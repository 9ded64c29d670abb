"""What may a request say? Days, times, codes and texts, each exactly, and refused without being
repeated: what was sent may hold an NHS number.
"""

import re
from datetime import UTC, date, datetime
from typing import Annotated, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Strict,
    StringConstraints,
    WithJsonSchema,
)

from ledger.domain.identifiers import NHSNumber

# PostgreSQL's bigint, and more positions than there will ever be.
LAST_POSITION = 2**63 - 1
MOST_NUMBERS = 1_000
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
When = TypeVar("When", date, datetime)

_DAY = re.compile(r"\d{4}-\d\d-\d\d", flags=re.ASCII)
# RFC 3339: `fromisoformat` alone would take a day, or a time of nobody knows which zone.
_MOMENT = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", flags=re.ASCII
)


class Said(BaseModel):
    """What a request says, in its body or its query; a name it does not know is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _day(told: object) -> date:
    try:
        if isinstance(told, str) and _DAY.fullmatch(told):
            return _of_our_time(date.fromisoformat(told))
    except ValueError:
        pass
    raise ValueError(f"expected a day as 2018-05-25, from {_FIRST_YEAR} to {_LAST_YEAR}")


def _moment(told: object) -> datetime:
    try:
        if isinstance(told, str) and _MOMENT.fullmatch(told):
            moment = datetime.fromisoformat(told.upper()).astimezone(UTC)
            return _of_our_time(moment)
    except (ValueError, OverflowError):
        pass
    raise ValueError(
        "expected a time with its offset, as 2018-05-25T09:30:00Z, "
        f"from {_FIRST_YEAR} to {_LAST_YEAR}"
    )


def _of_our_time(when: When) -> When:
    if not _FIRST_YEAR <= when.year <= _LAST_YEAR:
        raise ValueError
    return when


def _position(told: object) -> object:
    """In a query everything is text; a body's number stands in quotes only by mistake."""
    return int(told) if isinstance(told, str) and told.isascii() and told.isdigit() else told


def _text(told: str) -> str:
    # PostgreSQL keeps no NUL, and the others say nothing to a reader.
    if any(not (letter.isprintable() or letter in "\n\t") for letter in told):
        raise ValueError("expected text without control characters")
    return told


Number = Annotated[
    NHSNumber,
    WithJsonSchema(
        {
            "type": "string",
            "format": "nhs-number",
            "description": "Ten digits, the last a Modulus 11 check digit; blanks and hyphens may "
            "part them",
        }
    ),
]
CalendarDay = Annotated[date, BeforeValidator(_day)]
Instant = Annotated[AwareDatetime, BeforeValidator(_moment)]
Position = Annotated[int, Strict(), Field(ge=0, le=LAST_POSITION)]
# A position, a day to its end, or a time.
KnownAt = Position | CalendarDay | Instant
KnownAtInQuery = Annotated[KnownAt, BeforeValidator(_position)]
Days = Annotated[int, Strict(), Field(ge=0, le=36_500)]
PracticeCode = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]{3,10}$"), AfterValidator(str.upper)
]
Text = Annotated[str, StringConstraints(max_length=2_000), AfterValidator(_text)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=64), AfterValidator(_text)]
