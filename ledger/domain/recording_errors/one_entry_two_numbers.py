"""One entry of a practice's record arrived for two NHS numbers: whose objection is it?

Suppliers lose people whose numbers are wrong or old (E21), and a correction can lead to somebody else.
Until the practice has traced it, the objection is upheld for both: a question costs less than
an objection lost.

There are two ways to it. The row named one patient and then another: it is a finding about both, until
it counts for only one of them, by a withdrawal or because the practice says that it was entered in
error. Or a practice's system gave its patient another number while the old one is the number of
somebody born on another day: then two people answer for each other's entries (docs/adr/0018), and
it is a finding about whoever has the new number, for as long as any dissent stands between them.

A number that changed and is nobody else's is no finding: it was one patient all along.
"""

from collections.abc import Iterator, Sequence

from ledger.domain.evidence import is_upheld, source_record
from ledger.domain.held import held
from ledger.domain.objections import KeptEntry, practice_day
from ledger.domain.policies import Standing
from ledger.domain.rule import ActionAsked, Advice, Owner, PatientHistory, Sighting
from ledger.domain.wording import entry_in_words, in_words, purpose_in_words

ACTIONS = (
    ActionAsked(
        Owner.PRACTICE,
        "Trace whose entry it is",
        (
            Advice(
                "Trace both NHS numbers. Code a withdrawal for whoever did not ask for this, or "
                "dismiss their deleted entry as entered in error. Until then both are upheld.",
                "E21",
            ),
        ),
    ),
)
CLOSES = (
    "It closes by itself when the entry counts for one patient alone: a withdrawal is coded "
    "for the other, or the deleted entry of theirs is dismissed as entered in error. Where a "
    "number changed, it closes when no dissent of the two stands any more."
)


def find(history: PatientHistory) -> Iterator[Sighting]:
    """One for each entry that another has too, and one for each practice that joined two people."""
    ours = held(history) if history.shared_records else {}
    for key in ours.keys() & history.shared_records.keys():
        yield _one_row(history, ours[key], history.shared_records[key])
    yield from _joined(history)


def _one_row(
    history: PatientHistory, ours: Sequence[KeptEntry], theirs: Sequence[KeptEntry]
) -> Sighting:
    entry = ours[-1]
    arrived = [min(practice_day(e.recorded_at) for e in entries) for entries in (ours, theirs)]
    return Sighting(
        key=source_record(entry),
        since=max(arrived),
        positions=tuple(sorted(e.position for e in (*ours, *theirs))),
        summary=f"The {entry_in_words(entry)} arrived for two NHS numbers.",
        expected="An entry is one patient's.",
        practice=entry.event.practice,
        purpose=entry.event.purpose,
        upheld_meanwhile=is_upheld(history, entry.event.purpose),
    )


def _joined(history: PatientHistory) -> Iterator[Sighting]:
    """Where an old number is somebody else's, whose objections now count for both."""
    for purpose in history.purposes:
        stand: list[Standing] = [
            d for d in history.dissents(purpose) if history.ended_by(d) is None
        ]
        for change in history.objections.number_changes if stand else ():
            if change.practice is None or not change.still_borne:
                continue
            since = practice_day(change.recorded_at)
            yield Sighting(
                key=f"{purpose}|{change.practice}",
                since=since,
                positions=tuple(sorted({change.position, *(d.entry.position for d in stand)})),
                summary=(
                    f"On {in_words(since)} the patient got another NHS number here. The old one "
                    f"is somebody else's too, and a {purpose_in_words(purpose)} dissent now counts "
                    "for both."
                ),
                expected="Nobody answers for the objections of somebody else.",
                practice=change.practice,
                purpose=purpose,
                upheld_meanwhile=is_upheld(history, purpose),
            )
