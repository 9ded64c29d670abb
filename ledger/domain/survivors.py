"""Whose entries bear on whom, once practices' systems have given patients other NHS numbers?

A number is merged into another or was typed wrongly, and nobody can tell which (docs/adr/0018). So
what was entered under the old number goes on counting, for whoever is asked about by either.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple
from uuid import UUID

from ledger.domain.events import Kept


class Supersession(NamedTuple):
    """A system gave a `patient` the number of another (`by`): known at that position."""

    position: int
    patient: UUID
    by: UUID


@dataclass(frozen=True)
class Survivors:
    """The supersessions around some patients, oldest first, as known at a position.

    They may branch, where two sources disagree, and go round, where a number is given back.
    """

    known: Sequence[Supersession] = ()

    @property
    def met(self) -> frozenset[UUID]:
        """Everybody these are about."""
        return frozenset(p for s in self.known for p in (s.patient, s.by))

    def upto(self, position: int) -> "Survivors":
        """The same as known earlier."""
        if not self.known or self.known[-1].position <= position:
            return self
        return Survivors([s for s in self.known if s.position <= position])

    def survivor(self, patient: UUID) -> UUID:
        """The one patient whom rules judge in this one's place; mostly themselves.

        The newest word counts. Where it leads back, the newest of all on the way round does.
        """
        way = [patient]
        while (newest := self._newest.get(way[-1])) is not None and newest.by not in way:
            way.append(newest.by)
        if newest is None:
            return way[-1]
        round_ = (self._newest[p] for p in way[way.index(newest.by) :])
        return max(round_, key=lambda s: s.position).by

    def borne_by(self, patient: UUID) -> frozenset[UUID]:
        """Whose entries count for this patient: their own, and those of whom they survive."""
        return self._reached(patient, self._superseded)

    def bearing_on(self, patient: UUID) -> frozenset[UUID]:
        """For whom this patient's entries count: themselves, and who survive them."""
        return self._reached(patient, self._superseding)

    def survived_by(self, patient: UUID) -> frozenset[UUID]:
        """Those whom rules judge as this patient: nobody, where somebody else survives them."""
        return frozenset(p for p in self.borne_by(patient) if self.survivor(p) == patient)

    def answering_for(self, patient: UUID) -> tuple[frozenset[UUID], ...]:
        """Whose entries answer for this patient: one set for each who survives them in the end.

        Two sources that disagree leave two survivors, and the answer that protects more is theirs.
        """
        if not self.known:
            return (frozenset({patient}),)
        # Of whoever they lead to, those who lead to nobody who does not lead back.
        last = [p for p in self.bearing_on(patient) if self.bearing_on(p) <= self.borne_by(p)]
        return tuple(sorted({self.borne_by(p) for p in last}, key=sorted))

    @cached_property
    def _newest(self) -> Mapping[UUID, Supersession]:
        return {s.patient: s for s in sorted(self.known)}

    @cached_property
    def _superseded(self) -> Mapping[UUID, Collection[UUID]]:
        """By survivor."""
        by: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for known in self.known:
            by[known.by].add(known.patient)
        return by

    @cached_property
    def _superseding(self) -> Mapping[UUID, Collection[UUID]]:
        """By whom they survive."""
        of: defaultdict[UUID, set[UUID]] = defaultdict(set)
        for known in self.known:
            of[known.patient].add(known.by)
        return of

    def _reached(self, patient: UUID, steps: Mapping[UUID, Collection[UUID]]) -> frozenset[UUID]:
        reached = {patient}
        ahead = [patient]
        while ahead:
            for other in steps.get(ahead.pop(), ()):
                if other not in reached:
                    reached.add(other)
                    ahead.append(other)
        return frozenset(reached)


def merged(streams: Iterable[Iterable[Kept]]) -> list[Kept]:
    """The events of several patients as the one history they are, in the order they became known."""
    return sorted((kept for stream in streams for kept in stream), key=lambda kept: kept.position)
