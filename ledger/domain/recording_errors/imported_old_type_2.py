"""An old type 2 entry looks newly entered, because it came along with the patient's record.

A search for type 2 codes added since 11 October 2018 also finds what GP2GP brought from another
practice (D9 D10). The code was right in its time, so nobody has to write to the patient: the entry
is kept and counted, so that the search and the ledger agree.
"""

from collections.abc import Iterator

from ledger.domain.evidence import is_upheld, source_record
from ledger.domain.purposes import Purpose
from ledger.domain.rule import PatientHistory, Sighting
from ledger.domain.type_2 import came_along, entered_after_the_end
from ledger.domain.wording import entry_in_words, in_words

CLOSES = (
    "It closes by itself when the entry is no longer in the record. Nothing has to be put right."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each old entry that came along."""
    for entry in entered_after_the_end(history):
        if entry.event.effective_on is not None and came_along(history, entry):
            yield Sighting(
                key=source_record(entry),
                since=entry.entered_on,
                positions=(entry.position,),
                summary=(
                    f"The {entry_in_words(entry)} dates from "
                    f"{in_words(entry.event.effective_on)} and came with the patient's record."
                ),
                expected="Nothing: no letter is sent.",
                practice=entry.event.practice,
                purpose=Purpose.TYPE_2,
                upheld_meanwhile=is_upheld(history, Purpose.TYPE_2),
            )
