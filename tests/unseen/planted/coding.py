"""CO01 to CO12: what is coded is not what was meant, or not in the right words."""

from datetime import date, timedelta

from ledger.domain.clinical_systems import ClinicalSystem
from tests.unseen.practices import EMIS, EVOLUTION, TPP, VISION
from tests.unseen.record import Person, Row
from tests.unseen.when import CUT_OFF, clock, end
from tests.unseen.world import World

_ANY = (TPP, EMIS, VISION, EVOLUTION)


def plant(world: World) -> None:
    """One rule after another."""
    _the_same_day(world)
    _withdrawals(world)
    _dead_codes(world)
    _vocabularies(world)
    _malformed(world)
    _contradicted(world)
    _twice(world)
    _neighbours(world)
    _undated(world)


def _found(world: World, rule: str, who: Person, row: Row) -> None:
    entered = row.states.said[0][0]
    world.expect(rule, who, world.heard(row.practice, entered), after=entered.date())


def _the_same_day(world: World) -> None:
    for system, kind in ((TPP, "1"), (EMIS, "2"), (VISION, "1")):
        who = world.person(system)
        on = world.day(end(2016, 6), early=True)
        world.enter(who, f"{kind}+", on)
        row = world.enter(who, f"{kind}-", on + timedelta(days=9), effective=on, carried=False)
        _found(world, "CO01", who, row)
    removed = world.person(EMIS)  # the withdrawal was removed
    world.enter(removed, "1+", date(2016, 5, 10))
    row = world.enter(removed, "1-", date(2016, 5, 12), effective=date(2016, 5, 10))
    row.remove(clock(2016, 5, 20, 9))
    other = world.person(TPP)  # another purpose
    world.enter(other, "1+", date(2015, 5, 10))
    world.enter(other, "2+", date(2016, 5, 10))
    world.enter(other, "1-", date(2016, 5, 10))


def _withdrawals(world: World) -> None:
    for system, what in ((EMIS, "1-"), (TPP, "2-"), (EVOLUTION, "1-")):
        who = world.person(system)
        _found(world, "CO02", who, world.enter(who, what, world.day(end(2016, 10))))
    together = world.person(TPP)  # the dissent came with the same delivery
    world.enter(together, "1-", date(2016, 9, 5))
    world.enter(together, "1+", date(2016, 9, 6))
    moved = world.person(EMIS)  # the dissent stands at the practice before
    world.enter(moved, "1+", date(2015, 9, 5))
    world.leave(moved, moved.at, date(2016, 9, 1))
    world.join(moved, world.practice(TPP), date(2016, 9, 1))
    world.enter(moved, "1-", date(2016, 9, 2))

    for system, kind in ((TPP, "1"), (EMIS, "2")):
        who = world.person(system)
        world.enter(who, f"{kind}+", date(2016, 5, 10))
        row = world.enter(
            who, f"{kind}-", date(2016, 6, 1), effective=date(2016, 5, 9), carried=False
        )
        _found(world, "CO03", who, row)
    in_order = world.person(VISION)  # back-dated, and entered before it
    world.enter(in_order, "1+", date(2016, 3, 9))
    world.enter(in_order, "1-", date(2016, 5, 9), effective=date(2016, 5, 1))
    world.enter(in_order, "1+", date(2016, 5, 10))


def _dead_codes(world: World) -> None:
    after = CUT_OFF + timedelta(days=1)
    for system, what in ((TPP, "2+"), (EMIS, "2+"), (VISION, "2+"), (EVOLUTION, "2+")):
        who = world.person(system)
        _found(world, "CO04", who, world.enter(who, what, after))
    withdrawn = world.person(TPP)
    world.enter(withdrawn, "2+", date(2015, 3, 9))
    _found(world, "CO04", withdrawn, world.enter(withdrawn, "2-", date(2018, 11, 5)))
    # On the last day it still counted.
    for system in (TPP, EMIS):
        world.enter(world.person(system), "2+", CUT_OFF)
    world.enter(world.person(EMIS), "1+", after)  # type 1 lives on

    entered = date(2018, 11, 20)
    for system, days, effective, rule in (
        (TPP, 60, date(2015, 6, 1), "CO05"),
        (EMIS, 1, date(2016, 6, 1), "CO05"),
        (VISION, 61, date(2015, 6, 1), "CO04"),
        (EMIS, 200, date(2016, 6, 1), "CO04"),
        (TPP, 30, date(2018, 10, 12), "CO04"),
    ):
        who = world.person(system, since=entered - timedelta(days=days))
        row = world.enter(who, "2+", entered, effective=effective)
        _found(world, rule, who, row)
        if rule == "CO05":
            world.quiet([who], "a record that followed its patient (D9)")
        world.may("DT05", who, "its type 2 came years after it was meant")


def _vocabularies(world: World) -> None:
    april = date(2018, 4, 1)
    foreign = (
        (TPP, "9Nu0.", "", date(2016, 9, 7)),
        (EMIS, "XaZ89", "", date(2016, 9, 7)),
        (VISION, "XaZ89", "", date(2016, 9, 7)),
        (EVOLUTION, "XaZ89", "", date(2016, 9, 7)),
        (EMIS, "", "827241000000103", april - timedelta(days=1)),
        (TPP, "", "827241000000103", date(2017, 9, 7)),
    )
    for system, native, snomed, entered in foreign:
        who = world.person(system)
        row = world.enter(who, "1+", entered, native=native, snomed=snomed)
        _found(world, "CO06", who, row)
    for system in (TPP, EMIS):  # SNOMED CT in any from April 2018
        world.enter(world.person(system), "1+", april, native="", snomed="827241000000103")
    # A row with two codes, one of them native.
    world.enter(world.person(EMIS), "1+", date(2016, 9, 7), snomed="827241000000103")
    world.enter(world.person(TPP), "1+", date(2016, 9, 7), snomed="827241000000103")
    # It came through GP2GP, days after the patient.
    followed = world.person(TPP, since=date(2016, 9, 1))
    world.enter(followed, "1+", date(2016, 9, 10), effective=date(2015, 2, 3), native="9Nu0.")
    world.quiet([followed], "a record that followed its patient (D9)")


def _malformed(world: World) -> None:
    plain = (
        (TPP, "1+", "xaz89", ""),
        (TPP, "1-", "XaZ8a", ""),
        (TPP, "1+", "XaZ89 ", ""),
        (EMIS, "1+", "9nu0", ""),
        (EMIS, "1+", "", "827241000000100"),
        (VISION, "1+", "9Nu0", ""),
        (VISION, "1+", "9NU0.00", ""),
        (EVOLUTION, "1+", "8.27241E+14", ""),
        (EVOLUTION, "1+", "9Nu0", ""),
    )
    for system, what, native, snomed in plain:
        who = world.person(system)
        row = world.enter(who, what, date(2018, 5, 8), native=native, snomed=snomed, term="")
        _found(world, "CO07", who, row)
    for native in ("9Nu0-1", "9Nu0"):  # EMIS's own spelling
        world.enter(world.person(EMIS), "1+", date(2018, 5, 8), native=native, snomed="")
    world.enter(world.person(VISION), "1+", date(2018, 5, 8), native="9Nu0.11", snomed="")
    # Another listed purpose's code, one letter from ours.
    world.enter(world.person(EMIS), "1-", date(2018, 5, 8), native="9Nd1", snomed="", term="")


def _contradicted(world: World) -> None:
    for system, what, term in (
        (TPP, "1+", "Dissent withdrawn from secondary use of GP patient data"),
        (EMIS, "1-", "Dissent from secondary use of GP patient identifiable data"),
        (VISION, "2+", "Dissent withdrawn disclosure personal confidential dta HSCIC"),
        (EVOLUTION, "1+", "Dissent withdrawn"),
    ):
        who = world.person(system)
        if what == "1-":
            world.enter(who, "1+", date(2016, 3, 7))
        row = world.enter(who, what, date(2016, 10, 4), term=term)
        _found(world, "CO08", who, row)
    for system, name in ((TPP, "HSCIC"), (EMIS, "NHS Digital"), (VISION, "care.data")):
        term = f"Dissent from disclosure of personal confidential data by {name}"
        world.enter(world.person(system), "2+", date(2016, 10, 4), term=term)


def _twice(world: World) -> None:
    moment = clock(2018, 5, 16, 11, 12)
    for system, what in ((TPP, "1+"), (EMIS, "1+"), (TPP, "1+")):
        who = world.person(system)
        world.enter(who, what, moment, snomed="", term="")
        row = world.enter(
            who, what, moment, native="", snomed="827241000000103", term="", user="501"
        )
        _found(world, "CO09", who, row)
    for system, what in ((TPP, "1+"), (EMIS, "2+"), (VISION, "1+"), (EVOLUTION, "2+")):
        who = world.person(system)
        world.enter(who, what, date(2016, 3, 7))
        _found(world, "CO12", who, world.enter(who, what, date(2017, 9, 7), carried=False))
        world.quiet([who], "a choice stated again (E19)")
    returned = world.person(TPP)  # withdrawn in between
    world.enter(returned, "1+", date(2016, 3, 7))
    world.enter(returned, "1-", date(2016, 9, 7))
    world.enter(returned, "1+", date(2017, 9, 7))


def _neighbours(world: World) -> None:
    for system in (TPP, EMIS, VISION):
        who = world.person(system)
        world.enter(who, "scr", clock(2017, 5, 16, 10, 0), snomed="")
        row = world.enter(who, "local", clock(2017, 5, 16, 10, 5), snomed="")
        _found(world, "CO10", who, row)
    also = world.person(TPP)  # a type 1 also stands
    for what in ("scr", "local", "1+"):
        world.enter(also, what, clock(2017, 5, 17, 10, 0), snomed="")
    world.enter(world.person(EMIS), "scr", date(2017, 5, 18), snomed="")  # nothing else that day
    apart = world.person(EMIS)
    world.enter(apart, "scr", date(2017, 5, 18), snomed="")
    world.enter(apart, "local", date(2017, 6, 1), snomed="")


def _undated(world: World) -> None:
    written: tuple[tuple[ClinicalSystem, str | None], ...] = (
        (TPP, None),
        (TPP, "31 Feb 2017"),
        (EMIS, "2017-05"),
        (EMIS, None),
        (VISION, None),
        (VISION, "20170231"),
        (EVOLUTION, "2017"),
        (EVOLUTION, "2017-02-31"),
    )
    for system, effective in written:
        who = world.person(system)
        row = world.enter(who, "1+", date(2017, 5, 22), effective=effective)
        _found(world, "CO11", who, row)
