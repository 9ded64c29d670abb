"""The patient turned thirteen, and the objection that stands is one that somebody made for them.

Now the choice is theirs (D31). The objection goes on counting; the practice may ask whether the
patient means it (D41). An entry of theirs, made since, answers that, whatever it says.

The ledger keeps that the day has come and not the day itself, which would tell the date of birth: so
`since` is the day on which it was kept (docs/adr/0028).
"""

from collections.abc import Iterator

from ledger.domain.evidence import current_entries, is_upheld
from ledger.domain.objections import practice_day
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import in_words, purpose_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Invite the patient to confirm their choice",
        (
            Advice(
                "The patient is old enough to choose. Invite them to confirm the objection that "
                "was made for them or to withdraw it, and code the answer.",
                "D41 D31",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when an entry that the patient made themselves is recorded, whatever"
    " it says."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each purpose."""
    came = history.objections.turned_thirteen
    if came is None:
        return
    own = {e.event.purpose for e in current_entries(history) if not e.event.under_thirteen}
    for purpose in history.purposes:
        made_for_them = [
            dissent
            for dissent in history.dissents(purpose)
            if dissent.entry.event.under_thirteen and history.ended_by(dissent) is None
        ]
        if not made_for_them or purpose in own:
            continue
        since = practice_day(came.recorded_at)
        yield Sighting(
            key=purpose.value,
            since=since,
            positions=tuple(sorted({d.entry.position for d in made_for_them} | {came.position})),
            summary=(
                f"By {in_words(since)} the patient had turned thirteen, and a "
                f"{purpose_in_words(purpose)} dissent that was made for them stands."
            ),
            expected="A patient who is old enough has been asked whether they object.",
            practice=made_for_them[-1].entry.event.practice,
            purpose=purpose,
            upheld_meanwhile=is_upheld(history, purpose),
        )
