"""How a stream of events is named: its kind, a hyphen, and whose history it is."""

from functools import lru_cache
from uuid import UUID

LEDGER = "ledger"
PATIENT_PREFIX = "patient-"
_PRACTICE = "practice-"
_PARCEL = "parcel-"
_RELEASE = "release-"


# This and `patient_of` are asked several times of each event of a batch, by whoever looks for
# another thing in it.
@lru_cache(maxsize=50_000)
def patient_stream(patient: UUID) -> str:
    """One patient's entries, by the random id that stands for them."""
    return f"{PATIENT_PREFIX}{patient}"


def practice_stream(practice: str) -> str:
    """One practice's settings, actions and place in the register, by ODS code."""
    return f"{_PRACTICE}{practice}"


def supplier_stream(supplier: str) -> str:
    """What was done about one supplier's findings, by its name."""
    return f"supplier-{supplier}"


def delivery_stream(delivery: str) -> str:
    """One delivery, by its digest."""
    return f"delivery-{delivery}"


def parcel_stream(parcel: str) -> str:
    """One parcel, by its random id."""
    return f"{_PARCEL}{parcel}"


def collection_stream(collection: str) -> str:
    """One collection, by its id."""
    return f"collection-{collection}"


def release_stream(release: UUID) -> str:
    """One release, by its id."""
    return f"{_RELEASE}{release}"


@lru_cache(maxsize=50_000)
def patient_of(stream: str) -> UUID | None:
    """The patient whose stream this is, or None."""
    return UUID(stream.removeprefix(PATIENT_PREFIX)) if stream.startswith(PATIENT_PREFIX) else None


def practice_of(stream: str) -> str | None:
    """The practice whose stream this is, or None."""
    return stream.removeprefix(_PRACTICE) if stream.startswith(_PRACTICE) else None


def parcel_of(stream: str) -> str:
    """The parcel whose stream this is."""
    assert stream.startswith(_PARCEL), "asked only of a parcel's events"
    return stream.removeprefix(_PARCEL)


def release_of(stream: str) -> UUID:
    """The release whose stream this is."""
    assert stream.startswith(_RELEASE), "asked only of a release's events"
    return UUID(stream.removeprefix(_RELEASE))
