"""Who counts as objecting: the rules of it as they were in force, as data and pure functions.

policy      what there is to say of one
table       THE TABLE: the ledger's own, and what public services are known to do
precedence  which entries stand, and which of them decides: by `precedence-1` where none is named
wording     what one does, in words
answering   what a policy answers of a patient's history
"""

from ledger.domain.policies.answering import answer
from ledger.domain.policies.policy import AsTyped, Period, Policy, Tie
from ledger.domain.policies.precedence import (
    CLOCK_TOLERANCE,
    DISMISSIBLE,
    LATEST,
    NO_DISMISSALS,
    NO_ENTRY,
    NOT_REGISTERED,
    OPT_OUT_BEGAN_ON,
    SYSTEM_DEFAULT_DATES,
    TYPE_2_ENDED_ON,
    UNSEEN,
    WITHHELD,
    Answer,
    Decision,
    Dismissals,
    Span,
    Standing,
    counts_as,
    decide,
    is_impossible,
    is_too_late,
    most_protective,
    replaced_by_another,
    say,
    spans,
    standing,
)
from ledger.domain.policies.table import (
    POLICIES,
    PRECEDENCE_1,
    policy_asked,
    policy_named,
    policy_on,
)

__all__ = [
    "CLOCK_TOLERANCE",
    "DISMISSIBLE",
    "LATEST",
    "NOT_REGISTERED",
    "NO_DISMISSALS",
    "NO_ENTRY",
    "OPT_OUT_BEGAN_ON",
    "POLICIES",
    "PRECEDENCE_1",
    "SYSTEM_DEFAULT_DATES",
    "TYPE_2_ENDED_ON",
    "UNSEEN",
    "WITHHELD",
    "Answer",
    "AsTyped",
    "Decision",
    "Dismissals",
    "Period",
    "Policy",
    "Span",
    "Standing",
    "Tie",
    "answer",
    "counts_as",
    "decide",
    "is_impossible",
    "is_too_late",
    "most_protective",
    "policy_asked",
    "policy_named",
    "policy_on",
    "replaced_by_another",
    "say",
    "spans",
    "standing",
]
