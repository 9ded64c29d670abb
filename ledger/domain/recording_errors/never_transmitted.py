"""A type 2 dissent is in the practice's record, and no collection carried it to NHS Digital.

NHS Digital can only uphold what reaches it. In 2018 some 150,000 objections, rightly recorded in
SystmOne, turned out never to have been sent (B1 B3), and the data of those patients had gone out
since April 2016 (B5).

One collection that should have carried the dissent and did not may be a matter of days: a person
looks. From the second on it is a breach. A practice that sent nothing at all is another fault.
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.policies import Standing
from ledger.domain.purposes import Purpose
from ledger.domain.rule import (
    ActionAsked,
    Advice,
    CollectionTaken,
    Owner,
    PatientHistory,
    Severity,
    Sighting,
)
from ledger.domain.wording import counted, in_words, period_in_words

ACTIONS = (
    ActionAsked(
        Owner.NHS_DIGITAL,
        "Uphold this objection now, and write to the patient",
        (
            Advice("NHS Digital: uphold the objection now and write to the patient.", "B1 B5"),
            Advice("Practice: be aware. Nothing is asked of you: your entry was right.", "B3"),
        ),
        days=28,
    ),
)
CLOSES = (
    "It closes by itself when a collection carries the patient, in the name of whichever "
    "practice, or when a later withdrawal of the type 2 is coded."
)
MEANWHILE = (
    "NHS Digital does not uphold the patient's wish: what did not arrive cannot be applied "
    "there. The practice's own record is right."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each practice whose standing type 2 dissents no collection carried."""
    breach_from = history.thresholds.missed_collections_for_breach
    missed_by_practice: dict[str, list[tuple[Standing, list[CollectionTaken]]]] = {}
    for dissent in history.dissents(Purpose.TYPE_2):
        missed = _missed(history, dissent)
        if missed:
            practice = dissent.entry.event.practice
            missed_by_practice.setdefault(practice, []).append((dissent, missed))
    for practice, cases in missed_by_practice.items():
        collections = {c.position: c for _, missed in cases for c in missed}.values()
        ends = sorted(c.period_end for c in collections)
        entered_on = min(dissent.entry.entered_on for dissent, _ in cases)
        yield Sighting(
            key=practice,
            since=ends[0],
            positions=tuple(
                sorted({d.entry.position for d, _ in cases} | {c.position for c in collections})
            ),
            summary=(
                f"The type 2 dissent entered on {in_words(entered_on)} did not reach NHS Digital "
                f"in {_collections_in_words(ends)}, in which this practice took part."
            ),
            expected="Each collection since the dissent was entered carries the patient.",
            practice=practice,
            purpose=Purpose.TYPE_2,
            # The practice does uphold it; NHS Digital, to whom it was addressed, does not.
            upheld_meanwhile=False,
            severity=Severity.BREACH if len(ends) >= breach_from else Severity.REVIEW,
        )


def _missed(history: PatientHistory, dissent: Standing) -> list[CollectionTaken]:
    """The collections that should have carried this dissent; none once one of them did."""
    entry = dissent.entry
    carried = any(
        # Whichever practice it was carried for, NHS Digital knows of the patient.
        sent.event.period_end >= entry.entered_on
        for sent in history.objections.transmissions
    )
    if carried or history.ended_by(dissent) is not None:
        return []
    return [
        collection
        for collection in history.collections
        if entry.event.practice in collection.practices
        and collection.period_end >= entry.entered_on
    ]


def _collections_in_words(ends: list[date]) -> str:
    if len(ends) == 1:
        return f"the collection of {in_words(ends[0])}"
    return f"any of the {counted(len(ends), 'collection')} of {period_in_words(ends)}"
