"""SystmOne still records by itself that patients agree to let this practice see others' records.

From 25 May 2018 consent by silence carries no share (C6 C3). Unticking the box stops it for
patients to come and changes nothing for those already recorded: they have to be asked again (C6).
"""

from collections.abc import Iterator
from datetime import date

from ledger.domain.entries import Setting
from ledger.domain.practices import ON
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PracticeHistory, Sighting
from ledger.domain.sharing import GDPR_APPLIED_ON, held_on, true_from
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Switch off the automatic recording of share-in, and ask patients again",
        (
            Advice(
                "Untick it under Setup > Users & Policy > Organisation Preferences > Clinical "
                "Policy > Sharing. Do not rely on implied consent.",
                "C6 C3",
            ),
            Advice(
                "Ask again those whose choice was recorded automatically: the switch does not "
                "change what is recorded already.",
                "C6",
            ),
        ),
    ),
)
CLOSES = "It closes by itself when the ledger is told that the setting is switched off."
MEANWHILE = "The practice may see what others recorded of its patients although nobody asked them."


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One while the setting is on and consent must be asked for."""
    held = held_on(history.practice, Setting.AUTO_SHARE_IN, history.today)
    if held is None or held.value != ON or history.today < GDPR_APPLIED_ON:
        return
    wrong = true_from(GDPR_APPLIED_ON, held=held)
    yield Sighting(
        key=Setting.AUTO_SHARE_IN.value,
        since=wrong.since,
        positions=held.positions,
        summary=(
            "Share-in is recorded automatically, without asking the patient, and has been since "
            f"{in_words(held.set_on)}."
        ),
        expected=f"Since {in_words(GDPR_APPLIED_ON)} each patient is asked before sharing in.",
        practice=history.code,
        purpose=Purpose.SHARE_IN,
        by_the_day=wrong.by_the_day,
    )


def days(_history: PracticeHistory) -> tuple[date, ...]:
    """The day from which it is wrong."""
    return (GDPR_APPLIED_ON,)
