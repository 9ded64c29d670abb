"""What was delivered, by whom, and what became of it? And which systems may hand in deliveries?"""

from collections.abc import Collection, Iterator
from itertools import count

from sqlalchemy import Connection

from ledger import projector
from ledger.application.records import (
    DeliveryLineRecord,
    DeliveryRecord,
    PairingRecord,
    ParcelRecord,
    RefusedRowRecord,
)
from ledger.application.standpoint import Standpoint
from ledger.application.telling import (
    delivery_line_record,
    delivery_record,
    pairing_record,
    parcel_record,
)
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.refusals import NotAllowed, UnknownThing
from ledger.projections import deliveries as delivery_lines
from ledger.projections.pairings import PAIRINGS, pairings

_ROWS_A_PAGE = 5_000


class DeliveryQuestions(Standpoint):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def deliveries(
        self,
        *,
        practice: str | None = None,
        after: int = 0,
        limit: int = 50,
        offset: int = 0,
        newest_first: bool = True,
        by: Caller = OPERATOR,
    ) -> list[DeliveryLineRecord]:
        """The deliveries behind a position: all, or those of one practice. A controller sees those
        of their own practices, a third-party system what it handed in.
        """
        by = self.acting_for(by)
        eyes = eyes_of(by)
        with self.engine.connect() as connection:
            lines = delivery_lines.listed(
                connection,
                eyes=eyes,
                practice=practice,
                after=after,
                limit=limit,
                offset=offset,
                newest_first=newest_first,
            )
        return [delivery_line_record(line, by=by) for line in lines]

    def counted_deliveries(self, *, practice: str | None = None, by: Caller = OPERATOR) -> int:
        """How many deliveries there are to see."""
        by = self.acting_for(by)
        with self.engine.connect() as connection:
            return delivery_lines.counted(connection, eyes=eyes_of(by), practice=practice)

    def delivery(
        self, delivery_id: str, *, limit: int = 1_000, by: Caller = OPERATOR
    ) -> DeliveryRecord:
        """What became of one delivery, with so many of its refused rows."""
        by = self.acting_for(by)
        with self.engine.connect() as connection:
            line = _delivery(connection, delivery_id, by=by)
            refused = delivery_lines.rows_refused(connection, line.id, limit=limit)
            notes = delivery_lines.notes_of(connection, line.id)
        return delivery_record(line, refused, notes, by=by)

    def rows_refused(
        self, delivery_id: str, *, by: Caller = OPERATOR
    ) -> Iterator[RefusedRowRecord]:
        """Every refused row of a delivery that is kept; who may not see them is told at once."""
        by = self.acting_for(by)
        with self.engine.connect() as connection:
            line = _delivery(connection, delivery_id, by=by)
        return self._rows_refused(line.id)

    def parcel(self, parcel_id: str, *, by: Caller = OPERATOR) -> ParcelRecord | None:
        """What became of a parcel, or None where none of this id was taken in or refused yet."""
        by = self.acting_for(by)
        eyes = eyes_of(by)
        with self.engine.connect() as connection:
            line = delivery_lines.parcel(connection, parcel_id)
            if line is None:
                return None
            must_see_parcel(line.system, line.practices, by=by)
            found = [delivery_lines.delivery(connection, d, eyes=eyes) for d in line.deliveries]
        return parcel_record(line, [delivery_line_record(d, by=by) for d in found if d])

    def pairings(self, practice: str, *, by: Caller = OPERATOR) -> list[PairingRecord]:
        """The third-party systems paired with a practice, and those that were."""
        self.acting_for(by).must_see(practice)
        with self.engine.connect() as connection:
            reached = projector.position_of(connection, PAIRINGS)
            found = pairings(connection, practice, known_at=reached)
        return [pairing_record(practice, pairing) for pairing in found]

    def _rows_refused(self, delivery_id: str) -> Iterator[RefusedRowRecord]:
        # A page at a time, each with a connection of its own: whoever reads may be slow.
        for offset in count(0, _ROWS_A_PAGE):
            with self.engine.connect() as connection:
                rows = delivery_lines.rows_refused(
                    connection, delivery_id, limit=_ROWS_A_PAGE, offset=offset
                )
            yield from (RefusedRowRecord(**row._asdict()) for row in rows)
            if len(rows) < _ROWS_A_PAGE:
                return


def eyes_of(by: Caller) -> delivery_lines.Eyes | None:
    """Whose deliveries a caller sees; None: everybody's."""
    by.must_be(Role.AUDITOR, Role.CONTROLLER, Role.SYSTEM)
    match by.role:
        case Role.CONTROLLER:
            return delivery_lines.Eyes(practices=by.practices)
        case Role.SYSTEM:
            return delivery_lines.Eyes(system=by.name)
        case _:
            return None


def _delivery(
    connection: Connection, delivery_id: str, *, by: Caller
) -> delivery_lines.DeliveryLine:
    eyes = eyes_of(by)
    seen = delivery_lines.delivery(connection, delivery_id, eyes=eyes)
    if seen is not None:
        return seen
    if delivery_lines.delivery(connection, delivery_id) is not None:
        raise NotAllowed("the delivery is another practice's")
    raise UnknownThing("there is no such delivery")


def must_see_parcel(system: str | None, practices: Collection[str], *, by: Caller) -> None:
    """Refuse who neither handed a parcel in nor controls every practice its sender acts for."""
    if by.role is Role.AUDITOR:
        return
    by.must_be(Role.CONTROLLER, Role.SYSTEM)
    sent = by.role is Role.SYSTEM and system == by.name
    if not sent and not (by.role is Role.CONTROLLER and by.practices.issuperset(practices)):
        raise NotAllowed("somebody else handed that in")
