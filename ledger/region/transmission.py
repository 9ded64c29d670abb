"""Who stood in which collection, who should have, and what follows for the truth.

The fictional national collection is taken from the practices' records themselves, not from what
was delivered: so it may know of an entry before the ledger does, and the other way round.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from ledger.domain.clinical_systems import Supplier
from ledger.domain.purposes import Purpose, Statement
from ledger.region.cases import Carried, Case, Choice
from ledger.region.practices import Practice
from ledger.region.practices_in_collections import practices_findings
from ledger.region.record import Record
from ledger.region.region import NEVER, Region
from ledger.region.spelling import NATIVE, code_of
from ledger.region.timeline import (
    BACKLOG,
    COLLECTED_AFTER,
    COLLECTIONS,
    CONVERSIONS,
    OPT_OUT_BEGAN,
    REFUSED_PART,
    TYPE_2_ENDED,
    Month,
    month_of,
)
from ledger.region.truth import CLOSED, OPEN, Expected, Trap

# After the last collection.
_BEYOND = COLLECTIONS[-1].plus(1)
_DISSENT = {
    supplier: code_of(system, Purpose.TYPE_2, Statement.DISSENT)
    for supplier, system in NATIVE.items()
}


@dataclass(slots=True)
class Transmission:
    """Every collection's rows, by practice."""

    cases: list[Case]
    carried: dict[tuple[Month, str], list[Carried]]

    # Whose objection was converted, by the month whose collection told of it.
    converted: dict[str, Month] = field(default_factory=dict)

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
            out = month in missing or month in practice.empty
            if out or not practice.takes_part(month):
                continue
            choice = case.reported(month)
            if choice is None and month in region.still_carried.get(number, ()):
                choice = case.choices[0]
            if choice is not None:
                reached.add(month)
                row = _row(practice, number, choice.said.effective)
                carried.setdefault((month, practice.code), []).append(row)
        region.truth.findings.extend(_never_transmitted(case, reached))
    for phantom in region.phantoms:
        for month in phantom.months:
            row = _row(phantom.practice, phantom.nhs_number, month.first_day.isoformat())
            carried.setdefault((month, phantom.practice.code), []).append(row)
    taken = Transmission(cases, carried)
    taken.converted.update(_converted(region, taken))
    region.truth.findings.extend(_suppliers_findings())
    region.truth.findings.extend(_not_converted(region, taken))
    region.truth.findings.extend(practices_findings(region.practices, cases, taken.rows))
    region.truth.findings.extend(_unconfirmed(region, taken))
    region.truth.traps.extend(_traps(region))
    return taken


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
    taken_part = [m for m in COLLECTIONS if case.practice.takes_part(m)]
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


def _converted(region: Region, taken: Transmission) -> Iterator[tuple[str, Month]]:
    """By which collection each objection was told of, to be converted."""
    known: set[str] = set()
    for _, month in CONVERSIONS:
        if month in COLLECTIONS:
            rows = [row for p in region.practices for row in taken.rows(month, p)]
            numbers = {row.nhs_number for row in rows}
        else:
            numbers = {case.patient.nhs_number for case in taken.cases if case.reported(month)}
            numbers -= {number for number, out in region.left_out.items() if out == NEVER}
        yield from ((number, month) for number in numbers - known)
        known |= numbers


def _not_converted(region: Region, taken: Transmission) -> Iterator[Expected]:
    """LC03, where a dissent was not converted by 25 May 2018 or fifty days after it was entered.

    In a re-enactment a day comes with a delivery: the last before a conversion is the collection,
    or what a practice told of its sharing after that.
    """
    told_on = {change.day for change in region.settled}
    looked_on = {
        month: max(
            month.last_day + COLLECTED_AFTER,
            *(told for told in told_on if told < converted_on),
        )
        for converted_on, month in CONVERSIONS
    }
    for case in taken.cases:
        month = taken.converted.get(case.patient.nhs_number)
        due = [
            _conversion_due(choice)
            for choice in case.choices
            if choice.said.is_dissent and not _is_over(case, choice, known=True)
        ]
        if not due or (month is not None and min(due) >= looked_on[month]):
            continue
        stays = month is None and any(
            choice.said.is_dissent and not _is_over(case, choice, known=False)
            for choice in case.choices
        )
        yield Expected(
            rule="LC03",
            practice=case.practice.code,
            supplier=case.practice.supplier,
            nhs_number=case.patient.nhs_number,
            purpose=Purpose.TYPE_2,
            state=OPEN if stays else CLOSED,
            since=(min(due) + timedelta(days=1)).isoformat(),
            why="the type 2 was not converted in time",
        )


def _conversion_due(choice: Choice) -> date:
    """The last day for converting a dissent."""
    return max(OPT_OUT_BEGAN, choice.entered_on + timedelta(days=50))


def _is_over(case: Case, choice: Choice, *, known: bool) -> bool:
    """Whether there was nothing to convert by that day: entered too late, or withdrawn by then; and
    where it has to be `known` too, told by then in the extract at the month's end.
    """
    if choice.entered_on > TYPE_2_ENDED:
        return True
    due = _conversion_due(choice)
    return any(
        not other.said.is_dissent
        and other.said.exact
        and other.said.effective > choice.said.effective
        and (month_of(other.entered_on).last_day if known else other.entered_on) <= due
        for other in case.choices
    )


def refused_on() -> date:
    """The day before the collection that INPS's own part was to be part of."""
    return REFUSED_PART.last_day + COLLECTED_AFTER - timedelta(days=1)


def _unconfirmed(region: Region, taken: Transmission) -> Iterator[Expected]:
    for practice in region.practices:
        if practice.supplier is not Supplier.INPS:
            continue
        for row in taken.rows(REFUSED_PART, practice):
            yield Expected(
                rule="TX09",
                practice=practice.code,
                supplier=practice.supplier,
                nhs_number=row.nhs_number,
                purpose=Purpose.TYPE_2,
                state=CLOSED,
                since=refused_on().isoformat(),
                why="the supplier's part was refused, and came with the whole a day later",
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
