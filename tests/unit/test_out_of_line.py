"""Who is missing from a collection, and when did a supplier fall out of line and come back?"""

from datetime import date

from ledger.domain.transmission import Judged, OutOfLine, TookPart, missing, out_of_line

APRIL, MAY, JUNE, JULY = (
    date(2016, 4, 30), date(2016, 5, 31), date(2016, 6, 30), date(2016, 7, 31)
)  # fmt: skip


def taken(end: date, *practices: str) -> TookPart:
    return TookPart(end.isoformat(), end, frozenset(practices))


def line(
    end: date, entered: int, transmitted: int, *, silent: bool, code_system: str = "ctv3"
) -> Judged:
    return Judged("TPP", code_system, end, entered, transmitted, silent)


def test_whoever_took_part_once_is_expected_ever_after() -> None:
    told = missing([taken(APRIL, "A"), taken(MAY, "A", "B"), taken(JUNE, "A"), taken(JULY)], {})

    assert [sorted(told[end.isoformat()]) for end in (APRIL, MAY, JUNE, JULY)] == [
        [], [], ["B"], ["A", "B"]
    ]  # fmt: skip


def test_a_practice_that_closed_by_the_period_end_is_not_missing() -> None:
    collections = [taken(APRIL, "A", "B"), taken(MAY), taken(JUNE)]

    told = missing(collections, {"A": MAY, "B": date(2016, 6, 1)})

    assert sorted(told[MAY.isoformat()]) == ["B"]
    assert sorted(told[JUNE.isoformat()]) == []


def test_a_supplier_is_out_of_line_until_a_collection_carries_most_of_what_is_new() -> None:
    told = out_of_line(
        [
            line(APRIL, 100, 2, silent=True),
            line(MAY, 90, 0, silent=True),
            line(JUNE, 80, 41, silent=False),
            line(JULY, 70, 70, silent=False),
        ]
    )

    assert told == [OutOfLine("TPP", "ctv3", APRIL, JUNE, 2, 190, 2)]


def test_a_collection_that_is_too_small_to_judge_does_not_bring_it_back() -> None:
    told = out_of_line(
        [
            line(APRIL, 100, 2, silent=True),
            line(MAY, 0, 0, silent=False),
            line(JUNE, 10, 5, silent=False),
        ]
    )

    assert told == [OutOfLine("TPP", "ctv3", APRIL, None, 3, 110, 7)]


def test_it_may_happen_again_and_to_each_code_system_by_itself() -> None:
    told = out_of_line(
        [
            line(APRIL, 100, 2, silent=True),
            line(MAY, 100, 99, silent=False),
            line(JUNE, 100, 1, silent=True),
            line(JUNE, 50, 50, silent=False, code_system="snomed-ct"),
            line(MAY, 50, 0, silent=True, code_system="snomed-ct"),
        ]
    )

    assert told == [
        OutOfLine("TPP", "ctv3", APRIL, MAY, 1, 100, 2),
        OutOfLine("TPP", "snomed-ct", MAY, JUNE, 1, 50, 0),
        OutOfLine("TPP", "ctv3", JUNE, None, 1, 100, 1),
    ]


def test_who_was_never_silent_was_never_out_of_line() -> None:
    assert out_of_line([line(APRIL, 100, 20, silent=False)]) == []
