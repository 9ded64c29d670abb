"""Did what practices recorded reach NHS Digital, how soon, and who was missing?"""

from typing import Annotated

from fastapi import APIRouter, Query

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Page, Viewed
from ledger.api.saying import Line
from ledger.api.sheets import CsvText, sheet
from ledger.application.records import (
    OutOfLineRecord,
    PracticeTransmissionRecord,
    TransmissionRecord,
)

router = APIRouter(responses=problems.responses(401, 403, 404, 422, 500, 503))
# The read models that the board comes from.
_TOLD_BY = ("transmission", "findings", "practices")


class TransmissionQuestion(Viewed):
    """Whose: a supplier, or a clinical system by its name; by default all."""

    supplier: Line | None = None


class PracticesQuestion(TransmissionQuestion):
    """Of which collection, by its id; by default of all."""

    collection: Line | None = None


class PracticesPage(PracticesQuestion, Page):
    """The part of the list that is asked for."""


class Transmission(Answer):
    """Recorded beside transmitted, by period end, supplier and code system; and from which
    collection until which new dissents stayed away.
    """

    transmission: list[TransmissionRecord]
    out_of_line: list[OutOfLineRecord]


class PracticesTransmission(Answer):
    """Recorded beside transmitted, by period end and practice, and who was missing."""

    practices: list[PracticeTransmissionRecord]


@router.get("/suppliers/transmission")
def transmission(asked: Annotated[TransmissionQuestion, Query()], asking: Asked) -> Transmission:
    """Recorded beside transmitted, of one supplier or of all. For auditors."""
    ledger, by = asking.ledger, asking.by
    view = asking.view(asked, *_TOLD_BY)
    answer = Transmission(
        transmission=ledger.transmission(supplier=asked.supplier, when=asked.when, by=by),
        out_of_line=ledger.out_of_line(supplier=asked.supplier, when=asked.when, by=by),
        **asking.seen(view),
    )
    return asking.answer(answer, count=len(answer.transmission))


@router.get("/suppliers/transmission.csv", response_class=CsvText)
def transmission_sheet(asked: Annotated[TransmissionQuestion, Query()], asking: Asked) -> CsvText:
    """The same as a spreadsheet. For auditors."""
    view = asking.view(asked, *_TOLD_BY)
    lines = asking.ledger.transmission(supplier=asked.supplier, when=asked.when, by=asking.by)
    asking.request.state.position = view.known.position
    return sheet(TransmissionRecord, lines)


@router.get("/suppliers/transmission/practices")
def of_practices(asked: Annotated[PracticesPage, Query()], asking: Asked) -> PracticesTransmission:
    """Which practices took part in each collection and which are missing, with what was recorded
    and transmitted of each. For auditors.
    """
    view = asking.view(asked, *_TOLD_BY)
    found = asking.ledger.practices_transmission(
        supplier=asked.supplier,
        collection=asked.collection,
        when=asked.when,
        limit=asked.limit + 1,
        offset=asked.offset,
        by=asking.by,
    )
    rows = asking.page(asked, found)
    answer = PracticesTransmission(practices=rows, **asking.seen(view))
    return asking.answer(answer, count=len(rows))


@router.get("/suppliers/transmission/practices.csv", response_class=CsvText)
def practices_sheet(asked: Annotated[PracticesQuestion, Query()], asking: Asked) -> CsvText:
    """The same as a spreadsheet, all of it. For auditors."""
    view = asking.view(asked, *_TOLD_BY)
    found = asking.ledger.practices_transmission(
        supplier=asked.supplier, collection=asked.collection, when=asked.when, by=asking.by
    )
    asking.request.state.position = view.known.position
    return sheet(PracticeTransmissionRecord, found)
