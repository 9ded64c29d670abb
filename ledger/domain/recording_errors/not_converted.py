"""A type 2 objection was to become a national data opt-out, and nothing shows that it did.

On 25 May 2018 the national data opt-out took the place of type 2, and objections that stood were
converted; those entered until 11 October 2018 were collected and converted month by month (D31 E11).
Whoever was left out has no objection any more, and nothing tells them.

A conversion is due on 25 May 2018, or where the dissent was entered too shortly before that or
later, within the weeks that collecting and converting takes; the day after, it is missed. A dissent
withdrawn by then leaves nothing to convert. Any conversion of the patient is enough, whatever its
day: from then on the choice is the patient's own.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple

from ledger.domain.policies import OPT_OUT_BEGAN_ON, Standing
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.NHS_DIGITAL,
        "Convert the objection to a national data opt-out, or contact the patient",
        (
            Advice(
                "Set the national data opt-out that this type 2 stood for, and write to the "
                "patient. Where that cannot be done any more, ask the patient to choose.",
                "D31 E11",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a conversion of the patient becomes known, whatever its day, or"
    " when it turns out that the patient had withdrawn before it was due."
)
MEANWHILE = (
    "The patient's wish is not upheld by NHS Digital: type 2 has ended, and no national data "
    "opt-out is known to stand in its place."
)


class _Due(NamedTuple):
    dissent: Standing
    on: date


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One where a conversion that was due is not known."""
    missed = [due for due in _conversions_due(history) if due.on < history.today]
    if not missed:
        return
    first = min(missed, key=lambda due: (due.on, due.dissent.entry.position))
    last = max(missed, key=lambda due: (due.dissent.counts_on, due.dissent.entry.position))
    yield Sighting(
        key="conversion",
        since=first.on + timedelta(days=1),
        positions=tuple(sorted(due.dissent.entry.position for due in missed)),
        summary=(
            f"The type 2 dissent entered on {in_words(first.dissent.entry.entered_on)} was to "
            f"become a national data opt-out by {in_words(first.on)}, and no conversion is known."
        ),
        expected="A type 2 that stood on 25 May 2018, or was entered later, is converted.",
        practice=last.dissent.entry.event.practice,
        purpose=Purpose.TYPE_2,
        upheld_meanwhile=False,
        by_the_day=True,
    )


def days(history: PatientHistory) -> Iterator[date]:
    """The days after those on which a conversion is due."""
    return (due.on + timedelta(days=1) for due in _conversions_due(history))


def _conversions_due(history: PatientHistory) -> Iterator[_Due]:
    """The dissents that were to be converted, each with the last day for it; none once one was."""
    if history.objections.conversions:
        return
    within = timedelta(days=history.thresholds.conversion_within_days)
    for dissent in history.dissents(Purpose.TYPE_2):
        due = _Due(dissent, max(OPT_OUT_BEGAN_ON, dissent.entry.entered_on + within))
        ended_by = history.ended_by(dissent)
        if ended_by is None or ended_by.entry.entered_on > due.on:
            yield due
