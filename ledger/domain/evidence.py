"""What several rules ask of a patient's history besides what stands: pure, and judging nothing."""

from collections.abc import Iterator
from datetime import date, timedelta

from ledger.domain.entries import Route
from ledger.domain.objections import KeptEntry, Removed, Unconfirmed
from ledger.domain.policies import Answer, Standing, decide, is_impossible
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


def is_one_statement(one: KeptEntry, other: KeptEntry) -> bool:
    """Whether two rows, of whatever practices, may be one statement: they say the same of the same
    day, entered at the same moment as far as both tell one.
    """
    a, b = one.event, other.event
    moments = {a.entered_at, b.entered_at} - {None}
    return len(moments) <= 1 and (
        (a.purpose, a.statement, a.effective_on) == (b.purpose, b.statement, b.effective_on)
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


def came_with_the_system(history: PatientHistory, entry: KeptEntry, *, meant_by: date) -> bool:
    """Whether the entry came with the practice's move to another clinical system: entered within
    days of it, and older than the move by the day the patient meant it from.
    """
    within = timedelta(days=history.thresholds.record_follows_within_days)
    uses = sorted(
        history.systems.get(entry.event.practice, ()), key=lambda use: (use.began_on, use.position)
    )
    return any(
        use.clinical_system is entry.event.clinical_system
        and abs(entry.entered_on - use.began_on) <= within
        and meant_by < use.began_on
        for use in uses[1:]
    )


def is_before_the_scheme(history: PatientHistory, entry: KeptEntry) -> bool:
    """Whether a possible date of a type 1 or type 2 lies before the choice was offered."""
    effective_on = entry.event.effective_on
    return (
        effective_on is not None
        and effective_on < history.thresholds.scheme_began_on
        and entry.event.purpose in (Purpose.TYPE_1, Purpose.TYPE_2)
        and not is_impossible(entry, history.objections.died_on)
    )


def removed_without_trace(history: PatientHistory) -> Iterator[tuple[Standing, Removed]]:
    """The dissents that a practice deleted and that stand all the same (LC01): no withdrawal ended
    them, and no other row of the practice's record holds them.
    """
    for purpose in history.purposes:
        for dissent in history.dissents(purpose):
            removed = dissent.entry.removed
            if removed is None or history.ended_by(dissent) is not None:
                continue
            if not _stands_in_another_row(history, dissent):
                yield dissent, removed


def _stands_in_another_row(history: PatientHistory, removed: Standing) -> bool:
    event = removed.entry.event
    return any(
        not other.weak
        and other.counts_on == removed.counts_on
        and other.entry.event.practice == event.practice
        for other in history.dissents(event.purpose)
    )


def unconfirmed(history: PatientHistory) -> tuple[Unconfirmed, ...]:
    """The refused batches the patient stood in that nothing confirmed since, while they may object.

    A later collection confirms them, and so does the same one, whenever it was taken in.
    """
    asked = history.objections.unconfirmed
    if not asked:
        return ()
    because = decide(history.standing(Purpose.TYPE_2), history.today).because
    if because is not None and not because.is_dissent:
        return ()
    sent = history.objections.transmissions
    return tuple(
        one
        for one in asked
        if not any(s.position > one.position or s.event.collection == one.collection for s in sent)
    )


def is_upheld(history: PatientHistory, purpose: Purpose) -> bool:
    """Whether the ledger's answer today counts as that the patient objects."""
    withheld = history.objections.withheld
    decision = decide(history.standing(purpose), history.today, withheld=withheld)
    return decision.answer is not Answer.NOT_OBJECTING
