"""What must leave the ledger quiet, or at most `review` (the catalogue's false-alarm traps)."""

from datetime import date, datetime, time, timedelta

from tests.unseen.planted.lifecycle import migrate
from tests.unseen.practices import (
    CLOSING,
    LATE_DELIVERER,
    LATE_JOINER,
    MERGED_ON,
    MOVES_WHOLE,
    ORDINARY,
    SUCCESSOR,
    TPP,
)  # fmt: skip
from tests.unseen.record import Carriage, Row, States
from tests.unseen.when import end
from tests.unseen.world import World

_DAY = timedelta(days=1)


def plant(world: World) -> None:
    """One trap after another."""
    _surge(world)
    _followed(world)
    _a_whole_practice_moves(world)
    _merger(world)
    _late(world)
    _first_delivery(world)


def _surge(world: World) -> None:
    people = []
    for codes in ORDINARY.values():
        for code in codes * 4:
            who = world.person(code)
            world.enter(who, "2+", date(2016, 10, 3) + world.rng.randint(0, 6) * _DAY)
            people.append(who)
    world.quiet(people, "a publicity surge (E20)")


def _followed(world: World) -> None:
    people = []
    for which in range(8):
        who = world.person(ORDINARY[TPP][which % 4])
        row = world.enter(who, "1+" if which % 2 else "2+", date(2016, 3, 9))
        world.leave(who, who.at, date(2017, 8, 1))
        system = list(ORDINARY)[which % 3]
        old = who.at
        world.join(who, next(code for code in ORDINARY[system] if code != old), date(2017, 8, 1))
        world.enter(
            who,
            "1+" if which % 2 else "2+",
            date(2017, 8, 10),
            effective=row.states.last().effective,
        )
        people.append(who)
    world.quiet(people, "a record that followed its patient (D9)")


def _a_whole_practice_moves(world: World) -> None:
    people = []
    for which in range(24):
        who = world.person(MOVES_WHOLE)
        world.enter(who, "2+" if which % 3 else "1+", date(2014, 6, 1) + 20 * which * _DAY)
        people.append(who)
    migrate(world, MOVES_WHOLE, [])
    world.quiet(people, "a practice migrating with its entries' dates")


def _merger(world: World) -> None:
    people = []
    moment = datetime.combine(MERGED_ON + _DAY, time(8, 0))
    for which in range(16):
        who = world.person(CLOSING)
        row = world.enter(who, "2+" if which % 3 else "1+", date(2014, 6, 1) + 20 * which * _DAY)
        said = row.states.last()
        for carriage in who.carried:
            carriage.until = MERGED_ON
        if which % 3:
            who.carried.append(Carriage(SUCCESSOR, MERGED_ON + _DAY))
        member = world.join(who, SUCCESSOR, MERGED_ON + _DAY)
        taken = Row(world.another(), SUCCESSOR, row.system, States())
        taken.states.say(moment, said.for_patient(member.id))
        world.rows.append(taken)
        people.append(who)
    world.quiet(people, "a merger (D29)")


def _late(world: World) -> None:
    people = []
    for entered in (date(2015, 3, 2), date(2016, 5, 2), date(2016, 11, 20), date(2017, 1, 20)):
        for which in range(3):
            who = world.person(LATE_DELIVERER)
            world.enter(who, "2+", entered + which * _DAY)
            people.append(who)
            if entered == date(2016, 11, 20):
                why = (
                    "an error: the delivery came months after its period, and is waited for 35 days"
                )
                world.disagree("TX07", who, why, found=True)
    world.collected_late[end(2017, 10)] = date(2018, 1, 10)
    world.quiet(people, "a delivery loaded late")


def _first_delivery(world: World) -> None:
    people = []
    for which in range(40):
        who = world.person(LATE_JOINER)
        world.enter(who, "2+" if which % 5 else "1+", date(2015, 1, 5) + 9 * which * _DAY)
        people.append(who)
    for _ in range(25):  # a step in the denominator
        world.person(LATE_JOINER)
    world.quiet(people, "a practice's first delivery")
