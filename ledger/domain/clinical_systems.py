"""The four principal clinical systems of general practice in England, and who makes them (A1)."""

from enum import StrEnum


class Supplier(StrEnum):
    """Who makes a clinical system; written as public practice-to-system lists write it."""

    TPP = "TPP"
    EMIS = "EMIS"
    INPS = "INPS"
    MICROTEST = "MICROTEST"


class ClinicalSystem(StrEnum):
    """Where a practice keeps its records."""

    SYSTMONE = "systmone"
    EMIS_WEB = "emis-web"
    VISION = "vision"
    EVOLUTION = "evolution"

    @property
    def supplier(self) -> Supplier:
        """Who makes it."""
        return _SUPPLIERS[self]

    @property
    def full_name(self) -> str:
        """Its name as practices say it."""
        return _FULL_NAMES[self]


_SUPPLIERS = {
    ClinicalSystem.SYSTMONE: Supplier.TPP,
    ClinicalSystem.EMIS_WEB: Supplier.EMIS,
    ClinicalSystem.VISION: Supplier.INPS,
    ClinicalSystem.EVOLUTION: Supplier.MICROTEST,
}
_FULL_NAMES = {
    ClinicalSystem.SYSTMONE: "TPP SystmOne",
    ClinicalSystem.EMIS_WEB: "EMIS Web",
    ClinicalSystem.VISION: "InPS Vision",
    ClinicalSystem.EVOLUTION: "Microtest Evolution",
}
_BY_NAME = {
    **{
        name: system
        for system in ClinicalSystem
        for name in (system.value, system.full_name.lower())
    },
    **{system.supplier.value.lower(): system for system in ClinicalSystem},
    "systmone": ClinicalSystem.SYSTMONE,
    "tpp systmone": ClinicalSystem.SYSTMONE,
    "emis health": ClinicalSystem.EMIS_WEB,
    "emisweb": ClinicalSystem.EMIS_WEB,
    "inps vision": ClinicalSystem.VISION,
    "cegedim": ClinicalSystem.VISION,
    "microtest evolution": ClinicalSystem.EVOLUTION,
}


def clinical_system(name: str) -> ClinicalSystem | None:
    """The system that `name` (of a system or of its supplier, any case) means, or None."""
    return _BY_NAME.get(" ".join(name.lower().split()))
