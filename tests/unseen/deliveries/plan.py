"""In which order is everything taken in, and with which verb?

Files are written below one folder a day. A day is taken in whole; what comes late lies in the
folder of the day on which it came.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from tests.unseen.deliveries import emis, ours, register, tpp, vision
from tests.unseen.practices import (
    EMIS,
    EVOLUTION,
    LATE_DELIVERER,
    MERGED_ON,
    MIGRATED_ON,
    TPP,
    VISION,
)  # fmt: skip
from tests.unseen.record import Membership, Row
from tests.unseen.when import ENDS, OPENED, PERIODS, collected, evening
from tests.unseen.world import World

_CLOSURES_KNOWN = date(2018, 7, 2)
_LATE = date(2017, 4, 20)


class Step(NamedTuple):
    """One call of the command line, on that day."""

    on: date
    arguments: tuple[str, ...]


def plan(world: World, where: Path) -> list[Step]:
    """Write every file, and say which verb takes which; by day, register first, releases last."""
    steps = [*_registers(world, where / "register"), *_releases(world, where / "releases")]
    days = where / "days"
    _deliveries(world, days)
    _nation(world, days)
    for on in {one.at.date() for one in world.settings}:
        ours.settings(world, on, days / on.isoformat())
    steps += [
        Step(date.fromisoformat(day.name), ("ingest", str(day))) for day in sorted(days.iterdir())
    ]
    rank = {"practices": 0, "ingest": 1, "release": 2}
    return sorted(steps, key=lambda step: (step.on, rank[step.arguments[0]]))


def _registers(world: World, where: Path) -> Iterator[Step]:
    for on in (OPENED, MIGRATED_ON, _CLOSURES_KNOWN):
        listed = str(register.register(world, where, on=on))
        systems = str(register.systems(world, where, on=on))
        yield Step(on, ("practices", "import", listed, "--systems", systems))
    # Told some weeks after it happened.
    told = str(register.merger(where))
    yield Step(MERGED_ON + timedelta(days=35), ("practices", "import", told))


def _releases(world: World, where: Path) -> Iterator[Step]:
    where.mkdir(parents=True)
    for number, one in enumerate(world.releases):
        file = where / f"cohort-{number}.csv"
        file.write_text("".join(f"{number}\n" for number in ("NHSNumber", *one.numbers)))
        told = ["--recipient", one.recipient, "--purpose", one.purpose, "--released-at", one.at]
        told += [] if one.receipt is None else ["--receipt", one.receipt]
        told += [] if one.max_age is None else ["--max-age", str(one.max_age)]
        for code in one.relied_on:
            told += ["--relied-on", code]
        yield Step(date.fromisoformat(one.at[:10]), ("release", str(file), *told))


def _deliveries(world: World, days: Path) -> None:
    told: dict[tuple[str, str], datetime] = {}  # by practice and system: up to when
    for day in ENDS:
        groups: dict[tuple[ClinicalSystem, str, datetime | None], list[str]] = {}
        for practice in world.practices.values():
            if practice.joins > day or (practice.closes is not None and practice.closes <= day):
                continue
            system = practice.system(day)
            if day != ENDS[0] and not practice.feed and not _news(world, practice.code, day, told):
                continue
            after = None if day in practice.bulks else told.get((practice.code, system))
            feed = practice.feed or practice.code
            groups.setdefault((system, feed, after), []).append(practice.code)
            told[practice.code, system] = world.covers(practice.code, day)
        for (system, feed, after), codes in groups.items():
            on = _LATE if feed == LATE_DELIVERER and day not in _on_time(world) else day
            _deliver(world, system, codes, days / on.isoformat(), after=after, day=day)


def _news(world: World, code: str, day: date, told: dict[tuple[str, str], datetime]) -> bool:
    """Whether there is anything to tell of a practice whose files are its own."""
    practice = world.practices[code]
    system = practice.system(day)
    after, until = told.get((code, system)), world.covers(code, day)
    members = (one for who in world.people for one in who.memberships.values())
    heard = chain(
        (one.states.changed(after, until) for one in members if _is(one, code, system)),
        (one.states.changed(after, until) for one in world.rows if _is(one, code, system)),
    )
    return day in practice.bulks or any(heard)


def _is(one: Membership | Row, code: str, system: ClinicalSystem) -> bool:
    return (one.practice, one.system) == (code, system)


def _on_time(world: World) -> tuple[date, ...]:
    return tuple(world.practices[LATE_DELIVERER].delivers_on)


def _deliver(
    world: World,
    system: ClinicalSystem,
    codes: list[str],
    where: Path,
    *,
    after: datetime | None,
    day: date,
) -> None:
    until = evening(day)
    if system == TPP:
        tpp.deliver(world, codes, where, after=after, until=until)
    elif system == EMIS:
        emis.deliver(world, codes, where, after=after, until=until)
    elif system == VISION:
        for code in codes:
            vision.deliver(world, code, where, after=after, until=until)
    elif system == EVOLUTION:
        for code in codes:
            ours.entries(
                world, code, where, after=after, until=datetime.combine(day, datetime.min.time())
            )


def _nation(world: World, days: Path) -> None:
    for period in PERIODS:
        on = world.collected_late.get(period, collected(period))
        ours.collection(world, period, days / on.isoformat())
    for on in world.refused_batches:
        ours.refused_batch(world, on, days / on.isoformat())
    for on in ours.CONVERTED:
        ours.conversion(world, on, days / on.isoformat())


def together(steps: Sequence[Step]) -> list[Step]:
    """The same in fewer calls: what is taken in on one day after another, in one."""
    fewer: list[Step] = []
    for step in steps:
        if fewer and step.arguments[0] == fewer[-1].arguments[0] == "ingest":
            fewer[-1] = Step(fewer[-1].on, (*fewer[-1].arguments, *step.arguments[1:]))
        else:
            fewer.append(step)
    return fewer
