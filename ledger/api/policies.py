"""By which policies may be asked, and whom do two of them answer differently?"""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import ConfigDict

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Page
from ledger.api.saying import CalendarDay, KnownAt, KnownAtInQuery, Line, PracticeCode, Said
from ledger.application.comparing import TwoPolicies
from ledger.application.records import ComparisonRecord, DifferenceRecord, PolicyRecord
from ledger.domain.points import Point
from ledger.domain.purposes import Purpose

router = APIRouter(responses=problems.responses(400, 401, 403, 404, 413, 422, 500, 503))


class Policies(Answer):
    """Every policy, the ledger's own first."""

    policies: list[PolicyRecord]


class Compared(Said):
    """Which two policies, for what, on which day, of one practice or of all."""

    a: Line
    b: Line
    purpose: Purpose
    at: CalendarDay | None = None
    practice: PracticeCode | None = None

    def two(self, known_at: Point | None) -> TwoPolicies:
        """What the ledger is asked."""
        where = (self.at, known_at, self.practice)
        return TwoPolicies(self.a, self.b, self.purpose, *where)


class ComparisonQuestion(Compared):
    """And as known when."""

    known_at: KnownAtInQuery | None = None


class PatientsQuestion(Compared, Page):
    """The same, and which part of the list."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"a": "precedence-1", "b": "ncl-2025", "purpose": "type-1", "limit": 100}]
        }
    )

    known_at: KnownAt | None = None


class Comparison(Answer):
    """Two policies put to the same histories. `policy` is the one in force that day."""

    comparison: ComparisonRecord


class Patients(Answer):
    """Whom the two policies answer differently, and by which rule and entry each does."""

    patients: list[DifferenceRecord]


@router.get("/policies")
def policies(asking: Asked) -> Policies:
    """Every rule of who counts as objecting that can be asked by, in words, with its sources."""
    listed = asking.ledger.policies(by=asking.by)
    answer = Policies(policies=listed, **asking.as_of(asking.ledger.known()))
    return asking.answer(answer, count=len(listed))


@router.get("/policies/compare")
def compare(asked: Annotated[ComparisonQuestion, Query()], asking: Asked) -> Comparison:
    """How many two policies answer alike and how many not, and at which practices. For auditors."""
    found = asking.ledger.compared(asked.two(asked.known_at), by=asking.by)
    at = asking.ledger.known(found.position)
    return asking.answer(Comparison(comparison=found, **asking.as_of(at)), count=found.different)


@router.post("/policies/compare/patients")
def patients(asked: PatientsQuestion, asking: Asked) -> Patients:
    """Whom two policies answer differently, with their NHS numbers. For auditors.

    Asked by POST, as whatever names people is; it changes nothing. Where `patients` is full, more
    may stand behind a greater `offset`.
    """
    found = asking.ledger.answered_differently(
        asked.two(asked.known_at),
        limit=asked.limit,
        offset=asked.offset,
        by=asking.by,
    )
    at = asking.ledger.reached("statements")
    return asking.answer(Patients(patients=found, **asking.as_of(at)), count=len(found))
