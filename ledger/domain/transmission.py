"""Recorded beside transmitted: which type 2 dissents stood, and which collection first carried each.

Two read models need the same facts (the board, and the rules about suppliers), so they are worked
out here, purely, from one patient's history. So is who is missing from a collection, and when a
supplier fell out of line and came back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from ledger.domain.evidence import unconfirmed
from ledger.domain.purposes import Purpose
from ledger.domain.rule import PatientHistory


class Carriage(NamedTuple):
    """One standing type 2 dissent and what became of it.

    `entered_on` is the day the practice's system recorded it; `ended_on` the day a withdrawal that
    ended it was entered; `first_carried` the period end of the first collection since it was
    entered that carried the patient. A collection before an earlier withdrawal does not count.
    """

    position: int
    practice: str
    supplier: str
    code_system: str
    entered_on: date
    ended_on: date | None
    first_carried: date | None


def carriages(history: PatientHistory) -> tuple[Carriage, ...]:
    """The patient's standing type 2 dissents; one stated twice in two codes is counted once."""
    carried = sorted(t.event.period_end for t in history.objections.transmissions)
    told: dict[object, Carriage] = {}
    for dissent in history.dissents(Purpose.TYPE_2):
        event = dissent.entry.event
        entered_on = dissent.entry.entered_on
        ended_by = history.ended_by(dissent)
        # The same practice, time and date in CTV3 and in SNOMED CT is one statement (CO09).
        once = (event.practice, event.effective_on, event.entered_at)
        told.setdefault(
            once,
            Carriage(
                position=dissent.entry.position,
                practice=event.practice,
                supplier=event.clinical_system.supplier,
                code_system=event.code_system,
                entered_on=entered_on,
                ended_on=None if ended_by is None else ended_by.entry.entered_on,
                first_carried=next((end for end in carried if end >= entered_on), None),
            ),
        )
    return tuple(told.values())


def settled_from(history: PatientHistory, told: Sequence[Carriage], *, quiet: bool) -> date | None:
    """From which period end on being carried tells nothing new of a patient; None: it always may.

    So it is where no type 2 was withdrawn, no refused batch is to be confirmed, and each standing
    dissent has been carried, or could be without anybody being surprised: while no rule says
    anything of the patient (`quiet`), a collection that carries what had been entered by its period
    end is what is expected. Then no rule about transmission can change its mind, unless it learns
    of an older collection.
    """
    if history.withdrawals(Purpose.TYPE_2) or unconfirmed(history):
        return None
    timed = {e.position for e in history.objections.entries if e.event.entered_at is not None}
    expected = [
        c.first_carried or c.entered_on
        for c in told
        if c.ended_on is None and (c.first_carried or (quiet and c.position in timed))
    ]
    return max(expected) if expected and len(expected) == len(told) else None


class TookPart(NamedTuple):
    """A collection, and the practices that stand in it, by ODS code."""

    collection: str
    period_end: date
    practices: frozenset[str]


def missing(taken: Sequence[TookPart], closed_on: Mapping[str, date]) -> dict[str, frozenset[str]]:
    """By collection, the practices that took part in an earlier one, had not closed by its period
    end, and are not in it. `taken` is in the order of the periods.
    """
    before: set[str] = set()
    absent = {}
    for one in taken:
        absent[one.collection] = frozenset(
            practice
            for practice in before - one.practices
            if closed_on.get(practice, date.max) > one.period_end
        )
        before |= one.practices
    return absent


class Judged(NamedTuple):
    """What one collection carried of a supplier's new dissents in a code system, and whether that
    was found to be far below what it carried of all others (rule TX02).
    """

    supplier: str
    code_system: str
    period_end: date
    entered: int
    transmitted: int
    silent: bool


class OutOfLine(NamedTuple):
    """How long a supplier's new dissents in a code system stayed away: from the collection that
    ended on `fell_out_on` until the one that ended on `came_back_on`, if any has carried most of
    what was new in it since. Between, `transmitted` of `entered` arrived, in so many `collections`.
    """

    supplier: str
    code_system: str
    fell_out_on: date
    came_back_on: date | None
    collections: int
    entered: int
    transmitted: int


def out_of_line(judged: Iterable[Judged]) -> list[OutOfLine]:
    """Every time that new dissents stayed away, in the order it began.

    A later collection in which nothing was new, or too little to tell, ends nothing: only one that
    carried more than half of what was new does.
    """
    found: list[OutOfLine] = []
    now: dict[tuple[str, str], OutOfLine] = {}
    for line in sorted(judged, key=lambda line: line.period_end):
        key = (line.supplier, line.code_system)
        lapse = now.get(key)
        if lapse is not None and not line.silent and 2 * line.transmitted > line.entered:
            found.append(now.pop(key)._replace(came_back_on=line.period_end))
        elif lapse is not None:
            now[key] = lapse._replace(
                collections=lapse.collections + 1,
                entered=lapse.entered + line.entered,
                transmitted=lapse.transmitted + line.transmitted,
            )
        elif line.silent:
            now[key] = OutOfLine(*key, line.period_end, None, 1, line.entered, line.transmitted)
    return sorted([*found, *now.values()], key=lambda lapse: (lapse.fell_out_on, lapse[:2]))
