"""A practice, or a system that acts for it, records an objection or its withdrawal."""

from typing import Annotated, Literal, Self
from uuid import uuid4

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from ledger.api import problems
from ledger.api.asking import Asked, Asking
from ledger.api.saying import CalendarDay, Instant, Line, Number, PracticeCode, Said, Text
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CODES, CodeSystem, Reading, read_code
from ledger.domain.entries import Entry, Precision, Route
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import NotAFact

router = APIRouter(responses=problems.responses(400, 401, 403, 409, 413, 422, 500, 503))


class Objection(Said):
    """One entry of a patient's record that states an objection or ends it.

    Only `type-1` and `type-2` are objected to by code, so only they can be recorded here. What is
    left out: `entered_at` is now, `code` the SNOMED CT code of that statement, `clinical_system`
    the one the practice is known to use, `entry_id` a new one. The same `entry_id` again, with
    the same content, adds nothing; with other content it replaces the entry.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "practice": "X99901",
                    "nhs_number": "9990000018",
                    "purpose": "type-1",
                    "statement": "dissent",
                    "effective_on": "2018-05-25",
                    "entry_id": "e-1",
                }
            ]
        }
    )

    practice: PracticeCode
    nhs_number: Number
    purpose: Literal[Purpose.TYPE_1, Purpose.TYPE_2]
    statement: Statement
    effective_on: CalendarDay | None = None
    entered_at: Instant | None = None
    code_system: CodeSystem | None = None
    code: Line | None = None
    clinical_system: ClinicalSystem | None = None
    entry_id: Annotated[Text, StringConstraints(min_length=1, max_length=200)] = Field(
        default_factory=lambda: str(uuid4())
    )

    @model_validator(mode="after")
    def _nobody_is_named_in_the_log(self) -> Self:
        if self.nhs_number in self.entry_id:
            raise ValueError("entry_id stands in the log, which names no patient: use another id")
        return self


class Recorded(BaseModel):
    """Where the entry stands in the log; null if it was known already."""

    position: int | None
    entry_id: str


@router.post("/objections", status_code=201, responses={200: {"description": "Known already"}})
def record_objection(told: Objection, asking: Asked) -> Recorded:
    """Record a dissent or a withdrawal. For the practice's controller or system."""
    asking.by.must_act_for(told.practice)
    entry = _entry(told, asking)
    position = asking.ledger.record_objection(entry, told.nhs_number, by=asking.by)
    return Recorded(position=asking.kept(position), entry_id=told.entry_id)


def _entry(told: Objection, asking: Asking) -> Entry:
    reading = _reading(told)
    return Entry(
        practice=told.practice,
        clinical_system=told.clinical_system or _system_of(told.practice, asking),
        entry_id=told.entry_id,
        source_patient="",
        purpose=told.purpose,
        statement=told.statement,
        code_system=reading.code.system,
        code=told.code or reading.code.code,
        near=reading.near,
        effective_on=told.effective_on,
        effective_precision=Precision.DAY if told.effective_on else Precision.MISSING,
        entered_at=told.entered_at,
        route=Route.API,
    )


def _reading(told: Objection) -> Reading:
    """The code sent, if it says what the objection says, or else the table's own for it."""
    stated = (told.purpose, told.statement)
    if told.code is None:
        system = told.code_system or CodeSystem.SNOMED_CT
        codes = (c for c in CODES if (c.system, c.purpose, c.statement) == (system, *stated))
        return Reading(next(codes), near=False)
    reading = read_code(told.code)
    if reading is None or (reading.code.purpose, reading.code.statement) != stated:
        raise NotAFact(f"expected a code of a {told.purpose} {told.statement}, or none at all")
    if told.code_system not in (None, reading.code.system):
        raise NotAFact(f"that is a code of {reading.code.system}: leave code_system out")
    return reading


def _system_of(practice: str, asking: Asking) -> ClinicalSystem:
    known = asking.ledger.practices(code=practice, by=asking.by)
    system = known[0].clinical_system if known else None
    if system is None:
        raise NotAFact("it is not known which system the practice uses: send clinical_system")
    return system
