"""May these people's data be used for this purpose?"""

from datetime import timedelta
from typing import Annotated, Self

from fastapi import APIRouter
from pydantic import ConfigDict, Field, model_validator

from ledger.api import problems
from ledger.api.asking import Answer, Asked
from ledger.api.saying import (
    MOST_NUMBERS,
    CalendarDay,
    Days,
    KnownAt,
    Line,
    Number,
    PracticeCode,
    Said,
)
from ledger.application.receipts import StatusAsked
from ledger.application.records import ReceiptRecord, StatusRecord
from ledger.domain.purposes import Purpose

router = APIRouter(responses=problems.responses(400, 401, 403, 404, 413, 422, 500, 503))


class StatusQuestion(Said):
    """Whom, for what, on which day, as known when, by which policy.

    `practice` asks that its newest delivery bear witness, and `max_age` that this be no more than
    so many days old: where it does not, nobody is *not objecting* but *cannot tell*. `receipt` asks
    for the answer signed, with what proves the history it was given from.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"nhs_numbers": ["9990000018"], "purpose": "type-1", "at": "2018-05-25"}]
        }
    )

    nhs_numbers: Annotated[list[Number], Field(min_length=1, max_length=MOST_NUMBERS)]
    purpose: Purpose
    at: CalendarDay | None = None
    known_at: KnownAt | None = None
    policy: Line | None = None
    practice: PracticeCode | None = None
    max_age: Days | None = None
    receipt: bool = False

    @model_validator(mode="after")
    def _max_age_is_a_practices(self) -> Self:
        if self.max_age is not None and self.practice is None:
            raise ValueError(
                "max_age is the age of a practice's newest delivery: name the practice"
            )
        return self


class StatusAnswer(Answer):
    """The statuses in the order asked; `cannot-tell` counts as objecting.

    `receipt`, where it was asked for, is to be kept whole: `ledger receipt check` asks the same
    again, and `verify_ledger.py receipt` checks its signatures anywhere.
    """

    statuses: list[StatusRecord]
    receipt: ReceiptRecord | None = None


@router.post("/status")
def status(asked: StatusQuestion, asking: Asked) -> StatusAnswer:
    """The status of up to 1,000 people, with its reason and the age of the evidence.

    For extract services and auditors; for a controller about their own patients.
    """
    told: StatusAsked = {
        "at": asked.at,
        "known_at": asked.known_at,
        "policy": asked.policy,
        "practice": asked.practice,
        "max_age": None if asked.max_age is None else timedelta(days=asked.max_age),
        "by": asking.by,
    }
    receipt = None
    if asked.receipt:
        statuses, receipt = asking.receipts.statuses(asked.nhs_numbers, asked.purpose, **told)
    else:
        statuses = asking.ledger.statuses(asked.nhs_numbers, asked.purpose, **told)
    first = statuses[0]
    return asking.answer(
        StatusAnswer(
            statuses=statuses,
            receipt=receipt,
            position=first.position,
            known_at=first.known_at,
            policy=first.policy,
        ),
        count=len(statuses),
    )
