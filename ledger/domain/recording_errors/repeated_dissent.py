"""A patient who objects already objects again: right, and no more than before.

Restated choices inflate a count of entries (E19), and type 1 is counted by entries (D28): so the
repetition is noted, and the objection is counted once.

One statement that came by several ways, in an extract, by GP Connect and by GP2GP, is no
repetition: the rows share their date and the moment of entering. Nor is a copy that came to a new
practice with the patient's record or was coded there anew with its date, one that came with its date
when the practice moved to another clinical system, a row that is only another spelling of one that
was removed or misspelt, or a dissent after a withdrawal. Where a format gives
no entered time, two rows of one date cannot be told from one statement, and nothing is said.
"""

from collections.abc import Iterator

from ledger.domain.evidence import (
    came_with_the_record,
    is_one_statement,
    is_upheld,
    source_record,
)
from ledger.domain.policies import Standing
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.rule import PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words

CLOSES = (
    "It closes by itself when a withdrawal that lies between the two dissents becomes known, "
    "or when the row turns out to be no dissent. Nothing has to be put right."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each dissent that repeats another."""
    for purpose in history.purposes:
        for first, again in _repeated(history, purpose):
            yield Sighting(
                key=source_record(again.entry),
                since=again.entry.entered_on,
                positions=tuple(sorted((first.entry.position, again.entry.position))),
                summary=(
                    f"The {entry_in_words(again.entry)} repeats a dissent that stood already, "
                    f"entered on {in_words(first.entry.entered_on)}."
                ),
                expected="Nothing: it is counted once.",
                practice=again.entry.event.practice,
                purpose=purpose,
                upheld_meanwhile=is_upheld(history, purpose),
            )


def _repeated(history: PatientHistory, purpose: Purpose) -> Iterator[tuple[Standing, Standing]]:
    """Each dissent said again, with the one of the same objection that was said first.

    A withdrawal that only counts as a dissent, because its term says so, repeats nothing.
    """
    said = [s for s in history.dissents(purpose) if s.entry.event.statement is Statement.DISSENT]
    earlier: list[Standing] = []
    for dissent in sorted(said, key=_when_said):
        same = [one for one in earlier if _is_the_same_objection(history, one, dissent)]
        is_copy = any(_is_a_copy(one, dissent) for one in earlier)
        moved = came_with_the_record(history, dissent.entry, meant_by=dissent.counts_on)
        if same and not is_copy and not moved:
            yield same[0], dissent
        earlier.append(dissent)


def _when_said(dissent: Standing) -> tuple[object, ...]:
    return (dissent.entry.entered_on, dissent.counts_on, dissent.entry.position)


def _is_the_same_objection(history: PatientHistory, one: Standing, other: Standing) -> bool:
    """Whether no withdrawal lies between the two."""
    begin, end = sorted((one.counts_on, other.counts_on))
    return not any(
        begin < withdrawal.counts_on <= end
        for withdrawal in history.withdrawals(one.entry.event.purpose)
    )


def _is_a_copy(one: Standing, other: Standing) -> bool:
    """Whether a row only says once more what another does, or did before it was removed."""
    of_one_day = one.counts_on == other.counts_on
    at_one_practice = one.entry.event.practice == other.entry.event.practice
    mended = of_one_day and at_one_practice and (one.weak or other.weak)
    in_one_system = one.entry.event.clinical_system is other.entry.event.clinical_system
    coded_anew = of_one_day and not (at_one_practice and in_one_system)
    return mended or coded_anew or is_one_statement(one.entry, other.entry)
