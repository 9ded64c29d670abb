"""What does a measurement say, and under which conditions was it true?"""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from rich.console import Console
from rich.table import Table


class Line(NamedTuple):
    """One comparison: what was measured, what is wanted of it, and whether it holds."""

    name: str
    ours: str
    peer: str
    ratio: str
    wanted: str
    holds: bool | None

    @classmethod
    def at_least(cls, name: str, ours: float, peer: float, unit: str, *, wanted: float) -> Self:
        """Ours is to be at least so many times the peer's."""
        ratio = ours / peer
        told = (f"{ours:,.0f} {unit}", f"{peer:,.0f} {unit}", f"{ratio:.2f}")
        return cls(name, *told, f"at least {wanted:g}", ratio >= wanted)

    @classmethod
    def beside(cls, name: str, ours: float, peer: float, unit: str) -> Self:
        """A comparison to know, of which nothing is wanted."""
        return cls(
            name, f"{ours:,.0f} {unit}", f"{peer:,.0f} {unit}", f"{ours / peer:.2f}", "", None
        )

    @classmethod
    def at_most(cls, name: str, ours: float, unit: str, *, wanted: float) -> Self:
        """A number of ours that has a limit, and no peer."""
        return cls(
            name, f"{ours:,.1f} {unit}", "", "", f"at most {wanted:g} {unit}", ours <= wanted
        )

    @classmethod
    def told(cls, name: str, ours: str, peer: str = "") -> Self:
        """What is only worth knowing."""
        return cls(name, ours, peer, "", "", None)


@dataclass(frozen=True, slots=True)
class Report:
    """What one part of the bench found; `conditions` say what ours and the peer did alike."""

    name: str
    title: str
    lines: Sequence[Line]
    conditions: Sequence[str]
    load: tuple[float, float]

    @property
    def command(self) -> str:
        """How to do it again."""
        return f"python -m bench {self.name}"


HEADINGS = ("what", "ours", "peer", "ratio", "wanted", "holds")


def cells(line: Line) -> tuple[str, ...]:
    """A line as text; what nothing is wanted of neither holds nor fails."""
    holds = {True: "yes", False: "NO", None: ""}[line.holds]
    return (*line[:-1], holds)


def show(report: Report) -> None:
    """Print one report as a table."""
    console = Console(width=130)
    table = Table(*HEADINGS, box=None, title=report.title, title_justify="left")
    for line in report.lines:
        table.add_row(*cells(line))
    console.print(table)
    for condition in report.conditions:
        console.print(f"  {condition}")
    console.print(f"  load before and after: {_load(report)}\n")


def as_markdown(report: Report) -> str:
    """One report as a section of RESULTS.md."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *map(cells, report.lines)]
    told = [f"- {condition}" for condition in (*report.conditions, f"Load: {_load(report)}")]
    table = "\n".join("| " + " | ".join(row) + " |" for row in rows)
    return f"## {report.title}\n\n`{report.command}`\n\n{table}\n\n" + "\n".join(told) + "\n"


def machine() -> str:
    """The conditions that hold for every part."""
    return f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}"


def _load(report: Report) -> str:
    before, after = report.load
    return f"{before:.1f}, {after:.1f}"
