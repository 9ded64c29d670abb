"""Who stood in which collection, who should have, and what follows for the truth.

The fictional national collection is taken from the practices' records themselves, not from what
was delivered: so it may know of an entry before the ledger does, and the other way round.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose, Statement
from ledger.region.practices import Practice
from ledger.region.record import Patient, Record, Said
from ledger.region.region import Region
from ledger.region.spelling import NATIVE, code_of
from ledger.region.timeline import BACKLOG, COLLECTIONS, LEFT_OUT_AFTER, TYPE_2_ENDED, Month
from ledger.region.truth import CLOSED, OPEN, Expected, Trap

# After the last collection.
_BEYOND = COLLECTIONS[-1].plus(1)
_DISSENT = {
    supplier: code_of(system, Purpose.TYPE_2, Statement.DISSENT)
    for supplier, system in NATIVE.items()
}


class Carried(NamedTuple):
    """One row of a collection, as far as it differs from patient to patient."""

    nhs_number: str
    code_system: str
    code: str
    effective: str


@dataclass(slots=True)
class Choice:
    """One type 2 entry in the end, with the day it was deleted if it was."""

    said: Said
    removed_on: date | None = None

    @property
    def entered_on(self) -> date:
        """The day it was entered."""
        return self.said.entered.date()


@dataclass(slots=True)
class Case:
    """All that one practice holds of one patient's type 2 objection, in the order of entering."""

    practice: Practice
    patient: Patient
    choices: list[Choice] = field(default_factory=list)

    def upheld(self, day: date) -> Choice | None:
        """The dissent that a practice upholds on that day, deleted or misspelt ones too."""
        return _latest_dissent(c for c in self.choices if c.entered_on <= day)

    def reported(self, month: Month) -> Choice | None:
        """The dissent that the practice's supplier finds to report at the month's end."""
        return _latest_dissent(c for c in self.choices if self._is_seen(c, month))

    def _is_seen(self, choice: Choice, month: Month) -> bool:
        day = month.last_day
        if choice.entered_on > day or not choice.said.exact:
            return False
        if choice.removed_on is not None and choice.removed_on <= day:
            return False
        overlooked = (
            self.practice.supplier is Supplier.TPP
            and choice.said.is_dissent
            and choice.entered_on > LEFT_OUT_AFTER
            and month < BACKLOG
        )
        return not overlooked


def _latest_dissent(choices: Iterable[Choice]) -> Choice | None:
    """The dissent that has the last word, if one has: on one day it beats a withdrawal."""
    in_time = [c for c in choices if c.entered_on <= TYPE_2_ENDED]
    if not in_time:
        return None
    last = max(in_time, key=lambda c: (c.said.effective, c.said.is_dissent))
    return last if last.said.is_dissent else None


@dataclass(slots=True)
class Transmission:
    """Every collection's rows, by practice."""

    cases: list[Case]
    carried: dict[tuple[Month, str], list[Carried]]

    def rows(self, month: Month, practice: Practice) -> list[Carried]:
        """Whom this practice reported, in the order of their numbers."""
        return sorted(self.carried.get((month, practice.code), ()))

    def numbers(self, months: Sequence[Month]) -> list[str]:
        """Everybody whom one of these collections carried for a dissent, in order."""
        wanted = set(months)
        return sorted(
            {
                row.nhs_number
                for (month, _), rows in self.carried.items()
                for row in rows
                if month in wanted
            }
        )


def transmit(region: Region) -> Transmission:
    """Take every collection, and put into the truth what they lack."""
    cases = [case for p in region.practices for case in _cases(region.record(p))]
    carried: dict[tuple[Month, str], list[Carried]] = {}
    for case in cases:
        number, practice = case.patient.nhs_number, case.practice
        missing = region.left_out.get(number, frozenset())
        reached: set[Month] = set()
        for month in COLLECTIONS:
            if month < practice.collected_from or month in missing:
                continue
            choice = case.reported(month)
            if choice is not None:
                reached.add(month)
                row = _row(practice, number, choice.said.effective)
                carried.setdefault((month, practice.code), []).append(row)
        region.truth.findings.extend(_never_transmitted(case, reached))
    for phantom in region.phantoms:
        for month in phantom.months:
            row = _row(phantom.practice, phantom.nhs_number, month.first_day.isoformat())
            carried.setdefault((month, phantom.practice.code), []).append(row)
    region.truth.findings.extend(_suppliers_findings())
    region.truth.traps.extend(_traps(region))
    return Transmission(cases, carried)


def _cases(record: Record) -> list[Case]:
    entries: dict[int, Choice] = {}
    cases: dict[int, Case] = {}
    for line in record.lines:
        if line.said is None:
            if line.entry in entries:
                entries[line.entry].removed_on = line.at.date()
        elif line.said.purpose is Purpose.TYPE_2 and not line.patient.test:
            assert line.entry not in entries, "type 2 rows are not amended"
            choice = entries[line.entry] = Choice(line.said)
            case = cases.setdefault(line.patient.id, Case(record.practice, line.patient))
            case.choices.append(choice)
    return list(cases.values())


def _row(practice: Practice, number: str, effective: str) -> Carried:
    system = NATIVE[practice.supplier]
    return Carried(number, system.value, _DISSENT[practice.supplier], effective)


def _never_transmitted(case: Case, reached: set[Month]) -> Iterator[Expected]:
    """TX01, where a collection should have carried a dissent and none did at first.

    It is open to the end only where no collection ever did and the dissent still stands.
    """
    taken_part = [m for m in COLLECTIONS if m >= case.practice.collected_from]
    found: list[tuple[Month, bool]] = []
    for choice in case.choices:
        if not choice.said.is_dissent:
            continue
        due = [m for m in taken_part if m.last_day >= choice.entered_on]
        before = [m for m in due if m < min(reached & set(due), default=_BEYOND)]
        missed = [m for m in before if case.upheld(m.last_day) is choice]
        if missed:
            still = case.upheld(TYPE_2_ENDED) is choice and not reached & set(due)
            found.append((missed[0], still))
    if found:
        yield Expected(
            rule="TX01",
            practice=case.practice.code,
            supplier=case.practice.supplier,
            nhs_number=case.patient.nhs_number,
            purpose=Purpose.TYPE_2,
            state=OPEN if any(still for _, still in found) else CLOSED,
            since=min(month for month, _ in found).last_day.isoformat(),
            why="a collection should have carried the dissent and did not",
        )


def _suppliers_findings() -> Iterator[Expected]:
    for month in COLLECTIONS:
        if month < BACKLOG:
            yield _of_tpp("TX02", CLOSED, month, "new entries in ctv3 were left out")
    yield _of_tpp("TX03", OPEN, BACKLOG, "everything held back came at once")


def _of_tpp(rule: str, state: str, month: Month, why: str) -> Expected:
    since = month.last_day.isoformat()
    return Expected(rule, "", Supplier.TPP, "", Purpose.TYPE_2, state, since, why)


def _traps(region: Region) -> Iterator[Trap]:
    for practice in region.practices:
        if practice.joins_late:
            yield Trap(
                "joins late", practice.code, "", "TX03 TX07 CO02 LC01",
                f"first delivery {practice.joins}, first collection {practice.collected_from}",
            )  # fmt: skip
        if practice.hides_objectors:
            yield Trap(
                "a bulk without those who object", practice.code, "", "LC01",
                "Vision leaves patients out; nobody deleted anything",
            )  # fmt: skip
        if practice.disabled is not None:
            yield Trap(
                "agreement disabled", practice.code, "", "LC01",
                "deletes that come meanwhile change nothing",
            )  # fmt: skip
