"""Does a SystmOne delivery follow what was taken before, and how far does it bring whom?

A delta holds what changed from one time to another, so a missing one has to be seen. But a practice
in which nothing changed has no row in it, and nothing in a delivery says whose extract it is. Who
comes together tells (docs/adr/0021): practices of one folder are of one extract, and a delta brings
all of its extract to its end, those without a row too. A practice that was never seen in other
company *speaks* for its extract: a folder with it is that extract's. One that was is only
*carried*: others may bring it along, but it brings nobody. Two extracts never vouch for each other.

Times are texts as TPP writes them, `yyyyMMdd_HHmm`: local clock times of one width, whose order is
that of the texts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Memory, Reference
from ledger.readers.times import stamp

# Whoever has not been delivered for so long is taken to have left.
LEFT_AFTER = timedelta(days=31)
EXTRACT_TO = "extract-to"
# Of a practice: up to when it was delivered, and up to when it last was in a bulk.
LAST, BULK = "last", "bulk"
EXTRACT = "extract"
_EVERYWHERE = ""
_CARRIED, _BY_ITSELF = " carried", "by itself"
_SYSTMONE = ClinicalSystem.SYSTMONE


class Span(NamedTuple):
    """What a manifest says of time; `begins` is empty of a bulk. `bulk`: SRCode is one."""

    begins: str
    ends: str
    bulk: bool
    file: str


class Followed(NamedTuple):
    """What is to be remembered of a delivery that follows, and what a person should know."""

    references: tuple[Reference, ...]
    notes: tuple[str, ...]


class _Place(NamedTuple):
    """Where a practice belongs; without an extract it is followed by itself."""

    extract: str = ""
    speaks: bool = False


_ALONE = _Place()


def follow(practices: Sequence[str], span: Span, memory: Memory) -> Followed:
    """Refuse a delivery that does not follow the last one; say how far it brings whom.

    `practices` are those with a row in it.
    """
    chain = _Chain(memory, span)
    chain.refuse_stale(practices)
    chain.refuse_gap(practices)
    places = chain.places_of(practices) if practices else {}
    quiet = chain.quiet(practices, places)
    return Followed(
        references=(
            *(Reference(_SYSTMONE, code, EXTRACT_TO, LAST, span.ends) for code in practices),
            *(Reference(_SYSTMONE, code, EXTRACT_TO, LAST, span.ends) for code in quiet),
            *(
                Reference(_SYSTMONE, code, EXTRACT_TO, BULK, span.ends)
                for code in practices
                if span.bulk
            ),
            *(
                Reference(_SYSTMONE, _EVERYWHERE, EXTRACT, code, _text(place))
                for code, place in sorted(places.items())
                if place != chain.known.get(code)
            ),
        ),
        notes=tuple(chain.notes(practices, quiet)),
    )


class _Chain:
    """What is known before this delivery, and the time it spans."""

    def __init__(self, memory: Memory, span: Span) -> None:
        self.memory, self.span = memory, span
        told = memory.references(_SYSTMONE, _EVERYWHERE, EXTRACT)
        self.known = {code: _place(text) for code, text in told.items()}
        self._times: dict[str, Mapping[str, str]] = {}

    # --- what is refused

    def refuse_stale(self, practices: Iterable[str]) -> None:
        for code in practices:
            if self.span.ends < (last := self._last(code)):
                raise DeliveryRefused(
                    f"it ends at {self.span.ends}, and {code} was already delivered up to {last}: "
                    "it is older than what has been taken",
                    file=self.span.file,
                )

    def refuse_gap(self, practices: Iterable[str]) -> None:
        behind = [
            f"{code} was delivered up to {last}"
            for code in practices
            if (last := self._last(code)) and last < self.span.begins
        ]
        if behind:
            raise DeliveryRefused(
                f"{', '.join(behind)}, and this delta begins at {self.span.begins}: find the "
                "delivery between the two, or ask for a bulk",
                file=self.span.file,
            )

    # --- who belongs together

    def places_of(self, practices: Sequence[str]) -> dict[str, _Place]:
        """Where those with a row belong from now on, and whoever a bulk shows to have left."""
        speaking = {self.known[code].extract for code in practices if self._speaks(code)}
        if len(speaking) > 1:
            # Which of the extracts this folder is of cannot be told.
            return dict.fromkeys(practices, _ALONE)
        extract = next(iter(speaking), "")
        if self.span.bulk:
            return self._places_in_bulk(practices, extract)
        new = [code for code in practices if code not in self.known]
        if not extract and new and len(practices) > 1:
            extract = self._new_extract(practices)
        places = {
            code: _Place(extract, speaks=bool(extract) and (code in new or self._speaks(code)))
            for code in practices
        }
        # The same time twice: this is another extract with the same practices in it.
        return {
            code: _ALONE if self._told_already(code) else place for code, place in places.items()
        }

    def _places_in_bulk(self, practices: Sequence[str], extract: str) -> dict[str, _Place]:
        """A bulk shows who is in its extract, unless it is of only a few of them."""
        members = self._members(extract)
        if not extract:
            several = len(practices) > 1
            place = _Place(self._new_extract(practices), speaks=True) if several else _ALONE
            return dict.fromkeys(practices, place)
        if 2 * len(members & set(practices)) > len(members):
            left = dict.fromkeys(members - set(practices), _ALONE)
            return left | dict.fromkeys(practices, _Place(extract, speaks=True))
        return dict.fromkeys(practices, _Place(extract))

    def _new_extract(self, practices: Sequence[str]) -> str:
        return f"{practices[0]}@{self.span.ends}"

    def _speaks(self, code: str) -> bool:
        return self.known.get(code, _ALONE).speaks

    def _members(self, extract: str) -> set[str]:
        return {code for code, place in self.known.items() if extract and place.extract == extract}

    def _told_already(self, code: str) -> bool:
        last, bulk = self._last(code), self._told(code).get(BULK)
        # What a bulk told may be told again: it was made at an hour of its own.
        return last > self.span.begins and last != bulk

    # --- who had nothing to tell

    def quiet(self, practices: Sequence[str], places: Mapping[str, _Place]) -> list[str]:
        """Who is brought to the delta's end without a row in it: nothing changed there."""
        if not self.span.begins or self.span.bulk:
            return []
        if not practices:
            return self._of_the_only_extract()
        speaking = {places[code].extract for code in practices if places[code].speaks}
        if len(speaking) != 1:
            return []
        (extract,) = speaking
        return sorted(
            code for code in self._members(extract) - set(practices) if self._goes_on(code)
        )

    def _goes_on(self, code: str) -> bool:
        # Whoever stands before its beginning lacks a delivery, and must go on lacking it.
        return self.span.begins <= self._last(code) < self.span.ends

    def _of_the_only_extract(self) -> list[str]:
        """A delta in which nobody has a row is of the one extract that waits for it, if it is one."""
        waiting: dict[str, list[str]] = {}
        for code, place in sorted(self.known.items()):
            if self._waits(code):
                waiting.setdefault(place.extract or code, []).append(code)
        if len(waiting) > 1:
            some = ", ".join(codes[0] for codes in list(waiting.values())[:3])
            raise DeliveryRefused(
                f"no practice has a row in it, and {len(waiting)} extracts (those of {some}) wait "
                f"for a delta up to {self.span.ends}: whose it is cannot be told. Take what else "
                "came of that time first and this again, or ask for a bulk of its extract",
                file=self.span.file,
            )
        (quiet,) = waiting.values() or ([],)
        self.refuse_gap(quiet)
        return quiet

    def _waits(self, code: str) -> bool:
        """Whether it may have sent a delta with nothing in it: also if it lacks the one before."""
        last, begins = stamp(self._last(code)), stamp(self.span.begins)
        assert last is not None, "read from a manifest"
        assert begins is not None, "read from a manifest"
        # A bulk may come at the very end of a delta.
        ends = self.span.ends
        waits = self._last(code) < ends or self._told(code).get(BULK) == ends
        return waits and begins - last <= LEFT_AFTER

    # --- what a person should know

    def notes(self, practices: Sequence[str], quiet: Sequence[str]) -> Iterator[str]:
        for code in practices:
            if self.span.begins and not self._last(code):
                yield (
                    f"the first delivery of {code} is a delta from {self.span.begins}: "
                    "what was recorded before that time is not known"
                )
        if quiet:
            yield f"nothing changed at {', '.join(quiet)}: of the same extract, and without a row"

    def _last(self, code: str) -> str:
        return self._told(code).get(LAST, "")

    def _told(self, code: str) -> Mapping[str, str]:
        if code not in self._times:
            self._times[code] = self.memory.references(_SYSTMONE, code, EXTRACT_TO)
        return self._times[code]


def _place(text: str) -> _Place:
    if text == _BY_ITSELF:
        return _ALONE
    return _Place(text.removesuffix(_CARRIED), speaks=not text.endswith(_CARRIED))


def _text(place: _Place) -> str:
    if place == _ALONE:
        return _BY_ITSELF
    return place.extract if place.speaks else place.extract + _CARRIED
