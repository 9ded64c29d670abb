"""What became known of a practice, or of a patient, event by event, up to a point?"""

from ledger.application.differing import DifferenceQuestions
from ledger.application.records import TimelineRecord
from ledger.application.scopes import Scope, Whom
from ledger.application.standpoint import NOW, When
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.events import Kept, ObjectionTransmitted
from ledger.domain.happening import so_from
from ledger.domain.looks import Shown
from ledger.domain.streams import patient_stream, practice_stream
from ledger.domain.survivors import merged
from ledger.projections.statements import words_about
from ledger.store.log import events_at, read_streams
from ledger.store.projection import decoded
from ledger.store.supersessions import survivors


class TimelineQuestions(DifferenceQuestions):
    """Every question takes who asks (`by`) and refuses who may not see the answer."""

    def practice_timeline(
        self, practice: str, *, when: When = NOW, by: Caller = OPERATOR
    ) -> list[Kept]:
        """The events of a practice's stream, in the order in which they became known: those that
        were so by the day asked about.
        """
        self.acting_for(by).must_see(practice)
        stream = practice_stream(practice)
        with self.engine.connect() as connection:
            known = self._view(connection, when, by=by).known
            events = decoded(read_streams(connection, [stream], upto=known.position)[stream])
        return [kept for kept in events if when.at is None or so_from(kept) <= when.at]

    def patient_timeline(
        self, nhs_number: str, *, when: When = NOW, by: Caller = OPERATOR
    ) -> list[Kept]:
        """The events that bear on a patient's objections, in the order in which they became known;
        of the collections that carried them only the first.

        For auditors: another practice's entries stand among them.
        """
        by.must_be(Role.AUDITOR)
        with self.engine.connect() as connection:
            known = self._view(connection, when, by=by).known
            patient = Whom.of(connection, Scope(nhs_number), known_at=known.position).patient
            assert patient is not None, "the scope names one"
            others = survivors(connection, [patient], upto=known.position)
            bearing = {one for met in others.bearing_on(patient) for one in others.borne_by(met)}
            streams = read_streams(
                connection, [patient_stream(one) for one in bearing], upto=known.position
            )
            said = words_about(connection, bearing, upto=known.position)
            events = merged(
                [*map(decoded, streams.values()), decoded(events_at(connection, set(said)))]
            )
        self.keep_look_at_scope(Shown.TIMELINE, Scope(nhs_number), known_at=known.position, by=by)
        carried = [kept for kept in events if isinstance(kept.event, ObjectionTransmitted)]
        again = {kept.position for kept in carried[1:]}
        return [
            kept
            for kept in events
            if kept.position not in again and (when.at is None or so_from(kept) <= when.at)
        ]


def timeline_record(kept: Kept) -> TimelineRecord:
    """An event with both its times."""
    return TimelineRecord(
        position=kept.position,
        topic=kept.event.TOPIC,
        so_from=so_from(kept),
        known_from=kept.recorded_at,
        by=kept.event.by,
        told=kept.event.model_dump(mode="json", exclude={"by", "delivery"}, exclude_none=True),
    )
