"""Taking in the register of practices: who is listed, who closed, who took over, who uses what.

Idempotent: a line that says what is known already adds nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.application.memory import Draft
from ledger.domain import practices
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.closing import OPEN, OwnLine, contradicted, ending
from ledger.domain.deliveries import remarks
from ledger.domain.entries import RefusedRow
from ledger.domain.events import DeliveryReceived, Event, PracticeListed, Succession
from ledger.domain.practices import Practice
from ledger.domain.streams import delivery_stream, practice_stream
from ledger.projections.practices import succeeded_by_the_word_of
from ledger.readers.organisations import Organisation, Register
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
    registers: Sequence[Register],
    *,
    delivery: str,
    today: date,
    recorded_at: datetime | None,
) -> RegisterTally:
    """Keep what the register's files say that is not known yet; of two the later holds."""
    told = _Told(registers, today)
    codes = {*told.lines, *told.successions, *told.systems}
    codes.update(succeeded_by_the_word_of(connection, told.speakers))
    draft = Draft()
    unchanged = 0
    for some in chunks(sorted(codes)):
        streams = [practice_stream(code) for code in some]
        read = read_streams(connection, streams)
        for code, stream in zip(some, streams, strict=True):
            practice = practices.fold(decoded(read.get(stream, [])))
            events = told.of(code, practice, delivery)
            unchanged += not events
            draft.add(stream, practice.version, events)
    changed = len(codes) - unchanged
    if not changed:
        return RegisterTally(len(codes), 0, unchanged, told.refused, None)
    stream = delivery_stream(delivery)
    closing = DeliveryReceived(
        format=FORMAT,
        path=registers[0].file,
        dated=recorded_at or datetime.now(UTC),
        practices=(),
        rows_read=len(codes) + len(told.refused),
        entries_kept=changed,
        unchanged=unchanged,
        removed=0,
        unmatched=0,
        left_out=0,
        refused=len(told.refused),
        complete=any(register.complete for register in registers) or None,
        by=BY,
        delivery=delivery,
    )
    remarked = remarks(told.refused, (), by=BY, delivery=delivery)
    draft.add(stream, stream_version(connection, stream), [*remarked, closing])
    positions = import_events(connection, draft.events, recorded_at=recorded_at)
    return RegisterTally(
        len(codes), changed, unchanged, told.refused, positions.last if positions else None
    )


class _Told:
    """What the files tell together, by the practice it is about."""

    def __init__(self, registers: Iterable[Register], today: date) -> None:
        self.lines: dict[str, tuple[str, Organisation]] = {}
        self.successions: defaultdict[str, list[Succession]] = defaultdict(list)
        self.systems: dict[str, ClinicalSystem] = {}
        self.speakers: set[str] = set()
        self.refused: list[RefusedRow] = []
        self._where: dict[tuple[str, str], tuple[str, int]] = {}
        self._today = today
        for register in registers:
            self._add(register)

    def _add(self, register: Register) -> None:
        self.lines |= {line.code: (register.file, line) for line in register.organisations}
        self.systems |= dict(register.systems)
        self.speakers |= register.speakers
        self.refused += register.refused
        # The closed practice's own word comes last, and so counts where two ends differ.
        for told in sorted(register.successions, key=lambda s: (s.told_by == s.predecessor, s)):
            succession = Succession(practice=told.successor, since=told.since, told_by=told.told_by)
            self.successions[told.predecessor].append(succession)
            self._where[told.predecessor, told.told_by] = (register.file, told.row)

    def of(self, code: str, practice: Practice, delivery: str) -> list[Event]:
        """What becomes known of one practice."""
        file, line = self.lines.get(code, ("", None))
        successions: Sequence[Succession] = self.successions.get(code, ())
        events: list[Event] = []
        own = None
        if line is not None and not line.whole and practice.listed is None:
            self._refuse(file, line.row, "OrgId", _TOO_LITTLE)
        elif line is not None:
            own = _own(practice, line)
            events += _listed(practice, line, delivery)
            cannot_be = contradicted(successions, own, today=self._today)
            successions = [s for s in successions if s not in cannot_be]
            for succession in cannot_be:
                if (succession.practice, succession.since) not in practice.past_successions:
                    where = self._where[code, succession.told_by or code]
                    self._refuse(*where, "Succs", _OPEN_STILL)
        events += ending(
            practice,
            own=own,
            told=successions,
            speakers=self.speakers,
            by=BY,
            delivery=delivery,
        )
        # A list is older than a delivery: it never says that a practice has gone back.
        if (system := self.systems.get(code)) is not None and practice.clinical_system is None:
            events += practices.use_system(practice, system, since=None, by=BY, delivery=delivery)
        return events

    def _refuse(self, file: str, row: int, column: str, reason: str) -> None:
        self.refused.append(RefusedRow(file, row, column, reason))


_TOO_LITTLE = (
    "a search does not say whether an organisation is a GP practice: "
    "import what the API answers about it alone"
)
_OPEN_STILL = (
    "expected a closed organisation to have been taken over, found one that is listed as open: "
    "the succession is left out"
)


def _own(practice: Practice, line: Organisation) -> OwnLine | None:
    """What its line says of its end. A summary has no days: only that it is open *again* is told."""
    was_open = practice.listed is not None and practice.listed.status in OPEN
    return None if was_open and not line.whole else OwnLine(line.status, line.closed_on)


def _listed(practice: Practice, line: Organisation, delivery: str) -> list[Event]:
    """The practice's place in the register, where it is new or has changed."""
    known = practice.listed
    told = (line.gp_practice, line.commissioner, line.opened_on)
    if known is not None and not line.whole:
        told = (known.gp_practice, known.commissioner, known.opened_on)
    gp_practice, commissioner, opened_on = told
    # Compared before it is made: a register tells thousands of lines again.
    if known is not None and (
        known.name,
        known.status,
        known.postcode,
        known.gp_practice,
        known.commissioner,
        known.opened_on,
    ) == (line.name, line.status, line.postcode, *told):
        return []
    return [
        PracticeListed(
            name=line.name,
            status=line.status,
            gp_practice=gp_practice,
            postcode=line.postcode,
            commissioner=commissioner,
            opened_on=opened_on,
            by=BY,
            delivery=delivery,
        )
    ]
