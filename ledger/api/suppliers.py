"""Did what practices recorded reach NHS Digital?"""

from typing import Annotated

from fastapi import APIRouter, Query

from ledger.api import problems
from ledger.api.asking import Answer, Asked
from ledger.api.saying import Line, Said
from ledger.application.records import TransmissionRecord

router = APIRouter(responses=problems.responses(401, 403, 422, 500, 503))


class TransmissionQuestion(Said):
    """Whose: a supplier, or a clinical system by its name; by default all."""

    supplier: Line | None = None


class Transmission(Answer):
    """Recorded beside transmitted, by period end, supplier and code system."""

    transmission: list[TransmissionRecord]


@router.get("/suppliers/transmission")
def transmission(asked: Annotated[TransmissionQuestion, Query()], asking: Asked) -> Transmission:
    """Recorded beside transmitted, of one supplier or of all. For auditors."""
    lines = asking.ledger.transmission(supplier=asked.supplier, by=asking.by)
    at = asking.ledger.reached("transmission")
    answer = Transmission(transmission=lines, **asking.as_of(at))
    return asking.answer(answer, count=len(lines))
