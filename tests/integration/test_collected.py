"""What collections had of a practice, counted in PostgreSQL, and who stood in a refused one."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from ledger.application import Ledger
from ledger.domain.codes import CodeSystem
from ledger.domain.events import Mode
from ledger.domain.purposes import Purpose, Statement
from tests.builders import a_code
from tests.files import PRACTICE, Carried, a_collection_file, an_entries_file, the_delivery
from tests.nhs_numbers import nhs_numbers

NUMBERS = nhs_numbers(14)
APRIL, MAY, JUNE = date(2016, 4, 30), date(2016, 5, 31), date(2016, 6, 30)


class World:
    """One SystmOne practice that lists its entries, and the collections it takes part in."""

    def __init__(self, ledger: Ledger, where: Path) -> None:
        self.ledger = ledger
        self.where = where

    def enters(self, statement: Statement, people: Sequence[str], on: date) -> None:
        code = a_code(Purpose.TYPE_2, statement, CodeSystem.CTV3)
        lines = [
            {
                "PracticeCode": PRACTICE,
                "EntryId": f"{code}-{on}-{NUMBERS.index(number)}",
                "NHSNumber": number,
                "Code": code,
                "EffectiveDate": on.isoformat(),
                "EnteredAt": f"{on}T10:00:00Z",
                "Action": "record",
                "ClinicalSystem": "SystmOne",
                "CodeSystem": "ctv3",
            }
            for number in people
        ]
        path = an_entries_file(self.where, dated=on, lines=lines, practice=PRACTICE)
        self._takes_in(path)

    def collects(self, period_end: date, people: Sequence[str]) -> None:
        members = [Carried(number) for number in people] or [Carried()]
        members.append(Carried(practice="X99909", supplier="EMIS"))
        self._takes_in(a_collection_file(self.where, period_end=period_end, members=members))

    def refuses(self, period_end: date, people: Sequence[str]) -> None:
        """A collection that came without the column of the suppliers."""
        members = [Carried(number) for number in people]
        path = a_collection_file(self.where / "bad", period_end=period_end, members=members)
        path.write_text(path.read_text().replace("Supplier", "Reporter"))
        record = self.ledger.ingest(the_delivery(path))
        assert record.state == "refused", record
        self.ledger.catch_up()

    def _takes_in(self, path: Path) -> None:
        record = self.ledger.ingest(the_delivery(path))
        assert record.state == "accepted", record
        self.ledger.catch_up()

    def found(self, *rules: str) -> list[tuple[str, str | None, str]]:
        findings = [f for rule in rules for f in self.ledger.findings(rule=rule)]
        return [(f.rule, f.practice, f.since.isoformat()) for f in findings]


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> World:
    ledger = Ledger(engine)
    ledger.open("tested", mode=Mode.RE_ENACTMENT, as_of=date(2016, 1, 1))
    return World(ledger, tmp_path)


def test_a_practice_that_falls_to_zero_while_its_entries_stand_is_found(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:10], date(2016, 3, 1))
    world.collects(APRIL, NUMBERS[:10])
    world.collects(MAY, [])

    assert world.found("TX05", "TX06") == [("TX05", PRACTICE, "2016-05-31")]

    world.enters(Statement.WITHDRAWAL, NUMBERS[:9], date(2016, 6, 10))
    world.collects(JUNE, [])

    assert world.found("TX05") == [("TX05", PRACTICE, "2016-05-31")]

    world.collects(date(2016, 7, 31), NUMBERS[9:10])

    assert world.found("TX05") == []


def test_a_practice_whose_patients_all_withdrew_may_send_nobody(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:10], date(2016, 3, 1))
    world.collects(APRIL, NUMBERS[:10])
    world.enters(Statement.WITHDRAWAL, NUMBERS[:10], date(2016, 5, 10))
    world.collects(MAY, [])

    assert world.found("TX05", "TX06") == []


def test_the_same_members_although_somebody_objected_are_found(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:5], date(2016, 3, 1))
    world.collects(APRIL, NUMBERS[:5])
    world.enters(Statement.DISSENT, NUMBERS[5:6], date(2016, 5, 10))
    world.collects(MAY, NUMBERS[:5])

    assert world.found("TX06") == [("TX06", PRACTICE, "2016-05-31")]

    world.collects(JUNE, NUMBERS[:6])

    assert world.found("TX06") == []


def test_so_are_they_although_somebody_withdrew(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:5], date(2016, 3, 1))
    world.collects(APRIL, NUMBERS[:5])
    world.collects(MAY, NUMBERS[:5])

    assert world.found("TX06") == []

    world.enters(Statement.WITHDRAWAL, NUMBERS[:1], date(2016, 6, 10))
    world.collects(JUNE, NUMBERS[:5])

    assert world.found("TX06") == [("TX06", PRACTICE, "2016-06-30")]


def test_as_many_other_members_are_not_the_same(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:5], date(2016, 3, 1))
    world.collects(APRIL, NUMBERS[:5])
    world.enters(Statement.DISSENT, NUMBERS[5:7], date(2016, 5, 10))
    world.collects(MAY, [*NUMBERS[1:5], NUMBERS[5]])

    assert world.found("TX06") == []


def test_a_choice_restated_changes_no_collection(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:5], date(2016, 3, 1))
    world.collects(APRIL, NUMBERS[:5])
    world.enters(Statement.DISSENT, NUMBERS[:1], date(2016, 5, 10))
    world.enters(Statement.WITHDRAWAL, NUMBERS[1:2], date(2016, 5, 11))
    world.enters(Statement.DISSENT, NUMBERS[1:2], date(2016, 5, 12))
    world.collects(MAY, NUMBERS[:5])

    assert world.found("TX06") == []


def test_a_practice_known_from_collections_alone_is_missed_too(world: World) -> None:
    world.collects(APRIL, NUMBERS[:1])
    for period_end in (MAY, JUNE):
        others = a_collection_file(
            world.where, period_end=period_end, members=[Carried(practice="X99909")]
        )
        world.ledger.ingest(the_delivery(others))
    world.ledger.catch_up()

    assert world.found("TX04") == [("TX04", PRACTICE, "2016-06-30")]


def test_who_stood_in_a_refused_collection_is_unconfirmed_until_it_is_sent_again(
    world: World,
) -> None:
    known, named_there_alone = NUMBERS[:2], NUMBERS[13]
    world.enters(Statement.DISSENT, known, date(2016, 3, 1))
    world.refuses(APRIL, [*known, named_there_alone])

    found = world.ledger.findings(rule="TX09")
    assert sorted(f.nhs_number or "" for f in found) == sorted(known)
    assert {(f.practice, f.since.isoformat()) for f in found} == {(PRACTICE, "2016-05-01")}

    # The same refused file once more adds nothing.
    position = world.ledger.positions()["log"]
    world.refuses(APRIL, [*known, named_there_alone])
    assert world.ledger.positions()["log"] == position

    world.collects(APRIL, known[:1])

    assert [f.nhs_number for f in world.ledger.findings(rule="TX09")] == [known[1]]


def test_no_number_of_a_refused_collection_gets_into_the_log(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:1], date(2016, 3, 1))
    world.refuses(APRIL, NUMBERS[:3])

    events = [event.model_dump_json() for event in world.ledger.events(limit=1000)]

    assert any("transmission-unconfirmed" in event for event in events)
    assert not [number for number in NUMBERS[:3] for event in events if number in event]


def test_a_rebuild_finds_the_same(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:10], date(2016, 3, 1))
    world.collects(APRIL, NUMBERS[:10])
    world.enters(Statement.DISSENT, NUMBERS[10:11], date(2016, 5, 10))
    world.collects(MAY, NUMBERS[:10])
    world.refuses(JUNE, NUMBERS[:2])
    rules = ("TX05", "TX06", "TX09")
    found = world.found(*rules)

    world.ledger.rebuild()

    assert world.found(*rules) == found
    assert len(found) == 3


def test_a_collection_that_comes_late_shows_who_had_a_whole_period(world: World) -> None:
    world.enters(Statement.DISSENT, NUMBERS[:2], date(2016, 3, 1))
    world.collects(APRIL, NUMBERS[:2])
    world.enters(Statement.WITHDRAWAL, NUMBERS[:1], date(2016, 5, 10))
    world.collects(JUNE, NUMBERS[:2])

    assert world.found("TX08") == []

    # It carries nobody of this practice: whose withdrawal is late by now has no event in it.
    world.collects(MAY, [])

    assert world.found("TX08") == [("TX08", PRACTICE, "2016-06-30")]
