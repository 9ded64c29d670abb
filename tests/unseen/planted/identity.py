"""ID01 to ID09: whose objection is it, and where are they registered?"""

from dataclasses import replace
from datetime import date, timedelta

from tests.unseen.practices import (
    CLOSED,
    DORMANT,
    EMIS,
    EVOLUTION,
    ORDINARY,
    PRISON,
    TPP,
    UNLISTED,
    VISION,
)  # fmt: skip
from tests.unseen.record import Person
from tests.unseen.when import clock, end
from tests.unseen.world import World

_DAY = timedelta(days=1)


def plant(world: World) -> None:
    """One rule after another."""
    _numbers(world)
    _places(world)
    _two_practices(world)
    _movers(world)
    _children(world)
    _two_numbers(world)


def _numbers(world: World) -> None:
    day = world.day(end(2016, 8), early=True)
    no_check = "9991234560"
    for code, number in (
        (ORDINARY[TPP][0], ""),
        (ORDINARY[EMIS][0], no_check),
        (ORDINARY[VISION][0], ""),
        (ORDINARY[EVOLUTION][0], no_check),
    ):
        who = world.person(code, number=number)
        world.enter(who, "1+", day)
        world.expect("ID01", code, world.heard(code, day), after=day)
    # Nobody without a number objects here; and a number may be written with blanks.
    world.person(ORDINARY[TPP][1], number="")
    spaced = world.number()
    number = f"{spaced[:3]} {spaced[3:6]} {spaced[6:]}"
    for code in (ORDINARY[EMIS][1], ORDINARY[EVOLUTION][1]):
        world.enter(world.person(code, number=number), "1+", day)
        number = world.number()

    for code, dummy in (
        (ORDINARY[TPP][2], "9876543210"),
        (ORDINARY[VISION][1], "2222222222"),
        (ORDINARY[EMIS][3], "4444444444"),
    ):
        world.enter(world.person(code, number=dummy), "1+", day)
        world.expect("ID02", code, world.heard(code, day), after=day)


def _places(world: World) -> None:
    day = world.day(end(2016, 8), early=True)
    for code in (UNLISTED, DORMANT, PRISON, CLOSED):
        world.enter(world.person(code), "1+", day)
        world.expect("ID03", code, world.heard(code, day), after=day)


def _two_practices(world: World) -> None:
    since = date(2016, 9, 20)
    heard = end(2016, 10)
    # How long the first practice is given to say that they left is a threshold.
    by = end(2016, 12)
    for first, second, kind in ((TPP, EMIS, "2"), (EMIS, VISION, "2"), (TPP, EMIS, "1")):
        who = world.person(first)
        old = who.at
        world.enter(who, f"{kind}+", date(2016, 3, 8))
        world.join(who, world.practice(second), since)
        world.expect("ID04", who, by, after=heard)
        if kind == "1":
            world.may("ID05", who, "the old practice has not let them go")
        who.at = old
    both = world.person(TPP)  # objecting at both
    world.enter(both, "1+", date(2016, 3, 8))
    world.join(both, world.practice(EMIS), since)
    world.enter(both, "1+", since)
    world.may("CO12", both, "it is the same choice, told to the second practice")
    one_after_the_other = world.person(EMIS)
    world.enter(one_after_the_other, "2+", date(2016, 3, 8))
    world.leave(one_after_the_other, one_after_the_other.at, since)
    world.join(one_after_the_other, world.practice(VISION), since)


def _move(world: World, who: Person, to: str, on: date) -> None:
    world.leave(who, who.at, on)
    # Of one evening's deliveries, that of the practice they left may come last.
    world.join(who, to, on)


def _movers(world: World) -> None:
    on = date(2017, 5, 10)
    heard = end(2017, 6)
    for first, second in ((TPP, EMIS), (EMIS, TPP), (EMIS, VISION)):
        left = world.person(first)
        world.enter(left, "1+", date(2016, 3, 8))
        _move(world, left, world.practice(second), on)
        world.expect("ID05", left, heard, after=on + 14 * _DAY)
    # Two weeks are over in July only, though the move is known in June.
    late = world.person(TPP)
    world.enter(late, "1+", date(2016, 3, 8))
    _move(world, late, world.practice(EMIS), date(2017, 6, 25))
    world.expect("ID05", late, end(2017, 8), after=date(2017, 7, 9))
    coded = world.person(TPP)  # coded anew within the two weeks
    world.enter(coded, "1+", date(2016, 3, 8))
    _move(world, coded, world.practice(EMIS), on)
    world.enter(coded, "1+", on + 14 * _DAY)
    world.may("CO12", coded, "it is the same choice, told to the new practice")
    withdrew = world.person(EMIS)  # nothing stood any more
    world.enter(withdrew, "1+", date(2016, 3, 8))
    world.enter(withdrew, "1-", date(2017, 3, 8))
    _move(world, withdrew, world.practice(TPP), on)

    for first, second, what in ((TPP, EMIS, "1+"), (EMIS, TPP, "1+"), (VISION, TPP, "2+")):
        moved = world.person(first)
        _move(world, moved, world.practice(second), on)
        world.enter(moved, what, date(2017, 8, 8))
        world.expect("ID06", moved, end(2017, 8), after=date(2017, 8, 8))
    gone = world.person(TPP)  # the old practice's copy is gone
    old = gone.memberships[gone.at, TPP]
    _move(world, gone, world.practice(EMIS), on)
    old.states.say(clock(2017, 7, 5, 9), None)
    world.enter(gone, "1+", date(2017, 8, 8))


def _children(world: World) -> None:
    day = world.day(end(2017, 2), early=True)
    for system, years in ((TPP, 12), (EMIS, 5), (VISION, 12), (EVOLUTION, 3)):
        born = day.replace(year=day.year - years) - 60 * _DAY
        if years == 12:
            born = day.replace(year=day.year - 13) + _DAY  # thirteen on the morrow
        child = world.person(system, born=born, since=born + 30 * _DAY)
        row = world.enter(child, "1+", day)
        world.expect("ID07", child, world.heard(row.practice, day), after=day)
        if years == 12:
            world.expect("ID08", child, end(2017, 2), after=day + _DAY)
    birthday = world.person(TPP, born=day.replace(year=day.year - 13), since=date(2010, 1, 4))
    world.enter(birthday, "1+", day)
    # Turns thirteen in 2018; and one who would, had it not been withdrawn before.
    for system, withdrawn in ((EMIS, False), (TPP, True)):
        child = world.person(system, born=date(2005, 3, 14), since=date(2008, 1, 4))
        row = world.enter(child, "1+", day)
        world.expect("ID07", child, world.heard(row.practice, day), after=day)
        if withdrawn:
            world.enter(child, "1-", date(2017, 11, 7))
            # Under thirteen at that, too.
            world.expect("ID07", child, end(2017, 12), after=date(2017, 11, 7))
        else:
            world.expect("ID08", child, end(2018, 4), after=date(2018, 3, 14))


def _two_numbers(world: World) -> None:
    for system in (TPP, EMIS, EVOLUTION):
        first = world.person(system)
        second = world.person(first.at)
        row = world.enter(first, "1+", date(2016, 5, 9))
        to = second.memberships[first.at, system]
        row.edit(clock(2016, 7, 5, 9), patient=to.id)
        by = world.heard(first.at, date(2016, 7, 5))
        for who in (first, second):
            world.expect("ID09", who, by, after=date(2016, 7, 5))
            world.may("LC01", who, "it left the first patient's record, but for the second's")
    # A patient is given another number: one entry, one person.
    renumbered = world.person(TPP)
    world.enter(renumbered, "1+", date(2016, 5, 9))
    member = renumbered.memberships[renumbered.at, TPP]
    here = member.states.last()
    renumbered.number = world.number()
    member.states.say(clock(2016, 9, 6, 9), replace(here, number=renumbered.number))
