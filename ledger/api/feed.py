"""What should a practice's feed reader show? The breaches it was told of, the newest first.

A feed reader has no bearer token. The practice's controller issues it a token for this feed alone,
which it shows by HTTP Basic: its id as the user name, what was told once as the password.
"""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response
from fastapi.security import HTTPBasic, HTTPBasicCredentials
from pydantic import BaseModel

from ledger.api import problems
from ledger.api.asking import Answer, Asked, bearer_of
from ledger.api.atom import MEDIA_TYPE, Feed, as_atom
from ledger.api.practices import Ods
from ledger.api.saying import LAST_POSITION, Said
from ledger.application import Ledger
from ledger.application.records import FeedTokenRecord, NewFeedTokenRecord
from ledger.domain.callers import Caller
from ledger.domain.identifiers import NOTIFIER_ID_PATTERN

router = APIRouter()

_WRITTEN = problems.responses(400, 401, 403, 404, 409, 413, 422, 500, 503)
_ENTRIES = 50
# Of one second of its own a moment tells nothing yet: more may be noticed within it.
_SETTLED = timedelta(seconds=2)
FeedToken = Annotated[str, Path(pattern=NOTIFIER_ID_PATTERN, examples=["abcdefghijklmnopqrst"])]
_basic = HTTPBasic(
    auto_error=False, description="The id of a feed token, and the password told with it"
)


class FeedTokens(Answer):
    """The feed tokens that stand, then those that did, the newest first."""

    feed_tokens: list[FeedTokenRecord]


class Revoked(BaseModel):
    """Where the revocation stands in the log."""

    position: int


class FeedPage(Said):
    """`before`: the entries older than one of that number; a feed's `next` link leads there."""

    before: Annotated[int | None, Query(ge=1, le=LAST_POSITION)] = None


class AtomFeed(Response):
    """What feed readers read (RFC 4287)."""

    media_type = MEDIA_TYPE


@router.get("/practices/{ods}/feed-tokens", responses=problems.responses(401, 403, 422, 500, 503))
def feed_tokens(ods: Ods, asking: Asked) -> FeedTokens:
    """With what feed readers follow a practice's breaches, and could until it was revoked."""
    at = asking.ledger.reached("subscriptions")
    found = asking.ledger.feed_tokens(ods, by=asking.by)
    return asking.answer(FeedTokens(feed_tokens=found, **asking.as_of(at)), count=len(found))


@router.post("/practices/{ods}/feed-tokens", status_code=201, responses=_WRITTEN)
def issue_feed_token(ods: Ods, asking: Asked) -> NewFeedTokenRecord:
    """Let a feed reader follow the practice's breaches. For its controller alone.

    The reader asks for `/practices/{ods}/notifications.atom` with `token` as its user name and
    `password` as its password, which is told in this answer and never again.
    """
    made = asking.ledger.issue_feed_token(ods, by=asking.by)
    asking.request.state.position = made.position
    return made


@router.delete("/practices/{ods}/feed-tokens/{feed_token}", responses=_WRITTEN)
def revoke_feed_token(ods: Ods, feed_token: FeedToken, asking: Asked) -> Revoked:
    """Tell a feed reader with that token nothing more. For the practice's controller alone."""
    position = asking.ledger.revoke_feed_token(ods, feed_token, by=asking.by)
    asking.request.state.position = position
    return Revoked(position=position)


def _reader(
    ods: Ods,
    request: Request,
    bearer: Annotated[Caller | None, Depends(bearer_of)],
    shown: Annotated[HTTPBasicCredentials | None, Depends(_basic)],
) -> Caller:
    """Whoever reads: with a bearer token like anybody, or with a token of this feed."""
    ledger: Ledger = request.app.state.ledger
    if bearer is not None:
        return bearer
    reader = shown and ledger.feed_reader(ods, shown.username, shown.password)
    if not reader:
        raise problems.UnknownReader("send a feed token by HTTP Basic, or a bearer token")
    return reader


@router.get(
    "/practices/{ods}/notifications.atom",
    response_class=AtomFeed,
    responses={
        304: {"description": "Nothing new"},
        **problems.responses(401, 403, 422, 500, 503),
    },
)
def notifications(
    ods: Ods,
    asked: Annotated[FeedPage, Query()],
    request: Request,
    by: Annotated[Caller, Depends(_reader)],
    if_none_match: Annotated[str | None, Header()] = None,
    if_modified_since: Annotated[str | None, Header()] = None,
) -> Response:
    """The breaches that a practice was told of, as an Atom feed; nothing in it says whose they are.

    By HTTP Basic with a feed token of the practice's, or with a bearer token of its controller or
    an auditor's. `ETag` and `Last-Modified` spare reading it again.
    """
    ledger: Ledger = request.app.state.ledger
    request.state.position = ledger.reached("findings").position
    found = ledger.notices(ods, before=asked.before, limit=_ENTRIES + 1, by=by)
    opened = ledger.opened()
    told = found[:_ENTRIES]
    feed = Feed(
        id=ledger.feed_id(ods),
        practice=ods,
        mode=opened.mode,
        updated=max((notice.noticed_at for notice in told), default=opened.at),
        root=ledger.outgoing.root or str(request.base_url),
        before=asked.before,
        next=told[-1].number if len(found) > len(told) else None,
    )
    content = as_atom(feed, told)
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    if datetime.now(UTC) - feed.updated > _SETTLED:
        headers["Last-Modified"] = format_datetime(feed.updated.astimezone(UTC), usegmt=True)
    if _is_known(feed.updated, etag, if_none_match, if_modified_since):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return AtomFeed(content, headers=headers)


def _is_known(updated: datetime, etag: str, match: str | None, since: str | None) -> bool:
    """Whether the reader has it already; a tag is exact, and a time counts only without one."""
    if match is not None:
        tags = {tag.strip().removeprefix("W/") for tag in match.split(",")}
        return etag in tags or "*" in tags
    if since is None:
        return False
    try:
        known = parsedate_to_datetime(since)
    except ValueError:
        return False
    if known.tzinfo is None:
        return False
    return updated.replace(microsecond=0) <= known
