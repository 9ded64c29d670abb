"""Taking in the register of practices: a list of organisations, and who uses which system.

Idempotent: a line that says what is known already adds nothing.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.application.memory import Draft
from ledger.domain import practices
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import RefusedRow
from ledger.domain.events import DeliveryReceived, Event, PracticeClosed, PracticeListed
from ledger.domain.practices import Practice
from ledger.domain.streams import delivery_stream, practice_stream
from ledger.readers.organisations import Organisation
from ledger.store.append import import_events
from ledger.store.bulk import chunks
from ledger.store.log import read_streams, stream_version
from ledger.store.projection import decoded

BY = "register"
FORMAT = "practice-register"


class RegisterTally(NamedTuple):
    """What importing the register came to."""

    rows_read: int
    changed: int
    unchanged: int
    refused: Sequence[RefusedRow]
    position: int | None


def take_register(
    connection: Connection,
    organisations: Iterable[Organisation],
    systems: Iterable[tuple[str, ClinicalSystem]],
    *,
    delivery: str,
    path: Path,
    refused: Sequence[RefusedRow],
    recorded_at: datetime | None,
) -> RegisterTally:
    """Keep what the register says that is not known yet."""
    lines = {organisation.code: organisation for organisation in organisations}
    used = dict(systems)
    draft = Draft()
    codes = sorted({*lines, *used})
    unchanged = 0
    for some in chunks(codes):
        streams = [practice_stream(code) for code in some]
        read = read_streams(connection, streams)
        for code, stream in zip(some, streams, strict=True):
            practice = practices.fold(decoded(read.get(stream, [])))
            events = _told(practice, lines.get(code), used.get(code), delivery)
            unchanged += not events
            draft.add(stream, practice.version, events)
    changed = len(codes) - unchanged
    if not changed:
        return RegisterTally(len(codes), 0, unchanged, refused, None)
    stream = delivery_stream(delivery)
    closing = DeliveryReceived(
        format=FORMAT,
        path=path.name,
        dated=recorded_at or datetime.now(UTC),
        practices=(),
        rows_read=len(codes) + len(refused),
        entries_kept=changed,
        unchanged=unchanged,
        removed=0,
        unmatched=0,
        left_out=0,
        refused=len(refused),
        by=BY,
        delivery=delivery,
    )
    draft.add(stream, stream_version(connection, stream), [closing])
    positions = import_events(connection, draft.events, recorded_at=recorded_at)
    return RegisterTally(
        len(codes), changed, unchanged, refused, positions.last if positions else None
    )


def _told(
    practice: Practice,
    line: Organisation | None,
    system: ClinicalSystem | None,
    delivery: str,
) -> list[Event]:
    events: list[Event] = []
    if line is not None:
        listed = PracticeListed(
            name=line.name,
            status=line.status,
            gp_practice=line.gp_practice,
            postcode=line.postcode,
            commissioner=line.commissioner,
            opened_on=line.opened_on,
            by=BY,
            delivery=delivery,
        )
        same = {"delivery": None}
        if practice.listed is None or practice.listed.model_copy(update=same) != listed.model_copy(
            update=same
        ):
            events.append(listed)
        known_closed = practice.closed.closed_on if practice.closed else None
        if line.closed_on is not None and line.closed_on != known_closed:
            events.append(PracticeClosed(closed_on=line.closed_on, by=BY, delivery=delivery))
    # A list is older than a delivery: it never says that a practice has gone back.
    if system is not None and practice.clinical_system is None:
        events += practices.use_system(practice, system, since=None, by=BY, delivery=delivery)
    return events
