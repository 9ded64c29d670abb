"""What proves a finding, event by event: what it said, of which days, and where it stood in which
delivery?

An entry is kept with the file and row it was read from. Of what a collection, a register or a
sharing file tells, no row is kept: then the delivery alone is named.
"""

from collections.abc import Mapping

from ledger.application.records import EvidenceRecord
from ledger.domain.events import EntryStated, Kept, NeighbourRecorded, ObjectionTransmitted
from ledger.domain.said import said
from ledger.domain.streams import practice_of


def evidence_record(kept: Kept, *, rule: str, paths: Mapping[str, str]) -> EvidenceRecord:
    """One event; `paths` are those of the deliveries that the caller may see, by id."""
    event = kept.event
    file, row = file_and_row(getattr(event, "source", None))
    entry = event if isinstance(event, EntryStated | NeighbourRecorded) else None
    coded = event if isinstance(event, ObjectionTransmitted) else entry
    return EvidenceRecord(
        position=kept.position,
        known_at=kept.recorded_at,
        event=event.TOPIC,
        said=said(event, rule=rule),
        practice=getattr(event, "practice", None) or practice_of(kept.stream),
        code=coded.code if coded else None,
        code_system=coded.code_system if coded else None,
        effective_on=coded.effective_on if coded else None,
        effective_precision=entry.effective_precision if entry else None,
        entered_at=entry.entered_at if entry else None,
        period_end=getattr(event, "period_end", None),
        delivery=event.delivery,
        delivery_path=paths.get(event.delivery or ""),
        file=file,
        row=row,
    )


def file_and_row(source: str | None) -> tuple[str | None, int | None]:
    """`SRCode.csv:12`, taken apart; a source without a row is the file."""
    file, _, row = (source or "").rpartition(":")
    return (file, int(row)) if file and row.isdecimal() else (source or None, None)
