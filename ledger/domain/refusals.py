"""Why the ledger said no.

    Refusal
     ├── NotAFact            what was handed in cannot be a fact (a row without a code)
     │    ├── NotAPoint      what should name a point in time names none
     │    ├── InTheFuture    a time or a day to come
     │    ├── PastTheEnd     a position that the log has not come to
     │    ├── ProofBroken    a receipt, checkpoint or proof is none, or was altered
     │    └── AnotherLog     a receipt or checkpoint that no trusted key has signed
     ├── DeliveryRefused     a delivery is refused whole, and nothing of it is kept
     ├── UnknownThing        asked for something the ledger does not hold
     │    ├── UnknownPolicy  a policy by a name that none has
     │    └── PastTheTree    a position that the signed tree does not reach
     ├── NotAllowed          the caller may not do or see this
     │    └── PairingMissing a system writes for a practice that is not paired with it
     ├── Conflict            somebody else changed the same stream at the same time
     ├── AlreadyOpen         the ledger has its name and mode already
     ├── NotYet              what was asked for comes by itself, in a moment
     └── SealBroken          the log is not what was signed
          └── TreeBroken     the tree over it is not

A message says what was expected, what was found and what to do. It never contains an NHS number.
A programmer's mistake is an assertion, not a refusal.
"""


class Refusal(Exception):
    """The ledger said no; `str()` of it is for a person to act on."""


class NotAFact(Refusal):
    """What was handed in cannot be a fact."""


class NotAPoint(NotAFact):
    """What should name a point in time names none."""


class InTheFuture(NotAFact):
    """A time or a day to come: nobody knows what will be known then."""


class PastTheEnd(NotAFact):
    """A position that the log has not come to: nobody knows what it will hold."""


class ProofBroken(NotAFact):
    """A receipt, checkpoint or proof is none, or is not as it was signed."""


class AnotherLog(NotAFact):
    """A receipt or checkpoint that none of the trusted keys has signed."""


class DeliveryRefused(Refusal):
    """A delivery is refused whole; `file` names where the reason lies."""

    def __init__(self, reason: str, *, file: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.reason = reason
        self.file = file


class UnknownThing(Refusal):
    """Asked for something the ledger does not hold."""


class UnknownPolicy(UnknownThing):
    """Asked for a policy by a name that none has."""


class PastTheTree(UnknownThing):
    """Asked for what the signed tree does not reach."""


class NotAllowed(Refusal):
    """The caller may not do or see this."""


class PairingMissing(NotAllowed):
    """A third-party system would write for a practice that is not paired with it."""


class Conflict(Refusal):
    """Somebody else changed the same stream at the same time, thrice in a row."""


class AlreadyOpen(Refusal):
    """The ledger has its name and mode already."""


class NotYet(Refusal):
    """What was asked for comes by itself, in a moment: ask again."""


class SealBroken(Refusal):
    """The log, or the tree over it, is not what the ledger put its name to."""


class TreeBroken(SealBroken):
    """The tree over the log is not what the ledger put its name to."""
