"""Who has turned thirteen since, so that the objection made for them is theirs to confirm?

Asked when a delivery is taken in and, in a live ledger, when the day turns. The event bears no day:
the log learns that it came, and not when somebody was born (docs/adr/0028).
"""

from datetime import date, datetime

from sqlalchemy import Connection

from ledger.application.memory import Draft
from ledger.domain import objections
from ledger.domain.streams import patient_stream
from ledger.store.append import import_events
from ledger.store.log import read_streams
from ledger.store.minors import forget_minors, of_age
from ledger.store.projection import decoded

BY = "the calendar"


def come_of_age(connection: Connection, today: date, *, recorded_at: datetime | None) -> None:
    """Keep in the log whoever is thirteen by today: once each, whoever asks and however often."""
    while patients := of_age(connection, today):
        draft = Draft()
        streams = read_streams(connection, [patient_stream(patient) for patient in patients])
        for stream, events in streams.items():
            history = objections.fold(decoded(events))
            draft.add(stream, history.version, objections.come_of_age(history, by=BY))
        if draft.events:
            import_events(connection, draft.events, recorded_at=recorded_at)
        forget_minors(connection, patients)
