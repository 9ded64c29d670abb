"""Who took part in each collection, and who is missing?

A practice that took part once is expected in every later collection until it closes. Where one is
missing, its supplier's figures of that collection are unvalidated: what is not there is in none of
them (A4).
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Literal

from ledger.domain.transmission import TookPart, missing
from ledger.projections.practices import PracticeLine
from ledger.projections.transmission import Figures, Transmitted

State = Literal["took-part", "missing", "not-yet"]


class Attendance:
    """Who took part in each collection, who is missing, and whose system they use now."""

    def __init__(self, taken: Sequence[TookPart], lines: Sequence[PracticeLine]) -> None:
        self.supplier_of = {
            line.code: line.clinical_system.supplier.value for line in lines if line.clinical_system
        }
        closed_on = {line.code: line.closed_on for line in lines if line.closed_on is not None}
        self._closed_on: Mapping[str, date] = closed_on
        self._taken = {one.collection: one for one in taken}
        self._missing = missing(taken, closed_on)
        self._counted = {
            one.collection: (self._by_supplier(one.practices), self._by_supplier(absent))
            for one, absent in zip(taken, self._missing.values(), strict=True)
        }

    def _by_supplier(self, practices: frozenset[str]) -> Counter[str | None]:
        return Counter(self.supplier_of.get(practice) for practice in practices)

    def of(self, collection: str, supplier: str) -> tuple[int, int]:
        """How many of the supplier's practices took part, and how many are missing."""
        took_part, absent = self._counted[collection]
        return took_part[supplier], absent[supplier]

    def state(self, collection: str, practice: str, *, waits: bool) -> State | None:
        """Whether the practice took part; None where it was not expected to."""
        if practice in self._taken[collection].practices:
            return "took-part"
        if practice in self._missing[collection]:
            return "missing"
        shut = self._closed_on.get(practice, date.max) <= self._taken[collection].period_end
        return "not-yet" if waits and not shut else None

    def lines_of_the_absent(self, lines: Sequence[Transmitted]) -> Iterator[Transmitted]:
        """An empty line for each that a supplier had before, where practices of its are missing
        and nothing is told of it: silence has to be seen too.
        """
        there = {(line.collection, line.supplier, line.code_system): line for line in lines}
        before: dict[tuple[str, str], Transmitted] = {}
        for name, one in self._taken.items():
            for (supplier, code_system), last in before.items():
                key = (name, supplier, code_system)
                if key not in there and self.of(name, supplier)[1]:
                    yield last._replace(
                        collection=name,
                        period_end=one.period_end,
                        figures=Figures(),
                        first_seen=0,
                        carried=0,
                    )
            before |= {key[1:]: line for key, line in there.items() if key[0] == name}
