"""How large the fictional region is: every number that a larger one would change."""

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.domain.clinical_systems import Supplier


@dataclass(frozen=True, slots=True)
class Between:
    """A number drawn anew each month, both ends included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of a region. `type_2_systmone` stays at 34 or more, so that each month's cohort has
    the thirty new dissents below which TX02 rightly says nothing.

    Evolution's practices are few and small, because each patient asked for is a delivery.

    `noise` is how many other coded rows stand beside each of ours; `plantings` how often, for each
    supplier, each scenario is planted; `surge` how many times the usual type 1 objections come in
    the month of publicity. `released` is which part of those who ever objected, and
    `released_of_quiet` of those who never did, is drawn for each release; `strangers` how many
    people besides are in it.
    """

    systmone_practices: int = 7
    emis_practices: int = 6
    vision_practices: int = 2
    evolution_practices: int = 3
    quiet_patients: int = 90
    type_2_systmone: Between = Between(34, 37)
    type_2_emis: Between = Between(8, 10)
    type_2_vision: Between = Between(4, 5)
    type_2_evolution: Between = Between(0, 1)
    type_1: Between = Between(13, 15)
    type_1_evolution: Between = Between(1, 1)
    withdrawn: float = 0.05
    noise: int = 10
    plantings: int = 1
    surge: int = 3
    released: float = 0.05
    released_of_quiet: float = 0.5
    strangers: int = 1_200

    def __post_init__(self) -> None:
        """Check what the scenarios and the truth take for granted."""
        # One of SystmOne's and one of EMIS's join late; two of EMIS's have their agreement
        # disabled; one of Vision's sends a bulk with a gap, and one of Evolution's a CSV file.
        assert self.systmone_practices >= 4, "too few SystmOne practices"  # noqa: PLR2004
        assert self.emis_practices >= 6, "too few EMIS practices"  # noqa: PLR2004
        assert self.vision_practices >= 2, "too few Vision practices"  # noqa: PLR2004
        assert self.evolution_practices >= 2, "too few Evolution practices"  # noqa: PLR2004
        practices = self.systmone_practices + self.emis_practices
        practices += self.vision_practices + self.evolution_practices
        assert practices <= 1000, "X99000 to X99999"  # noqa: PLR2004
        assert self.type_2_systmone.least >= 34, "cohorts of thirty"  # noqa: PLR2004

    @property
    def type_2(self) -> Mapping[Supplier, Between]:
        """The new type 2 dissents of each supplier's practices together."""
        return {
            Supplier.TPP: self.type_2_systmone,
            Supplier.EMIS: self.type_2_emis,
            Supplier.INPS: self.type_2_vision,
            Supplier.MICROTEST: self.type_2_evolution,
        }


DEMO = Plan()
