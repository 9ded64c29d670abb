"""A type 2 code was entered after 11 October 2018, when it had stopped doing anything.

The patient believes that they object, and nothing upholds it: since that day only they themselves
can, by the national data opt-out (D8 D9 D10 D12). Some templates went on adding the code without
a warning (D8). An old entry that only came along with the record is another matter, noted apart.
"""

from collections.abc import Iterator

from ledger.domain.evidence import is_upheld, source_record
from ledger.domain.policies import TYPE_2_ENDED_ON
from ledger.domain.purposes import Purpose
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.type_2 import came_along, entered_after_the_end
from ledger.domain.wording import entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Contact the patient, and remove the code from your templates",
        (
            Advice(
                "Tell the patient that the code was entered in error, that they must set the "
                "national data opt-out themselves, and that their data may be used until then.",
                "D9 D10 D12",
            ),
            Advice(
                "Remove the code from templates, protocols and automatic consultations. Where "
                "another body owns a template, ask it to.",
                "D8 D9",
            ),
        ),
        working_days=20,
    ),
)
CLOSES = (
    "It closes by itself when the type 2 code is removed from the patient's record. Telling "
    "the patient does not close it."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each type 2 entry made too late."""
    for entry in entered_after_the_end(history):
        if not came_along(history, entry):
            yield Sighting(
                key=source_record(entry),
                since=entry.entered_on,
                positions=(entry.position,),
                summary=(
                    f"There is a {entry_in_words(entry)}, after type 2 codes ended on "
                    f"{in_words(TYPE_2_ENDED_ON)}. It has no effect."
                ),
                expected="The patient sets the national data opt-out; no type 2 code is entered.",
                practice=entry.event.practice,
                purpose=Purpose.TYPE_2,
                upheld_meanwhile=is_upheld(history, Purpose.TYPE_2),
            )
