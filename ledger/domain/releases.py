"""What left, when and for whom: one release, as its events tell it (docs/adr/0024)."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from ledger.domain.events import ExtractReleased, Kept
from ledger.domain.objections import practice_day
from ledger.domain.purposes import Purpose
from ledger.domain.streams import release_of


class Release(NamedTuple):
    """One release. `position` is that of its first event, by which the ledger learnt of it;
    `receipt_position` that of the event which told of a receipt, if one did.
    """

    id: UUID
    position: int
    recorded_at: datetime
    released_at: datetime
    recipient: str
    purpose: Purpose
    receipt: str | None
    receipt_position: int | None
    relied_on: tuple[str, ...]
    max_age_days: int | None

    @property
    def day(self) -> date:
        """The day on which it left."""
        return practice_day(self.released_at)


def evolve(known: Release | None, kept: Kept) -> Release:
    """The release after one more of its events: the first, or one that attaches a receipt."""
    event = kept.event
    assert isinstance(event, ExtractReleased), "a release has no other events of its own"
    if known is not None:
        return known._replace(receipt=event.receipt, receipt_position=kept.position)
    return Release(
        id=release_of(kept.stream),
        position=kept.position,
        recorded_at=kept.recorded_at,
        released_at=event.released_at or kept.recorded_at,
        recipient=event.recipient,
        purpose=event.purpose,
        receipt=event.receipt,
        receipt_position=None if event.receipt is None else kept.position,
        relied_on=event.relied_on,
        max_age_days=event.max_age_days,
    )
