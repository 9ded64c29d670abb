"""The thresholds: which are in force, what others would find, and adopting them."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection

from ledger import projector
from ledger.application.records import ThresholdRecord, ThresholdsChangeRecord
from ledger.application.standpoint import Standpoint
from ledger.domain.callers import OPERATOR, Caller, Role
from ledger.domain.events import Kept
from ledger.domain.streams import LEDGER
from ledger.domain.threshold_versions import NAMES, UNITS, in_force, proposed
from ledger.domain.thresholds import Thresholds
from ledger.projections import findings as found_findings
from ledger.store.log import read_streams
from ledger.store.projection import decoded


def of_the_ledger(connection: Connection) -> list[Kept]:
    """The events of the ledger itself."""
    return decoded(read_streams(connection, [LEDGER])[LEDGER])


class Thresholding(Standpoint):
    """Questions about thresholds; adopting them is a command."""

    def thresholds(self, *, by: Caller = OPERATOR) -> list[ThresholdRecord]:
        """Every threshold in force, its unit and reason."""
        by.must_be(Role.AUDITOR, Role.CONTROLLER)
        now = self._in_force()
        return [
            ThresholdRecord(
                name=name,
                value=getattr(now, name),
                unit=UNITS[name],
                reason=Thresholds.model_fields[name].description or "",
                version=now.version,
            )
            for name in NAMES
        ]

    def proposed_thresholds(self, told: Mapping[str, object]) -> Thresholds:
        """The version that somebody proposes, by what it changes of those in force."""
        return proposed(told, now=self._in_force())

    def compare_thresholds(
        self, wanted: Thresholds, *, by: Caller = OPERATOR
    ) -> list[ThresholdsChangeRecord]:
        """What adopting these thresholds would do to findings, by rule and practice or supplier.

        Everybody is judged by them in a transaction that is undone.
        """
        by.must_be(Role.AUDITOR)
        now = self.now()
        before, after = projector.try_out(
            self.engine,
            found_findings.FINDINGS,
            lambda connection, position: found_findings.judge_everybody(
                connection, position, now, wanted
            ),
            found_findings.standing,
        )
        counts: dict[tuple[str, str, str], Counter[str]] = {}
        for change in found_findings.changes(before, after):
            whose = (change.rule, change.practice or "", change.supplier or "")
            counts.setdefault(whose, Counter())[_what(change)] += 1
        return [
            ThresholdsChangeRecord(
                rule=rule,
                practice=practice or None,
                supplier=supplier or None,
                opens=count["opens"],
                closes=count["closes"],
                changes_severity=count["changes_severity"],
                version=wanted.version,
            )
            for (rule, practice, supplier), count in sorted(counts.items())
        ]

    def _in_force(self) -> Thresholds:
        with self.engine.connect() as connection:
            return in_force(of_the_ledger(connection))


def _what(change: found_findings.Change) -> str:
    if change.before is None:
        return "opens"
    return "closes" if change.after is None else "changes_severity"
