"""How many patients object, month by month, as it may be published?"""

from typing import Annotated

from fastapi import APIRouter, Query

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Page
from ledger.api.saying import CalendarDay, Said
from ledger.api.sheets import CsvText, sheet
from ledger.application.records import StatisticsRecord
from ledger.application.statistics import Level

router = APIRouter(responses=problems.responses(401, 403, 422, 500, 503))


class StatisticsQuestion(Said):
    """From which day's month on (by default the latest that is over), and who is told apart."""

    since: CalendarDay | None = None
    level: Level = Level.ALL


class StatisticsPage(StatisticsQuestion, Page):
    """The part of the list that is asked for."""


class Statistics(Answer):
    """Counts of patients, with those of 1 to 7 suppressed; the newest month first."""

    statistics: list[StatisticsRecord]


@router.get("/statistics")
def statistics(asked: Annotated[StatisticsPage, Query()], asking: Asked) -> Statistics:
    """How many patients objected at the end of each month, rounded and suppressed. For auditors.

    They are made for publication, and publishing them is a person's act: numbers that anybody
    could ask for every day would tell by their changes what each of them does not.
    """
    found = asking.ledger.statistics(level=asked.level, since=asked.since, by=asking.by)
    rows = asking.page(asked, found[asked.offset :][: asked.limit + 1])
    answer = Statistics(
        statistics=rows,
        **asking.as_of(
            asking.ledger.reached_by_all("standing_objections", "transmission", "practices")
        ),
    )
    return asking.answer(answer, count=len(rows))


@router.get("/statistics.csv", response_class=CsvText)
def statistics_sheet(asked: Annotated[StatisticsQuestion, Query()], asking: Asked) -> CsvText:
    """The same as a spreadsheet, all of it. For auditors."""
    found = asking.ledger.statistics(level=asked.level, since=asked.since, by=asking.by)
    asking.request.state.position = asking.ledger.reached_by_all(
        "standing_objections", "transmission", "practices"
    ).position
    return sheet(StatisticsRecord, found)
