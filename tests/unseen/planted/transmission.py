"""TX01 to TX09: recorded here, never honoured there."""

from collections.abc import Iterable
from datetime import date, timedelta

from tests.unseen.practices import EMIS, EVOLUTION, HALVES_EMIS, ORDINARY, SHRINKS_TPP, TPP, VISION
from tests.unseen.record import Carriage, Person
from tests.unseen.when import (
    ALL_LOW,
    NEARLY_VISION,
    PERIODS,
    SILENT_EMIS,
    SILENT_TPP,
    begins,
    collected,
    end,
)  # fmt: skip
from tests.unseen.world import World

_SILENT = {
    ORDINARY[EMIS][3]: (end(2016, 12), end(2017, 2)),
    ORDINARY[VISION][2]: (end(2018, 4), end(2018, 6)),
}


def plant(world: World) -> None:
    """Last of all, because whole cohorts are counted."""
    for code, periods in _SILENT.items():
        world.absent |= {(code, period) for period in periods}
        found = collected(periods[1])
        world.expect("TX04", code, found, after=found, state="closed")
    # Missing from one collection only.
    world.absent.add((ORDINARY[TPP][2], end(2017, 4)))
    _single_patients(world)
    _strangers(world)
    _unconfirmed(world)
    _suppliers(world)
    _practices(world)


def _single_patients(world: World) -> None:
    never = world.person(ORDINARY[TPP][0])
    entered = world.day(end(2016, 10))
    world.enter(never, "2+", entered, carried=False)
    world.expect_untransmitted(never, entered, state="open")

    on_the_last_day = world.person(ORDINARY[EMIS][0])
    world.enter(on_the_last_day, "2+", date(2016, 12, 31))
    world.hold_back(on_the_last_day, end(2016, 12))
    world.expect_untransmitted(on_the_last_day, date(2016, 12, 31))

    again = world.person(ORDINARY[VISION][0])
    world.enter(again, "2+", date(2015, 5, 6))
    world.enter(again, "2-", date(2016, 7, 5))
    world.enter(again, "2+", date(2017, 1, 17), carried=False)
    world.expect_untransmitted(again, date(2017, 1, 17), state="open")

    listed = world.person(ORDINARY[EVOLUTION][0])
    world.enter(listed, "2+", date(2018, 7, 9), carried=False)
    world.expect_untransmitted(listed, date(2018, 7, 9), state="open")

    # Entered the day after a period ended, and carried by the next.
    world.enter(world.person(ORDINARY[TPP][0]), "2+", date(2017, 1, 1))
    # Withdrawn before the period ended.
    for system, day in ((EMIS, date(2017, 7, 3)), (TPP, date(2016, 9, 5))):
        briefly = world.person(ORDINARY[system][0])
        world.enter(briefly, "2+", day, carried=False)
        world.enter(briefly, "2-", day + timedelta(days=40))


def _practices(world: World) -> None:
    for code, period, state in (
        (ORDINARY[TPP][3], end(2018, 6), "closed"),
        (ORDINARY[VISION][1], end(2018, 8), "open"),
    ):
        for who in _carried(world, code, period):
            world.hold_back(who, period)
            if _since(who) >= begins(period):
                world.expect_untransmitted(who, _since(who), state=state)
        world.expect("TX05", code, collected(period), after=collected(period))
    # Nine patients, who fall to none.
    for who in _carried(world, SHRINKS_TPP, end(2017, 12)):
        world.hold_back(who, end(2017, 12))
    # Ten, all of whom have withdrawn.
    for day, who in enumerate(_carried(world, HALVES_EMIS, end(2018, 4)), 1):
        world.enter(who, "2-", date(2018, 3, day))

    for code, period in ((ORDINARY[EVOLUTION][1], end(2016, 8)), (ORDINARY[EMIS][2], end(2017, 6))):
        for who in [*world.people]:
            for carriage in who.carried:
                if carriage.practice != code:
                    continue
                if begins(period) <= carriage.since <= period:
                    world.hold_back(who, period)
                    world.expect_untransmitted(who, carriage.since)
                if carriage.until is not None and begins(period) <= carriage.until <= period:
                    carriage.until = period + timedelta(days=1)
        world.expect("TX06", code, collected(period), after=collected(period))


def _strangers(world: World) -> None:
    other = world.person(TPP)
    world.enter(other, "1+", date(2016, 5, 9))
    other.carried.append(Carriage(other.at, date(2017, 1, 5), date(2017, 4, 1)))
    world.expect("TX07", other, collected(end(2017, 2)), after=collected(end(2017, 2)))

    unheard = Person(world.number(), date(1970, 1, 1), ORDINARY[EMIS][0])
    unheard.carried.append(Carriage(unheard.at, date(2017, 7, 5)))
    world.people.append(unheard)
    world.not_converted.add(unheard.number)
    world.expect("TX07", unheard, collected(end(2017, 8)), after=collected(end(2017, 8)))

    too_early = world.person(VISION)
    world.enter(too_early, "2+", date(2017, 3, 6))
    too_early.carried[-1].since = date(2017, 2, 20)
    world.expect("TX07", too_early, collected(end(2017, 2)), after=collected(end(2017, 2)))

    for system, day, period in (
        (TPP, date(2016, 11, 8), end(2017, 2)),
        (EMIS, date(2017, 5, 9), end(2017, 8)),
        (EVOLUTION, date(2016, 5, 9), end(2016, 8)),
    ):
        still_sent = world.person(system)
        world.enter(still_sent, "2+", date(2015, 9, 1))
        world.enter(still_sent, "2-", day)
        still_sent.carried[-1].until = period + timedelta(days=1)
        world.expect("TX08", still_sent, collected(period), after=collected(period))
    # Carried by the collection of the period in which they withdrew, and by none after it.
    just_withdrawn = world.person(TPP)
    world.enter(just_withdrawn, "2+", date(2015, 9, 1))
    world.enter(just_withdrawn, "2-", date(2016, 11, 8))
    just_withdrawn.carried[-1].until = date(2017, 1, 1)


def _unconfirmed(world: World) -> None:
    batch = []
    for system, state in ((TPP, "closed"), (EMIS, "closed"), (VISION, "open")):
        who = world.person(ORDINARY[system][0])
        world.enter(who, "2+", date(2016, 11, 15))
        world.hold_back(who, *([end(2016, 12)] if state == "closed" else PERIODS))
        world.expect_untransmitted(who, date(2016, 11, 15), state=state)
        world.expect("TX09", who, date(2017, 1, 31), after=date(2017, 1, 2), state=state)
        batch.append(who)
    world.refused_batches[date(2017, 1, 2)] = batch


def _suppliers(world: World) -> None:
    held: tuple[date, ...] = (SILENT_TPP, end(2016, 8), end(2016, 10))
    for code in ORDINARY[TPP] * 8:
        _held(world, code, SILENT_TPP, held)
    for system in (EMIS, VISION, EVOLUTION):
        for code in ORDINARY[system] * 3:
            world.enter(world.person(code), "2+", world.day(SILENT_TPP))
    world.expect("TX02", "TPP", collected(SILENT_TPP), after=collected(SILENT_TPP))
    world.expect("TX03", "TPP", collected(end(2016, 12)), after=collected(end(2016, 12)))

    # Thirty exactly, those of the background among them.
    held = (SILENT_EMIS, end(2017, 6))
    _hold_all(world, ORDINARY[EMIS], SILENT_EMIS, held, exactly=30)
    world.expect("TX02", "EMIS", collected(SILENT_EMIS), after=collected(SILENT_EMIS))
    world.expect("TX03", "EMIS", collected(end(2017, 8)), after=collected(end(2017, 8)))

    # One fewer is too few.
    _hold_all(world, ORDINARY[VISION], NEARLY_VISION, (NEARLY_VISION,), exactly=29)
    # Every supplier is low.
    for system, many in ((TPP, 31), (EMIS, 31), (VISION, 10), (EVOLUTION, 5)):
        _hold_all(world, ORDINARY[system], ALL_LOW, (ALL_LOW,), exactly=many)


def _hold_all(
    world: World, codes: tuple[str, ...], period: date, held: tuple[date, ...], *, exactly: int
) -> None:
    """So many new dissents of these practices are held back, whatever else entered them."""
    new = [
        who
        for who in world.people
        for carriage in who.carried
        if carriage.practice in codes and begins(period) <= carriage.since <= period
    ]
    for who in new:
        world.hold_back(who, *held)
        already = any(one.rule == "TX01" and one.who == who.number for one in world.truth)
        if not already:
            world.expect_untransmitted(who, _since(who))
    assert len(new) <= exactly, len(new)
    for which in range(exactly - len(new)):
        _held(world, codes[which % len(codes)], period, held)
    # Somebody leaves each, so that nobody sends the same people twice.
    for code in codes:
        leaver = next(
            who
            for who in world.people
            if len(who.carried) == 1
            and who.carried[0].practice == code
            and who.carried[0].since < date(2016, 1, 1)
            and who.carried[0].until is None
            and who.number not in {one.who for one in world.truth}
        )
        world.enter(leaver, "2-", world.day(period, early=True))


def _held(world: World, code: str, period: date, held: Iterable[date]) -> None:
    who = world.person(code)
    entered = world.day(period)
    world.enter(who, "2+", entered)
    world.hold_back(who, *held)
    world.expect_untransmitted(who, entered)


def _carried(world: World, code: str, period: date) -> list[Person]:
    return [
        who
        for who in world.people
        if any(one.practice == code and one.covers(period) for one in who.carried)
    ]


def _since(who: Person) -> date:
    return who.carried[-1].since
