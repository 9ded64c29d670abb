"""Who stood in a collection without an entry that says why, and may that entry be on its way yet?

A collection may reach the ledger before the practice's own delivery of those days does. Until that
comes, or is later than any delivery should be, nobody can say that an entry is missing (TX07).
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.domain.objections import KeptEntry, Transmission
from ledger.domain.policies import counts_as
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.rule import PatientHistory


def unexplained(history: PatientHistory) -> Iterator[Transmission]:
    """The collections that carried the patient for a practice the ledger hears from, and that no
    type 2 dissent ever kept can have led to.
    """
    told = (
        _may_be_entered_on(entry)
        for entry in history.objections.entries
        if entry.event.purpose is Purpose.TYPE_2 and counts_as(entry) is Statement.DISSENT
    )
    explained_from = min(told, default=date.max)
    for sent in history.objections.transmissions:
        if sent.event.period_end < explained_from and sent.event.practice in history.delivering:
            yield sent


def awaited(history: PatientHistory) -> list[Transmission]:
    """Those of them that a delivery may explain yet: the practice has sent none of the period's
    end or later, and it is not overdue.
    """
    return [
        sent
        for sent in unexplained(history)
        if history.delivering[sent.event.practice] < sent.event.period_end
        and history.today < overdue_on(history, sent)
    ]


def overdue_on(history: PatientHistory, sent: Transmission) -> date:
    """The day from which a delivery that should explain it is waited for no more."""
    return sent.event.period_end + timedelta(days=history.thresholds.late_delivery_days)


def _may_be_entered_on(dissent: KeptEntry) -> date:
    """The first day on which the practice may have entered it."""
    # Where a format has no entered time, the day the ledger learnt of an entry says nothing about
    # when the practice entered it: then only a later effective date speaks against it.
    if dissent.event.entered_at is None:
        return dissent.event.effective_on or date.min
    return dissent.entered_on
