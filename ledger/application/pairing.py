"""May whoever writes write for these practices, now, and of these practices alone?

A third-party system writes for a practice while a pairing of the two stands, and not one second
longer. So it is asked twice: before anything is decided, and again in the transaction that
appends, once appending has locked the log: from then on nobody revokes anything until it has
committed (docs/adr/0016-pairing-and-parcels.md).
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, groupby
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from ledger.domain import practices as practices_of
from ledger.domain.callers import Caller, Role
from ledger.domain.events import PairingApproved, PairingRevoked
from ledger.domain.refusals import NotAllowed, PairingMissing
from ledger.domain.streams import practice_stream
from ledger.readers.code_maps import CODE_MAP
from ledger.readers.delivery import Contents, Format
from ledger.store.log import read_streams
from ledger.store.projection import decoded, topics_of
from ledger.store.references import PUBLISHES, references

_PAIRING = topics_of(PairingApproved, PairingRevoked)
# Lists of the nation, which name every practice: they come from NHS Digital.
_NOT_A_PRACTICES = frozenset({Format.COLLECTION, Format.CONVERSION})


class _OfAPractice(Protocol):
    @property
    def practice(self) -> str: ...


Row = TypeVar("Row", bound=_OfAPractice)


def must_be_paired(connection: Connection, practices: Iterable[str], *, by: Caller) -> None:
    """Refuse a third-party system with which one of these practices has no standing pairing."""
    if by.role is not Role.SYSTEM:
        return
    for code in sorted(set(practices) - _paired(connection, practices, by=by)):
        raise PairingMissing(
            f"no pairing of {by.name} with practice {code} stands: the practice's controller has "
            "to approve it"
        )


def for_whom_it_writes(connection: Connection, *, by: Caller) -> Caller:
    """The caller, for those practices alone that they may write for now; refused if for none."""
    if not by.practices:
        raise NotAllowed("the token acts for no practice")
    if by.role is not Role.SYSTEM:
        return by
    paired = _paired(connection, by.practices, by=by)
    if not paired:
        raise PairingMissing(
            f"no pairing of {by.name} stands with any practice that the token names: a practice's "
            "controller has to approve it"
        )
    return replace(by, practices=frozenset(paired))


def _paired(connection: Connection, practices: Iterable[str], *, by: Caller) -> set[str]:
    streams = {practice_stream(code): code for code in practices}
    read = read_streams(connection, streams, topics=_PAIRING)
    return {
        code
        for stream, code in streams.items()
        if by.name in practices_of.fold(decoded(read[stream])).paired_with
    }


def must_be_a_practices(format_: Format | str) -> None:
    """Refuse formats that are not a practice's, nor its system's, to hand in."""
    if format_ in _NOT_A_PRACTICES:
        raise NotAllowed("collections and conversions are NHS Digital's: no practice hands them in")


def must_write_for_all(connection: Connection, practices: Iterable[str], *, by: Caller) -> None:
    """Refuse who may not write for each of these practices now."""
    must_be_paired(connection, practices, by=by)
    for code in sorted(practices):
        by.must_act_for(code)


def only_of_its_own(connection: Connection, contents: Contents, *, by: Caller) -> Contents:
    """What a delivery says, refused where it speaks of a practice that `by` does not write for.

    Links and registrations may be millions: those are looked at as they are read.
    """
    must_be_a_practices(contents.format)
    named = practices_named(contents)
    must_write_for_all(connection, named, by=by)
    _must_own_references(connection, contents, by=by)
    return replace(
        contents,
        links=_own(contents.links, named),
        registrations=_own(contents.registrations, named),
    )


def read_through(contents: Contents) -> None:
    """Read to its end what is read lazily, so that every row has been looked at."""
    for _ in chain(contents.links, contents.registrations):
        pass


def practices_named(contents: Contents) -> frozenset[str]:
    """Whom a delivery speaks of, as far as can be told before all of it is read."""
    return frozenset(
        {
            *contents.practices,
            *contents.whole,
            *(entry.practice for entry in contents.entries),
            *(removal.key.practice for removal in contents.removals),
            *(change.practice for change in contents.settings),
            *(change.practice for change in contents.agreements),
            *(withholding.practice for withholding in contents.withheld),
            *(given.practice for given in contents.answered),
        }
    )


def _own(rows: Iterable[Row], practices: frozenset[str]) -> Iterator[Row]:
    for row in rows:
        if row.practice not in practices:
            raise NotAllowed(f"a row is of practice {row.practice}, which publishes nothing here")
        yield row


def _must_own_references(connection: Connection, contents: Contents, *, by: Caller) -> None:
    """Refuse to change what another practice's deliveries are understood by.

    EMIS sends its code list once an agreement, and an agreement may be several practices'.
    """
    told = sorted(
        (r.clinical_system, r.scope, r.kind)
        for r in contents.references
        # What a code map said before is compared with what it says now, and nothing else.
        if not r.kind.startswith(CODE_MAP)
    )
    for (system, scope, kind), _ in groupby(told):
        if scope in by.practices:
            continue
        owners = references(connection, system, scope, PUBLISHES)
        known = owners or references(connection, system, scope, kind)
        if known and not (owners and owners.keys() <= by.practices):
            raise NotAllowed(
                "the delivery is one of an agreement under which other practices publish: it may "
                "not change what theirs are understood by"
            )
