"""What is wrong in the records, since when, and what has to be done about it by whom.

tables      what is kept
judging     how a batch of events becomes findings about patients and practices
suppliers   the rules about suppliers, asked of counts over everybody
book        the same sighting is the same finding: opened, changed, closed, opened again
questions   what can be asked
"""

from ledger.domain.events import DeliveryReceived
from ledger.projections.findings.judging import apply, load, turn_day
from ledger.projections.findings.questions import (
    AskedAction,
    FoundFinding,
    TakenAction,
    asked_actions,
    counted,
    counted_by_practice,
    found,
    taken,
)
from ledger.projections.findings.suppliers import settle
from ledger.projections.findings.tables import TABLES
from ledger.store.projection import Projection

FINDINGS = Projection(
    "findings", TABLES, load, apply, settle=settle, cut_after=DeliveryReceived.TOPIC
)

__all__ = [
    "FINDINGS",
    "AskedAction",
    "FoundFinding",
    "TakenAction",
    "asked_actions",
    "counted",
    "counted_by_practice",
    "found",
    "taken",
    "turn_day",
]
