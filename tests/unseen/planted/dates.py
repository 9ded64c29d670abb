"""DT01 to DT05: dates that cannot be, or that leave a gap."""

from datetime import date, datetime, time, timedelta

from tests.unseen.practices import EMIS, EVOLUTION, TPP, VISION
from tests.unseen.record import Person, Row
from tests.unseen.when import begins, end
from tests.unseen.world import World

_DAY = timedelta(days=1)


def plant(world: World) -> None:
    """One rule after another."""
    _future(world)
    _impossible(world)
    _before_the_scheme(world)
    _before_registration(world)
    _late(world)


def _found(world: World, rule: str, who: Person, row: Row) -> None:
    entered = row.states.said[0][0]
    world.expect(rule, who, world.heard(row.practice, entered), after=entered.date())


def _future(world: World) -> None:
    entered = world.day(end(2016, 12))
    for system, what, days in (
        (TPP, "1+", 2), (EMIS, "1+", 30), (VISION, "1-", 2), (EVOLUTION, "2+", 365),
    ):  # fmt: skip
        who = world.person(system)
        if what == "1-":
            world.enter(who, "1+", date(2015, 3, 9))
        row = world.enter(who, what, entered, effective=entered + timedelta(days=days))
        _found(world, "DT01", who, row)
    for system in (TPP, EMIS, VISION):  # one day is no more than a day
        world.enter(world.person(system), "1+", entered, effective=entered + _DAY)


def _impossible(world: World) -> None:
    day = begins(end(2017, 4)) + timedelta(days=9)
    for system, default in (
        (TPP, date(1900, 1, 1)),
        (EMIS, date(1970, 1, 1)),
        (VISION, date(1900, 1, 1)),
    ):
        who = world.person(system)
        row = world.enter(who, "1+", day, effective=default)
        _found(world, "DT02", who, row)
        world.may("DT03 DT05", who, "its date is early too, but judged impossible already")
    unborn = world.person(TPP, born=date(2003, 6, 2), since=date(2003, 7, 1))
    row = world.enter(unborn, "1+", day, effective=date(2002, 3, 11))
    _found(world, "DT02", unborn, row)
    world.may("DT03 DT05", unborn, "its date is early too, but judged impossible already")
    for system in (EMIS, VISION):
        dead = world.person(system, died=day)
        row = world.enter(dead, "1+", day + 2 * _DAY, effective=day + _DAY)
        _found(world, "DT02", dead, row)
    # On the day of death, and on that of birth.
    world.enter(world.person(TPP, died=day), "1+", day)
    newborn = world.person(EMIS, born=day, since=day)
    row = world.enter(newborn, "1+", day)
    _found(world, "ID07", newborn, row)


def _before_the_scheme(world: World) -> None:
    began = date(2013, 9, 1)
    for system, what in ((TPP, "1+"), (EMIS, "2+"), (VISION, "1+"), (EVOLUTION, "1+")):
        who = world.person(system)
        row = world.enter(who, what, began + 9 * _DAY, effective=began - _DAY)
        _found(world, "DT03", who, row)
    for system in (TPP, EMIS):  # on the first day
        world.enter(world.person(system), "1+", began + 9 * _DAY, effective=began)


def _before_registration(world: World) -> None:
    since = date(2016, 10, 12)
    for system in (TPP, EMIS, VISION):
        who = world.person(system, since=since)
        row = world.enter(who, "1+", since - 12 * _DAY)
        world.expect("DT04", who, world.heard(row.practice, since), after=since - 12 * _DAY)
    for system in (TPP, EMIS):  # on the day itself
        world.enter(world.person(system, since=since), "1+", since)
    returned = world.person(TPP, since=date(2009, 4, 1))  # was registered there before
    world.enter(returned, "1+", date(2014, 4, 1))
    world.leave(returned, returned.at, date(2016, 5, 2))
    world.join(returned, returned.at, since)
    # It came along from the practice before, with the time at which it was entered there.
    moved = world.person(EMIS)
    row = world.enter(moved, "1+", date(2015, 4, 1))
    said = row.states.last()
    world.leave(moved, moved.at, since)
    world.join(moved, world.practice(TPP), since)
    assert said.entered is not None
    later = world.enter(moved, "1+", said.entered, heard=_morning(since), effective=said.effective)
    assert later.practice != row.practice
    world.quiet([moved], "a record that followed its patient (D9)")


def _late(world: World) -> None:
    entered = world.day(end(2017, 12))
    for system, what in ((TPP, "1+"), (EMIS, "2+"), (VISION, "1+"), (EVOLUTION, "2+")):
        who = world.person(system)
        row = world.enter(who, what, entered, effective=entered - 29 * _DAY)
        _found(world, "DT05", who, row)
        world.enter(world.person(system), what, entered, effective=entered - 28 * _DAY)


def _morning(day: date) -> datetime:
    """In the morning of that day."""
    return datetime.combine(day, time(9, 0))
