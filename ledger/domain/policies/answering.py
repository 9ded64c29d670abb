"""What does a policy answer of a patient's history? One evaluator for all of them."""

from collections.abc import Sequence
from datetime import date

from ledger.domain.objections import KeptNeighbour, Objections
from ledger.domain.policies.policy import Policy
from ledger.domain.policies.precedence import (
    NO_DISMISSALS,
    Answer,
    Decision,
    Dismissals,
    decide,
    standing,
)
from ledger.domain.purposes import Purpose
from ledger.domain.registrations import RegistrationSpan


def answer(
    policy: Policy,
    history: Objections,
    purpose: Purpose,
    at: date,
    dismissals: Dismissals = NO_DISMISSALS,
) -> Decision:
    """What the policy answers about `purpose` on the day `at`, of everything in `history`.

    `history` needs registrations and neighbours only where `needs_more_than_entries`.
    """
    stands = standing(history, purpose, dismissals, policy=policy)
    registered = _registered(policy, history, at)
    if policy.own_practice:
        practices = {span.practice for span in registered}
        stands = tuple(s for s in stands if s.entry.event.practice in practices)
    withheld = history.withheld if policy.as_typed is None else ()
    decision = decide(stands, at, withheld=withheld, policy=policy)
    if decision.answer is not Answer.NOT_OBJECTING:
        return decision
    if (refusal := _pooled(policy, history, at)) is not None:
        return Decision(Answer.OBJECTING, None, (), refusal=refusal)
    if policy.needs_registration and not registered:
        return Decision(Answer.CANNOT_TELL, None, ())
    return decision


def _registered(policy: Policy, history: Objections, at: date) -> Sequence[RegistrationSpan]:
    """Where the patient is registered that day, of what the policy sees; of somebody who died no
    later than their last registration ended, where that was.

    Who had left before they died may have objected elsewhere, so no grace is given (D24).
    """
    seen = [
        span
        for span in history.registrations
        if span.registered_on <= at and policy.system in (None, span.clinical_system)
    ]
    died_on = history.died_on
    now = [span for span in seen if span.holds_on(at)]
    if now or died_on is None or not seen:
        return now
    last = max(span.deregistered_on or date.max for span in seen)
    return [span for span in seen if span.deregistered_on == last and died_on <= last]


def _pooled(policy: Policy, history: Objections, at: date) -> KeptNeighbour | None:
    """The newest refusal of something close by that the policy takes for a dissent."""
    return next(
        (
            neighbour
            for neighbour in reversed(history.neighbours)
            if neighbour.event.code in policy.pooled_codes
            and neighbour.removed is None
            and neighbour.replaced_by is None
            and min(neighbour.event.effective_on or date.max, neighbour.entered_on) <= at
        ),
        None,
    )
