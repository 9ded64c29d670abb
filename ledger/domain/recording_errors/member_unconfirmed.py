"""The patient stood in a batch that was refused as a whole, so nobody knows whether it was heard.

The national check of opt-outs refuses a whole file for one wrong NHS number (E3), and everybody else
in it is left unheard. So it is with a collection that cannot be taken in: who stood in it is
unconfirmed until a collection that was taken in carries them (docs/adr/0027). A collection that had
carried them already confirms them too: then only its copy was refused.

Whoever has withdrawn since has nothing left to confirm.
"""

from collections.abc import Iterator

from ledger.domain.evidence import unconfirmed
from ledger.domain.objections import practice_day
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words

ACTIONS = (
    ActionAsked(
        Owner.SUPPLIER,
        "Correct the batch and send it again",
        (Advice("Mend what the batch was refused for, and send the whole of it again.", "E3"),),
    ),
)
CLOSES = (
    "It closes by itself when a collection that was taken in carries the patient, or when the"
    " patient withdraws."
)
MEANWHILE = (
    "Nobody can tell whether NHS Digital knows of this objection, so it may not be upheld there."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each practice in whose name the patient stood in a refused batch."""
    by_practice = {one.practice: one for one in reversed(unconfirmed(history))}
    for practice, first in by_practice.items():
        refused_on = practice_day(first.recorded_at)
        yield Sighting(
            key=practice or "batch",
            since=refused_on,
            positions=tuple(
                one.position for one in unconfirmed(history) if one.practice == practice
            ),
            summary=(
                "This patient stood in a collection that was refused as a whole on "
                f"{in_words(refused_on)}, and none has carried them since."
            ),
            expected="The batch is corrected, sent again and taken in.",
            practice=practice,
            purpose=Purpose.TYPE_2,
        )
