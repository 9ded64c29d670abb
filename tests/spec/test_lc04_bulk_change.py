"""LC04: one user entered or removed 20 or more objections at a practice within 10 minutes."""

from collections.abc import Iterable
from datetime import date

from tests.spec.conftest import Findings
from tests.spec.tables import judged

RULES = ("LC04",)
HEADER = "effective  | entered          | entry   | user | system   | id  | delivery | source"
CLOSING = "2017-03-01 | 2017-03-01 23:00 | delivery |     |          |     |          |"


def entering(minutes: Iterable[float], *, users: Iterable[str] = ("77",), **told: str) -> list[str]:
    """A line for each entry, so many minutes after nine on 1 March 2017; users take turns."""
    names = list(users)
    return [
        f"2017-03-01 | 2017-03-01 09:{int(minute):02}:{round(minute % 1 * 60):02} | dissent | "
        f"{names[n % len(names)]} | {told.get('system', 'systmone')} | {n} | |"
        for n, minute in enumerate(minutes)
    ]


def table(*lines: str) -> str:
    return "\n".join([HEADER, *lines, CLOSING])


EVERY_HALF_MINUTE = [n / 2 for n in range(20)]
ALL_TWENTY = "LC04 on lines " + ", ".join(str(n) for n in range(1, 21))


def test_twenty_within_ten_minutes_are_found(findings: Findings) -> None:
    history = """
        effective  | entered             | entry    | user | system   | id
        2017-03-01 | 2017-03-01 09:00:00 | dissent  | 77   | systmone | 0
        2017-03-01 | 2017-03-01 09:00:30 | dissent  | 77   | systmone | 1
        2017-03-01 | 2017-03-01 09:01:00 | dissent  | 77   | systmone | 2
        2017-03-01 | 2017-03-01 09:01:30 | dissent  | 77   | systmone | 3
        2017-03-01 | 2017-03-01 09:02:00 | dissent  | 77   | systmone | 4
        2017-03-01 | 2017-03-01 09:02:30 | dissent  | 77   | systmone | 5
        2017-03-01 | 2017-03-01 09:03:00 | dissent  | 77   | systmone | 6
        2017-03-01 | 2017-03-01 09:03:30 | dissent  | 77   | systmone | 7
        2017-03-01 | 2017-03-01 09:04:00 | dissent  | 77   | systmone | 8
        2017-03-01 | 2017-03-01 09:04:30 | dissent  | 77   | systmone | 9
        2017-03-01 | 2017-03-01 09:05:00 | dissent  | 77   | systmone | 10
        2017-03-01 | 2017-03-01 09:05:30 | dissent  | 77   | systmone | 11
        2017-03-01 | 2017-03-01 09:06:00 | dissent  | 77   | systmone | 12
        2017-03-01 | 2017-03-01 09:06:30 | dissent  | 77   | systmone | 13
        2017-03-01 | 2017-03-01 09:07:00 | dissent  | 77   | systmone | 14
        2017-03-01 | 2017-03-01 09:07:30 | dissent  | 77   | systmone | 15
        2017-03-01 | 2017-03-01 09:08:00 | dissent  | 77   | systmone | 16
        2017-03-01 | 2017-03-01 09:08:30 | dissent  | 77   | systmone | 17
        2017-03-01 | 2017-03-01 09:09:00 | dissent  | 77   | systmone | 18
        2017-03-01 | 2017-03-01 09:09:30 | dissent  | 77   | systmone | 19
        2017-03-01 | 2017-03-01 23:00    | delivery |      |          |
    """
    assert findings(history) == [
        "LC04 on lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20"
    ]


def test_nineteen_are_no_finding(findings: Findings) -> None:
    history = """
        effective  | entered             | entry    | user | system   | id
        2017-03-01 | 2017-03-01 09:00:00 | dissent  | 77   | systmone | 0
        2017-03-01 | 2017-03-01 09:00:30 | dissent  | 77   | systmone | 1
        2017-03-01 | 2017-03-01 09:01:00 | dissent  | 77   | systmone | 2
        2017-03-01 | 2017-03-01 09:01:30 | dissent  | 77   | systmone | 3
        2017-03-01 | 2017-03-01 09:02:00 | dissent  | 77   | systmone | 4
        2017-03-01 | 2017-03-01 09:02:30 | dissent  | 77   | systmone | 5
        2017-03-01 | 2017-03-01 09:03:00 | dissent  | 77   | systmone | 6
        2017-03-01 | 2017-03-01 09:03:30 | dissent  | 77   | systmone | 7
        2017-03-01 | 2017-03-01 09:04:00 | dissent  | 77   | systmone | 8
        2017-03-01 | 2017-03-01 09:04:30 | dissent  | 77   | systmone | 9
        2017-03-01 | 2017-03-01 09:05:00 | dissent  | 77   | systmone | 10
        2017-03-01 | 2017-03-01 09:05:30 | dissent  | 77   | systmone | 11
        2017-03-01 | 2017-03-01 09:06:00 | dissent  | 77   | systmone | 12
        2017-03-01 | 2017-03-01 09:06:30 | dissent  | 77   | systmone | 13
        2017-03-01 | 2017-03-01 09:07:00 | dissent  | 77   | systmone | 14
        2017-03-01 | 2017-03-01 09:07:30 | dissent  | 77   | systmone | 15
        2017-03-01 | 2017-03-01 09:08:00 | dissent  | 77   | systmone | 16
        2017-03-01 | 2017-03-01 09:08:30 | dissent  | 77   | systmone | 17
        2017-03-01 | 2017-03-01 09:09:00 | dissent  | 77   | systmone | 18
        2017-03-01 | 2017-03-01 23:00    | delivery |      |          |
    """
    assert findings(history) == []


def test_exactly_ten_minutes_are_within_ten_minutes(findings: Findings) -> None:
    assert findings(table(*entering([*EVERY_HALF_MINUTE[:19], 10]))) == [ALL_TWENTY]
    assert findings(table(*entering([*EVERY_HALF_MINUTE[:19], 10.1]))) == []


def test_twenty_by_two_users_are_no_finding(findings: Findings) -> None:
    assert findings(table(*entering(EVERY_HALF_MINUTE, users=["77", "78"]))) == []


def test_twenty_in_a_day_are_no_finding(findings: Findings) -> None:
    assert findings(table(*entering([n * 2.5 for n in range(20)]))) == []


def test_without_a_user_nothing_is_judged(findings: Findings) -> None:
    assert findings(table(*entering(EVERY_HALF_MINUTE, users=[""]))) == []


def test_a_day_without_an_hour_is_no_time(findings: Findings) -> None:
    lines = [line.replace(" 09:", " 00:") for line in entering([0] * 20)]

    assert findings(table(*lines)) == []


def test_an_entry_changed_later_is_not_entered_again(findings: Findings) -> None:
    nineteen = entering(EVERY_HALF_MINUTE[:19])
    (again,) = entering([0.25])

    assert findings(table(*nineteen, again)) == []


def test_a_late_delivery_of_what_was_entered_over_years_is_no_finding(findings: Findings) -> None:
    lines = [
        f"20{n + 10}-03-01 | 20{n + 10}-03-01 09:00 | dissent | 77 | systmone | {n} | |"
        for n in range(20)
    ]

    assert findings(table(*lines)) == []


def removing(entries: Iterable[int], *, delivery: str, source: str = "SRCode.csv:1") -> list[str]:
    return [f"2017-03-01 | 2017-03-20 | removed | | | {n} | {delivery} | {source}" for n in entries]


ALL_THE_REMOVED = "LC04 on lines " + ", ".join(str(n) for n in range(21, 41))
SPREAD = [n * 2.5 for n in range(20)]


def test_twenty_that_one_delivery_says_were_removed_are_found(findings: Findings) -> None:
    assert findings(table(*entering(SPREAD), *removing(range(20), delivery="d1"))) == [
        ALL_THE_REMOVED
    ]


def test_removed_by_two_deliveries_they_are_no_finding(findings: Findings) -> None:
    assert (
        findings(
            table(
                *entering(SPREAD),
                *removing(range(10), delivery="d1"),
                *removing(range(10, 20), delivery="d2"),
            )
        )
        == []
    )


def test_missing_from_a_bulk_they_are_no_finding(findings: Findings) -> None:
    assert findings(table(*entering(SPREAD), *removing(range(20), delivery="d1", source=""))) == []


def test_it_closes_when_the_practice_says_it_has_looked(findings: Findings) -> None:
    looked = "2017-03-02 | 2017-03-02 | LC04 reviewed | | | | |"

    assert findings("\n".join([table(*entering(EVERY_HALF_MINUTE)), looked])) == []


def test_it_does_not_close_when_the_entries_are_put_back(findings: Findings) -> None:
    undone = removing(range(20), delivery="d1", source="")

    assert findings(table(*entering(EVERY_HALF_MINUTE), *undone)) == [ALL_TWENTY]


def test_it_says_how_many_and_when() -> None:
    ((_, entered),) = judged(table(*entering(EVERY_HALF_MINUTE)), *RULES)
    ((_, removed),) = judged(table(*entering(SPREAD), *removing(range(20), delivery="d1")), *RULES)

    assert entered.since == date(2017, 3, 1)
    assert entered.summary == "One user entered 20 objections within minutes on 1 March 2017."
    assert removed.summary == (
        "One delivery told on 20 March 2017 that 20 objections had been deleted."
    )
