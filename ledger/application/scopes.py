"""Of whom is asked: one patient, one practice, one region, or everybody?"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection

from ledger.application.standpoint import Standpoint
from ledger.domain import practices
from ledger.domain.callers import Caller, Role
from ledger.domain.events import Kept, NeighbourRecorded, PracticeListed
from ledger.domain.identifiers import usable_nhs_number
from ledger.domain.policies import Policy
from ledger.domain.refusals import NotAFact, UnknownThing
from ledger.domain.streams import patient_of, practice_stream
from ledger.domain.survivors import Survivors
from ledger.projections.statements import everybody, practices_known
from ledger.store.identities import find_patients
from ledger.store.log import read_events, read_streams
from ledger.store.projection import decoded, topics_of
from ledger.store.supersessions import survivors_of_all

_LISTED = topics_of(PracticeListed)
_REFUSED = topics_of(NeighbourRecorded)
_EVENTS_AT_A_TIME = 5_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Of whom is asked: one patient, one practice, one region by its commissioner's code; nothing
    named: of everybody.
    """

    nhs_number: str | None = None
    practice: str | None = None
    region: str | None = None


EVERYBODY = Scope()


def checked_number(told: str) -> str:
    """The only place where a person is told at once: they typed it."""
    usable = usable_nhs_number(told)
    if usable is None:
        raise NotAFact("an NHS number has ten digits, the last of which checks the others")
    return usable


def must_see(scope: Scope, standpoint: Standpoint, *, by: Caller) -> None:
    """Refuse who may not see these: an auditor sees all, a controller one practice of their own."""
    if scope.practice is None:
        by.must_be(Role.AUDITOR)
    else:
        standpoint.acting_for(by).must_see(scope.practice)


class Whom(NamedTuple):
    """One patient, or whoever these practices know; neither: everybody."""

    patient: UUID | None
    practices: Collection[str] | None

    @classmethod
    def of(cls, connection: Connection, scope: Scope, *, known_at: int) -> "Whom":
        """Whom a scope names; refuses a number, patient or region that there is not."""
        if scope.nhs_number is not None:
            number = checked_number(scope.nhs_number)
            patient = find_patients(connection, [number]).get(number)
            if patient is None:
                raise UnknownThing("the ledger has never heard of a patient with that NHS number")
            return cls(patient, None)
        if scope.practice is not None:
            return cls(None, [scope.practice])
        if scope.region is not None:
            return cls(None, practices_of_region(connection, scope.region, known_at=known_at))
        return cls(None, None)

    def patients(self, connection: Connection, *, known_at: int, policy: Policy) -> set[UUID]:
        """Of whom anything was known at a position that the policy reads, and who survive them."""
        if self.patient is not None:
            return {self.patient}
        lists = everybody(connection, known_at=known_at, practices=self.practices)
        told = set(chain.from_iterable(lists))
        told |= refusing(
            connection, policy.pooled_codes, known_at=known_at, practices=self.practices
        )
        return with_survivors(told, survivors_of_all(connection, upto=known_at))


def practices_of_region(connection: Connection, region: str, *, known_at: int) -> list[str]:
    """The practices that had recorded an entry and that the register gave to this commissioner, as
    known at a position.
    """
    codes = practices_known(connection, known_at=known_at)
    names = [practice_stream(code) for code in codes]
    read = read_streams(connection, names, upto=known_at, topics=_LISTED)
    listed = {code: decoded(read[name]) for code, name in zip(codes, names, strict=True)}
    return in_region(listed, region)


def in_region(listed: Mapping[str, Iterable[Kept]], region: str) -> list[str]:
    """Of these practices, each with what the register said of it, those of this commissioner."""
    found = []
    for code, told in sorted(listed.items()):
        line = practices.fold(told).listed
        if line is not None and line.commissioner == region.strip().upper():
            found.append(code)
    if not found:
        raise UnknownThing(
            "no practice with entries was known to be of that region then: expected the code of a "
            "commissioner as in the register"
        )
    return found


def refusing(
    connection: Connection,
    codes: Collection[str],
    *,
    known_at: int,
    practices: Collection[str] | None = None,
) -> set[UUID]:
    """Who ever refused something close by with one of these codes, as known at a position; where
    `practices` are named, at one of theirs.
    """
    found: set[UUID] = set()
    after = 0
    while codes and (
        events := read_events(
            connection, after=after, limit=_EVENTS_AT_A_TIME, topics=_REFUSED, upto=known_at
        )
    ):
        for kept in decoded(events):
            assert isinstance(kept.event, NeighbourRecorded), "only that topic was asked for"
            patient = patient_of(kept.stream)
            here = practices is None or kept.event.practice in practices
            if patient is not None and here and kept.event.code in codes:
                found.add(patient)
        after = events[-1].position
    return found


def with_survivors(patients: set[UUID], known: Survivors) -> set[UUID]:
    """These, and for whom their entries count too."""
    return patients.union(*(known.bearing_on(one) for one in known.met.intersection(patients)))
