"""An entry came with an NHS number that passes its check digit and can be nobody's.

Somebody typed 1111111111 or 9876543210 because the number was not at hand: the check digit is sound,
so nothing else complains, and the objection is upheld for nobody [D]. Numbers from 9000000000 on are
kept for tests; in a ledger that keeps real patients one of these is a test record that got in, or a
slip. In a re-enactment, and in a ledger that was not told that its patients are real, they are what one
expects (docs/adr/0028).
"""

from collections.abc import Iterator

from ledger.domain.identifiers import NumberKind
from ledger.domain.objections import practice_day
from ledger.domain.rule import ActionAsked, Advice, DoubtfulEntry, Owner, PracticeHistory, Sighting
from ledger.domain.wording import in_words, purpose_in_words

_WHAT = {
    NumberKind.DUMMY: "a dummy such as 1111111111",
    NumberKind.SYNTHETIC: "one of those kept for tests",
}

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Enter the patient's own NHS number",
        (
            Advice(
                "Find the entry by the identifier your clinical system gave it, trace the "
                "patient's NHS number and correct it. Mark a test patient as one.",
                "[D]",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a delivery brings the entry with the patient's own NHS number, "
    "or tells that the entry is deleted."
)
MEANWHILE = "The patient is not protected: the objection counts for a number that is nobody's."


def find(history: PracticeHistory) -> Iterator[Sighting]:
    """One for each entry; changed, it is still the same entry."""
    entries: dict[str, DoubtfulEntry] = {}
    for doubtful in history.doubtful:
        entries[f"{doubtful.event.clinical_system}|{doubtful.event.entry_id}"] = doubtful
    for key, (position, recorded_at, event) in entries.items():
        kind = event.number_kind
        assert kind is not None, "only doubtful entries are told"
        since = practice_day(recorded_at)
        yield Sighting(
            key=key,
            since=since,
            positions=(position,),
            summary=(
                f"A {purpose_in_words(event.purpose)} {event.statement} arrived on "
                f"{in_words(since)} with an NHS number that is {_WHAT[kind]}."
            ),
            expected="Every objection comes with the NHS number of the patient who made it.",
            practice=history.code,
            purpose=event.purpose,
            # For whoever asks by that number, who is not the patient.
            upheld_meanwhile=False,
        )
