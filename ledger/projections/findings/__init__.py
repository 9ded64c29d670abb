"""What is wrong in the records, since when, and what has to be done about it by whom.

tables      what is kept
judging     how a batch of events becomes findings about patients
practices   the rules about practices, asked once a batch's rows stand
suppliers   the rules about suppliers, asked of counts over everybody
book        the same sighting is the same finding: opened, changed, closed, opened again
questions   what can be asked
"""

from sqlalchemy import Connection

from ledger.projections.findings import practices, suppliers
from ledger.projections.findings.judging import apply, load
from ledger.projections.findings.practices import ends_a_batch, turn_day
from ledger.projections.findings.questions import (
    AskedAction,
    FoundFinding,
    TakenAction,
    asked_actions,
    counted,
    counted_by_practice,
    found,
    heard_since,
    taken,
    true_since,
)
from ledger.projections.findings.tables import TABLES
from ledger.store.projection import Batch, Projection, Write


def _settle(connection: Connection, batch: Batch) -> list[Write]:
    return [*practices.settle(connection, batch), *suppliers.settle(connection, batch)]


FINDINGS = Projection("findings", TABLES, load, apply, settle=_settle, cut_after=ends_a_batch)

__all__ = [
    "FINDINGS",
    "AskedAction",
    "FoundFinding",
    "TakenAction",
    "asked_actions",
    "counted",
    "counted_by_practice",
    "found",
    "heard_since",
    "taken",
    "true_since",
    "turn_day",
]
