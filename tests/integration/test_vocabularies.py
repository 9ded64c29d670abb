"""In which vocabulary practices enter objections: counted as the record stands, and rebuilt the same."""

from datetime import date, datetime

import pytest
from sqlalchemy import Engine

from ledger import projector
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.codes import CodeSystem
from ledger.domain.entries import Route
from ledger.domain.events import Event, LedgerOpened, Mode
from ledger.domain.streams import LEDGER
from ledger.projections.vocabularies import VOCABULARIES, entered_in, still_old
from ledger.store import codec
from ledger.store.append import NewEvent, append
from tests.builders import BY, FIRST_DAY, a_dissent, a_removal, at_ten, kept

MARCH, MAY = date(2018, 3, 14), date(2018, 5, 2)


def keep(engine: Engine, *events: Event | tuple[Event, datetime], batch: int = 5_000) -> None:
    """A re-enactment, whose days are the events' own; its opening is position 1."""
    log = kept(*events)
    opening = LedgerOpened(name="months", mode=Mode.RE_ENACTMENT, as_of=FIRST_DAY, by=BY)
    with engine.begin() as connection:
        first = NewEvent(LEDGER, 1, opening.TOPIC, codec.to_bytes(opening))
        append(connection, [first], recorded_at=at_ten(FIRST_DAY))
        for one in log:
            new = NewEvent(one.stream, one.version, one.event.TOPIC, codec.to_bytes(one.event))
            append(connection, [new], recorded_at=one.recorded_at)
    projector.catch_up(engine, [VOCABULARIES], batch=batch)


def an_entry(
    entry_id: str, vocabulary: str, *, entered: date | None = MAY, **told: object
) -> Event:
    return a_dissent(
        entry_id=entry_id,
        code_system=CodeSystem(vocabulary),
        entered_at=None if entered is None else at_ten(entered),
        **told,
    )


def lines(engine: Engine, **asked: object) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [
            (line.month.isoformat(), line.readv2, line.ctv3, line.snomed_ct, line.share_snomed_ct)
            for line in entered_in(connection, **asked)
        ]


def test_entries_are_counted_by_the_month_they_were_entered_in(engine: Engine) -> None:
    keep(
        engine,
        an_entry("1", "ctv3", entered=MARCH),
        an_entry("2", "ctv3"),
        an_entry("3", "ctv3"),
        an_entry("4", "snomed-ct"),
    )

    assert lines(engine) == [("2018-05-01", 0, 2, 1, 0.3333), ("2018-03-01", 0, 1, 0, 0.0)]
    assert lines(engine, since=date(2018, 5, 31)) == [("2018-05-01", 0, 2, 1, 0.3333)]


@pytest.mark.parametrize("batch", [1, 2, 5_000])
def test_a_changed_row_counts_once_and_a_removed_one_not_at_all(engine: Engine, batch: int) -> None:
    gone = an_entry("2", "ctv3")
    keep(
        engine,
        an_entry("1", "ctv3"),
        gone,
        an_entry("1", "snomed-ct", replaces=2),
        a_removal(gone, removes=3),
        batch=batch,
    )

    assert lines(engine) == [("2018-05-01", 0, 0, 1, 1.0)]

    projector.rebuild(engine, VOCABULARIES)

    assert lines(engine) == [("2018-05-01", 0, 0, 1, 1.0)]


def test_what_came_by_gp2gp_was_entered_elsewhere(engine: Engine) -> None:
    keep(engine, an_entry("1", "readv2", route=Route.GP2GP))

    assert lines(engine) == []


@pytest.mark.parametrize(
    ("effective_on", "known", "month"),
    [
        (date(2016, 2, 9), MAY, "2016-02-01"),
        (date(2019, 2, 9), MAY, "2018-05-01"),
        (None, MAY, "2018-05-01"),
    ],
)
def test_without_an_entered_time_the_earlier_of_two_days_stands_in(
    engine: Engine, effective_on: date | None, known: date, month: str
) -> None:
    entry = a_dissent(
        code_system=CodeSystem.READ_V2, effective_on=effective_on, entry_id="1"
    ).model_copy(update={"entered_at": None})
    keep(engine, (entry, at_ten(known)))

    assert lines(engine) == [(month, 1, 0, 0, 0.0)]


def test_one_practice_is_told_of_itself_alone_and_one_system_of_itself(engine: Engine) -> None:
    keep(
        engine,
        an_entry("1", "ctv3"),
        an_entry("1", "readv2", practice="X99902", clinical_system=ClinicalSystem.EMIS_WEB),
    )

    assert lines(engine, practice="X99902") == [("2018-05-01", 1, 0, 0, 0.0)]
    assert lines(engine, clinical_system="systmone") == [("2018-05-01", 0, 1, 0, 0.0)]


def test_who_still_enters_an_old_vocabulary_is_listed_the_latest_first(engine: Engine) -> None:
    both = {"code": "XaZ89", "also_coded": "827241000000103"}
    keep(
        engine,
        an_entry("1", "ctv3", entered=date(2018, 3, 31)),
        an_entry("2", "ctv3", entered=date(2018, 4, 1), **both),
        an_entry("3", "ctv3", entered=date(2018, 6, 1)),
        an_entry("4", "snomed-ct", entered=date(2018, 9, 1)),
        an_entry("5", "readv2", entered=date(2018, 8, 1), practice="X99902"),
        an_entry("6", "ctv3", entered=date(2018, 3, 1), practice="X99903"),
    )

    with engine.connect() as connection:
        found = still_old(connection)

    assert [line[:1] + line[2:] for line in found] == [
        ("X99902", date(2018, 8, 1), date(2018, 8, 1), 1, 1, 0),
        ("X99901", date(2018, 4, 1), date(2018, 6, 1), 2, 2, 1),
    ]
