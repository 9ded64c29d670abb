"""What follows for practices from the collections they took part in: TX04, TX05 and TX06."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

from ledger.domain.purposes import Purpose
from ledger.region.cases import Carried, Case
from ledger.region.practices import Practice
from ledger.region.timeline import COLLECTED_AFTER, COLLECTIONS, Month
from ledger.region.truth import CLOSED, OPEN, Expected

Rows = Callable[[Month, Practice], Sequence[Carried]]


def practices_findings(
    practices: Iterable[Practice], cases: Sequence[Case], rows: Rows
) -> Iterator[Expected]:
    """Who was silent, empty or stale; all but the last stale ones were over in the end."""
    for practice in practices:
        if len(practice.absent) > 1:
            why = "missing from two collections in a row"
            yield _of(practice, "TX04", sorted(practice.absent)[1], why, closed=True)
        for month in practice.empty:
            why = "took part and sent nobody, although entries stood"
            yield _of(practice, "TX05", month, why, closed=True)
        own = [case for case in cases if case.practice is practice]
        yield from _stale(practice, own, rows)


def _stale(practice: Practice, cases: Sequence[Case], rows: Rows) -> Iterator[Expected]:
    """Runs of collections with the same members, although somebody had to join or to leave."""
    took_part = [month for month in COLLECTIONS if practice.takes_part(month)]
    for numbers, same in groupby(
        took_part, key=lambda month: {row.nhs_number for row in rows(month, practice)}
    ):
        run = list(same)
        over = next((month for month in took_part if month > run[-1]), None)
        if over is not None and practice.joins > over.last_day + COLLECTED_AFTER:
            # Over before the ledger heard of the practice's entries.
            continue
        changed = [m for m in run[1:] if any(_changed(c, run[0], m, numbers) for c in cases)]
        if numbers and changed:
            why = "the same members although somebody objected or withdrew"
            yield _of(practice, "TX06", changed[0], why, closed=over is not None)


def _changed(case: Case, first: Month, month: Month, numbers: set[str]) -> bool:
    """Whether this patient was to join or to leave by the end of a month of the run."""
    entered = [c for c in case.choices if first.last_day < c.entered_on <= month.last_day]
    now, carried = case.upheld(month.last_day), case.patient.nhs_number in numbers
    if carried:
        return now is None and any(not choice.said.is_dissent for choice in entered)
    return now is not None and any(choice.said.is_dissent for choice in entered)


def _of(practice: Practice, rule: str, month: Month, why: str, *, closed: bool) -> Expected:
    return Expected(
        rule=rule,
        practice=practice.code,
        supplier=practice.supplier,
        nhs_number="",
        purpose=Purpose.TYPE_2,
        state=CLOSED if closed else OPEN,
        since=month.last_day.isoformat(),
        why=why,
    )
