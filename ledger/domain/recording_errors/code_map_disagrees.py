"""A supplier's own code map says of an objection's code something else than the ledger's table.

SystmOne and EMIS Web deliver which code of theirs is which SNOMED CT id. The ledger's table comes
from public sources, and of three of its codes none confirms them: the withdrawal's CTV3 code XaZ8A
and the two SNOMED CT ids of the withdrawals (docs/formats.md 7). One of the two is wrong, and if it
is ours a withdrawal goes unread, or a code is taken for an objection that is none. Neither is
changed by this: entries are read by the ledger's table until a person has looked.

A line that agrees, a line without a second code, and EMIS's own spellings and local codes are no
matter.
"""

from collections.abc import Iterator

from ledger.domain.code_maps import unconfirmed
from ledger.domain.codes import read_code
from ledger.domain.rule import (
    ActionAsked,
    Advice,
    DisagreeingMap,
    Owner,
    Sighting,
    SupplierHistory,
)
from ledger.domain.wording import code_system_in_words

ACTIONS = (
    ActionAsked(
        Owner.SUPPLIER,
        "Say which code is right, and correct the map if it is not",
        (
            Advice(
                "Compare the line with the release of SNOMED CT and of the national code maps "
                "that the system uses, and say which release that is.",
                "docs/formats.md 7",
            ),
        ),
    ),
    ActionAsked(
        Owner.NHS_DIGITAL,
        "Ask the terminology team which code is right",
        (
            Advice(
                "The national maps between Read v2, CTV3 and SNOMED CT settle it. If the ledger's "
                "table is wrong, have it corrected: it is kept under information governance.",
                "docs/formats.md 7",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a later delivery from the same source says the same as the "
    "ledger's table, or no longer has the line."
)
MEANWHILE = (
    "Entries are read by the ledger's table, so patients are protected as far as that is "
    "right: if it is wrong, an objection or a withdrawal may go unread."
)


def find(history: SupplierHistory) -> Iterator[Sighting]:
    """One for each line of a map that disagrees now."""
    for line in history.code_maps:
        ours = read_code(line.our_code)
        yield Sighting(
            key=f"{line.feed}|{line.table}|{line.row_id}",
            since=line.since,
            positions=(line.position,),
            summary=(
                f"{line.table} of {history.supplier} maps {line.code} "
                f"({code_system_in_words(line.code_system)}) to {line.mapped_code} "
                f"({code_system_in_words(line.mapped_code_system)}), where the ledger's table has "
                f"{line.our_code} ({code_system_in_words(line.our_code_system)}).{_in_doubt(line)}"
            ),
            expected="The supplier's map and the ledger's table say the same of an objection's codes.",
            purpose=None if ours is None else ours.code.purpose,
        )


def _in_doubt(line: DisagreeingMap) -> str:
    doubtful = unconfirmed(line.our_code, line.code, line.mapped_code)
    if not doubtful:
        return ""
    return f" Of the ledger's codes no public source confirms {' and '.join(doubtful)}."
