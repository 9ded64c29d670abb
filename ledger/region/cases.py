"""What each practice holds of one patient's type 2 objection, and who of them is upheld or reported."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from ledger.domain.clinical_systems import Supplier
from ledger.region.practices import Practice
from ledger.region.record import Patient, Said
from ledger.region.timeline import BACKLOG, LEFT_OUT_AFTER, TYPE_2_ENDED, Month


class Carried(NamedTuple):
    """One row of a collection, as far as it differs from patient to patient."""

    nhs_number: str
    code_system: str
    code: str
    effective: str


@dataclass(slots=True)
class Choice:
    """One type 2 entry in the end, with the day it was deleted if it was."""

    said: Said
    removed_on: date | None = None

    @property
    def entered_on(self) -> date:
        """The day it was entered."""
        return self.said.entered.date()


@dataclass(slots=True)
class Case:
    """All that one practice holds of one patient's type 2 objection, in the order of entering."""

    practice: Practice
    patient: Patient
    choices: list[Choice] = field(default_factory=list)

    def upheld(self, day: date) -> Choice | None:
        """The dissent that a practice upholds on that day, deleted or misspelt ones too."""
        return _latest_dissent(c for c in self.choices if c.entered_on <= day)

    def reported(self, month: Month) -> Choice | None:
        """The dissent that the practice's supplier finds to report at the month's end."""
        return _latest_dissent(c for c in self.choices if self._is_seen(c, month))

    def _is_seen(self, choice: Choice, month: Month) -> bool:
        day = month.last_day
        if choice.entered_on > day or not choice.said.exact:
            return False
        if choice.removed_on is not None and choice.removed_on <= day:
            return False
        overlooked = (
            self.practice.supplier is Supplier.TPP
            and choice.said.is_dissent
            and choice.entered_on > LEFT_OUT_AFTER
            and month < BACKLOG
        )
        return not overlooked


def _latest_dissent(choices: Iterable[Choice]) -> Choice | None:
    """The dissent that has the last word, if one has: on one day it beats a withdrawal."""
    in_time = [c for c in choices if c.entered_on <= TYPE_2_ENDED]
    if not in_time:
        return None
    last = max(in_time, key=lambda c: (c.said.effective, c.said.is_dissent))
    return last if last.said.is_dissent else None
