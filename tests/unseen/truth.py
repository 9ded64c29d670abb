"""What must the ledger find, about whom, and by which day?"""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Expected:
    """One thing to be found. `who`: an NHS number, a practice or a supplier.

    `by`: the last day on which it may be found; `after`: it is false before that day. `may`: the
    catalogue leaves it open, `why` says how, and either is right. `state`: in which it ends.
    """

    rule: str
    who: str
    by: date
    after: date = date.min
    why: str = ""
    may: bool = False
    state: str | None = None


@dataclass(frozen=True)
class Disagreed:
    """Where the ledger does not do what the catalogue says, today: `found` or missed, and why.

    The test asks that it be so still. Whoever mends the ledger takes the line out.
    """

    rule: str
    who: str
    found: bool
    why: str
