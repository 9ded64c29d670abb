"""What is new in a supplier's code map: lines about our codes that disagree with our table, or did.

What a line said last is remembered by feed, so that the same map again tells nothing. A line that
agrees tells nothing either, unless it had disagreed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from ledger.domain.clinical_systems import ClinicalSystem
from ledger.domain.code_maps import Mapped, disagreement
from ledger.domain.entries import CodeMapLine, RefusedRow
from ledger.readers.delivery import Memory, Reference

_ROW_ID = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)

# How the kinds of what was remembered of code maps begin.
CODE_MAP = "code-map"


class MapRow(NamedTuple):
    """A row of a map as its file has it; `mapped` None: it was deleted, or maps nothing."""

    row_id: str
    file: str
    number: int
    mapped: Mapped | None


@dataclass(slots=True)
class CodeMaps:
    """The code maps of one delivery: what is new, and what later deliveries have to know of it."""

    system: ClinicalSystem
    feed: str
    memory: Memory
    lines: list[CodeMapLine] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)

    def disagreeing(self, table: str) -> set[str]:
        """The rows of this table that disagreed when they were last told."""
        return {row_id for row_id, said in self._said(table).items() if said}

    def compare(self, table: str, rows: Iterable[MapRow], *, whole: bool) -> None:
        """Compare rows of a table; `whole`: what they leave out is no longer in the map."""
        told: dict[str, MapRow] = {}
        refused = 0
        for row in rows:
            fault = _fault(row)
            if fault is None:
                told[row.row_id] = row
            else:
                refused += 1
                self.refused.append(RefusedRow(row.file, row.number, *fault))
        said = self._said(table)
        gone = self.disagreeing(table) - told.keys() if whole and not refused else set()
        rows_now = [*told.values(), *(MapRow(row_id, "", 0, None) for row_id in sorted(gone))]
        for row in rows_now:
            self._tell(table, row, before=said.get(row.row_id, ""))

    def _tell(self, table: str, row: MapRow, *, before: str) -> None:
        ours = None if row.mapped is None else disagreement(row.mapped)
        now = "|".join(row.mapped) if row.mapped is not None and ours is not None else ""
        if now == before:
            return
        source = f"{row.file}:{row.number}" if row.file else ""
        mapped = row.mapped if ours is not None else None
        self.lines.append(CodeMapLine(self.feed, table, row.row_id, source, mapped, ours))
        self.references.append(Reference(self.system, self.feed, _kind(table), row.row_id, now))

    def _said(self, table: str) -> Mapping[str, str]:
        return self.memory.references(self.system, self.feed, _kind(table))


def _kind(table: str) -> str:
    return f"{CODE_MAP} {table}"


def _fault(row: MapRow) -> tuple[str, str] | None:
    """Why a row cannot be told of: what goes into the log are codes and ids, and never text."""
    if not _ROW_ID.fullmatch(row.row_id):
        return "", "expected the row's own identifier, of letters, digits, points and hyphens"
    if row.mapped is not None and disagreement(row.mapped) and not row.mapped.has_codes:
        return "", "expected two codes, found something else beside one of an objection's codes"
    return None
