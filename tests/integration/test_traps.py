"""What looks like an error and is none, at realistic size: does every rule stay quiet in PostgreSQL?

Whatever rules there are is asked, and nothing graver than a review may ever have been found, not
even for a while. The surge, the stale week and the new denominator are those of the published
dashboard of 2021 (E20, tests/data/dashboard): a week is a collection. Its people are divided by
5,000, its population by 20,000, and its days are five years earlier, when type 2 was in force.
"""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from itertools import cycle, islice
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.domain.codes import CodeSystem
from ledger.domain.events import Mode
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.rule import Severity
from tests.builders import a_code
from tests.files import (
    PRACTICE,
    VISION_PRACTICE,
    Carried,
    Row,
    a_collection_file,
    a_systmone_delivery,
    a_systmone_entry,
    a_systmone_patient,
    a_vision_delivery,
    a_vision_entry,
    a_vision_patient,
    an_entries_file,
    the_delivery,
)
from tests.nhs_numbers import nhs_numbers
from tests.registers import a_line, epraccur

DASHBOARD = Path(__file__).parents[1] / "data" / "dashboard" / "england-2021.csv"
PEOPLE_IN, POPULATION_IN, YEARS = 5_000, 20_000, 5
NUMBERS = nhs_numbers(3_100)
TYPE_1, TYPE_2 = Purpose.TYPE_1, Purpose.TYPE_2


class Of(NamedTuple):
    """A practice: its code, its system and the vocabulary that is the system's own."""

    practice: str
    system: str
    supplier: str
    vocabulary: CodeSystem

    def carries(self, number: str) -> Carried:
        code = a_code(TYPE_2, Statement.DISSENT, self.vocabulary)
        return Carried(number, self.practice, self.supplier, self.vocabulary.value, code)


SYSTMONE = Of(PRACTICE, "SystmOne", "TPP", CodeSystem.CTV3)
EMIS = Of("X99902", "EMIS Web", "EMIS", CodeSystem.READ_V2)
VISION = Of(VISION_PRACTICE, "Vision", "INPS", CodeSystem.READ_V2)
EVOLUTION = Of("X99904", "Evolution", "MICROTEST", CodeSystem.READ_V2)
ALL = (SYSTMONE, EMIS, VISION, EVOLUTION)


class Week(NamedTuple):
    """A line of the dashboard."""

    objecting: int
    population: int


def the_dashboard() -> Mapping[date, Week]:
    """The published weeks, at our scale."""
    with DASHBOARD.open(newline="") as file:
        return {
            (day := datetime.strptime(row["Date"], "%d/%m/%Y").date()).replace(  # noqa: DTZ007  a day
                year=day.year - YEARS
            ): Week(
                round(int(row["Opt-Out Count"].replace(",", "")) / PEOPLE_IN),
                round(int(row["Population"].replace(",", "")) / POPULATION_IN),
            )
            for row in csv.DictReader(file)
        }


class World:
    """Practices that list what they enter, and the collections they take part in."""

    def __init__(self, ledger: Ledger, where: Path) -> None:
        self.ledger = ledger
        self.where = where
        self.folders = iter(range(1_000))

    def takes_in(self, path: Path) -> int:
        record = self.ledger.ingest(the_delivery(path))
        assert record.state == "accepted", record
        self.ledger.catch_up()
        return record.entries_kept

    def enters(self, of: Of, lines: Sequence[Row], on: date) -> None:
        path = an_entries_file(self._folder(), dated=on, lines=lines, practice=of.practice)
        assert self.takes_in(path) == len(lines)

    def collects(self, period_end: date, members: Sequence[Carried]) -> None:
        # Named by the day, for they may come more often than monthly.
        path = a_collection_file(
            self._folder(),
            period_end=period_end,
            members=members,
            collection=period_end.isoformat(),
        )
        self.takes_in(path)

    def alarms(self, *, state: str = "all") -> list[tuple[str, str | None, str]]:
        """What was ever found that is graver than a review."""
        grave = (Severity.BREACH, Severity.ERROR)
        findings = [f for s in grave for f in self.ledger.findings(severity=s, state=state)]
        return [(f.rule, f.practice, f.summary) for f in findings]

    def _folder(self) -> Path:
        return self.where / str(next(self.folders))


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    ledger = Ledger(engine)
    ledger.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2014, 1, 1))
    return World(ledger, tmp_path)


def said(
    of: Of,
    number: str,
    entered: datetime,
    *,
    purpose: Purpose = TYPE_2,
    effective: date | None = None,
    **columns: str,
) -> Row:
    """A line of an entries file: a dissent, meant from the day it was entered."""
    code = a_code(purpose, Statement.DISSENT, of.vocabulary)
    return {
        "PracticeCode": of.practice,
        "EntryId": f"{code}{of.system[:2]}{entered:%y%m%d}-p{NUMBERS.index(number)}",
        "NHSNumber": number,
        "Code": code,
        "EffectiveDate": (effective or entered.date()).isoformat(),
        "EnteredAt": f"{entered.isoformat()}Z",
        "EnteredBy": f"u{entered.minute % 7}",
        "Action": "record",
        "ClinicalSystem": of.system,
        "CodeSystem": of.vocabulary.value,
        **columns,
    }


def opening_hours(days: Sequence[date], how_many: int) -> Iterator[datetime]:
    """So many moments, spread over the opening hours of these days."""
    apart = timedelta(minutes=8 * 60 * len(days) / max(1, how_many))
    for n in range(how_many):
        into_day, day = (n * apart) % timedelta(hours=8), int((n * apart) / timedelta(hours=8))
        yield datetime.combine(days[day], time(9)) + into_day


def shared(numbers: Sequence[str]) -> Iterator[tuple[Of, list[str]]]:
    """People in turn at each practice."""
    for n, of in enumerate(ALL):
        yield of, list(numbers[n :: len(ALL)])


def object_in_the_week_to(world: World, end: date, people: Sequence[str]) -> None:
    """They object at their practices, and these tell of it on the last day of the week."""
    days = [end - timedelta(days=n) for n in range(6, -1, -1)]
    for of, theirs in shared(people):
        moments = opening_hours(days, len(theirs))
        lines = [said(of, number, at) for number, at in zip(theirs, moments, strict=True)]
        if lines:
            world.enters(of, lines, end)


def members(people: Sequence[str]) -> list[Carried]:
    return [of.carries(number) for of, theirs in shared(people) for number in theirs]


def live_through(world: World, weeks: Sequence[date], *, stale: date | None = None) -> None:
    """Each week brings as many as the dashboard says, and a collection of everybody so far; the
    stale one that of the week before, although half of the next week's were entered by then.
    """
    board = the_dashboard()
    first = weeks[0]
    before = [first - timedelta(days=n) for n in range(400, 30, -1)]
    known: list[list[str]] = [[] for _ in ALL]
    fresh = iter(NUMBERS)

    def enter(end: date, how_many: int) -> None:
        new = list(islice(fresh, how_many))
        object_in_the_week_to(world, end, new)
        for (_, theirs), there in zip(shared(new), known, strict=True):
            there.extend(theirs)

    def carried() -> list[Carried]:
        pairs = zip(ALL, known, strict=True)
        return [of.carries(number) for of, theirs in pairs for number in theirs]

    for of, theirs in shared(list(islice(fresh, board[first].objecting))):
        moments = opening_hours(before, len(theirs))
        world.enters(
            of, [said(of, n, at) for n, at in zip(theirs, moments, strict=True)], before[-1]
        )
        known[ALL.index(of)] += theirs
    last = carried()
    world.collects(first, last)
    for end in weeks[1:]:
        now = sum(map(len, known))
        if end == stale:
            next_week = board[end + timedelta(days=7)].objecting
            enter(end, (next_week - now) // 2)
            world.collects(end, last)
            continue
        enter(end, board[end].objecting - now)
        last = carried()
        world.collects(end, last)


def test_the_excerpt_holds_the_three_traps() -> None:
    with DASHBOARD.open(newline="") as file:
        count = {
            row["Date"]: int(row["Opt-Out Count"].replace(",", "")) for row in csv.DictReader(file)
        }

    assert count["09/06/2021"] - count["02/06/2021"] == 569_376
    assert count["11/08/2021"] == count["18/08/2021"]
    assert count["06/10/2021"] > count["29/09/2021"]


@pytest.mark.slow
def test_a_week_of_publicity_brings_very_many_objections(world: World) -> None:
    weeks = [date(2016, 5, 26), date(2016, 6, 2), date(2016, 6, 9), date(2016, 6, 16)]

    live_through(world, weeks)

    board = the_dashboard()
    assert board[weeks[2]].objecting - board[weeks[1]].objecting == 114
    assert world.alarms() == []


@pytest.mark.slow
def test_a_week_whose_figures_are_those_of_the_week_before(world: World) -> None:
    weeks = [date(2016, 8, 4), date(2016, 8, 11), date(2016, 8, 18), date(2016, 8, 25)]

    live_through(world, weeks, stale=date(2016, 8, 18))

    # A person looks: the supplier may have sent an old extract once more.
    assert {f.practice for f in world.ledger.findings(rule="TX06", state="closed")}
    assert world.alarms() == []


def test_a_rate_that_falls_because_the_population_was_counted_anew(world: World) -> None:
    board = the_dashboard()
    before, after = board[date(2016, 9, 29)], board[date(2016, 10, 6)]
    assert after.population > before.population
    number = dict(enumerate(NUMBERS[: after.population], 1))
    for day, week in ((date(2016, 9, 29), before), (date(2016, 10, 6), after)):
        objecting = week.objecting * PEOPLE_IN // POPULATION_IN
        entered = dict(zip(number, opening_hours([date(2016, 3, 1)], objecting), strict=False))
        path = a_systmone_delivery(
            world.where,
            ends=datetime.combine(day, time(22)),
            entries=[
                a_systmone_entry(10_000 + row, patient=row, effective_on=at.date(), entered_at=at)
                for row, at in entered.items()
            ],
            patients=[
                a_systmone_patient(row, number[row]) for row in range(1, week.population + 1)
            ],
        )
        world.takes_in(path)

    assert len(world.ledger.findings(state="all")) == 0


def test_gp2gp_brings_old_entries_to_the_new_practice(world: World) -> None:
    people, moving = NUMBERS[:60], NUMBERS[:40]
    at = dict(
        zip(people, opening_hours([date(2015, 2, 3), date(2015, 2, 4)], len(people)), strict=True)
    )
    moved = dict(
        zip(moving, opening_hours([date(2016, 9, 12), date(2016, 9, 13)], len(moving)), strict=True)
    )
    for day, purpose in ((date(2015, 2, 27), TYPE_1), (date(2015, 2, 28), TYPE_2)):
        lines = [said(SYSTMONE, n, when, purpose=purpose) for n, when in at.items()]
        world.enters(SYSTMONE, lines, day)
    world.collects(date(2016, 8, 31), [SYSTMONE.carries(n) for n in people])
    for day, purpose in ((date(2016, 9, 29), TYPE_1), (date(2016, 9, 30), TYPE_2)):
        lines = [
            said(EMIS, n, now, purpose=purpose, effective=at[n].date(), RegisteredOn="2016-09-05")
            for n, now in moved.items()
        ]
        world.enters(EMIS, lines, day)
    stayed = [SYSTMONE.carries(n) for n in people if n not in moved]
    world.collects(date(2016, 9, 30), [*stayed, *map(EMIS.carries, moving)])

    assert world.alarms() == []


def test_a_practice_takes_its_entries_to_another_system_with_their_own_dates(world: World) -> None:
    people = NUMBERS[:60]
    at = list(opening_hours([date(2015, 2, 3), date(2015, 6, 4)], len(people)))
    new = EMIS._replace(practice=SYSTMONE.practice, vocabulary=CodeSystem.READ_V2)
    then = [said(SYSTMONE, n, when) for n, when in zip(people, at, strict=True)]
    now = [said(new, n, when) for n, when in zip(people, at, strict=True)]

    world.enters(SYSTMONE, then, date(2015, 6, 30))
    for end in (date(2016, 4, 30), date(2016, 5, 31)):
        world.collects(end, [SYSTMONE.carries(n) for n in people])
    world.enters(new, now, date(2016, 6, 15))
    for end in (date(2016, 6, 30), date(2016, 7, 31)):
        world.collects(end, [new.carries(n) for n in people])

    assert world.alarms() == []


def test_a_practice_merges_into_another(world: World) -> None:
    people = NUMBERS[:60]
    at = list(opening_hours([date(2015, 2, 3), date(2015, 6, 4)], len(people)))
    world.enters(
        SYSTMONE, [said(SYSTMONE, n, w) for n, w in zip(people, at, strict=True)], date(2015, 6, 30)
    )
    world.enters(EMIS, [said(EMIS, NUMBERS[70], at[0])], date(2015, 6, 30))
    its_own = EMIS.carries(NUMBERS[70])
    world.collects(date(2016, 4, 30), [*map(SYSTMONE.carries, people), its_own])
    register = epraccur(
        world.where / "register",
        a_line("X99901", status="C", closed="20160531"),
        a_line("X99902", name="A SURGERY AND ANOTHER", commissioner="99Y"),
    )
    world.ledger.import_practices(register)
    for end in (date(2016, 5, 31), date(2016, 6, 30), date(2016, 7, 31)):
        world.collects(end, [*map(EMIS.carries, people), its_own])

    assert world.alarms() == []


def test_choices_are_restated(world: World) -> None:
    people = NUMBERS[:60]
    for day in (date(2016, 3, 7), date(2016, 5, 9)):
        at = opening_hours([day, day + timedelta(days=1)], len(people))
        lines = [said(SYSTMONE, n, when) for n, when in zip(people, at, strict=True)]
        world.enters(SYSTMONE, lines, day + timedelta(days=7))
        end = date(2016, 3, 31) if day.month == 3 else date(2016, 5, 31)
        world.collects(end, [SYSTMONE.carries(n) for n in people])

    assert {f.rule for f in world.ledger.findings(state="all")} == {"CO12"}


def test_a_collection_is_loaded_late(world: World) -> None:
    ends = [date(2016, 4, 30), date(2016, 5, 31), date(2016, 6, 30)]
    everybody: list[str] = []
    collections = {}
    for n, end in enumerate(ends):
        new = NUMBERS[n * 40 : n * 40 + 40]
        at = opening_hours([end - timedelta(days=days) for days in (20, 19, 18)], len(new))
        world.enters(
            SYSTMONE, [said(SYSTMONE, p, when) for p, when in zip(new, at, strict=True)], end
        )
        everybody += new
        collections[end] = [SYSTMONE.carries(number) for number in everybody]

    for end in (ends[0], ends[2], ends[1]):
        world.collects(end, collections[end])

    assert world.alarms() == []


def test_a_delivery_is_loaded_late(world: World) -> None:
    """Until it comes, the collection knows of people whom the practice has not told of: TX07 waits."""
    known, late = NUMBERS[:40], NUMBERS[40:80]
    at = opening_hours([date(2016, 3, 7), date(2016, 3, 8)], len(known))
    then = opening_hours([date(2016, 5, 9), date(2016, 5, 10)], len(late))
    first = [said(SYSTMONE, n, when) for n, when in zip(known, at, strict=True)]
    second = [said(SYSTMONE, n, when) for n, when in zip(late, then, strict=True)]
    world.enters(SYSTMONE, first, date(2016, 3, 31))
    world.collects(date(2016, 4, 30), [SYSTMONE.carries(n) for n in known])
    world.collects(date(2016, 5, 31), [SYSTMONE.carries(n) for n in NUMBERS[:80]])

    world.enters(SYSTMONE, second, date(2016, 7, 8))

    assert world.alarms() == []


def test_a_practice_delivers_for_the_first_time(world: World) -> None:
    people = NUMBERS[:60]
    days = [date(2015, 1, 5) + timedelta(days=7 * n) for n in range(60)]
    for end in (date(2016, 4, 30), date(2016, 5, 31), date(2016, 6, 30)):
        world.collects(end, [VISION.carries(n) for n in people])
    path = a_vision_delivery(
        world.where / "vision",
        dated=datetime(2016, 7, 15, 20, 5),  # noqa: DTZ001  a practice's clock
        patients=[a_vision_patient(n, number) for n, number in enumerate(people, 1)],
        entries=[
            a_vision_entry(1, patient=n, on=day, CODE="9Nu4.00", RECORDED_DATE="")
            for n, day in zip(range(1, 61), cycle(days), strict=False)
        ],
    )
    world.takes_in(path)

    assert world.alarms() == []
