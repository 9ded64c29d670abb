"""LC01 to LC06: entries that vanish, and practices that lose or change many at once."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from ledger.domain.clinical_systems import ClinicalSystem
from tests.unseen.codes import spelt
from tests.unseen.practices import (
    EMIS,
    EVOLUTION,
    HALVES_EMIS,
    LOSES_TO_EMIS,
    LOSES_TO_TPP,
    MIGRATED_ON,
    ORDINARY,
    SHRINKS_EMIS,
    SHRINKS_TPP,
    TPP,
    VISION,
)  # fmt: skip
from tests.unseen.record import Person, Row, States
from tests.unseen.when import CUT_OFF, GDPR, clock, end
from tests.unseen.world import World

_DAY = timedelta(days=1)


def plant(world: World) -> None:
    """One rule after another."""
    _removed(world)
    _not_converted(world)
    _bulk_changes(world)
    _lost_in_migration(world)
    _collapses(world)


def _removed(world: World) -> None:
    moment = clock(2017, 11, 8, 9)
    heard = end(2017, 12)
    for system, what in ((TPP, "1+"), (EMIS, "2+"), (VISION, "1+"), (EVOLUTION, "2+")):
        who = world.person(system)
        world.enter(who, what, date(2016, 3, 9)).remove(moment)
        world.expect("LC01", who, heard, after=moment.date())
    for system in (TPP, EMIS):  # replaced in the same delivery
        who = world.person(system)
        world.enter(who, "1+", date(2016, 3, 9)).remove(moment)
        world.enter(who, "1+", moment)
    for system in (TPP, VISION):  # withdrawn before
        who = world.person(system)
        row = world.enter(who, "1+", date(2016, 3, 9))
        world.enter(who, "1-", date(2017, 3, 9))
        row.remove(moment)
    for system, died in ((TPP, heard), (EMIS, date(2017, 11, 1)), (VISION, date(2017, 3, 3))):
        dead = world.person(system, died=died)  # the first on the day the removal is known
        world.enter(dead, "1+", date(2016, 3, 9)).remove(moment)
        world.expect("LC02", dead, heard, after=moment.date())
        world.may("LC01", dead, "it was removed, too")
    alive = world.person(EMIS, died=date(2018, 1, 10))  # died after it was removed
    world.enter(alive, "1+", date(2016, 3, 9)).remove(moment)
    world.expect("LC01", alive, heard, after=moment.date())


def _not_converted(world: World) -> None:
    for system, entered in (
        (TPP, date(2015, 3, 9)),
        (EMIS, GDPR - _DAY),
        (VISION, date(2016, 3, 9)),
        (EMIS, GDPR + 20 * _DAY),
        (TPP, CUT_OFF),
    ):
        who = world.person(system)
        world.enter(who, "2+", entered)
        world.not_converted.add(who.number)
        # Once it has been entered and known, how long a conversion may take is a threshold.
        world.expect("LC03", who, date(2018, 12, 31), after=GDPR)
    # Withdrawn before; where it was on the last day, that is known only weeks after.
    for system, day in ((TPP, GDPR - 30 * _DAY), (EMIS, GDPR - _DAY)):
        who = world.person(system)
        world.enter(who, "2+", date(2015, 3, 9))
        world.enter(who, "2-", day)
        world.not_converted.add(who.number)
        if world.heard(who.at, day) > GDPR:
            why = "nobody knew yet that it was withdrawn"
            world.expect("LC03", who, end(2018, 6), why=why, may=True, state="closed")


def _bulk_changes(world: World) -> None:
    for code, seconds, many, user, found in (
        (ORDINARY[TPP][1], 30, 20, "777", True),
        (ORDINARY[EMIS][1], 31.5, 20, "777", True),  # over 9 minutes, 58.5 seconds
        (ORDINARY[EVOLUTION][1], 1, 25, "777", True),
        (ORDINARY[TPP][2], 28, 19, "777", False),  # one fewer
        (ORDINARY[EMIS][0], 33, 20, "777", False),  # over ten minutes and a half
        (ORDINARY[VISION][0], 1, 25, "777", False),  # Vision tells no time
        (ORDINARY[TPP][0], 10, 20, "", False),  # two users, ten each
    ):
        begun = clock(2016, 11, 15, 10, 0)
        for which in range(many):
            who = world.person(code)
            moment = begun + timedelta(seconds=int(seconds * which))
            world.enter(who, "1+", moment, user=user or f"77{which % 2}")
        if found:
            world.expect("LC04", code, end(2016, 12), after=date(2016, 11, 15))


def migrate(world: World, code: str, lost: list[Person]) -> None:
    """Everything the practice holds stands in its new system, with its dates; but what is lost."""
    practice = world.practices[code]
    (_, old), (_, new) = practice.systems
    moment = datetime.combine(MIGRATED_ON, time(8, 0))
    rows = [row for row in world.rows if row.practice == code and row.system is old]
    for who in world.people:
        member = who.memberships.get((code, old))
        if member is None:
            continue
        here = member.states.last()
        now = world.join(who, code, MIGRATED_ON, heard=moment)
        now.states = States([(moment, here)])
        for row in rows:
            said = row.states.at(moment)
            if said is not None and said.patient == member.id and who not in lost:
                world.rows.append(_taken_over(world, row, new, now.id, moment))


def _taken_over(world: World, row: Row, new: ClinicalSystem, patient: int, moment: datetime) -> Row:
    said = row.states.last()
    what = {"Dissent f": "+", "Dissent w": "-"}[said.term[:9]]
    kind = "2" if "HSCIC" in said.term else "1"
    taken = Row(world.another(), row.practice, new, States())
    own = spelt(f"{kind}{what}", new)
    taken.states.say(
        moment, replace(said, native=own.native, snomed="", term=own.term, patient=patient)
    )
    return taken


def _lost_in_migration(world: World) -> None:
    for code in (LOSES_TO_TPP, LOSES_TO_EMIS):
        lost = []
        for which in range(14):
            who = world.person(code)
            what = "2+" if which % 2 else "1+"
            world.enter(who, what, date(2015, 6, 1) + 7 * which * _DAY)
            if which < 3:
                lost.append(who)
                world.end_carriage(who, MIGRATED_ON)
        ended = world.person(code)  # did not stand any more
        world.enter(ended, "1+", date(2015, 5, 5))
        world.enter(ended, "1-", date(2016, 5, 5))
        for _ in range(6):
            world.person(code)
        migrate(world, code, [*lost, ended])
        world.expect("LC05", code, end(2017, 4), after=MIGRATED_ON)


def _collapses(world: World) -> None:
    for code, objectors, others in (
        (SHRINKS_TPP, 9, 15),
        (SHRINKS_EMIS, 6, 9),
        (HALVES_EMIS, 10, 10),
    ):
        for which in range(objectors):
            world.enter(world.person(code), "2+", date(2015, 7, 1) + which * _DAY)
        for _ in range(others):
            who = world.person(code)
            for member in who.memberships.values():
                member.states.say(clock(2017, 8, 1, 9), None)
        if code != HALVES_EMIS:  # of whom exactly half are left
            world.expect("LC06", code, end(2017, 8), after=end(2017, 8))
