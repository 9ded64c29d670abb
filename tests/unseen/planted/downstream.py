"""DS01 to DS03: what was released, to whom, on what evidence."""

from datetime import date

from tests.unseen.practices import EMIS, EVOLUTION, ORDINARY, TPP, VISION
from tests.unseen.when import end
from tests.unseen.world import Release, World


def plant(world: World) -> None:
    """Three releases, of type 2 and of type 1 objectors."""
    standing = [world.person(system) for system in (TPP, EMIS, EVOLUTION)]
    for who in standing:
        world.enter(who, "2+", date(2016, 5, 9))
        world.expect("DS01", who, date(2017, 3, 10), after=date(2017, 3, 10))
    not_known_then = world.person(VISION)
    world.enter(not_known_then, "2+", date(2017, 3, 6))
    world.expect("DS01", not_known_then, end(2017, 4), after=end(2017, 4))
    later = world.person(TPP)  # objected after it
    world.enter(later, "2+", date(2017, 3, 20))
    withdrawn = world.person(EMIS)
    world.enter(withdrawn, "2+", date(2015, 5, 9))
    world.enter(withdrawn, "2-", date(2016, 9, 12))
    other = world.person(TPP)  # another purpose
    world.enter(other, "1+", date(2016, 5, 9))
    nobody = world.person(EMIS)
    members = (*standing, not_known_then, later, withdrawn, other, nobody)
    world.releases.append(
        Release(
            "2017-03-10T09:00:00+00:00",
            "University of Nowhere",
            "type-2",
            tuple(who.number for who in members),
            "receipt-1",
            (ORDINARY[TPP][0], ORDINARY[EMIS][0]),
            25,
        )
    )

    first = world.person(EMIS)
    world.enter(first, "1+", date(2016, 5, 9))
    world.expect("DS01", first, date(2017, 7, 10), after=date(2017, 7, 10))
    second = world.person(VISION)  # a type 2 is not what this release asks
    world.enter(second, "2+", date(2016, 5, 9))
    world.releases.append(
        Release(
            "2017-07-10T09:00:00+00:00",
            "Cohort Study",
            "type-1",
            (first.number, second.number),
            None,
            (ORDINARY[EMIS][1],),
            None,
        )
    )
    world.expect("DS03", ORDINARY[EMIS][1], date(2017, 7, 10), after=date(2017, 7, 10))
    stale = (ORDINARY[EMIS][0], ORDINARY[VISION][1])
    world.releases.append(
        Release(
            "2017-05-20T09:00:00+00:00",
            "Registry",
            "type-2",
            (nobody.number,),
            None,
            stale,
            10,
        )
    )
    for code in stale:
        world.expect("DS02", code, date(2017, 5, 20), after=date(2017, 5, 20))
        world.expect("DS03", code, date(2017, 5, 20), after=date(2017, 5, 20))
    # Delivered twenty days before, and that was fresh enough.
    world.releases.append(
        Release(
            "2017-09-20T09:00:00+00:00",
            "Registry",
            "type-2",
            (nobody.number,),
            "receipt-4",
            (ORDINARY[TPP][1], ORDINARY[VISION][2]),
            21,
        )
    )
