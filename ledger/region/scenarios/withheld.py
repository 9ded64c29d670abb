"""Records that a practice was asked for and withheld: no data says nothing about an objection."""

# ruff: noqa: D103  a scenario's name says what happens, and `quiet` why it is no error

from ledger.region.scene import Scene


def withheld_from_the_start(s: Scene) -> None:
    s.withhold(s.day)
    s.quiet("withheld from the start", "CO02 LC01", "nobody can tell, and no rule may guess")


def withheld_later(s: Scene) -> None:
    s.dissent()
    s.withhold(s.later(months=1))
    s.quiet("withheld after a dissent was seen", "LC01", "nothing says that it was deleted")


def withheld_then_sent(s: Scene) -> None:
    s.dissent()
    s.withhold(s.later(months=1))
    s.withdrawal(entered=s.later(months=2))
    s.quiet("withheld, then sent", "CO02 LC01", "the withdrawal came with its dissent")
