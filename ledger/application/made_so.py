"""By which events did what a policy says of patients become another?"""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from ledger.domain.differences import turning_points
from ledger.domain.policies import Policy
from ledger.domain.purposes import Purpose
from ledger.domain.streams import patient_stream
from ledger.domain.survivors import merged
from ledger.projections.statements import topics_bearing_on, words_about
from ledger.store.log import events_at, read_streams
from ledger.store.projection import decoded
from ledger.store.supersessions import survivors_of_all

_Key = tuple[UUID, Purpose]


def made_so(
    connection: Connection,
    changed: Collection[_Key],
    *,
    at: date,
    after: int,
    upto: int,
    policy: Policy,
) -> dict[_Key, list[int]]:
    """Of each patient and purpose, the positions behind `after` and up to `upto` of the events by
    which the answer on the day `at` became another.
    """
    known = survivors_of_all(connection, upto=upto)
    bearing = {
        patient: {other for met in known.bearing_on(patient) for other in known.borne_by(met)}
        for patient, _ in changed
    }
    everybody = {other for others in bearing.values() for other in others}
    read = read_streams(
        connection,
        [patient_stream(one) for one in everybody],
        upto=upto,
        topics=topics_bearing_on(policy),
    )
    streams = {one: decoded(read[patient_stream(one)]) for one in everybody}
    about = words_about(connection, everybody, upto=upto)
    words = {kept.position: kept for kept in decoded(events_at(connection, set(about)))}
    found = {}
    for patient, purpose in changed:
        own = [streams[one] for one in bearing[patient]]
        said = [word for at_, word in words.items() if about[at_] & bearing[patient]]
        found[patient, purpose] = turning_points(
            merged([*own, said]), patient, purpose, at=at, after=after, policy=policy
        )
    return found
