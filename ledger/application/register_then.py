"""What was known of practices at a point: their place in the register, their system, their end.

The read model `practices` keeps only what is known now, and cheaply answers for that. What was
known at a position is folded from each practice's own stream: it has few such events.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from ledger.application.standpoint import View
from ledger.domain import practices
from ledger.domain.events import PracticeClosed, PracticeListed, PracticeReopened, SystemChanged
from ledger.domain.practices import Practice
from ledger.domain.streams import practice_stream
from ledger.projections.practices import PracticeLine, Wanted, practice_lines
from ledger.store.log import read_streams
from ledger.store.projection import decoded, topics_of

# More than any register has.
_ALL = 100_000
_TOPICS = topics_of(PracticeListed, PracticeClosed, PracticeReopened, SystemChanged)


class Register(NamedTuple):
    """The register as of what an answer speaks of."""

    connection: Connection
    view: View

    def lines_of(self, codes: Collection[str], wanted: Wanted) -> dict[str, PracticeLine]:
        """What is told of these practices, as far as they are wanted."""
        if wanted.codes is not None:
            codes = set(codes) & set(wanted.codes)
        return {line.code: line for line in self.lines(replace(wanted, codes=codes))}

    def lines(self, wanted: Wanted) -> list[PracticeLine]:
        """The practices wanted, by code."""
        day, then = self.view.day, self.view.position
        if then is None:
            return practice_lines(self.connection, wanted, today=day, limit=_ALL)
        known = practice_lines(self.connection, Wanted(codes=wanted.codes), today=day, limit=_ALL)
        told = self._folded({code for line in known for code in (line.code, *line.predecessors)})
        lines = (_as_known(line, told, day) for line in known)
        return [line for line in lines if line is not None and _is_wanted(line, wanted, day)]

    def _folded(self, codes: Collection[str]) -> dict[str, Practice]:
        streams = {practice_stream(code): code for code in codes}
        read = read_streams(self.connection, list(streams), upto=self.view.position, topics=_TOPICS)
        return {code: practices.fold(decoded(read[stream])) for stream, code in streams.items()}


def _as_known(line: PracticeLine, told: Mapping[str, Practice], day: date) -> PracticeLine | None:
    """The line as it was known; None: nothing was known of that practice."""
    practice = told[line.code]
    listed = practice.listed
    if listed is None and practice.clinical_system is None and practice.closed is None:
        return None
    status = "unknown" if listed is None else listed.status
    if practice.closed_by(day) and status != "dormant":
        status = "closed"
    return PracticeLine(
        code=line.code,
        name=line.code if listed is None else listed.name,
        status=status,
        clinical_system=practice.clinical_system,
        gp_practice=None if listed is None else listed.gp_practice,
        postcode=None if listed is None else listed.postcode,
        commissioner=None if listed is None else listed.commissioner,
        opened_on=None if listed is None else listed.opened_on,
        closed_on=None if practice.closed is None else practice.closed.closed_on,
        successors=practice.successors_on(day),
        predecessors=tuple(
            code for code in line.predecessors if line.code in told[code].successors_on(day)
        ),
    )


def _is_wanted(line: PracticeLine, wanted: Wanted, day: date) -> bool:
    systems, since = wanted.clinical_systems, wanted.closed_since
    named = (wanted.name or "").lower()
    return (
        (systems is None or line.clinical_system in systems)
        and wanted.commissioner in (None, line.commissioner)
        and wanted.status in (None, line.status)
        and (named in line.name.lower() or named in line.code.lower())
        and (since is None or since <= (line.closed_on or date.min) <= day)
        and (line.gp_practice is not False or not wanted.gp_practice)
        and (line.clinical_system is not None or not wanted.heard)
    )
