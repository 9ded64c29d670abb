"""Names for people who do not exist, some with letters that only Windows-1252 spells our way."""

from typing import NamedTuple

from ledger.region.record import Patient

_WOMEN = ("Ada", "Zoë", "Maeve", "Renée", "Tamsin", "Ifeoma", "Siân", "Priya", "Brontë")
_MEN = ("Sam", "José", "Idris", "Callum", "Søren", "Obi", "René", "Tariq", "Wilf")
_SURNAMES = ("Testpatient", "Samplewright", "Fictonby", "Müsterley", "Exampleton", "Nobodée")


class Name(NamedTuple):
    """How somebody is called."""

    title: str
    given: str
    surname: str


def name_of(patient: Patient) -> Name:
    """The same name for the same patient each time."""
    given = _WOMEN if patient.female else _MEN
    return Name(
        title="Mrs" if patient.female else "Mr",
        given=given[patient.id % len(given)],
        surname=_SURNAMES[patient.id // 7 % len(_SURNAMES)],
    )
