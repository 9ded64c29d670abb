"""Who is asked about: what stands in the log of looks for an NHS number, and where is it known?

Patients stand in looks as their random ids. Whoever was asked about and has none stands as a keyed
hash of their number in the form of a UUID of version 8, which no random id has: so the look is found
again by the number, and destroying the key forgets all of them.
"""

from collections.abc import Collection, Mapping
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, bindparam, text

from ledger.store.bulk import chunks
from ledger.store.keys import LOOKS, look_key

_STRANGER = 8
_VARIANTS = "89ab"


class Met(NamedTuple):
    """Whose NHS numbers are, of those the ledger has met, and at which practices' systems they stand;
    `key` hashes the others.
    """

    patients: Mapping[str, UUID]
    practices: Mapping[str, tuple[str, ...]]
    key: bytes

    def stands_as(self, number: str) -> str:
        """What stands for a number in looks."""
        patient = self.patients.get(number)
        return stranger(number, key=self.key) if patient is None else str(patient)


# Whoever asks for a status waits for it, so it is one trip, and a row a practice.
_MET = text("""
    SELECT ARRAY[nhs_number] AS numbers, patient, CAST(NULL AS text) AS practice,
        CAST(NULL AS bytea) AS secret
    FROM guarded.patients WHERE nhs_number = ANY(:numbers)
    UNION ALL
    SELECT array_agg(nhs_number), NULL, practice, NULL
    FROM guarded.source_patients WHERE nhs_number = ANY(:numbers) GROUP BY practice
    UNION ALL
    SELECT NULL, NULL, NULL, secret FROM guarded.keys WHERE name = :key
""").bindparams(bindparam("numbers", type_=ARRAY(Text)), key=LOOKS)


def met(connection: Connection, numbers: Collection[str]) -> Met:
    """Whose these NHS numbers are, and at which practices; the key is made at first use."""
    patients: dict[str, UUID] = {}
    practices: dict[str, tuple[str, ...]] = {}
    key: bytes | None = None
    for chunk in chunks(set(numbers)):
        for found, patient, practice, secret in connection.execute(_MET, {"numbers": chunk}):
            if practice is not None:
                alone = (practice,)
                for number in found:
                    others = practices.get(number)
                    practices[number] = alone if others is None else sorted_once(others, alone)
            elif patient is not None:
                patients[found[0]] = patient
            else:
                key = bytes(secret)
    if key is None:
        key = look_key(connection)
    return Met(patients, practices, key)


def sorted_once(practices: Collection[str], others: Collection[str]) -> tuple[str, ...]:
    """Both, each once and in order: whoever is known at the same practices is of one look."""
    return tuple(sorted({*practices, *others}))


def stranger(number: str, *, key: bytes) -> str:
    """What stands for an NHS number that has no random id: 122 bits of its keyed hash, as RFC 9562 has
    own UUIDs, in hexadecimal.
    """
    made = blake2b(number.encode(), key=key, digest_size=16).hexdigest()
    return f"{made[:12]}{_STRANGER}{made[13:16]}{_VARIANTS[int(made[16], 16) & 3]}{made[17:]}"


def is_stranger(patient: UUID) -> bool:
    """Whether nobody had told the ledger of this patient when somebody looked."""
    return patient.version == _STRANGER
