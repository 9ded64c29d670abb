"""The stage: people join practices, practices enter what they say, NHS Digital collects it.

What is planted plays on it and tells its truth; what is not said otherwise is as it should be: an
entry means the day it is made on, a standing type 2 dissent is collected and later converted.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any, NamedTuple

from nhs_number.validate import calculate_checksum

from ledger.domain.clinical_systems import ClinicalSystem
from tests.unseen.codes import spelt
from tests.unseen.practices import EVOLUTION, ORDINARY, VISION, Practice, all_practices
from tests.unseen.record import Carriage, Here, Membership, Person, Row, Said, States
from tests.unseen.truth import Disagreed, Expected
from tests.unseen.when import CUT_OFF, ENDS, KNOWN_TO_CONVERT, PERIODS, begins, collected, evening

_USERS = ("501", "502", "503", "504")
_SAME: Any = object()


class Release(NamedTuple):
    """Data that left, as `ledger release` is told."""

    at: str
    recipient: str
    purpose: str
    numbers: tuple[str, ...]
    receipt: str | None
    relied_on: tuple[str, ...]
    max_age: int | None


class Setting(NamedTuple):
    """One line of a sharing file."""

    practice: str
    at: datetime
    setting: str
    value: str
    organisation: str = ""
    reason: str = ""


@dataclass
class World:
    """Everything that happens, and what must be found of it."""

    rng: Random
    practices: dict[str, Practice] = field(default_factory=all_practices)
    people: list[Person] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    truth: list[Expected] = field(default_factory=list)
    disagreed: list[Disagreed] = field(default_factory=list)
    trapped: dict[str, str] = field(default_factory=dict)  # number: at most review, and why
    not_converted: set[str] = field(default_factory=set)
    left_out: set[tuple[str, date]] = field(default_factory=set)
    absent: set[tuple[str, date]] = field(default_factory=set)  # practices not in a collection
    settings: list[Setting] = field(default_factory=list)
    agreements: list[tuple[datetime, str, bool]] = field(default_factory=list)
    releases: list[Release] = field(default_factory=list)
    closed_organisations: dict[str, date] = field(default_factory=dict)
    refused_batches: dict[date, list[Person]] = field(default_factory=dict)
    collected_late: dict[date, date] = field(default_factory=dict)
    _ids: int = 1000
    _stems: int = 999_100_000
    _turns: dict[ClinicalSystem, int] = field(default_factory=dict)

    # --- who

    def number(self) -> str:
        """Another NHS number of the range kept for tests."""
        while True:
            self._stems += self.rng.randint(1, 9)
            check = calculate_checksum(str(self._stems))
            if check != 10 and len(set(str(self._stems))) > 1:
                return f"{self._stems}{check}"

    def practice(self, system: ClinicalSystem) -> str:
        """An ordinary practice of that system, each in turn."""
        turn = self._turns.get(system, self.rng.randint(0, 3))
        self._turns[system] = turn + 1
        return ORDINARY[system][turn % len(ORDINARY[system])]

    def person(
        self,
        at: str | ClinicalSystem,
        *,
        born: date | None = None,
        since: date | None = None,
        died: date | None = None,
        number: str | None = None,
        heard: datetime | None = None,
    ) -> Person:
        """Somebody registered at a practice, or at an ordinary one of a system."""
        code = self.practice(at) if isinstance(at, ClinicalSystem) else at
        born = born or date(1930, 1, 1) + timedelta(days=self.rng.randint(0, 365 * 50))
        who = Person(self.number() if number is None else number, born, code)
        self.people.append(who)
        since = since or max(born, date(1992, 1, 1)) + timedelta(days=self.rng.randint(0, 3000))
        self.join(who, code, since, heard=heard)
        if died is not None:
            self.dies(who, died)
        return who

    def join(
        self, who: Person, code: str, since: date, *, heard: datetime | None = None
    ) -> Membership:
        """They register at that practice; it knows on the day, or as soon as it has begun."""
        practice = self.practices[code]
        system = practice.system(max(since, ENDS[0]))
        key = (code, system)
        if key not in who.memberships:
            who.memberships[key] = Membership(self._id(), code, system, States())
            here = Here(who.number, who.born, None, ((since, None),))
        else:
            last = who.memberships[key].states.last()
            here = replace(last, spells=(*last.spells, (since, None)))
        moment = heard or datetime.combine(since, time(8, 0))
        who.memberships[key].states.say(moment, here)
        who.at = code
        return who.memberships[key]

    def leave(self, who: Person, code: str, until: date) -> None:
        """They are no longer registered there."""
        for (at, _), member in who.memberships.items():
            if at == code:
                last = member.states.last()
                spells = (*last.spells[:-1], (last.spells[-1][0], until))
                member.states.say(datetime.combine(until, time(9, 0)), replace(last, spells=spells))
        self.end_carriage(who, until, at=code)

    def dies(self, who: Person, on: date) -> None:
        """Every practice that holds them writes it down the same day."""
        for member in who.memberships.values():
            last = member.states.last()
            member.states.say(datetime.combine(on, time(9, 0)), replace(last, died=on))

    # --- what practices enter

    def enter(
        self,
        who: Person,
        what: str,
        when: date | datetime,
        *,
        at: str | None = None,
        effective: date | str | None = _SAME,
        heard: datetime | None = None,
        native: str | None = None,
        snomed: str | None = None,
        term: str | None = None,
        user: str | None = None,
        carried: bool = True,
    ) -> Row:
        """An objection (`codes.py`) is entered; `heard`: when the row came to stand there."""
        code = at or who.at
        moment = when if isinstance(when, datetime) else self._a_moment(when)
        system = self.practices[code].system(max(moment.date(), ENDS[0]))
        own = spelt(what, system)
        with_snomed = self.rng.random() < 0.5 and system is not EVOLUTION
        said = Said(
            patient=who.memberships[code, system].id,
            native=own.native if native is None else native,
            snomed=(own.snomed if with_snomed else "") if snomed is None else snomed,
            term=own.term if term is None else term,
            effective=moment.date() if effective is _SAME else effective,
            # Vision tells only the day.
            entered=datetime.combine(moment.date(), time()) if system is VISION else moment,
            user=user or self.rng.choice(_USERS),
        )
        row = Row(self._id(), code, system, States())
        row.states.say(heard or moment, said)
        self.rows.append(row)
        if what == "2+" and carried and moment.date() <= CUT_OFF:
            who.carried.append(Carriage(code, moment.date()))
        if what == "2+" and moment.date() <= CUT_OFF:
            who.objects_since = who.objects_since or moment.date()
        if what == "2-" and carried:
            self.end_carriage(who, moment.date())
            if moment.date() <= KNOWN_TO_CONVERT:
                who.objects_since = None
        return row

    def end_carriage(self, who: Person, day: date, *, at: str | None = None) -> None:
        """From the first period that ends on that day or later, they are not reported."""
        for carriage in who.carried:
            if carriage.until is None and at in (None, carriage.practice):
                carriage.until = day

    def hold_back(self, who: Person, *periods: date) -> None:
        """Those collections leave them out."""
        self.left_out |= {(who.number, period) for period in periods}

    # --- days

    def day(self, period_end: date, *, early: bool = False) -> date:
        """Some day of that period, well before its end."""
        first = begins(period_end)
        days = (period_end - first).days - 5
        return first + timedelta(days=self.rng.randint(1, days // 2 if early else days))

    def heard(self, code: str, moment: date | datetime) -> date:
        """The day on which a delivery of that practice tells what it knew at that moment."""
        if not isinstance(moment, datetime):
            moment = datetime.combine(moment, time(18, 0))
        practice = self.practices[code]
        return next(
            day
            for day in practice.delivers_on
            if day >= practice.joins and self.covers(code, day) >= moment
        )

    def covers(self, code: str, day: date) -> datetime:
        """Up to when that day's delivery tells: an entries file bears only a day."""
        if self.practices[code].system(day) is EVOLUTION:
            return datetime.combine(day, time())
        return evening(day)

    def _a_moment(self, day: date) -> datetime:
        minutes = self.rng.randint(0, 9 * 60)
        return datetime.combine(day, time(8, 30)) + timedelta(minutes=minutes)

    def another(self) -> int:
        """An id of its own for another row."""
        return self._id()

    def _id(self) -> int:
        self._ids += 1
        return self._ids

    # --- truth

    def expect(
        self,
        rule: str,
        who: Person | str,
        by: date,
        *,
        after: date = date.min,
        why: str = "",
        may: bool = False,
        state: str | None = None,
    ) -> None:
        """That must be found; or may be, where the catalogue leaves it open."""
        name = who.number if isinstance(who, Person) else who
        self.truth.append(Expected(rule, name, by, after, why, may, state))

    def may(self, rules: str, who: Person | str, why: str) -> None:
        """Any of these (parted by blanks) is right to find, and right not to."""
        for rule in rules.split():
            self.expect(rule, who, date.max, why=why, may=True)

    def disagree(self, rule: str, who: Person | str, why: str, *, found: bool) -> None:
        """The ledger does otherwise than the catalogue says."""
        name = who.number if isinstance(who, Person) else who
        self.disagreed.append(Disagreed(rule, name, found, why))

    def quiet(self, people: Iterable[Person], why: str) -> None:
        """A trap: at most review may be found of them."""
        self.trapped |= {who.number: why for who in people}

    def expect_untransmitted(self, who: Person, entered: date, *, state: str = "closed") -> None:
        """TX01, from the first collection that should have carried them."""
        by = max(collected(self._first_period(who.at, entered)), self.heard(who.at, entered))
        self.expect("TX01", who, by, after=entered, state=state)

    def _first_period(self, code: str, entered: date) -> date:
        return next(one for one in PERIODS if one >= entered and (code, one) not in self.absent)
