"""With which code does a verb end, and what does each say? The table of docs/runbooks/receipts.md.

0 done, and it holds; 1 findings that were asked to count, or an event that is not what was signed;
2 bad usage or bad input of any other kind.
"""

from collections.abc import Mapping

from ledger.domain.refusals import (
    AnotherLog,
    InTheFuture,
    NotYet,
    PastTheEnd,
    PastTheTree,
    ProofBroken,
    Refusal,
    SealBroken,
    TreeBroken,
    UnknownPolicy,
)

NOT_WHAT_WAS_SIGNED = 1
BAD_INPUT = 2
TREE_BROKEN = 5
ANSWER_DIFFERS = 8

# A refusal nearer the root of its tree comes later.
_CODES: Mapping[type[Refusal], int] = {
    PastTheEnd: 3,
    PastTheTree: 3,
    UnknownPolicy: 4,
    TreeBroken: TREE_BROKEN,
    SealBroken: NOT_WHAT_WAS_SIGNED,
    AnotherLog: 6,
    ProofBroken: 7,
    NotYet: 9,
    InTheFuture: 10,
}


def code_of(refusal: Exception) -> int:
    """The exit code of a verb that was refused."""
    return next((code for kind, code in _CODES.items() if isinstance(refusal, kind)), BAD_INPUT)
