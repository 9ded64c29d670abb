"""Effective dates that are missing, cut short, impossible or still to come (CO11 DT01)."""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import timedelta

from ledger.region.scene import Scene


def undated(s: Scene) -> None:
    s.dissent(effective="")
    s.find("CO11", "no date")


def undated_then_dated(s: Scene) -> None:
    entry = s.dissent(effective="")
    s.amend(entry, s.later(months=2), effective=s.day)
    s.find("CO11", "no date at first; added later", closed=True)


def unreadable_date(s: Scene) -> None:
    s.dissent(effective=f"{s.day.year}-02-31", entered=s.later(days=4))
    s.find("CO11", "31 February")


def partial_dates(s: Scene) -> None:
    for effective, how in ((f"{s.day:%Y-%m}", "only a month"), (f"{s.day:%Y}", "only a year")):
        s.newcomer(s.patient.registered)
        s.dissent(effective=effective)
        s.find("CO11", how)


def future_date(s: Scene) -> None:
    s.dissent(effective=s.later(months=1))
    s.find("DT01", "effective a month after it was entered")


def future_date_corrected(s: Scene) -> None:
    entry = s.dissent(effective=s.day + timedelta(days=365))
    s.amend(entry, s.later(months=1), effective=s.day)
    s.find("DT01", "the year was mistyped; corrected", closed=True)


def future_withdrawal(s: Scene) -> None:
    s.dissent()
    s.withdrawal(entered=s.later(months=2), effective=s.later(months=5))
    s.find("DT01", "a withdrawal to come does not count")


def a_day_ahead(s: Scene) -> None:
    s.dissent(effective=s.day + timedelta(days=1))
    s.quiet("one day ahead", "DT01", "entered at night, effective the next day")
