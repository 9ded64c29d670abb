"""What was released, and who was in it while objecting? An extract service tells, auditors ask."""

import json
from collections.abc import Iterator
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import IO, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, HTTPException, Query
from fastapi.exceptions import RequestValidationError
from pydantic import ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Asking, Page
from ledger.api.saying import CalendarDay, Instant, Line, PracticeCode, Said
from ledger.application.records import ExposureRecord, ReleaseRecord, WindowRecord
from ledger.application.releasing import Told
from ledger.domain.accounts import WINDOW_BEGINS, WINDOW_ENDS
from ledger.domain.purposes import Purpose
from ledger.readers.cohort import CohortList

router = APIRouter()
_reading = problems.responses(401, 403, 404, 422, 500, 503)
_writing = problems.responses(400, 401, 403, 409, 413, 415, 422, 500, 503)
CSV, JSON = "text/csv", "application/json"
# What a request's list is called where one of its rows is refused.
_BODY = "body"
_MOST_PRACTICES = 10_000
# What a row of a list may say and still be looked at.
_LONGEST_ROW = 64

Release = UUID


class Particulars(Said):
    """What may be told of a release: `relied_on` are the practices whose evidence counted, and
    `max_age` how many days old that might be.
    """

    released_at: Instant | None = None
    receipt: Line | None = None
    relied_on: Annotated[tuple[PracticeCode, ...], Field(max_length=_MOST_PRACTICES)] = ()
    max_age: Annotated[int | None, Field(ge=0, le=36_500)] = None


class Facts(Particulars):
    """What a release with a body of text/csv says in the query; with JSON it stands in the body."""

    recipient: Line | None = None
    purpose: Purpose | None = None


class Whole(Particulars):
    """A release with all it needs; each of `nhs_numbers` is a row that may be refused by itself."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "recipient": "Harbour Institute",
                    "purpose": "type-2",
                    "released_at": "2016-04-20T09:00:00Z",
                    "nhs_numbers": ["9990000018"],
                }
            ]
        }
    )

    recipient: Line
    purpose: Purpose
    nhs_numbers: Annotated[
        tuple[Annotated[str, Field(max_length=_LONGEST_ROW)], ...], Field(max_length=100_000)
    ] = ()

    @property
    def told(self) -> Told:
        """What the ledger is told."""
        return Told(
            recipient=self.recipient,
            purpose=self.purpose,
            released_at=self.released_at,
            receipt=self.receipt,
            relied_on=frozenset(self.relied_on),
            max_age_days=self.max_age,
        )


class Releases(Answer):
    """Releases, what left last first."""

    releases: list[ReleaseRecord]


class Entered(Said):
    """Of whose objection: entered between two days, or at any time."""

    entered_from: CalendarDay | None = None
    entered_to: CalendarDay | None = None


class WindowQuestion(Said):
    """Between which days, of which supplier: by default those of the TPP type 2 issue, and all."""

    window_from: CalendarDay = WINDOW_BEGINS
    window_to: CalendarDay = WINDOW_ENDS
    supplier: Line | None = None


def _schema() -> dict[str, Any]:
    """What a JSON body says; `Purpose` stands among the document's own schemas."""
    schema = Whole.model_json_schema(ref_template="#/components/schemas/{model}")
    return {name: told for name, told in schema.items() if name != "$defs"}


@router.post(
    "/releases",
    status_code=201,
    responses={200: {"description": "Known already", "model": ReleaseRecord}, **_writing},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {
                CSV: {"schema": {"type": "string", "format": "cohort"}},
                JSON: {"schema": _schema()},
            },
        }
    },
)
async def tell(asking: Asked, facts: Annotated[Facts, Query()]) -> ReleaseRecord:
    """Tell what was released: for whom, for what, when, on what evidence, and whose data it was.

    The list is CSV, one NHS number a line or a column `NHSNumber`, as long as a delivery may be;
    or JSON. Rows that are no NHS number are told in `refused`, and the release is kept all the
    same. The same release again adds nothing, but for a receipt that it had not named.
    """
    sent = asking.request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if sent not in (CSV, JSON):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    try:
        if sent == JSON:
            whole = _checked(await asking.request.body())
            return await run_in_threadpool(_tell, asking, whole.told, iter(whole.nhs_numbers))
        query = facts.model_dump(mode="json", exclude_none=True)
        told = _checked(json.dumps(query).encode()).told
        with TemporaryFile() as file:
            async for block in asking.request.stream():
                await run_in_threadpool(file.write, block)
            return await run_in_threadpool(_tell, asking, told, _lines(file))
    except ClientDisconnect:
        raise HTTPException(HTTPStatus.BAD_REQUEST) from None


@router.get("/releases", responses=problems.responses(401, 403, 422, 500, 503))
def releases(page: Annotated[Page, Query()], asking: Asked) -> Releases:
    """The releases, what left last first. For auditors; for an extract service its own."""
    at = asking.ledger.reached("releases")
    found = asking.ledger.releases(limit=page.limit + 1, offset=page.offset, by=asking.by)
    rows = asking.page(page, found)
    return asking.answer(Releases(releases=rows, **asking.as_of(at)), count=len(rows))


@router.get("/releases/{id}", responses=_reading)
def release(id: Release, asking: Asked) -> ReleaseRecord:  # noqa: A002  its name
    """One release, with the first 1,000 rows of its list that are no NHS number."""
    found = asking.ledger.released(id, by=asking.by)
    asking.request.state.position = asking.ledger.reached("releases").position
    return found


@router.get("/releases/{id}/exposure", responses=_reading)
def exposure(
    id: Release,  # noqa: A002  its name
    asked: Annotated[Entered, Query()],
    asking: Asked,
) -> ExposureRecord:
    """Who was released while objecting, since when, and through whose failure.

    Counts for the extract service that told of the release; for an auditor the patients too.
    """
    found = asking.ledger.exposure(
        id, entered_from=asked.entered_from, entered_to=asked.entered_to, by=asking.by
    )
    return asking.answer(found, count=found.exposed)


@router.get("/exposure", responses=problems.responses(401, 403, 422, 500, 503))
def window(asked: Annotated[WindowQuestion, Query()], asking: Asked) -> WindowRecord:
    """Whose type 2 stood untransmitted in a window of time, beside the published accounts of the
    TPP type 2 issue. For auditors.
    """
    found = asking.ledger.window(
        begin=asked.window_from, end=asked.window_to, supplier=asked.supplier, by=asking.by
    )
    return asking.answer(found, count=sum(line.patients for line in found.untransmitted))


def _tell(asking: Asking, told: Told, lines: Iterator[str]) -> ReleaseRecord:
    record, position = asking.ledger.release(told, CohortList(_BODY, lines), by=asking.by)
    asking.kept(position)
    return asking.answer(record, count=record.members)


def _checked(body: bytes) -> Whole:
    try:
        return Whole.model_validate_json(body)
    except ValidationError as wrong:
        faults: list[Any] = [
            {**each, "loc": (_BODY, *each["loc"])}
            for each in wrong.errors(include_url=False, include_context=False, include_input=False)
        ]
        raise RequestValidationError(faults) from None


def _lines(file: IO[bytes]) -> Iterator[str]:
    file.seek(0)
    for line in file:
        yield line.decode("utf-8", errors="replace")
