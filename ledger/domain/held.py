"""For whom does a source record still count, once it arrived for one patient and then another?

A row that moves from one patient to another is removed from the first. A dissent removed goes on
counting (LC01), so it counts for both until the practice has said whose it is: by a withdrawal, or by
dismissing it as entered in error.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ledger.domain.entries import SourceKey
from ledger.domain.objections import KeptEntry
from ledger.domain.rule import PatientHistory


def held(history: PatientHistory) -> dict[SourceKey, tuple[KeptEntry, ...]]:
    """The source records that count for this patient, each with its entries: those that
    stand by the policy, and of dissents those that no withdrawal has ended.
    """
    records: defaultdict[SourceKey, tuple[KeptEntry, ...]] = defaultdict(tuple)
    for purpose in history.purposes:
        for stands in history.standing(purpose):
            if not stands.is_dissent or history.ended_by(stands) is None:
                records[stands.entry.event.key] += (stands.entry,)
    return dict(records)


def shared(others: Iterable[PatientHistory]) -> Mapping[SourceKey, tuple[KeptEntry, ...]]:
    """The source records that count for any of these other patients."""
    records: defaultdict[SourceKey, tuple[KeptEntry, ...]] = defaultdict(tuple)
    for other in others:
        for key, entries in held(other).items():
            records[key] += entries
    return dict(records)
