"""Which policy answers a question?"""

from datetime import date

from ledger.domain.callers import Caller, Role
from ledger.domain.policies import Policy, policy_asked
from ledger.domain.purposes import Purpose
from ledger.domain.refusals import NotAllowed


def chosen_policy(name: str | None, purpose: Purpose | None, day: date, *, by: Caller) -> Policy:
    """The policy of that name; by default the one in force on the day. Refuses one that there is
    not, one that does not answer the purpose, and whoever may not ask by it.
    """
    chosen = policy_asked(name, purpose, on=day)
    if not chosen.active and by.role is not Role.AUDITOR:
        # No live service answers by it, so none may take its answer for the ledger's.
        raise NotAllowed(
            f"the policy {chosen.name} is there to be compared with, and only an auditor may ask "
            "by it: leave the policy out"
        )
    return chosen
