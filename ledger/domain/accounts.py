"""What was published of the TPP type 2 issue: when were the objections recorded that never arrived?

The accounts contradict each other, and none says why; they stand side by side as claims (B1 to B7).
"""

from datetime import date
from typing import NamedTuple


class Account(NamedTuple):
    """One claim, with the days it gives; an `until` of None: it names no end."""

    claim: str
    begin: date
    until: date | None
    sources: str


# From when type 2 was upheld (B13) until the day of the diagnosis (B3): what went out in between
# went out without regard to what had not arrived (B5).
WINDOW_BEGINS, WINDOW_ENDS = date(2016, 4, 29), date(2018, 6, 26)

ACCOUNTS: tuple[Account, ...] = (
    Account("recorded after 31 March 2015", date(2015, 4, 1), None, "B1 B3 B7"),
    Account("recorded from 1 April 2015 to 1 April 2018", date(2015, 4, 1), date(2018, 4, 1), "B2"),
    Account(
        "recorded from March 2015 to June 2018", date(2015, 3, 1), date(2018, 6, 30), "B4 B5 B6"
    ),
)
