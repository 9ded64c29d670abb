"""ODS's own API, ORD 2-0-0: what it answers about one organisation, or what a search answers
(docs/formats.md 6.2), one answer, a list of them, or one a line.

The whole answer tells who has a closed practice's patients (`Succs`), at the practice's end or at
its successor's. A search answers with summaries: name, status and postcode, and no more.
"""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ledger.domain.closing import ACTIVE, CLOSED
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.organisations.lines import lines_of
from ledger.readers.organisations.told import (
    Organisation,
    Register,
    RowError,
    Succeeded,
    a_code,
    a_name,
    a_postcode,
    each,
    the_last_of_each,
)

_GP_PRACTICE = "RO76"
_COMMISSIONED_BY = "RE4"
_EXPECTED = "expected answers of the ORD API 2-0-0 about organisations"
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
T = TypeVar("T")


def ord_json(text: str, *, file: str) -> Register:
    """What answers of the API tell."""
    answers, refused = each(enumerate(_answers(text, file), start=1), _answer, file)
    if not answers:
        why = f": {refused[0].reason}" if refused else ", found none"
        raise DeliveryRefused(f"{_EXPECTED}{why}", file=file)
    lines = [answer.organisation for answer in answers]
    organisations, again = the_last_of_each(lines, file=file, column="OrgId")
    holding = {line.row for line in organisations}
    return Register(
        file,
        organisations,
        tuple(s for answer in answers for s in answer.successions if s.row in holding),
        refused=(*refused, *again),
        speakers=frozenset(line.code for line in organisations if line.whole),
    )


# --- the shape of an answer, as far as it is read; what has nothing to say is left out of one


def _one_or_more(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _day(value: object) -> object:
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        raise ValueError("expected a date as yyyy-mm-dd")
    return date.fromisoformat(value)


_Day = Annotated[date, BeforeValidator(_day)]
_Several = Annotated[list[T], BeforeValidator(_one_or_more)]


class _Shape(BaseModel):
    model_config = ConfigDict(strict=True, frozen=True)


class _Dates(_Shape):
    kind: str = Field(alias="Type")
    start: _Day | None = Field(default=None, alias="Start")
    end: _Day | None = Field(default=None, alias="End")


class _OrgId(_Shape):
    extension: str


class _Target(_Shape):
    org_id: _OrgId = Field(alias="OrgId")


class _Role(_Shape):
    id: str
    status: str | None = Field(default=None, alias="Status")


class _Rel(_Shape):
    id: str
    status: str | None = Field(default=None, alias="Status")
    dates: _Several[_Dates] = Field(default=[], alias="Date")
    target: _Target = Field(alias="Target")


class _Succ(_Shape):
    kind: Literal["Predecessor", "Successor"] = Field(alias="Type")
    dates: _Several[_Dates] = Field(alias="Date")
    target: _Target = Field(alias="Target")


class _Location(_Shape):
    postcode: str = Field(default="", alias="PostCode")


class _GeoLoc(_Shape):
    location: _Location = Field(default=_Location(), alias="Location")


class _Roles(_Shape):
    all: _Several[_Role] = Field(default=[], alias="Role")


class _Rels(_Shape):
    all: _Several[_Rel] = Field(default=[], alias="Rel")


class _Succs(_Shape):
    all: _Several[_Succ] = Field(default=[], alias="Succ")


class _Whole(_Shape):
    name: str = Field(alias="Name")
    org_id: _OrgId = Field(alias="OrgId")
    status: Literal["Active", "Inactive"] = Field(alias="Status")
    dates: _Several[_Dates] = Field(default=[], alias="Date")
    geo_loc: _GeoLoc = Field(default=_GeoLoc(), alias="GeoLoc")
    roles: _Roles = Field(default=_Roles(), alias="Roles")
    rels: _Rels = Field(default=_Rels(), alias="Rels")
    succs: _Succs = Field(default=_Succs(), alias="Succs")


class _Summary(_Shape):
    name: str = Field(alias="Name")
    code: str = Field(alias="OrgId")
    status: Literal["Active", "Inactive"] = Field(alias="Status")
    postcode: str = Field(default="", alias="PostCode")


# --- reading one


class _Answer(NamedTuple):
    organisation: Organisation
    successions: tuple[Succeeded, ...] = ()


def _answer(number: int, told: object) -> _Answer:
    if not isinstance(told, Mapping):
        raise RowError("", "expected an organisation, found something else")
    if told.get("resourceType") is not None:
        raise RowError("resourceType", "found FHIR: ask the ORD API instead")
    if "OrgId" not in told:
        raise RowError("OrgId", "expected an organisation with an OrgId, found none")
    try:
        if isinstance(told["OrgId"], str):
            return _Answer(_summarised(_Summary.model_validate(told), number))
        whole = _Whole.model_validate(told)
    except ValidationError as error:
        raise _wrong(error) from None
    return _of_whole(whole, number)


def _wrong(error: ValidationError) -> RowError:
    """Where the first fault lies and what was expected there; never what stood there."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    column = ".".join(str(step) for step in fault["loc"])
    return RowError(column, fault["msg"].removeprefix("Value error, "))


def _summarised(told: _Summary, number: int) -> Organisation:
    return Organisation(
        code=a_code(told.code, "OrgId"),
        name=a_name(told.name.strip(), "Name"),
        status=_status(told.status),
        gp_practice=False,  # not told, and not taken for told: a summary is not whole
        postcode=a_postcode(told.postcode.strip(), "PostCode"),
        commissioner=None,
        opened_on=None,
        closed_on=None,
        whole=False,
        row=number,
    )


def _of_whole(told: _Whole, number: int) -> _Answer:
    code = a_code(told.org_id.extension, "OrgId")
    organisation = Organisation(
        code=code,
        name=a_name(told.name.strip(), "Name"),
        status=_status(told.status),
        # A practice that closed is listed with the roles it had, each ended.
        gp_practice=any(
            role.id == _GP_PRACTICE and role.status in (None, "Active", told.status)
            for role in told.roles.all
        ),
        postcode=a_postcode(told.geo_loc.location.postcode.strip(), "GeoLoc.Location.PostCode"),
        commissioner=_commissioner(told.rels.all),
        opened_on=next((d.start for d in _working_first(told.dates) if d.start), None),
        closed_on=next((d.end for d in _working_first(told.dates) if d.end), None),
        row=number,
    )
    return _Answer(organisation, tuple(_succeeded(code, s, number) for s in told.succs.all))


def _succeeded(code: str, told: _Succ, number: int) -> Succeeded:
    other = a_code(told.target.org_id.extension, "Succs.Succ.Target.OrgId")
    if other == code:
        raise RowError("Succs.Succ.Target.OrgId", "expected another organisation, found itself")
    since = min((d.start for d in told.dates if d.start), default=None)
    if since is None:
        raise RowError("Succs.Succ.Date", "expected the day of the succession, found none")
    predecessor, successor = (code, other) if told.kind == "Successor" else (other, code)
    return Succeeded(predecessor, successor, since, told_by=code, row=number)


def _commissioner(rels: list[_Rel]) -> str | None:
    """Who commissions it now, or last did."""
    ranked = sorted(
        (rel.status == "Active", min((d.start for d in rel.dates if d.start), default=date.min), n)
        for n, rel in enumerate(rels)
        if rel.id == _COMMISSIONED_BY
    )
    if not ranked:
        return None
    return a_code(rels[ranked[-1][2]].target.org_id.extension, "Rels.Rel.Target.OrgId")


def _working_first(dates: list[_Dates]) -> list[_Dates]:
    """When it worked, before when it was so in law."""
    return sorted(dates, key=lambda d: d.kind != "Operational")


def _status(word: str) -> str:
    return ACTIVE if word == "Active" else CLOSED


# --- taking answers apart


def _answers(text: str, file: str) -> Iterator[object]:
    try:
        yield from _organisations(json.loads(text))
    except RecursionError:
        raise DeliveryRefused(f"{_EXPECTED}, found JSON nested too deeply", file=file) from None
    except ValueError as whole:
        lines = [_one(line) for _, line in lines_of(text)]
        if not any(isinstance(line, Mapping) for line in lines):
            raise DeliveryRefused(
                f"{_EXPECTED}, found no JSON: {_where(whole)}", file=file
            ) from None
        for line in lines:
            yield from _organisations(line)


def _organisations(told: Any) -> Iterator[object]:
    """The organisations of one answer, or of a list of answers."""
    for answer in told if isinstance(told, list) else [told]:
        match answer:
            case {"Organisation": one}:
                yield from _one_or_more(one)
            case {"Organisations": list(several)}:
                yield from (s.get("Organisation", s) if isinstance(s, dict) else s for s in several)
            case _:
                yield answer


def _one(line: str) -> object:
    """What one line answers; of a line that is no JSON, nothing, which is then refused alone."""
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _where(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"it cannot be read from line {error.lineno}, column {error.colno}"
    return "a number in it is too long"
