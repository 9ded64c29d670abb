"""What is counted over everybody: what suppliers transmitted, and statistics for publication."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, TypeVar

from sqlalchemy import Connection

from ledger import projector
from ledger.application.attendance import Attendance
from ledger.application.delivered import DeliveryQuestions
from ledger.application.records import (
    OutOfLineRecord,
    PracticeTransmissionRecord,
    StandingRecord,
    StatisticsRecord,
    TransmissionRecord,
)
from ledger.application.standpoint import NOW, View, When
from ledger.application.statistics import COUNTED, Level, statistics_of
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.clinical_systems import clinical_system
from ledger.domain.transmission import Judged, TookPart, out_of_line
from ledger.projections import findings as found_findings
from ledger.projections.practices import PRACTICES, PracticeLine, Wanted, practice_lines
from ledger.projections.standing_objections import STANDING_OBJECTIONS, Change, changes
from ledger.projections.transmission import (
    TRANSMISSION,
    OfPractice,
    Transmitted,
    board,
    carried_spans,
    collections_taken,
    of_practices,
    stood_on,
)
from ledger.store.projection import Projection

# The rule that says that a supplier's new dissents stayed away, and how its keys are written.
_SILENT = "TX02"
# More practices than any register has.
_ALL = 100_000

# How many answers about the past are kept in mind: a person goes back and forth between few.
_MOST_REMEMBERED = 16

_Told = TypeVar("_Told")
_OfSupplier = TypeVar("_OfSupplier", TransmissionRecord, PracticeTransmissionRecord)


class FigureQuestions(DeliveryQuestions):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def transmission(
        self, *, supplier: str | None = None, when: When = NOW, by: Caller = OPERATOR
    ) -> list[TransmissionRecord]:
        """Recorded beside transmitted, by collection, supplier and code system: of the periods that
        had ended by the day asked about.
        """
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            view = self._view(connection, when, by=by)
            silent = found_findings.keys_of(connection, _SILENT, at_position=view.position)
        lines, attendance = self._then(view, _BOARD, _board)
        told = [
            _transmission_record(line, attendance, is_silent=_is_silent(line, silent))
            for line in [*lines, *attendance.lines_of_the_absent(lines)]
        ]
        told.sort(key=lambda r: (r.period_end, r.collection, r.supplier, r.code_system))
        return _of_supplier(_ended_by(told, when.at), supplier)

    def out_of_line(
        self, *, supplier: str | None = None, when: When = NOW, by: Caller = OPERATOR
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
            for line in self.transmission(supplier=supplier, when=when, by=by)
        )
        return [OutOfLineRecord(**one._asdict()) for one in out_of_line(judged)]

    def collections(self, *, when: When = NOW, by: Caller = OPERATOR) -> list[TookPart]:
        """The collections and who took part, in the order of their periods."""
        by.must_be(Role.AUDITOR)
        view = self.view(when, by=by)
        taken = self._then(view, (TRANSMISSION,), _taken)
        return [one for one in taken if when.at is None or one.period_end <= when.at]

    def practices_transmission(
        self,
        *,
        supplier: str | None = None,
        collection: str | None = None,
        when: When = NOW,
        limit: int | None = None,
        offset: int = 0,
        by: Caller = OPERATOR,
    ) -> list[PracticeTransmissionRecord]:
        """Who took part in each collection and who is missing, with what became of what they
        recorded, by period end and practice. A practice that had closed is not expected.
        """
        by.must_be(Role.AUDITOR)
        view = self.view(when, by=by)
        found, attendance = self._then(view, _BOARD, _of_practices, collection)
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
        told = _of_supplier(_ended_by(told, when.at), supplier)
        return told[offset : None if limit is None else offset + limit]

    def statistics(
        self,
        *,
        level: Level = Level.ALL,
        since: date | None = None,
        when: When = NOW,
        by: Caller = OPERATOR,
    ) -> list[StatisticsRecord]:
        """How many patients objected at the end of each month that was over by the day asked about,
        as it may be published: from the month of `since` on, by default the latest alone; the
        newest first.
        """
        by.must_be(Role.AUDITOR)
        view = self.view(when, by=by)
        moved, lines = self._then(view, _COUNTS, _counts)
        known = {line.code: line for line in lines}
        # One that no register and no list of systems names is known by its code alone.
        for code in {change.practice for change in moved}:
            known.setdefault(code, PracticeLine(code, code, "unknown", None))
        return statistics_of(moved, known, level=level, since=since, today=view.day)

    def stood(self, *, when: When = NOW, by: Caller = OPERATOR) -> list[StandingRecord]:
        """Who objected to type 2 on a day, beside of whom that had reached NHS Digital by then: what
        was so, and what was known to who had to uphold it.
        """
        by.must_be(Role.AUDITOR)
        told = self._then(self.view(when, by=by), (TRANSMISSION,), stood_on)
        return [
            StandingRecord(**one._asdict(), waiting=one.objecting - one.transmitted) for one in told
        ]

    def _then(
        self,
        view: View,
        projections: Sequence[Projection[Any]],
        ask: Callable[..., _Told],
        *asked: str | None,
    ) -> _Told:
        """What the read models tell; of the past, what they would have told, made again from the
        log. What was known at a position is never known otherwise: it is worked out once.
        """
        if view.position is None:
            with self.engine.connect() as connection:
                return ask(connection, view.day, *asked)
        known = (ask.__name__, view.position, view.day, *asked)
        if known not in self._remembered:
            with projector.as_known_at(self.engine, projections, view.position) as connection:
                told = ask(connection, view.day, *asked)
            while len(self._remembered) >= _MOST_REMEMBERED:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[known] = told
        remembered: _Told = self._remembered[known]
        return remembered


_BOARD = (TRANSMISSION, PRACTICES)
_COUNTS = (STANDING_OBJECTIONS, TRANSMISSION, PRACTICES)


def _board(connection: Connection, day: date) -> tuple[list[Transmitted], Attendance]:
    return board(connection), _attendance(connection, day)


def _of_practices(
    connection: Connection, day: date, collection: str | None
) -> tuple[list[OfPractice], Attendance]:
    return of_practices(connection, collection=collection), _attendance(connection, day)


def _taken(connection: Connection, _day: date) -> list[TookPart]:
    return collections_taken(connection)


def _counts(connection: Connection, day: date) -> tuple[list[Change], list[PracticeLine]]:
    moved = changes(connection, COUNTED, carried=carried_spans())
    codes = {change.practice for change in moved}
    lines = [
        line
        for which in (Wanted(codes=codes), Wanted(heard=True))
        for line in practice_lines(connection, which, today=day, limit=_ALL)
    ]
    return moved, lines


def _attendance(connection: Connection, day: date) -> Attendance:
    taken = collections_taken(connection)
    codes = frozenset[str]().union(*(one.practices for one in taken))
    return Attendance(taken, practice_lines(connection, Wanted(codes=codes), today=day, limit=_ALL))


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


def _ended_by(records: list[_OfSupplier], day: date | None) -> list[_OfSupplier]:
    return [record for record in records if day is None or record.period_end <= day]


def _of_supplier(records: list[_OfSupplier], supplier: str | None) -> list[_OfSupplier]:
    system = None if supplier is None else clinical_system(supplier)
    name = supplier if system is None else system.supplier.value
    return [record for record in records if name in (None, record.supplier)]
