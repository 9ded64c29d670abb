"""What of a delivery is kept beside what it says: the rows refused, and what a person has to know."""

from collections.abc import Sequence

from ledger.domain.entries import RefusedRow
from ledger.domain.events import DeliveryNoted, Event, RowsRefused
from ledger.domain.identifiers import without_nhs_numbers

ROWS_AN_EVENT = 500
# More than anybody mends by hand; a file of nothing but broken rows must not swell the log. How
# many there were in all stands in `delivery-received`.
MOST_ROWS_KEPT = 100_000


def remarks(
    refused: Sequence[RefusedRow], notes: Sequence[str], *, by: str, delivery: str
) -> list[Event]:
    """The events that come before a delivery's last: its refused rows and its notes."""
    kept = [row._replace(file=without_nhs_numbers(row.file)) for row in refused[:MOST_ROWS_KEPT]]
    told: list[Event] = [
        RowsRefused(rows=tuple(kept[first : first + ROWS_AN_EVENT]), by=by, delivery=delivery)
        for first in range(0, len(kept), ROWS_AN_EVENT)
    ]
    # A note may name a file, or a column that nobody expected.
    said = tuple(without_nhs_numbers(note) for note in notes)
    if said:
        told.append(DeliveryNoted(notes=said, by=by, delivery=delivery))
    return told
