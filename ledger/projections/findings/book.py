"""The book of findings: what was found of a subject before, held beside what the rules see now."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID

from ledger.domain.due import due_day
from ledger.domain.objections import practice_day
from ledger.domain.rule import ActionAsked, Rule, Sighting
from ledger.projections.findings.tables import actions, findings
from ledger.store.projection import Write, upsert

Row = dict[str, Any]
OPEN, CLOSED, DISMISSED = "open", "closed", "dismissed"
NOTHING_RECORDED: Mapping[int, datetime] = {}


@dataclass(frozen=True, slots=True)
class Moment:
    """A position at which a subject is judged, when it was recorded, and how a day is told."""

    position: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose history a rule judged; `name` is unique over all scopes."""

    name: str
    practice: str | None = None
    supplier: str | None = None
    patient: UUID | None = None


@dataclass(slots=True)
class Book:
    """The findings of the subjects at hand, and which of them changed.

    `known` are the rows found before, `thresholds` names the version by which is judged. The same sighting (rule and key of a subject) is the same
    finding: it is never found twice, closes when it is no longer seen, and opens again under its
    own id if it comes back.
    """

    known: Iterable[Mapping[Any, Any]]
    thresholds: str
    # By subject, and of a subject by rule and key.
    _rows: defaultdict[str, dict[tuple[str, str], Row]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    _changed: dict[str, Row] = field(default_factory=dict)
    _actions: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        for row in self.known:
            self._rows[row["subject"]][row["rule"], row["key"]] = dict(row)

    def judge(
        self,
        subject: Subject,
        seen: Iterable[tuple[Rule[Any], Sighting]],
        moment: Moment,
        *,
        recorded: Mapping[int, datetime] = NOTHING_RECORDED,
    ) -> None:
        """Bring the book up to what the rules see of this subject now.

        `recorded` tells when each position of evidence was known, for what became true by the day.
        """
        now = {(rule.code, sighting.key): (rule, sighting) for rule, sighting in seen}
        known = self._rows[subject.name]
        for sighted, row in known.items():
            if row["state"] == OPEN and sighted not in now:
                self._change(
                    row,
                    state=CLOSED,
                    thresholds=self.thresholds,
                    closed_at=moment.recorded_at,
                    closed_position=moment.position,
                    moves=[*row["moves"], moment.position],
                )
        for (code, key), (rule, sighting) in now.items():
            before = known.get((code, key))
            told = {**_told(rule, sighting, subject), "thresholds": self.thresholds}
            if before is None:
                self._open(rule, sighting, subject, told, moment, recorded)
            elif before["state"] == CLOSED:
                self._change(
                    before,
                    **told,
                    state=OPEN,
                    closed_at=None,
                    closed_position=None,
                    moves=[*before["moves"], moment.position],
                )
            elif any(before[name] != value for name, value in told.items()):
                self._change(before, **told)

    def writes(self) -> list[Write]:
        """The rows that changed."""
        return [*upsert(findings, list(self._changed.values())), *upsert(actions, self._actions)]

    def _open(
        self,
        rule: Rule[Any],
        sighting: Sighting,
        subject: Subject,
        told: Row,
        moment: Moment,
        recorded: Mapping[int, datetime],
    ) -> None:
        found_at = moment.recorded_at
        if sighting.by_the_day:
            # It became true because a day came, whenever somebody next looked.
            dawn = datetime.combine(sighting.since, time(), UTC)
            known = [recorded[at] for at in sighting.positions if at in recorded]
            found_at = min(found_at, max([dawn, *known]))
        row = {
            "id": _digest(rule.code, subject.name, sighting.key),
            "rule": rule.code,
            "scope": rule.scope.value,
            "subject": subject.name,
            "key": sighting.key,
            "state": OPEN,
            "found_at": found_at,
            "found_position": moment.position,
            "closed_at": None,
            "closed_position": None,
            "moves": [moment.position],
            "turns": [],
            **told,
        }
        self._rows[subject.name][rule.code, sighting.key] = row
        self._changed[row["id"]] = row
        self._actions += [
            _action(number, asked, row, moment) for number, asked in enumerate(rule.actions)
        ]

    def _change(self, row: Row, **told: Any) -> None:
        row.update(told)
        self._changed[row["id"]] = row


def _told(rule: Rule[Any], sighting: Sighting, subject: Subject) -> Row:
    return {
        "severity": (sighting.severity or rule.severity).value,
        "practice": sighting.practice or subject.practice,
        "supplier": subject.supplier,
        "patient": subject.patient,
        "purpose": None if sighting.purpose is None else sighting.purpose.value,
        "since": sighting.since,
        "positions": list(sighting.positions),
        "summary": sighting.summary,
        "expected": sighting.expected,
        "upheld_meanwhile": sighting.upheld_meanwhile,
    }


def _action(number: int, asked: ActionAsked, finding: Row, moment: Moment) -> Row:
    return {
        "id": _digest("action", finding["id"], str(number)),
        "finding": finding["id"],
        "practice": finding["practice"],
        "owner": asked.owner.value,
        "due": due_day(
            practice_day(finding["found_at"]), days=asked.days, working_days=asked.working_days
        ),
        "rule": finding["rule"],
        "title": asked.title,
        "advice": [advice._asdict() for advice in asked.advice],
        "position": moment.position,
    }


def _digest(*parts: str) -> str:
    """An id that says nothing of whom it is about, and is the same after a rebuild."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]
