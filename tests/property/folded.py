"""What does the domain alone answer of a log, without any table?"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ledger.domain import objections
from ledger.domain.events import FindingDismissed, FindingReopened, Kept
from ledger.domain.policies import (
    DISMISSIBLE,
    PRECEDENCE_1,
    Decision,
    answer,
    most_protective,
    say,
)
from ledger.domain.purposes import Purpose
from ledger.domain.streams import patient_stream
from ledger.domain.survivors import merged
from tests.builders import the_survivors


def decided(known: Sequence[Kept], patient: UUID, purpose: Purpose, at: date) -> Decision:
    """The answer for a patient by these events."""
    dismissals: dict[int, set[str]] = {}
    for kept in known:
        is_word = isinstance(kept.event, FindingDismissed | FindingReopened)
        if is_word and kept.event.rule in DISMISSIBLE:
            say(dismissals, kept.event)
    histories = [
        objections.fold(
            merged([k for k in known if k.stream == patient_stream(p)] for p in together)
        )
        for together in the_survivors(known).answering_for(patient)
    ]
    return most_protective(answer(PRECEDENCE_1, h, purpose, at, dismissals) for h in histories)
