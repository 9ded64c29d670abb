"""Any organisation on SystmOne may open a share-in here, and nothing verifies that patients agree.

A practice's Share In Rules read "No Organisations Require Verification" until somebody changes
them (C4). The lists of allowed and prohibited organisations, with a code that the patient passes on
for everybody else, could be set up from 1 March 2018 (C3); ninety days are enough for it [D].

Only SystmOne has this screen, so a practice is taken never to have touched it only there.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Setting
from ledger.domain.objections import practice_day
from ledger.domain.practices import NO_VERIFICATION, Practice
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.sharing import Held, held_on, true_from
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Draw up the allowed and prohibited lists, and require verification",
        (
            Advice(
                'Under Setup > Users & Policy > Share In Rules, move off "No Organisations '
                'Require Verification" and list the services you really use as allowed.',
                "C4",
            ),
            Advice("List those that may never share in as prohibited.", "C3"),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the ledger is told that verification is required, of "
    "organisations on neither list or of all."
)
MEANWHILE = (
    "Any organisation on SystmOne may look at the shared records of these patients, and "
    "nobody verifies that they agree."
)


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while nothing has to be verified."""
    wrong_from = verification_due_on(history)
    held = held_on(history.practice, Setting.SHARE_IN_RULE, history.today)
    untouched = held is None
    if held is None:
        held = _untouched(history.practice)
    if held is None or held.value != NO_VERIFICATION or history.today < wrong_from:
        return
    wrong = true_from(wrong_from, held=held)
    how = "was never changed from" if untouched else "is set to"
    yield Sighting(
        key=Setting.SHARE_IN_RULE.value,
        since=wrong.since,
        positions=held.positions,
        summary=f'The share-in rule {how} "No Organisations Require Verification".',
        expected=(
            f"By {in_words(wrong_from)} organisations that are not on the allowed list need "
            "the patient's verification."
        ),
        practice=history.code,
        purpose=Purpose.SHARE_IN,
        by_the_day=wrong.by_the_day,
    )


def days(history: PracticeHistory) -> tuple[date, ...]:
    """The day from which it is wrong."""
    return (verification_due_on(history),)


def verification_due_on(history: PracticeHistory) -> date:
    """The day from which verification has to be required."""
    thresholds = history.thresholds
    return thresholds.lists_possible_from + timedelta(days=thresholds.days_to_set_up_lists)


def _untouched(practice: Practice) -> Held | None:
    """What the screen reads where nobody has touched it: the rule of a SystmOne practice."""
    if practice.clinical_system is not ClinicalSystem.SYSTMONE:
        return None
    use = practice.systems[-1]
    return Held(NO_VERIFICATION, use.since or practice_day(use.recorded_at), (use.position,))
