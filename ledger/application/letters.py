"""Who is to be written to, and who may have the letters: those with a name on them are nobody else's.

The writer of a letter has them and nobody else: the practice's controller those of the practice, an
auditor those of NHS Digital.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from ledger import projector
from ledger.application.questions import Questions
from ledger.application.records import LettersRecord
from ledger.application.spreadsheets import csv_lines
from ledger.domain.callers import Caller, Role
from ledger.domain.events import EntryRecorded
from ledger.domain.letters import LETTERS, Letter
from ledger.domain.looks import Shown
from ledger.domain.objections import practice_day
from ledger.domain.purposes import Purpose, Statement
from ledger.domain.refusals import UnknownThing
from ledger.domain.rule import Owner
from ledger.domain.wording import in_words
from ledger.projections import findings as found_findings
from ledger.projections.findings import FoundFinding
from ledger.projections.statements import known_patients
from ledger.store.identities import numbers_of
from ledger.store.log import events_at, head
from ledger.store.projection import decoded

MERGE_FIELDS = (
    "nhs_number", "rule", "letter", "practice", "practice_name", "written_on", "days", "choice",
    "findings",
)  # fmt: skip
# The letter of a conflict is about the day from which both entries count.
_OF_THE_DAY_THEY_COUNT = "CO01"


class Addressee(NamedTuple):
    """One patient's letter: whose, of which days, and which findings it answers."""

    nhs_number: str
    purpose: Purpose
    days: tuple[date, ...]
    findings: tuple[str, ...]

    @property
    def in_words(self) -> str:
        """The days as the letter writes them: 3 March 2016 and 4 May 2016."""
        words = [in_words(day) for day in self.days]
        return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


class Letters(NamedTuple):
    """The letters of one rule at one practice.

    Who gets none is counted: those who are `dead`; whose number is `unknown` by now; and those of
    whom a withdrawal is at fault and no objection, of which the letter speaks (`withdrawing`).
    """

    letter: Letter
    practice: str
    practice_name: str
    written_on: date
    addressees: tuple[Addressee, ...]
    dead: int = 0
    unknown: int = 0
    withdrawing: int = 0

    @property
    def name(self) -> str:
        """What a file of them is called."""
        return f"letters_{self.letter.rule}_{self.practice}"

    def merge_lines(self) -> Iterator[str]:
        """A CSV file for a mail merge by NHS number in the writer's own system."""
        rows = (
            (
                one.nhs_number,
                self.letter.rule,
                self.letter.title,
                self.practice,
                self.practice_name,
                self.written_on.isoformat(),
                one.in_words,
                one.purpose.sentence,
                " ".join(one.findings),
            )
            for one in self.addressees
        )
        return csv_lines(MERGE_FIELDS, rows)


class Writing(Questions):
    """What can be asked about letters to patients."""

    def letters(self, practice: str, rule: str, *, by: Caller) -> Letters:
        """The letters that findings of this rule ask for and nobody said are written.

        Refuses whoever does not write them, and a rule that asks for none.
        """
        letter = LETTERS.get(rule)
        if letter is None:
            known = ", ".join(LETTERS)
            raise UnknownThing(f"no letter belongs to that rule: expected one of {known}")
        by = self.acting_for(by)
        _must_write(letter, practice, by)
        asked = self.actions(practice=practice, rule=rule, owner=letter.writer)
        wanted = {action.finding for action in asked}
        with self.engine.connect() as connection:
            found = [
                finding
                for finding in found_findings.found(
                    connection, practice=practice, rule=rule, limit=100_000
                )
                if finding.id in wanted
            ]
            addressees, without = _addressees(connection, found, rule)
            today = self._today(connection)
            at = projector.position_of(connection, found_findings.FINDINGS)
        numbers = {one.nhs_number: [practice] for one in addressees}
        self.keep_look_by_number(Shown.LETTERS, numbers, at=at, by=by)
        lines = self.practices(code=practice)
        return Letters(
            letter,
            practice,
            lines[0].name if lines else practice,
            today,
            addressees,
            **without,
        )

    def letters_waiting(self, practice: str, *, by: Caller) -> list[LettersRecord]:
        """Which letters are to be written about a practice's patients, and how many findings ask."""
        self.acting_for(by).must_see(practice)
        waiting = []
        for letter in LETTERS.values():
            asked = self.actions(practice=practice, rule=letter.rule, owner=letter.writer)
            if asked:
                waiting.append(
                    LettersRecord(
                        rule=letter.rule,
                        writer=letter.writer.value,
                        title=letter.title,
                        findings=len({action.finding for action in asked}),
                    )
                )
        return waiting


def _must_write(letter: Letter, practice: str, by: Caller) -> None:
    if letter.writer is Owner.PRACTICE:
        by.must_control(practice)
    else:
        by.must_be(Role.AUDITOR)


def _addressees(
    connection: Connection, found: Sequence[FoundFinding], rule: str
) -> tuple[tuple[Addressee, ...], dict[str, int]]:
    """One letter a patient and purpose, by NHS number; and how many get none, and why."""
    patients = {f.patient for f in found if f.patient is not None}
    positions = sorted({position for f in found for position in f.positions})
    numbers = numbers_of(connection, patients)
    known = known_patients(connection, patients, known_at=head(connection).position)
    dead = {p for p in patients if any(k.objections.died_on is not None for k in known[p])}
    days = {
        kept.position: _day(kept.event, practice_day(kept.recorded_at), rule)
        for kept in decoded(events_at(connection, positions))
        if isinstance(kept.event, EntryRecorded) and kept.event.statement is Statement.DISSENT
    }
    objecting = {f.patient for f in found if any(at in days for at in f.positions)}
    told: dict[tuple[str, Purpose], tuple[set[date], list[str]]] = {}
    for finding in found:
        of_dissents = {days[at] for at in finding.positions if at in days}
        if finding.patient not in numbers or finding.patient in dead or not of_dissents:
            continue
        assert finding.purpose is not None, "what a patient chose has a purpose"
        key = (numbers[finding.patient], Purpose(finding.purpose))
        of_days, ids = told.setdefault(key, (set(), []))
        of_days |= of_dissents
        ids.append(finding.id)
    addressees = tuple(
        Addressee(number, purpose, tuple(sorted(of_days)), tuple(ids))
        for (number, purpose), (of_days, ids) in sorted(told.items())
    )
    living = patients - dead
    return addressees, {
        "dead": len(dead),
        "unknown": len(living - numbers.keys()),
        "withdrawing": len((living & numbers.keys()) - objecting),
    }


def _day(event: EntryRecorded, known_on: date, rule: str) -> date:
    if rule == _OF_THE_DAY_THEY_COUNT and event.effective_on is not None:
        return event.effective_on
    return known_on if event.entered_at is None else practice_day(event.entered_at)
