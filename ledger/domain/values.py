"""What every value of the domain has in common: it is frozen, strict and exact."""

from datetime import date, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict


class Value(BaseModel):
    """A frozen value that refuses what it does not know.

    Strict, because Pydantic's lax mode takes the integer 0 for a date.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


def _date_from_text(value: object) -> object:
    if isinstance(value, str):
        return date.fromisoformat(value)
    # A datetime is a date to Python; to us the time would be lost without a word.
    if isinstance(value, datetime):
        raise ValueError("expected a date, found a date and time")  # noqa: TRY004  Pydantic's way
    return value


def _time_from_text(value: object) -> object:
    return datetime.fromisoformat(value) if isinstance(value, str) else value


# A calendar day, written YYYY-MM-DD in JSON.
Day = Annotated[date, BeforeValidator(_date_from_text)]
# A moment with its offset, RFC 3339 in JSON. Clinical systems write local clock time:
# readers turn it into UTC as Europe/London before it gets here.
Moment = Annotated[AwareDatetime, BeforeValidator(_time_from_text)]
