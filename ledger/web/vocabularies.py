"""In which vocabulary do practices enter objections, and who has not gone over to SNOMED CT?"""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from markupsafe import Markup
from pydantic import BaseModel

from ledger.application.records import VocabularyRecord
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.vocabularies import SNOMED_CT_FROM
from ledger.web import charts
from ledger.web.lists import FIRST_PAGE, leaf
from ledger.web.sheets import sheet
from ledger.web.visit import Visitor

router = APIRouter()


class OneSystem(BaseModel):
    """Of which clinical system; by default of all."""

    system: ClinicalSystem | None = None


class Asked(OneSystem):
    """Which part of the list of practices is asked for."""

    page: int = FIRST_PAGE


@router.get("/vocabularies", name="vocabularies")
def vocabularies(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """Month by month in which vocabulary, and the practices still entering an old one."""
    system = asked.system
    lines = visit.ledger.vocabularies(system=system, by=visit.caller)
    return visit.page(
        "vocabularies.html",
        lines=lines,
        system=system,
        began=SNOMED_CT_FROM,
        maps=[
            found
            for found in visit.ledger.findings(rule="CO13", state="all", by=visit.caller)
            if system is None or found.supplier == system.supplier
        ],
        leaf=leaf(visit.ledger.still_old(system=system, by=visit.caller), asked.page),
        # Altair draws from our own numbers and escapes their labels.
        drawn=Markup(charts.vocabularies(tuple(lines))) if lines else None,  # noqa: S704
    )


@router.get("/vocabularies.csv", name="vocabularies_sheet")
def vocabularies_sheet(visit: Visitor, asked: Annotated[OneSystem, Query()]) -> Response:
    """The same numbers as a spreadsheet."""
    lines = visit.ledger.vocabularies(system=asked.system, by=visit.caller)
    header = tuple(VocabularyRecord.model_fields)
    rows = ([getattr(line, name) for name in header] for line in lines)
    return sheet("vocabularies.csv", header, rows)
