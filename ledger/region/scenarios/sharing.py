"""Share-ins and lists of SystmOne practices that are not as they should be (SH04 to SH10, SH13)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import date, timedelta

from ledger.domain.entries import Setting
from ledger.domain.purposes import Purpose
from ledger.region.register_files import CLOSED_SERVICE, COMMUNITY_SERVICE
from ledger.region.scene import Scene
from ledger.region.sharing_files import verifies

# The register has no code of this look, letters behind X99, so it cannot say that one is unknown.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"
_MANY = [f"X99{a}{b}" for a in _LETTERS for b in _LETTERS][:205]
# Of the look of the community service's own.
_UNKNOWN = "X99C8"
# Before any share-in here but the one that is older than the lists.
_LISTS_SINCE = date(2018, 3, 5)


def _find(s: Scene, rule: str, why: str, *, closed: bool = False) -> None:
    s.find(rule, why, purpose=Purpose.SHARE_IN, named=False, closed=closed)


def _share(
    s: Scene, how: str, organisation: str, *, on: date | None = None, reason: str | None = None
) -> None:
    """An organisation creates or ends a share-in at a practice that has had lists for long."""
    s.settle(Setting.ALLOWED, "add", COMMUNITY_SERVICE, on=_LISTS_SINCE)
    s.settle(Setting.SHARE_IN, how, organisation, on=on, reason=reason)


def unverified(s: Scene) -> None:
    _share(s, "unverified", "X99ZA")
    if verifies(s.practice, s.day):
        _find(s, "SH04", "on neither list, and nothing verified it")
    else:
        s.quiet("unverified share-in", "SH04", "the practice's rule requires no verification")


def unverified_then_ended(s: Scene) -> None:
    _share(s, "unverified", "X99ZB")
    _share(s, "ended", "X99ZB", on=s.later(days=5))
    if verifies(s.practice, s.day):
        _find(s, "SH04", "ended five days later", closed=True)


def allowed_then_unverified(s: Scene) -> None:
    s.settle(Setting.ALLOWED, "add", "X99ZC")
    _share(s, "unverified", "X99ZC", on=s.later(days=3))
    s.quiet("allowed organisation shares in", "SH04 SH06", "it needs no verification")


def prohibited(s: Scene) -> None:
    s.settle(Setting.PROHIBITED, "add", "X99ZD")
    _share(s, "verified", "X99ZD", on=s.later(days=4))
    _find(s, "SH05", "prohibited four days before it shared in")


def prohibited_afterwards(s: Scene) -> None:
    s.settle(Setting.ALLOWED, "add", "X99ZE")
    _share(s, "verified", "X99ZE", on=s.later(days=2))
    s.settle(Setting.PROHIBITED, "add", "X99ZE", on=s.later(days=9))
    s.settle(Setting.ALLOWED, "remove", "X99ZE", on=s.later(days=9))
    s.quiet("prohibited afterwards", "SH05 SH07", "it shared in before, and changed lists")


def closed_organisation(s: Scene) -> None:
    s.settle(Setting.ALLOWED, "add", CLOSED_SERVICE)
    _find(s, "SH06", "it closed in 2013")


def unknown_organisation(s: Scene) -> None:
    s.settle(Setting.PROHIBITED, "add", _UNKNOWN)
    s.settle(Setting.PROHIBITED, "remove", _UNKNOWN, on=s.later(months=1))
    _find(s, "SH06", "mistyped, and corrected a month later", closed=True)


def both_lists(s: Scene) -> None:
    s.settle(Setting.PROHIBITED, "add", "X99ZF")
    s.settle(Setting.ALLOWED, "add", "X99ZF", on=s.later(days=8))
    _find(s, "SH07", "allowed and prohibited")


def everybody_allowed(s: Scene) -> None:
    for organisation in _MANY:
        s.settle(Setting.ALLOWED, "add", organisation)
    _find(s, "SH08", "more than 200 organisations are allowed")


def older_than_the_lists(s: Scene) -> None:
    s.settle(Setting.SHARE_IN, "verified", "X99ZG")
    s.settle(Setting.ALLOWED, "add", "X99ZH", on=s.later(months=42))
    _find(s, "SH09", "shared in years before there were lists")


def flapped(s: Scene) -> None:
    s.settle(Setting.ALLOWED, "add", "X99ZJ")
    s.settle(Setting.ALLOWED, "remove", "X99ZJ", on=s.later(days=2))
    s.settle(Setting.ALLOWED, "add", "X99ZJ", on=s.later(days=5))
    _find(s, "SH10", "on, off and on again within five days")


def changed_thrice_in_a_month(s: Scene) -> None:
    s.settle(Setting.ALLOWED, "add", "X99ZK")
    s.settle(Setting.ALLOWED, "remove", "X99ZK", on=s.later(days=10))
    s.settle(Setting.ALLOWED, "add", "X99ZK", on=s.later(days=20))
    s.quiet("changed three times in three weeks", "SH10", "never three times in one")


def overridden_without_reason(s: Scene) -> None:
    _share(s, "overridden", "X99ZL", reason="")
    _find(s, "SH13", "no reason was given")


def overridden_often(s: Scene) -> None:
    for n in range(6):
        on = s.day + timedelta(days=n)
        _share(s, "overridden", "X99ZM", on=on, reason="unconscious")
    _find(s, "SH13", "six times in a month")


def overridden_now_and_then(s: Scene) -> None:
    for n in range(5):
        on = s.day + timedelta(days=n)
        _share(s, "overridden", "X99ZN", on=on, reason="unconscious")
    _share(s, "overridden", "X99ZN", on=s.later(months=1), reason="collapsed")
    _share(s, "overridden", "X99ZP", on=s.later(days=7))
    s.quiet("five overrides in a month", "SH13", "with reasons, or where no file says")
