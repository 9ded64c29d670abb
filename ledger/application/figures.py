"""What is counted over everybody: what suppliers transmitted, and statistics for publication."""

from datetime import date
from typing import TypeVar

from sqlalchemy import Connection

from ledger.application.attendance import Attendance
from ledger.application.delivered import DeliveryQuestions
from ledger.application.records import (
    OutOfLineRecord,
    PracticeTransmissionRecord,
    StatisticsRecord,
    TransmissionRecord,
)
from ledger.application.statistics import COUNTED, Level, statistics_of
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.clinical_systems import clinical_system
from ledger.domain.transmission import Judged, TookPart, out_of_line
from ledger.projections import findings as found_findings
from ledger.projections.practices import PracticeLine, Wanted, practice_lines
from ledger.projections.standing_objections import changes
from ledger.projections.transmission import (
    Transmitted,
    board,
    carried_spans,
    collections_taken,
    of_practices,
)

# The rule that says that a supplier's new dissents stayed away, and how its keys are written.
_SILENT = "TX02"
# More practices than any register has.
_ALL = 100_000

_OfSupplier = TypeVar("_OfSupplier", TransmissionRecord, PracticeTransmissionRecord)


class FigureQuestions(DeliveryQuestions):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def transmission(
        self, *, supplier: str | None = None, by: Caller = OPERATOR
    ) -> list[TransmissionRecord]:
        """Recorded beside transmitted, by collection, supplier and code system."""
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            lines = board(connection)
            silent = found_findings.keys_of(connection, _SILENT)
            attendance = self._attendance(connection)
        told = [
            _transmission_record(line, attendance, is_silent=_is_silent(line, silent))
            for line in [*lines, *attendance.lines_of_the_absent(lines)]
        ]
        told.sort(key=lambda r: (r.period_end, r.collection, r.supplier, r.code_system))
        return _of_supplier(told, supplier)

    def out_of_line(
        self, *, supplier: str | None = None, by: Caller = OPERATOR
    ) -> list[OutOfLineRecord]:
        """When suppliers' new dissents stayed away, and when they came back; the earliest first."""
        judged = (
            Judged(
                line.supplier,
                line.code_system,
                line.period_end,
                line.entered,
                line.transmitted,
                line.out_of_line,
            )
            for line in self.transmission(supplier=supplier, by=by)
        )
        return [OutOfLineRecord(**one._asdict()) for one in out_of_line(judged)]

    def collections(self, *, by: Caller = OPERATOR) -> list[TookPart]:
        """The collections and who took part, in the order of their periods."""
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            return collections_taken(connection)

    def practices_transmission(
        self,
        *,
        supplier: str | None = None,
        collection: str | None = None,
        limit: int | None = None,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[PracticeTransmissionRecord]:
        """Who took part in each collection and who is missing, with what became of what they
        recorded, by period end and practice. A practice that had closed is not expected.
        """
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            attendance = self._attendance(connection)
            found = of_practices(connection, collection=collection)
        told = []
        for line in found:
            state = attendance.state(line.collection, line.practice, waits=line.figures.backlog > 0)
            if state is None:
                continue
            told.append(
                PracticeTransmissionRecord(
                    collection=line.collection,
                    period_end=line.period_end,
                    practice=line.practice,
                    supplier=attendance.supplier_of.get(line.practice, line.supplier),
                    state=state,
                    ratio=line.figures.ratio,
                    **line.figures._asdict(),
                )
            )
        told = _of_supplier(told, supplier)
        return told[offset : None if limit is None else offset + limit]

    def statistics(
        self,
        *,
        level: Level = Level.ALL,
        since: date | None = None,
        by: Caller = OPERATOR,
    ) -> list[StatisticsRecord]:
        """How many patients objected at the end of each month that is over, as known now and as it
        may be published: from the month of `since` on, by default the latest alone; the newest
        first.
        """
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            today = self._today(connection)
            moved = changes(connection, COUNTED, carried=carried_spans())
            wanted = Wanted(codes={change.practice for change in moved})
            known = {
                line.code: line
                for which in (wanted, Wanted(heard=True))
                for line in practice_lines(connection, which, today=today, limit=_ALL)
            }
        # One that no register and no list of systems names is known by its code alone.
        for code in wanted.codes or ():
            known.setdefault(code, PracticeLine(code, code, "unknown", None))
        return statistics_of(moved, known, level=level, since=since, today=today)

    def _attendance(self, connection: Connection) -> Attendance:
        taken = collections_taken(connection)
        codes = frozenset[str]().union(*(one.practices for one in taken))
        lines = practice_lines(
            connection, Wanted(codes=codes), today=self._today(connection), limit=_ALL
        )
        return Attendance(taken, lines)


def _is_silent(line: Transmitted, silent: set[tuple[str | None, str]]) -> bool:
    return (line.supplier, f"{line.collection}|{line.code_system}") in silent


def _transmission_record(
    line: Transmitted, attendance: Attendance, *, is_silent: bool
) -> TransmissionRecord:
    practices, absent = attendance.of(line.collection, line.supplier)
    return TransmissionRecord(
        collection=line.collection,
        period_end=line.period_end,
        supplier=line.supplier,
        code_system=line.code_system,
        ratio=line.figures.ratio,
        first_seen=line.first_seen,
        carried=line.carried,
        out_of_line=is_silent,
        practices=practices,
        missing=absent,
        unvalidated=absent > 0,
        **line.figures._asdict(),
    )


def _of_supplier(records: list[_OfSupplier], supplier: str | None) -> list[_OfSupplier]:
    system = None if supplier is None else clinical_system(supplier)
    name = supplier if system is None else system.supplier.value
    return [record for record in records if name in (None, record.supplier)]
