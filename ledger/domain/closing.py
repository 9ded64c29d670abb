"""Did a practice close, who has its patients, and what does a newer register change of that?

The register tells a merger at both ends, or only at one: the closed practice's line names its
successor, or the successor's line its predecessor. Either way it is the same fact, and it stands
in the closed practice's stream. A succession stands until the line that told it tells it no more.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from ledger.domain.events import Event, PracticeClosed, PracticeReopened, Succession
from ledger.domain.practices import Practice

ACTIVE, CLOSED, DORMANT, PROPOSED = "active", "closed", "dormant", "proposed"
OPEN = (ACTIVE, PROPOSED)


class OwnLine(NamedTuple):
    """What a practice's own line of the register says of its end."""

    status: str
    closed_on: date | None

    @property
    def is_open(self) -> bool:
        """Whether it says that the practice is open, and no day on which it closes."""
        return self.status in OPEN and self.closed_on is None


def contradicted(
    told: Iterable[Succession], own: OwnLine | None, *, today: date
) -> list[Succession]:
    """The successions that cannot be: the practice says itself that it is open still."""
    if own is None or not own.is_open:
        return []
    return [succession for succession in told if (succession.since or today) <= today]


def ending(
    practice: Practice,
    *,
    own: OwnLine | None,
    told: Sequence[Succession],
    speakers: Collection[str],
    by: str,
    delivery: str,
) -> list[Event]:
    """What becomes known of a practice's end: nothing new if it is known already.

    `own` is the practice's own line, `told` are the successions that any line tells, its own last;
    `speakers` the organisations whose whole line was told: what they said before and say no
    longer is withdrawn.
    """
    known = practice.closed
    before = known.successors if known else ()
    successors = _successors(before, told, speakers, practice.past_successions)
    if own is not None and own.is_open and known is not None and _said_so_itself(practice):
        return [PracticeReopened(past=known.successors, by=by, delivery=delivery)]
    closed_on = own.closed_on if own is not None else None
    if closed_on is None and known is not None and not known.inferred:
        # A list that tells no day takes none back.
        closed_on = known.closed_on
    inferred = closed_on is None
    if closed_on is None:
        closed_on = min((s.since for s in successors if s.since is not None), default=None)
    if closed_on is None:
        return [] if known is None else [PracticeReopened(by=by, delivery=delivery)]
    if known and (known.closed_on, known.successors, known.inferred) == (
        closed_on,
        successors,
        inferred,
    ):
        return []
    return [
        PracticeClosed(
            closed_on=closed_on, successors=successors, inferred=inferred, by=by, delivery=delivery
        )
    ]


def _said_so_itself(practice: Practice) -> bool:
    """Whether the practice's own line said before that it closed."""
    listed_closed = practice.listed is not None and practice.listed.status not in OPEN
    return listed_closed or (practice.closed is not None and not practice.closed.inferred)


def _successors(
    known: Sequence[Succession],
    told: Sequence[Succession],
    speakers: Collection[str],
    past: Collection[tuple[str, date | None]],
) -> tuple[Succession, ...]:
    standing = {s.practice: s for s in known if s.told_by not in speakers}
    knew = {s.practice: s for s in known}
    said = {(s.practice, s.told_by) for s in told}
    for succession in told:
        if (succession.practice, succession.since) in past:
            continue
        old = knew.get(succession.practice)
        if old is not None and old.since == succession.since:
            # The other end of the same merger tells nothing new, while the first still stands.
            stands = old.told_by not in speakers or (old.practice, old.told_by) in said
            standing[old.practice] = old if stands else succession
        else:
            standing[succession.practice] = succession
    return tuple(standing[code] for code in sorted(standing))
