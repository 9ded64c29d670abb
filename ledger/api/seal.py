"""The seal over the log, for anybody: nothing here is about a person.

Checkpoint and tiles are served where, and as, https://c2sp.org/tlog-tiles says, so that other
people's clients can read them. The entries themselves are not served there: events are an
auditor's to read (`GET /events`).
"""

import re
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import PlainTextResponse

from ledger.api import problems
from ledger.api.saying import LAST_POSITION, Said
from ledger.application import Seal
from ledger.application.records import ConsistencyRecord, InclusionRecord
from ledger.domain.refusals import UnknownThing
from ledger.store.merkle import WIDTH, TileAt

router = APIRouter(responses=problems.responses(404, 422, 500, 503))

_A_MOMENT = {"Cache-Control": "max-age=2"}
_FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}
_PLACE = re.compile(r"((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?", re.ASCII)
_HIGHEST = 7
_LONGEST_PLACE = 40


class Tile(Response):
    """Hashes of 32 bytes, one after another."""

    media_type = "application/octet-stream"


@router.get("/checkpoint", response_class=PlainTextResponse)
def checkpoint(request: Request) -> PlainTextResponse:
    """The newest checkpoint, a signed note: origin, size and root of the tree over the log."""
    return PlainTextResponse(_seal(request).checkpoint(), headers=_A_MOMENT)


@router.get("/checkpoint/keys", response_class=PlainTextResponse)
def keys(request: Request) -> PlainTextResponse:
    """The public keys that ever signed a checkpoint, one a line. Compare them with those you hold."""
    found = "".join(f"{key}\n" for key in _seal(request).public_keys())
    return PlainTextResponse(found, headers=_A_MOMENT)


@router.get("/tile/{level}/{place:path}", response_class=Tile)
def tile(
    request: Request,
    level: Annotated[int, Path(ge=0, le=_HIGHEST)],
    place: Annotated[str, Path(max_length=_LONGEST_PLACE)],
) -> Tile:
    """A tile of the tree: up to 256 hashes, at the path that tlog-tiles gives it."""
    parts = _PLACE.fullmatch(place)
    width = int(parts[2] or WIDTH) if parts else 0
    if parts is None or not 0 < width <= WIDTH or (parts[2] and width == WIDTH):
        raise UnknownThing("there is no such tile: the path is not as tlog-tiles writes it")
    number = int(parts[1].replace("x", "").replace("/", ""))
    return Tile(_seal(request).tile(TileAt(level, number), width), headers=_FOR_EVER)


class AskedInclusion(Said):
    """Which event, in the tree of which size (the newest, if none is given)."""

    position: int = Query(ge=1, le=LAST_POSITION)
    size: int | None = Query(default=None, ge=1, le=LAST_POSITION)


@router.get("/proof/inclusion")
def inclusion(request: Request, asked: Annotated[AskedInclusion, Query()]) -> InclusionRecord:
    """What proves that the event at a position is in the tree (RFC 6962, section 2.1.1)."""
    return _seal(request).inclusion(asked.position, size=asked.size)


class AskedConsistency(Said):
    """The size of an older tree, and of a newer one (the newest, if none is given)."""

    old: int = Query(ge=0, le=LAST_POSITION)
    new: int | None = Query(default=None, ge=0, le=LAST_POSITION)


@router.get("/proof/consistency")
def consistency(request: Request, asked: Annotated[AskedConsistency, Query()]) -> ConsistencyRecord:
    """What proves that the newer tree begins with the older one (RFC 6962, section 2.1.2)."""
    return _seal(request).consistency(asked.old, new=asked.new)


def _seal(request: Request) -> Seal:
    seal: Seal = request.app.state.seal
    return seal
