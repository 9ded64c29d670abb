"""Who of a list was answered, withheld or could not be asked about?

A person is told by the line of the list, never by the number on it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from ledger.domain.identifiers import usable_nhs_number
from ledger.gp_connect.answers import Answer, Failed, Record, Withheld
from ledger.gp_connect.folder import RunFolder

# A service that fails so many times in a row, for reasons of its own, is not asked about the rest.
MOST_FAILURES_IN_A_ROW = 5


class Line(NamedTuple):
    """One line of the list, counted from 1; None where it holds no usable NHS number."""

    line: int
    nhs_number: str | None


@dataclass(slots=True)
class Fetched:
    """What became of a list; `failed` has the lines by reason, `repeated` counts numbers again."""

    asked: int = 0
    answered: int = 0
    withheld: int = 0
    repeated: int = 0
    failed: dict[str, list[int]] = field(default_factory=dict)

    def fail(self, line: int, reason: str) -> None:
        """The line has no answer, and why."""
        self.failed.setdefault(reason, []).append(line)


def read_list(text: str) -> list[Line]:
    """The NHS numbers of a list, one a line; empty lines are passed over."""
    return [
        Line(number, usable_nhs_number(line))
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]


def fetch(
    lines: Iterable[Line],
    ask: Callable[[str], Answer],
    folder: RunFolder,
    *,
    clock: Callable[[], datetime],
    tell: Callable[[str], None],
) -> Fetched:
    """Ask about each number once, and keep what comes back as it comes."""
    fetched = Fetched()
    seen: set[str] = set()
    in_a_row = 0
    for line, number in lines:
        if number is None:
            fetched.fail(line, "expected ten digits, the last of which checks the others")
        elif number in seen:
            fetched.repeated += 1
        elif in_a_row == MOST_FAILURES_IN_A_ROW:
            fetched.fail(line, f"not asked, because {in_a_row} before it failed in a row")
        else:
            seen.add(number)
            fetched.asked += 1
            asked_at = clock()
            answer = ask(number)
            everybody = isinstance(answer, Failed) and answer.everybody
            in_a_row = in_a_row + 1 if everybody else 0
            match answer:
                case Record():
                    folder.keep_record(answer.content)
                    fetched.answered += 1
                case Withheld():
                    folder.keep_withheld(number, answer.code, asked_at=asked_at)
                    fetched.withheld += 1
                case Failed():
                    fetched.fail(line, answer.reason)
        tell(f"line {line}")
    return fetched


def spans(lines: Iterable[int]) -> str:
    """Lines in few words: 3, 5 to 9."""
    runs: list[list[int]] = []
    for line in sorted(lines):
        if runs and line == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], line]
        else:
            runs.append([line])
    return ", ".join(" to ".join(map(str, run)) for run in runs)
