"""Effective dates that are missing, cut short, impossible still to come or
long past (CO11 DT01 DT02 DT03 DT05).
"""

# ruff: noqa: D103  a scenario's name says what happens, and `find` why it matters

from datetime import date, timedelta

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


def default_date(s: Scene) -> None:
    for day in ("1900-01-01", "1970-01-01"):
        s.newcomer(s.patient.registered)
        s.dissent(effective=day)
        s.find("DT02", "nobody typed a date, so the system wrote its own")
        s.quiet("a system's default date", "DT03 DT05", "impossible, and nothing else besides")


def before_birth(s: Scene) -> None:
    s.patient.born = date(2000, 3, 1)
    entry = s.dissent(effective=date(2000, 2, 27))
    s.amend(entry, s.later(months=1), effective=s.day)
    s.find("DT02", "dated before the patient was born; corrected", closed=True)


def after_death(s: Scene) -> None:
    s.dies(s.later(days=1))
    s.dissent(entered=s.later(days=5))
    s.find("DT02", "entered, and dated, after the patient had died")


def before_the_scheme(s: Scene) -> None:
    s.dissent(effective=s.day.replace(year=2010))
    s.find("DT03", "the year was mistyped")
    s.quiet("before the scheme", "DT02 DT05", "a day of the patient's life, and no late entry")


def late_entry(s: Scene) -> None:
    s.dissent(effective=s.day - timedelta(days=29))
    s.find("DT05", "the form lay about for a month")


def entered_in_time(s: Scene) -> None:
    s.dissent(effective=s.day - timedelta(days=28))
    s.quiet("entered four weeks later", "DT05", "a form is entered within weeks")


def late_with_the_record(s: Scene) -> None:
    s.newcomer(s.month.first_day)
    s.dissent(effective=s.month.first_day - timedelta(days=400))
    s.quiet("came with the registration", "DT05 CO12", "entered in time at the former practice")
