"""Who are the practices, and which clinical system did each use when?

The ordinary ones are the background and bear most planted errors; each of the others has a story.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from ledger.domain.clinical_systems import ClinicalSystem
from tests.unseen.when import ENDS

TPP, EMIS, VISION, EVOLUTION = (
    ClinicalSystem.SYSTMONE,
    ClinicalSystem.EMIS_WEB,
    ClinicalSystem.VISION,
    ClinicalSystem.EVOLUTION,
)


@dataclass
class Practice:
    """`systems`: since when which; `feed`: whose files it comes in, where several come together."""

    code: str
    systems: Sequence[tuple[date, ClinicalSystem]]
    feed: str = ""
    joins: date = ENDS[0]
    closes: date | None = None
    listed: str = "A"  # the register's status; empty: not in it
    setting: str = "4"  # the register's prescribing setting: 4 is a GP practice
    collected: bool = True
    bulks: set[date] = field(default_factory=set)  # days of another full delivery
    delivers_on: Sequence[date] = ENDS

    def system(self, day: date) -> ClinicalSystem:
        """Which it used on that day."""
        return [system for since, system in self.systems if since <= day][-1]


_LONG_AGO = date(1990, 1, 1)


def _with(system: ClinicalSystem, *codes: str, **told: object) -> list[Practice]:
    return [Practice(code, [(_LONG_AGO, system)], **told) for code in codes]  # type: ignore[arg-type]


ORDINARY = {
    TPP: ("X99501", "X99502", "X99503", "X99504"),
    EMIS: ("X99511", "X99512", "X99513", "X99514"),
    VISION: ("X99521", "X99522", "X99523"),
    EVOLUTION: ("X99531", "X99532"),
}
# Each with a story of its own.
LATE_JOINER, CLOSING, SUCCESSOR = "X99541", "X99542", "X99521"
MOVES_WHOLE, LOSES_TO_TPP, LOSES_TO_EMIS = "X99543", "X99544", "X99545"
UNLISTED, DORMANT, PRISON = "X99546", "X99547", "X99548"
SHRINKS_TPP, SHRINKS_EMIS, HALVES_EMIS = "X99549", "X99550", "X99551"
LATE_DELIVERER, CLOSED = "X99552", "X99553"
MIGRATED_ON, MERGED_ON = date(2017, 3, 15), date(2017, 7, 31)
# Whoever moves has everything sent once more before.
_LAST_OF_THE_OLD = date(2017, 2, 28)


def all_practices() -> dict[str, Practice]:
    """Everybody, by code."""
    late = [day for day in ENDS if day not in (date(2016, 12, 31), date(2017, 2, 28))]
    moved = [(MOVES_WHOLE, VISION, TPP), (LOSES_TO_TPP, EMIS, TPP), (LOSES_TO_EMIS, TPP, EMIS)]
    listed = [
        *_with(TPP, *ORDINARY[TPP], feed="tpp"),
        *_with(EMIS, *ORDINARY[EMIS], feed="emis"),
        *_with(VISION, *ORDINARY[VISION]),
        *_with(EVOLUTION, *ORDINARY[EVOLUTION]),
        *_with(EMIS, LATE_JOINER, feed="emis", joins=date(2017, 6, 30)),
        *_with(VISION, CLOSING, closes=MERGED_ON),
        *(
            Practice(code, [(_LONG_AGO, old), (MIGRATED_ON, new)], bulks={_LAST_OF_THE_OLD})
            for code, old, new in moved
        ),
        *_with(EVOLUTION, UNLISTED, listed="", collected=False),
        *_with(VISION, DORMANT, listed="D", collected=False),
        *_with(EVOLUTION, PRISON, setting="8", collected=False),
        *_with(TPP, SHRINKS_TPP, bulks={date(2017, 8, 31)}),
        *_with(EMIS, SHRINKS_EMIS, bulks={date(2017, 8, 31)}),
        *_with(EMIS, HALVES_EMIS, bulks={date(2017, 8, 31)}),
        *_with(EVOLUTION, CLOSED, listed="C", collected=False),
        *_with(VISION, LATE_DELIVERER, delivers_on=late),
    ]
    return {practice.code: practice for practice in listed}
