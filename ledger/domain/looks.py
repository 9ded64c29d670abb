"""What is a look at a patient: who was shown what, in which request, and what for?

A look is kept wherever somebody is told something of a patient whose NHS number they sent or are
shown. Random ids alone tell nobody who it is: reading the log by them is no look.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from ledger.domain.identifiers import holds_nhs_number
from ledger.domain.refusals import NotAFact

LONGEST_REASON = 200
_ONE_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Way(StrEnum):
    """How somebody came to look."""

    API = "api"
    PAGE = "page"
    COMMAND = "command"


class Shown(StrEnum):
    """What of the patients was shown."""

    STATUS = "status"
    FINDINGS = "findings"
    FINDING = "finding"
    EXPOSURE = "exposure"
    LETTERS = "letters"
    TIMELINE = "timeline"
    REPLAY = "replay"
    DIFFERENCES = "differences"
    POLICIES = "policies"
    RECEIPT = "receipt"
    LOOKS = "looks"


@dataclass(frozen=True, slots=True)
class Errand:
    """How a caller came, in which request, and what for, if they said so."""

    way: Way
    request: str
    reason: str | None = None


def reason_for_looking(told: str | None) -> str | None:
    """What a caller says that they look for; None where they say nothing.

    Refuses what nobody could read again, and what names a patient: it is kept for ever.
    """
    reason = (told or "").strip()
    if not reason:
        return None
    if len(reason) > LONGEST_REASON or not _ONE_LINE.fullmatch(reason):
        raise NotAFact(f"a reason for looking is one line of at most {LONGEST_REASON} characters")
    if holds_nhs_number(reason):
        raise NotAFact("a reason for looking is kept for ever: leave NHS numbers out of it")
    return reason
