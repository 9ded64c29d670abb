"""Is an archive sifted without losing what decides? Plain entries, and entries at every edge."""

import os
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from uuid import UUID

import polars as pl
import pytest

from ledger import projector
from ledger.application import Ledger
from ledger.application.archive_engines import ArchiveEngine, reading
from ledger.application.archived import _sifting, replayed
from ledger.application.archiving import archive
from ledger.application.records import ReplayRecord
from ledger.application.replaying import Told
from ledger.application.scopes import EVERYBODY, Scope
from ledger.application.standpoint import Known
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import WhyWithheld
from ledger.domain.events import (
    Died,
    EntryRemoved,
    Event,
    LedgerOpened,
    Mode,
    NumberSuperseded,
    PracticeListed,
    RecordWithheld,
)
from ledger.domain.policies import PRECEDENCE_1
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import AnotherLog, NotAFact, PastTheEnd, SealBroken, UnknownThing
from ledger.domain.streams import LEDGER, patient_stream, practice_stream
from ledger.projections.statements import STATEMENTS
from ledger.store import codec
from ledger.store.append import NewEvent, import_events
from ledger.store.archive.manifest import finished
from ledger.store.engine import open_engine
from ledger.store.seal import seal
from tests.builders import a_code, a_dissent, a_withdrawal, an_entry
from tests.databases import Databases
from tests.integration.test_seal import SIGNER

HERE, THERE = "X99901", "X99902"
NOW = datetime(2018, 12, 1, tzinfo=UTC)
TOLD = [datetime(2018, 11, 1, 12, tzinfo=UTC), datetime(2018, 11, 2, 12, tzinfo=UTC)]
DAYS = [date(2018, 10, 8) + timedelta(days=n) for n in range(8)]
OCTOBER = [None, *(date(2018, 10, day) for day in range(1, 32))]


def noon(day: int, hour: int = 12) -> datetime:
    return datetime(2018, 10, day, hour, tzinfo=UTC)


def on(day: int, **told: object) -> Event:
    """A dissent of that day in October 2018, entered at noon."""
    return a_dissent(**{"effective_on": OCTOBER[day], "entered_at": noon(day), **told})


def ended(day: int, **told: object) -> Event:
    """A withdrawal of that day, entered at noon."""
    return a_withdrawal(**{"effective_on": OCTOBER[day], "entered_at": noon(day), **told})


TYPE_2 = {"purpose": Purpose.TYPE_2, "code": "XaaVL"}
# Patients one behind another, and each one's events; the second day's stand behind the None.
EDGES: Sequence[Sequence[Event | None]] = (
    [on(9), ended(11), on(13)],
    [on(9), on(9, practice=THERE)],
    [on(9), ended(9)],
    [on(9, effective_on=None)],
    [on(9, effective_on=OCTOBER[10]), ended(10, effective_on=OCTOBER[12])],
    [on(9, effective_on=OCTOBER[11], entered_at=noon(9, 23)), ended(10)],
    [on(9, effective_on=date(1970, 1, 1)), ended(10, effective_on=date(1900, 1, 1))],
    [on(9, entered_at=None), ended(11, effective_on=OCTOBER[8])],
    [ended(9), on(9, near=True)],
    [ended(9, term_says=Statement.DISSENT)],
    [on(9, before_birth=True)],
    # The night on which type 2 ended, by the practice's clock and by UTC's.
    [on(10, **TYPE_2, entered_at=noon(11, 22))],
    [on(10, **TYPE_2, entered_at=noon(11, 23))],
    [on(9, **TYPE_2), ended(12, **TYPE_2)],
    [on(9), Died(practice=HERE, died_on=OCTOBER[8], by="a test")],
    [ended(9), None, RecordWithheld(
        practice=THERE, asked_at=noon(10), answer=WhyWithheld.NO_PATIENT_CONSENT, by="a test"
    )],
    [RecordWithheld(
        practice=THERE, asked_at=noon(10), answer=WhyWithheld.NO_PATIENT_CONSENT, by="a test"
    )],
    [on(9), None, on(12, replaces=-1)],
    [on(9), None, on(12, **TYPE_2, replaces=-1)],
    [on(9), None, EntryRemoved(
        practice=HERE, clinical_system=ClinicalSystem.SYSTMONE, entry_id="1", removes=-1, by="a test"
    ), ended(12)],
    # Whose number became the next one's, who have something of their own.
    [on(9), None, NumberSuperseded(superseded_by=str(UUID(int=22, version=4)), by="a test")],
    [ended(11)],
    # The latest is at an edge, and does not count from its date: another one decides.
    [on(9), ended(10, near=True)],
    [on(9), ended(10, before_birth=True)],
    [on(9), ended(11, entered_at=noon(9))],
    [on(9, **TYPE_2), an_entry(
        Statement.WITHDRAWAL, purpose=Purpose.TYPE_2, effective_on=OCTOBER[10],
        entered_at=noon(11, 23),
    )],
    [ended(9), on(10, effective_on=date(1970, 1, 1))],
    [ended(9), on(10, effective_on=None)],
    [on(9), ended(9), ended(10), None, EntryRemoved(
        practice=HERE, clinical_system=ClinicalSystem.SYSTMONE, entry_id="1", removes=-1,
        by="a test",
    )],
    [ended(9, term_says=Statement.DISSENT), ended(9)],
)  # fmt: skip


class Filled(NamedTuple):
    """A ledger and its archive."""

    ledger: Ledger
    folder: Path


def a_log(cases: Sequence[Sequence[Event | None]]) -> list[tuple[str, int, int, Event]]:
    """Stream, version, which day it is told on, and the event; -1 is the position of the patient's
    first.
    """
    first = dict.fromkeys(range(len(cases)), 0)
    log: list[tuple[str, int, int, Event]] = []
    for day in range(2):
        for n, case in enumerate(cases):
            stream = patient_stream(UUID(int=n + 1, version=4))
            parted = case.index(None) if None in case else len(case)
            told = case[:parted] if day == 0 else case[parted + 1 :]
            for version, event in enumerate(told, start=1 + (parted if day else 0)):
                assert event is not None, "only one day follows another"
                first[n] = first[n] or len(log) + 2
                refers = {
                    name: first[n]
                    for name in ("replaces", "removes")
                    if getattr(event, name, None) == -1
                }
                log.append((stream, version, day, event.model_copy(update=refers)))
    return log


@pytest.fixture(scope="module")
def filled(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    """The edges, and three hundred who are at none or at several of them by chance."""
    dice = Random(2018)
    log = a_log([*EDGES, *(by_chance(dice) for _ in range(300))])
    folder = tmp_path_factory.mktemp("archived") / "archive"
    with databases.copy() as url:
        engine = open_engine(url)
        with engine.begin() as connection:
            listed = PracticeListed(
                name="Here", status="A", gp_practice=True, commissioner="X99C", by="a test"
            )
            opened = LedgerOpened(name="edges", mode=Mode.RE_ENACTMENT, by="a test")
            for day, recorded_at in enumerate(TOLD):
                new = [] if day else [NewEvent(LEDGER, 1, opened.TOPIC, codec.to_bytes(opened))]
                new += [
                    NewEvent(stream, version, event.TOPIC, codec.to_bytes(event))
                    for stream, version, told_on, event in log
                    if told_on == day
                ]
                if day:
                    name = practice_stream(HERE)
                    new.append(NewEvent(name, 1, listed.TOPIC, codec.to_bytes(listed)))
                import_events(connection, new, recorded_at=recorded_at)
        projector.catch_up(engine, [STATEMENTS])
        seal(engine, SIGNER)
        ledger = Ledger(engine, clock=lambda: NOW)
        archive(ledger, folder, width=64)
        yield Filled(ledger, folder)
        engine.dispose()


def by_chance(dice: Random) -> list[Event | None]:
    """A few entries, most of them plain."""
    found: list[Event | None] = []
    for _ in range(dice.choice((1, 1, 2, 3))):
        effective_on = dice.choice(DAYS)
        late = timedelta(days=dice.choice((0, 0, 1, 2)), hours=dice.randrange(24))
        purpose = dice.choice((Purpose.TYPE_1, Purpose.TYPE_2))
        statement = dice.choice(tuple(Statement))
        found.append(
            an_entry(
                statement,
                purpose=purpose,
                code=a_code(purpose, statement),
                practice=dice.choice((HERE, THERE)),
                effective_on=effective_on,
                entered_at=datetime(*effective_on.timetuple()[:3], tzinfo=UTC) + late,
                near=dice.random() < 0.05,
            )
        )
    return found


@pytest.mark.parametrize("known_at", [None, 300, TOLD[0]])
@pytest.mark.parametrize("at", DAYS, ids=str)
def test_at_every_edge_the_archive_says_what_the_database_says(
    filled: Filled, at: date, known_at: int | datetime | None
) -> None:
    by_tables = filled.ledger.replay(at=at, known_at=known_at)
    with replayed(
        filled.folder, EVERYBODY, at=at, known_at=known_at, now=NOW, ledger=filled.ledger
    ) as by_archive:
        lines = list(by_archive.lines)

    assert by_archive.known == by_tables.known
    assert lines == list(by_tables.lines)
    assert len(lines) > 100


@pytest.mark.parametrize(
    "scope", [Scope(practice=THERE), Scope(region="x99c"), Scope(practice="'")]
)
def test_of_a_practice_or_a_region_it_says_the_same(filled: Filled, scope: Scope) -> None:
    by_tables = list(filled.ledger.replay(scope, at=DAYS[-1]).lines)
    with replayed(filled.folder, scope, at=DAYS[-1], now=NOW, ledger=filled.ledger) as told:
        assert list(told.lines) == by_tables


def test_without_the_ledger_each_line_names_a_random_id(filled: Filled) -> None:
    with replayed(filled.folder, EVERYBODY, at=DAYS[-1], now=NOW) as told:
        lines = list(told.lines)

    by_tables = [
        ReplayRecord(**{**line.model_dump(), "patient": lines[n].patient})
        for n, line in enumerate(filled.ledger.replay(at=DAYS[-1]).lines)
    ]
    assert lines == by_tables
    assert lines[0].patient == str(UUID(int=1, version=4))


def test_of_plain_entries_only_the_one_that_decides_is_looked_at(filled: Filled) -> None:
    looked_at: dict[int, list[int]] = {}
    told = Told(DAYS[-1], Known(10**6, NOW), PRECEDENCE_1)
    files = [filled.folder / held.name for held in finished(filled.folder).ranges]
    streams = {patient_stream(UUID(int=n + 1, version=4)): n for n in range(len(EDGES))}
    with reading(ArchiveEngine.DUCKDB, files, master="") as log:
        log.put("asked", pl.DataFrame({"stream": list(streams)}).with_row_index("ordinal"))
        for _, stream, *_ in log.rows(_sifting(told)):
            looked_at.setdefault(streams[stream], []).append(1)

    # Of the first three entries one; of what stands at an edge all.
    told_of = {n: sum(event is not None for event in case) for n, case in enumerate(EDGES)}
    sifted = {n for n, count in told_of.items() if len(looked_at[n]) < count}
    assert sifted == {0, 17}
    assert len(looked_at[0]) == len(looked_at[17]) == 1


# --- what is refused


@pytest.mark.parametrize(
    ("known_at", "why"),
    [
        (10**6, "the archive ends at position"),
        (TOLD[1], "nobody can tell from it"),
        (date(2018, 11, 2), "nobody can tell from it"),
    ],
)
def test_a_point_past_the_archives_end_is_told(
    filled: Filled, known_at: int | datetime, why: str
) -> None:
    asked = replayed(filled.folder, EVERYBODY, known_at=known_at, now=NOW)

    with pytest.raises(PastTheEnd, match=why), asked:
        pass


def test_what_was_known_before_the_first_event_is_nothing(filled: Filled) -> None:
    with replayed(filled.folder, EVERYBODY, known_at=date(2018, 1, 1), now=NOW) as told:
        assert (told.known.position, list(told.lines)) == (0, [])


def test_a_file_that_was_altered_is_not_asked(filled: Filled, tmp_path: Path) -> None:
    for path in filled.folder.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    damaged = tmp_path / finished(tmp_path).ranges[1].name
    damaged.write_bytes(damaged.read_bytes()[:-1])

    with pytest.raises(SealBroken, match=damaged.name), replayed(tmp_path, EVERYBODY, now=NOW):
        pass


def test_another_ledger_names_nobody_in_it(filled: Filled, databases: Databases) -> None:
    with databases.copy() as url:
        engine = open_engine(url)
        asked = replayed(filled.folder, EVERYBODY, now=NOW, ledger=Ledger(engine))
        with pytest.raises(AnotherLog, match="another log than the ledger at hand"), asked:
            pass
        engine.dispose()


def test_whom_an_archive_cannot_tell_of_is_said(filled: Filled) -> None:
    for scope, refusal in ((Scope("9990000018"), NotAFact), (Scope(region="X9"), UnknownThing)):
        with pytest.raises(refusal), replayed(filled.folder, scope, now=NOW):
            pass


# --- Spark


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_spark_finds_what_duckdb_finds(filled: Filled) -> None:
    if reason := os.environ.get("LEDGER_NO_SPARK"):
        pytest.skip(f"not run, no Spark: {reason}")

    def told(engine: ArchiveEngine, scope: Scope, at: date) -> list[ReplayRecord]:
        asked = replayed(filled.folder, scope, at=at, now=NOW, engine=engine, master="local[2]")
        with asked as answer:
            return list(answer.lines)

    for scope, at in ((EVERYBODY, DAYS[3]), (Scope(practice=THERE), DAYS[-1])):
        by_duckdb = told(ArchiveEngine.DUCKDB, scope, at)
        assert told(ArchiveEngine.SPARK, scope, at) == by_duckdb
        assert len(by_duckdb) > 50
