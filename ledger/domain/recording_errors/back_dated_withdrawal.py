"""A withdrawal bears a date before the dissent, but was entered after it.

Either the patient withdrew and the date is wrong, and then the objection should end; or an old
paper was typed in late, and then it should not. By its date the dissent is the later word and
counts (D4). A withdrawal that only came along, with a record from another practice or as a copy
of one known before the dissent, was not entered late at all (D9).
"""

from collections.abc import Iterator

from ledger.domain.evidence import came_with_the_record, entered_later, is_upheld, source_record
from ledger.domain.policies import Standing
from ledger.domain.purposes import Statement
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Confirm the date of the withdrawal with the patient",
        (
            Advice(
                "Ask the patient when they withdrew, and correct the date if it is wrong. Until "
                "then the objection is upheld.",
                "D4",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when a withdrawal with a later date than the dissent is coded, when "
    "the wrong date of the two is corrected, or when the withdrawal is removed."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each withdrawal dated before a dissent that it was entered after."""
    for purpose in history.purposes:
        # What another withdrawal has ended needs no answer any more.
        open_dissents = [d for d in history.dissents(purpose) if history.ended_by(d) is None]
        for withdrawal in history.withdrawals(purpose):
            entry = withdrawal.entry
            if came_with_the_record(history, entry, meant_by=withdrawal.counts_on):
                continue
            overtaken = [d for d in open_dissents if _is_back_dated(history, withdrawal, d)]
            if not overtaken:
                continue
            latest = max(overtaken, key=lambda d: (d.counts_on, d.entry.position))
            yield Sighting(
                key=source_record(entry),
                since=entry.entered_on,
                positions=tuple(sorted((entry.position, *(d.entry.position for d in overtaken)))),
                summary=(
                    f"The {entry_in_words(entry)} takes effect on {in_words(withdrawal.counts_on)},"
                    f" before the dissent of {in_words(latest.counts_on)} that was entered first."
                ),
                expected="A withdrawal entered after a dissent bears a later date.",
                practice=entry.event.practice,
                purpose=purpose,
                upheld_meanwhile=is_upheld(history, purpose),
            )


def _is_back_dated(history: PatientHistory, withdrawal: Standing, dissent: Standing) -> bool:
    return (
        withdrawal.counts_on < dissent.counts_on
        and entered_later(withdrawal.entry, dissent.entry)
        and not _known_before(history, withdrawal, dissent)
    )


def _known_before(history: PatientHistory, withdrawal: Standing, dissent: Standing) -> bool:
    """Whether the same withdrawal had been entered, here or elsewhere, before the dissent was."""
    event = withdrawal.entry.event
    return any(
        twin.event.purpose is event.purpose
        and twin.event.statement is Statement.WITHDRAWAL
        and twin.event.effective_on == event.effective_on
        and entered_later(dissent.entry, twin)
        for twin in history.objections.entries
    )
