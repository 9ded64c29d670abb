"""How large the fictional region is: every number that a larger one would change."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Between:
    """A number drawn anew each month, both ends included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Plan:
    """The size of a region. `type_2_systmone` stays at 34 or more, so that each month's cohort has
    the thirty new dissents below which TX02 rightly says nothing.

    `noise` is how many other coded rows stand beside each of ours; `plantings` how often, for each
    supplier, each scenario is planted; `surge` how many times the usual type 1 objections come in
    the month of publicity.
    """

    systmone_practices: int = 7
    emis_practices: int = 6
    quiet_patients: int = 120
    type_2_systmone: Between = Between(36, 40)
    type_2_emis: Between = Between(14, 17)
    type_1: Between = Between(18, 22)
    withdrawn: float = 0.05
    noise: int = 10
    plantings: int = 1
    surge: int = 3

    def __post_init__(self) -> None:
        """Check what the scenarios and the truth take for granted."""
        # Of each supplier one practice joins late; two of EMIS's have their agreement disabled.
        assert self.systmone_practices >= 4, "too few SystmOne practices"  # noqa: PLR2004
        assert self.emis_practices >= 6, "too few EMIS practices"  # noqa: PLR2004
        assert self.systmone_practices + self.emis_practices <= 1000, "X99000 to X99999"  # noqa: PLR2004
        assert self.type_2_systmone.least >= 34, "cohorts of thirty"  # noqa: PLR2004


DEMO = Plan()
