"""Who is survived by whom? Read from the log itself: there are few such events, and two partial
indexes find them by either patient (`migrations/sql/0001/events.sql`).
"""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ARRAY, Connection, Text, bindparam, text

from ledger.domain.streams import patient_of, patient_stream
from ledger.domain.survivors import Supersession, Survivors

# As the index has it; the state is JSON in ASCII where it matters.
_BY = """substring(encode(state, 'escape'), '"superseded_by":"([^"]+)"')"""
_SUPERSEDED = f"""
    SELECT position, stream, {_BY} AS by FROM log.events
    WHERE topic = 'number-superseded' AND position <= :upto
"""
_OF = text(
    f"{_SUPERSEDED} AND stream = ANY(:streams) UNION {_SUPERSEDED} AND {_BY} = ANY(:others)"
).bindparams(bindparam("streams", type_=ARRAY(Text)), bindparam("others", type_=ARRAY(Text)))
_ALL = text(_SUPERSEDED)
_EVER = 2**62


def survivors(
    connection: Connection, patients: Collection[UUID], *, upto: int = _EVER
) -> Survivors:
    """Everything known by a position of who survives these patients and whom they survive, and of
    those in their turn.
    """
    known: set[Supersession] = set()
    met: set[UUID] = set()
    ahead = set(patients)
    while ahead:
        met |= ahead
        told = {
            "upto": upto,
            "streams": [patient_stream(patient) for patient in ahead],
            "others": [str(patient) for patient in ahead],
        }
        known |= {_told(*row) for row in connection.execute(_OF, told)}
        ahead = {p for s in known for p in (s.patient, s.by)} - met
    return Survivors(sorted(known))


def survivors_of_all(connection: Connection, *, upto: int) -> Survivors:
    """Everything known by a position of who survives whom."""
    rows = connection.execute(_ALL, {"upto": upto})
    return Survivors(sorted(_told(*row) for row in rows))


def _told(position: int, stream: str, by: str) -> Supersession:
    patient = patient_of(stream)
    assert patient is not None, "a number is a patient's"
    return Supersession(position, patient, UUID(by))
