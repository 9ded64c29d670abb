"""THE TABLE of projections, in the order they are caught up: the quick ones that answer a caller
first. Each file is a read model, and all of it; none knows another.
"""

from typing import Any

from ledger.projections.deliveries import DELIVERIES
from ledger.projections.findings import FINDINGS
from ledger.projections.pairings import PAIRINGS
from ledger.projections.practices import PRACTICES
from ledger.projections.releases import RELEASES
from ledger.projections.sharing_state import SHARING_STATE
from ledger.projections.standing_objections import STANDING_OBJECTIONS
from ledger.projections.statements import STATEMENTS
from ledger.projections.subscriptions import SUBSCRIPTIONS
from ledger.projections.transmission import TRANSMISSION
from ledger.projections.vocabularies import VOCABULARIES
from ledger.store.projection import Projection

PROJECTIONS: tuple[Projection[Any], ...] = (
    STATEMENTS,
    STANDING_OBJECTIONS,
    PRACTICES,
    SHARING_STATE,
    PAIRINGS,
    SUBSCRIPTIONS,
    RELEASES,
    DELIVERIES,
    TRANSMISSION,
    VOCABULARIES,
    FINDINGS,
)
# What a caller who has just written may read at once; `ledger work` brings up the rest.
PROMPT: tuple[Projection[Any], ...] = (
    STATEMENTS,
    STANDING_OBJECTIONS,
    SHARING_STATE,
    PAIRINGS,
    SUBSCRIPTIONS,
    RELEASES,
)
