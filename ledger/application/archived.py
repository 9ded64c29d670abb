"""What was the state of objections at a point in both times, by an archive of the log alone?

The engine sifts: of a patient to whom nothing happened but plainly coded and dated entries it gives
back the entry that decides, one a purpose; of everybody else all there is. What each of these means
is then said by the domain, as it is of the log itself, so that no edge of a policy is written twice
(docs/adr/0034). No number stands in the log: whoever has the ledger at hand names the patients.
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from uuid import UUID

import polars as pl

from ledger.application.archive_engines import ArchiveEngine, Reading, reading
from ledger.application.policies import chosen_policy
from ledger.application.replaying import (
    Replay,
    ReplayQuestions,
    Stand,
    Told,
    in_order,
    record,
    stands,
)
from ledger.application.scopes import Scope, in_region, with_survivors
from ledger.application.standpoint import Known, Standpoint
from ledger.domain.callers import OPERATOR
from ledger.domain.events import (
    EntryRecorded,
    Event,
    FindingDismissed,
    FindingReopened,
    Kept,
    Mode,
    NeighbourRecorded,
    NumberSuperseded,
    PracticeListed,
    RecordAnswered,
    RecordWithheld,
)
from ledger.domain.known import FoldedLog, fold_log
from ledger.domain.looks import Shown
from ledger.domain.objections import practice_day
from ledger.domain.points import Point, end_of
from ledger.domain.policies import (
    PRECEDENCE_1,
    SYSTEM_DEFAULT_DATES,
    TYPE_2_ENDED_ON,
    Policy,
)
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import AnotherLog, NotAFact, PastTheEnd
from ledger.domain.streams import patient_of, patient_stream, practice_of
from ledger.projections.statements import topics_bearing_on
from ledger.store import codec
from ledger.store.archive.manifest import Manifest, finished
from ledger.store.archive.verifying import must_be_whole
from ledger.store.merkle import root
from ledger.store.projection import topics_of
from ledger.store.seal import newest, reader

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_COLUMNS = "position, stream, version, topic, recorded_us, state"
_STREAMS = {"stream": pl.String}
_TELLING = topics_of(EntryRecorded, RecordWithheld, RecordAnswered)


@contextmanager
def replayed(
    folder: Path,
    scope: Scope,
    *,
    at: date | None = None,
    known_at: Point | None = None,
    policy: str | None = None,
    purpose: Purpose | None = None,
    now: datetime,
    ledger: ReplayQuestions | None = None,
    engine: ArchiveEngine = ArchiveEngine.DUCKDB,
    master: str = "local[*]",
) -> Iterator[Replay]:
    """The answer of an archive, made as its lines are asked for, for an auditor. Of a live ledger
    the day is by default `now`'s. The `ledger` whose archive it is names the patients, and keeps that
    they were looked at; without it lines bear their random ids.

    Raises SealBroken where a file is not the one that was written, PastTheEnd at a point that the
    archive does not reach, AnotherLog where it is not the ledger's at hand.
    """
    if scope.nhs_number is not None:
        raise NotAFact("an archive knows no NHS number: ask of a practice, a region or everybody")
    manifest = finished(folder)
    if not manifest.reached:
        raise PastTheEnd(f"{folder.name}: this archive was written before the first event")
    must_be_whole(folder, manifest)
    if ledger is not None:
        _must_be_of(ledger, manifest)
    files = [folder / held.name for held in manifest.ranges]
    with reading(engine, files, master=master) as log:
        known = _point(log, manifest, known_at)
        day = at or _today(log, manifest, now)
        chosen = chosen_policy(policy, purpose, day, by=OPERATOR)
        told = Told(day, known, chosen)
        asked = _Asked(log, told, _practices(log, scope, known.position), ledger)
        lines = (
            record(stand, number, told, patient=None if ledger else stand.patient)
            for stand, number in asked.stands()
            if purpose in (None, stand.purpose)
        )
        if ledger is not None:
            ledger.keep_look_at_all(Shown.REPLAY, asked.practices, at=known.position, by=OPERATOR)
        yield Replay(day, known, chosen.name, lines)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question of an archive: what is told, of whom (None: everybody), and who names them."""

    log: Reading
    told: Told
    practices: Collection[str] | None
    ledger: Standpoint | None

    def stands(self) -> Iterator[tuple[Stand, str | None]]:
        """What the policy says of each patient and purpose: by NHS number, else by random id."""
        others = self._others()
        met = others.survivors.met
        found = others.patients(self.practices, pooled_codes=self.told.policy.pooled_codes)
        asked = with_survivors(found, others.survivors) | (self._patients() - met)
        ordered = self._in_order(asked)
        alone = [patient_stream(patient) for patient, _ in ordered if patient not in met]
        self.log.put("asked", pl.DataFrame({"stream": alone}, _STREAMS).with_row_index("ordinal"))
        sifted = groupby(self.log.rows(_sifting(self.told)), key=itemgetter(1))
        for patient, number in ordered:
            folded = others
            if patient not in met:
                stream, rows = next(sifted)
                assert stream == patient_stream(patient), "of each there is something to tell"
                folded = FoldedLog(
                    {patient: list(_kept(rows))}, others.survivors, others.dismissals
                )
            known = folded.known(patient)
            for stand in stands(patient, known, others.survivors, self.told):
                yield stand, number

    def _others(self) -> FoldedLog:
        """Who survives whom and all about these, and what controllers said of findings."""
        superseded = list(_kept(self.log.rows(_of_topics(self.told, NumberSuperseded))))
        met = {
            stream
            for kept in superseded
            if isinstance(kept.event, NumberSuperseded)
            for stream in (kept.stream, patient_stream(UUID(kept.event.superseded_by)))
        }
        words = list(_kept(self.log.rows(_of_topics(self.told, FindingDismissed, FindingReopened))))
        self.log.put("met", pl.DataFrame({"stream": sorted(met)}, _STREAMS))
        about = _kept(
            self.log.rows(
                f"SELECT {_COLUMNS} FROM log JOIN met USING (stream) "
                f"WHERE {_bearing(self.told)} ORDER BY position"
            )
        )
        return fold_log(sorted([*about, *words], key=lambda kept: kept.position))

    def _patients(self) -> set[UUID]:
        """Of whom anything is told that the policy reads, at these practices."""
        query = f"""
            SELECT DISTINCT stream FROM log
            WHERE position <= {self.told.known_at}
            AND (topic IN ({_texts(_TELLING)}) OR {_pooled(self.told.policy)})
        """
        if self.practices is not None:
            practices = pl.DataFrame({"practice": sorted(self.practices)}, {"practice": pl.String})
            self.log.put("practices", practices)
            query += f"AND {_field('practice')} IN (SELECT practice FROM practices)"
        found = (patient_of(stream) for (stream,) in self.log.rows(query))
        return {patient for patient in found if patient is not None}

    def _in_order(self, patients: Collection[UUID]) -> list[tuple[UUID, str | None]]:
        if self.ledger is None:
            return [(patient, None) for patient in sorted(patients)]
        with self.ledger.engine.connect() as connection:
            return in_order(connection, patients)


def _must_be_of(ledger: Standpoint, manifest: Manifest) -> None:
    signed = manifest.signed
    with ledger.engine.connect() as connection:
        sealed = newest(connection)
        size = 0 if sealed is None else sealed.size
        if size < signed.size or root(signed.size, reader(connection)) != signed.root:
            raise AnotherLog(
                "this archive is of another log than the ledger at hand, or newer than this copy of "
                "it: name its own in LEDGER_HOME or LEDGER_DATABASE_URL, or a folder without any, "
                "to be answered with random ids"
            )


def _point(log: Reading, manifest: Manifest, at: Point | None) -> Known:
    """The point in time that a position, a moment or a day names; None: the archive's end."""
    end = _known_at(log, manifest.reached)
    assert end.time is not None, "every event has its time"
    match at:
        case None:
            return end
        case int():
            if at > end.position:
                raise PastTheEnd(
                    f"the archive ends at position {end.position}: expected that or an earlier one, "
                    "or `ledger archive` to write what is new"
                )
            return _known_at(log, at)
        case datetime():
            moment = at
        case date():
            moment = end_of(at)
    if moment >= end.time:
        # What else became known at that very moment may stand behind the end.
        raise PastTheEnd(
            f"the archive ends at position {end.position}, at {end.time:%Y-%m-%dT%H:%M:%SZ}: nobody "
            "can tell from it what was known later; ask without --known-at for its end"
        )
    microseconds = (moment - _EPOCH) // timedelta(microseconds=1)
    [(position,)] = log.rows(
        f"SELECT coalesce(max(position), 0) FROM log WHERE recorded_us <= {microseconds}"
    )
    return Known(position, moment)


def _known_at(log: Reading, position: int) -> Known:
    found = [us for (us,) in log.rows(f"SELECT recorded_us FROM log WHERE position = {position}")]
    return Known(position, _time(found[0]) if found else None)


def _today(log: Reading, manifest: Manifest, now: datetime) -> date:
    """The clock's day; in a re-enactment the day of the newest event."""
    newest = _known_at(log, manifest.reached).time
    return practice_day(now if manifest.mode is Mode.LIVE or newest is None else newest)


def _practices(log: Reading, scope: Scope, known_at: int) -> Collection[str] | None:
    """The practices a scope names; None: all."""
    if scope.practice is not None:
        return [scope.practice]
    if scope.region is None:
        return None
    entered = log.rows(
        f"SELECT DISTINCT {_field('practice')} FROM log "
        f"WHERE topic = '{EntryRecorded.TOPIC}' AND position <= {known_at}"
    )
    codes = {code for (code,) in entered}
    listed: dict[str, list[Kept]] = {code: [] for code in codes}
    for kept in _kept(
        log.rows(
            f"SELECT {_COLUMNS} FROM log WHERE topic = '{PracticeListed.TOPIC}' "
            f"AND position <= {known_at} ORDER BY position"
        )
    ):
        code = practice_of(kept.stream)
        if code is not None and code in codes:
            listed[code].append(kept)
    return in_region(listed, scope.region)


def _bearing(told: Told) -> str:
    return f"position <= {told.known_at} AND topic IN ({_texts(topics_bearing_on(told.policy))})"


def _pooled(policy: Policy) -> str:
    """Of an event: that it is a refusal of something close by that the policy takes for a dissent."""
    if not policy.pooled_codes:
        return "FALSE"
    return (
        f"(topic = '{NeighbourRecorded.TOPIC}' AND {_field('code')} IN "
        f"({_texts(policy.pooled_codes)}))"
    )


def _of_topics(told: Told, *events: type[Event]) -> str:
    topics = _texts(event.TOPIC for event in events)
    return (
        f"SELECT {_COLUMNS} FROM log WHERE position <= {told.known_at} AND topic IN ({topics}) "
        "ORDER BY position"
    )


def _sifting(told: Told) -> str:
    """What has to be looked at of those who are asked about, in their order and the log's.

    An entry is plain where no edge of precedence-1 can touch it: its code is exactly ours, it counts
    from a whole effective date that is no later than the day it was entered, and it was entered
    before type 2 ended. That day is told in UTC, so at the practice it is this one or the next.
    Where all that is known of a patient is plain entries, on one day no two of a purpose, the latest
    that has come decides; all others of that purpose are left where they are.
    """
    plain = f"""
        contains(told, '"near":false') AND NOT contains(told, '"term_says":')
        AND contains(told, '"before_birth":false') AND told LIKE '%,"v":{EntryRecorded.VERSION}}}'
        AND effective_on <> '' AND effective_on <= entered_on
        AND effective_on NOT IN ({_texts(map(str, SYSTEM_DEFAULT_DATES))})
        AND (purpose <> '{Purpose.TYPE_2}' OR entered_on < '{TYPE_2_ENDED_ON}')
    """
    return f"""
        WITH bearing AS (
            SELECT * FROM log JOIN asked USING (stream) WHERE {_bearing(told)}
        ),
        entries AS (
            SELECT
                stream, position, told,
                {_field("purpose")} AS purpose,
                {_field("effective_on")} AS effective_on,
                substr(regexp_extract(told, '"entered_at":"([^"]+Z)"', 1), 1, 10) AS entered_on,
                CAST(nullif(regexp_extract(told, '"replaces":([0-9]+)', 1), '') AS BIGINT) AS replaces
            FROM bearing WHERE topic = '{EntryRecorded.TOPIC}'
        ),
        standing AS (
            SELECT entries.*, {plain if told.policy is PRECEDENCE_1 else "FALSE"} AS plain
            FROM entries
            LEFT JOIN (SELECT replaces AS replaced FROM entries) AS newer
                ON newer.replaced = entries.position
            WHERE newer.replaced IS NULL
        ),
        touched AS (
            SELECT stream FROM bearing WHERE topic <> '{EntryRecorded.TOPIC}'
            UNION
            SELECT stream FROM standing WHERE NOT plain
            UNION
            SELECT stream FROM standing GROUP BY stream, purpose, effective_on HAVING count(*) > 1
            UNION
            SELECT entries.stream FROM entries
            LEFT JOIN standing
                ON standing.stream = entries.stream AND standing.purpose = entries.purpose
            WHERE standing.stream IS NULL
        ),
        deciding AS (
            SELECT position FROM (
                SELECT position, row_number() OVER (
                    PARTITION BY stream, purpose
                    ORDER BY
                        CASE WHEN effective_on <= '{told.at}' THEN 0 ELSE 1 END, effective_on DESC
                ) AS place
                FROM standing
            ) AS placed
            WHERE place = 1
        )
        SELECT {", ".join(f"bearing.{name}" for name in _COLUMNS.split(", "))}
        FROM bearing
        LEFT JOIN touched ON touched.stream = bearing.stream
        LEFT JOIN deciding ON deciding.position = bearing.position
        WHERE touched.stream IS NOT NULL OR deciding.position IS NOT NULL
        ORDER BY bearing.ordinal, bearing.position
    """


def _field(name: str) -> str:
    """The text of a field, empty where there is none.

    The bytes are canonical JSON: no blank stands between a name and its value, and a quotation mark
    within a text is escaped, so no text can look like a field.
    """
    return f"""regexp_extract(told, '"{name}":"([^"]+)"', 1)"""


def _texts(texts: Iterable[str]) -> str:
    """Texts of ours, as a list."""
    return ", ".join(f"'{text}'" for text in sorted(texts))


def _kept(rows: Iterable[tuple[Any, ...]]) -> Iterator[Kept]:
    for position, stream, version, topic, recorded_us, state in rows:
        event = codec.from_bytes(topic, bytes(state))
        yield Kept(position, stream, version, _time(recorded_us), event)


def _time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)
