"""Which practices are there? What is one's sharing state, what is wrong in its records, and what has it to do?"""

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator

from ledger.api import problems
from ledger.api.asking import Answer, Asked, Page, Viewed
from ledger.api.saying import (
    LAST_POSITION,
    CalendarDay,
    Instant,
    Line,
    PracticeCode,
    Said,
    Text,
)
from ledger.application.practice_lists import practice_record, wanted
from ledger.application.records import (
    ActionRecord,
    FindingRecord,
    PracticeRecord,
    SharingRecord,
)
from ledger.application.standpoint import When
from ledger.domain.entries import Setting, SettingChange
from ledger.domain.rule import Owner, Severity

reading = APIRouter(responses=problems.responses(401, 403, 404, 422, 500, 503))
writing = APIRouter(responses=problems.responses(400, 401, 403, 404, 409, 413, 422, 500, 503))

Ods = Annotated[PracticeCode, Path(description="The practice's ODS code", examples=["X99901"])]
Id = Annotated[Line, Path()]
Reason = Annotated[Text, StringConstraints(min_length=1)]
RuleCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{2}$")]


class PracticesPage(Page):
    """Which practices: by default every GP practice, closed ones among them.

    `system` and `supplier` go by any name they are known by; `name` is part of a name or of a
    code. `gp_practice` false asks for whatever the register lists.
    """

    system: Line | None = None
    supplier: Line | None = None
    status: Literal["active", "closed", "dormant", "proposed", "unknown"] | None = None
    commissioner: PracticeCode | None = None
    name: Line | None = None
    closed_since: CalendarDay | None = None
    gp_practice: bool = True


class Practices(Answer):
    """Practices by code; `successors` have a closed practice's patients."""

    practices: list[PracticeRecord]


class SharingQuestion(Viewed):
    """The sharing state on which day, as known when: by default today, and now."""


class FindingsPage(Page, Viewed):
    """Which findings: by default those that are open. `at_position` is a `known_at`."""

    rule: RuleCode | None = None
    state: Literal["open", "closed", "dismissed", "all"] = "open"
    severity: Severity | None = None
    at_position: Annotated[int | None, Query(ge=0, le=LAST_POSITION)] = None

    @model_validator(mode="after")
    def _one_point(self) -> Self:
        if self.at_position is not None and self.known_at is not None:
            raise ValueError("at_position and known_at name the same thing: leave one out")
        return self

    @property
    def when(self) -> When:
        """The same as a question has it."""
        known_at = self.known_at if self.at_position is None else self.at_position
        return When(self.at, known_at, self.policy)


class ActionsPage(Page, Viewed):
    """Which actions: by default those that are open, those overdue among them."""

    state: Literal["open", "overdue", "missed", "taken", "not-needed", "all"] = "open"
    owner: Owner | None = None
    rule: RuleCode | None = None


class Findings(Answer):
    """Findings, gravest first, then by the day they have been true since."""

    findings: list[FindingRecord]


class Actions(Answer):
    """Actions, first what is overdue, then by due day."""

    actions: list[ActionRecord]


class FindingAnswer(FindingRecord, Answer):
    """One finding as it stands now."""


class ActionAnswer(ActionRecord, Answer):
    """One action as it stands now."""


class Taken(Said):
    """What was done; without anybody's NHS number."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"note": "privacy notice amended"}]})

    note: Text = ""


class Dismissed(Said):
    """Why a finding is no error; without anybody's NHS number."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "entered for the wrong patient"}]}
    )

    reason: Reason


class Reopened(Said):
    """Why a finding is an error after all; without anybody's NHS number."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"reason": "the patient had not asked for it"}]}
    )

    reason: Reason


class Changed(Said):
    """One change of a sharing setting; `changed_at` is now where it is left out.

    `auto-share-out`, `auto-share-in`: on or off. `share-in-rule`: none-require-verification,
    verify-unlisted or verify-all. `allowed`, `prohibited`: add or remove an organisation.
    `share-in`: verified, unverified, overridden or ended, with an organisation; of an override
    `reason_given` says whether a reason was recorded, never which.
    """

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"setting": "auto-share-out", "value": "off"}]}
    )

    setting: Setting
    value: Annotated[Line, StringConstraints(max_length=40)]
    organisation: PracticeCode | None = None
    changed_at: Instant | None = None
    reason_given: bool | None = None


class Kept(BaseModel):
    """Where the change stands in the log; null if it was known already."""

    position: int | None


@reading.get("/practices")
def practices(asked: Annotated[PracticesPage, Query()], asking: Asked) -> Practices:
    """The register of practices, for auditors and extract services; for others their own."""
    lines = asking.ledger.practices(
        wanted(**asked.model_dump(exclude={"limit", "offset"})),
        limit=asked.limit + 1,
        offset=asked.offset,
        by=asking.by,
    )
    rows = [practice_record(line) for line in asking.page(asked, lines)]
    at = asking.ledger.reached("practices")
    return asking.answer(Practices(practices=rows, **asking.as_of(at)), count=len(rows))


@reading.get("/practices/{ods}/sharing")
def sharing(ods: Ods, asked: Annotated[SharingQuestion, Query()], asking: Asked) -> SharingRecord:
    """The sharing state on a day, as known at a position or a time, with its history."""
    return asking.answer(asking.ledger.sharing(ods, **asked.model_dump(), by=asking.by))


@reading.get("/practices/{ods}/findings")
def findings(ods: Ods, asked: Annotated[FindingsPage, Query()], asking: Asked) -> Findings:
    """What the rules found, each with the positions of the events that prove it."""
    view = asking.view(asked, "findings")
    found = asking.ledger.findings(
        practice=ods,
        rule=asked.rule,
        state=asked.state,
        severity=asked.severity,
        when=asked.when,
        limit=asked.limit + 1,
        offset=asked.offset,
        by=asking.by,
    )
    rows = asking.page(asked, found)
    return asking.answer(Findings(findings=rows, **asking.seen(view)), count=len(rows))


@reading.get("/practices/{ods}/actions")
def actions(ods: Ods, asked: Annotated[ActionsPage, Query()], asking: Asked) -> Actions:
    """What the practice, its supplier or NHS Digital has to do, and by when."""
    view = asking.view(asked, "findings")
    found = asking.ledger.actions(
        practice=ods,
        state=asked.state,
        owner=asked.owner,
        rule=asked.rule,
        when=asked.when,
        limit=asked.limit + 1,
        offset=asked.offset,
        by=asking.by,
    )
    rows = asking.page(asked, found)
    return asking.answer(Actions(actions=rows, **asking.seen(view)), count=len(rows))


@writing.post("/practices/{ods}/actions/{action}")
def take_action(ods: Ods, action: Id, taken: Taken, asking: Asked) -> ActionAnswer:
    """Say that an action is taken: the practice's own for its controller or system, NHS Digital's
    and a supplier's for an auditor.
    """
    taken_action = asking.ledger.take_action(ods, action, note=taken.note, by=asking.by)
    now = asking.as_of(asking.ledger.reached("findings"))
    return asking.answer(ActionAnswer(**dict(taken_action), **now))


@writing.post("/practices/{ods}/findings/{finding}/dismissal")
def dismiss_finding(ods: Ods, finding: Id, dismissed: Dismissed, asking: Asked) -> FindingAnswer:
    """Say why a finding is no error, so that it is dismissed. For the practice's controller."""
    found = asking.ledger.dismiss_finding(ods, finding, reason=dismissed.reason, by=asking.by)
    now = asking.as_of(asking.ledger.reached("findings"))
    return asking.answer(FindingAnswer(**dict(found), **now))


@writing.post("/practices/{ods}/findings/{finding}/reopening")
def reopen_finding(ods: Ods, finding: Id, reopened: Reopened, asking: Asked) -> FindingAnswer:
    """Take the dismissal of a finding back, and say why. For the practice's controller."""
    found = asking.ledger.reopen_finding(ods, finding, reason=reopened.reason, by=asking.by)
    now = asking.as_of(asking.ledger.reached("findings"))
    return asking.answer(FindingAnswer(**dict(found), **now))


@writing.post(
    "/practices/{ods}/settings",
    status_code=201,
    responses={200: {"description": "Known already"}},
)
def change_setting(ods: Ods, changed: Changed, asking: Asked) -> Kept:
    """Record that the practice changed a sharing setting. For its controller or system."""
    change = SettingChange(
        practice=ods,
        changed_at=changed.changed_at or asking.ledger.now(),
        changed_by=asking.by.name,
        setting=changed.setting,
        value=changed.value,
        organisation=changed.organisation,
        reason_given=changed.reason_given,
    )
    return Kept(position=asking.kept(asking.ledger.change_setting(change, by=asking.by)))
