"""How many patients object, month by month, as it may be published?"""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from markupsafe import Markup
from pydantic import BaseModel

from ledger.application.records import StatisticsRecord
from ledger.application.statistics import FIRST_MONTH, Level
from ledger.web import charts
from ledger.web.lists import FIRST_PAGE, leaf
from ledger.web.sheets import sheet
from ledger.web.visit import Visitor

router = APIRouter()


class Asked(BaseModel):
    """Which part of the list of practices is asked for."""

    page: int = FIRST_PAGE


class Sheet(BaseModel):
    """Whether every month is wanted, or the latest that is over."""

    every_month: bool = False


@router.get("/statistics", name="statistics")
def statistics(visit: Visitor, asked: Annotated[Asked, Query()]) -> Response:
    """Every month of everybody, and the latest by commissioner and practice."""
    months = visit.ledger.statistics(since=FIRST_MONTH, when=visit.when, by=visit.caller)
    latest = visit.ledger.statistics(level=Level.PRACTICE, when=visit.when, by=visit.caller)
    return visit.page(
        "statistics.html",
        months=months,
        commissioners=[line for line in latest if line.level == Level.COMMISSIONER.value],
        leaf=leaf([line for line in latest if line.level == Level.PRACTICE.value], asked.page),
        # Altair draws from our own numbers and escapes their labels.
        drawn=Markup(charts.statistics(tuple(months))) if months else None,  # noqa: S704
    )


@router.get("/statistics.csv", name="statistics_sheet")
def statistics_sheet(visit: Visitor, asked: Annotated[Sheet, Query()]) -> Response:
    """The same numbers, practice by practice, as a spreadsheet to publish."""
    since = FIRST_MONTH if asked.every_month else None
    lines = visit.ledger.statistics(
        level=Level.PRACTICE, since=since, when=visit.when, by=visit.caller
    )
    header = tuple(StatisticsRecord.model_fields)
    rows = ([getattr(line, name) for name in header] for line in lines)
    return sheet("statistics.csv", header, rows)
