"""What does the domain alone answer of a log, without any table?"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from ledger.domain import known
from ledger.domain.events import Kept
from ledger.domain.policies import PRECEDENCE_1, Decision
from ledger.domain.purposes import Purpose


def decided(log: Sequence[Kept], patient: UUID, purpose: Purpose, at: date) -> Decision:
    """The answer for a patient by these events."""
    return known.decided(known.fold_log(log).known(patient), purpose, at, policy=PRECEDENCE_1)
