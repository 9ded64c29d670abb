"""Who stood in a collection that was refused as a whole? They are unconfirmed (docs/adr/0027)."""

from sqlalchemy import Connection

from ledger.application.memory import Draft
from ledger.domain.events import TransmissionUnconfirmed
from ledger.domain.streams import patient_stream
from ledger.readers.collection import members_of_refused
from ledger.readers.delivery import Format, Found
from ledger.store.identities import find_patients
from ledger.store.log import stream_versions


def unconfirmed_members(connection: Connection, found: Found, *, delivery: str, by: str) -> Draft:
    """An event for each patient the ledger knows who stood in this refused collection.

    Whom only the refused file names is nobody's patient yet, and nothing of them is kept.
    """
    draft = Draft()
    if found.format is not Format.COLLECTION:
        return draft
    members = sorted(members_of_refused(found), key=lambda m: [text or "" for text in m])
    known = find_patients(connection, {member.nhs_number for member in members})
    streams = {number: patient_stream(patient) for number, patient in known.items()}
    versions = stream_versions(connection, list(streams.values()))
    for member in members:
        stream = streams.get(member.nhs_number)
        if stream is not None:
            event = TransmissionUnconfirmed(
                practice=member.practice, collection=member.collection, by=by, delivery=delivery
            )
            draft.add(stream, versions.get(stream, 0), [event])
    return draft
