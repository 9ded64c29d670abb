"""Did what practices recorded reach NHS Digital?

The board that would have shown in April 2016 that SystmOne's new type 2 objections did not arrive.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Query, Response
from markupsafe import Markup
from pydantic import BaseModel, Field

from ledger.application.records import (
    FindingRecord,
    PracticeTransmissionRecord,
    TransmissionRecord,
)
from ledger.domain.clinical_systems import Supplier
from ledger.web import charts
from ledger.web.lists import FIRST_PAGE, leaf
from ledger.web.sheets import sheet
from ledger.web.visit import Visit, Visitor

router = APIRouter()
_RULES = ("TX02", "TX03")


class Asked(BaseModel):
    """Which collection, by its id, whose practices, and which part of the list."""

    collection: Annotated[str, Field(max_length=64)] = ""
    supplier: Supplier | None = None
    page: int = FIRST_PAGE


class FoundAbout(NamedTuple):
    """What one rule found about one supplier, in the order it was found."""

    rule: str
    supplier: str
    findings: Sequence[FindingRecord]

    @property
    def first(self) -> FindingRecord:
        """The day on which somebody could have known."""
        return self.findings[0]

    @property
    def open(self) -> int:
        """How many still hold."""
        return sum(finding.state == "open" for finding in self.findings)


OneSupplier = Annotated[Supplier | None, Query()]


@router.get("/suppliers", name="suppliers")
def suppliers(visit: Visitor, supplier: OneSupplier = None) -> Response:
    """Recorded against transmitted, month by month, with what was found about it."""
    lines = visit.ledger.transmission(supplier=supplier, when=visit.when, by=visit.caller)
    return visit.page(
        "suppliers.html",
        lines=lines,
        supplier=supplier,
        suppliers=tuple(Supplier),
        # Altair draws from our own numbers and escapes their labels.
        carried=Markup(charts.recorded_and_transmitted(tuple(lines))) if lines else None,  # noqa: S704
        backlog=Markup(charts.backlog(tuple(lines))) if lines else None,  # noqa: S704
        delay=Markup(charts.delay(tuple(lines))) if lines else None,  # noqa: S704
        attendance=Markup(charts.attendance(tuple(lines))) if lines else None,  # noqa: S704
        lapses=visit.ledger.out_of_line(supplier=supplier, when=visit.when, by=visit.caller),
        found=_found(visit, supplier),
    )


@router.get("/suppliers.csv", name="suppliers_sheet")
def suppliers_sheet(visit: Visitor, supplier: OneSupplier = None) -> Response:
    """The same numbers as a spreadsheet."""
    lines = visit.ledger.transmission(supplier=supplier, when=visit.when, by=visit.caller)
    header = tuple(TransmissionRecord.model_fields)
    rows = ([getattr(line, name) for name in header] for line in lines)
    return sheet("transmission.csv", header, rows)


@router.get("/suppliers/practices", name="suppliers_practices")
def suppliers_practices(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """Who took part in a collection and who is missing; by default in the latest."""
    ledger, by = visit.ledger, visit.caller
    collections = ledger.collections(when=visit.when, by=by)
    chosen = next(
        (one for one in reversed(collections) if asked.collection in ("", one.collection)), None
    )
    found = (
        []
        if chosen is None
        else ledger.practices_transmission(
            supplier=asked.supplier, collection=chosen.collection, when=visit.when, by=by
        )
    )
    # Who is missing is what somebody looks for.
    order = sorted(found, key=lambda one: one.state == "took-part")
    return visit.page(
        "suppliers_practices.html",
        collections=collections,
        chosen=chosen,
        supplier=asked.supplier,
        counts=Counter(one.state for one in found),
        leaf=leaf(order, asked.page),
    )


@router.get("/suppliers/practices.csv", name="suppliers_practices_sheet")
def suppliers_practices_sheet(visit: Visitor, supplier: OneSupplier = None) -> Response:
    """Every practice of every collection as a spreadsheet."""
    found = visit.ledger.practices_transmission(supplier=supplier, when=visit.when, by=visit.caller)
    header = tuple(PracticeTransmissionRecord.model_fields)
    rows = ([getattr(line, name) for name in header] for line in found)
    return sheet("transmission-practices.csv", header, rows)


def _found(visit: Visit, supplier: Supplier | None) -> list[FoundAbout]:
    about: dict[tuple[str, str], list[FindingRecord]] = {}
    for rule in _RULES:
        for record in visit.ledger.findings(
            rule=rule, state="all", when=visit.when, by=visit.caller
        ):
            if record.supplier is not None and supplier in (None, record.supplier):
                about.setdefault((rule, record.supplier), []).append(record)
    return [
        FoundAbout(rule, name, sorted(records, key=lambda record: (record.found_at, record.since)))
        for (rule, name), records in about.items()
    ]
