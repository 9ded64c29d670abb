"""Was this a live GP practice on a day, as far as the register has told?

The register gives a closing its day, and tells of nothing else since when: what a line says the first
time we see it is taken to have been so all along, a change from the day on which it became known.
"""

from datetime import date
from enum import StrEnum

from ledger.domain.closing import CLOSED, DORMANT
from ledger.domain.objections import practice_day
from ledger.domain.practices import Listing, Practice


class NotLive(StrEnum):
    """Why a code was no live GP practice's."""

    UNKNOWN = "unknown"
    NO_GP_PRACTICE = "no-gp-practice"
    CLOSED = "closed"
    DORMANT = "dormant"


def why_not_live(practice: Practice, day: date, *, register_known: bool) -> NotLive | None:
    """What the register has against the practice on that day; None: nothing.

    On the day it closes a practice is still open.
    """
    listing = _on(practice, day)
    if practice.closed is not None and practice.closed.closed_on < day:
        dormant = practice.listed is not None and practice.listed.status == DORMANT
        return NotLive.DORMANT if dormant else NotLive.CLOSED
    if listing is None:
        unknown = register_known and practice.closed is None
        return NotLive.UNKNOWN if unknown else None
    if not listing.event.gp_practice:
        return NotLive.NO_GP_PRACTICE
    if practice.closed is None and listing.event.status in (CLOSED, DORMANT):
        return NotLive(listing.event.status)
    return None


def always_live(practice: Practice) -> bool:
    """Whether nothing was ever told that could be held against it: so of nearly all practices."""
    return (
        bool(practice.listings)
        and practice.closed is None
        and all(
            listing.event.gp_practice and listing.event.status not in (CLOSED, DORMANT)
            for listing in practice.listings
        )
    )


def _on(practice: Practice, day: date) -> Listing | None:
    """The line of the register that held on that day."""
    told = [one for one in practice.listings if practice_day(one.recorded_at) <= day]
    return next(iter(told[-1:] or practice.listings[:1]), None)
