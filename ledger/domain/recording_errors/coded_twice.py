"""One statement stands in two rows: once in Read or CTV3, once in SNOMED CT.

Some extracts of SystmOne tell an event in both vocabularies (D24). The patient said it once, so it
is counted once; the note explains why there are two rows. One row that carries both codes is the
usual case and no matter at all, and two dates are two statements.
"""

from collections.abc import Iterator

from ledger.domain.codes import CodeSystem
from ledger.domain.evidence import current_entries, is_upheld, statement_made
from ledger.domain.objections import KeptEntry
from ledger.domain.rule import PatientHistory, Sighting
from ledger.domain.wording import entry_in_words

CLOSES = "It closes by itself when one of the two rows is removed. Nothing has to be put right."


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each statement that stands in both vocabularies."""
    statements: dict[str, list[KeptEntry]] = {}
    for entry in current_entries(history):
        if not entry.event.near and (statement := statement_made(entry)) is not None:
            statements.setdefault(statement, []).append(entry)
    for key, entries in statements.items():
        in_snomed = [e for e in entries if e.event.code_system is CodeSystem.SNOMED_CT]
        if in_snomed and len(in_snomed) < len(entries):
            first = entries[0]
            yield Sighting(
                key=key,
                since=max(entry.entered_on for entry in entries),
                positions=tuple(sorted(entry.position for entry in entries)),
                summary=(
                    f"The {entry_in_words(first)} stands in the record twice, in "
                    "SNOMED CT and in an older code."
                ),
                expected="Nothing: it is counted once.",
                practice=first.event.practice,
                purpose=first.event.purpose,
                upheld_meanwhile=is_upheld(history, first.event.purpose),
            )
