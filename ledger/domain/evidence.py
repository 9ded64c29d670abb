"""What several rules ask of a patient's history besides what stands: pure, and judging nothing."""

from datetime import date, timedelta

from ledger.domain.entries import Route
from ledger.domain.objections import KeptEntry
from ledger.domain.policies import Answer, decide
from ledger.domain.purposes import Purpose
from ledger.domain.rule import PatientHistory


def current_entries(history: PatientHistory) -> tuple[KeptEntry, ...]:
    """The entries as the practices' records have them now: neither removed nor replaced."""
    return tuple(
        entry
        for entry in history.objections.entries
        if entry.removed is None and entry.replaced_by is None
    )


def source_record(entry: KeptEntry) -> str:
    """What tells a finding about this entry from others: its source record, whatever its row says."""
    return "|".join(entry.event.key)


def statement_made(entry: KeptEntry) -> str | None:
    """What makes two rows one statement: who said what, of which day, entered at which moment.

    None without an entered time: then two statements of one day cannot be told from one.
    """
    event = entry.event
    if event.entered_at is None:
        return None
    return "|".join(
        (
            event.practice,
            event.purpose,
            event.statement,
            event.effective_on.isoformat() if event.effective_on else "undated",
            event.entered_at.isoformat(),
        )
    )


def entered_later(later: KeptEntry, earlier: KeptEntry) -> bool:
    """Whether one was surely entered after the other: by time where both have one, else by day."""
    if later.event.entered_at is not None and earlier.event.entered_at is not None:
        return later.event.entered_at > earlier.event.entered_at
    return later.entered_on > earlier.entered_on


def came_with_the_record(
    history: PatientHistory, entry: KeptEntry, *, meant_by: date | None = None
) -> bool:
    """Whether the entry came with the patient's record from another practice.

    It says so itself (GP2GP), or the patient registered at this practice not long before it was
    entered. With `meant_by`, the day the patient meant it from, it must also be older than that
    registration: what the patient said at the new practice came with nothing.
    """
    within = timedelta(days=history.thresholds.record_follows_within_days)
    return entry.event.route is Route.GP2GP or any(
        span.practice == entry.event.practice
        and timedelta(0) <= entry.entered_on - span.registered_on <= within
        and (meant_by is None or meant_by < span.registered_on)
        for span in history.objections.registrations
    )


def is_upheld(history: PatientHistory, purpose: Purpose) -> bool:
    """Whether the ledger's answer today counts as that the patient objects."""
    withheld = history.objections.withheld
    decision = decide(history.standing(purpose), history.today, withheld=withheld)
    return decision.answer is not Answer.NOT_OBJECTING
