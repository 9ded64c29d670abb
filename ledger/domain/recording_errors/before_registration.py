"""The entry was made before the patient registered at the practice whose record it is in.

Either a date is wrong, or the entry is another patient's, or it came from elsewhere by a way that left
no trace. What came with the patient's record from another practice is in order: by GP2GP (D9), shortly
after an earlier registration at the same practice, because the practice has the patients of one
that closed, or because the same choice is known from another practice.

Where no entered time was given, or no registration is known, nothing is said.
"""

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.domain.evidence import came_with_the_record, current_entries, is_upheld, source_record
from ledger.domain.objections import KeptEntry
from ledger.domain.registrations import RegistrationSpan
from ledger.domain.residence import closing_days, has_its_patients
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Confirm when the entry was made, and for whom",
        (
            Advice(
                "Check the dates of the entry and of the registration, and that the entry is this "
                "patient's. If it came with the record from elsewhere, dismiss this and say so.",
                "D9",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when an earlier registration at the practice becomes known, when "
    "another practice's record shows the same choice by then, or when the entry is removed."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry in the record."""
    for entry in current_entries(history):
        first = _first_registration(history, entry.event.practice)
        if (
            first is not None
            and entry.event.entered_at is not None
            and entry.entered_on < first.registered_on
            and not came_with_the_record(history, entry)
            and not _is_known_elsewhere(history, entry)
            and not _came_by_a_merger(history, first)
        ):
            yield Sighting(
                key=source_record(entry),
                since=entry.entered_on,
                positions=tuple(sorted({entry.position, first.position} - {0})),
                summary=(
                    f"There is a {entry_in_words(entry)}, and the patient registered here only "
                    f"on {in_words(first.registered_on)}."
                ),
                expected="A practice makes entries for patients who are registered with it.",
                practice=entry.event.practice,
                purpose=entry.event.purpose,
                upheld_meanwhile=is_upheld(history, entry.event.purpose),
            )


def days(history: PatientHistory) -> tuple[date, ...]:
    """The days on which a practice closes, whose patients another then has."""
    return closing_days(history)


def _first_registration(history: PatientHistory, practice: str) -> RegistrationSpan | None:
    here = [span for span in history.objections.registrations if span.practice == practice]
    return min(here, key=lambda span: span.registered_on, default=None)


def _is_known_elsewhere(history: PatientHistory, entry: KeptEntry) -> bool:
    """Whether another practice's record has the same choice, so that it can have come from there."""
    said = (entry.event.purpose, entry.event.statement, entry.event.effective_on)
    return any(
        other.event.practice != entry.event.practice
        and (other.event.purpose, other.event.statement, other.event.effective_on) == said
        and other.entered_on <= entry.entered_on
        for other in history.objections.entries
    )


def _came_by_a_merger(history: PatientHistory, first: RegistrationSpan) -> bool:
    """Whether the patient was registered when the practice took over those of one that closed."""
    within = timedelta(days=history.thresholds.record_follows_within_days)
    return any(
        code != first.practice
        and abs(first.registered_on - closing.closed_on) <= within
        and has_its_patients(history, first.practice, of=code)
        for code, closing in history.closings.items()
    )
