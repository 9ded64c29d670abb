"""A release becomes an event: whose data left, when, for whom, and what it relied on.

It is a fact that happened, so it is kept even where some rows of its list are no NHS number: those
are told by file, row and reason (docs/adr/0024). The same release again adds nothing but a receipt
that it had not named.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from ledger.application.memory import Draft
from ledger.domain.deliveries import remarks
from ledger.domain.events import ExtractReleased
from ledger.domain.identifiers import holds_nhs_number
from ledger.domain.objections import practice_day
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import Conflict, NotAFact
from ledger.domain.streams import release_stream
from ledger.readers.cohort import COLUMN, CohortList
from ledger.store import cohorts
from ledger.store.append import append
from ledger.store.log import read_streams
from ledger.store.projection import decoded


@dataclass(frozen=True, slots=True)
class Told:
    """What an extract service tells of a release; `released_at` of None: it left today."""

    recipient: str
    purpose: Purpose
    released_at: datetime | None = None
    receipt: str | None = None
    relied_on: frozenset[str] = frozenset()
    max_age_days: int | None = None

    def __post_init__(self) -> None:
        """Refuse what must not stand in the log, or cannot be."""
        for name, text in (("recipient", self.recipient), ("receipt", self.receipt)):
            if text is not None and not text.strip():
                raise NotAFact(f"the {name} of a release is empty: name it, or leave it out")
            if text is not None and holds_nhs_number(text):
                raise NotAFact(f"the {name} of a release holds an NHS number: name it otherwise")


def take_release(
    connection: Connection,
    told: Told,
    listed: CohortList,
    *,
    by: str,
    key: bytes,
    now: datetime,
    turn: Callable[[Connection, datetime], datetime | None],
) -> tuple[UUID, int | None]:
    """The release's id, and the position of what is new of it; None where all was known.

    `turn` waits until nobody else is being taken in, and says when the event is to be recorded.
    """
    cohort = cohorts.stage(connection, listed.numbers(), key=key)
    if not cohort.members:
        raise NotAFact(_nobody(listed))
    id_ = _id(told, cohort, now=now)
    stream = release_stream(id_)
    recorded_at = turn(connection, told.released_at or now)
    known = decoded(read_streams(connection, [stream])[stream])
    newest = known[-1].event if known else None
    if newest is None:
        cohorts.keep(connection, id_)
        released = ExtractReleased(
            recipient=told.recipient,
            purpose=told.purpose,
            released_at=told.released_at or now,
            receipt=told.receipt,
            relied_on=tuple(sorted(told.relied_on)),
            max_age_days=told.max_age_days,
            cohort=cohort.digest,
            members=cohort.members,
            refused=listed.rows_refused,
            by=by,
        )
        draft = Draft.of(
            stream, 0, [*remarks(listed.refused, (), by=by, delivery=str(id_)), released]
        )
    else:
        assert isinstance(newest, ExtractReleased), "the last event of a release is the release"
        if told.receipt in (None, newest.receipt):
            return id_, None
        if newest.receipt is not None:
            raise Conflict("the release names another receipt already, and keeps it")
        attached = newest.model_copy(update={"receipt": told.receipt, "by": by})
        draft = Draft.of(stream, known[-1].version, [attached])
    return id_, append(connection, draft.events, recorded_at=recorded_at).last


def _id(told: Told, cohort: cohorts.Cohort, *, now: datetime) -> UUID:
    """The same for the same release: one told without its time is that of the day."""
    when = told.released_at.isoformat() if told.released_at else str(practice_day(now))
    facts = [told.recipient, told.purpose, when, sorted(told.relied_on), told.max_age_days]
    digest = hashlib.sha256(json.dumps([*facts, cohort.digest]).encode()).digest()
    return UUID(bytes=digest[:16])


def _nobody(listed: CohortList) -> str:
    if not listed.rows_refused:
        return f"{listed.name}: expected the NHS numbers of whose data left, found none"
    return (
        f"{listed.name}: expected one NHS number a line, or a column {COLUMN}; none of its "
        f"{listed.rows_refused} rows is one, the first being row {listed.refused[0].row}"
    )
