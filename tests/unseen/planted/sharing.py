"""SH01 to SH13: what practices of SystmOne and EMIS Web set, list and let others see."""

from datetime import date, datetime

from tests.unseen.deliveries.register import ORGANISATIONS
from tests.unseen.practices import (
    EMIS,
    LATE_JOINER,
    LOSES_TO_EMIS,
    LOSES_TO_TPP,
    MOVES_WHOLE,
    ORDINARY,
    SHRINKS_TPP,
    TPP,
)  # fmt: skip
from tests.unseen.when import GDPR, clock, end
from tests.unseen.world import Setting, World

_ONE, _TWO, _THREE, _FOUR = ORDINARY[TPP]
_FIVE, _SIX, _SEVEN = SHRINKS_TPP, MOVES_WHOLE, LOSES_TO_TPP
_ORG = ORGANISATIONS
_LISTS = clock(2018, 4, 10, 9)


def plant(world: World) -> None:
    """Each practice of SystmOne has its story; the rest is set as it should be."""
    _automatic(world)
    _rules(world)
    _shares(world)
    _lists(world)
    _flapping(world)
    _agreements(world)
    _migrations(world)
    _overrides(world)


def _set(
    world: World, practice: str, at: datetime, setting: str, value: str, org: str = ""
) -> None:
    world.settings.append(Setting(practice, at, setting, value, org))


def _automatic(world: World) -> None:
    on = clock(2017, 6, 1, 9)
    _set(world, _ONE, on, "auto-share-out", "on")
    world.expect("SH01", _ONE, date(2018, 6, 16), after=GDPR)
    _set(world, _SIX, clock(2018, 9, 3, 9), "auto-share-out", "on")
    world.expect("SH01", _SIX, date(2018, 9, 3), after=date(2018, 9, 3))
    _set(world, _TWO, on, "auto-share-out", "on")  # off in time
    _set(world, _TWO, clock(2018, 5, 24, 23, 30), "auto-share-out", "off")

    _set(world, _TWO, clock(2018, 7, 3, 9), "auto-share-in", "on")
    world.expect("SH02", _TWO, date(2018, 7, 3), after=date(2018, 7, 3))
    _set(world, _FOUR, on, "auto-share-in", "on")
    world.expect("SH02", _FOUR, date(2018, 6, 16), after=GDPR)
    _set(world, _THREE, on, "auto-share-in", "on")
    _set(world, _THREE, clock(2018, 5, 24, 9), "auto-share-in", "off")


def _rules(world: World) -> None:
    for code in (_ONE, _TWO, _SEVEN):
        _set(world, code, _LISTS, "share-in-rule", "verify-unlisted")
    world.expect("SH03", _THREE, date(2018, 6, 16), after=date(2018, 5, 29))
    _set(world, _FOUR, _LISTS, "share-in-rule", "none-require-verification")
    world.expect("SH03", _FOUR, date(2018, 6, 16), after=_LISTS.date())
    _set(world, _FIVE, _LISTS, "share-in-rule", "none-require-verification")  # mended in time
    _set(world, _FIVE, clock(2018, 5, 29, 9), "share-in-rule", "verify-unlisted")
    _set(world, _SIX, _LISTS, "share-in-rule", "verify-all")


def _shares(world: World) -> None:
    for code in (_TWO, _SEVEN):
        day = date(2018, 7, 10)
        _set(world, code, clock(2018, 7, 10, 9), "share-in", "unverified", _ORG[202])
        world.expect("SH04", code, day, after=day)
    # On the allowed list; verified; and before the rule was set.
    _set(world, _ONE, clock(2018, 7, 10, 9), "share-in", "unverified", _ORG[5])
    _set(world, _ONE, clock(2018, 7, 10, 10), "share-in", "verified", _ORG[202])
    _set(world, _FIVE, clock(2018, 4, 2, 9), "share-in", "unverified", _ORG[202])
    _set(world, _FIVE, clock(2018, 4, 3, 9), "share-in", "ended", _ORG[202])

    for code in (_FIVE, _SIX):
        _set(world, code, clock(2018, 8, 7, 9), "share-in", "verified", _ORG[1])
        world.expect("SH05", code, date(2018, 8, 7), after=date(2018, 8, 7))
    # No longer prohibited.
    _set(world, _ONE, clock(2018, 8, 6, 9), "prohibited", "remove", _ORG[203])
    _set(world, _ONE, clock(2018, 8, 7, 9), "share-in", "verified", _ORG[203])

    for code in (_TWO, _SIX):
        _set(world, code, clock(2017, 11, 7, 9), "share-in", "verified", _ORG[9])
        world.expect("SH09", code, date(2018, 12, 31), after=_LISTS.date())
    _set(world, _ONE, clock(2017, 11, 7, 9), "share-in", "verified", _ORG[9])  # ended before
    _set(world, _ONE, clock(2018, 3, 20, 9), "share-in", "ended", _ORG[9])


def _lists(world: World) -> None:
    for org in _ORG[:200]:
        _set(world, _ONE, _LISTS, "allowed", "add", org)  # as many as are not too wide
    for org in _ORG[:201]:
        _set(world, _SEVEN, _LISTS, "allowed", "add", org)
    world.expect("SH08", _SEVEN, _LISTS.date(), after=_LISTS.date())
    world.expect("SH08", _SIX, _LISTS.date(), after=_LISTS.date())  # all verified, none allowed
    for code in (_TWO, _FIVE):
        _set(world, code, _LISTS, "allowed", "add", _ORG[0])
    for code, which in ((_ONE, 203), (_FIVE, 1), (_SIX, 1)):
        _set(world, code, _LISTS, "prohibited", "add", _ORG[which])

    _set(world, _SIX, clock(2018, 4, 11, 9), "prohibited", "add", "X9Q99")  # nobody's code
    world.expect("SH06", _SIX, date(2018, 4, 11), after=date(2018, 4, 11))
    world.closed_organisations[_ORG[200]] = date(2018, 6, 30)
    world.expect("SH06", _SEVEN, date(2018, 8, 31), after=date(2018, 7, 1))
    _set(world, _FIVE, clock(2018, 4, 11, 9), "prohibited", "add", _ORG[201])  # off it before
    _set(world, _FIVE, clock(2018, 6, 5, 9), "prohibited", "remove", _ORG[201])
    world.closed_organisations[_ORG[201]] = date(2018, 6, 30)

    _set(world, _TWO, _LISTS, "allowed", "add", _ORG[7])
    for code, which in ((_TWO, 7), (_FIVE, 0)):
        _set(world, code, clock(2018, 9, 4, 9), "prohibited", "add", _ORG[which])
        world.expect("SH07", code, date(2018, 9, 4), after=date(2018, 9, 4))
    _set(world, _TWO, clock(2018, 4, 11, 9), "prohibited", "add", _ORG[11])  # no longer
    _set(world, _TWO, clock(2018, 6, 5, 9), "prohibited", "remove", _ORG[11])
    _set(world, _TWO, clock(2018, 9, 5, 9), "allowed", "add", _ORG[11])


def _flapping(world: World) -> None:
    for code, setting, values, days in (
        (_FOUR, "auto-share-out", ("on", "off", "on", "off"), (1, 3, 5, 25)),
        (_THREE, "auto-share-out", ("on", "off", "on", "off"), (1, 4, 7, 25)),
    ):
        for value, day in zip(values, days, strict=True):
            _set(world, code, clock(2017, 5, day, 9), setting, value)
        world.expect("SH10", code, date(2017, 5, days[2]), after=date(2017, 5, days[2]))
    for value, day in zip(("on", "off", "on", "off"), (1, 5, 12, 25), strict=True):
        _set(world, _FIVE, clock(2017, 5, day, 9), "auto-share-out", value)
    for day, value in ((3, "add"), (4, "remove"), (6, "add")):  # one organisation on a list
        _set(world, _ONE, clock(2018, 10, day, 9), "prohibited", value, _ORG[204])
    world.expect("SH10", _ONE, date(2018, 10, 6), after=date(2018, 10, 6))
    for org in (202, 203, 204):  # three organisations, each once
        _set(world, _SIX, clock(2018, 9, 4, 9), "prohibited", "add", _ORG[org])


def _agreements(world: World) -> None:
    for code in (*ORDINARY[EMIS],):
        world.agreements.append((clock(2016, 2, 10, 9), code, False))
    for code, since in ((ORDINARY[EMIS][2], end(2017, 8)), (LATE_JOINER, end(2018, 6))):
        world.agreements.append((datetime.combine(since, datetime.min.time()), code, True))
        world.expect("SH11", code, since, after=since)
    world.agreements.append((clock(2017, 10, 30, 9), ORDINARY[EMIS][2], False))
    world.agreements.append((clock(2017, 10, 30, 9), ORDINARY[EMIS][0], False))  # never disabled
    # What comes to be deleted while it is disabled changes nothing (LC01).
    who = world.person(ORDINARY[EMIS][2])
    world.enter(who, "1+", date(2016, 3, 9)).remove(clock(2017, 8, 31, 12))


def _migrations(world: World) -> None:
    for code in (LOSES_TO_EMIS, LOSES_TO_TPP):
        _set(world, code, clock(2016, 9, 6, 9), "auto-share-out", "off")
        _set(world, code, clock(2016, 9, 6, 10), "allowed", "add", _ORG[3])
        world.expect("SH12", code, date(2018, 12, 31), after=date(2017, 2, 28))
    _set(world, _SIX, clock(2016, 9, 6, 9), "auto-share-out", "off")  # set again at once
    _set(world, _SIX, clock(2017, 3, 16, 9), "auto-share-out", "off")


def _overrides(world: World) -> None:
    for code in (_TWO, _THREE):
        for day in range(1, 7):
            _override(world, code, clock(2018, 10, day * 4, 9), "unconscious")
        world.expect("SH13", code, date(2018, 10, 24), after=date(2018, 10, 1))
    for hour in range(9, 14):  # five in a month
        _override(world, _FOUR, clock(2018, 10, 2, hour), "unconscious")
    _override(world, _ONE, clock(2018, 10, 9, 9), "unconscious")
    _override(world, _ONE, clock(2018, 10, 10, 9), "")
    world.expect("SH13", _ONE, date(2018, 10, 10), after=date(2018, 10, 10))


def _override(world: World, practice: str, at: datetime, reason: str) -> None:
    world.settings.append(Setting(practice, at, "share-in", "overridden", _ORG[0], reason))
