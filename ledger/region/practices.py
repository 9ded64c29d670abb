"""The fictional region's practices: what is odd about each stands here, in one place."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import count

from ledger.domain.clinical_systems import Supplier
from ledger.region.plan import Plan
from ledger.region.timeline import FIRST_COLLECTION, FIRST_MONTH, Month

# No real practice's code begins with X99.
_FIRST_CODE, _CODES = 901, 1000
_PLACES = (
    "THISTLEMERE", "QUILLBROOK", "HOLLOWMERE", "VELLANBY", "DUNMARROW", "PELLOWICK", "OSTERFOLD",
    "WRENHOLLOW", "CINDERMOOR", "YARROWDENE", "KESTRELBY", "MOSSGARTH", "FALLOWICK",
    "BRACKENSTOW", "TEASELHAM", "LARKENSHAW", "SORRELTON", "HEATHERSETT", "PIPITSEA",
)  # fmt: skip
_KINDS = ("SURGERY", "MEDICAL CENTRE", "HEALTH CENTRE", "MEDICAL PRACTICE", "FAMILY PRACTICE")


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice. `index` counts within its supplier, `number` within the region.

    `joins` is the day of its first delivery, `collected_from` the first collection it took part
    in, `disabled` from when, and until when if ever, its EMIS sharing agreement was disabled.
    `absent` are collections it took no part in, `empty` those in which it sent nobody, for no reason.
    `hides_objectors` is a Vision practice whose second bulk leaves out those who object to it,
    `sends_entries` one of Evolution's that writes our own CSV instead of answering GP Connect,
    `loses_patients` one whose second Vision bulk holds a third of its patients.
    """

    code: str
    name: str
    supplier: Supplier
    index: int
    number: int
    joins: date = FIRST_MONTH.last_day
    collected_from: Month = FIRST_COLLECTION
    type_2_from: Month = FIRST_MONTH
    disabled: tuple[date, date | None] | None = None
    absent: frozenset[Month] = frozenset()
    empty: frozenset[Month] = frozenset()
    hides_objectors: bool = False
    sends_entries: bool = False
    loses_patients: bool = False

    @property
    def joins_late(self) -> bool:
        """Whether its first delivery came after the others'."""
        return self.joins > FIRST_MONTH.last_day

    @property
    def ordinary(self) -> bool:
        """Whether nothing about the practice itself is odd, so that a scenario stands for itself."""
        return not self.joins_late and self.disabled is None

    @property
    def is_asked_patient_by_patient(self) -> bool:
        """Whether it sends no extract, but answers GP Connect."""
        return self.supplier is Supplier.MICROTEST and not self.sends_entries

    def takes_part(self, month: Month) -> bool:
        """Whether it takes part in the collection of that month."""
        return month >= self.collected_from and month not in self.absent

    def is_disabled(self, day: date) -> bool:
        """Whether its agreement was disabled at the end of that day."""
        if self.disabled is None:
            return False
        begin, end = self.disabled
        return begin <= day and (end is None or day < end)


def region_practices(plan: Plan) -> tuple[Practice, ...]:
    """All practices: SystmOne's, EMIS's, Vision's, Evolution's. The last of each is odd."""
    numbers = count()
    systmone = _practices(Supplier.TPP, plan.systmone_practices, numbers)
    emis = _practices(Supplier.EMIS, plan.emis_practices, numbers)
    vision = _practices(Supplier.INPS, plan.vision_practices, numbers)
    evolution = _practices(Supplier.MICROTEST, plan.evolution_practices, numbers)
    # It takes part in collections from its first delivery on ...
    systmone[-1] = replace(systmone[-1], joins=date(2016, 6, 14), collected_from=Month(2016, 6))
    # ... whereas this one took part in collections before the ledger heard of it.
    emis[-1] = replace(emis[-1], joins=date(2016, 9, 14))
    # It has nobody to report in the first collections, and leaves EMIS's agreement in the end.
    emis[-2] = replace(emis[-2], type_2_from=Month(2016, 8), disabled=(date(2018, 11, 7), None))
    emis[-3] = replace(emis[-3], disabled=(date(2017, 6, 6), date(2017, 9, 5)))
    # Its feed broke for two collections; so did this one's, for one; and this one's was empty once.
    emis[0] = replace(emis[0], absent=frozenset((Month(2017, 8), Month(2017, 9))))
    emis[2] = replace(emis[2], absent=frozenset((Month(2017, 6),)))
    emis[1] = replace(emis[1], empty=frozenset((Month(2017, 7),)))
    vision[-1] = replace(vision[-1], hides_objectors=True)
    evolution[-1] = replace(evolution[-1], sends_entries=True)
    return (*systmone, *emis, *vision, *evolution)


def another_practice(plan: Plan, supplier: Supplier) -> Practice:
    """One more than the plan's, which goes its own way."""
    number = (
        plan.systmone_practices
        + plan.emis_practices
        + plan.vision_practices
        + plan.evolution_practices
    )
    return _practice(supplier, 0, number)


def _practices(supplier: Supplier, how_many: int, numbers: Iterator[int]) -> list[Practice]:
    return [_practice(supplier, index, next(numbers)) for index in range(how_many)]


def _practice(supplier: Supplier, index: int, number: int) -> Practice:
    place = _PLACES[number % len(_PLACES)]
    kind = _KINDS[(number // len(_PLACES) + number) % len(_KINDS)]
    code = f"X99{(_FIRST_CODE + number) % _CODES:03d}"
    return Practice(code, f"{place} {kind}", supplier, index, number)
