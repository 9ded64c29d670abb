"""What differs between two points in either time, and what became known of a practice, event by event?"""

from datetime import date, datetime
from typing import Annotated, Self

from fastapi import APIRouter, Query
from pydantic import model_validator

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Asking, Page, Viewed
from ledger.api.practices import Ods
from ledger.api.saying import KnownAtInQuery
from ledger.application.differing import Differences
from ledger.application.records import MovedRecord, TimelineRecord
from ledger.application.scopes import EVERYBODY, Scope
from ledger.application.timelines import timeline_record

router = APIRouter(responses=problems.responses(401, 403, 404, 422, 500, 503))


class DifferencesPage(Page, Viewed):
    """Two points at which something was known, of one day (`at`); or, `effective`, two days on which
    something was so, as known at one point (`known_at`).
    """

    before: KnownAtInQuery
    after: KnownAtInQuery
    effective: bool = False

    @model_validator(mode="after")
    def _one_time_each(self) -> Self:
        days = (self.before, self.after)
        if self.effective and not all(_is_day(told) for told in days):
            raise ValueError("with effective, before and after are days as 2018-05-25")
        if self.effective and self.at is not None:
            raise ValueError("with effective, before and after are the days: leave at out")
        if not self.effective and self.known_at is not None:
            raise ValueError("before and after say when it was known: known_at goes with effective")
        return self


class DifferencesAnswer(Answer):
    """What is otherwise at the second point, which `position` and `known_at` tell; `since` is the
    first.
    """

    since: Answer
    differences: list[MovedRecord]


class TimelinePage(Page, Viewed):
    """The part of the timeline that is asked for."""


class Timeline(Answer):
    """The events of a practice, in the order in which they became known."""

    timeline: list[TimelineRecord]


@router.get("/differences")
def differences(asked: Annotated[DifferencesPage, Query()], asking: Asked) -> DifferencesAnswer:
    """Who objects otherwise, which settings and findings are others, and by which events. For
    auditors.
    """
    return _answer(asked, asking, EVERYBODY)


@router.get("/practices/{ods}/differences")
def differences_of_practice(
    ods: Ods, asked: Annotated[DifferencesPage, Query()], asking: Asked
) -> DifferencesAnswer:
    """The same of one practice: of whoever an entry or a refused record of theirs is known."""
    return _answer(asked, asking, Scope(practice=ods))


@router.get("/practices/{ods}/timeline")
def timeline(ods: Ods, asked: Annotated[TimelinePage, Query()], asking: Asked) -> Timeline:
    """What became known of a practice, event by event, each with both its times."""
    view = asking.view(asked)
    events = asking.ledger.practice_timeline(ods, when=asked.when, by=asking.by)
    rows = asking.page(asked, events[asked.offset :][: asked.limit + 1])
    answer = Timeline(timeline=list(map(timeline_record, rows)), **asking.seen(view))
    return asking.answer(answer, count=len(rows))


def _is_day(told: object) -> bool:
    return isinstance(told, date) and not isinstance(told, datetime)


def _answer(asked: DifferencesPage, asking: Asking, scope: Scope) -> DifferencesAnswer:
    told = _told(asked, asking, scope)
    rows = asking.page(asked, told.lines[asked.offset :][: asked.limit + 1])
    answer = DifferencesAnswer(
        since=Answer(**asking.seen(told.before)), differences=rows, **asking.seen(told.after)
    )
    return asking.answer(answer, count=len(rows))


def _told(asked: DifferencesPage, asking: Asking, scope: Scope) -> Differences:
    ledger, by = asking.ledger, asking.by
    if isinstance(asked.before, date) and isinstance(asked.after, date) and asked.effective:
        days = (asked.before, asked.after)
        return ledger.effective_differences(
            *days, scope, known_at=asked.known_at, policy=asked.policy, by=by
        )
    return ledger.known_differences(
        asked.before, asked.after, scope, at=asked.at, policy=asked.policy, by=by
    )
