"""What a reader remembers, for tests: nothing, or what a test says it does."""

from collections.abc import Iterable, Mapping

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.readers.delivery import Reference


class NoMemory:
    """The memory of a ledger that has read nothing yet."""

    def references(self, system: ClinicalSystem, scope: str, kind: str) -> Mapping[str, str]:
        """Nothing."""
        return {}

    def entry_ids(self, practice: str, system: ClinicalSystem) -> frozenset[str]:
        """None."""
        return frozenset()

    def entries_of(self, practice: str, system: ClinicalSystem, nhs_number: str) -> frozenset[str]:
        """None."""
        return frozenset()

    def clinical_system(self, practice: str) -> ClinicalSystem | None:
        """Nobody's."""
        return None


class KnownMemory:
    """The memory of a ledger that was told `references`, holds `entries` by practice and `patients`'
    by NHS number, and knows whose `systems` are which.
    """

    def __init__(
        self,
        references: Iterable[Reference] = (),
        entries: Mapping[str, Iterable[str]] | None = None,
        *,
        patients: Mapping[str, Iterable[str]] | None = None,
        systems: Mapping[str, ClinicalSystem] | None = None,
    ) -> None:
        self._references = list(references)
        self._entries = {practice: frozenset(ids) for practice, ids in (entries or {}).items()}
        self._patients = {number: frozenset(ids) for number, ids in (patients or {}).items()}
        self._systems = dict(systems or {})

    def references(self, system: ClinicalSystem, scope: str, kind: str) -> Mapping[str, str]:
        """What was told, the last word on each key."""
        return {
            told.key: told.value
            for told in self._references
            if (told.clinical_system, told.scope, told.kind) == (system, scope, kind)
        }

    def entry_ids(self, practice: str, system: ClinicalSystem) -> frozenset[str]:
        """The practice's ids, whatever the system."""
        return self._entries.get(practice, frozenset())

    def entries_of(self, practice: str, system: ClinicalSystem, nhs_number: str) -> frozenset[str]:
        """The patient's ids, whatever the practice and system."""
        return self._patients.get(nhs_number, frozenset())

    def clinical_system(self, practice: str) -> ClinicalSystem | None:
        """As told, or None."""
        return self._systems.get(practice)
