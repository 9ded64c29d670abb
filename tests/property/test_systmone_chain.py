"""Is a missing delta ever hidden, whatever is quiet, bulked, empty or lost around it?

Two extracts that are cut at the same hours, a week of folders drawn at random, some of them lost.
"""

from random import Random

import pytest

from ledger.domain.refusals import DeliveryRefused
from ledger.readers.delivery import Reference
from ledger.readers.systmone_chain import LAST, Span, follow
from tests.unit.memory import KnownMemory


def at(day: int, hour: int = 22) -> str:
    """An hour of a day of January."""
    return f"202501{day + 1:02}_{hour}00"


class Week:
    """What is taken, and whose rows never came."""

    def __init__(self, dice: Random) -> None:
        self.dice = dice
        self.extracts = [[f"X99{of}{n:02}" for n in range(dice.randint(1, 3))] for of in (1, 2)]
        self.told: dict[Reference, Reference] = {}
        self.lacking: dict[str, set[str]] = {code: set() for e in self.extracts for code in e}
        self.bulked = dict.fromkeys(self.lacking, at(0))
        self.refused = 0

    def begin(self) -> None:
        for extract in self.extracts:
            assert self.take(extract, Span("", at(0), bulk=True, file="SRManifest.csv"))

    def day(self, day: int) -> None:
        folders = []
        for extract in self.extracts:
            if self.dice.random() < 0.1:
                hour = self.dice.choice([12, 22])
                some = extract if self.dice.random() < 0.5 else [self.dice.choice(extract)]
                folders.append((some, Span("", at(day, hour), bulk=True, file="")))
            rows = [code for code in extract if self.dice.random() < 0.5]
            folders.append((rows, Span(at(day - 1), at(day), bulk=False, file="")))
        self.dice.shuffle(folders)
        for rows, span in sorted(folders, key=lambda folder: folder[1].ends):
            lost = not span.bulk and self.dice.random() < 0.1
            if lost or not self.take(rows, span):
                for code in rows:
                    self.lacking[code].add(span.ends)

    def take(self, rows: list[str], span: Span) -> bool:
        memory = KnownMemory(self.told.values())
        try:
            followed = follow(rows, span, memory)
        except DeliveryRefused:
            self.refused += 1
            return False
        for one in followed.references:
            self.told[one._replace(value="")] = one
            if one.kind == "extract-to" and one.key == LAST and one.scope in rows and span.bulk:
                self.bulked[one.scope] = max(self.bulked[one.scope], span.ends)
        return True

    def hidden(self) -> list[str]:
        """The practices that stand after a time whose rows never came."""
        up_to = {one.scope: one.value for one in self.told.values() if one.key == LAST}
        return [
            code
            for code, times in self.lacking.items()
            if any(self.bulked[code] < time <= up_to[code] for time in times)
        ]


@pytest.mark.parametrize("seed", range(0, 300, 50))
def test_no_missing_delta_is_hidden(seed: int) -> None:
    refused = 0
    for week in (Week(Random(seed + i)) for i in range(50)):
        week.begin()
        for day in range(1, 8):
            week.day(day)
            assert week.hidden() == []
        refused += week.refused

    assert refused > 0
