"""What was known of patients' objections, and what does the policy say of it?

`fold_log` makes it of the log alone, without any table: what the read models answer can be held
against it, at every position.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from ledger.domain.events import (
    EntryRecorded,
    Event,
    FindingDismissed,
    FindingReopened,
    Kept,
    NeighbourRecorded,
    NumberSuperseded,
    RecordAnswered,
    RecordWithheld,
)
from ledger.domain.objections import Objections, fold
from ledger.domain.policies import (
    DISMISSIBLE,
    Decision,
    Dismissals,
    Policy,
    answer,
    most_protective,
    say,
)
from ledger.domain.purposes import Purpose
from ledger.domain.streams import patient_of
from ledger.domain.survivors import Supersession, Survivors, merged

# What a record that a practice withheld may hold an objection to.
_ASKED_FOR = frozenset({Purpose.TYPE_1, Purpose.TYPE_2})


@dataclass(frozen=True, slots=True)
class KnownPatient:
    """What was known of one patient's entries, and which findings about them were dismissed."""

    objections: Objections
    dismissals: Dismissals


def decided(
    known: Iterable[KnownPatient], purpose: Purpose, at: date, *, policy: Policy
) -> Decision:
    """What a policy says of a patient on a day. `known` has one history for each who survives them:
    the answer that protects more counts.
    """
    return most_protective(
        answer(policy, one.objections, purpose, at, one.dismissals) for one in known
    )


def purposes_told(known: Iterable[KnownPatient], policy: Policy) -> frozenset[Purpose]:
    """The purposes that the policy answers and of which anything is known that it reads."""
    histories = [one.objections for one in known]
    there = {entry.event.purpose for one in histories for entry in one.entries}
    if any(one.withheld for one in histories):
        there |= _ASKED_FOR
    pooled = any(
        kept.event.code in policy.pooled_codes for one in histories for kept in one.neighbours
    )
    return frozenset(
        purpose for purpose in policy.answers if pooled or policy.reads(purpose) & there
    )


@dataclass(frozen=True, slots=True)
class FoldedLog:
    """What events tell of every patient, and who survives whom by them."""

    streams: dict[UUID, list[Kept]]
    survivors: Survivors
    dismissals: Dismissals

    def patients(
        self, practices: Collection[str] | None = None, *, pooled_codes: Collection[str] = ()
    ) -> set[UUID]:
        """Of whom an entry, or a refused record, is known, or a refusal of something close by with
        one of these codes; where `practices` are named, one of theirs.
        """
        return {
            patient
            for patient, stream in self.streams.items()
            if any(_tells(kept.event, practices, pooled_codes) for kept in stream)
        }

    def known(self, patient: UUID) -> tuple[KnownPatient, ...]:
        """What is known of a patient, once for each who survives them."""
        return tuple(
            KnownPatient(
                fold(merged(self.streams.get(one, ()) for one in together)), self.dismissals
            )
            for together in self.survivors.answering_for(patient)
        )


def _tells(event: Event, practices: Collection[str] | None, pooled_codes: Collection[str]) -> bool:
    match event:
        case EntryRecorded() | RecordWithheld() | RecordAnswered():
            here = event.practice
        case NeighbourRecorded() if event.code in pooled_codes:
            here = event.practice
        case _:
            return False
    return practices is None or here in practices


def fold_log(events: Iterable[Kept]) -> FoldedLog:
    """What these events, in the order of the log, tell of objections."""
    streams: defaultdict[UUID, list[Kept]] = defaultdict(list)
    dismissals: dict[int, set[str]] = {}
    superseded: list[Supersession] = []
    for kept in events:
        patient = patient_of(kept.stream)
        if patient is not None:
            streams[patient].append(kept)
        match kept.event:
            case NumberSuperseded() as event:
                assert patient is not None, "a number is a patient's"
                by = UUID(event.superseded_by)
                superseded.append(Supersession(kept.position, patient, by))
            case FindingDismissed() | FindingReopened() as word if word.rule in DISMISSIBLE:
                say(dismissals, word)
            case _:
                pass
    return FoldedLog(dict(streams), Survivors(superseded), dismissals)
