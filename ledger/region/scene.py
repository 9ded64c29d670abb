"""What a scenario has at hand: one practice, one patient, a day, and words for what happens.

Every word writes into the practice's record; `find` and `quiet` write into the truth.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import cycle
from random import Random
from typing import TypedDict, Unpack

from ledger.domain.clinical_systems import Supplier
from ledger.domain.codes import read_row
from ledger.domain.entries import Setting
from ledger.domain.purposes import Purpose, Statement
from ledger.region.misspelling import EMIS_WORDED
from ledger.region.noise import Term
from ledger.region.practices import Practice
from ledger.region.record import Line, NumberAsSent, Patient, Said, Withholding
from ledger.region.region import Region, Settled, Transfer
from ledger.region.spelling import Spelt, spelt
from ledger.region.timeline import Month, clock
from ledger.region.truth import CLOSED, OPEN, Expected, Trap

_AT_THE_DESK = (77, 78, 81, 90)


class How(TypedDict, total=False):
    """What may be odd about an entry; what is not named is as it should be: entered on the
    scene's day, effective that day, rightly coded, and in the next extract.
    """

    entered: date | datetime
    effective: date | str
    code: Spelt
    term: str
    exact: bool
    reaches_extract: date
    user: int


@dataclass(slots=True)
class Scene:
    """A stage at one practice in one month. `day` lies early in the month, so that a fortnight
    later is still before that month's extract.
    """

    region: Region
    practice: Practice
    month: Month
    rng: Random
    patient: Patient = field(init=False)
    day: date = field(init=False)

    def __post_init__(self) -> None:
        """Somebody long registered comes in."""
        self.day = self.month.first_day + timedelta(days=2 + self.rng.randrange(6))
        registered = date(1985, 1, 1) + timedelta(days=self.rng.randrange(28 * 365))
        self.patient = self.region.new_patient(self.practice, registered, self.rng)

    @property
    def is_emis(self) -> bool:
        """Whether the practice uses EMIS Web, whose rows name a line of a central code table."""
        return self.practice.supplier is Supplier.EMIS

    def later(self, *, days: int = 0, months: int = 0) -> date:
        """A day after the scene's own: `months=1` is certainly in the next delivery."""
        month = self.month.plus(months)
        return month.first_day + timedelta(days=self.day.day - 1 + days)

    def dissent(self, purpose: Purpose = Purpose.TYPE_1, **how: Unpack[How]) -> int:
        """The patient objects."""
        return self._code(Statement.DISSENT, purpose, how)

    def withdrawal(self, purpose: Purpose = Purpose.TYPE_1, **how: Unpack[How]) -> int:
        """The patient withdraws."""
        return self._code(Statement.WITHDRAWAL, purpose, how)

    def _code(self, statement: Statement, purpose: Purpose, how: How) -> int:
        entered = how.get("entered", self.day)
        at = entered if isinstance(entered, datetime) else clock(entered, self.rng)
        supplier, term = self.practice.supplier, how.get("term", "")
        code = how.get("code") or spelt(supplier, purpose, statement, year=at.year)
        said = Said(
            purpose=purpose,
            statement=statement,
            spelt=EMIS_WORDED[statement, term] if term and self.is_emis else code,
            effective=str(how.get("effective", at.date())),
            entered=at,
            user=how.get("user") or self.rng.choice(_AT_THE_DESK),
            exact=how.get("exact", True),
            term=term,
        )
        shows = clock(how["reaches_extract"], self.rng) if "reaches_extract" in how else at
        return self._record(said, shows)

    def refuse(self, *terms: Term, on: date | None = None) -> None:
        """The patient refuses things that are none of our purposes, in one consultation."""
        at = clock(on or self.day, self.rng)
        for term in terms:
            code = term.spelt(self.practice.supplier, at.year)
            about = next(a.purpose for a in read_row((term.read,)))
            said = Said(
                purpose=about,
                statement=Statement.DISSENT,
                spelt=code,
                effective=at.date().isoformat(),
                entered=at,
                user=self.rng.choice(_AT_THE_DESK),
                term=term.text,
            )
            self._record(said, at)

    def _record(self, said: Said, shows: datetime) -> int:
        record = self.region.record(self.practice)
        entry = record.next_entry()
        record.lines.append(Line(shows, entry, self.patient, said))
        return entry

    def amend(
        self,
        entry: int,
        on: date,
        *,
        effective: date | None = None,
        code: Spelt | None = None,
        statement: Statement | None = None,
    ) -> None:
        """The practice corrects a row: its date, or its code, and with it perhaps what it states."""
        said = self._said(entry)
        if effective is not None:
            said = said._replace(effective=effective.isoformat())
        if code is not None:
            said = said._replace(spelt=code, exact=True, term="")
        if statement is not None:
            said = said._replace(statement=statement)
        line = Line(clock(on, self.rng), entry, self.patient, said)
        self.region.record(self.practice).lines.append(line)

    def hand_over(self, entry: int, on: date) -> None:
        """The practice moves a row to whoever the scene is about now."""
        line = Line(clock(on, self.rng), entry, self.patient, self._said(entry))
        self.region.record(self.practice).lines.append(line)

    def remove(self, entry: int, on: date) -> None:
        """The practice deletes a row."""
        self.region.record(self.practice).lines.append(
            Line(clock(on, self.rng), entry, self.patient, None)
        )

    def dies(self, on: date) -> None:
        """The patient dies, and the practice records it."""
        self.patient.died = on

    def send_record(self, on: date, to: str) -> None:
        """The practice sends the patient's record to another one by GP2GP."""
        self.region.transfers.append(Transfer(clock(on, self.rng), self.patient, to))

    def settle(
        self,
        setting: Setting,
        value: str,
        organisation: str,
        *,
        on: date | None = None,
        reason: str | None = None,
    ) -> None:
        """The practice changes a list, or an organisation its share-in there."""
        self.region.settled.append(
            Settled(self.practice, on or self.day, setting, value, organisation, reason)
        )

    def withhold(self, on: date) -> None:
        """The practice is asked for the patient's record and refuses it."""
        withholding = Withholding(clock(on, self.rng), self.patient)
        self.region.record(self.practice).withheld.append(withholding)

    def is_released(self, on: date) -> None:
        """The patient's data leaves with the release of that day, whatever was known."""
        self.region.released.setdefault(self.patient.nhs_number, set()).add(on)

    def _said(self, entry: int) -> Said:
        lines = reversed(self.region.record(self.practice).lines)
        return next(line.said for line in lines if line.entry == entry and line.said is not None)

    def entered_at(self, entry: int) -> datetime:
        """When exactly the row was entered."""
        return self._said(entry).entered

    def is_sent_as(self, number: str) -> None:
        """The practice's system has held this for the NHS number from the beginning."""
        (first,) = self.patient.sent
        self.patient.sent = [NumberAsSent(first.at, number)]

    def number_is_corrected(self, on: date) -> None:
        """The practice traces the true NHS number."""
        at = clock(on, self.rng)
        self.patient.sent.append(NumberAsSent(at, self.patient.nhs_number))

    def newcomer(self, registered: date) -> None:
        """From here on the scene is about somebody who registered only on this day."""
        self.patient = self.region.new_patient(self.practice, registered, self.rng)

    def exact(self, purpose: Purpose, statement: Statement = Statement.DISSENT) -> Spelt:
        """The codes as this practice's files spell them rightly."""
        return spelt(self.practice.supplier, purpose, statement, year=self.day.year)

    def find(
        self,
        rule: str,
        why: str,
        *,
        closed: bool = False,
        purpose: Purpose | None = Purpose.TYPE_1,
        since: date | None = None,
        named: bool = True,
    ) -> None:
        """The ledger must find this about the patient, or the practice where not `named`."""
        self.region.truth.findings.append(
            Expected(
                rule=rule,
                practice=self.practice.code,
                supplier=self.practice.supplier,
                nhs_number=self.patient.nhs_number if named else "",
                purpose=purpose or "",
                state=CLOSED if closed else OPEN,
                since=since.isoformat() if since else "",
                why=why,
            )
        )

    def quiet(self, trap: str, rules: str, why: str) -> None:
        """The ledger must not find any of these about the patient."""
        self.region.truth.traps.append(
            Trap(trap, self.practice.code, self.patient.nhs_number, rules, why)
        )


def take_turns(practices: Iterable[Practice], supplier: Supplier) -> Iterator[Practice]:
    """The ordinary practices of one supplier, again and again."""
    return cycle(p for p in practices if p.supplier is supplier and p.ordinary)
