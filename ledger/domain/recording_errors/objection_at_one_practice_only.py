"""The patient is registered at two practices at once, and objects at one of them.

Students and others may be registered at several practices (D24). Each sends its own records, and stops
sending only where the objection is coded in them, so the other record goes on flowing. The ledger
upholds the objection wherever it is asked; the second practice cannot know of it.

Temporary residents are not registered at two practices: they stay with their own. A patient who has
left the first practice is another matter, and so is a practice that has another's patients since
that one closed. Of whoever moves the new practice may tell before the old one does, so some days are
left after the second registration became known. [D]
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.domain.evidence import is_upheld
from ledger.domain.objections import practice_day
from ledger.domain.policies import TYPE_2_ENDED_ON
from ledger.domain.registrations import RegistrationSpan
from ledger.domain.residence import (
    has_its_patients,
    objecting_at,
    positions_of,
    present,
    purposes_of_practices,
)
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words, purpose_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Ask the patient whether they object here too, and code the answer",
        (
            Advice(
                "The patient is registered at another practice as well and objects there. Ask "
                "them, and code the objection here. Until then it is upheld everywhere.",
                "D24",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the objection is coded at this practice too, when the patient "
    "withdraws it, or when they are no longer registered at both."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each purpose, and practice at which the objection is not coded."""
    if not history.at_several_practices:
        return
    here = present(history)
    withheld = {asked.practice for asked in history.objections.withheld}
    for purpose in purposes_of_practices(history) if len(here) > 1 else ():
        objecting = objecting_at(history, purpose)
        coded = {code: dissents for code, dissents in objecting.items() if code in here}
        for second in sorted(here.keys() - objecting.keys() - withheld):
            first = [code for code in coded if not has_its_patients(history, second, of=code)]
            if not first:
                continue
            dissents = [dissent for code in first for dissent in coded[code]]
            spans = [here[second], *(here[code] for code in first)]
            objecting_since = min(dissent.entry.entered_on for dissent in dissents)
            both_since = max(objecting_since, *(span.registered_on for span in spans))
            since = max(both_since, *(_due(history, span) for span in spans))
            if history.today < since:
                continue
            yield Sighting(
                key=f"{purpose}|{second}",
                since=since,
                positions=positions_of(dissents, *spans),
                summary=(
                    f"The patient has been registered at two practices at once since "
                    f"{in_words(both_since)}, and a {purpose_in_words(purpose)} dissent is coded at "
                    f"{' and '.join(sorted(first))} only."
                ),
                expected="The objection is coded at every practice that holds the patient's record.",
                practice=second,
                purpose=purpose,
                upheld_meanwhile=is_upheld(history, purpose),
            )


def days(history: PatientHistory) -> tuple[date, ...]:
    """The days on which a registration begins, is old enough or ends, and the first on which type 2
    has ended.
    """
    if not history.at_several_practices:
        return ()
    spans = history.objections.registrations
    ends = (span.deregistered_on for span in spans if span.deregistered_on is not None)
    return (
        *(span.registered_on for span in spans),
        *(_due(history, span) for span in spans),
        *ends,
        TYPE_2_ENDED_ON + timedelta(days=1),
    )


def _due(history: PatientHistory, span: RegistrationSpan) -> date:
    waited = timedelta(days=history.thresholds.two_practices_days)
    return practice_day(span.known_at) + waited
