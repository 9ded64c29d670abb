"""How many patients object, month by month, as it may be published?"""

from typing import Annotated

from fastapi import APIRouter, Query

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Page, Viewed
from ledger.api.saying import CalendarDay
from ledger.api.sheets import CsvText, sheet
from ledger.application.records import StatisticsRecord
from ledger.application.statistics import Level

router = APIRouter(responses=problems.responses(401, 403, 404, 422, 500, 503))
# The read models that the counts come from.
_TOLD_BY = ("standing_objections", "transmission", "practices")


class StatisticsQuestion(Viewed):
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
    view = asking.view(asked, *_TOLD_BY)
    found = asking.ledger.statistics(
        level=asked.level, since=asked.since, when=asked.when, by=asking.by
    )
    rows = asking.page(asked, found[asked.offset :][: asked.limit + 1])
    answer = Statistics(
        statistics=rows,
        **asking.seen(view),
    )
    return asking.answer(answer, count=len(rows))


@router.get("/statistics.csv", response_class=CsvText)
def statistics_sheet(asked: Annotated[StatisticsQuestion, Query()], asking: Asked) -> CsvText:
    """The same as a spreadsheet, all of it. For auditors."""
    view = asking.view(asked, *_TOLD_BY)
    found = asking.ledger.statistics(
        level=asked.level, since=asked.since, when=asked.when, by=asking.by
    )
    asking.request.state.position = view.known.position
    return sheet(StatisticsRecord, found)
