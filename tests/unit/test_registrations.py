"""What a row about a registration adds to what was told before."""

from datetime import UTC, date, datetime

import pytest

from ledger.domain import registrations
from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.entries import Registration
from ledger.domain.events import Deregistered, Registered, RegistrationRemoved
from ledger.domain.registrations import Spans

Told = tuple[str, int | None, int | None]
KNOWN_AT = datetime(2017, 3, 31, 22, tzinfo=UTC)
LATER = datetime(2017, 4, 30, 22, tzinfo=UTC)


def a_row(row: str, begins: int | None, ends: int | None) -> Registration:
    """A row that tells of years."""
    return Registration(
        "X99901",
        ClinicalSystem.EMIS_WEB,
        "1",
        None if begins is None else date(begins, 1, 1),
        None if ends is None else date(ends, 1, 1),
        row,
    )


def told(*rows: Told) -> tuple[Spans, list[list[str]]]:
    """What is known after these rows, and the topics of the events of each."""
    spans: Spans = ()
    topics = []
    for row in rows:
        events = registrations.register(spans, a_row(*row), by="delivery", delivery="d1")
        for event in events:
            assert isinstance(event, Registered | Deregistered | RegistrationRemoved)
            spans = registrations.evolve(spans, event, at=KNOWN_AT)
        topics.append([event.TOPIC for event in events])
    return spans, topics


@pytest.mark.parametrize(
    ("rows", "known", "last"),
    [
        ([("a", 2001, None)],                                        ["a 2001-"], ["registered"]),
        ([("a", 2001, 2010)],                          ["a 2001-2010"], ["registered", "deregistered"]),
        ([("a", 2001, None), ("a", 2001, None)],                     ["a 2001-"], []),
        ([("a", 2001, None), ("a", 2001, 2010)],                     ["a 2001-2010"], ["deregistered"]),
        ([("a", 2001, 2010), ("a", 2001, 2011)],                     ["a 2001-2011"], ["deregistered"]),
        # They had not left after all; it began on another day; they came back.
        ([("a", 2001, 2010), ("a", 2001, None)],                     ["a 2001-"], ["registered"]),
        ([("a", 2001, None), ("a", 2002, None)],                     ["a 2002-"], ["registered"]),
        ([("a", 2001, 2010), ("a", 2000, 2010)],       ["a 2000-2010"], ["registered", "deregistered"]),
        ([("a", 2001, 2010), ("a", 2015, None)],                     ["a 2001-2010", "a 2015-"], ["registered"]),
        ([("a", 2001, 2010), ("a", 2015, 2010)],                     ["a 2001-2010", "a 2015-"], ["registered"]),
        ([("a", 2001, 2010), ("a", 2015, None), ("a", 2015, None)],  ["a 2001-2010", "a 2015-"], []),
        # Other rows are other registrations, at the same time or not.
        ([("a", 2001, None), ("b", 2001, None)],                     ["a 2001-", "b 2001-"], ["registered"]),
        ([("a", 2001, None), ("b", 2005, None), ("a", 2002, None)],  ["b 2005-", "a 2002-"], ["registered"]),
        ([("a", 2001, None), ("b", 2005, None), ("a", None, None)],  ["b 2005-"], ["registration-removed"]),
        ([("a", 2001, None), ("a", None, None), ("a", None, None)],  [], []),
        ([("a", None, 2010)],                                        [], []),
    ],
)  # fmt: skip
def test_a_row_adds_what_is_new_and_corrects_what_was_wrong(
    rows: list[Told], known: list[str], last: list[str]
) -> None:
    spans, topics = told(*rows)

    shown = [
        f"{span.registration} {span.registered_on.year}-"
        f"{span.deregistered_on.year if span.deregistered_on else ''}"
        for span in spans
    ]
    assert (shown, topics[-1]) == (known, last)


def test_registrations_of_an_event_that_names_no_row_stand_beside_each_other() -> None:
    def registered(year: int) -> Registered:
        return Registered(
            practice="X99901",
            clinical_system=ClinicalSystem.VISION,
            registered_on=date(year, 1, 1),
            by="delivery",
        )

    spans: Spans = ()
    for year in (2001, 2015):
        spans = registrations.evolve(spans, registered(year), at=KNOWN_AT)

    assert [span.registered_on.year for span in spans] == [2001, 2015]


def test_a_registration_is_known_since_it_was_first_told_and_one_after_a_return_is_another() -> (
    None
):
    def told_later(spans: Spans, *row: int | None) -> list[datetime]:
        for event in registrations.register(spans, a_row("a", *row), by="delivery", delivery="d2"):
            assert isinstance(event, Registered | Deregistered)
            spans = registrations.evolve(spans, event, at=LATER)
        return [span.known_at for span in spans]

    spans, _ = told(("a", 2001, None))
    left, _ = told(("a", 2001, 2010))

    assert told_later(spans, 2002, None) == [KNOWN_AT]
    assert told_later(spans, 2001, 2010) == [KNOWN_AT]
    assert told_later(left, 2015, None) == [KNOWN_AT, LATER]
