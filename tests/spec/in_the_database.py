"""A spec's table put through PostgreSQL: appended to a log, and judged by the findings projection.

A re-enactment, so that the day is the table's and not the clock's; its opening is position 1, which
moves every line of the table by one.
"""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy import Engine, select
from sqlalchemy.dialects.postgresql import insert

from ledger import projector
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.events import (
    ActionTaken,
    CollectionReceived,
    DeliveryReceived,
    EntryRecorded,
    EntryRemoved,
    EntryUnmatched,
    Event,
    ExtractReleased,
    FindingDismissed,
    FindingReopened,
    Kept,
    LedgerOpened,
    Mode,
    NeighbourRecorded,
)
from ledger.domain.recording_errors import by_code
from ledger.domain.streams import LEDGER, delivery_stream, practice_of, release_of
from ledger.projections.findings import FINDINGS, found, tables
from ledger.store import codec
from ledger.store.append import NewEvent, append
from ledger.store.tables import release_members
from tests.builders import BY, PATIENT, THEIRS, at_ten


def found_in_the_database(
    engine: Engine, events: Sequence[Kept], rules: Sequence[str], *, today: date | None
) -> list[str]:
    """What the projection holds open of these rules, written as a spec writes it."""
    opening = LedgerOpened(name="spec", mode=Mode.RE_ENACTMENT, as_of=date(2000, 1, 1), by=BY)
    with engine.connect() as connection:
        _append(connection, LEDGER, 1, opening, at_ten(date(2000, 1, 1)))
        for kept in events:
            event = _moved(kept.event)
            if isinstance(event, ActionTaken):
                connection.commit()
                event = _taken(engine, event)
            _append(connection, kept.stream, kept.version, event, kept.recorded_at)
            if isinstance(event, ExtractReleased) and event.cohort == THEIRS:
                row = {"release": release_of(kept.stream), "patient": PATIENT}
                connection.execute(insert(release_members).on_conflict_do_nothing(), row)
        closing = _closing(events, today or events[-1].recorded_at.date())
        _append(connection, delivery_stream(uuid4().hex), 1, closing, closing.dated)
        connection.commit()
    projector.catch_up(engine, [FINDINGS])
    with engine.connect() as connection:
        held = [finding for rule in rules for finding in found(connection, rule=rule)]
    return [
        f"{f.rule}{f' ({f.severity})' if f.severity != by_code(f.rule).severity else ''} on "
        f"line{'s' if len(f.positions) > 1 else ''} "
        f"{', '.join(str(position - 1) for position in f.positions)}"
        for f in held
    ]


def _append(connection, stream: str, version: int, event: Event, at: datetime) -> None:
    new = NewEvent(stream, version, event.TOPIC, codec.to_bytes(event))
    append(connection, [new], recorded_at=at)


def _moved(event: Event) -> Event:
    """The event, with the positions it names moved by one."""
    match event:
        case (
            EntryRecorded(replaces=int() as replaces)
            | NeighbourRecorded(replaces=int() as replaces)
        ):
            return event.model_copy(update={"replaces": replaces + 1})
        case EntryRecorded(was_unmatched=int() as waited):
            return event.model_copy(update={"was_unmatched": waited + 1})
        case EntryRemoved():
            return event.model_copy(update={"removes": event.removes + 1})
        case FindingDismissed() | FindingReopened():
            return event.model_copy(update={"entries": tuple(at + 1 for at in event.entries)})
        case _:
            return event


def _taken(engine: Engine, event: ActionTaken) -> ActionTaken:
    """The event, with the id of the action that the rule's finding asks for."""
    projector.catch_up(engine, [FINDINGS])
    with engine.connect() as connection:
        asked = select(tables.actions.c.id).where(tables.actions.c.rule == event.action)
        return event.model_copy(update={"action": connection.execute(asked).scalar_one()})


def _closing(events: Sequence[Kept], today: date) -> DeliveryReceived:
    """What ends a delivery: then everything that came with it is judged, and every practice heard."""
    told_of = {
        practice_of(kept.stream) or kept.event.practice
        for kept in events
        if practice_of(kept.stream) or isinstance(kept.event, EntryUnmatched)
    }
    collected = any(isinstance(kept.event, CollectionReceived) for kept in events)
    counts = dict.fromkeys(
        ("rows_read", "entries_kept", "unchanged", "removed", "unmatched", "left_out", "refused"), 0
    )
    return DeliveryReceived(
        format="collection" if collected else "systmone-sre",
        path="",
        dated=max(at_ten(today), events[-1].recorded_at),
        practices=tuple(sorted(told_of)),
        clinical_system=ClinicalSystem.SYSTMONE,
        by=BY,
        delivery="closing",
        **counts,
    )
